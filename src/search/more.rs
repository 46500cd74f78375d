//! More: where a search goes on that a limit ended.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::record::Offset;

/// The place in each port from which on something is unsearched, written `sensor:40000,gps:977`.
/// Newest first that lies before the place, oldest first from the place on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct More(pub Vec<(String, Offset)>);

/// A text that is none of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not where a search ended; repeat what its last line has as \"more\", such as sensor:40000"
)]
pub struct NotMore;

impl fmt::Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (port, offset)) in self.0.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{port}:{offset}")?;
        }
        Ok(())
    }
}

impl From<More> for String {
    fn from(more: More) -> Self {
        more.to_string()
    }
}

impl TryFrom<String> for More {
    type Error = NotMore;

    fn try_from(text: String) -> Result<Self, NotMore> {
        text.parse()
    }
}

impl FromStr for More {
    type Err = NotMore;

    fn from_str(text: &str) -> Result<Self, NotMore> {
        let place = |place: &str| {
            let (port, offset) = place.split_once(':').filter(|(port, _)| !port.is_empty())?;
            Some((port.into(), Offset(offset.parse().ok()?)))
        };
        let places = text.split(',').map(place).collect::<Option<_>>();
        places.map(Self).ok_or(NotMore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let more = More(vec![
            ("sensor".into(), Offset(40_000)),
            ("g-p.s".into(), Offset(7)),
        ]);
        assert_eq!(more.to_string(), "sensor:40000,g-p.s:7");
        assert_eq!(more.to_string().parse(), Ok(more));
        for text in [
            "",
            "sensor",
            ":5",
            "sensor:",
            "sensor:-1",
            "sensor:1,",
            "a:1;b:2",
        ] {
            assert_eq!(text.parse::<More>(), Err(NotMore), "{text}");
        }
    }
}
