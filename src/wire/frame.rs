//! A frame: one record, or gap, of a binary message of the server, as a client reads it.

use super::{
    Channel, FLAG_CRASH, FLAG_LIVE, FLAG_WITHHELD, GAP, RECORD_HEADER, WRITE, WRITE_HEADER,
};
use crate::record::{Gap, Kind, Offset, Record, Time, Why};

/// Offsets and times stay below this, so that JSON numbers hold them.
const END_OF_NUMBERS: u64 = 1 << 53;

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The subscription that it belongs to.
    pub channel: Channel,
    /// Whether it was appended after the subscription was answered.
    pub live: bool,
    /// What it brings.
    pub content: Content<'a>,
}

/// What a frame brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A record. Its payload may be empty, unlike that of one in a journal.
    Record(Record<'a>),
    /// Bytes that are missing, and when that was noticed.
    Gap(Gap, Time),
    /// Something that a client of records does not know.
    Unknown,
}

/// A message that does not end where a frame ends, or one of whose frames is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Damage {
    #[error("{0} bytes are too few for a record's header")]
    Header(usize),
    #[error("a record of {length} bytes in the last {left} of a message")]
    Length { length: usize, left: usize },
    #[error("an offset or a time beyond 2^53")]
    Number,
    #[error("a Tx record that ends within its author")]
    Author,
    #[error("a Gap without its end")]
    Gap,
}

/// Reads a binary message. Damage ends it.
pub fn frames(message: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, Damage>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let frame = split(rest).and_then(|(header, payload, behind)| {
            rest = behind;
            read(header, payload)
        });
        if frame.is_err() {
            rest = &[];
        }
        Some(frame)
    })
}

/// The header and the payload of the first frame, and what follows it.
#[expect(clippy::type_complexity, reason = "three pieces of the same bytes")]
fn split(message: &[u8]) -> Result<(&[u8; RECORD_HEADER], &[u8], &[u8]), Damage> {
    let (header, rest) = message
        .split_first_chunk()
        .ok_or(Damage::Header(message.len()))?;
    let length = u32::from_le_bytes(field(header, 4)) as usize;
    let left = rest.len();
    let (payload, rest) = rest
        .split_at_checked(length)
        .ok_or(Damage::Length { length, left })?;
    Ok((header, payload, rest))
}

fn read<'a>(header: &[u8; RECORD_HEADER], payload: &'a [u8]) -> Result<Frame<'a>, Damage> {
    let [kind, flags, ..] = *header;
    let frame = |content| Frame {
        channel: u16::from_le_bytes(field(header, 2)),
        live: flags & FLAG_LIVE != 0,
        content,
    };
    let kind = match kind {
        1 => Some(Kind::Rx),
        2 => Some(Kind::Tx),
        3 => Some(Kind::Note),
        GAP => None,
        _ => return Ok(frame(Content::Unknown)),
    };
    let [offset, time] = [8, 16].map(|at| u64::from_le_bytes(field(header, at)));
    let is_number = |number: u64| number < END_OF_NUMBERS;
    if !is_number(offset) || !is_number(time) || !is_number(offset + payload.len() as u64) {
        return Err(Damage::Number);
    }
    let (offset, time) = (Offset(offset), Time(time));
    let Some(kind) = kind else {
        let to = payload.try_into().map_err(|_| Damage::Gap)?;
        let to = Offset(u64::from_le_bytes(to));
        if to < offset {
            return Err(Damage::Gap);
        }
        if !is_number(to.0) {
            return Err(Damage::Number);
        }
        let why = match flags {
            _ if flags & FLAG_WITHHELD != 0 => Why::Withheld,
            _ if flags & FLAG_CRASH != 0 => Why::Crash,
            _ => Why::Dropped,
        };
        let gap = Gap {
            from: offset,
            to,
            why,
        };
        return Ok(frame(Content::Gap(gap, time)));
    };
    let (author, bytes) = match kind {
        Kind::Tx => {
            let (length, rest) = payload.split_first().ok_or(Damage::Author)?;
            let (name, bytes) = rest
                .split_at_checked(usize::from(*length))
                .ok_or(Damage::Author)?;
            let name = std::str::from_utf8(name).map_err(|_| Damage::Author)?;
            (Some(name), bytes)
        }
        Kind::Rx | Kind::Note => (None, payload),
    };
    Ok(frame(Content::Record(Record {
        kind,
        offset,
        time,
        author,
        bytes,
    })))
}

fn field<const N: usize>(header: &[u8; RECORD_HEADER], at: usize) -> [u8; N] {
    let bytes = header[at..].first_chunk();
    *bytes.expect("fields lie within the header")
}

/// A client's write as it goes over the wire.
pub fn put_write(channel: Channel, id: u32, answer: bool, bytes: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(WRITE_HEADER + bytes.len());
    message.extend([WRITE, u8::from(answer)]);
    message.extend(channel.to_le_bytes());
    message.extend(id.to_le_bytes());
    message.extend(bytes);
    message
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{Write, put_gap, put_record};

    fn record() -> impl Strategy<Value = (Kind, u64, String, Vec<u8>)> {
        let kinds = prop_oneof![Just(Kind::Rx), Just(Kind::Tx), Just(Kind::Note)];
        let bytes = prop::collection::vec(any::<u8>(), 0..50);
        (kinds, 0..1u64 << 52, "\\PC{0,20}", bytes)
    }

    proptest! {
        #[test]
        fn what_is_put_is_read(records in prop::collection::vec(record(), 0..8), channel: u16, live: bool) {
            let mut message = Vec::new();
            for (kind, offset, author, bytes) in &records {
                let author = (*kind == Kind::Tx).then_some(author.as_str());
                let (offset, time) = (Offset(*offset), Time(*offset));
                let record = Record { kind: *kind, offset, time, author, bytes };
                put_record(&mut message, channel, live, &record);
                put_gap(&mut message, channel, Gap { from: offset, to: offset.plus(7), why: Why::Crash }, time);
            }
            let mut read = frames(&message).map(|frame| frame.expect("whole"));
            for (kind, offset, author, bytes) in &records {
                let Frame { channel: on, live: is_live, content: Content::Record(found) } = read.next().unwrap() else {
                    panic!("a record was put");
                };
                prop_assert_eq!((on, is_live, found.kind, found.offset), (channel, live, *kind, Offset(*offset)));
                prop_assert_eq!(found.bytes, &bytes[..]);
                prop_assert_eq!(found.author, (*kind == Kind::Tx).then_some(author.as_str()));
                let gap = read.next().unwrap().content;
                prop_assert!(matches!(gap, Content::Gap(Gap { why: Why::Crash, .. }, _)), "{gap:?}");
            }
            prop_assert_eq!(read.next(), None);
        }

        #[test]
        fn whatever_a_stranger_sends_is_read_or_called_damaged(message in prop::collection::vec(any::<u8>(), 0..200)) {
            let all: Vec<_> = frames(&message).collect();
            prop_assert!(all.iter().rev().skip(1).all(Result::is_ok), "damage ends it");
        }

        #[test]
        fn a_write_reads_back(channel: u16, id: u32, answer: bool, bytes: Vec<u8>) {
            let message = put_write(channel, id, answer, &bytes).into();
            let bytes = bytes.into();
            prop_assert_eq!(Write::parse(&message), Ok(Write { channel, id, answer, bytes }));
        }
    }
}
