//! Request: what handlers take from one. Where that is not to be had, the answer is a problem.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::problem::Problem;
use super::{Peer, Web};
use crate::access::Visitor;
use crate::audit::{Action, Entry, Outcome};
use crate::port::{Actor, Port};
use crate::wire::key::PageKey;
use crate::wire::name::Name;
use crate::wire::talk::Code;

/// Where a program says what it is called; others read it beside what it does.
pub static NAME: HeaderName = HeaderName::from_static("seriald-name");

/// Where a page or program says its key, by which it is known again beside its socket.
static KEY: HeaderName = HeaderName::from_static("seriald-key");

/// The one name in a path.
pub struct Named(pub String);

impl FromRequestParts<Web> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Path(name) = Path::from_request_parts(parts, web)
            .await
            .map_err(Problem::bad)?;
        Ok(Self(name))
    }
}

/// Whom the guard has let in.
impl FromRequestParts<Web> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Infallible> {
        let visitor = parts.extensions.get::<Self>();
        Ok(visitor.expect("the guard lets only visitors in").clone())
    }
}

/// Whoever did not come by a link to a single port: what tells of the whole server is no guest's.
pub struct NoGuest(pub Visitor);

impl FromRequestParts<Web> for NoGuest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Ok(visitor) = Visitor::from_request_parts(parts, web).await;
        match visitor.rights.guest() {
            None => Ok(Self(visitor)),
            Some(_) => Err(Problem::forbidden(
                "you came by a link to one port, and this is about the whole server; ask for an account",
            )),
        }
    }
}

/// Whoever may change the server itself: its panels, and whom it lets in.
pub struct Administrator(pub Actor);

impl FromRequestParts<Web> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Caller(actor) = Caller::from_request_parts(parts, web).await?;
        if actor.rights.administer() {
            return Ok(Self(actor));
        }
        web.audit.tell(|| Entry {
            outcome: Outcome::Refused,
            detail: Some(format!("{} {}", parts.method, parts.uri.path())),
            ..actor.entry(Action::Request)
        });
        Err(Problem::forbidden(
            "only who administers this server may do that; ask an administrator",
        ))
    }
}

/// The port that a path names, which the visitor may see.
pub struct AtPort(pub Arc<Port>);

impl FromRequestParts<Web> for AtPort {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Named(name) = Named::from_request_parts(parts, web).await?;
        let Ok(visitor) = Visitor::from_request_parts(parts, web).await;
        web.sight.port(&visitor.rights, &name).map(Self)
    }
}

/// Who asks. Each request counts as a connection of its own.
pub struct Caller(pub Actor);

impl FromRequestParts<Web> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Peer>();
        let peer = peer.expect("whoever serves a connection knows its other end");
        let address = peer.address.ip();
        let Ok(visitor) = Visitor::from_request_parts(parts, web).await;
        let (mut actor, _) = web.arrive("http", address, &visitor);
        if let Some(name) = parts.headers.get(&NAME) {
            let name = String::from_utf8_lossy(name.as_bytes()).into_owned();
            let name = Name::try_from(name).map_err(Problem::bad)?;
            actor.name = visitor.called(name.as_str()).into();
        }
        if let Some(key) = parts.headers.get(&KEY) {
            let key = String::from_utf8_lossy(key.as_bytes()).into_owned();
            let key = PageKey::try_from(key).map_err(Problem::bad)?;
            actor.known_by(key.as_str());
        }
        Ok(Self(actor))
    }
}

/// What stands behind the `?`.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Web> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Problem> {
        let Query(asked) = Query::try_from_uri(&parts.uri).map_err(Problem::bad)?;
        Ok(Self(asked))
    }
}

/// The beginning of a WebSocket.
pub struct Upgrade(pub WebSocketUpgrade);

impl FromRequestParts<Web> for Upgrade {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let upgrade = WebSocketUpgrade::from_request_parts(parts, web).await;
        let upgrade = upgrade.map_err(|rejection| {
            let message = "this is a WebSocket; ask for it with a client that speaks them";
            Problem::new(rejection.status(), Code::BadMessage, message)
        });
        upgrade.map(Self)
    }
}

/// A body that is a JSON object.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Web> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Problem> {
        let refuse = |rejection| no_json(rejection, web.limits.message);
        let raw = Json::<Box<RawValue>>::from_request(request, web).await;
        let Json(raw) = raw.map_err(refuse)?;
        // A list would pass for an object whose fields come in this order.
        if !raw.get().starts_with('{') {
            return Err(Problem::bad(
                "the body is no JSON object, such as {\"name\": 1}",
            ));
        }
        let Json(body) = Json::from_bytes(raw.get().as_bytes()).map_err(refuse)?;
        Ok(Self(body))
    }
}

/// Why a body is not what it should be, which may have so many bytes.
fn no_json(rejection: JsonRejection, most: usize) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("this body", most),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            let message = "this takes JSON; say so with Content-Type: application/json";
            Problem::new(rejection.status(), Code::BadMessage, message)
        }
        // What is JSON and still wrong counts like what is none.
        _ => Problem::bad(rejection),
    }
}
