//! `GET /api/v1/audit`: who did what, page by page.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use super::Web;
use super::problem::Problem;
use super::request::{Administrator, Asked};
use crate::audit::{Action, Cursor, Entry, Outcome, Query, page};
use crate::place::Place;
use crate::record::Time;
use crate::wire::talk::Code;

/// Entries of a page, where nothing else is said; and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// Of this time or later: a time, or so long ago.
    #[param(inline)]
    since: Option<Place>,
    /// Before this time.
    #[param(inline)]
    until: Option<Place>,
    /// By this account, or by whoever others saw under this name.
    who: Option<String>,
    /// On this port.
    port: Option<String>,
    /// Of this kind.
    #[param(inline)]
    action: Option<Action>,
    /// Of which this came.
    #[param(inline)]
    outcome: Option<Outcome>,
    /// What stood in `next` of the page before.
    before: Option<String>,
    /// So many at most, up to 1000; 100 if absent.
    limit: Option<usize>,
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub struct Told {
    /// Newest first.
    entries: Vec<Entry>,
    /// What the next page is asked for with, as `before`; null where there are no more.
    next: Option<String>,
}

/// Tells who did what, newest first; for administrators.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "listAudit", tag = "Server", params(Wish),
    responses((status = 200, description = "a page of entries", body = Told)))]
pub async fn list(
    State(web): State<Web>,
    _: Administrator,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Response> {
    let refused = IntoResponse::into_response;
    let query = Query {
        since: moment("since", wish.since).map_err(refused)?,
        until: moment("until", wish.until).map_err(refused)?,
        who: wish.who,
        port: wish.port,
        action: wish.action,
        outcome: wish.outcome,
    };
    let before = wish.before.map(|text| text.parse::<Cursor>()).transpose();
    let before = before.map_err(|error| refused(Problem::bad(error)))?;
    let limit = wish.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let message = format!("limit: a page has from 1 to {MOST} entries");
        return Err(refused(Problem::bad(message)));
    }
    let folder = web.audit.folder().filter(|_| web.audit.is_on());
    let Some(folder) = folder.map(ToOwned::to_owned) else {
        return Err(refused(Problem::new(
            StatusCode::CONFLICT,
            Code::NotSupported,
            "this server keeps no audit in files; [audit] in its configuration begins it",
        )));
    };
    let seat = web.searches.take().await?;
    let found = spawn_blocking(move || {
        let _seat = seat;
        page(&folder, &query, before, limit)
    });
    let found = found.await.expect("files can be read or not");
    let found = found.map_err(|error| {
        let message = format!("the audit cannot be read: {error}");
        refused(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Code::Device,
            message,
        ))
    })?;
    let told = Told {
        entries: found.entries,
        next: found.next.map(|next| next.to_string()),
    };
    Ok(Json(told).into_response())
}

/// The time that a place is; offsets are none.
fn moment(name: &str, place: Option<Place>) -> Result<Option<Time>, Problem> {
    match place {
        None => Ok(None),
        Some(Place::Time(time)) => Ok(Some(time)),
        Some(_) => Err(Problem::bad(format_args!(
            "{name}: give a time, such as 2026-11-22T10:00:00Z, or so long ago, such as -10m"
        ))),
    }
}
