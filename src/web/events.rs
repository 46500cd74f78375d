//! `GET /api/v1/events`: the news of the socket as server-sent events.

use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Web;
use super::news::{Item, News};
use super::problem::Problem;
use super::request::Asked;
use super::sse;
use crate::access::Visitor;

/// What to tell of.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// Only this port, and no panels or pages.
    port: Option<String>,
}

/// Tells of every change, as server-sent events.
///
/// First `ports`, how all are; then `port` with the whole state of one that has changed, at most 8 times a second for each,
/// `port-gone`, `panels`, `pages` and `alert`. `data` is the message of the same `type` on the socket. Whoever connects
/// again learns everything anew, so events have no ids.
#[utoipa::path(get, path = "/api/v1/events", operation_id = "followEvents", tag = "Ports", params(Wish),
    responses((status = 200, description = "events, until the server stops", body = String,
        content_type = "text/event-stream")))]
pub async fn events(
    State(web): State<Web>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    if let Some(name) = &wish.port {
        web.sight.port(&visitor.rights, name)?;
    }
    let news = News::new(&web, &visitor.rights, wish.port);
    Ok(sse::answer(web.stop.clone(), news, async |mut news| {
        let items = news.next().await?;
        Some((items.into_iter().map(event).collect(), news))
    }))
}

fn event(item: Item) -> Event {
    Event::default().event(item.kind).data(item.text.as_str())
}
