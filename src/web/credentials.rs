//! Credentials: the secrets that come with a request, in its headers or in a cookie.

use axum::http::{HeaderMap, HeaderName, header};

use super::origin::Authority;
use super::{Peer, Shared};
use crate::access::Visitor;

/// Cookies are shared by all servers of a host, whatever their ports: the name goes on with ours,
/// so that two servers on one machine do not sign each other's users out.
const COOKIE: &str = "seriald_";

/// Who asks.
pub fn identify(web: &Shared, headers: &HeaderMap, peer: Option<&Peer>) -> Option<Visitor> {
    let access = &web.access;
    let trusted = peer.is_some_and(|peer| peer.trusted);
    if access.asks_nobody(trusted) {
        return access.stranger(trusted);
    }
    let (said, mut kept) = secrets(headers);
    let mut said = said.peekable();
    let says_nothing = said.peek().is_none();
    if let Some(known) = said.find_map(|secret| access.bearer(secret)) {
        return Some(known);
    }
    // What a proxy says is of now, a cookie may be somebody else's of before.
    let proxy = web.proxy_login.as_ref().zip(peer);
    if let Some(word) = proxy.and_then(|(login, peer)| login.word(peer, headers)) {
        return access.vouched(word.ok()?);
    }
    let known = kept.find_map(|secret| access.bearer(secret));
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
    (bearer.chain(protocols), cookies(headers, COOKIE))
}

/// What stands in the cookies whose names begin so.
pub(super) fn cookies<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let all = headers.get_all(header::COOKIE).into_iter();
    let all = all.filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|value| value.split(';'));
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let found = pairs.filter(move |(known, _)| known.starts_with(name));
    found.map(|(_, value)| value)
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
