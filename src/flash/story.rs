//! A story: what is written to a device, by what and for whom, and how that ended.

use serde::Serialize;
use utoipa::ToSchema;

use crate::record::Time;

/// Why a flash has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = FlashWhy)]
pub enum Why {
    /// The program ended by itself.
    Exit,
    /// A signal ended it.
    Signal,
    /// It took too long.
    Time,
    /// Somebody ended it.
    Stopped,
    /// Somebody took the device back.
    TakenBack,
    /// The server stops.
    Server,
}

/// How a flash has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlashEnd)]
pub struct End {
    /// Why.
    pub why: Why,
    /// The exit code, where the program ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it, where that was nobody here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// What is written, by what, for whom.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = FlashStory)]
pub struct Story {
    /// The flasher's name,
    pub command: String,
    /// and what people call it.
    pub title: String,
    /// What the file was called where it came from.
    pub file: String,
    /// In bytes.
    pub size: usize,
    /// Of the file, in hex digits.
    pub sha256: String,
    /// Who sent it.
    pub by: String,
    /// When it began.
    pub since: Time,
    /// When it is ended at the latest.
    pub until: Time,
}

impl End {
    /// The same as a sentence about the flasher of this title.
    pub(super) fn told(&self, title: &str) -> String {
        let seconds = self.ms as f64 / 1000.0;
        match (self.why, self.code, self.signal) {
            (Why::Exit, code, _) => {
                let code = code.unwrap_or_default();
                format!("{title} ended after {seconds:.1} s with exit code {code}")
            }
            (Why::Signal, _, signal) => {
                let signal = signal.unwrap_or_default();
                format!("{title} was ended after {seconds:.1} s by signal {signal}")
            }
            (Why::Time, ..) => format!("{title} was ended after {seconds:.1} s: its time was over"),
            (Why::Stopped, ..) => format!("{title} was ended after {seconds:.1} s on request"),
            (Why::TakenBack, ..) => {
                format!("{title} was ended after {seconds:.1} s: the device was taken back")
            }
            (Why::Server, ..) => {
                format!("{title} was ended after {seconds:.1} s: the server stops")
            }
        }
    }
}
