//! Times as text, in UTC.

use jiff::Timestamp;

use crate::record::Time;

fn timestamp(time: Time) -> Timestamp {
    i64::try_from(time.0)
        .ok()
        .and_then(|time| Timestamp::from_microsecond(time).ok())
        .unwrap_or(Timestamp::MAX)
}

/// A time to the microsecond: `2026-11-22T19:50:00.123456Z`.
pub fn clock(time: Time) -> String {
    format!("{:.6}", timestamp(time))
}

/// A time that may stand in the name of a file on every system: `2026-11-22T19-50-00`.
pub fn file_clock(time: Time) -> String {
    let parts = timestamp(time).strftime("%Y-%m-%dT%H-%M-%S");
    parts.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_digits_and_are_utc() {
        for (micros, shown) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_795_377_000_123_456, "2026-11-22T19:50:00.123456Z"),
            (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
        ] {
            assert_eq!(clock(Time(micros)), shown);
        }
        assert!(clock(Time(u64::MAX)).starts_with("9999-12-3"));
    }

    #[test]
    fn a_file_name_has_no_colon() {
        let name = file_clock(Time(1_795_377_000_123_456));
        assert_eq!(name, "2026-11-22T19-50-00");
    }
}
