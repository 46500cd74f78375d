//! A strand: bytes of one kind and author that follow each other, put together out of records.

use std::ops::Range;

use crate::pattern::Pattern;
use crate::record::{Kind, Offset, Record, Time};

/// Where some bytes of a strand stand in the journal.
#[derive(Clone, Debug)]
struct Piece {
    /// The place of the first in the strand.
    at: usize,
    offset: Offset,
    time: Time,
}

/// Bytes of one kind and author that follow each other, and the place of each in the journal.
#[derive(Clone, Debug)]
pub struct Strand {
    kind: Kind,
    author: Option<String>,
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Strand {
    /// A strand without bytes.
    pub fn new(kind: Kind, author: Option<&str>) -> Self {
        Self {
            kind,
            author: author.map(str::to_owned),
            bytes: Vec::new(),
            pieces: Vec::new(),
        }
    }

    /// The same memory for another strand.
    pub fn renew(mut self, kind: Kind, author: Option<&str>) -> Self {
        self.bytes.clear();
        self.pieces.clear();
        self.author = author.map(str::to_owned);
        Self { kind, ..self }
    }

    /// Adds the bytes of a record behind the others.
    pub fn push(&mut self, record: &Record<'_>) {
        self.pieces.push(Piece {
            at: self.bytes.len(),
            offset: record.offset,
            time: record.time,
        });
        self.bytes.extend_from_slice(record.bytes);
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Who typed it.
    pub fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where the byte at `at` stands in the journal, and when it came.
    pub fn origin(&self, at: usize) -> (Offset, Time) {
        let piece = self.pieces.partition_point(|piece| piece.at <= at) - 1;
        let Piece {
            at: from,
            offset,
            time,
        } = self.pieces[piece];
        (offset.plus(at - from), time)
    }

    /// The place of the first byte that stands at `offset` or later.
    fn place(&self, offset: Offset) -> usize {
        let next = self.pieces.partition_point(|piece| piece.offset < offset);
        let end = self
            .pieces
            .get(next)
            .map_or(self.bytes.len(), |piece| piece.at);
        next.checked_sub(1).map_or(end, |before| {
            let piece = &self.pieces[before];
            end.min(piece.at + offset.since(piece.offset) as usize)
        })
    }

    /// The matches that begin within `window`, in order. What was found and does not count, because
    /// it is empty or begins earlier, is none, so that whoever takes them can stop at any time.
    ///
    /// The search sets out from the start of a line before the window, so that what it finds does
    /// not depend on where the window begins: `\d+` is not found again in the middle of a number.
    pub fn matches<'a>(
        &'a self,
        pattern: &'a Pattern,
        window: &Range<Offset>,
    ) -> impl Iterator<Item = Option<Range<usize>>> + 'a {
        let (first, end) = (self.place(window.start), self.place(window.end));
        let mut at = match first < end {
            true => first_line(&self.bytes[..first]),
            false => usize::MAX,
        };
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let found = pattern.find(&self.bytes, at)?;
            at = found.end.max(found.start + 1);
            let counts = (first..end).contains(&found.start) && !found.is_empty();
            Some(counts.then_some(found))
        })
    }
}

/// Where the first line begins of which all is there; 0 where none does.
fn first_line(bytes: &[u8]) -> usize {
    let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
    end.map_or(0, |end| match bytes[end..] {
        [b'\r', b'\n', ..] => end + 2,
        _ => end + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strand(records: &[(u64, &[u8])]) -> Strand {
        let mut strand = Strand::new(Kind::Rx, None);
        for &(offset, bytes) in records {
            strand.push(&Record {
                kind: Kind::Rx,
                offset: Offset(offset),
                time: Time(offset),
                author: None,
                bytes,
            });
        }
        strand
    }

    fn found(strand: &Strand, expression: &str, window: Range<u64>) -> Vec<(u64, usize)> {
        let pattern = Pattern::regex(expression, true).unwrap();
        let window = Offset(window.start)..Offset(window.end);
        let matches = strand.matches(&pattern, &window);
        let place = |found: Range<usize>| (strand.origin(found.start).0.0, found.len());
        matches.flatten().map(place).collect()
    }

    #[test]
    fn a_match_goes_across_cuts_and_is_of_the_window_in_which_it_begins() {
        let strand = strand(&[(10, b"pa"), (20, b"n"), (30, b"ic panic")]);
        assert_eq!(found(&strand, "panic", 0..99), [(10, 5), (33, 5)]);
        assert_eq!(found(&strand, "panic", 10..33), [(10, 5)]);
        assert_eq!(found(&strand, "panic", 11..34), [(33, 5)]);
        assert_eq!(found(&strand, "n", 13..21), [(20, 1)]);
        assert_eq!(found(&strand, "n", 13..20), []);
        assert_eq!(strand.origin(3), (Offset(30), Time(30)));
    }

    #[test]
    fn a_window_that_begins_within_a_match_does_not_find_its_rest() {
        let strand = strand(&[(0, b"x\r\n12345 678\n90")]);
        assert_eq!(found(&strand, r"\d+", 5..99), [(9, 3), (13, 2)]);
        assert_eq!(found(&strand, r"\d+", 3..4), [(3, 5)]);
    }

    #[test]
    fn a_match_of_nothing_is_none() {
        let strand = strand(&[(0, b"baab")]);
        assert_eq!(found(&strand, "a*", 0..4), [(1, 2)]);
        assert_eq!(found(&strand, "|a|$|^", 0..4), []);
    }
}
