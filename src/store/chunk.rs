//! A chunk: one row of a segment. Records of one kind and author that follow each other, put
//! together, with where each ends and when it came, so that they come apart again as they were.

use std::sync::Arc;

use crate::record::{Kind, Offset, Record, Time};
use crate::span::{Entry, Span};

/// The most that a chunk holds, in bytes of payload and cuts. With its columns such a row fills four
/// pages of the database: the leaf as far as SQLite allows, and what lies outside of it.
const MOST: usize = 16_240;
/// A record as short as this stays in one row.
const SHORT: usize = 1024;
/// What one more record may add to the cuts.
const CUT: usize = 20;

/// A row to be written, or as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The place of the first byte.
    pub offset: Offset,
    /// When the first record came.
    pub time: Time,
    /// What it holds, as on the wire.
    pub kind: u8,
    /// Who typed it.
    pub author: Option<Arc<str>>,
    /// For each record its length, then the time from it to the next, as LEB128 numbers, the times
    /// in zigzag; empty where there is only one record.
    pub cuts: Vec<u8>,
    /// The payloads.
    pub bytes: Vec<u8>,
}

impl Chunk {
    /// The offset behind the last byte.
    pub fn end(&self) -> Offset {
        self.offset.plus(self.bytes.len())
    }

    /// What it holds; none where a number stands in the file that means nothing.
    pub fn kind(&self) -> Option<Kind> {
        [Kind::Rx, Kind::Tx, Kind::Note]
            .into_iter()
            .find(|kind| *kind as u8 == self.kind)
    }

    /// What tells it from what became of it on a damaged disk: CRC-32 over all that it holds.
    pub fn sum(&self) -> u32 {
        let mut sum = crc32fast::Hasher::new();
        let author = self.author.as_deref().unwrap_or_default();
        sum.update(&self.offset.0.to_le_bytes());
        sum.update(&self.time.0.to_le_bytes());
        sum.update(&[self.kind]);
        for part in [author.as_bytes(), &self.cuts, &self.bytes] {
            sum.update(&(part.len() as u64).to_le_bytes());
            sum.update(part);
        }
        sum.finalize()
    }

    /// Adds its records to a span. Cuts that make no sense leave the payload in one piece.
    pub fn unpack(&self, span: &mut Span) {
        let Some(kind) = self.kind() else { return };
        let mut cuts = self.cuts.as_slice();
        let (mut at, mut time) = (0, self.time);
        while at < self.bytes.len() {
            let left = self.bytes.len() - at;
            let length = take(&mut cuts).map_or(left, |length| left.min(length as usize));
            let length = if length == 0 { left } else { length };
            let entry = Entry {
                offset: self.offset.plus(at),
                time,
                length,
                kind,
                author: self.author.clone(),
            };
            span.push(entry, &self.bytes[at..at + length]);
            at += length;
            let pause = take(&mut cuts).map_or(0, unzigzag);
            time = Time(time.0.wrapping_add_signed(pause));
        }
    }
}

/// Puts records together to chunks.
#[derive(Default)]
pub struct Packer {
    chunk: Chunk,
    /// The last record of the chunk, whose length is not in the cuts yet.
    last: (usize, Time),
}

impl Packer {
    /// Takes a record, which follows the one before; gives each chunk that is full.
    pub fn push<E>(
        &mut self,
        record: &Record<'_>,
        mut each: impl FnMut(&Chunk) -> Result<(), E>,
    ) -> Result<(), E> {
        let is_more = !self.chunk.bytes.is_empty()
            && record.kind != Kind::Note
            && self.chunk.kind == record.kind as u8
            && self.chunk.author.as_deref() == record.author
            && self.chunk.end() == record.offset;
        let room = MOST.saturating_sub(self.chunk.bytes.len() + self.chunk.cuts.len() + CUT);
        if is_more && record.bytes.len() <= room {
            self.cut(record.time);
            self.chunk.bytes.extend_from_slice(record.bytes);
            self.last = (record.bytes.len(), record.time);
            return Ok(());
        }
        let (mut offset, mut bytes) = (record.offset, record.bytes);
        // A long one fills this chunk first: rows that do not fill their pages waste them.
        if is_more && bytes.len() > SHORT && room > 0 {
            let (piece, rest) = bytes.split_at(room);
            self.cut(record.time);
            self.chunk.bytes.extend_from_slice(piece);
            self.last = (piece.len(), record.time);
            (offset, bytes) = (offset.plus(piece.len()), rest);
        }
        self.finish(&mut each)?;
        // A Note is never torn.
        let most = if record.kind == Kind::Note {
            bytes.len()
        } else {
            MOST - CUT
        };
        for (place, piece) in bytes.chunks(most.max(1)).enumerate() {
            self.finish(&mut each)?;
            self.chunk.offset = offset.plus(place * most);
            self.chunk.time = record.time;
            self.chunk.kind = record.kind as u8;
            if self.chunk.author.as_deref() != record.author {
                self.chunk.author = record.author.map(Arc::from);
            }
            self.chunk.bytes.extend_from_slice(piece);
            self.last = (piece.len(), record.time);
        }
        Ok(())
    }

    /// Gives what is left.
    pub fn finish<E>(&mut self, each: impl FnOnce(&Chunk) -> Result<(), E>) -> Result<(), E> {
        if self.chunk.bytes.is_empty() {
            return Ok(());
        }
        if !self.chunk.cuts.is_empty() {
            put(&mut self.chunk.cuts, self.last.0 as u64);
        }
        let done = each(&self.chunk);
        self.clear();
        done
    }

    /// Forgets what is left.
    pub fn clear(&mut self) {
        self.chunk.bytes.clear();
        self.chunk.cuts.clear();
    }

    /// The record that was the last ends here, and another of this time follows.
    fn cut(&mut self, time: Time) {
        let (length, before) = self.last;
        put(&mut self.chunk.cuts, length as u64);
        put(
            &mut self.chunk.cuts,
            zigzag(time.0.wrapping_sub(before.0) as i64),
        );
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes a number off the front; none where there is no whole one.
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            *bytes = &bytes[place + 1..];
            return Some(number);
        }
    }
    None
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Given = (Kind, Option<String>, Vec<u8>, u64);

    fn given() -> impl Strategy<Value = Given> {
        let bytes = prop_oneof![
            4 => prop::collection::vec(any::<u8>(), 1..40),
            4 => prop::collection::vec(any::<u8>(), 1..6000),
            1 => prop::collection::vec(any::<u8>(), MOST - 50..3 * MOST),
        ];
        let kind = prop_oneof![
            4 => Just((Kind::Rx, None)),
            1 => "[ab]".prop_map(|author| (Kind::Tx, Some(author))),
            1 => Just((Kind::Note, None)),
        ];
        (kind, bytes, any::<u64>())
            .prop_map(|((kind, author), bytes, time)| (kind, author, bytes, time))
    }

    proptest! {
        #[test]
        fn records_come_apart_as_they_were_put_together(all in prop::collection::vec(given(), 0..12)) {
            let (mut packer, mut chunks, mut offset) = (Packer::default(), Vec::new(), Offset(7));
            let mut keep = |chunk: &Chunk| {
                chunks.push(chunk.clone());
                Ok::<_, ()>(())
            };
            for (kind, author, bytes, time) in &all {
                let record = Record { kind: *kind, offset, time: Time(*time), author: author.as_deref(), bytes };
                packer.push(&record, &mut keep).unwrap();
                offset = offset.plus(bytes.len());
            }
            packer.finish(&mut keep).unwrap();
            let mut span = Span::default();
            for chunk in &chunks {
                let room = chunk.bytes.len() + chunk.cuts.len();
                prop_assert!(room <= MOST || chunk.kind() == Some(Kind::Note), "{room}");
                chunk.unpack(&mut span);
            }
            let mut at = Offset(7);
            let mut records = span.records();
            for (kind, author, bytes, time) in &all {
                let mut got = Vec::new();
                while got.len() < bytes.len() {
                    let record = records.next().unwrap();
                    prop_assert_eq!((record.kind, record.author, record.time), (*kind, author.as_deref(), Time(*time)));
                    prop_assert_eq!(record.offset, at);
                    at = at.plus(record.bytes.len());
                    got.extend_from_slice(record.bytes);
                }
                prop_assert_eq!(&got, bytes);
            }
            prop_assert!(records.next().is_none());
        }

        #[test]
        fn what_is_torn_leaves_no_row_half_empty(lengths in prop::collection::vec(SHORT + 1..40_000, 1..20)) {
            let (mut packer, mut rows, mut offset) = (Packer::default(), Vec::new(), Offset(0));
            let mut keep = |chunk: &Chunk| {
                rows.push(chunk.bytes.len() + chunk.cuts.len());
                Ok::<_, ()>(())
            };
            for length in lengths {
                let bytes = vec![b'x'; length];
                let record = Record { kind: Kind::Rx, offset, time: Time(1), author: None, bytes: &bytes };
                packer.push(&record, &mut keep).unwrap();
                offset = offset.plus(length);
            }
            packer.finish(&mut keep).unwrap();
            rows.pop();
            prop_assert!(rows.iter().all(|room| *room >= MOST - 2 * CUT), "{rows:?}");
        }

        #[test]
        fn a_damaged_row_still_gives_all_its_bytes(
            cuts in prop::collection::vec(any::<u8>(), 0..40),
            bytes in prop::collection::vec(any::<u8>(), 1..200),
            time in any::<u64>(),
        ) {
            let chunk = Chunk { offset: Offset(3), time: Time(time), kind: 1, author: None, cuts, bytes: bytes.clone() };
            let mut span = Span::default();
            chunk.unpack(&mut span);
            let all: Vec<u8> = span.records().flat_map(|record| record.bytes.to_vec()).collect();
            prop_assert_eq!(all, bytes);
            prop_assert_eq!(span.end(), Some(chunk.end()));
        }
    }
}
