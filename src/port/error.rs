//! Why a port did not do what was asked.

use super::{NotALine, NotAMark, NotATurn};
use crate::clock::minute;
use crate::pulse::NotAPulse;
use crate::record::{Offset, Time};
use crate::right::Right;
use crate::settings::Invalid;
use crate::state::{Phase, PortState, Reach};

/// Why a port did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PortError {
    #[error("{}; ask an administrator of this server", forbidden(name, *needed, *had))]
    NotAllowed {
        name: String,
        needed: Right,
        had: Option<Right>,
    },
    #[error(
        "{name} is booked by {by} until {}; wait until then, book it for afterwards, or {}",
        minute(*until),
        end_of_booking(by, *yours)
    )]
    Booked {
        name: String,
        by: String,
        until: Time,
        /// The number of the booking, for whoever may end it.
        yours: Option<u64>,
    },
    #[error("{holder} has the turn on {name}; ask for it, or take it over by force")]
    Taken { name: String, holder: String },
    #[error("{name}: {why}")]
    Turn { name: String, why: NotATurn },
    #[error("{name} is not open (it is {phase}); open it first, or wait until its device is back")]
    NotOpen { name: String, phase: &'static str },
    #[error(
        "the queue of {name} is full: the device does not take what is written. \
         Wait, cancel what is queued, or look at its flow control"
    )]
    QueueFull { name: String },
    #[error("cancelled after {written} bytes had reached the device")]
    Cancelled { written: usize },
    #[error("the device went away after {written} bytes")]
    Lost { written: usize },
    #[error(transparent)]
    Settings(#[from] Invalid),
    #[error(transparent)]
    Pulse(#[from] NotAPulse),
    #[error(transparent)]
    Mark(#[from] NotAMark),
    #[error(transparent)]
    Line(#[from] NotALine),
    #[error("too much was said on {name} just now; try again in {seconds} s")]
    TooMuchSaid { name: String, seconds: u64 },
    #[error(
        "{name} has no offset {at} to pin a mark to; its journal reaches from {} to {}",
        reach.oldest,
        reach.head
    )]
    OutOfRange {
        name: String,
        at: Offset,
        reach: Reach,
    },
    #[error("{most} macros are at work on {name} already, which is as many as may; stop one")]
    TooManyRuns { name: String, most: usize },
    #[error("a sequence or BREAK is being played on {name}; try again when it has ended")]
    Playing { name: String },
    #[error("{name}: {message}")]
    NotSupported { name: String, message: String },
    #[error("{name}: {message}")]
    Device { name: String, message: String },
}

/// What somebody may not do with a port, beside what they may.
fn forbidden(port: &str, needed: Right, had: Option<Right>) -> String {
    let deed = |right| match right {
        Right::See => "see",
        Right::Type => "type on",
        Right::Control => "control",
        Right::Administer => "administer",
    };
    match had {
        Some(had) => format!("you may {} {port}, but not {} it", deed(had), deed(needed)),
        None => format!("you may not {} {port}", deed(needed)),
    }
}

/// How a booking ends before its time.
fn end_of_booking(by: &str, yours: Option<u64>) -> String {
    match yours {
        Some(id) => format!("end booking {id}, which you may"),
        None => format!("ask {by}, or who administers its ports, to end it"),
    }
}

impl PortError {
    /// The same error for a write of which so many bytes had reached the device.
    pub(super) fn after(self, written: usize) -> Self {
        match self {
            Self::Cancelled { .. } => Self::Cancelled { written },
            Self::Lost { .. } => Self::Lost { written },
            other => other,
        }
    }

    /// What a port in this state does not do.
    pub(super) fn not_open(state: &PortState) -> Self {
        let phase = match state.phase {
            Phase::Closed => "closed",
            Phase::Opening => "being opened",
            Phase::Open => "stopping",
            Phase::Waiting => "waiting for its device",
            Phase::Released => "released",
        };
        Self::NotOpen {
            name: state.name.clone(),
            phase,
        }
    }
}
