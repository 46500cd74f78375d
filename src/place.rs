//! A place in a journal, as a person names it: an offset, a time, or so far back.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::clock::{NotATime, ago, parse};
use crate::journal::Journal;
use crate::record::{Offset, Time};

/// Where something begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At this byte.
    Offset(Offset),
    /// This many bytes before the head.
    Back(u64),
    /// With the first record of this time or later.
    Time(Time),
}

/// A text that names no place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPlace {
    /// It looks like none.
    #[error(
        "{0:?} is neither an offset, such as 48213, nor -N for N bytes before the end, nor a time, such as \
         2026-11-22T10:00:00Z or @1795377000123456, nor so long ago, such as -10m, -1h30m or -2d"
    )]
    Form(String),
    /// It looks like a time.
    #[error(transparent)]
    Time(#[from] NotATime),
}

/// So much of a text that is no place is repeated, in characters.
const REPEATED: usize = 64;

impl Place {
    /// Its offset in a journal; none where the journal does not reach so far. May wait for a disk.
    pub fn within(self, journal: &Journal) -> Option<Offset> {
        let reach = journal.reach();
        match self {
            Self::Offset(offset) => (offset <= reach.head).then_some(offset),
            Self::Back(bytes) => Some(Offset(reach.head.0.saturating_sub(bytes)).max(reach.oldest)),
            Self::Time(time) => Some(journal.at(time)),
        }
    }

    /// Whether it means something in every journal; offsets are those of one.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Time(_))
    }

    fn read(text: &str, now: Time) -> Result<Self, NotAPlace> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let shown = || NotAPlace::Form(text.chars().take(REPEATED).collect());
        if is_number(text) {
            return text
                .parse()
                .map(|n| Self::Offset(Offset(n)))
                .map_err(|_| shown());
        }
        if let Some(back) = text.strip_prefix('-') {
            if is_number(back) {
                return back.parse().map(Self::Back).map_err(|_| shown());
            }
            let time = ago(back).map(|micros| Time(now.0.saturating_sub(micros)));
            return time.map(Self::Time).ok_or_else(shown);
        }
        let is_time = text.starts_with('@') || text.starts_with(|c: char| c.is_ascii_digit());
        if is_time {
            Ok(Self::Time(parse(text)?))
        } else {
            Err(shown())
        }
    }
}

impl PartialSchema for Place {
    fn schema() -> RefOr<Schema> {
        let place = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "An offset, `-N` for N bytes before the end, a time (`2026-11-22T10:00:00Z`, `@` and \
                 microseconds), or so long ago (`-10m`, `-1h30m`, `-2d`).",
            ))
            .examples(["-10m"])
            .build();
        place.into()
    }
}

impl ToSchema for Place {}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        Self::read(text, Time::now())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => offset.fmt(f),
            Self::Back(bytes) => write!(f, "-{bytes}"),
            Self::Time(Time(micros)) => write!(f, "@{micros}"),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    /// A text, or an offset as a number.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl Visitor<'_> for Reading {
            type Value = Place;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an offset, or a place as a text")
            }

            fn visit_u64<E: Error>(self, offset: u64) -> Result<Place, E> {
                Ok(Place::Offset(Offset(offset)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Place, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Reading)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Kind;

    const NOW: Time = Time(1_795_377_000_123_456);

    #[test]
    fn a_place_is_an_offset_a_way_back_or_a_time() {
        for (text, place) in [
            ("0", Place::Offset(Offset(0))),
            ("18446744073709551615", Place::Offset(Offset(u64::MAX))),
            ("-1", Place::Back(1)),
            ("-0", Place::Back(0)),
            ("@1795377000123456", Place::Time(NOW)),
            ("2026-11-22T19:50:00.123456Z", Place::Time(NOW)),
            ("-10m", Place::Time(Time(NOW.0 - 600_000_000))),
            ("-1h30m", Place::Time(Time(NOW.0 - 5_400_000_000))),
            ("-2d", Place::Time(Time(NOW.0 - 172_800_000_000))),
            ("-1w", Place::Time(Time(NOW.0 - 604_800_000_000))),
            ("-1.5s", Place::Time(Time(NOW.0 - 1_500_000))),
            ("-900w", Place::Time(Time(NOW.0 - 544_320_000_000_000))),
            ("-9000w", Place::Time(Time(0))),
        ] {
            assert_eq!(Place::read(text, NOW), Ok(place), "{text}");
        }
    }

    #[test]
    fn a_place_is_written_as_it_is_read_and_an_offset_may_be_a_number() {
        for text in ["48213", "-1000", "@1795377000123456"] {
            assert_eq!(Place::read(text, NOW).unwrap().to_string(), text);
        }
        let read = |json: &str| serde_json::from_str::<Place>(json);
        assert_eq!(read("48213").unwrap(), Place::Offset(Offset(48213)));
        assert_eq!(read("\"-1000\"").unwrap(), Place::Back(1000));
        for wrong in ["-1", "1.5", "\"start\"", "[1]"] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains("offset"), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_is_no_place_is_answered_with_what_is_one() {
        for text in [
            "",
            "-",
            "--1",
            "-+1",
            "+1",
            "start",
            "-10x",
            "-1mo",
            "-1y",
            "--10m",
            "-10m ago",
            "- 1",
            "18446744073709551616",
            "-18446744073709551616",
        ] {
            let error = Place::read(text, NOW).unwrap_err();
            assert_eq!(error, NotAPlace::Form(text.to_owned()));
            assert!(error.to_string().contains("-10m"), "{error}");
        }
        for text in ["2026-11-22T10:00:00 02:00", "@x", "2026-11-22", "10m"] {
            let error = Place::read(text, NOW).unwrap_err();
            assert!(matches!(error, NotAPlace::Time(_)), "{error}");
        }
    }

    #[test]
    fn a_place_has_an_offset_where_the_journal_reaches_so_far() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        for time in [10, 20, 30] {
            journal.append(Kind::Rx, Time(time), None, &[b'x'; 50_000]);
        }
        let oldest = journal.reach().oldest;
        assert_eq!(oldest, Offset(50_000));
        for (place, offset) in [
            (Place::Offset(Offset(3)), Some(3)),
            (Place::Offset(Offset(150_000)), Some(150_000)),
            (Place::Offset(Offset(150_001)), None),
            (Place::Back(1), Some(149_999)),
            (Place::Back(u64::MAX), Some(50_000)),
            (Place::Time(Time(0)), Some(50_000)),
            (Place::Time(Time(21)), Some(100_000)),
            (Place::Time(Time(31)), Some(150_000)),
        ] {
            assert_eq!(place.within(&journal), offset.map(Offset), "{place:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_stranger_sends_is_a_place_or_refused_in_a_line(text in "[-+@0-9smhdwT:.Z ]{0,30}|.*") {
            if let Err(error) = Place::read(&text, NOW) {
                prop_assert!(error.to_string().len() < 1000);
            }
        }
    }
}
