//! The guard in front of every route: who asks, and whether they may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::credentials::identify;
use super::ending::attend;
use super::excerpt::expect_within;
use super::origin::expect_friend;
use super::problem::Problem;
use super::{Peer, Shared, Web};
use crate::accept::Lane;
use crate::access::Visitor;
use crate::audit::{Action, Entry, Outcome};
use crate::wire::talk::Code;

/// What the console may do: nothing that did not come from here. xterm.js makes style elements.
const CONSOLE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Checks a request before any route sees it, and puts the security headers on the answer.
pub async fn guard(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    // Elsewhere browsers ignore what parts windows, and complain; these fields come only from where it counts.
    let is_trustworthy = request.headers().contains_key("sec-fetch-site");
    let mut response = match check(&web, &request).and_then(|who| count(&web, &request, who)) {
        Ok(_) if request.headers().contains_key(header::CONTENT_ENCODING) => {
            packed().into_response()
        }
        Ok(Some(visitor)) => match expect_within(&visitor, &request) {
            Ok(()) => {
                request.extensions_mut().insert(visitor.clone());
                attend(&visitor, next.run(request)).await
            }
            Err(problem) => problem.into_response(),
        },
        Ok(None) => next.run(request).await,
        Err(problem) => match problem.into_response() {
            refused if is_to_sign_in(&web, &request, &refused) => to_sign_in(request.uri()),
            refused => {
                web.audit.tell(|| turned_away(&request, refused.status()));
                refused
            }
        },
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONSOLE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    let opener = HeaderName::from_static("cross-origin-opener-policy");
    if is_trustworthy {
        // A page of the user's own that opens the console gets no hold of its window.
        let apart = HeaderValue::from_static("same-origin");
        response.headers_mut().entry(opener).or_insert(apart);
    } else {
        response.headers_mut().remove(opener);
    }
    response
}

/// A body that is not what it says: nobody here unpacks it, and a device would get it as it is.
fn packed() -> Problem {
    let message = "a body with Content-Encoding is not taken; send it as it is";
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Problem::new(status, Code::BadMessage, message)
}

/// That somebody was not let in. It says the same each time, so that who tries much writes little.
fn turned_away(request: &Request, status: StatusCode) -> Entry {
    let peer = request.extensions().get::<Peer>();
    let why = match status {
        StatusCode::UNAUTHORIZED => "without a secret that counts",
        StatusCode::MISDIRECTED_REQUEST => "by a name that is not this server's",
        StatusCode::TOO_MANY_REQUESTS => "with more connections than an account may have",
        _ => "from a page that is not this server's",
    };
    Entry {
        outcome: Outcome::Refused,
        from: peer.map(|peer| peer.address.ip()),
        door: Some("http".to_owned()),
        detail: Some(why.to_owned()),
        ..Entry::new(Action::Request)
    }
}

/// Who asks; nobody where the answer is for everybody.
fn check(web: &Shared, request: &Request) -> Result<Option<Visitor>, Problem> {
    expect_friend(&web.rules, request)?;
    let peer = request.extensions().get::<Peer>();
    let visitor = identify(web, request.headers(), peer);
    if visitor.is_some() || is_public(request.method(), request.uri()) {
        return Ok(visitor);
    }
    let mut message = match web.access.asks() {
        true => {
            "this server asks who you are: sign in at /console/, or send a token of yours as Authorization: Bearer; the \
             console makes one, or 'seriald token create' on the server's machine"
        }
        false => {
            "this needs the server's token: open the link that the server printed, or send it as Authorization: Bearer"
        }
    }
    .to_owned();
    if web.proxy_login.is_some() || web.oidc.is_some() {
        message += ". One that was made without a password rests where its owner did not come for 30 days: sign in again";
    }
    Err(Problem::new(
        StatusCode::UNAUTHORIZED,
        Code::Forbidden,
        message,
    ))
}

/// Counts the connection for the account of whoever asks, if that may have another. What anybody may have is
/// not counted: the console can still say what is wrong.
fn count(
    web: &Shared,
    request: &Request,
    visitor: Option<Visitor>,
) -> Result<Option<Visitor>, Problem> {
    // All guests of an account count together, and not for itself.
    let name = visitor.as_ref().and_then(|visitor| match &visitor.share {
        Some(share) => Some(share.guest().into()),
        None => visitor.name.clone(),
    });
    if let Some((name, lane)) = name.zip(request.extensions().get::<Arc<Lane>>())
        && !is_public(request.method(), request.uri())
        && !lane.belong(&name, &web.of_accounts)
    {
        let message = "your account has as many connections as it may have; close pages or programs that you do \
                       not need, or ask an administrator for a larger connections_per_account";
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            Code::TooMany,
            message,
        ));
    }
    Ok(visitor)
}

/// Whether a browser wants to show what it asks for as a page, and a name and a password would help.
fn is_to_sign_in(web: &Shared, request: &Request, refused: &Response) -> bool {
    refused.status() == StatusCode::UNAUTHORIZED
        && web.access.asks()
        && *request.method() == Method::GET
        && !request.uri().path().starts_with("/api/")
        && wants_page(request.headers())
}

/// Whether a browser wants to show what it asks for as a page.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Leads to the console, which asks for a name and a password. Relative, for a proxy may have taken
/// something off the path.
fn to_sign_in(uri: &Uri) -> Response {
    Redirect::to(&format!("{}console/", root(uri))).into_response()
}

/// The way from there to the root of this server.
pub(super) fn root(uri: &Uri) -> String {
    let depth = uri.path().matches('/').count().saturating_sub(1);
    "../".repeat(depth)
}

/// What anybody may have: the console's own files, which hold no data, and the way to sign in.
pub(super) fn is_public(method: &Method, uri: &Uri) -> bool {
    let path = uri.path();
    path == "/healthz"
        || path == "/sdk.js"
        || path == "/sdk.classic.js"
        || path == "/console"
        || path == "/api/"
        || path == "/api/v1/"
        || path.starts_with("/console/")
        || path == "/api/v1/session" && matches!(*method, Method::GET | Method::POST)
        || path.starts_with("/api/v1/session/oidc")
}
