//! `POST …/turn`: who may type, where one at a time may.

use axum::Json;

use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use super::sight::seen;
use crate::state::Seen;
use crate::wire::wish::ChangeTurn;

/// Takes the turn, asks for it, hands it over, or turns turns on or off.
///
/// Whoever is to have the turn watches the port, over a socket of the same account or the same `Seriald-Key`. `force`, `on` and
/// `off` need the right to control it. A write or another act takes a turn that is free by itself.
#[utoipa::path(post, path = "/api/v1/ports/{name}/turn", operation_id = "changeTurn", tag = "Writing",
    request_body(content = ChangeTurn, example = json!({"act": "ask"})),
    responses((status = 200, description = "the port's state now; `turn` says who has it", body = Seen)))]
pub async fn change(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<ChangeTurn>,
) -> Result<Json<Seen>, Problem> {
    port.turn(&actor, wish.act, &wish.to)?;
    Ok(Json(seen(port.state(), &actor.rights)))
}
