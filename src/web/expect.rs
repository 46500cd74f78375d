//! `POST /api/v1/ports/{name}/expect`: writes, waits for the reply, and answers with it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Web;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use super::write::Waiting;
use crate::port::{Actor, Port};
use crate::script::Exchange;
use crate::wire::talk::{Code, Reply};
use crate::wire::wish::Expect;

/// Replies that may be waited for at the same time, on the whole server: each may hold what a
/// device says in an hour, up to the most that is waited through.
pub const SEATS: usize = 64;

/// Writes, waits until what comes in matches, and answers with what came.
///
/// Nothing of the reply is missed, however fast it is. With neither `text` nor `hex` it only listens. Where the reply does
/// not come in time, the answer is `504` with what came in `text`. Breaking the request off ends the waiting, and throws away
/// what the device has not taken.
#[utoipa::path(post, path = "/api/v1/ports/{name}/expect", operation_id = "expect", tag = "Writing",
    request_body(content = Expect, example = json!({"text": "status\n", "until": "status: (.*)", "timeout": 2000})),
    responses((status = 200, description = "the reply", body = Reply)))]
pub async fn expect(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Expect>,
) -> Result<Json<Reply>, Problem> {
    let waiting = Waiting::new(&port, &actor);
    let reply = exchange(web, port, actor, wish).await;
    waiting.answered();
    reply.map(Json)
}

/// Writes, and waits for the reply.
pub async fn exchange(
    web: Web,
    port: Arc<Port>,
    actor: Actor,
    wish: Expect,
) -> Result<Reply, Problem> {
    let exchange = Exchange::try_from(wish)?;
    let _seat = web.exchanges.try_acquire().map_err(|_| busy())?;
    tokio::select! {
        reply = exchange.run(&port, &actor) => Ok(reply?),
        () = web.stop.cancelled() => Err(Problem::stops()),
    }
}

fn busy() -> Problem {
    let message =
        format!("{SEATS} replies are waited for already, which is as many as may; try again soon");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, Code::TooMany, message)
}
