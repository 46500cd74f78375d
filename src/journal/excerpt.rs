//! An excerpt of a journal: a journal that begins and ends where a stretch of the other does, and never
//! grows. Whoever is given it reads it like any other, and learns nothing of what lies around.

use std::sync::Arc;

use super::{Journal, Mark, Recent, Step};
use crate::record::{Excerpt, Gap, Offset, Time, Why};
use crate::span::{Overhead, Span};
use crate::state::Reach;
use crate::store::Activity;

/// What an excerpt is of. Nobody gets the journal out of it but cut to the excerpt.
pub(super) struct Whole {
    journal: Arc<Journal>,
    excerpt: Excerpt,
}

impl Journal {
    /// The excerpt between two offsets, with the Notes whole that it touches; none where nothing is kept
    /// there. Waits for the disk.
    pub fn between(&self, from: Offset, to: Offset) -> Option<Excerpt> {
        let mut span = Span::default();
        let mut at = from;
        let (from, since) = loop {
            if at >= to {
                return None;
            }
            match self.read(at, 1, |_, _| 0, &mut span)? {
                Step::Gap(gap) => at = gap.to,
                Step::Span => {
                    let first = span.records().next()?;
                    break (first.offset, first.time);
                }
            }
        };
        let (to, until) = match self.read(Offset(to.0 - 1), 1, |_, _| 0, &mut span) {
            Some(Step::Span) => {
                let last = span.records().next()?;
                (to.max(last.end()), last.time)
            }
            // It ends in a gap.
            _ => (to, since),
        };
        Some(Excerpt {
            journal: self.id,
            from,
            to,
            since,
            until,
        })
    }

    /// A journal of what lies in an excerpt. Of one that is of another journal nothing is kept any more.
    pub fn excerpt(self: &Arc<Self>, excerpt: Excerpt) -> Arc<Self> {
        let whole = (self.id == excerpt.journal).then(|| Whole {
            journal: Arc::clone(self),
            excerpt,
        });
        let part = Self {
            whole,
            ..Self::begin(Self::MIN_CAPACITY, excerpt.journal, excerpt.to, None)
        };
        part.seal();
        Arc::new(part)
    }
}

impl Whole {
    pub(super) fn reach(&self) -> Reach {
        let Excerpt {
            journal: id,
            from,
            to,
            since,
            ..
        } = self.excerpt;
        let kept = self.journal.reach();
        let oldest = kept.oldest.clamp(from, to);
        let since = match oldest {
            _ if oldest == from => Some(since),
            _ if oldest == to => None,
            _ => kept.since,
        };
        Reach {
            id,
            oldest,
            head: to,
            since,
        }
    }

    pub(super) fn recent(
        &self,
        from: Offset,
        limit: usize,
        overhead: Overhead,
        span: &mut Span,
    ) -> Recent {
        let Excerpt {
            from: begin, to, ..
        } = self.excerpt;
        if from < begin {
            return Recent::Step(Some(Step::Gap(Gap {
                from,
                to: begin,
                why: Why::Dropped,
            })));
        }
        if from >= to {
            return Recent::Step(None);
        }
        match self.journal.recent(from, limit, overhead, span) {
            Recent::Step(Some(Step::Span)) => {
                span.cut(to);
                Recent::Step(Some(Step::Span))
            }
            Recent::Step(Some(Step::Gap(gap))) => Recent::Step(Some(Step::Gap(gap.up_to(to)))),
            nothing => nothing,
        }
    }

    pub(super) fn page(&self, from: Offset, most: usize, page: &mut Span) -> Option<Gap> {
        let gap = self.journal.page(from, most, page);
        page.cut(self.excerpt.to);
        gap.map(|gap| gap.up_to(self.excerpt.to))
    }

    pub(super) fn at(&self, time: Time) -> Offset {
        let Excerpt { from, to, .. } = self.excerpt;
        self.journal.at(time).clamp(from, to)
    }

    pub(super) fn time_of(&self, offset: Offset) -> Option<Time> {
        let is_in = self.contains(offset);
        is_in.then(|| self.journal.time_of(offset)).flatten()
    }

    /// The marks that were made in it of moments in it.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks = self.journal.marks();
        marks.retain(|mark| self.contains(mark.offset) && self.contains(mark.at));
        marks
    }

    pub(super) fn activity(&self, from: Time, to: Time) -> Vec<Activity> {
        let minutes = self.journal.activity(from, to).into_iter();
        let within = minutes.filter_map(|minute| {
            let first = minute.offset.max(self.excerpt.from);
            let until = minute.until.min(self.excerpt.to);
            match first < until {
                true if (first, until) == (minute.offset, minute.until) => Some(minute),
                true => Some(self.count(first, until, minute.minute)),
                false => None,
            }
        });
        within.collect()
    }

    /// Counts the part of a minute between two offsets.
    fn count(&self, first: Offset, until: Offset, minute: Time) -> Activity {
        /// What is read at once, in bytes.
        const PIECE: usize = 64 * 1024;
        let mut counted = Activity::begin(first, minute);
        let (mut span, mut at) = (Span::default(), first);
        while at < until {
            match self.journal.read(at, PIECE, |_, _| 0, &mut span) {
                None => break,
                Some(Step::Gap(gap)) => at = gap.to,
                Some(Step::Span) => {
                    span.cut(until);
                    for record in span.records() {
                        let length = record.bytes.len();
                        counted.count(Some(record.kind), length, record.end());
                    }
                    at = counted.until;
                }
            }
        }
        counted
    }

    fn contains(&self, offset: Offset) -> bool {
        (self.excerpt.from..self.excerpt.to).contains(&offset)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Kind;

    type Records = Vec<(Kind, Time, Vec<u8>)>;

    /// What a reader gets from an offset on, and the gaps on its way.
    fn read(journal: &Journal, mut at: Offset) -> (Records, Vec<(Offset, Offset)>) {
        let (mut span, mut records, mut gaps) = (Span::default(), Vec::new(), Vec::new());
        while let Some(step) = journal.read(at, 5, |_, _| 0, &mut span) {
            match step {
                Step::Gap(gap) => {
                    gaps.push((at, gap.to));
                    at = gap.to;
                }
                Step::Span => {
                    for record in span.records() {
                        records.push((record.kind, record.time, record.bytes.to_vec()));
                    }
                    at = span.end().unwrap();
                }
            }
        }
        (records, gaps)
    }

    fn bytes(records: &Records) -> Vec<u8> {
        records.iter().flat_map(|record| record.2.clone()).collect()
    }

    proptest! {
        #[test]
        fn whoever_reads_it_gets_what_lies_in_it_and_nothing_else(
            lengths in prop::collection::vec((0..3u8, 1..40usize), 1..30),
            ends in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        ) {
            let journal = Journal::new(Journal::MIN_CAPACITY);
            for (place, (kind, length)) in lengths.iter().enumerate() {
                let kind = [Kind::Rx, Kind::Tx, Kind::Note][usize::from(*kind)];
                let time = Time(place as u64 * 40_000_000);
                journal.append(kind, time, None, &vec![place as u8; *length]);
            }
            let head = journal.reach().head.0 as usize;
            let (one, other) = (ends.0.index(head), ends.1.index(head));
            let (from, to) = (one.min(other) as u64, one.max(other) as u64 + 1);
            let excerpt = journal.between(Offset(from), Offset(to)).unwrap();
            prop_assert!(excerpt.from.0 <= from && to <= excerpt.to.0);
            let part = journal.excerpt(excerpt);

            let (all, _) = read(&journal, excerpt.from);
            let (got, gaps) = read(&part, Offset(0));
            let length = excerpt.to.since(excerpt.from) as usize;
            prop_assert_eq!(bytes(&got), &bytes(&all)[..length]);
            let before = (excerpt.from > Offset(0)).then_some((Offset(0), excerpt.from));
            prop_assert_eq!(gaps, Vec::from_iter(before));
            prop_assert_eq!(got[0].1, excerpt.since);
            prop_assert_eq!(got[got.len() - 1].1, excerpt.until);

            let counted = part.activity(Time(0), Time(u64::MAX));
            let sum = |of: fn(&Activity) -> u64| counted.iter().map(of).sum::<u64>();
            let of_kind = |kind: Kind| got.iter().filter(move |record| record.0 == kind);
            let length = |kind: Kind| of_kind(kind).map(|record| record.2.len() as u64).sum::<u64>();
            prop_assert_eq!(sum(|minute| minute.rx), length(Kind::Rx));
            prop_assert_eq!(sum(|minute| minute.tx), length(Kind::Tx));
            prop_assert_eq!(sum(|minute| minute.notes), of_kind(Kind::Note).count() as u64);
            for offset in 0..=head as u64 {
                let is_in = (excerpt.from.0..excerpt.to.0).contains(&offset);
                prop_assert_eq!(part.time_of(Offset(offset)).is_some(), is_in);
            }
            prop_assert_eq!(part.at(Time(0)), excerpt.from);
            prop_assert_eq!(part.at(Time(u64::MAX)), excerpt.to);
        }
    }

    #[test]
    fn it_never_grows_and_of_another_journal_nothing_is_kept() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        journal.append(Kind::Rx, Time(1), None, b"abcdef");
        let excerpt = journal.between(Offset(1), Offset(4)).unwrap();
        let part = journal.excerpt(excerpt);
        let mut cursor = part.cursor(excerpt.to);
        for journal in [&journal, &part] {
            journal.append(Kind::Rx, Time(2), None, b"more");
            journal.publish();
        }
        assert_eq!(cursor.take(100, &mut Span::default()), None);
        assert_eq!(part.reach().head, excerpt.to);
        assert_eq!(journal.between(Offset(3), Offset(3)), None);

        let other = Journal::new(Journal::MIN_CAPACITY).excerpt(excerpt);
        assert_eq!(
            read(&other, Offset(0)),
            (vec![], vec![(Offset(0), excerpt.to)])
        );
        assert_eq!(other.reach().id, excerpt.journal);
        assert_eq!(other.time_of(excerpt.from), None);
    }
}
