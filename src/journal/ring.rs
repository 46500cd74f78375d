//! The ring: the newest stretch of a journal, in memory of a fixed size.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::record::{Kind, Offset, Time};
use crate::span::{Entry, Overhead, Span};
use crate::store::Activity;

/// With records shorter than this on average, their number limits the ring before the bytes do,
/// so that a device that sends single bytes cannot grow the index without bound.
const BYTES_PER_ENTRY: usize = 32;

/// The newest records of a journal. The oldest make room, whole, for the newest.
pub(super) struct Ring {
    /// The byte at offset `o` lies at `o % bytes.len()`. The system gives zeroed memory only when
    /// it is touched, so a quiet port costs nothing.
    bytes: Box<[u8]>,
    /// Without holes: each entry begins where the one before it ends.
    entries: VecDeque<Entry>,
    head: Offset,
    /// Nothing is added any more.
    sealed: bool,
}

impl Ring {
    /// An empty ring whose first byte gets the offset `head`.
    pub(super) fn new(capacity: usize, head: Offset) -> Self {
        Self {
            bytes: vec![0; capacity].into_boxed_slice(),
            entries: VecDeque::new(),
            head,
            sealed: false,
        }
    }

    /// Adds nothing any more.
    pub(super) fn seal(&mut self) {
        self.sealed = true;
    }

    /// How many bytes fit.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// The offset that the next byte will get.
    pub(super) fn head(&self) -> Offset {
        self.head
    }

    /// The offset of the oldest byte that is kept.
    pub(super) fn oldest(&self) -> Offset {
        self.entries.front().map_or(self.head, |entry| entry.offset)
    }

    /// The time of the oldest record that is kept.
    pub(super) fn oldest_time(&self) -> Option<Time> {
        self.entries.front().map(|entry| entry.time)
    }

    /// The next byte gets the offset `head`; there are none yet.
    pub(super) fn move_to(&mut self, head: Offset) {
        if self.entries.is_empty() {
            self.head = head;
        }
    }

    /// Adds a record behind the others and returns its offset. `bytes` must fit into the ring.
    pub(super) fn append(
        &mut self,
        kind: Kind,
        time: Time,
        author: Option<Arc<str>>,
        bytes: &[u8],
    ) -> Offset {
        let capacity = self.bytes.len();
        assert!(
            bytes.len() <= capacity,
            "a record of {} bytes in {capacity}",
            bytes.len()
        );
        let offset = self.head;
        if bytes.is_empty() || self.sealed {
            return offset;
        }
        self.head = offset.plus(bytes.len());
        while self.head.since(self.oldest()) > capacity as u64
            || self.entries.len() >= (capacity / BYTES_PER_ENTRY).max(1)
        {
            self.entries.pop_front();
        }
        let at = (offset.0 % capacity as u64) as usize;
        let straight = bytes.len().min(capacity - at);
        self.bytes[at..at + straight].copy_from_slice(&bytes[..straight]);
        self.bytes[..bytes.len() - straight].copy_from_slice(&bytes[straight..]);
        self.entries.push_back(Entry {
            offset,
            time,
            length: bytes.len(),
            kind,
            author,
        });
        offset
    }

    /// Fills `span` with the records from `from` on, as [`Span::fill`] says. `from` must not lie
    /// before the oldest byte.
    pub(super) fn read(&self, from: Offset, limit: usize, overhead: Overhead, span: &mut Span) {
        let first = self.entries.partition_point(|entry| entry.end() <= from);
        let copy = |from, length, into: &mut _| self.copy(from, length, into);
        span.fill(self.entries.range(first..), copy, from, limit, overhead);
    }

    /// The offset of the first record of that time or later; the head where there is none.
    pub(super) fn at(&self, time: Time) -> Offset {
        let place = self.entries.partition_point(|entry| entry.time < time);
        self.entries
            .get(place)
            .map_or(self.head, |entry| entry.offset)
    }

    /// What happened minute by minute.
    pub(super) fn activity(&self) -> Vec<Activity> {
        let mut all: Vec<Activity> = Vec::new();
        for entry in &self.entries {
            let fresh = Activity::begin(entry.offset, entry.time);
            if all.last().is_none_or(|last| last.minute != fresh.minute) {
                all.push(fresh);
            }
            if let Some(last) = all.last_mut() {
                last.count(Some(entry.kind), entry.length, entry.end());
            }
        }
        all
    }

    /// The time of the record that holds the byte at `offset`.
    pub(super) fn time_of(&self, offset: Offset) -> Option<Time> {
        let place = self.entries.partition_point(|entry| entry.end() <= offset);
        let entry = self.entries.get(place)?;
        (entry.offset <= offset).then_some(entry.time)
    }

    fn copy(&self, from: Offset, length: usize, into: &mut Vec<u8>) {
        let capacity = self.bytes.len();
        let at = (from.0 % capacity as u64) as usize;
        let straight = length.min(capacity - at);
        into.extend_from_slice(&self.bytes[at..at + straight]);
        into.extend_from_slice(&self.bytes[..length - straight]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything from `from` on, read in pieces of `limit`, as (kind, bytes) runs.
    fn read_all(ring: &Ring, mut from: Offset, limit: usize) -> Vec<u8> {
        let mut span = Span::default();
        let mut all = Vec::new();
        while from < ring.head() {
            ring.read(from, limit, |_, _| 0, &mut span);
            for record in span.records() {
                assert!(record.offset == from || record.kind == Kind::Note);
                let end = record.offset.plus(record.bytes.len());
                all.extend_from_slice(&record.bytes[from.since(record.offset) as usize..]);
                from = end;
            }
        }
        all
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_back_to_the_byte_in_pieces_of_any_size(
            records in prop::collection::vec((0..3u8, prop::collection::vec(any::<u8>(), 1..90)), 1..60),
            start in any::<prop::sample::Index>(),
            limit in 1..200usize,
        ) {
            let mut ring = Ring::new(640, Offset(0));
            let mut all = Vec::new();
            for (kind, bytes) in &records {
                let kind = [Kind::Rx, Kind::Tx, Kind::Note][usize::from(*kind)];
                prop_assert_eq!(ring.append(kind, Time(1), None, bytes), Offset(all.len() as u64));
                all.extend_from_slice(bytes);
            }
            prop_assert_eq!(ring.head(), Offset(all.len() as u64));
            let kept = ring.head().since(ring.oldest()) as usize;
            prop_assert!(kept <= 640 && kept > 0);
            let from = ring.oldest().plus(start.index(kept));
            prop_assert_eq!(read_all(&ring, from, limit), &all[from.0 as usize..]);
        }
    }

    #[test]
    fn single_bytes_are_bounded_by_their_number() {
        let mut ring = Ring::new(640, Offset(0));
        for _ in 0..1000 {
            ring.append(Kind::Rx, Time(1), None, b"x");
        }
        assert_eq!(ring.entries.len(), 640 / BYTES_PER_ENTRY);
        assert_eq!(ring.oldest(), Offset(1000 - 20));
    }

    #[test]
    fn every_byte_that_is_kept_has_the_time_of_its_record_and_no_other_has_one() {
        let mut ring = Ring::new(64, Offset(0));
        for time in 1..=9 {
            ring.append(Kind::Rx, Time(time), None, &[b'x'; 10]);
        }
        let oldest = ring.oldest().0;
        assert!(oldest > 0);
        for offset in 0..100 {
            let time = (oldest..90)
                .contains(&offset)
                .then_some(Time(offset / 10 + 1));
            assert_eq!(ring.time_of(Offset(offset)), time, "{offset}");
        }
    }

    #[test]
    fn a_note_is_given_whole_to_a_reader_that_begins_within_it() {
        let mut ring = Ring::new(640, Offset(0));
        ring.append(Kind::Rx, Time(1), None, b"abc");
        ring.append(Kind::Note, Time(2), None, b"{note}");
        let mut span = Span::default();
        ring.read(Offset(5), 2, |_, _| 0, &mut span);
        let records: Vec<_> = span.records().collect();
        assert_eq!(
            (records.len(), records[0].offset, records[0].bytes),
            (1, Offset(3), &b"{note}"[..])
        );
    }
}
