//! Ports over plain HTTP: listed, shown and changed.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Web;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use super::sight::seen;
use crate::access::Visitor;
use crate::settings::Change;
use crate::state::Seen;
use crate::wire::wish::SetLines;

/// Lists the ports that you may see.
///
/// Those that are configured come first, in their order, then those that were found.
#[utoipa::path(get, path = "/api/v1/ports", operation_id = "listPorts", tag = "Ports",
    responses((status = 200, description = "every port with its state", body = Vec<Seen>)))]
pub async fn list(State(web): State<Web>, visitor: Visitor) -> Json<Vec<Seen>> {
    let ports = web.sight.ports(&visitor.rights);
    let seen = ports.iter().map(|port| seen(port.state(), &visitor.rights));
    Json(seen.collect())
}

/// Shows a port.
#[utoipa::path(get, path = "/api/v1/ports/{name}", operation_id = "showPort", tag = "Ports",
    responses((status = 200, description = "its state", body = Seen)))]
pub async fn show(AtPort(port): AtPort, visitor: Visitor) -> Json<Seen> {
    Json(seen(port.state(), &visitor.rights))
}

/// What a port is to do about its device.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Wish {
    /// Open it, take it back, or try at once where it is waiting.
    Open,
    /// Close it, so that another program can have it.
    Released,
}

/// What is to be changed of a port; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PortChange)]
pub struct Patch {
    /// What it is to do about its device.
    #[schema(inline)]
    state: Option<Wish>,
    /// How bytes travel, and what opening and closing do.
    settings: Option<Change>,
    /// The modem lines that are to be set, once it is open.
    lines: Option<SetLines>,
}

/// Changes a port: its settings, its modem lines, whether it is open.
///
/// What is absent stays. Settings are applied before the port is opened, lines after. A port that is asked to open is
/// answered for at once; its state tells when the device is open.
#[utoipa::path(patch, path = "/api/v1/ports/{name}", operation_id = "changePort", tag = "Ports",
    request_body(content = Patch, example = json!({"settings": {"baud": 9600, "parity": "even"}})),
    responses((status = 200, description = "its state now", body = Seen)))]
pub async fn change(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(patch): Body<Patch>,
) -> Result<Json<Seen>, Problem> {
    if let Some(settings) = patch.settings {
        port.set(&actor, settings).await?;
    }
    match patch.state {
        Some(Wish::Open) => port.open(&actor).await?,
        Some(Wish::Released) => port.release(&actor).await?,
        None => {}
    }
    if let Some(SetLines { dtr, rts }) = patch.lines {
        port.set_lines(&actor, dtr, rts).await?;
    }
    Ok(Json(seen(port.state(), &actor.rights)))
}
