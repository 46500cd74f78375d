//! Booking, as `[booking]` in the configuration file has it.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::quantity::duration;

/// What the longest booking can be.
const SHORTEST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// What may be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Booking {
    /// How long a booking may be.
    #[serde(deserialize_with = "time")]
    pub longest: Duration,
}

impl Default for Booking {
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(24 * 3600),
        }
    }
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let time = duration(&String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    if !(SHORTEST..=LONGEST).contains(&time) {
        return Err(D::Error::custom("it can be from 1min to 8784h, a year"));
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_longest_unless_something_else_is_said() {
        let read = |text: &str| toml::from_str::<Booking>(text).map_err(|error| error.to_string());
        let hours = |hours: u64| Booking {
            longest: Duration::from_secs(hours * 3600),
        };
        assert_eq!(read(""), Ok(hours(24)));
        assert_eq!(read("longest = \"72h\""), Ok(hours(72)));
        for (text, way_out) in [
            ("longest = \"59s\"", "from 1min to"),
            ("longest = \"9000h\"", "from 1min to"),
            ("longest = 24", "string"),
            ("lonest = \"24h\"", "`longest`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(way_out), "{text}: {error}");
        }
    }
}
