//! An entry: one thing that somebody did, or was refused.

use std::fmt::{self, Write};
use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::action::{Action, Outcome};
use crate::clock;
use crate::record::{Offset, Time};

/// The longest text of an entry, in characters.
const LONGEST: usize = 500;

/// One thing that was done, or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    /// When; of a burst of typing, when it began.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    #[schema(value_type = String, format = DateTime)]
    pub time: Time,
    /// What.
    pub action: Action,
    /// What came of it.
    pub outcome: Outcome,
    /// The account that did it; absent where nobody was asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// What others saw, which whoever has no account may have chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub from: Option<IpAddr>,
    /// The way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door: Option<String>,
    /// The connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Where the first byte that was typed stands in the port's journal, or the Note that tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<Offset>,
    /// The offset behind the last byte that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Offset>,
    /// How many bytes were typed between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How often, if more than once within a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Entry {
    /// That something was done now, by nobody in particular.
    pub fn new(action: Action) -> Self {
        Self {
            time: Time::now(),
            action,
            outcome: Outcome::Done,
            who: None,
            name: None,
            from: None,
            door: None,
            client: None,
            port: None,
            offset: None,
            until: None,
            bytes: None,
            times: None,
            detail: None,
        }
    }

    /// The same of so many bytes that were typed, of which the first stands in the journal at `offset`.
    #[must_use]
    pub fn typed(self, offset: Offset, length: usize) -> Self {
        Self {
            offset: Some(offset),
            until: Some(offset.plus(length)),
            bytes: Some(length as u64),
            ..self
        }
    }

    /// Everything that it says, under the names that it has everywhere.
    pub fn fields(&self) -> [(&'static str, Option<String>); 14] {
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let offset = |offset: Option<Offset>| number(offset.map(|offset| offset.0));
        [
            ("time", Some(clock::clock(self.time))),
            ("action", Some(self.action.word())),
            ("outcome", Some(self.outcome.word())),
            ("who", self.who.clone()),
            ("name", self.name.clone()),
            ("from", self.from.map(|from| from.to_string())),
            ("door", self.door.clone()),
            ("client", self.client.clone()),
            ("port", self.port.clone()),
            ("offset", offset(self.offset)),
            ("until", offset(self.until)),
            ("bytes", number(self.bytes)),
            ("times", number(self.times)),
            ("detail", self.detail.clone()),
        ]
    }

    /// The same with texts that do nothing to a terminal, a line or whoever reads it, and are not too long.
    pub(super) fn harmless(mut self) -> Self {
        let texts = [
            &mut self.who,
            &mut self.name,
            &mut self.door,
            &mut self.client,
            &mut self.port,
            &mut self.detail,
        ];
        for text in texts.into_iter().flatten() {
            *text = harmless(text);
        }
        self
    }

    /// Whether another one says the same, but for when and where in the journal.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        let what = |entry: &Self| {
            (
                entry.action,
                entry.outcome,
                entry.from,
                entry.bytes.is_some(),
            )
        };
        what(self) == what(other)
            && self.client == other.client
            && self.port == other.port
            && self.who == other.who
            && self.name == other.name
            && self.door == other.door
            && self.detail == other.detail
    }
}

fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().take(LONGEST) {
        if is_harmless(letter) {
            out.push(letter);
        } else {
            write!(out, "{}", letter.escape_unicode()).expect("a string takes everything");
        }
    }
    out
}

/// Whether it neither ends a line nor says how others are shown.
fn is_harmless(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    !letter.is_control() && !turns
}

impl fmt::Display for Entry {
    /// A line for people, without the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = self.who.as_ref().or(self.name.as_ref());
        f.write_str(who.map_or("seriald", String::as_str))?;
        let way = [self.from.map(|from| from.to_string()), self.door.clone()];
        let way: Vec<_> = way.into_iter().flatten().collect();
        if !way.is_empty() {
            write!(f, " ({})", way.join(", "))?;
        }
        write!(f, ": {}", self.action.word())?;
        if let Some(port) = &self.port {
            write!(f, " {port}")?;
        }
        if let Some(bytes) = self.bytes {
            write!(f, ", {bytes} bytes")?;
        }
        if let Some(offset) = self.offset {
            write!(f, " at {offset}")?;
        }
        if let Some(times) = self.times {
            write!(f, ", {times} times")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        match self.outcome {
            Outcome::Done => Ok(()),
            outcome => write!(f, " [{}]", outcome.word()),
        }
    }
}

fn write_time<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&clock::clock(*time))
}

fn read_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    clock::parse(&text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An entry whose texts are a stranger's.
    pub fn hostile() -> impl Strategy<Value = Entry> {
        let text = || prop::option::of(any::<String>());
        let texts = (text(), text(), text(), text(), text());
        let numbers = prop::option::of(any::<u64>());
        (texts, numbers, 0..253_402_207_200_999_999u64).prop_map(
            |((who, name, door, port, detail), number, time)| Entry {
                time: Time(time),
                who,
                name,
                door,
                port,
                detail,
                from: Some([10, 0, 0, 7].into()),
                offset: number.map(Offset),
                times: number,
                ..Entry::new(Action::Type)
            },
        )
    }

    proptest! {
        #[test]
        fn no_name_makes_a_line_of_its_own_or_moves_a_cursor(entry in hostile()) {
            let entry = entry.harmless();
            let line = serde_json::to_string(&entry).unwrap();
            for text in [line.clone(), entry.to_string()] {
                prop_assert!(text.chars().all(is_harmless), "{text:?}");
                prop_assert!(text.lines().count() == 1);
            }
            prop_assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), entry);
        }
    }

    #[test]
    fn a_name_that_would_forge_a_line_is_shown_as_it_is() {
        let entry = Entry {
            name: Some("eve\r\n\u{1b}[2J{\"action\":\"sign-in\"}".to_owned()),
            detail: Some("x".repeat(4 * LONGEST)),
            ..Entry::new(Action::Connect)
        };
        let entry = entry.harmless();
        let name = entry.name.as_deref().unwrap();
        assert_eq!(name, "eve\\u{d}\\u{a}\\u{1b}[2J{\"action\":\"sign-in\"}");
        assert_eq!(entry.detail.unwrap().len(), LONGEST);
    }

    #[test]
    fn a_line_for_people_says_who_came_how_and_what_came_of_it() {
        let entry = Entry {
            who: Some("ada".into()),
            name: Some("ada (bench)".into()),
            from: Some([10, 0, 0, 7].into()),
            door: Some("web".into()),
            port: Some("rack1".into()),
            offset: Some(Offset(48213)),
            bytes: Some(12),
            ..Entry::new(Action::Type)
        };
        assert_eq!(
            entry.to_string(),
            "ada (10.0.0.7, web): type rack1, 12 bytes at 48213"
        );
        let refused = Entry {
            detail: Some("the password is wrong".into()),
            outcome: Outcome::Refused,
            times: Some(3),
            ..Entry::new(Action::SignIn)
        };
        assert_eq!(
            refused.to_string(),
            "seriald: sign-in, 3 times: the password is wrong [refused]"
        );
    }
}
