//! What a reverse proxy says of whom it speaks for. Anybody can say it, so it counts only from proxies
//! that the operator has named.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use super::Peer;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The proxies whose word counts.
#[derive(Clone, Debug, Default)]
pub struct Proxies(pub Vec<IpNet>);

impl Proxies {
    fn know(&self, address: IpAddr) -> bool {
        // A listener at [::] sees addresses of IPv4 as those of IPv6.
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who is at the other end of what this connection carries.
    pub(super) fn behind(&self, peer: Peer, headers: &HeaderMap) -> Peer {
        if !self.know(peer.address.ip()) {
            return peer;
        }
        let mut all = [FOR, PROTO, header::FORWARDED].into_iter();
        let speaks = all.any(|name| headers.contains_key(name));
        // Proxies write one kind and pass the other on as it came; most write this one.
        let (hops, proto) = if headers.contains_key(FOR) || headers.contains_key(PROTO) {
            (values(headers, &FOR), values(headers, &PROTO).pop())
        } else {
            let hops = values(headers, &header::FORWARDED);
            let proto = hops.last().and_then(|hop| parameter(hop, "proto"));
            let hops = hops.iter().filter_map(|hop| parameter(hop, "for"));
            (hops.collect(), proto)
        };
        let client = self.client(&hops);
        let is_here = client.is_some_and(|client| client.is_loopback());
        Peer {
            address: client.map_or(peer.address, |client| SocketAddr::new(client, 0)),
            secure: proto.map_or(peer.secure, |proto| proto.eq_ignore_ascii_case("https")),
            // A stranger is not at home because the proxy is. What speaks for nobody is a program beside it.
            trusted: peer.trusted && (!speaks || is_here),
            proxied: true,
        }
    }

    /// The last hop that is none of these proxies: what stands before it was said by a stranger.
    fn client(&self, hops: &[&str]) -> Option<IpAddr> {
        let mut client = None;
        for hop in hops.iter().rev() {
            let Some(address) = address(hop) else { break };
            client = Some(address);
            if !self.know(address) {
                break;
            }
        }
        client
    }
}

/// What a known proxy took off the path, without a slash at its end; empty where it says nothing.
pub(super) fn prefix(peer: Peer, headers: &HeaderMap) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let said = headers.get(PREFIX).and_then(|value| value.to_str().ok());
    let said = said.filter(|said| peer.proxied && said.starts_with('/') && !said.contains("//"));
    let said = said.filter(|said| said.len() <= 200 && said.bytes().all(is_plain));
    said.unwrap_or_default().trim_end_matches('/')
}

/// The entries of a list that may be spread over several fields.
fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let fields = headers.get_all(name).into_iter();
    let texts = fields.filter_map(|field| field.to_str().ok());
    texts
        .flat_map(|text| text.split(','))
        .map(str::trim)
        .collect()
}

/// A parameter of an entry of `Forwarded`, such as `for="[2001:db8::1]:4711";proto=https`.
fn parameter<'a>(entry: &'a str, name: &str) -> Option<&'a str> {
    let pairs = entry.split(';').filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    found
        .next()
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// An address that may have a port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address: Option<IpAddr> = bare.unwrap_or(text).parse().ok().or_else(with_port);
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(from: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
        let (peer, _) = peer(from, headers);
        (peer.address.ip().to_string(), peer.secure)
    }

    fn peer(from: &str, headers: &[(&'static str, &str)]) -> (Peer, HeaderMap) {
        let proxies = ["127.0.0.1/32", "10.0.0.0/8"].map(|network| network.parse().unwrap());
        let peer = Peer {
            address: SocketAddr::new(from.parse().unwrap(), 5),
            trusted: true,
            secure: false,
            proxied: false,
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        (Proxies(proxies.to_vec()).behind(peer, &map), map)
    }

    #[test]
    fn at_home_is_who_comes_by_no_proxy_or_from_this_machine() {
        for (from, headers, trusted) in [
            ("127.0.0.1", vec![], true),
            ("127.0.0.1", vec![("x-forwarded-for", "127.0.0.1")], true),
            ("127.0.0.1", vec![("x-forwarded-for", "192.0.2.1")], false),
            (
                "127.0.0.1",
                vec![("x-forwarded-for", "127.0.0.1, 192.0.2.1")],
                false,
            ),
            ("127.0.0.1", vec![("x-forwarded-for", "unknown")], false),
            ("127.0.0.1", vec![("x-forwarded-proto", "https")], false),
            ("127.0.0.1", vec![("forwarded", "for=192.0.2.1")], false),
            // What is no proxy says what it likes.
            ("127.0.0.2", vec![("x-forwarded-for", "192.0.2.1")], true),
        ] {
            assert_eq!(peer(from, &headers).0.trusted, trusted, "{headers:?}");
        }
    }

    #[test]
    fn what_a_known_proxy_took_off_the_path_is_a_plain_path() {
        for (from, said, read) in [
            ("127.0.0.1", "/lab/serial/", "/lab/serial"),
            ("127.0.0.1", "/", ""),
            ("127.0.0.1", "//evil.example", ""),
            ("127.0.0.1", "lab", ""),
            ("127.0.0.1", "/a?b", ""),
            ("192.0.2.9", "/lab", ""),
        ] {
            let (peer, headers) = peer(from, &[("x-forwarded-prefix", said)]);
            assert_eq!(prefix(peer, &headers), read, "{said}");
        }
    }

    #[test]
    fn what_a_known_proxy_says_counts_up_to_the_first_stranger() {
        const PROXY: &str = "::ffff:127.0.0.1";
        for (headers, expected) in [
            (vec![], (PROXY, false)),
            (vec![("x-forwarded-for", "192.0.2.1")], ("192.0.2.1", false)),
            (
                vec![
                    ("x-forwarded-for", "6.6.6.6, 192.0.2.1, 10.1.1.1"),
                    ("x-forwarded-proto", "https"),
                ],
                ("192.0.2.1", true),
            ),
            (
                vec![
                    ("x-forwarded-for", "6.6.6.6"),
                    ("x-forwarded-for", "192.0.2.1"),
                ],
                ("192.0.2.1", false),
            ),
            (
                vec![("x-forwarded-for", "10.1.1.2, 10.1.1.1")],
                ("10.1.1.2", false),
            ),
            (vec![("x-forwarded-for", "6.6.6.6, evil")], (PROXY, false)),
            (
                vec![("x-forwarded-for", "[2001:db8::1]:80")],
                ("2001:db8::1", false),
            ),
            (vec![("x-forwarded-proto", "https, http")], (PROXY, false)),
            (
                vec![(
                    "forwarded",
                    "for=6.6.6.6, for=\"[2001:db8::1]:4711\";Proto=HTTPS;by=10.1.1.1",
                )],
                ("2001:db8::1", true),
            ),
            (
                vec![
                    ("forwarded", "for=6.6.6.6;proto=https"),
                    ("x-forwarded-for", "192.0.2.1"),
                ],
                ("192.0.2.1", false),
            ),
            (
                vec![("forwarded", "for=_hidden, for=unknown")],
                (PROXY, false),
            ),
        ] {
            let (address, secure) = behind(PROXY, &headers);
            assert_eq!((address.as_str(), secure), expected, "{headers:?}");
        }
    }

    #[test]
    fn of_what_anybody_else_says_nothing_counts() {
        let headers = [
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=127.0.0.1;proto=https"),
        ];
        assert_eq!(
            behind("192.0.2.9", &headers),
            ("192.0.2.9".to_owned(), false)
        );
    }
}
