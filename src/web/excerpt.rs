//! What a guest of an excerpt may ask for. The port that is shown to it has nothing but the excerpt
//! (`sight.rs`); routes that look elsewhere, or act, are not here, and neither are those to come.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;

use super::guard::is_public;
use super::problem::Problem;
use crate::access::Visitor;

/// What may be looked at.
const LOOKING: [&str; 10] = [
    "/api/v1/ports",
    "/api/v1/ports/{name}",
    "/api/v1/ports/{name}/history",
    "/api/v1/ports/{name}/moment",
    "/api/v1/ports/{name}/timeline",
    "/api/v1/ports/{name}/values",
    "/api/v1/ports/{name}/marks",
    "/api/v1/search",
    "/api/v1/socket",
    "/api/v1/openapi.json",
];

/// Ready unless a guest of an excerpt asks for something else. What has no route is the user's own files,
/// of which a guest has those of one page at most.
pub fn expect_within(visitor: &Visitor, request: &Request) -> Result<(), Problem> {
    let route = request.extensions().get::<MatchedPath>();
    let (Some(_), Some(route)) = (visitor.rights.excerpt(), route) else {
        return Ok(());
    };
    let (method, route) = (request.method(), route.as_str());
    let looks = matches!(*method, Method::GET | Method::HEAD) && LOOKING.contains(&route);
    let leaves = *method == Method::DELETE && route == "/api/v1/session";
    if looks || leaves || is_public(method, request.uri()) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "you came by a link to an excerpt of one port, and this is no part of it; ask whoever gave you the link",
    ))
}
