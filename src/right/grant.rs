//! A grant: a right on ports, by a pattern of their names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Right;

/// A right on ports, written `RIGHT` (on all) or `RIGHT:PATTERN`, such as `type:rack1-*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grant {
    /// What may be done
    pub right: Right,
    /// with ports of these names, in which `*` and `?` stand for others.
    pub ports: String,
}

/// Why something is not a grant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no right; write see, type, control or administer, and behind a colon the ports it is \
     for, such as type:rack1-*"
)]
pub struct NotAGrant(String);

impl Grant {
    /// The pattern of all ports.
    pub const EVERYWHERE: &str = "*";
    /// The longest pattern, in bytes.
    const LONGEST: usize = 128;
}

impl FromStr for Grant {
    type Err = NotAGrant;

    fn from_str(text: &str) -> Result<Self, NotAGrant> {
        let (word, ports) = text.split_once(':').unwrap_or((text, Self::EVERYWHERE));
        let right = Right::ALL.into_iter().find(|right| right.word() == word);
        let is_pattern = |ports: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-*?".contains(&byte);
            (1..=Self::LONGEST).contains(&ports.len()) && ports.bytes().all(fits)
        };
        match right {
            Some(right) if is_pattern(ports) => Ok(Self {
                right,
                ports: ports.to_owned(),
            }),
            _ => Err(NotAGrant(text.chars().take(Self::LONGEST).collect())),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ports.as_str() {
            Self::EVERYWHERE => write!(f, "{}", self.right),
            ports => write!(f, "{}:{ports}", self.right),
        }
    }
}

impl TryFrom<String> for Grant {
    type Error = NotAGrant;

    fn try_from(text: String) -> Result<Self, NotAGrant> {
        text.parse()
    }
}

impl From<Grant> for String {
    fn from(grant: Grant) -> Self {
        grant.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_read_back_as_they_are_written() {
        for text in ["see", "type:rack1-*", "administer:u?o"] {
            assert_eq!(text.parse::<Grant>().unwrap().to_string(), text);
        }
        assert_eq!("see:*".parse::<Grant>().unwrap().to_string(), "see");
        for wrong in ["", "read", "see:", "see:a b", "See", "see:a:b", ":uno"] {
            assert_eq!(wrong.parse::<Grant>(), Err(NotAGrant(wrong.to_owned())));
        }
    }
}
