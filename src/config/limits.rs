//! Limits, as `[limits]` in the configuration file has them: what strangers can hold.

use std::fmt::Display;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::quantity::{duration, size};
use crate::clock::ago;

/// What any number of connections can be.
const CONNECTIONS: RangeInclusive<usize> = 1..=1 << 20;
/// Where nothing is said, and what can be: of times,
const TIME: Duration = Duration::from_secs(10);
const BODY_TIME: Duration = Duration::from_secs(30);
const TIMES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(300);
/// of a request's header, in bytes: the least is what the parser takes,
const HEADER: usize = 64 << 10;
const HEADERS: RangeInclusive<usize> = 8 << 10..=1 << 20;
/// of a message or a body: the least is what the largest panel has,
const MESSAGE: usize = 1 << 20;
const MESSAGES: RangeInclusive<usize> = 256 << 10..=64 << 20;
/// and of bytes a second.
const RATES: RangeInclusive<usize> = 8 << 10..=usize::MAX;
/// How long a link counts, at most, and what that can be.
const SHARE: Duration = Duration::from_secs(30 * 24 * 3600);
const SHARES: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(366 * 24 * 3600);

/// What strangers can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections to the web at the same time,
    #[serde(deserialize_with = "connections")]
    pub connections: usize,
    /// how many of them one address may have,
    #[serde(deserialize_with = "connections")]
    pub connections_per_address: usize,
    /// and how many one account.
    #[serde(deserialize_with = "connections")]
    pub connections_per_account: usize,
    /// Connections of programs at all doors of ports,
    #[serde(deserialize_with = "connections")]
    pub programs: usize,
    /// and how many of them one address may have.
    #[serde(deserialize_with = "connections")]
    pub programs_per_address: usize,
    /// Bytes a second that one address may send, and receive, over all doors,
    #[serde(deserialize_with = "rate")]
    pub bandwidth_per_address: Option<NonZeroUsize>,
    /// and one account.
    #[serde(deserialize_with = "rate")]
    pub bandwidth_per_account: Option<NonZeroUsize>,
    /// How long a handshake of TLS may take,
    #[serde(deserialize_with = "time")]
    pub handshake_time: Duration,
    /// and a request's header.
    #[serde(deserialize_with = "time")]
    pub header_time: Duration,
    /// How long a request's body may take before it has to have come at some pace.
    #[serde(deserialize_with = "time")]
    pub body_time: Duration,
    /// How long a request's header may be, in bytes,
    #[serde(deserialize_with = "header")]
    pub header_size: usize,
    /// and a message of a socket or a request's body.
    #[serde(deserialize_with = "message")]
    pub message_size: usize,
    /// How long a link to a port, for people without an account, counts at most.
    #[serde(deserialize_with = "share")]
    pub longest_share: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 1024,
            connections_per_account: 512,
            programs: 1024,
            programs_per_address: 256,
            bandwidth_per_address: None,
            bandwidth_per_account: None,
            handshake_time: TIME,
            header_time: TIME,
            body_time: BODY_TIME,
            header_size: HEADER,
            message_size: MESSAGE,
            longest_share: SHARE,
        }
    }
}

/// A value that is possible, or what would be.
fn among<T: PartialOrd, E: Error>(
    value: T,
    possible: RangeInclusive<T>,
    way_out: impl Display,
) -> Result<T, E> {
    match possible.contains(&value) {
        true => Ok(value),
        false => Err(E::custom(way_out)),
    }
}

fn connections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let count = usize::deserialize(deserializer)?;
    among(
        count,
        CONNECTIONS,
        "there can be from 1 to 1048576 connections",
    )
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let time = duration(&String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    among(time, TIMES, "it can be from 1s to 5min")
}

fn header<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let size = size(deserializer)?.unwrap_or(HEADER);
    among(size, HEADERS, "it can be from 8KiB to 1MiB")
}

fn message<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let size = size(deserializer)?.unwrap_or(MESSAGE);
    among(size, MESSAGES, "it can be from 256KiB to 64MiB")
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroUsize>, D::Error> {
    let rate = size(deserializer)?.unwrap_or_default();
    let rate = among(rate, RATES, "it can be 8KiB a second, or more")?;
    Ok(NonZeroUsize::new(rate))
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let time = ago(&String::deserialize(deserializer)?).map(Duration::from_micros);
    let among = |time| {
        among(
            time,
            SHARES,
            "it can be from 1m to 366d, such as 12h or 30d",
        )
    };
    among(time.unwrap_or_default())
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
        let limits = read("longest_share = \"7d\"").unwrap();
        assert_eq!(limits.longest_share.as_secs(), 7 * 24 * 3600);
        let limits = read("programs = 2\nheader_time = \"30s\"\nmessage_size = 524288").unwrap();
        assert_eq!((limits.programs, limits.connections), (2, 4096));
        assert_eq!(limits.header_time, Duration::from_secs(30));
        assert_eq!(limits.message_size, 512 << 10);
        let limits = read("bandwidth_per_account = \"2MiB\"").unwrap();
        assert_eq!(limits.bandwidth_per_account, NonZeroUsize::new(2 << 20));
        assert_eq!(limits.bandwidth_per_address, None);
    }

    #[test]
    fn what_is_not_possible_is_answered_with_what_is() {
        for (text, way_out) in [
            ("connections = 0", "from 1 to"),
            ("connections_per_account = 0", "from 1 to"),
            ("programs_per_address = -1", "integer"),
            ("header_time = 10", "string"),
            ("header_time = \"10\"", "90s"),
            ("handshake_time = \"500ms\"", "from 1s to 5min"),
            ("body_time = \"1h\"", "from 1s to 5min"),
            ("header_size = \"4KiB\"", "from 8KiB to 1MiB"),
            ("message_size = \"1GiB\"", "from 256KiB to 64MiB"),
            ("bandwidth_per_address = 0", "8KiB a second"),
            ("bandwidth_per_address = \"fast\"", "such as 8MiB"),
            ("longest_share = \"1s\"", "from 1m to 366d"),
            ("longest_share = \"forever\"", "30d"),
            ("connection = 1", "`connections`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(way_out), "{text}: {error}");
        }
    }
}
