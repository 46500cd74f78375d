//! An order: what somebody wants to book, and whether that can be booked at all.

use std::time::Duration;

use super::BookingError;
use super::table::{Booking, Wanted, plus};
use crate::record::Time;
use crate::state::Booked;

/// How far ahead ports can be booked.
const AHEAD: Duration = Duration::from_secs(366 * 24 * 3600);

/// How long a booking is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many microseconds.
    For(u64),
    /// Up to this time.
    Until(Time),
}

/// What somebody wants to book.
#[derive(Clone, Debug)]
pub struct Order {
    /// The ports.
    pub wanted: Wanted,
    /// When it begins; as soon as it can without.
    pub from: Option<Time>,
    /// How long it is.
    pub length: Length,
    /// Whose it is, as others see the name.
    pub by: String,
    /// The account.
    pub account: Option<String>,
    /// The job.
    pub job: Option<String>,
    /// What it is for.
    pub title: Option<String>,
    /// Whether programs may type that have no name.
    pub programs: bool,
}

impl Order {
    /// When it would begin and end.
    ///
    /// # Errors
    /// If no booking can be then.
    pub(super) fn times(&self, now: Time, longest: Duration) -> Result<(Time, Time), BookingError> {
        let from = self.from.unwrap_or(now);
        if from < now {
            return Err(BookingError::Past);
        }
        if from > plus(now, AHEAD.as_micros() as u64) {
            return Err(BookingError::Far);
        }
        let until = match self.length {
            Length::For(length) => plus(from, length),
            Length::Until(until) => until,
        };
        fits(from, until, longest)?;
        Ok((from, until))
    }

    /// The booking of these ports.
    pub(super) fn booking(&self, ports: Vec<String>, from: Time, until: Time) -> Booking {
        Booking {
            ports,
            account: self.account.clone(),
            booked: Booked {
                id: 0,
                by: self.by.clone(),
                job: self.job.clone(),
                title: self.title.clone(),
                from,
                until,
                programs: self.programs,
            },
        }
    }
}

/// Ready where a booking can be as long.
pub(super) fn fits(from: Time, until: Time, longest: Duration) -> Result<(), BookingError> {
    let length = until.0.saturating_sub(from.0);
    if length == 0 {
        return Err(BookingError::Empty);
    }
    if u128::from(length) > longest.as_micros() {
        return Err(BookingError::Long { longest });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_for_a_time_to_come_and_no_longer_than_may_be() {
        const SECOND: u64 = 1_000_000;
        let times = |from: Option<u64>, length| {
            let wanted = Wanted {
                ports: vec!["uno".to_owned()],
                count: 1,
            };
            let order = Order {
                wanted,
                from: from.map(|from| Time(from * SECOND)),
                length,
                by: "ada".to_owned(),
                account: None,
                job: None,
                title: None,
                programs: false,
            };
            let times = order.times(Time(100 * SECOND), Duration::from_secs(60));
            times.map(|(from, until)| (from.0 / SECOND, until.0 / SECOND))
        };
        let until = |seconds: u64| Length::Until(Time(seconds * SECOND));
        let long = Err(BookingError::Long {
            longest: Duration::from_secs(60),
        });
        for (from, length, expected) in [
            (None, Length::For(60 * SECOND), Ok((100, 160))),
            (None, until(130), Ok((100, 130))),
            (Some(500), until(501), Ok((500, 501))),
            (Some(500), Length::For(1 + 60 * SECOND), long.clone()),
            (None, until(161), long.clone()),
            (None, Length::For(u64::MAX), long),
            (None, Length::For(0), Err(BookingError::Empty)),
            (None, until(100), Err(BookingError::Empty)),
            (Some(500), until(400), Err(BookingError::Empty)),
            (Some(99), until(130), Err(BookingError::Past)),
            (
                Some(40_000_000),
                Length::For(SECOND),
                Err(BookingError::Far),
            ),
        ] {
            assert_eq!(times(from, length), expected, "{from:?} {length:?}");
        }
    }
}
