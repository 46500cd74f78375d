//! A cutter: lines out of the pieces in which bytes come in.

use memchr::memchr2;

use crate::record::{Offset, Record, Time};

/// A longer line, in bytes, gives nothing.
const MOST: usize = 4 * 1024;
/// A device that was silent for so long, in microseconds, is at the beginning of a line.
pub const PAUSE: u64 = 50_000;

/// A line that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Without its end.
    pub bytes: &'a [u8],
    pub offset: Offset,
    /// From its first byte up to its end, which counts; of CR LF only the CR.
    pub length: u32,
    /// When its first byte came.
    pub time: Time,
}

/// Where the bytes that come next stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Somewhere in a line.
    Unknown,
    /// At the beginning of a line.
    Start,
    /// Within a line that is held.
    Within,
    /// Within one that is too long.
    Beyond,
}

/// Cuts what comes in into lines.
#[derive(Debug)]
pub struct Cutter {
    place: Place,
    /// The line that has begun,
    held: Vec<u8>,
    /// where,
    offset: Offset,
    /// and when.
    time: Time,
    /// When something was heard last. The end of all times where nothing was: what came before the
    /// first bytes is not known, so that there was no silence.
    last: Time,
}

impl Cutter {
    /// A cutter that knows nothing of what came before.
    pub fn new() -> Self {
        Self {
            place: Place::Unknown,
            held: Vec::new(),
            offset: Offset(0),
            time: Time(0),
            last: Time(u64::MAX),
        }
    }

    /// Takes what came in; gives each line that ends in it and is not empty.
    pub fn take(&mut self, record: &Record<'_>, mut each: impl FnMut(Line<'_>)) {
        if self.place == Place::Unknown && record.time.0.saturating_sub(self.last.0) >= PAUSE {
            self.place = Place::Start;
        }
        self.last = record.time;
        let mut at = 0;
        while let Some(length) = memchr2(b'\n', b'\r', &record.bytes[at..]) {
            let end = at + length;
            self.extend(record, at, end, &mut each);
            at = end + 1;
        }
        let rest = &record.bytes[at..];
        match self.place {
            Place::Start if !rest.is_empty() => {
                self.offset = record.offset.plus(at);
                self.time = record.time;
                self.place = Place::Within;
                self.hold(rest);
            }
            Place::Within => self.hold(rest),
            Place::Start | Place::Unknown | Place::Beyond => {}
        }
    }

    /// Ends a line with the bytes from `at` up to `end`.
    fn extend(
        &mut self,
        record: &Record<'_>,
        at: usize,
        end: usize,
        each: &mut impl FnMut(Line<'_>),
    ) {
        let bytes = &record.bytes[at..end];
        if self.place == Place::Within {
            self.hold(bytes);
        }
        match self.place {
            Place::Start if !bytes.is_empty() && bytes.len() <= MOST => each(Line {
                bytes,
                offset: record.offset.plus(at),
                length: bytes.len() as u32 + 1,
                time: record.time,
            }),
            Place::Within => {
                let length = record.offset.plus(end + 1).since(self.offset);
                each(Line {
                    bytes: &self.held,
                    offset: self.offset,
                    length: u32::try_from(length).unwrap_or(u32::MAX),
                    time: self.time,
                });
            }
            Place::Start | Place::Unknown | Place::Beyond => {}
        }
        self.held.clear();
        self.place = Place::Start;
    }

    fn hold(&mut self, bytes: &[u8]) {
        if self.held.len() + bytes.len() > MOST {
            self.held.clear();
            self.place = Place::Beyond;
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    /// Takes that bytes are missing, or that the device went away or came, at some time.
    pub fn lose(&mut self, time: Time) {
        self.held.clear();
        self.place = Place::Unknown;
        self.last = time;
    }
}
