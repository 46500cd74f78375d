//! Right: what somebody may do with a port. A **grant** gives a right on ports by a pattern of their
//! names; **rights** are all grants of one person or program, or what a link gives to a **guest**.

mod grant;
mod rights;

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use grant::{Grant, NotAGrant};
pub use rights::{Guest, Rights};

/// What somebody may do with a port. Each includes those before it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// See what passes over it, now and earlier.
    See,
    /// Write to its device.
    Type,
    /// Change settings and lines, release, lend, flash.
    Control,
    /// Decide how others reach it.
    Administer,
}

impl Right {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::See, Self::Type, Self::Control, Self::Administer];

    /// It and those that it includes, the least first.
    pub fn and_below(self) -> &'static [Self] {
        &Self::ALL[..=self as usize]
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::See => "see",
            Self::Type => "type",
            Self::Control => "control",
            Self::Administer => "administer",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
