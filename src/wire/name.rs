//! A name: what people read of somebody who is connected, or of a program.

use serde::Deserialize;
use utoipa::ToSchema;

/// The longest one, in characters.
const LONGEST: usize = 64;

/// 1 to 64 visible characters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(min_length = 1, max_length = 64)]
pub struct Name(String);

/// A text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {LONGEST} visible characters")]
pub struct NotAName;

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = NotAName;

    /// Takes a text, without the space around it.
    fn try_from(text: String) -> Result<Self, NotAName> {
        let name = text.trim();
        let is_one = !name.is_empty()
            && name.chars().count() <= LONGEST
            && !name.chars().any(char::is_control);
        is_one.then(|| Self(name.to_owned())).ok_or(NotAName)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_can_be_seen() {
        let name = |text: &str| Name::try_from(text.to_owned());
        assert_eq!(name("  job 7 ").unwrap().as_str(), "job 7");
        assert!(name(&"ä".repeat(LONGEST)).is_ok());
        for text in ["", " ", "a\nb", "\u{1b}[2J", &"x".repeat(LONGEST + 1)] {
            assert_eq!(name(text), Err(NotAName), "{text:?}");
        }
    }
}
