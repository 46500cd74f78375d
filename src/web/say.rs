//! `POST …/say`: a line to all who watch a port.

use axum::Json;
use axum::http::StatusCode;

use super::noted::Noted;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::wire::wish::NewLine;

/// Says a line to all who watch the port.
///
/// It stands in the journal as a Note, and nothing of it reaches the device. At most 10 lines are taken in 10 seconds.
#[utoipa::path(post, path = "/api/v1/ports/{name}/say", operation_id = "say", tag = "Writing",
    request_body(content = NewLine, example = json!({"text": "I power-cycle it now"})),
    responses((status = 201, description = "it stands in the journal", body = Noted)))]
pub async fn by_post(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<NewLine>,
) -> Result<(StatusCode, Json<Noted>), Problem> {
    let offset = port.say(&actor, wish.text)?;
    Ok((StatusCode::CREATED, Json(Noted::now(&port, offset))))
}
