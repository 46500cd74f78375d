//! Noted: where the Note stands that somebody has made.

use serde::Serialize;
use utoipa::ToSchema;

use crate::port::Port;
use crate::record::{Offset, Time};

/// Where a Note stands.
#[derive(Serialize, ToSchema)]
pub struct Noted {
    /// Its place in the journal.
    offset: Offset,
    /// When it was made.
    time: Time,
    /// Names the journal that the offset is of.
    journal: u32,
}

impl Noted {
    /// The Note of a port that was made just now, and so is in memory still.
    pub fn now(port: &Port, offset: Offset) -> Self {
        let journal = port.journal();
        Self {
            offset,
            time: journal.time_of(offset).unwrap_or_else(Time::now),
            journal: journal.reach().id,
        }
    }
}
