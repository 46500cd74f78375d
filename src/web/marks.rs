//! `/api/v1/ports/{name}/marks`: the marks of a port, and new ones.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::{Peer, Web};
use crate::journal::Mark;
use crate::record::Offset;

/// `GET`: the newest marks, in the order in which they were made.
pub async fn list(
    State(web): State<Web>,
    Path(name): Path<String>,
) -> Result<Json<Vec<Mark>>, Problem> {
    Ok(Json(web.port(&name)?.journal().marks()))
}

/// The body of `POST`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    text: String,
    at: Option<Offset>,
}

/// The answer to `POST`.
#[derive(Serialize)]
pub struct Made {
    offset: Offset,
}

/// `POST`: pins a text to a moment.
pub async fn make(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Json<Wish>, JsonRejection>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let port = web.port(&name)?;
    let Json(wish) = body.map_err(Problem::bad)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    let offset = port.mark(&actor, wish.text, wish.at).await?;
    Ok((StatusCode::CREATED, Json(Made { offset })))
}
