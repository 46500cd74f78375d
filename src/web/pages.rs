//! The list of the user's own pages, and the changes in their files, for pages that are open.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::Web;
use super::files::{REVALIDATE, not_found};
use crate::pages;
use crate::wire::talk::Page;

/// A page that lost the server tries again after this.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is said that there is nothing to say, for proxies that end what is silent.
const ALIVE_EVERY: Duration = Duration::from_secs(20);

/// `GET /api/v1/pages`.
pub async fn list(State(web): State<Web>) -> Json<Vec<Page>> {
    Json(listed(&web).await)
}

async fn listed(web: &Web) -> Vec<Page> {
    let Some(pages) = &web.pages else {
        return Vec::new();
    };
    let contents = pages.contents().await;
    let ports = web.hub.ports();
    let states: Vec<_> = ports.iter().map(|port| port.state()).collect();
    pages::list(&contents.pages, &Vec::from_iter(&states))
}

/// The first of the ports that the page at `path` is for.
pub async fn first_port(web: &Web, path: &str) -> Option<String> {
    let path = match path.trim_start_matches('/') {
        "" => "./",
        path => path,
    };
    let page = listed(web)
        .await
        .into_iter()
        .find(|page| page.path == path)?;
    page.ports.into_iter().next()
}

/// `GET /api/v1/pages/changes`: the edition of the files as a server-sent event, at once and after each change.
pub async fn changes(State(web): State<Web>) -> Response {
    let Some(pages) = &web.pages else {
        return not_found("/api/v1/pages/changes without --www");
    };
    let watching = (pages.watch(), web.stop.clone());
    let editions = stream::unfold(watching, async |(mut watching, stop)| {
        let contents = tokio::select! {
            contents = watching.changed() => contents,
            () = stop.cancelled() => return None,
        };
        let event = Event::default()
            .retry(RETRY)
            .data(contents.edition.to_string());
        Some((Ok::<_, Infallible>(event), (watching, stop)))
    });
    let alive = KeepAlive::new().interval(ALIVE_EVERY);
    // Some proxies collect what they pass on.
    (
        [("x-accel-buffering", "no")],
        Sse::new(editions).keep_alive(alive),
    )
        .into_response()
}

/// `/reload.js`, which pages get that are served from the folder.
pub async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, REVALIDATE),
    ];
    (headers, include_str!("pages/reload.js")).into_response()
}
