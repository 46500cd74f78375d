//! Limits, as `[limits]` in the configuration file has them: what strangers can hold.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::duration;
use crate::clock::ago;

/// The most that any number of connections can be.
const MOST: usize = 1 << 20;
/// The shortest and the longest time for a header.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// The same for how long a link counts.
const DAY: Duration = Duration::from_secs(24 * 3600);
const SHARES: [Duration; 2] = [Duration::from_secs(60), DAY.saturating_mul(366)];

/// What strangers can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections to the web at the same time,
    #[serde(deserialize_with = "connections")]
    pub connections: usize,
    /// and how many of them one address may have.
    #[serde(deserialize_with = "connections")]
    pub connections_per_address: usize,
    /// Connections of programs at all doors of ports,
    #[serde(deserialize_with = "connections")]
    pub programs: usize,
    /// and how many of them one address may have.
    #[serde(deserialize_with = "connections")]
    pub programs_per_address: usize,
    /// How long a request's header may take.
    #[serde(deserialize_with = "time")]
    pub header_time: Duration,
    /// How long a link to a port, for people without an account, counts at most.
    #[serde(deserialize_with = "share")]
    pub longest_share: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 1024,
            programs: 1024,
            programs_per_address: 256,
            header_time: Duration::from_secs(10),
            longest_share: DAY.saturating_mul(30),
        }
    }
}

fn connections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let count = usize::deserialize(deserializer)?;
    if !(1..=MOST).contains(&count) {
        return Err(D::Error::custom(
            "there can be from 1 to 1048576 connections",
        ));
    }
    Ok(count)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let time = duration(&String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    if !(SHORTEST..=LONGEST).contains(&time) {
        return Err(D::Error::custom("it can be from 1s to 5min"));
    }
    Ok(time)
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let time = ago(&String::deserialize(deserializer)?).map(Duration::from_micros);
    let [shortest, longest] = SHARES;
    time.filter(|time| (shortest..=longest).contains(time))
        .ok_or_else(|| D::Error::custom("it can be from 1m to 366d, such as 12h or 30d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Limits, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_said_is_as_it_was() {
        assert_eq!(read(""), Ok(Limits::default()));
        let limits = read("programs = 2\nheader_time = \"30s\"\nlongest_share = \"7d\"").unwrap();
        assert_eq!(limits.longest_share, DAY * 7);
        assert_eq!((limits.programs, limits.connections), (2, 4096));
        assert_eq!(limits.header_time, Duration::from_secs(30));
    }

    #[test]
    fn what_is_not_possible_is_answered_with_what_is() {
        for (text, way_out) in [
            ("connections = 0", "from 1 to"),
            ("programs_per_address = -1", "integer"),
            ("header_time = 10", "string"),
            ("header_time = \"10\"", "90s"),
            ("header_time = \"500ms\"", "from 1s to 5min"),
            ("longest_share = \"1s\"", "from 1m to 366d"),
            ("longest_share = \"forever\"", "30d"),
            ("connection = 1", "`connections`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(way_out), "{text}: {error}");
        }
    }
}
