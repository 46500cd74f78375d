//! Sizes, times and networks, as people write them.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

/// Reads a number of bytes: `8MiB`, `512k` or `65536`.
pub fn bytes(text: &str) -> Result<usize, &'static str> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        "g" | "gb" | "gib" => Some(1 << 30),
        _ => None,
    };
    let number = number.parse::<usize>().ok().filter(|number| *number > 0);
    let bytes = number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor));
    bytes.ok_or("give a size such as 8MiB, 512KiB or 65536")
}

/// Reads a length of time: `90s`, `5min`, `2h` or `500ms`.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let milliseconds = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1000),
        "min" => Some(60 * 1000),
        "h" => Some(3600 * 1000),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    let length = number
        .zip(milliseconds)
        .and_then(|(number, unit)| number.checked_mul(unit));
    length
        .map(Duration::from_millis)
        .ok_or("give a time such as 500ms, 90s, 5min or 2h")
}

/// Reads a network or an address: `10.0.0.0/8`, `127.0.0.1`.
pub fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = text.parse().ok().or_else(address);
    network.ok_or_else(|| {
        format!(
            "{text:?} is no address; give one such as 127.0.0.1, or a network such as 10.0.0.0/8"
        )
    })
}

pub(super) fn networks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<IpNet>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let networks: Result<_, _> = texts.iter().map(|text| network(text)).collect();
    networks.map(Some).map_err(serde::de::Error::custom)
}

pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(usize),
        Text(String),
    }
    let size = match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(bytes),
        Size::Text(text) => bytes(&text),
    };
    size.map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        for (text, size) in [
            ("65536", Ok(65_536)),
            ("512k", Ok(512 << 10)),
            ("8 MiB", Ok(8 << 20)),
            ("0", Err(())),
            ("MiB", Err(())),
            ("-1", Err(())),
            ("99999999999999999999", Err(())),
            ("99999999999 GiB", Err(())),
        ] {
            assert_eq!(bytes(text).map_err(drop), size, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, milliseconds) in [
            ("500ms", Some(500)),
            ("90s", Some(90_000)),
            ("5 min", Some(300_000)),
            ("2h", Some(7_200_000)),
            ("0s", Some(0)),
            ("5", None),
            ("", None),
            ("1.5h", None),
            ("99999999999999999999h", None),
            ("9999999999999999999h", None),
        ] {
            let read = duration(text).ok().map(|time| time.as_millis());
            assert_eq!(read, milliseconds, "{text}");
        }
    }
}
