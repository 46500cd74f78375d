//! Steps: what a macro does, one after the other.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fault::{Fault, expect_between, expect_words, read};
use super::hex::Hex;
use super::template::SENT;

/// A macro has at most so many steps, with those inside.
pub const STEPS: usize = 256;
/// So deep may steps stand in steps.
const DEPTH: usize = 4;
/// The longest delay and the longest wait, in milliseconds: an hour.
const HOUR: u64 = 3_600_000;
/// How long a wait lasts where it does not say, in milliseconds.
const TIMEOUT: u64 = 5000;
const REPEATS: u64 = 1_000_000;
const BREAK: u64 = 5000;
const MARK: usize = 1000;

/// One step of a macro. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// Writes a text, exactly as it stands here.
    Send {
        /// At most 4 KiB.
        send: String,
    },
    /// Writes bytes.
    Hex {
        /// At most 4 KiB.
        hex: Hex,
    },
    /// Waits until what came since the last write matches.
    Wait {
        /// A regular expression.
        #[serde(rename = "wait")]
        pattern: String,
        /// 1 to an hour; see [`Step::timeout`].
        #[serde(skip_serializing_if = "Option::is_none")]
        timeout: Option<u64>,
        /// What follows if nothing comes that matches; the macro ends where it does not say.
        #[serde(skip_serializing_if = "Option::is_none")]
        or: Option<Otherwise>,
    },
    /// Does nothing for a while, at most an hour.
    Delay {
        /// For how long.
        delay: u64,
    },
    /// Takes steps again and again.
    Repeat {
        /// How often.
        #[serde(rename = "repeat")]
        times: Times,
        /// What.
        steps: Vec<Step>,
    },
    /// Plays a sequence of line changes.
    Pulse {
        /// Its name, or its steps.
        pulse: String,
    },
    /// Sends a BREAK.
    Break {
        /// Its length, 1 to 5000.
        #[serde(rename = "break")]
        length: u64,
    },
    /// Pins a text to the moment.
    Mark {
        /// 1 to 1000 characters.
        mark: String,
    },
}

/// What follows a wait for what did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Otherwise {
    /// The next step.
    #[serde(rename = "go on")]
    GoOn,
}

/// How often steps are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Times {
    /// So many times, 1 to 1000000.
    Number(u64),
    /// Until the macro is stopped.
    #[serde(serialize_with = "forever")]
    Forever,
}

fn forever<S: serde::Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("forever")
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match (value.as_u64(), value.as_str()) {
            (Some(number @ 1..=REPEATS), _) => Ok(Self::Number(number)),
            (_, Some("forever")) => Ok(Self::Forever),
            _ => Err(serde::de::Error::custom(format!(
                "steps can be repeated 1 to {REPEATS} times, or \"forever\""
            ))),
        }
    }
}

impl Step {
    /// How long a wait may last, in milliseconds.
    pub fn timeout(timeout: Option<u64>) -> u64 {
        timeout.unwrap_or(TIMEOUT)
    }
}

/// A step as it is written: one of these fields says what it does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    send: Option<String>,
    hex: Option<Hex>,
    wait: Option<String>,
    timeout: Option<u64>,
    or: Option<Otherwise>,
    delay: Option<u64>,
    repeat: Option<Times>,
    steps: Option<Vec<Written>>,
    pulse: Option<String>,
    #[serde(rename = "break")]
    length: Option<u64>,
    mark: Option<String>,
}

impl Written {
    /// The names of the fields that say what the step does, as far as they are there.
    fn deeds(&self) -> Vec<&'static str> {
        let deeds = [
            ("send", self.send.is_some()),
            ("hex", self.hex.is_some()),
            ("wait", self.wait.is_some()),
            ("delay", self.delay.is_some()),
            ("repeat", self.repeat.is_some()),
            ("pulse", self.pulse.is_some()),
            ("break", self.length.is_some()),
            ("mark", self.mark.is_some()),
        ];
        let there = deeds.into_iter().filter(|(_, is_there)| *is_there);
        there.map(|(name, _)| name).collect()
    }

    fn into_step(self, depth: usize, left: &mut usize) -> Result<Step, Fault> {
        *left = left.checked_sub(1).ok_or_else(|| {
            Fault::new(
                "",
                format!("there are too many steps; at most {STEPS} can be, with those inside"),
            )
        })?;
        let deeds = self.deeds();
        if deeds.len() != 1 {
            let has = match deeds.as_slice() {
                [] => "none of them".to_owned(),
                deeds => deeds.join(" and "),
            };
            let message = format!(
                "a step has one of send, hex, wait, delay, repeat, pulse, break, mark; this one has {has}"
            );
            return Err(Fault::new("", message));
        }
        for (name, is_there, deed) in [
            ("timeout", self.timeout.is_some(), "wait"),
            ("or", self.or.is_some(), "wait"),
            ("steps", self.steps.is_some(), "repeat"),
        ] {
            if is_there && deeds != [deed] {
                return Err(Fault::new(name, format!("this belongs to a \"{deed}\"")));
            }
        }
        Ok(match self {
            Self {
                send: Some(send), ..
            } => {
                expect_between("send", send.len() as u64, 1, SENT as u64, " bytes")?;
                Step::Send { send }
            }
            Self { hex: Some(hex), .. } => Step::Hex { hex },
            Self {
                wait: Some(pattern),
                timeout,
                or,
                ..
            } => {
                expect_between("timeout", Step::timeout(timeout), 1, HOUR, " ms")?;
                Step::Wait {
                    pattern,
                    timeout,
                    or,
                }
            }
            Self {
                delay: Some(delay), ..
            } => {
                expect_between("delay", delay, 0, HOUR, " ms")?;
                Step::Delay { delay }
            }
            Self {
                repeat: Some(times),
                steps,
                ..
            } => {
                if depth == DEPTH {
                    let message = format!("steps can stand {DEPTH} levels deep");
                    return Err(Fault::new("repeat", message));
                }
                let steps = collect(steps.unwrap_or_default(), depth + 1, left);
                let steps = steps.map_err(|fault| fault.within("steps"))?;
                Step::Repeat { times, steps }
            }
            Self {
                pulse: Some(pulse), ..
            } => Step::Pulse { pulse },
            Self {
                length: Some(length),
                ..
            } => {
                expect_between("break", length, 1, BREAK, " ms")?;
                Step::Break { length }
            }
            Self { mark, .. } => {
                let mark = mark.unwrap_or_default();
                expect_words("mark", &mark, MARK)?;
                Step::Mark { mark }
            }
        })
    }
}

fn collect(written: Vec<Written>, depth: usize, left: &mut usize) -> Result<Vec<Step>, Fault> {
    if written.is_empty() {
        return Err(Fault::new("", "there is no step; at least one is needed"));
    }
    let steps = written.into_iter().enumerate();
    steps
        .map(|(place, step)| {
            step.into_step(depth, left)
                .map_err(|fault| fault.within(format_args!("[{place}]")))
        })
        .collect()
}

/// Looks whether these can be the steps of a macro.
pub(super) fn check(written: Vec<Written>) -> Result<Vec<Step>, Fault> {
    let mut left = STEPS;
    collect(written, 1, &mut left)
}

/// Reads the steps of a macro, a list. Patterns and sequences are looked at by whoever takes the
/// steps.
///
/// # Errors
/// With the place of what is wrong, from the list on: `[2].delay`.
pub fn read_steps(steps: Value) -> Result<Vec<Step>, Fault> {
    check(read(steps)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_step_is_read_and_written_as_it_was() {
        let steps = json!([
            {"send": "fan {100}\n"},
            {"hex": "aa 55 01"},
            {"wait": "ok", "timeout": 2000, "or": "go on"},
            {"wait": "ok"},
            {"delay": 500},
            {"repeat": 3, "steps": [{"repeat": "forever", "steps": [{"delay": 0}]}]},
            {"pulse": "esp-reset"},
            {"break": 250},
            {"mark": "begin"},
        ]);
        let read = read_steps(steps.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), steps);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (steps, expected) in [
            (json!([]), "there is no step"),
            (json!({}), "expected a sequence"),
            (json!([{"dealy": 5}]), "[0].dealy: unknown field `dealy`"),
            (json!([{}]), "[0]: a step has one of"),
            (
                json!([{"send": "a", "delay": 5}]),
                "this one has send and delay",
            ),
            (
                json!([{"delay": 1, "timeout": 5}]),
                "[0].timeout: this belongs to a \"wait\"",
            ),
            (
                json!([{"delay": 1}, {"delay": 3_600_001}]),
                "[1].delay: 3600001 ms is not possible",
            ),
            (json!([{"wait": "x", "timeout": 0}]), "[0].timeout: 0 ms"),
            (
                json!([{"wait": "x", "or": "stop"}]),
                "[0].or: unknown variant `stop`",
            ),
            (
                json!([{"repeat": 0, "steps": [{"delay": 1}]}]),
                "[0].repeat: steps can be",
            ),
            (json!([{"repeat": 2}]), "[0].steps: there is no step"),
            (
                json!([{"repeat": 2, "steps": [{"delay": "1"}]}]),
                "[0].steps[0].delay: invalid type",
            ),
            (
                json!([{"hex": "aa 5"}]),
                "[0].hex: the number of hex digits is odd",
            ),
            (json!([{"break": 5001}]), "[0].break: 5001 ms"),
            (
                json!([{"mark": "two\nlines"}]),
                "[0].mark: the control character '\\n'",
            ),
        ] {
            let fault = read_steps(steps.clone())
                .expect_err(&steps.to_string())
                .to_string();
            assert!(fault.contains(expected), "{steps}: {fault}");
        }
    }

    #[test]
    fn steps_are_bounded_in_number_and_depth() {
        let many = |count| Value::from(vec![json!({"delay": 1}); count]);
        assert!(read_steps(many(STEPS)).is_ok());
        assert!(read_steps(many(STEPS + 1)).is_err());
        let inside = json!([{"repeat": 2, "steps": many(STEPS - 1)}]);
        assert!(read_steps(inside).is_ok());
        let inside = json!([{"repeat": 2, "steps": many(STEPS)}]);
        assert!(read_steps(inside).is_err());
        let deep =
            |levels| (1..levels).fold(many(1), |steps, _| json!([{"repeat": 1, "steps": steps}]));
        assert!(read_steps(deep(DEPTH)).is_ok());
        assert!(read_steps(deep(DEPTH + 1)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_stays_what_it_is(delays in proptest::collection::vec(0..HOUR, 1..20)) {
            let steps: Vec<_> = delays.iter().map(|delay| json!({"delay": delay})).collect();
            let steps = Value::from(steps);
            prop_assert_eq!(serde_json::to_value(read_steps(steps.clone()).unwrap()).unwrap(), steps);
        }
    }
}
