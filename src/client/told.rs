//! Told: what a server says in talk, as a client reads it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ClientError;
use crate::record::Offset;
use crate::right::Right;
use crate::state::Seen;
use crate::wire::Channel;

/// A text message of the server. `docs/protocol.md` defines each.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "docs/protocol.md defines each")]
pub enum Told {
    Hello(Hello),
    Ports {
        ports: Vec<Seen>,
    },
    Port {
        port: Box<Seen>,
    },
    PortGone {
        name: String,
    },
    Subscribed(Subscribed),
    Ended {
        channel: Channel,
    },
    Written {
        id: Option<u32>,
        offset: Offset,
        length: usize,
    },
    Done {
        id: Option<u32>,
        #[serde(flatten)]
        answer: Map<String, Value>,
    },
    Error {
        id: Option<u32>,
        code: String,
        message: String,
        #[serde(flatten)]
        numbers: Map<String, Value>,
    },
    /// Something else, which this client does not need.
    #[serde(other)]
    Other,
}

/// The server's greeting.
#[derive(Clone, Debug, Deserialize)]
pub struct Hello {
    /// Which version of the protocol it speaks.
    pub protocol: u32,
    /// Who this connection is,
    pub client: String,
    /// and what others see.
    pub name: String,
    /// What it may do.
    pub may: Vec<Right>,
}

/// The answer to a subscription.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Subscribed {
    /// Repeats the question's.
    pub id: Option<u32>,
    /// Names its records.
    pub channel: Channel,
    /// Names the journal that the offsets are of.
    pub journal: u32,
    /// Where it begins.
    pub from: Offset,
    /// The oldest byte that is kept.
    pub oldest: Offset,
    /// Where the journal ended then.
    pub head: Offset,
}

impl Told {
    /// The question that this answers.
    pub fn id(&self) -> Option<u32> {
        match self {
            Self::Written { id, .. } | Self::Done { id, .. } | Self::Error { id, .. } => *id,
            Self::Subscribed(subscribed) => subscribed.id,
            _ => None,
        }
    }

    /// The answer: what it says, or why not.
    pub fn into_answer(self) -> Result<Map<String, Value>, ClientError> {
        match self {
            Self::Error {
                code,
                message,
                numbers,
                ..
            } => Err(ClientError::Refused {
                said: message,
                code,
                told: numbers.into(),
            }),
            Self::Done { answer, .. } => Ok(answer),
            _ => Ok(Map::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_server_is_understood() {
        let talk: Value = serde_json::from_str(include_str!("../../tests/wire/talk.json")).unwrap();
        for said in talk["server"].as_array().unwrap() {
            let told: Told = serde_json::from_value(said.clone())
                .unwrap_or_else(|error| panic!("{said}: {error}"));
            assert_eq!(
                told.id().map(u64::from),
                said["id"].as_u64().filter(|_| said["type"] != "started"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_word_of_a_later_server_is_passed_over() {
        let told = serde_json::from_str(r#"{"type": "weather", "id": 7, "rain": true}"#);
        assert!(matches!(told, Ok(Told::Other)), "{told:?}");
    }
}
