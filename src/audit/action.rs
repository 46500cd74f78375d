//! An action: what somebody did, and its outcome.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The server began.
    ServerStart,
    /// It ended in order.
    ServerStop,
    /// Somebody gave a password or a token to get in.
    SignIn,
    /// Somebody signed out.
    SignOut,
    /// A connection began that stays: a socket, or a program at a port's door.
    Connect,
    /// It ended.
    Disconnect,
    /// Bytes were written to a device; they stand in the port's journal, at `offset`.
    Type,
    /// What waited to be written was thrown away.
    Cancel,
    /// Everything that was going on was stopped.
    Halt,
    /// A device was opened, or taken back.
    Open,
    /// It was closed, for another program.
    Release,
    /// It was given to a program for a while.
    Lend,
    /// That program is done with it.
    Return,
    /// A file was written to it.
    Flash,
    /// The line settings were changed.
    Settings,
    /// DTR, RTS or both were set.
    Lines,
    /// A BREAK was sent.
    Break,
    /// A sequence of line changes was played.
    Pulse,
    /// A moment was marked.
    Mark,
    /// A macro was started.
    Macro,
    /// A macro was stopped.
    Stop,
    /// Where programs reach the port was changed.
    Doors,
    /// Ports were booked, or a booking was changed or ended.
    Book,
    /// The turn was handed over or taken by force, or turns were turned on or off.
    Turn,
    /// Something was said to all who watch.
    Say,
    /// A panel was kept or deleted.
    Panel,
    /// An account was made, changed or removed.
    User,
    /// A password was changed.
    Password,
    /// A token was made or revoked.
    Token,
    /// A link was made or revoked.
    Share,
    /// Something else was asked for.
    Request,
    /// Entries are missing: `times` of them.
    Lost,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was done.
    #[default]
    Done,
    /// Whoever asked may not.
    Refused,
    /// It could not be done.
    Failed,
}

impl Action {
    /// The word for it.
    pub fn word(self) -> String {
        word(&self)
    }
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> String {
        word(&self)
    }
}

fn word(of: &impl Serialize) -> String {
    let value = serde_json::to_value(of).expect("a word is plain data");
    value.as_str().expect("a word is a text").to_owned()
}

impl std::str::FromStr for Action {
    type Err = serde::de::value::Error;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::deserialize(serde::de::value::StrDeserializer::new(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_known_by_its_word() {
        assert_eq!("server-start".parse(), Ok(Action::ServerStart));
        assert_eq!(Action::SignIn.word(), "sign-in");
        let error = "typing".parse::<Action>().unwrap_err().to_string();
        assert!(error.contains("`type`"), "{error}");
    }
}
