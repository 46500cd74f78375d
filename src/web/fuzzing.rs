//! Fuzzing of what the web door reads by itself; see `crate::fuzzing`.

use std::hint::black_box;
use std::net::SocketAddr;
use std::path::Component;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::credentials::secrets;
use super::origin::{Authority, Rules};
use super::simple::Lines;
use super::www::inside;
use super::{Peer, Proxies};

/// What a request's head says: who came to whom, over which proxies, and with which secrets. The first line
/// is the path.
pub fn headers(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    let mut fields = bytes.split(|byte| *byte == b'\n');
    let path = String::from_utf8_lossy(fields.next().unwrap_or_default());
    if let Some(path) = inside(&path) {
        let mut parts = path.components();
        assert!(parts.all(|part| matches!(part, Component::Normal(_))));
    }
    for field in fields {
        let mut pair = field.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(pair.next().unwrap_or_default());
        let value = HeaderValue::from_bytes(pair.next().unwrap_or_default().trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let peer = Peer {
        address: SocketAddr::from(([127, 0, 0, 1], 1)),
        trusted: false,
        secure: false,
        proxied: false,
    };
    let known = ["127.0.0.0/8", "10.0.0.0/8"].map(|all| all.parse().expect("a network"));
    black_box(Proxies(known.to_vec()).behind(peer, &headers));
    let (said, kept) = secrets(&headers);
    black_box(said.chain(kept).count());
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(host) = text("host").and_then(Authority::parse) {
        let (rules, origin) = (Rules::default(), text("origin").unwrap_or_default());
        black_box(rules.knows_host(host));
        for secure in [false, true] {
            black_box(rules.trusts_origin(origin, host, secure));
        }
    }
}

/// The lines of the tutorial dialect, put together.
pub fn lines(bytes: &[u8]) -> String {
    let (mut lines, mut all) = (Lines::default(), String::new());
    for piece in bytes.split_inclusive(|byte| *byte == 0) {
        lines.push(piece, |line| all.push_str(&line));
    }
    all
}
