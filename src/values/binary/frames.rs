//! Frames: binary records out of the pieces in which bytes come in.

use memchr::{memchr, memmem};

use super::{LONGEST, Place};
use crate::record::{Offset, Record, Time};
use crate::values::cutter::PAUSE;

/// What ends a frame of COBS and of SLIP, and what SLIP writes in front of what it may not send.
const ZERO: u8 = 0;
const END: u8 = 0xc0;
const ESC: u8 = 0xdb;

/// Cuts what comes in into frames.
#[derive(Debug)]
pub struct Frames {
    kind: Kind,
    held: Vec<u8>,
    /// Where the bytes that are held were, and when they came, by their places here.
    pieces: Vec<(usize, Offset, Time)>,
    /// Whether the next byte is known to begin a frame.
    is_aligned: bool,
    /// When something was heard last.
    last: Time,
    decoded: Vec<u8>,
}

#[derive(Debug)]
enum Kind {
    Fixed {
        length: usize,
        sync: Vec<u8>,
        /// Whether a frame that is broken can be told.
        is_checked: bool,
    },
    Cobs,
    Slip,
}

impl Frames {
    /// Frames of one length, which begin with `sync`.
    pub fn fixed(length: usize, sync: Vec<u8>, is_checked: bool) -> Self {
        Self::new(Kind::Fixed {
            length,
            sync,
            is_checked,
        })
    }

    /// Frames that end with a zero byte.
    pub fn cobs() -> Self {
        Self::new(Kind::Cobs)
    }

    /// Frames that end with 0xC0.
    pub fn slip() -> Self {
        Self::new(Kind::Slip)
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            held: Vec::new(),
            pieces: Vec::new(),
            is_aligned: false,
            last: Time(0),
            decoded: Vec::new(),
        }
    }

    /// Takes what came in; `each` gets the frames that end in it and says whether they are whole.
    /// Gives how many were not.
    pub fn take(&mut self, record: &Record<'_>, each: impl FnMut(&[u8], Place) -> bool) -> u64 {
        let is_after_pause = record.time.0.saturating_sub(self.last.0) >= PAUSE;
        self.last = record.time;
        if is_after_pause && matches!(&self.kind, Kind::Fixed { sync, .. } if sync.is_empty()) {
            // Nothing else tells where a frame begins.
            self.drop(self.held.len());
        }
        self.pieces
            .push((self.held.len(), record.offset, record.time));
        self.held.extend_from_slice(record.bytes);
        let (used, broken) = match self.kind {
            Kind::Fixed { .. } => self.take_fixed(each),
            Kind::Cobs | Kind::Slip => self.take_ended(each),
        };
        self.drop(used);
        broken
    }

    /// Takes that bytes are missing.
    pub fn lose(&mut self, time: Time) {
        self.drop(self.held.len());
        self.is_aligned = false;
        self.last = time;
    }

    /// Gives how much is done with, and how many frames were broken.
    fn take_fixed(&mut self, mut each: impl FnMut(&[u8], Place) -> bool) -> (usize, u64) {
        let Kind::Fixed {
            length,
            sync,
            is_checked,
        } = &self.kind
        else {
            return (0, 0);
        };
        let (mut at, mut broken) = (0, 0);
        loop {
            let rest = &self.held[at..];
            if !rest.starts_with(sync) {
                self.is_aligned = false;
                match memmem::find(rest, sync) {
                    Some(found) => at += found,
                    // Its beginning may be there.
                    None => {
                        return (
                            at.max((self.held.len() + 1).saturating_sub(sync.len())),
                            broken,
                        );
                    }
                }
            }
            let Some(frame) = self.held.get(at..at + length) else {
                return (at, broken);
            };
            if each(frame, self.place(at, at + length)) {
                self.is_aligned = true;
                at += length;
            } else if *is_checked {
                // Without a sync every byte is tried, and only the first is news.
                broken += u64::from(self.is_aligned || !sync.is_empty());
                self.is_aligned = false;
                at += 1;
            } else {
                at += length;
            }
        }
    }

    fn take_ended(&mut self, mut each: impl FnMut(&[u8], Place) -> bool) -> (usize, u64) {
        let is_cobs = matches!(self.kind, Kind::Cobs);
        let end = if is_cobs { ZERO } else { END };
        let (mut at, mut broken) = (0, 0);
        let mut decoded = std::mem::take(&mut self.decoded);
        while let Some(length) = memchr(end, &self.held[at..]) {
            let frame = &self.held[at..at + length];
            if !frame.is_empty() && self.is_aligned && length <= 2 * LONGEST {
                decoded.clear();
                let read = if is_cobs {
                    cobs(frame, &mut decoded)
                } else {
                    slip(frame, &mut decoded)
                };
                let is_whole = read.is_some()
                    && decoded.len() <= LONGEST
                    && each(&decoded, self.place(at, at + length + 1));
                broken += u64::from(!is_whole);
            }
            self.is_aligned = true;
            at += length + 1;
        }
        self.decoded = decoded;
        if self.held.len() - at > 2 * LONGEST {
            // An end that never comes; what comes behind it is no whole frame.
            self.is_aligned = false;
            at = self.held.len();
        }
        (at, broken)
    }

    /// Where the bytes from `from` up to `to` were.
    fn place(&self, from: usize, to: usize) -> Place {
        let offset = |at: usize| {
            let piece = self.pieces.partition_point(|(start, ..)| *start <= at) - 1;
            let (start, offset, time) = self.pieces[piece];
            (offset.plus(at - start), time)
        };
        let ((first, time), (last, _)) = (offset(from), offset(to - 1));
        Place {
            offset: first,
            length: u32::try_from(last.plus(1).since(first)).unwrap_or(u32::MAX),
            time,
        }
    }

    /// Lets the first bytes go.
    fn drop(&mut self, count: usize) {
        self.held.drain(..count);
        let gone = self.pieces.partition_point(|(start, ..)| *start <= count);
        let first = gone.saturating_sub(usize::from(!self.held.is_empty()));
        self.pieces.drain(..first);
        for (start, offset, _) in &mut self.pieces {
            *offset = offset.plus(count.saturating_sub(*start));
            *start = start.saturating_sub(count);
        }
    }
}

/// Takes the stuffing out of a frame.
fn cobs(frame: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = frame;
    while let Some((&code, behind)) = rest.split_first() {
        let (bytes, behind) = behind.split_at_checked(usize::from(code) - 1)?;
        out.extend_from_slice(bytes);
        if code < 0xff && !behind.is_empty() {
            out.push(0);
        }
        rest = behind;
    }
    Some(())
}

/// The same for SLIP.
fn slip(frame: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut bytes = frame.iter();
    while let Some(&byte) = bytes.next() {
        out.push(match byte {
            ESC => match bytes.next()? {
                0xdc => END,
                0xdd => ESC,
                _ => return None,
            },
            byte => byte,
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stuffing_is_taken_out() {
        let long: Vec<u8> = (1..=255).collect();
        let stuffed = [&[0xff], &long[..254], &[2, 255]].concat();
        for (frame, bytes) in [
            (&[1, 1][..], &[0][..]),
            (&[1, 1, 1], &[0, 0]),
            (&[3, 0x11, 0x22, 2, 0x33], &[0x11, 0x22, 0, 0x33]),
            (&[2, 0x11, 1, 1, 1], &[0x11, 0, 0, 0]),
            (&stuffed, &long),
        ] {
            let mut out = Vec::new();
            assert_eq!(cobs(frame, &mut out), Some(()));
            assert_eq!(out, bytes);
        }
        assert_eq!(cobs(&[5, 1], &mut Vec::new()), None);
        let mut out = Vec::new();
        assert_eq!(slip(&[1, 0xdb, 0xdc, 0xdb, 0xdd, 2], &mut out), Some(()));
        assert_eq!(out, [1, 0xc0, 0xdb, 2]);
        assert_eq!(slip(&[0xdb], &mut out), None);
        assert_eq!(slip(&[0xdb, 1], &mut out), None);
    }
}
