//! A trigger: what is to happen by itself when a device says something.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::{Fault, expect_between, expect_words, read};
use super::template::{Hole, Template};
use super::widget::{NAME, expect_holes, expect_id};
use crate::record::Colour;

/// How often a trigger acts at most, in milliseconds, where it does not say.
const EVERY: u64 = 1000;
const LEAST_EVERY: u64 = 100;
/// A day.
const MOST_EVERY: u64 = 86_400_000;
/// What one trigger does, at most.
const DEEDS: usize = 16;
/// The longest address of a webhook, in bytes.
const ADDRESS: usize = 2000;

/// What is to happen by itself when a device says something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Its name in the panel.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it is switched on.
    #[serde(default)]
    pub on: bool,
    /// What it waits for.
    pub when: When,
    /// What it does, 1 to 16 things.
    #[serde(rename = "do")]
    pub deeds: Vec<Deed>,
    /// How much time lies between two times that it acts, in milliseconds; see [`Trigger::pause`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
}

/// What a trigger waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenWhen", untagged)]
pub enum When {
    /// A line in which this is found.
    Pattern {
        /// A regular expression.
        pattern: String,
    },
    /// A value that gets beyond a threshold.
    Value {
        /// The series.
        value: String,
        /// It gets above this.
        #[serde(skip_serializing_if = "Option::is_none")]
        above: Option<f64>,
        /// It gets below this.
        #[serde(skip_serializing_if = "Option::is_none")]
        below: Option<f64>,
        /// How far it must be back before it counts again.
        #[serde(skip_serializing_if = "Option::is_none")]
        hysteresis: Option<f64>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWhen {
    pattern: Option<String>,
    value: Option<String>,
    above: Option<f64>,
    below: Option<f64>,
    hysteresis: Option<f64>,
}

impl TryFrom<WrittenWhen> for When {
    type Error = &'static str;

    fn try_from(written: WrittenWhen) -> Result<Self, Self::Error> {
        match written {
            WrittenWhen {
                pattern: Some(pattern),
                value: None,
                above: None,
                below: None,
                hysteresis: None,
            } => Ok(Self::Pattern { pattern }),
            WrittenWhen {
                pattern: None,
                value: Some(value),
                above,
                below,
                hysteresis,
            } if above.is_some() || below.is_some() => Ok(Self::Value {
                value,
                above,
                below,
                hysteresis,
            }),
            _ => Err(
                "a trigger waits for {\"pattern\": \"…\"}, or for {\"value\": \"…\"} with \"above\", \"below\" or both",
            ),
        }
    }
}

/// One thing that a trigger does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Pins a mark to the line.
    Mark(Template),
    /// Colours the line for everyone.
    Highlight(Colour),
    /// Tells people.
    Notify(Template),
    /// Tells a program, at this address.
    Webhook(String),
    /// Writes.
    Send(Template),
    /// Runs a macro of the panel.
    Macro(String),
}

impl Trigger {
    /// How much time lies between two times that it acts, in milliseconds.
    pub fn pause(&self) -> u64 {
        self.every.unwrap_or(EVERY)
    }

    /// Reads a trigger that stands alone.
    ///
    /// # Errors
    /// With the place of the first thing that is wrong.
    pub fn read(value: Value) -> Result<Self, Fault> {
        let trigger: Self = read(value)?;
        trigger.check()?;
        Ok(trigger)
    }

    pub(super) fn check(&self) -> Result<(), Fault> {
        expect_id(&self.id)?;
        if let Some(title) = &self.title {
            expect_words("title", title, NAME)?;
        }
        expect_between("every", self.pause(), LEAST_EVERY, MOST_EVERY, " ms")?;
        self.when.check().map_err(|fault| fault.within("when"))?;
        expect_between("do", self.deeds.len() as u64, 1, DEEDS as u64, " deeds")?;
        for (place, deed) in self.deeds.iter().enumerate() {
            deed.check(&self.when)
                .map_err(|fault| fault.within(format_args!("do[{place}]")))?;
        }
        Ok(())
    }
}

impl When {
    fn check(&self) -> Result<(), Fault> {
        let Self::Value {
            value,
            above,
            below,
            hysteresis,
        } = self
        else {
            return Ok(());
        };
        expect_words("value", value, NAME)?;
        if let (Some(above), Some(below)) = (above, below)
            && below >= above
        {
            let message =
                format!("{below} must be less than {above}, so that there is something between");
            return Err(Fault::new("below", message));
        }
        match hysteresis {
            Some(hysteresis) if *hysteresis < 0.0 => {
                Err(Fault::new("hysteresis", "this is 0 or more"))
            }
            _ => Ok(()),
        }
    }
}

impl Deed {
    fn check(&self, when: &When) -> Result<(), Fault> {
        let has_value = matches!(when, When::Value { .. });
        let told: &[Hole] = if has_value {
            &[Hole::Value, Hole::Line, Hole::Port]
        } else {
            &[Hole::Line, Hole::Port]
        };
        // What a device says never becomes something that is typed; a number is harmless.
        let sent: &[Hole] = if has_value { &[Hole::Value] } else { &[] };
        match self {
            Self::Mark(text) => expect_holes("mark", text, told),
            Self::Notify(text) => expect_holes("notify", text, told),
            Self::Send(text) => expect_holes("send", text, sent),
            Self::Webhook(address) => {
                let is_web = address.starts_with("https://") || address.starts_with("http://");
                let is_plain = address.bytes().all(|letter| letter.is_ascii_graphic());
                if is_web && is_plain && address.len() <= ADDRESS {
                    Ok(())
                } else {
                    let message = format!(
                        "this is no address; it begins with http:// or https://, has no spaces, and at most {ADDRESS} characters"
                    );
                    Err(Fault::new("webhook", message))
                }
            }
            Self::Highlight(_) | Self::Macro(_) => Ok(()),
        }
    }
}
