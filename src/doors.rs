//! Doors: where programs reach a port over RFC 2217 and raw TCP, and what is asked of that.

use std::fmt;
use std::net::SocketAddr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// What is spoken at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Telnet with COM-PORT-OPTION.
    Rfc2217,
    /// The port's bytes and nothing else.
    Tcp,
}

impl Dialect {
    /// The scheme of its links. Plain ones are as pyserial and PlatformIO take them; within TLS nobody
    /// takes RFC 2217 by an address.
    pub fn scheme(self, tls: bool) -> &'static str {
        match (self, tls) {
            (Self::Rfc2217, false) => "rfc2217",
            (Self::Rfc2217, true) => "rfc2217+tls",
            (Self::Tcp, false) => "socket",
            (Self::Tcp, true) => "tls",
        }
    }

    /// Its key in the configuration.
    pub fn key(self) -> &'static str {
        match self {
            Self::Rfc2217 => "rfc2217",
            Self::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Dialect {
    /// The flag and the door's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// Where a door is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Where it listens.
    pub socket: SocketAddr,
    /// Whether TLS is spoken there.
    pub tls: bool,
}

/// What an address within TLS begins with.
const TLS: &str = "tls://";

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.tls { TLS } else { "" }, self.socket)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bare = text.strip_prefix(TLS);
        let socket = bare.unwrap_or(&text).parse().map_err(D::Error::custom)?;
        let tls = bare.is_some();
        Ok(Self { socket, tls })
    }
}

/// The addresses of a port's doors, such as `127.0.0.1:4000` or `tls://192.168.1.7:4000`; one without any is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Doors {
    /// Those where RFC 2217 is spoken.
    #[schema(value_type = Vec<String>)]
    pub rfc2217: Vec<Address>,
    /// Those of raw TCP.
    #[schema(value_type = Vec<String>)]
    pub tcp: Vec<Address>,
}

impl Doors {
    /// The addresses of one door.
    pub fn of(&mut self, dialect: Dialect) -> &mut Vec<Address> {
        match dialect {
            Dialect::Rfc2217 => &mut self.rfc2217,
            Dialect::Tcp => &mut self.tcp,
        }
    }
}

/// How the programs of a port are treated, besides what they ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Whether DTR and RTS are moved as RFC 2217 clients send it, without a thought for networks.
    pub as_sent: bool,
    /// The sequence that is played for a client of raw TCP, which can move no line itself, when it
    /// comes and is the only one.
    pub reset: Option<String>,
}

/// What is asked of a port's doors: an address opens one or moves it, `null` closes it, and what is
/// absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DoorsChange)]
pub struct Change {
    /// `HOST:PORT`, `:PORT` or just `PORT`, for RFC 2217; behind `tls://` within TLS.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub rfc2217: Option<Option<String>>,
    /// The same for raw TCP.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub tcp: Option<Option<String>>,
}

impl Change {
    /// What is asked for: the door, and its address.
    pub fn wishes(self) -> impl Iterator<Item = (Dialect, Option<String>)> {
        let all = [(Dialect::Rfc2217, self.rfc2217), (Dialect::Tcp, self.tcp)];
        all.into_iter()
            .filter_map(|(dialect, wish)| Some((dialect, wish?)))
    }
}

/// Tells a `null` from what is not there.
fn present<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(field).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_whether_tls_is_spoken_there() {
        for text in [r#""127.0.0.1:4000""#, r#""tls://[::1]:4000""#] {
            let address: Address = serde_json::from_str(text).expect(text);
            assert_eq!(address.tls, text.contains("tls"));
            assert_eq!(serde_json::to_string(&address).unwrap(), text);
        }
        assert!(serde_json::from_str::<Address>(r#""ssl://127.0.0.1:4000""#).is_err());
    }

    #[test]
    fn null_closes_and_what_is_absent_stays() {
        let wishes = |text: &str| {
            let change: Change = serde_json::from_str(text).expect(text);
            change.wishes().collect::<Vec<_>>()
        };
        assert_eq!(wishes("{}"), []);
        assert_eq!(wishes(r#"{"tcp": null}"#), [(Dialect::Tcp, None)]);
        assert_eq!(
            wishes(r#"{"tcp": null, "rfc2217": "4000"}"#),
            [
                (Dialect::Rfc2217, Some("4000".to_owned())),
                (Dialect::Tcp, None)
            ]
        );
        assert!(serde_json::from_str::<Change>(r#"{"telnet": "4000"}"#).is_err());
    }
}
