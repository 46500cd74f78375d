//! Ports over plain HTTP: list, show, change, write.

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::{Peer, Web};
use crate::record::Offset;
use crate::settings::Change;
use crate::state::PortState;
use crate::wire::talk::{Code, LIMITS};

/// `GET /api/v1/ports`.
pub async fn list(State(web): State<Web>) -> Json<Vec<PortState>> {
    Json(web.hub.ports().iter().map(|port| port.state()).collect())
}

/// `GET /api/v1/ports/{name}`.
pub async fn show(
    State(web): State<Web>,
    Path(name): Path<String>,
) -> Result<Json<PortState>, Problem> {
    Ok(Json(web.port(&name)?.state()))
}

/// What a port is to do about its device.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wish {
    Open,
    Released,
}

/// The body of `PATCH`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    state: Option<Wish>,
    settings: Option<Change>,
}

/// `PATCH /api/v1/ports/{name}`: changes settings, opens or releases; answers with the new state.
pub async fn change(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Json<Patch>, JsonRejection>,
) -> Result<Json<PortState>, Problem> {
    let port = web.port(&name)?;
    let Json(patch) = body.map_err(Problem::bad)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    if let Some(settings) = patch.settings {
        port.set(&actor, settings).await?;
    }
    match patch.state {
        Some(Wish::Open) => port.open(&actor).await?,
        Some(Wish::Released) => port.release(&actor).await?,
        None => {}
    }
    Ok(Json(port.state()))
}

/// The answer to a write.
#[derive(Serialize)]
pub struct Written {
    offset: Offset,
    length: usize,
}

/// `POST /api/v1/ports/{name}/write`: writes the body's bytes and answers when the device has them.
pub async fn write(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Written>, Problem> {
    let port = web.port(&name)?;
    let body = match body {
        Ok(body) if body.len() <= LIMITS.write => body,
        Err(error) if error.status() != StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(Problem::bad(error));
        }
        _ => {
            let message = format!(
                "this write is too large; send at most {} bytes at once",
                LIMITS.write
            );
            let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge, message);
            return Err(problem.with("limit", LIMITS.write as u64));
        }
    };
    let (actor, _) = web.arrive("http", peer.address.ip());
    let written = port.write(&actor, body)?.await?;
    Ok(Json(Written {
        offset: written.offset,
        length: written.length,
    }))
}
