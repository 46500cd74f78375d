//! A fault: what is wrong with a panel, and where in it.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What is wrong, and where: `widgets[2].min: …`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// The place, such as `widgets[2].min`; empty for the whole.
    pub at: String,
    /// What is wrong there, and the way out.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.at, self.message)
        }
    }
}

impl Fault {
    /// A fault at a place; an empty one is the whole.
    pub fn new(at: impl Into<String>, message: impl ToString) -> Self {
        Self {
            at: at.into(),
            message: message.to_string(),
        }
    }

    /// The same, seen from outside: its place is in that field, or in that entry of a list.
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        let dot = if self.at.is_empty() || self.at.starts_with('[') {
            ""
        } else {
            "."
        };
        self.at = format!("{outer}{dot}{}", self.at);
        self
    }
}

/// Reads plain data; what does not fit is told with its place.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = match error.path().to_string() {
            root if root == "." => String::new(),
            at => at,
        };
        Fault::new(at, error.inner())
    })
}

/// Refuses a number that is out of its range.
pub fn expect_between(
    at: &str,
    number: u64,
    least: u64,
    most: u64,
    unit: &str,
) -> Result<(), Fault> {
    if (least..=most).contains(&number) {
        Ok(())
    } else {
        let message = format!("{number}{unit} is not possible; {least} to {most}{unit} are");
        Err(Fault::new(at, message))
    }
}

/// Refuses a text that is empty, too long or has control characters.
pub fn expect_words(at: &str, text: &str, most: usize) -> Result<(), Fault> {
    let length = text.chars().count();
    if !(1..=most).contains(&length) {
        let message = format!("a text of {length} characters is not possible; 1 to {most} are");
        return Err(Fault::new(at, message));
    }
    match text.chars().find(|letter| letter.is_control()) {
        Some(letter) => {
            let message = format!("the control character {letter:?} cannot stand here");
            Err(Fault::new(at, message))
        }
        None => Ok(()),
    }
}
