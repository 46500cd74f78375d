//! `/api/v1/ports/{name}/doors`: where programs reach a port over RFC 2217 and raw TCP.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};

use super::problem::Problem;
use super::{Peer, Web};
use crate::bind::NotBound;
use crate::doors::{Change, Doors};
use crate::entrances::NotOpened;
use crate::wire::talk::Code;

/// `GET`: the doors as they are.
pub async fn show(
    State(web): State<Web>,
    Path(name): Path<String>,
) -> Result<Json<Doors>, Problem> {
    let port = web.port(&name)?;
    Ok(Json(web.entrances.of(&port)))
}

/// `PUT`: opens, moves and closes them, all or none.
pub async fn change(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Json<Change>, JsonRejection>,
) -> Result<Json<Doors>, Problem> {
    let port = web.port(&name)?;
    let Json(wish) = body.map_err(Problem::bad)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    Ok(Json(web.entrances.change(&port, wish, &actor).await?))
}

impl From<NotOpened> for Problem {
    fn from(error: NotOpened) -> Self {
        match &error {
            NotOpened::Address(_) | NotOpened::Bind(NotBound::Unknown(_)) => Self::bad(error),
            NotOpened::Bind(NotBound::Public(_)) => Self::forbidden(error),
            NotOpened::Bind(NotBound::Refused { .. }) | NotOpened::Ours { .. } => {
                Self::new(StatusCode::CONFLICT, Code::Address, error)
            }
        }
    }
}
