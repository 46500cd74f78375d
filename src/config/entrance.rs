//! An entrance: an address where programs reach one port, over RFC 2217 or raw TCP, plain or within TLS.

use std::str::FromStr;

use super::spec::is_port_name;

/// An entrance as it is named on the command line: `[NAME=][tls://]ADDR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrance {
    /// The port; the first one unless given.
    pub port: Option<String>,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// `HOST:PORT`.
    pub address: String,
}

/// Why something is not an entrance.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAnEntrance {
    #[error("\"{0}\" cannot be a port's name")]
    Name(String),
    #[error(
        "\"{0}\" is no address; give HOST:PORT or a port alone, such as 127.0.0.1:4000 or 4000"
    )]
    Address(String),
}

impl FromStr for Entrance {
    type Err = NotAnEntrance;

    /// Without a host, as in `4000` or `:4000`, it is this machine alone.
    fn from_str(text: &str) -> Result<Self, NotAnEntrance> {
        let (port, address) = match text.split_once('=') {
            Some((name, _)) if !is_port_name(name) => {
                return Err(NotAnEntrance::Name(name.to_owned()));
            }
            Some((name, address)) => (Some(name.to_owned()), address),
            None => (None, text),
        };
        let (tls, address) = match address.strip_prefix("tls://") {
            Some(address) => (true, address),
            None => (false, address),
        };
        let (host, number) = address.rsplit_once(':').unwrap_or(("", address));
        if number.parse::<u16>().is_err() {
            return Err(NotAnEntrance::Address(address.to_owned()));
        }
        let host = if host.is_empty() { "127.0.0.1" } else { host };
        Ok(Self {
            port,
            tls,
            address: format!("{host}:{number}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entrances_are_read_in_every_form() {
        for (text, port, tls, address) in [
            ("4000", None, false, "127.0.0.1:4000"),
            (":4000", None, false, "127.0.0.1:4000"),
            ("a=4000", Some("a"), false, "127.0.0.1:4000"),
            ("a=[::1]:4000", Some("a"), false, "[::1]:4000"),
            ("a=localhost:0", Some("a"), false, "localhost:0"),
            ("tls://0.0.0.0:4000", None, true, "0.0.0.0:4000"),
            ("a=tls://4000", Some("a"), true, "127.0.0.1:4000"),
        ] {
            let entrance: Entrance = text.parse().expect(text);
            let expected = Entrance {
                port: port.map(str::to_owned),
                tls,
                address: address.to_owned(),
            };
            assert_eq!(entrance, expected, "{text}");
        }
        for text in [
            "",
            "a=",
            "a b=4000",
            "127.0.0.1",
            "a=127.0.0.1:70000",
            "ssl://4000",
        ] {
            assert!(text.parse::<Entrance>().is_err(), "{text}");
        }
    }
}
