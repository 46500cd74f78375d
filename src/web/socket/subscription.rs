//! A subscription: one port's records, or the values in them, on their way to the client, from its
//! place on, as far as it has credit, and perhaps up to an end.

use std::sync::Arc;

use super::readings::Readings;
use crate::journal::{Cursor, Step};
use crate::record::{Gap, Offset, Time};
use crate::span::Span;
use crate::wire::{self, Channel, RECORD_HEADER};

/// One port's records on their way to the client.
pub(super) struct Subscription {
    pub channel: Channel,
    pub cursor: Cursor,
    /// Bytes that the client is ready for; below 0 where the last record overshot. No bound where
    /// the client named none.
    pub credit: Option<i64>,
    /// From here on records are live.
    pub live: Offset,
    /// Where it ends; it stays live without.
    pub to: Option<Offset>,
    /// What it brings instead of the records.
    pub readings: Option<Box<Readings>>,
    /// Dropped when it ends; the listener sees that its channel is free.
    pub _lease: Arc<()>,
}

impl Subscription {
    /// Adds records to a message that has room for `room` bytes; false if there was nothing.
    pub(super) fn fill(&mut self, message: &mut Vec<u8>, room: usize, span: &mut Span) -> bool {
        if self.has_ended() {
            return false;
        }
        let limit = self.credit.map_or(room, |credit| {
            room.min(usize::try_from(credit.max(0)).unwrap_or(room))
        });
        if limit == 0 {
            return false;
        }
        let before = message.len();
        let had_some = match &mut self.readings {
            Some(readings) => readings.fill(&mut self.cursor, message, limit, span),
            None => self.fill_records(message, limit, span),
        };
        if let Some(credit) = &mut self.credit {
            *credit -= (message.len() - before) as i64;
        }
        had_some
    }

    fn fill_records(&mut self, message: &mut Vec<u8>, limit: usize, span: &mut Span) -> bool {
        match self.cursor.take(limit, span) {
            None => return false,
            Some(Step::Gap(gap)) => {
                let to = self.to.map_or(gap.to, |to| gap.to.min(to));
                wire::put_gap(message, self.channel, Gap { to, ..gap }, Time::now());
            }
            Some(Step::Span) => {
                if let Some(to) = self.to {
                    span.cut(to);
                }
                message.reserve(span.len() + RECORD_HEADER);
                for record in span.records() {
                    let live = record.offset >= self.live;
                    wire::put_record(message, self.channel, live, &record);
                }
            }
        }
        true
    }

    /// Nothing to take is no end: older bytes may be on their way from the disk.
    pub(super) fn has_ended(&self) -> bool {
        self.to.is_some_and(|to| self.cursor.offset() >= to)
            && self
                .readings
                .as_ref()
                .is_none_or(|readings| readings.is_sent())
    }

    /// Whether there is more to do for it, whatever has changed.
    pub(super) fn is_busy(&self) -> bool {
        self.has_credit()
            && self
                .readings
                .as_ref()
                .is_some_and(|readings| readings.is_busy())
    }

    pub(super) fn has_credit(&self) -> bool {
        self.credit.is_none_or(|credit| credit > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Journal;
    use crate::record::{Kind, Note, What};

    fn subscription(journal: &Arc<Journal>, from: Offset, to: Offset) -> Subscription {
        Subscription {
            channel: 1,
            cursor: journal.cursor(from).with_overhead(wire::overhead),
            credit: None,
            live: journal.reach().head,
            to: Some(to),
            readings: None,
            _lease: Arc::default(),
        }
    }

    /// All that it sends, as (kind, offset, payload), in messages with room for so many bytes.
    fn sent(subscription: &mut Subscription, room: usize) -> Vec<(u8, u64, Vec<u8>)> {
        let (mut message, mut span) = (Vec::new(), Span::default());
        while subscription.fill(&mut message, room, &mut span) {}
        assert!(subscription.has_ended());
        let mut records = Vec::new();
        let mut rest = message.as_slice();
        while let Some((header, behind)) = rest.split_at_checked(RECORD_HEADER) {
            let length = u32::from_le_bytes(header[4..8].try_into().unwrap());
            let offset = u64::from_le_bytes(header[8..16].try_into().unwrap());
            let (payload, behind) = behind.split_at(length as usize);
            records.push((header[0], offset, payload.to_vec()));
            rest = behind;
        }
        records
    }

    #[test]
    fn what_is_bounded_ends_at_its_byte_however_it_is_cut() {
        let journal = Journal::new(1 << 20);
        let all: Vec<u8> = (0..2000u32).map(|n| (n / 7) as u8).collect();
        for piece in all.chunks(61) {
            journal.append(Kind::Rx, Time(1), None, piece);
        }
        for (from, to) in [
            (0, 2000),
            (0, 1),
            (60, 62),
            (61, 122),
            (500, 500),
            (1999, 2000),
        ] {
            for room in [1, 30, 100, 1 << 16] {
                let mut bounded = subscription(&journal, Offset(from), Offset(to));
                let records = sent(&mut bounded, room);
                let bytes: Vec<u8> = records.into_iter().flat_map(|record| record.2).collect();
                assert_eq!(bytes, &all[from as usize..to as usize], "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_note_at_the_end_is_sent_whole() {
        let journal = Journal::new(1 << 20);
        journal.append(Kind::Rx, Time(1), None, b"abc");
        journal.note(&Note::new(What::Break, "a BREAK came in"));
        let end = journal.reach().head;
        journal.append(Kind::Rx, Time(1), None, b"def");
        let records = sent(&mut subscription(&journal, Offset(1), Offset(4)), 1 << 16);
        assert_eq!(records.len(), 2);
        assert_eq!(records[0], (1, 1, b"bc".to_vec()));
        assert_eq!((records[1].0, records[1].1), (3, 3));
        assert_eq!(records[1].2.len() as u64, end.since(Offset(3)));
    }

    #[test]
    fn a_gap_is_told_only_up_to_the_end() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        for _ in 0..4 {
            journal.append(Kind::Rx, Time(1), None, &[b'x'; Journal::MIN_CAPACITY / 2]);
        }
        let oldest = journal.reach().oldest;
        for (to, expected) in [
            (Offset(9), Offset(9)),
            (oldest, oldest),
            (oldest.plus(1), oldest),
        ] {
            let records = sent(&mut subscription(&journal, Offset(5), to), 1 << 16);
            assert_eq!(records[0], (4, 5, expected.0.to_le_bytes().to_vec()));
            assert_eq!(records.len(), if to > oldest { 2 } else { 1 });
        }
    }
}
