//! Credentials: the secrets that come with a request, in its headers or in a cookie.

use axum::http::{HeaderMap, HeaderName, header};

use super::Peer;
use super::guard::Authority;
use crate::access::{Access, Visitor};

/// Cookies are shared by all servers of a host, whatever their ports: the name goes on with ours,
/// so that two servers on one machine do not sign each other's users out.
const COOKIE: &str = "seriald_";

/// Who asks. `trusted` if it is from where nobody is asked as long as there are no accounts.
pub fn identify(access: &Access, headers: &HeaderMap, trusted: bool) -> Option<Visitor> {
    if trusted && !access.accounts() {
        return access.stranger(trusted);
    }
    let (said, cookies) = secrets(headers);
    let mut said = said.peekable();
    let says_nothing = said.peek().is_none();
    let known = said.chain(cookies).find_map(|secret| access.bearer(secret));
    // Browsers send what they have, be it old or of another server. Whoever says something is to
    // learn that it is wrong.
    known.or_else(|| access.stranger(trusted).filter(|_| says_nothing))
}

/// The secrets that are said, and those that a browser keeps.
pub(super) fn secrets(
    headers: &HeaderMap,
) -> (impl Iterator<Item = &str>, impl Iterator<Item = &str>) {
    let all = |name: HeaderName| {
        headers
            .get_all(name)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
    };
    let bearer = all(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer "));
    let protocols = all(header::SEC_WEBSOCKET_PROTOCOL)
        .flat_map(|value| value.split(','))
        .filter_map(|protocol| protocol.trim().strip_prefix("bearer."));
    let cookies = all(header::COOKIE)
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| {
            pair.trim()
                .split_once('=')
                .filter(|(name, _)| name.starts_with(COOKIE))
        })
        .map(|(_, secret)| secret);
    (bearer.chain(protocols), cookies)
}

/// What makes a browser keep a secret for so many seconds; or forget it after 0.
pub(super) fn cookie(headers: &HeaderMap, peer: Peer, secret: &str, seconds: u64) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let port = host.and_then(Authority::parse).map_or("", |host| host.port);
    let secure = if peer.secure { "; Secure" } else { "" };
    format!("{COOKIE}{port}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}
