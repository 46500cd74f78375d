//! A span: some records read at once, wherever they were read from.

use std::sync::Arc;

use crate::record::{Kind, Offset, Record, Time};

/// What a record of this kind and author costs its reader besides its payload, in bytes.
pub type Overhead = fn(Kind, Option<&str>) -> usize;

/// Where one record lies, without its payload.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The place of the first byte.
    pub offset: Offset,
    /// When it came.
    pub time: Time,
    /// The number of payload bytes, at least 1.
    pub length: usize,
    /// What it holds.
    pub kind: Kind,
    /// Who typed it.
    pub author: Option<Arc<str>>,
}

impl Entry {
    /// The offset behind the last byte.
    pub fn end(&self) -> Offset {
        self.offset.plus(self.length)
    }
}

/// Some records read at once: their payloads one behind the other, and where each begins.
/// It is filled again and again to save allocations.
#[derive(Debug, Default)]
pub struct Span {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Span {
    /// The records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut at = 0;
        self.entries.iter().map(move |entry| {
            let from = at;
            at += entry.length;
            Record {
                kind: entry.kind,
                offset: entry.offset,
                time: entry.time,
                author: entry.author.as_deref(),
                bytes: &self.bytes[from..at],
            }
        })
    }

    /// The number of payload bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The offset behind the last record.
    pub fn end(&self) -> Option<Offset> {
        self.entries.last().map(Entry::end)
    }

    /// The offset of the first record.
    pub fn start(&self) -> Option<Offset> {
        self.entries.first().map(|entry| entry.offset)
    }

    /// Adds a record, which begins where the one before it ends.
    pub fn push(&mut self, entry: Entry, bytes: &[u8]) {
        self.entries.push(entry);
        self.bytes.extend_from_slice(bytes);
    }

    /// Fills `into` with the records from `from` on, as [`Self::fill`] says.
    pub fn read(&self, from: Offset, limit: usize, overhead: Overhead, into: &mut Self) {
        let Some(start) = self.start() else {
            return into.clear();
        };
        let first = self.entries.partition_point(|entry| entry.end() <= from);
        let copy = |offset: Offset, length, out: &mut Vec<u8>| {
            let at = offset.since(start) as usize;
            out.extend_from_slice(&self.bytes[at..at + length]);
        };
        into.fill(self.entries[first..].iter(), copy, from, limit, overhead);
    }

    /// Lets go what lies at `to` and behind it. A Note that reaches beyond stays whole.
    pub fn cut(&mut self, to: Offset) {
        let kept = self.entries.partition_point(|entry| entry.offset < to);
        self.entries.truncate(kept);
        if let Some(last) = self.entries.last_mut()
            && last.kind != Kind::Note
        {
            last.length = last.length.min(to.since(last.offset) as usize);
        }
        let length = self.entries.iter().map(|entry| entry.length).sum();
        self.bytes.truncate(length);
    }

    /// Lets all records go; the memory stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    /// Fills the span with the records from `from` on, at most `limit` bytes or one record; each
    /// counts its payload and its `overhead`. The first is cut to begin at `from` and the last to
    /// fit, but a Note is never cut. `entries` are in order and do not end before `from`; `copy`
    /// adds the payload at an offset, of a length.
    pub fn fill<'a>(
        &mut self,
        entries: impl Iterator<Item = &'a Entry>,
        copy: impl Fn(Offset, usize, &mut Vec<u8>),
        from: Offset,
        limit: usize,
        overhead: Overhead,
    ) {
        self.clear();
        let mut used = 0;
        for entry in entries {
            used += overhead(entry.kind, entry.author.as_deref());
            let room = limit.saturating_sub(used);
            if room == 0 && !self.is_empty() {
                break;
            }
            let mut piece = entry.clone();
            if entry.kind == Kind::Note {
                if entry.length > room && !self.is_empty() {
                    break;
                }
            } else {
                let skipped = from.since(entry.offset) as usize;
                piece.offset = entry.offset.plus(skipped);
                piece.length = (entry.length - skipped).min(room.max(1));
            }
            used += piece.length;
            copy(piece.offset, piece.length, &mut self.bytes);
            self.entries.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_cut_to_the_byte_but_a_note_is_not() {
        let entry = |offset, length, kind| Entry {
            offset: Offset(offset),
            time: Time(1),
            length,
            kind,
            author: None,
        };
        let entries = [
            entry(10, 3, Kind::Rx),
            entry(13, 4, Kind::Note),
            entry(17, 2, Kind::Tx),
        ];
        let text = b"abc{..}de";
        for (to, kept) in [
            (9, ""),
            (10, ""),
            (11, "a"),
            (13, "abc"),
            (14, "abc{..}"),
            (17, "abc{..}"),
            (18, "abc{..}d"),
            (19, "abc{..}de"),
            (99, "abc{..}de"),
        ] {
            let mut span = Span::default();
            let copy = |from: Offset, length, into: &mut Vec<u8>| {
                let at = from.since(Offset(10)) as usize;
                into.extend_from_slice(&text[at..at + length]);
            };
            span.fill(entries.iter(), copy, Offset(10), 100, |_, _| 0);
            span.cut(Offset(to));
            let left: Vec<u8> = span
                .records()
                .flat_map(|record| record.bytes.to_vec())
                .collect();
            assert_eq!(left, kept.as_bytes(), "{to}");
            assert_eq!(span.len(), kept.len());
        }
    }
}
