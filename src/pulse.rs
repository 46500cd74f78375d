//! A pulse: a sequence of line changes and waits, such as the dance that resets a board.

use std::str::FromStr;
use std::time::Duration;

/// One step of a [`Pulse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sets one line or both at once; `true` asserts.
    Lines {
        /// Data terminal ready.
        dtr: Option<bool>,
        /// Request to send.
        rts: Option<bool>,
    },
    /// Begins or ends a BREAK.
    Break(bool),
    /// Waits.
    Wait(Duration),
}

/// A sequence of line changes, played on the server so that its timing survives the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse(pub Vec<Step>);

impl Pulse {
    /// A BREAK of this length.
    pub fn brk(length: Duration) -> Self {
        Self(vec![
            Step::Break(true),
            Step::Wait(length),
            Step::Break(false),
        ])
    }
}

const MAX_STEPS: usize = 64;
const MAX_LENGTH: Duration = Duration::from_secs(10);

/// The named sequences. On the usual auto-reset circuits RTS pulls the reset pin (EN) and DTR the
/// boot pin (IO0) low, each only while the other is released.
const NAMED: [(&str, &str); 3] = [
    ("arduino-reset", "dtr=0,250ms,dtr=1"),
    ("esp-reset", "dtr=0,rts=1,100ms,rts=0"),
    ("esp-bootloader", "dtr=0,rts=1,100ms,dtr=1,rts=0,50ms,dtr=0"),
];

/// A text that is not a [`Pulse`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAPulse {
    #[error(
        "\"{0}\" is not a step; steps are dtr=0, dtr=1, rts=0, rts=1 and waits such as 100ms, \
         or the whole is one of arduino-reset, esp-reset, esp-bootloader"
    )]
    Step(String),
    #[error("{0} steps are too many; {MAX_STEPS} are allowed")]
    Steps(usize),
    #[error("{0:?} is too long; a sequence may last {MAX_LENGTH:?}")]
    Length(Duration),
}

impl FromStr for Pulse {
    type Err = NotAPulse;

    /// Reads a name or steps such as `dtr=0,rts=1,100ms,rts=0`. Neighbouring changes of different
    /// lines are made at once: boards tell them apart from two changes.
    fn from_str(text: &str) -> Result<Self, NotAPulse> {
        let text = NAMED
            .iter()
            .find(|(name, _)| *name == text)
            .map_or(text, |(_, steps)| steps);
        let words = text.split(',').map(str::trim);
        let count = words.clone().count();
        if count > MAX_STEPS {
            return Err(NotAPulse::Steps(count));
        }
        let mut steps: Vec<Step> = Vec::new();
        for word in words {
            let unknown = || NotAPulse::Step(word.chars().take(40).collect());
            let (new_dtr, new_rts) = match word {
                "dtr=0" => (Some(false), None),
                "dtr=1" => (Some(true), None),
                "rts=0" => (None, Some(false)),
                "rts=1" => (None, Some(true)),
                _ => {
                    let ms = word
                        .strip_suffix("ms")
                        .and_then(|ms| ms.trim().parse().ok());
                    steps.push(Step::Wait(Duration::from_millis(ms.ok_or_else(unknown)?)));
                    continue;
                }
            };
            match steps.last_mut() {
                Some(Step::Lines {
                    dtr: dtr @ None, ..
                }) if new_dtr.is_some() => *dtr = new_dtr,
                Some(Step::Lines {
                    rts: rts @ None, ..
                }) if new_rts.is_some() => *rts = new_rts,
                _ => steps.push(Step::Lines {
                    dtr: new_dtr,
                    rts: new_rts,
                }),
            }
        }
        let waits = steps.iter().map(|step| match step {
            Step::Wait(time) => *time,
            Step::Lines { .. } | Step::Break(_) => Duration::ZERO,
        });
        let length = waits.fold(Duration::ZERO, Duration::saturating_add);
        if length > MAX_LENGTH {
            Err(NotAPulse::Length(length))
        } else {
            Ok(Self(steps))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_changes_of_both_lines_are_made_at_once() {
        let lines = |dtr, rts| Step::Lines { dtr, rts };
        let wait = |ms| Step::Wait(Duration::from_millis(ms));
        assert_eq!(
            "esp-bootloader".parse::<Pulse>().unwrap().0,
            [
                lines(Some(false), Some(true)),
                wait(100),
                lines(Some(true), Some(false)),
                wait(50),
                lines(Some(false), None),
            ]
        );
        let blink = "dtr=0,dtr=1".parse::<Pulse>().unwrap();
        assert_eq!(blink.0, [lines(Some(false), None), lines(Some(true), None)]);
    }

    #[test]
    fn every_named_sequence_is_one() {
        for (name, _) in NAMED {
            name.parse::<Pulse>().expect(name);
        }
    }

    #[test]
    fn mistakes_and_excess_are_refused_by_name() {
        for (text, named) in [
            ("dtr=2", "\"dtr=2\""),
            ("", "\"\""),
            ("9000ms,2000ms", "11s"),
            ("18446744073709551615ms,1ms", "too long"),
            (&"1ms,".repeat(100), "101 steps"),
        ] {
            let error = text.parse::<Pulse>().expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
