//! Origin: where a request comes from, and by what name it calls us. A page of somebody else's, or of a name that was
//! rebound to this machine, uses the browser of somebody who may more.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};

use super::Peer;
use super::problem::Problem;
use crate::wire::talk::Code;

/// Whom the server talks to.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Host names it answers to, besides localhost and addresses; lower case.
    pub hosts: Vec<String>,
    /// Origins of foreign pages that may use it, such as `https://lab.example`.
    pub origins: Vec<String>,
}

/// A host and a port as they stand in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority<'a> {
    host: &'a str,
    /// Empty where none is named.
    pub port: &'a str,
}

impl<'a> Authority<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (text, ""),
        };
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && !host.is_empty()).then_some(Self { host, port })
    }

    fn port_or(self, default: &'a str) -> &'a str {
        if self.port.is_empty() {
            default
        } else {
            self.port
        }
    }

    fn address(self) -> Option<IpAddr> {
        let bare = self
            .host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        bare.unwrap_or(self.host).parse().ok()
    }

    /// Whether the host is this machine's own name for itself, whatever it is called.
    fn is_loopback(self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.address().is_some_and(|ip| ip.is_loopback())
    }
}

impl Rules {
    /// Whether the server answers to this `Host`: a rebound name of a foreign page is none of ours.
    pub(super) fn knows_host(&self, host: Authority<'_>) -> bool {
        host.address().is_some()
            || host.host.eq_ignore_ascii_case("localhost")
            || self
                .hosts
                .iter()
                .any(|name| name.eq_ignore_ascii_case(host.host))
    }

    /// Whether a page of this `Origin` may talk to us, who are called `host` by it. Where we came over
    /// TLS a page that did not is not ours: whoever is in between may have written it.
    pub(super) fn trusts_origin(&self, origin: &str, host: Authority<'_>, secure: bool) -> bool {
        if self.origins.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let own = match origin.split_once("://") {
            Some(("http", rest)) if !secure => Authority::parse(rest).map(|origin| (origin, "80")),
            Some(("https", rest)) => Authority::parse(rest).map(|origin| (origin, "443")),
            _ => None,
        };
        own.is_some_and(|(origin, default)| {
            let same_host = origin.host.eq_ignore_ascii_case(host.host)
                || origin.is_loopback() && host.is_loopback();
            same_host && origin.port_or(default) == host.port_or(default)
        })
    }
}

/// The name by which a browser knows this server, with its port.
pub(super) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let named = uri.authority().map(|authority| authority.as_str());
    let header = || headers.get(header::HOST)?.to_str().ok();
    named.or_else(header).unwrap_or_default()
}

/// Refuses foreign pages, and names that are not ours.
pub(super) fn expect_friend(rules: &Rules, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let host = host(request.uri(), headers);
    let host = Authority::parse(host).filter(|host| rules.knows_host(*host)).ok_or_else(|| {
        let shown: String = host.chars().take(100).collect();
        let message = format!(
            "this server does not answer to the name {shown:?}; use its address, or start it with --allow-host NAME"
        );
        Problem::new(StatusCode::MISDIRECTED_REQUEST, Code::Forbidden, message)
    })?;
    let peer = request.extensions().get::<Peer>();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let foreign = match text(header::ORIGIN) {
        Some(origin) => !rules.trusts_origin(origin, host, peer.is_some_and(|peer| peer.secure)),
        None => !safe && text(HeaderName::from_static("sec-fetch-site")) == Some("cross-site"),
    };
    match foreign {
        true => Err(Problem::forbidden(
            "a page from elsewhere may not use this server; to allow it, start it with --allow-origin ORIGIN",
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules {
            hosts: vec!["pi.lan".into()],
            origins: vec!["https://lab.example".into()],
        }
    }

    #[test]
    fn only_addresses_localhost_and_named_hosts_are_answered_to() {
        for (host, known) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("192.168.1.7", true),
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("pi.lan:8080", true),
            ("evil.example:8080", false),
            ("pi.lan.evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
        ] {
            let host = Authority::parse(host).expect(host);
            assert_eq!(rules().knows_host(host), known, "{host:?}");
        }
        for wrong in ["", ":8080", "pi.lan:80x"] {
            assert_eq!(Authority::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_our_own_pages_and_named_origins_may_talk_to_us() {
        let host = |text| Authority::parse(text).unwrap();
        for (origin, own, trusted) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://localhost:8080", "127.0.0.1:8080", true),
            ("http://localhost", "localhost:80", true),
            ("https://pi.lan", "pi.lan", true),
            ("https://lab.example", "pi.lan:8080", true),
            ("https://lab.example.evil", "pi.lan:8080", false),
            ("https://lab.example:444", "pi.lan:8080", false),
            ("http://127.0.0.1:9090", "127.0.0.1:8080", false),
            ("http://127.0.0.1", "127.0.0.1:8080", false),
            ("http://127.0.0.1:80801", "127.0.0.1:8080", false),
            ("http://evil.example:8080", "127.0.0.1:8080", false),
            ("null", "127.0.0.1:8080", false),
            ("", "127.0.0.1:8080", false),
            ("file://127.0.0.1:8080", "127.0.0.1:8080", false),
        ] {
            assert_eq!(
                rules().trusts_origin(origin, host(own), false),
                trusted,
                "{origin} at {own}"
            );
            let over_tls = trusted && origin.starts_with("https:");
            assert_eq!(
                rules().trusts_origin(origin, host(own), true),
                over_tls,
                "{origin} at {own} over TLS"
            );
        }
    }
}
