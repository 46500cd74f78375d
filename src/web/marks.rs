//! `/api/v1/ports/{name}/marks`: the marks of a port, and new ones.

use axum::Json;
use axum::http::StatusCode;

use super::noted::Noted;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::journal::Mark;
use crate::wire::wish::NewMark;

/// Lists the newest marks of a port, in the order in which they were made.
#[utoipa::path(get, path = "/api/v1/ports/{name}/marks", operation_id = "listMarks", tag = "Looking back",
    responses((status = 200, description = "at most 1000", body = Vec<Mark>)))]
pub async fn list(AtPort(port): AtPort) -> Json<Vec<Mark>> {
    Json(port.journal().marks())
}

/// Pins a text to a moment: now, or an offset.
#[utoipa::path(post, path = "/api/v1/ports/{name}/marks", operation_id = "mark", tag = "Looking back",
    request_body(content = NewMark, example = json!({"text": "test 7 begins"})),
    responses((status = 201, description = "it stands in the journal", body = Noted)))]
pub async fn make(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<NewMark>,
) -> Result<(StatusCode, Json<Noted>), Problem> {
    let offset = port.mark(&actor, wish.text, wish.at).await?;
    Ok((StatusCode::CREATED, Json(Noted::now(&port, offset))))
}
