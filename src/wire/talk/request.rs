//! What a client asks for.

use serde::Deserialize;

use crate::doors;
use crate::hex::{self, NotHex};
use crate::record::{Offset, Time};
use crate::settings::Change;
use crate::state::Reach;
use crate::values::Spec;
use crate::wire::Channel;
use crate::wire::key::PageKey;
use crate::wire::name::Name;
use crate::wire::wish::{
    Break, ChangeTurn, Expect, NewLine, NewMark, Pulse, Script, SetLines, Stop, Touch,
};

/// Where a subscription begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// With the next byte.
    Now,
    /// With the oldest byte that is kept.
    Oldest,
    /// With this byte.
    Offset(Offset),
    /// This many bytes before the head.
    Back(u64),
}

impl From {
    /// The offset in a journal that reaches so far; none where it lies beyond the head.
    pub fn within(self, reach: &Reach) -> Option<Offset> {
        match self {
            Self::Now => Some(reach.head),
            Self::Oldest => Some(reach.oldest),
            Self::Back(bytes) => Some(Offset(reach.head.0.saturating_sub(bytes)).max(reach.oldest)),
            Self::Offset(offset) => (offset <= reach.head).then_some(offset),
        }
    }
}

impl<'de> Deserialize<'de> for From {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Number(i64),
            Word(String),
        }
        match Raw::deserialize(deserializer) {
            Ok(Raw::Number(number @ 0..)) => Ok(Self::Offset(Offset(number as u64))),
            Ok(Raw::Number(number)) => Ok(Self::Back(number.unsigned_abs())),
            Ok(Raw::Word(word)) if word == "now" => Ok(Self::Now),
            Ok(Raw::Word(word)) if word == "oldest" => Ok(Self::Oldest),
            _ => Err(serde::de::Error::custom(
                "\"from\" is an offset, a negative number of bytes before the head, \"now\" or \"oldest\"",
            )),
        }
    }
}

/// The bytes of a JSON write: as text, sent as UTF-8, or as pairs of hex digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[expect(missing_docs, reason = "the two ways")]
pub struct Payload {
    pub text: Option<String>,
    pub hex: Option<String>,
}

impl Payload {
    /// The bytes, or what is wrong.
    pub fn into_bytes(self) -> Result<Vec<u8>, NoBytes> {
        match (self.text, self.hex) {
            (Some(text), None) => Ok(text.into_bytes()),
            (None, Some(hex)) => Ok(hex::decode(&hex)?),
            _ => Err(NoBytes::Neither),
        }
    }
}

/// A write without bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NoBytes {
    #[error("a write has either \"text\" or \"hex\"")]
    Neither,
    #[error(transparent)]
    Hex(#[from] NotHex),
}

/// Reads how values are found, and says where that is wrong.
fn parser<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Spec>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    let spec = value.map(|value| Spec::read(&value)).transpose();
    spec.map_err(|error| serde::de::Error::custom(error.within("values")))
}

/// What a subscription is to be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Subscribe {
    /// The port's name.
    pub port: String,
    /// Where it begins.
    pub from: From,
    /// Where it ends; it stays live without.
    pub to: Option<Offset>,
    /// The journal whose offset that is.
    pub journal: Option<u32>,
    /// Bytes that the client is ready for; no bound without.
    pub credit: Option<u64>,
    /// Whether the client runs a terminal that could answer the device.
    #[serde(default)]
    pub answers: bool,
    /// How values are found, if they are wanted instead of bytes.
    #[serde(default, deserialize_with = "parser")]
    pub values: Option<Spec>,
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docs/protocol.md defines each")]
pub enum Request {
    Subscribe(Subscribe),
    Unsubscribe {
        channel: Channel,
    },
    Credit {
        channel: Channel,
        bytes: u64,
    },
    Write {
        port: String,
        #[serde(flatten)]
        payload: Payload,
        remember: Option<String>,
        #[serde(default)]
        answer: bool,
    },
    Cancel {
        port: String,
    },
    Open {
        port: String,
    },
    Release {
        port: String,
    },
    Set {
        port: String,
        settings: Change,
    },
    Lines {
        port: String,
        #[serde(flatten)]
        lines: SetLines,
    },
    Doors {
        port: String,
        #[serde(flatten)]
        change: doors::Change,
    },
    Break {
        port: String,
        #[serde(flatten)]
        length: Break,
    },
    Pulse {
        port: String,
        #[serde(flatten)]
        pulse: Pulse,
    },
    Mark {
        port: String,
        #[serde(flatten)]
        mark: NewMark,
    },
    Moment {
        port: String,
        time: Time,
    },
    Request {
        port: String,
        #[serde(flatten)]
        expect: Expect,
    },
    Abort {
        request: u32,
    },
    Run {
        port: String,
        #[serde(flatten)]
        script: Script,
    },
    Use {
        port: String,
        #[serde(flatten)]
        touch: Touch,
    },
    Stop {
        port: String,
        #[serde(flatten)]
        stop: Stop,
    },
    Halt {
        port: String,
    },
    Sent {
        port: String,
    },
    Answer {
        port: String,
    },
    Turn {
        port: String,
        #[serde(flatten)]
        change: ChangeTurn,
    },
    Say {
        port: String,
        #[serde(flatten)]
        line: NewLine,
    },
    Key {
        key: PageKey,
    },
    Name {
        name: Name,
    },
    Ping,
}

/// A client's text message: a request and the number that its answer repeats.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Ask {
    /// For the answer.
    pub id: Option<u32>,
    /// What is asked.
    #[serde(flatten)]
    pub request: Request,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_either_text_or_hex() {
        let payload = |text: Option<&str>, hex: Option<&str>| {
            let (text, hex) = (text.map(str::to_owned), hex.map(str::to_owned));
            Payload { text, hex }.into_bytes()
        };
        assert_eq!(payload(Some("a"), None).unwrap(), b"a");
        assert_eq!(payload(None, Some("00 fF")).unwrap(), [0, 255]);
        assert_eq!(payload(None, None), Err(NoBytes::Neither));
        assert_eq!(payload(Some(""), Some("")), Err(NoBytes::Neither));
        assert_eq!(payload(None, Some("1")), Err(NoBytes::Hex(NotHex::Odd)));
    }
}
