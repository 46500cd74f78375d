//! `POST …/break` and `…/pulse`: what is done with a port's lines for a while.

use axum::http::StatusCode;

use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::wire::wish::{Break, NotABreak, Pulse};

impl From<NotABreak> for Problem {
    fn from(error: NotABreak) -> Self {
        Self::bad(error)
    }
}

/// Sends a BREAK.
///
/// The answer comes when it has ended.
#[utoipa::path(post, path = "/api/v1/ports/{name}/break", operation_id = "sendBreak", tag = "Writing",
    request_body(content = Break, example = json!({"ms": 250})),
    responses((status = 204, description = "it was sent")))]
pub async fn send_break(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Break>,
) -> Result<StatusCode, Problem> {
    port.send_break(&actor, wish.length()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Plays a sequence on DTR and RTS, such as the one that resets a board.
///
/// The server itself keeps the time between the steps. The answer comes when it has ended.
#[utoipa::path(post, path = "/api/v1/ports/{name}/pulse", operation_id = "pulse", tag = "Writing",
    request_body(content = Pulse, example = json!({"sequence": "esp-reset"})),
    responses((status = 204, description = "it was played")))]
pub async fn pulse(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Pulse>,
) -> Result<StatusCode, Problem> {
    port.pulse(&actor, &wish.sequence).await?;
    Ok(StatusCode::NO_CONTENT)
}
