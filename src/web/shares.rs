//! `/api/v1/shares`: links to one port, by which guests come in without an account.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::Web;
use super::owner::Owner;
use super::pages::listed;
use super::problem::Problem;
use super::request::{Body, Caller, Named};
use crate::access::shares::{LIFE, NewShare};
use crate::access::target::{May, Target};
use crate::access::told::Share;
use crate::audit::Action;
use crate::clock::clock;
use crate::place::Place;
use crate::port::Port;
use crate::record::{Excerpt, Offset, Time};

/// Lists the links that you have made, or those of all if you administer the server. Their secrets are not known.
#[utoipa::path(get, path = "/api/v1/shares", operation_id = "listShares", tag = "People",
    responses((status = 200, description = "those that count", body = Vec<Share>)))]
pub async fn list(State(web): State<Web>, owner: Owner) -> Json<Vec<Share>> {
    Json(web.access.shares(owner.reach().as_deref()))
}

/// A new link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewShare)]
pub struct Wish {
    /// The port that it leads to.
    port: String,
    /// What it is for, in 1 to 64 visible characters; the port's name if absent. Guests and those who watch with them
    /// read it.
    title: Option<String>,
    /// What a guest may do; `use` where a panel is named, else `see` if absent.
    may: Option<May>,
    /// The panel whose controls a guest may use, and nothing else.
    panel: Option<String>,
    /// The page of your own that opens, by its path as `GET /api/v1/pages` has it.
    page: Option<String>,
    /// The moment that opens. What came before and after may be seen all the same, but of an excerpt.
    offset: Option<Offset>,
    /// Where the excerpt begins that a guest sees, and nothing else of the port: an offset, or a place as for `history`.
    /// With the oldest byte that is kept, if only `to` is given.
    #[schema(inline)]
    from: Option<Place>,
    /// Where the excerpt ends; with the newest byte of now, if only `from` is given. It never grows.
    #[schema(inline)]
    to: Option<Place>,
    /// When it ends; after a day if absent.
    expires: Option<Time>,
}

/// A link that was made just now.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeShare)]
pub struct Made {
    #[serde(flatten)]
    share: Share,
    /// The secret, which lets in. Nobody can be told it again.
    secret: String,
    /// What stands in the link behind the server's address and a slash.
    path: String,
}

/// Makes a link to a port, for people without an account.
///
/// It gives no more than you may do there yourself, now and later. Where a proxy or a provider of OpenID Connect says who you
/// are, it counts for 30 days from when you last came. Its secret stands behind the `#`, which browsers send to no server.
#[utoipa::path(post, path = "/api/v1/shares", operation_id = "makeShare", tag = "People",
    request_body(content = Wish, example = json!({"port": "dev", "title": "For the supplier", "may": "see"})),
    responses((status = 201, description = "it is there, and its secret is told this once", body = Made)))]
pub async fn make(
    State(web): State<Web>,
    owner: Owner,
    Caller(actor): Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let rights = &owner.visitor.rights;
    let port = web.sight.port(rights, &wish.port)?;
    let may = match (wish.may, &wish.panel) {
        (Some(may), _) => may,
        (None, Some(_)) => May::Use,
        (None, None) => May::See,
    };
    port.allow(&actor, may.right())?;
    if let Some(panel) = &wish.panel {
        web.panel(&actor, panel, &port)?;
    }
    if let Some(path) = &wish.page {
        let pages = listed(&web, &owner.visitor).await;
        let page = pages.iter().find(|page| page.path == *path);
        if !page.is_some_and(|page| page.bound.is_none() || page.ports.contains(&wish.port)) {
            return Err(Problem::bad(format_args!(
                "{} has no page at {path:?}; GET /api/v1/pages lists them",
                wish.port
            )));
        }
    }
    let reach = port.journal().reach();
    if wish
        .offset
        .is_some_and(|at| !(reach.oldest..=reach.head).contains(&at))
    {
        return Err(Problem::out_of_range(port.name(), &reach));
    }
    let excerpt = match (wish.from, wish.to) {
        (None, None) => None,
        stretch => Some(excerpt(&port, stretch).await?),
    };
    let now = Time::now();
    let after = |life: Duration| Time(now.0.saturating_add(life.as_micros() as u64));
    let latest = after(web.longest_share);
    let expires = wish.expires.unwrap_or_else(|| after(LIFE).min(latest));
    if expires > latest {
        return Err(Problem::bad(format_args!(
            "a link ends here by {} at the latest; choose an earlier \"expires\"",
            clock(latest)
        )));
    }
    owner.expect_to_outlive(&web, "a link", Some(expires))?;
    let wish = NewShare {
        title: wish.title.unwrap_or_else(|| wish.port.clone()),
        by: owner.name(),
        target: Target {
            port: wish.port,
            may,
            panel: wish.panel,
            page: wish.page,
            journal: wish.offset.map(|_| reach.id),
            offset: wish.offset,
            excerpt,
        },
        expires,
    };
    let (share, secret) = web.access.share(wish, &owner.visitor).await?;
    web.tell(&actor, Action::Share, || {
        let Share {
            id, title, target, ..
        } = &share;
        format!("{id} was made to {target}: {title}")
    });
    let made = Made {
        share,
        path: format!("console/#{secret}"),
        secret,
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// What lies in a stretch now, with the Notes whole that it touches.
async fn excerpt(
    port: &Port,
    (from, to): (Option<Place>, Option<Place>),
) -> Result<Excerpt, Problem> {
    let (name, journal) = (port.name().to_owned(), Arc::clone(port.journal()));
    let looked = spawn_blocking(move || {
        let reach = journal.reach();
        let known = |place: Place| {
            let offset = place.within(&journal);
            offset.ok_or_else(|| Problem::out_of_range(&name, &reach))
        };
        let from = from.map_or(Ok(reach.oldest), known)?;
        let to = to.map_or(Ok(reach.head), known)?;
        journal.between(from, to).ok_or_else(|| {
            Problem::bad(format_args!(
                "nothing of {name} is kept between offsets {from} and {to}; its journal reaches from {} to {}",
                reach.oldest, reach.head
            ))
        })
    });
    looked.await.expect("a journal can be read")
}

/// Voids a link that you have made, or any if you administer the server. What is open by it ends.
#[utoipa::path(delete, path = "/api/v1/shares/{share}", operation_id = "revokeShare", tag = "People",
    params(("share" = String, Path, description = "The link's id, not its secret.")),
    responses((status = 204, description = "it counts no more")))]
pub async fn revoke(
    State(web): State<Web>,
    owner: Owner,
    Caller(actor): Caller,
    Named(id): Named,
) -> Result<StatusCode, Problem> {
    web.access.unshare(id.clone(), owner.reach()).await?;
    web.tell(&actor, Action::Share, || format!("{id} was revoked"));
    Ok(StatusCode::NO_CONTENT)
}
