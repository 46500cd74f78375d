//! What the server says: answers, and what is told unasked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Limits, Refusal};
use crate::doors;
use crate::record::{Offset, Time};
use crate::right::Right;
use crate::settings::Line;
use crate::state::Seen;
use crate::wire::Channel;

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
