//! `/api/v1/ports/{name}/doors`: where programs reach a port over RFC 2217 and raw TCP.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Web;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::bind::NotBound;
use crate::doors::{Change, Doors};
use crate::entrances::NotOpened;
use crate::wire::talk::Code;

/// Shows where programs reach a port over RFC 2217 and raw TCP.
#[utoipa::path(get, path = "/api/v1/ports/{name}/doors", operation_id = "showDoors", tag = "Ports",
    responses((status = 200, description = "their addresses", body = Doors)))]
pub async fn show(State(web): State<Web>, AtPort(port): AtPort) -> Json<Doors> {
    Json(web.entrances.of(&port))
}

/// Opens, moves and closes the doors for programs, all or none.
///
/// What is absent stays. An address that others can reach is refused unless the server lets everybody in.
#[utoipa::path(put, path = "/api/v1/ports/{name}/doors", operation_id = "changeDoors", tag = "Ports",
    request_body(content = Change, example = json!({"rfc2217": "127.0.0.1:4000", "tcp": null})),
    responses((status = 200, description = "their addresses now", body = Doors)))]
pub async fn change(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Change>,
) -> Result<Json<Doors>, Problem> {
    Ok(Json(web.entrances.change(&port, wish, &actor).await?))
}

impl From<NotOpened> for Problem {
    fn from(error: NotOpened) -> Self {
        match error {
            NotOpened::Port(error) => error.into(),
            NotOpened::Address(_) | NotOpened::NoTls | NotOpened::Bind(NotBound::Unknown(_)) => {
                Self::bad(error)
            }
            NotOpened::Bind(NotBound::Public(_)) => Self::forbidden(error),
            NotOpened::Bind(NotBound::Refused { .. }) | NotOpened::Ours { .. } => {
                Self::new(StatusCode::CONFLICT, Code::Address, error)
            }
        }
    }
}
