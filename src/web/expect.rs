//! `POST /api/v1/ports/{name}/expect`: writes, waits for the reply, and answers with it.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};

use super::problem::Problem;
use super::{Peer, Web};
use crate::port::{Actor, Port};
use crate::script::Exchange;
use crate::wire::talk::{Code, Expect, Reply};

/// Replies that may be waited for at the same time, on the whole server: each may hold what a
/// device says in an hour, up to the most that is waited through.
pub const SEATS: usize = 64;

/// Answers when the reply came.
pub async fn expect(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Json<Expect>, JsonRejection>,
) -> Result<Json<Reply>, Problem> {
    let port = web.port(&name)?;
    let Json(wish) = body.map_err(Problem::bad)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    exchange(web, port, actor, wish).await.map(Json)
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
