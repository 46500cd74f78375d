//! Times as text: written in UTC, read at any offset.

use jiff::{Span, SpanRelativeTo, Timestamp};

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

/// A time to the minute, for people: `2026-11-22 19:50 UTC`.
pub fn minute(time: Time) -> String {
    timestamp(time).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A time that may stand in the name of a file on every system: `2026-11-22T19-50-00`.
pub fn file_clock(time: Time) -> String {
    let parts = timestamp(time).strftime("%Y-%m-%dT%H-%M-%S");
    parts.to_string()
}

/// A text that is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATime {
    /// It is written in another way.
    #[error(
        "{0:?} is not a time; write it as 2026-11-22T10:00:00Z, with any offset from UTC (in an \
         address its + is written as %2B), or as microseconds since 1970 with an @ in front: @1795377000123456"
    )]
    Form(String),
    /// It cannot be the time of a record.
    #[error("{0:?} is out of range; times reach from 1970-01-01T00:00:00Z to {last}", last = clock(Time(u64::MAX)))]
    Range(String),
}

/// So much of a text that is no time is repeated, in characters.
const REPEATED: usize = 64;

/// Reads a time as a query has it: RFC 3339, or microseconds behind an `@`. What is finer than a
/// microsecond is cut off.
///
/// # Errors
/// If it is neither, or lies before 1970 or beyond the last time that can be written.
pub fn parse(text: &str) -> Result<Time, NotATime> {
    let shown = || text.chars().take(REPEATED).collect::<String>();
    let micros = match text.strip_prefix('@') {
        Some(micros) if !micros.is_empty() && micros.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More digits than fit are a time all the same, only too late.
            micros.parse().unwrap_or(u64::MAX)
        }
        Some(_) => return Err(NotATime::Form(shown())),
        None => {
            let read = text.parse::<Timestamp>();
            let time = read.map_err(|_| NotATime::Form(shown()))?;
            if time < Timestamp::UNIX_EPOCH {
                return Err(NotATime::Range(shown()));
            }
            time.as_microsecond().unsigned_abs()
        }
    };
    if micros > Timestamp::MAX.as_microsecond().unsigned_abs() {
        return Err(NotATime::Range(shown()));
    }
    Ok(Time(micros))
}

/// Reads how long ago something was: `10m`, `1h30m`, `2d`, in microseconds. A day has 24 hours.
pub fn ago(text: &str) -> Option<u64> {
    // A sign would be a second one.
    let span: Span = text
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| text.parse())?
        .ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    u64::try_from(duration.as_micros()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn people_read_a_time_to_the_minute() {
        let shown = minute(Time(1_795_377_000_123_456));
        assert_eq!(shown, "2026-11-22 19:50 UTC");
    }

    #[test]
    fn a_file_name_has_no_colon() {
        let name = file_clock(Time(1_795_377_000_123_456));
        assert_eq!(name, "2026-11-22T19-50-00");
    }

    #[test]
    fn a_time_is_read_at_any_offset_and_in_microseconds() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-22T19:50:00.123456Z", 1_795_377_000_123_456),
            ("2026-11-22T19:50:00.123456999Z", 1_795_377_000_123_456),
            ("2026-11-22T21:50:00.123456+02:00", 1_795_377_000_123_456),
            ("2026-11-22t14:20:00.123456-05:30", 1_795_377_000_123_456),
            ("@0", 0),
            ("@1795377000123456", 1_795_377_000_123_456),
        ] {
            assert_eq!(parse(text), Ok(Time(micros)), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_answered_with_how_to_write_one() {
        for text in [
            "",
            "@",
            "@-1",
            "@+1",
            "@1.5",
            "1795377000123456",
            "yesterday",
            "2026-11-22",
            "2026-11-22T10:00:00",
            "2026-11-22T10:00:00 02:00",
            "2026-13-22T10:00:00Z",
        ] {
            assert_eq!(parse(text), Err(NotATime::Form(text.to_owned())));
        }
        let error = parse("yesterday").unwrap_err().to_string();
        assert!(
            error.contains("\"yesterday\"") && error.contains("%2B") && error.contains("@17"),
            "{error}"
        );
        for text in ["1969-12-31T23:59:59Z", "@99999999999999999999"] {
            assert_eq!(parse(text), Err(NotATime::Range(text.to_owned())));
        }
        let error = parse("@9999999999999999999").unwrap_err().to_string();
        assert!(error.contains("to 9999-12-30"), "{error}");
        assert!(parse(&"x".repeat(1 << 20)).unwrap_err().to_string().len() < 400);
    }

    proptest! {
        #[test]
        fn every_time_that_is_written_is_read_back(micros in 0..253_402_207_200_999_999u64) {
            prop_assert_eq!(parse(&clock(Time(micros))), Ok(Time(micros)));
            prop_assert_eq!(parse(&format!("@{micros}")), Ok(Time(micros)));
        }

        #[test]
        fn whatever_a_stranger_sends_is_a_time_or_refused(text in "[-+@:.TtZz0-9 \\[\\]]{0,40}|.*") {
            if let Ok(time) = parse(&text) {
                prop_assert_eq!(parse(&clock(time)), Ok(time));
            }
        }
    }
}
