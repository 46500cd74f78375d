//! A sweep: one journal, searched window by window from one end of a stretch to the other.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};

use super::line::{after, before, line};
use super::region::{Noted, Read, Region};
use super::strand::Strand;
use super::{Match, Order, Query};
use crate::journal::Step;
use crate::plain::plain_marked;
use crate::record::{Kind, Offset, Time};
use crate::span::Span;

/// What is shown of the matches of one window takes at most about so much memory, in bytes. What
/// goes beyond is found again later.
const SHOWN: usize = 1024 * 1024;

/// After so many matches it is asked whether to go on: an odd expression may look through all of
/// the window for each.
const ASK_EVERY: usize = 16;

/// How much is read at once, in bytes of the journal.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// What is searched.
    pub window: u64,
    /// What is read before and behind it: a match, a line and its context may reach so far.
    pub around: u64,
}

impl Sizes {
    /// What costs least: reading around a window is a small part of it, and a window is still in
    /// the processor's cache when it is searched.
    pub const DEFAULT: Self = Self {
        window: 1024 * 1024,
        around: 64 * 1024,
    };
}

/// One journal, being searched.
pub struct Sweep<'a> {
    port: String,
    read: Read<'a>,
    query: &'a Query,
    sizes: Sizes,
    /// What was not searched yet.
    left: Range<Offset>,
    /// No time that is left is known to lie beyond this one in the order of the search.
    edge: Time,
    region: Region,
}

/// A match, before its lines are put together.
struct Hit<'a> {
    offset: Offset,
    place: Place<'a>,
}

enum Place<'a> {
    Within(&'a Strand, Range<usize>),
    Note(usize, Range<usize>),
}

impl<'a> Sweep<'a> {
    /// A sweep of `stretch`.
    pub fn new(
        port: String,
        read: Read<'a>,
        query: &'a Query,
        stretch: Range<Offset>,
        sizes: Sizes,
    ) -> Self {
        Self {
            port,
            read,
            query,
            sizes,
            left: stretch,
            edge: match query.order {
                Order::Newest => Time(u64::MAX),
                Order::Oldest => Time(0),
            },
            region: Region::default(),
        }
    }

    /// The name of the port.
    pub fn port(&self) -> &str {
        &self.port
    }

    /// How many bytes were not searched yet.
    pub fn left(&self) -> u64 {
        self.left.end.since(self.left.start)
    }

    /// Where the search goes on.
    pub fn place(&self) -> Offset {
        match self.query.order {
            Order::Newest => self.left.end,
            Order::Oldest => self.left.start,
        }
    }

    /// A time that nothing goes before that is still to be found, in the order of the search and as
    /// long as the clock did not jump.
    pub fn edge(&self) -> Time {
        self.edge
    }

    /// Searches one more window. What is found comes in order. Where much is, `go_on` is asked now
    /// and then.
    pub fn next(
        &mut self,
        go_on: impl FnMut() -> ControlFlow<()>,
    ) -> ControlFlow<(), VecDeque<Match>> {
        self.skip_gap();
        let Range { start, end } = self.left;
        let window = match self.query.order {
            Order::Newest => start.max(back(end, self.sizes.window))..end,
            Order::Oldest => start..end.min(Offset(start.0.saturating_add(self.sizes.window))),
        };
        let reach = back(window.start, self.sizes.around)
            ..Offset(window.end.0.saturating_add(self.sizes.around));
        self.region
            .load(&self.read, reach, &window, &self.query.kinds);
        let mut found = VecDeque::new();
        let mut shown = 0;
        let hits = self.hits(&window, go_on)?;
        let count = hits.len();
        for hit in hits {
            let one = self.show(hit);
            shown += one.size();
            found.push_back(one);
            if shown > SHOWN || found.len() == self.query.limit {
                break;
            }
        }
        let cut = found.back().filter(|_| found.len() < count);
        match (self.query.order, cut) {
            (Order::Newest, None) => self.left.end = window.start,
            (Order::Oldest, None) => self.left.start = window.end,
            (Order::Newest, Some(last)) => self.left.end = last.offset,
            (Order::Oldest, Some(last)) => self.left.start = last.offset.plus(1),
        }
        let passed = self
            .region
            .times
            .map(|(first, last)| match self.query.order {
                Order::Newest => first,
                Order::Oldest => last,
            });
        self.edge = cut.map(|last| last.time).or(passed).unwrap_or(self.edge);
        ControlFlow::Continue(found)
    }

    /// Leaves out a gap where the search goes on: it may be longer than any journal.
    fn skip_gap(&mut self) {
        let Range { start, end } = self.left;
        let mut span = Span::default();
        let mut gap_at = |at: Offset| match (self.read)(at, 1, &mut span) {
            Some(Step::Gap(gap)) => Some(gap.to),
            _ => None,
        };
        if self.query.order == Order::Oldest {
            self.left.start = gap_at(start).map_or(start, |to| to.min(end));
            return;
        }
        // A gap says where it ends, and not where it begins: so the steps back grow.
        let (mut step, mut left) = (self.sizes.window, false);
        while self.left.end > start && step >= self.sizes.window {
            let at = start.max(back(self.left.end, step));
            if gap_at(at).is_some_and(|to| to >= self.left.end) {
                self.left.end = at;
            } else {
                left = true;
            }
            step = if left {
                step / 2
            } else {
                step.saturating_mul(2)
            };
        }
    }

    /// The matches that begin within the window, in the order of the search. One more than the
    /// limit is enough.
    fn hits(
        &self,
        window: &Range<Offset>,
        mut go_on: impl FnMut() -> ControlFlow<()>,
    ) -> ControlFlow<(), Vec<Hit<'_>>> {
        let Query {
            pattern,
            order,
            limit,
            ..
        } = self.query;
        let mut hits = Vec::new();
        for strand in &self.region.strands {
            let mut kept = VecDeque::new();
            for (number, found) in strand.matches(pattern, window).enumerate() {
                if number % ASK_EVERY == 0 {
                    go_on()?;
                }
                kept.extend(found);
                if kept.len() > limit.saturating_add(1) {
                    kept.pop_front();
                }
                if *order == Order::Oldest && kept.len() > *limit {
                    break;
                }
            }
            hits.extend(kept.into_iter().map(|found| Hit {
                offset: strand.origin(found.start).0,
                place: Place::Within(strand, found),
            }));
        }
        let notes = self.region.notes.iter().enumerate();
        hits.extend(notes.filter_map(|(number, note)| {
            let found = self
                .query
                .pattern
                .first(note.text.as_bytes())
                .filter(|_| window.contains(&note.offset))?;
            Some(Hit {
                offset: note.offset,
                place: Place::Note(number, found),
            })
        }));
        hits.sort_unstable_by_key(|hit| hit.offset);
        if *order == Order::Newest {
            hits.reverse();
        }
        ControlFlow::Continue(hits)
    }

    fn show(&self, Hit { offset, place }: Hit<'_>) -> Match {
        match place {
            Place::Within(strand, found) => self.show_bytes(strand, &found),
            Place::Note(number, found) => self.show_note(offset, number, found),
        }
    }

    fn show_bytes(&self, strand: &Strand, found: &Range<usize>) -> Match {
        let (offset, time) = strand.origin(found.start);
        let (last, _) = strand.origin(found.end - 1);
        let line = line(strand.bytes(), found);
        Match {
            port: self.port.clone(),
            kind: strand.kind(),
            offset,
            length: last.plus(1).since(offset),
            time,
            author: strand.author().map(str::to_owned),
            line: strand.origin(line.from).0,
            text: line.text,
            start: line.marked.start,
            end: line.marked.end,
            before: before(strand, found.start, self.query.context),
            after: after(strand, found.start, self.query.context),
        }
    }

    fn show_note(&self, offset: Offset, number: usize, found: Range<usize>) -> Match {
        let notes = &self.region.notes;
        let Noted { time, length, .. } = notes[number];
        let (text, marked) = plain_marked(notes[number].text.as_bytes(), found);
        let texts = |notes: &[Noted]| notes.iter().map(|note| note.text.clone()).collect();
        let context = self.query.context;
        Match {
            port: self.port.clone(),
            kind: Kind::Note,
            offset,
            length: length as u64,
            time,
            author: notes[number].author.clone(),
            line: offset,
            text,
            start: marked.start,
            end: marked.end,
            before: texts(&notes[number.saturating_sub(context)..number]),
            after: texts(&notes[number + 1..notes.len().min(number + 1 + context)]),
        }
    }
}

fn back(offset: Offset, bytes: u64) -> Offset {
    Offset(offset.0.saturating_sub(bytes))
}
