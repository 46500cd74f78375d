//! Why something was not done with a booking.

use std::time::Duration;

use super::desk::{MOST, MOST_OF_ONE, MOST_WAITING};
use crate::clock::minute;
use crate::record::Time;

/// Why something was not done with a booking.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum BookingError {
    #[error(
        "{port} is booked by {by} until {}; what you want is free from {} on: book it from then, or wait \
         for it",
        minute(*until),
        minute(*free_from)
    )]
    Taken {
        port: String,
        by: String,
        until: Time,
        free_from: Time,
    },
    #[error("others wait for that already; wait too, or choose another port")]
    Queued,
    #[error("{port} is booked by {by} from {} on; extend it up to then", minute(*from))]
    Next {
        port: String,
        by: String,
        from: Time,
    },
    #[error("\"from\" lies in the past; leave it out to begin now")]
    Past,
    #[error("ports can be booked a year ahead, no more")]
    Far,
    #[error(
        "a booking ends after it begins: \"until\" has to lie behind \"from\", and \"for\" be longer than nothing"
    )]
    Empty,
    #[error("a booking can be {} long, no more; who runs this server can allow more ([booking] longest)", length(*longest))]
    Long { longest: Duration },
    #[error("there is no booking {0:?}; look at the list of those that there are")]
    Unknown(String),
    #[error("booking {id} is {by}'s; only {by}, or who administers its ports, may change it")]
    NotYours { id: u64, by: String },
    #[error("there are {MOST} bookings already, which is as many as may be; end one first")]
    TooMany,
    #[error("you have {MOST_OF_ONE} bookings already, which is as many as may be; end one first")]
    TooManyOfOne,
    #[error("{MOST_WAITING} wait for ports already; try again later")]
    TooManyWait,
}

fn length(length: Duration) -> String {
    match length.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
