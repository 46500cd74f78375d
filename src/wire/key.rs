//! A key: a secret of a page's or program's own, by which it is known again on another connection.

use std::fmt;

use serde::Deserialize;

/// The shortest, so that nobody guesses it, and the longest, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=128;

/// 16 to 128 letters and digits.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PageKey(String);

/// A text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has {} to {} letters and digits, at random", LENGTH.start(), LENGTH.end())]
pub struct NotAKey;

impl PageKey {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageKey {
    /// Says nothing: it would stand in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageKey")
    }
}

impl TryFrom<String> for PageKey {
    type Error = NotAKey;

    fn try_from(text: String) -> Result<Self, NotAKey> {
        let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric());
        let is_one = is_plain && LENGTH.contains(&text.len());
        is_one.then_some(Self(text)).ok_or(NotAKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_long_and_is_not_shown() {
        let key = |text: &str| PageKey::try_from(text.to_owned());
        assert_eq!(format!("{:?}", key(&"a1".repeat(8)).unwrap()), "PageKey");
        for text in ["", &"x".repeat(15), &"x".repeat(129), &" ".repeat(16)] {
            assert_eq!(key(text), Err(NotAKey), "{text:?}");
        }
    }
}
