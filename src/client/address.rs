//! An address of the web: `http` or `https`, a host, and a path.

use hyper::Uri;
use hyper::http::uri::Authority;

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    is_secret: bool,
    authority: Authority,
    path: String,
}

impl Address {
    /// Reads one such as `https://lab.example:8443/serial?x=1`. None with a user's name or password
    /// in it: they would stand in logs.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let is_secret = match uri.scheme_str()? {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let authority = uri.authority()?.clone();
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        Some(Self {
            is_secret,
            authority,
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
        })
    }

    /// Whether it is spoken to over TLS.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// The host as a certificate names it: an IPv6 address stands without its brackets.
    pub fn host(&self) -> &str {
        self.authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']')
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        let standard = if self.is_secret { 443 } else { 80 };
        self.authority.port_u16().unwrap_or(standard)
    }

    /// What goes into the header `Host`.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// Path and query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path below which a server's own paths begin, without a slash at its end.
    pub fn prefix(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or_default();
        path.trim_end_matches('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_a_port_and_a_path() {
        for (text, host, port, prefix) in [
            ("http://pi.lan", "pi.lan", 80, ""),
            ("https://pi.lan/", "pi.lan", 443, ""),
            ("http://[::1]:9/", "::1", 9, ""),
            (
                "https://lab.example:8443/serial/?x=/",
                "lab.example",
                8443,
                "/serial",
            ),
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!((address.host(), address.port()), (host, port), "{text}");
            assert_eq!(address.prefix(), prefix, "{text}");
            assert_eq!(address.is_secret(), text.starts_with("https"));
        }
    }

    #[test]
    fn what_is_no_address_of_the_web_is_none() {
        for text in [
            "",
            "localhost:8080",
            "example.org",
            "ftp://example.org/",
            "http://",
            "https:///path",
            "http://anna:secret@example.org/",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }
}
