//! Wishes: what can be asked of a port in the same words on the socket and over REST.

use std::time::Duration;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::record::Offset;
use crate::state::TurnAct;

/// What is written, and what is waited for in what comes in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// What is written, as text,
    pub text: Option<String>,
    /// or as pairs of hex digits; without either it is only listened.
    pub hex: Option<String>,
    /// The regular expression that is waited for; a line without.
    pub until: Option<String>,
    /// How long it is waited for, in milliseconds: 1 to 3600000, 5000 if absent.
    #[schema(minimum = 1, maximum = 3600000)]
    pub timeout: Option<u64>,
    /// Whether large and small letters differ.
    #[serde(default)]
    pub case: bool,
}

/// A macro that is to run: its steps, or where it stands.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Its steps.
    pub steps: Option<serde_json::Value>,
    /// The panel that it is of,
    pub panel: Option<String>,
    /// and its name in it.
    #[serde(rename = "macro")]
    pub id: Option<String>,
}

/// A touch of a widget.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Touch {
    /// The panel's name.
    pub panel: String,
    /// The widget's id.
    pub widget: String,
    /// What the widget is set to.
    pub value: Option<serde_json::Value>,
}

/// A text that is to be pinned to a moment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMark {
    /// What it says, in 1 to 1000 characters.
    #[schema(min_length = 1, max_length = 1000)]
    pub text: String,
    /// The moment: an offset anywhere in the journal; now if absent.
    pub at: Option<Offset>,
}

/// What is to be done about the turn.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeTurn {
    /// What.
    pub act: TurnAct,
    /// To give: the client that it goes to.
    #[serde(default)]
    pub to: String,
}

/// What is to be said to all who watch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// One line, of 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub text: String,
}

/// Modem lines that are to be set; `true` asserts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLines {
    /// Data Terminal Ready; stays if absent.
    pub dtr: Option<bool>,
    /// Request To Send; stays if absent.
    pub rts: Option<bool>,
}

/// A BREAK that is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Break {
    /// Its length in milliseconds: 1 to 5000, 250 if absent.
    #[schema(minimum = 1, maximum = 5000)]
    pub ms: Option<u64>,
}

/// A length that no BREAK may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a BREAK of {ms} ms is not possible; 1 to {} ms are", Break::MOST)]
pub struct NotABreak {
    ms: u64,
}

impl Break {
    const USUAL: u64 = 250;
    const MOST: u64 = 5000;

    /// Its length.
    ///
    /// # Errors
    /// If it is 0 or more than 5 s.
    pub fn length(self) -> Result<Duration, NotABreak> {
        let ms = self.ms.unwrap_or(Self::USUAL);
        if (1..=Self::MOST).contains(&ms) {
            Ok(Duration::from_millis(ms))
        } else {
            Err(NotABreak { ms })
        }
    }
}

/// Changes of the modem lines that are to be played.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pulse {
    /// `arduino-reset`, `esp-reset`, `esp-bootloader`, or steps such as `dtr=0,rts=1,100ms,rts=0`:
    /// at most 64, and 10 s.
    pub sequence: String,
}

/// A macro that is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Its number, as it stands in the port's `running`.
    pub run: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_lasts_a_moment() {
        let length = |ms| Break { ms }.length().map(|length| length.as_millis());
        assert_eq!(length(None), Ok(250));
        assert_eq!((length(Some(1)), length(Some(5000))), (Ok(1), Ok(5000)));
        let error = length(Some(5001)).unwrap_err().to_string();
        assert!(error.contains("1 to 5000 ms"), "{error}");
        assert!(length(Some(0)).is_err());
    }
}
