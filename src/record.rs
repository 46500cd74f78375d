//! A record: one entry of a port's journal, and the offset and time that place it there.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The place of a byte in its port's journal. One number line counts Rx, Tx and Note payloads;
/// an offset names its byte for ever.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct Offset(pub u64);

impl Offset {
    /// The offset `bytes` further on.
    pub fn plus(self, bytes: usize) -> Self {
        Self(self.0 + bytes as u64)
    }

    /// How many bytes `self` lies behind `earlier`; 0 if it does not.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number for a new journal, by which its offsets are told from those of any other.
pub fn new_journal() -> u32 {
    // One that is only improbable to be the same twice will do where the system has no better.
    getrandom::u32().unwrap_or_else(|_| Time::now().0 as u32)
}

/// A moment: microseconds since 1970-01-01T00:00:00Z by the server's clock, which may jump.
/// Records are ordered by offset, never by time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct Time(pub u64);

impl Time {
    /// The present moment.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// How long whoever waits for it sleeps before they look again: a minute at most, for the clock may
    /// jump, such as that of a machine that learns the time from the network. No time at all once it has
    /// come.
    pub fn wait(self) -> Duration {
        /// Timers are exact to a millisecond.
        const ROUNDED: u64 = 1000;
        const LONGEST: Duration = Duration::from_secs(60);
        match self.0.saturating_sub(Self::now().0) {
            0 => Duration::ZERO,
            left => Duration::from_micros(left.saturating_add(ROUNDED)).min(LONGEST),
        }
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH);
        Self(since.map_or(0, |since| since.as_micros() as u64))
    }
}

/// What a record holds. The numbers are those of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Kind {
    /// Bytes that came in from the device.
    Rx = 1,
    /// Bytes that the device took, typed by the record's author.
    Tx = 2,
    /// Something that happened: a [`Note`] as JSON.
    Note = 3,
}

/// One entry of a journal, borrowed from where it was read to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// What the record holds.
    pub kind: Kind,
    /// The place of the first byte.
    pub offset: Offset,
    /// For Rx the moment right after the read returned.
    pub time: Time,
    /// Who typed it; only for Tx.
    pub author: Option<&'a str>,
    /// The payload; never empty.
    pub bytes: &'a [u8],
}

impl Record<'_> {
    /// The offset behind the last byte.
    pub fn end(&self) -> Offset {
        self.offset.plus(self.bytes.len())
    }
}

/// Why bytes are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// They are no longer kept, or could not be recorded.
    Dropped,
    /// They were left out of the recording on purpose.
    Withheld,
    /// The program ended without warning before they were stored. Some of these offsets were never
    /// used.
    Crash,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "are no longer kept",
            Self::Withheld => "were left out of the recording",
            Self::Crash => "were not stored yet when seriald ended without warning, or never used",
        })
    }
}

/// The bytes from `from` up to `to` are not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes from offset {from} up to {to} {why}")]
pub struct Gap {
    /// The first byte that is missing.
    pub from: Offset,
    /// Where the journal goes on.
    pub to: Offset,
    /// Why they are missing.
    pub why: Why,
}

impl Gap {
    /// The part of it before an offset.
    pub fn up_to(self, end: Offset) -> Self {
        Self {
            to: self.to.min(end),
            ..self
        }
    }
}

/// A stretch of one journal, with something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Excerpt {
    /// The number of the journal that the offsets are of.
    pub journal: u32,
    /// The first byte,
    pub from: Offset,
    /// and the one behind the last.
    pub to: Offset,
    /// The time of the first record,
    pub since: Time,
    /// and of the last.
    pub until: Time,
}

/// What a [`Note`] tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The device was opened.
    Opened,
    /// The device went away.
    Lost,
    /// The device cannot be opened now; it is tried again.
    Waiting,
    /// The device was closed on request, for another program.
    Released,
    /// The line settings were changed.
    Settings,
    /// DTR or RTS was set.
    Lines,
    /// A BREAK was sent.
    BreakSent,
    /// A BREAK came in.
    Break,
    /// A sequence of line changes was played.
    Pulse,
    /// Queued writes were thrown away.
    Cancelled,
    /// Somebody marked the moment.
    Mark,
    /// A trigger found something.
    Trigger,
    /// Everything that was going on was stopped.
    Halt,
    /// The recording stopped, or goes on.
    Recording,
    /// A file is being written to the device by a program, or was.
    Flash,
    /// A door for programs was opened, moved or closed.
    Door,
    /// The turn was handed over or taken by force, or turns were turned on or off.
    Turn,
    /// Somebody said something to all who watch.
    Said,
    /// A booking begins, goes on for another time, or is over.
    Booked,
}

/// Something that happened to a port, as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The kind of event, for programs.
    pub what: What,
    /// A sentence for people.
    pub text: String,
    /// The person or program that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The moment that a mark is pinned to, if that is not its own place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Offset>,
    /// The time of that moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// How long the line is that is coloured, in bytes of the journal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// The colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// The exit code of a program that has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
}

impl Note {
    /// A Note that says no more than this.
    pub fn new(what: What, text: impl Into<String>) -> Self {
        Self {
            what,
            text: text.into(),
            by: None,
            at: None,
            time: None,
            length: None,
            colour: None,
            code: None,
        }
    }
}

/// How something is rated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub enum Colour {
    Good,
    Warn,
    Bad,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_waited_for_until_it_has_come_but_a_minute_at_most() {
        let now = Time::now();
        assert_eq!(now.wait(), Duration::ZERO);
        assert_eq!(Time(u64::MAX).wait(), Duration::from_secs(60));
        let soon = Time(now.0 + 30_000_000).wait();
        assert!((1..=31).contains(&soon.as_secs()), "{soon:?}");
    }
}
