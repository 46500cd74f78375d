//! Talk: the JSON text messages of `/api/v1/socket`, both ways.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Channel;
use super::key::PageKey;
use super::name::Name;
use super::wish::{
    Break, ChangeTurn, Expect, NewLine, NewMark, Pulse, Script, SetLines, Stop, Touch,
};
use crate::doors;
use crate::hex::{self, NotHex};
use crate::record::{Offset, Time};
use crate::right::Right;
use crate::settings::{Change, Line};
use crate::state::{Reach, Seen};
use crate::values::Spec;

/// What a client must stay below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Bytes in one message from a client.
    pub message: usize,
    /// Bytes in one write.
    pub write: usize,
    /// Subscriptions on one connection.
    pub subscriptions: usize,
}

/// The limits of this version.
pub const LIMITS: Limits = Limits {
    message: 1 << 20,
    write: 64 * 1024,
    subscriptions: 256,
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

/// What came in, up to the end of what was waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reply {
    /// All of it.
    pub text: String,
    /// The match, and its groups as far as they are part of it.
    #[serde(rename = "match")]
    pub groups: Vec<Option<String>>,
    /// The place of the match.
    pub offset: Offset,
    /// From there to behind its last byte, with what lies between.
    pub length: u64,
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

/// Why a request failed, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docs/protocol.md defines each")]
pub enum Code {
    BadMessage,
    UnknownPort,
    UnknownChannel,
    Forbidden,
    NotOpen,
    QueueFull,
    TooLarge,
    BadSettings,
    NotSupported,
    Cancelled,
    OutOfRange,
    Device,
    TooMany,
    TimedOut,
    UnknownPanel,
    BadPanel,
    Failed,
    Changed,
    Address,
    UnknownCommand,
    NotRunning,
    UnknownUser,
    UnknownToken,
    UnknownShare,
    Conflict,
    Throttled,
    TurnTaken,
}

/// Why a request failed: for programs, for people, and the numbers that belong to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Refusal {
    /// For programs.
    pub code: Code,
    /// For people; names the way out.
    pub message: String,
    /// Numbers by name, and what came in.
    #[serde(flatten)]
    pub numbers: serde_json::Map<String, serde_json::Value>,
}

impl Refusal {
    /// A refusal without numbers.
    pub fn new(code: Code, message: impl ToString) -> Self {
        Self {
            code,
            message: message.to_string(),
            numbers: serde_json::Map::new(),
        }
    }

    /// Adds a number, or a text.
    pub fn with(mut self, name: &str, number: impl Into<serde_json::Value>) -> Self {
        self.numbers.insert(name.to_owned(), number.into());
        self
    }
}

/// What an answer says besides that it is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// The line settings that are in force now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Line>,
    /// The send history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<String>>,
    /// Where programs reach the port now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doors: Option<doors::Doors>,
    /// Where the Note stands, or what comes at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
    /// What others see of the client now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What came in.
    #[serde(flatten)]
    pub reply: Option<Reply>,
}

/// What a trigger wants people to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alert {
    /// The port.
    pub port: String,
    /// The panel.
    pub panel: String,
    /// The trigger's name in it,
    pub trigger: String,
    /// and what it is called.
    pub title: String,
    /// What it says.
    pub text: String,
    /// The place of the line that it is about.
    pub offset: Offset,
    /// When that came.
    pub time: Time,
}

/// A page of the user's own that has a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// Where it is, relative to the root of the server.
    pub path: String,
    /// What people call it.
    pub title: String,
    /// Whom it is for, as its manifest says.
    #[serde(rename = "for")]
    pub bound: Option<serde_json::Value>,
    /// The ports that it is for now.
    pub ports: Vec<String>,
    /// What is wrong with its manifest.
    pub problem: Option<String>,
}

/// A panel, as the list tells of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Panel {
    /// Its name.
    pub name: String,
    /// What its tab says; the name of one that cannot be used.
    pub title: String,
    /// Whom it is for, as it stands in the panel.
    #[serde(rename = "for")]
    pub bound: Option<serde_json::Value>,
    /// The ports that are meant, now.
    pub ports: Vec<String>,
    /// Another one after each change.
    pub version: String,
    /// Whether there is an emergency stop on it.
    pub stop: bool,
    /// How many of its triggers are on.
    pub triggers: usize,
    /// Why it cannot be used.
    pub problem: Option<String>,
}

/// What the server says.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docs/protocol.md defines each")]
pub enum Say<'a> {
    Hello {
        protocol: u32,
        version: &'a str,
        boot: &'a str,
        client: &'a str,
        name: &'a str,
        time: Time,
        may: &'a [Right],
        limits: Limits,
    },
    Ports {
        ports: Vec<Seen>,
    },
    Port {
        port: &'a Seen,
    },
    PortGone {
        name: &'a str,
    },
    Pages {
        pages: &'a [Page],
    },
    Panels {
        panels: &'a [Panel],
    },
    Alert(&'a Alert),
    Ended {
        channel: Channel,
    },
    Subscribed {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        port: &'a str,
        channel: Channel,
        journal: u32,
        from: Offset,
        oldest: Offset,
        head: Offset,
    },
    Written {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        offset: Offset,
        length: usize,
    },
    Started {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        run: u32,
    },
    Done {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        #[serde(flatten)]
        answer: Answer,
    },
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        #[serde(flatten)]
        refusal: &'a Refusal,
    },
}

impl Say<'_> {
    /// The text message.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("talk is plain data")
    }
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
