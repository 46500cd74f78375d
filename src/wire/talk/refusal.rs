//! Why something that a client asked for was not done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    Booked,
    UnknownBooking,
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
