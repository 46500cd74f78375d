//! The list of the user's own pages, and the changes in their files, for pages that are open.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};

use super::files::{REVALIDATE, not_found};
use super::{Web, sight, sse};
use crate::access::Visitor;
use crate::pages;
use crate::wire::talk::Page;

/// Lists the pages of the user's own that say whom they are for.
#[utoipa::path(get, path = "/api/v1/pages", operation_id = "listPages", tag = "Pages",
    responses((status = 200, description = "each of them, with the ports that it is for now", body = Vec<Page>)))]
pub async fn list(State(web): State<Web>, visitor: Visitor) -> Json<Vec<Page>> {
    Json(listed(&web, &visitor).await)
}

pub async fn listed(web: &Web, visitor: &Visitor) -> Vec<Page> {
    let Some(pages) = &web.pages else {
        return Vec::new();
    };
    let contents = pages.contents().await;
    let ports = web.sight.ports(&visitor.rights);
    let states: Vec<_> = ports.iter().map(|port| port.state()).collect();
    let all = pages::list(&contents.pages, &Vec::from_iter(&states));
    sight::pages(all, &visitor.rights)
}

/// The first of the ports that the page at `path` is for and that may be seen.
pub async fn first_port(web: &Web, visitor: &Visitor, path: &str) -> Option<String> {
    let path = match path.trim_start_matches('/') {
        "" => "./",
        path => path,
    };
    let page = listed(web, visitor)
        .await
        .into_iter()
        .find(|page| page.path == path)?;
    page.ports.into_iter().next()
}

/// Tells of changes in the files of the user's own pages.
///
/// The edition of the files, two words, is told at once and after each change: the first word is another one when something
/// but a style sheet has changed.
#[utoipa::path(get, path = "/api/v1/pages/changes", operation_id = "followPages", tag = "Pages",
    responses((status = 200, description = "server-sent events", body = String, content_type = "text/event-stream")))]
pub async fn changes(State(web): State<Web>) -> Response {
    let Some(pages) = &web.pages else {
        return not_found("/api/v1/pages/changes without --www");
    };
    sse::answer(web.stop.clone(), pages.watch(), async |mut watching| {
        let edition = watching.changed().await.edition.to_string();
        Some((vec![Event::default().data(edition)], watching))
    })
}

/// `/reload.js`, which pages get that are served from the folder.
pub async fn script() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, REVALIDATE),
    ];
    (headers, include_str!("pages/reload.js")).into_response()
}
