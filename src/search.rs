//! Search: what is kept of some ports, looked through for a text or an expression.
//!
//! A [`Sweep`] goes through one journal window by window; here several are merged by time. Always
//! the one is searched on that may hold what comes next, so matches are told in order and as they
//! are found: no journal must be searched to its end before the first page.

mod line;
mod more;
mod region;
mod strand;
mod sweep;

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use more::{More, NotMore};
pub use strand::Strand;
use sweep::{Sizes, Sweep};

use crate::export::Kinds;
use crate::journal::Journal;
pub use crate::pattern::{NotAPattern, Pattern};
use crate::record::{Kind, Offset, Time};

/// Which matches come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The newest.
    Newest,
    /// The oldest.
    Oldest,
}

/// What to look for, and how.
#[derive(Clone, Debug)]
pub struct Query {
    /// What.
    pub pattern: Pattern,
    /// In records of which kinds.
    pub kinds: Kinds,
    /// Which matches come first.
    pub order: Order,
    /// The search ends after so many matches.
    pub limit: usize,
    /// So many lines are shown before and after each match.
    pub context: usize,
}

/// Where to look: a stretch of a port's journal.
pub struct Stretch {
    /// The port's name.
    pub port: String,
    /// Its journal.
    pub journal: Arc<Journal>,
    /// Matches begin here or later,
    pub from: Offset,
    /// and before here.
    pub to: Offset,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Match {
    /// Where.
    pub port: String,
    /// In what.
    pub kind: Kind,
    /// The place of the first byte in the journal; of a Note that of the Note.
    pub offset: Offset,
    /// From there to behind the last byte, with what lies between.
    pub length: u64,
    /// When the first byte came.
    pub time: Time,
    /// Who typed it or did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The place where `text` begins.
    pub line: Offset,
    /// The line in which the match begins, to be shown.
    pub text: String,
    /// Where the match begins in it, in characters,
    pub start: usize,
    /// and ends.
    pub end: usize,
    /// The lines before.
    pub before: Vec<String>,
    /// The lines after.
    pub after: Vec<String>,
}

impl Match {
    /// About so much memory it takes, in bytes.
    fn size(&self) -> usize {
        let texts = self.before.iter().chain(&self.after).chain([&self.text]);
        size_of::<Self>()
            + texts
                .map(|text| size_of::<String>() + text.len())
                .sum::<usize>()
    }
}

/// What a search tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schema(as = SearchLine)]
pub enum Event {
    /// Something was found.
    Match(Match),
    /// So much was searched, in bytes of all journals.
    Progress {
        /// So far,
        searched: u64,
        /// of all.
        of: u64,
    },
    /// The search is at its end.
    End {
        /// So many matches were told.
        matches: usize,
        /// Where it goes on, if the limit ended it.
        #[schema(value_type = Option<String>)]
        more: Option<More>,
    },
}

/// One port of a search: what was found and not told yet, and what is to be searched still.
struct Lane<'a> {
    sweep: Sweep<'a>,
    found: VecDeque<Match>,
}

/// Searches, and tells `each` what it finds until that says stop; the last is [`Event::End`]. May
/// wait for a disk: for threads that may block.
pub fn search(
    query: &Query,
    stretches: Vec<Stretch>,
    each: impl FnMut(Event) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let lane = |stretch: Stretch| {
        let Stretch {
            port,
            journal,
            from,
            to,
        } = stretch;
        // What is not kept any more need not be gone through.
        let from = from.max(journal.reach().oldest).min(to);
        let read = move |from, limit, span: &mut _| journal.read(from, limit, |_, _| 0, span);
        Sweep::new(port, Box::new(read), query, from..to, Sizes::DEFAULT)
    };
    merge(query, stretches.into_iter().map(lane), each)
}

fn merge<'a>(
    query: &Query,
    sweeps: impl Iterator<Item = Sweep<'a>>,
    mut each: impl FnMut(Event) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let found = VecDeque::new;
    let mut lanes: Vec<_> = sweeps
        .map(|sweep| Lane {
            sweep,
            found: found(),
        })
        .collect();
    let of = lanes.iter().map(|lane| lane.sweep.left()).sum();
    let (mut matches, mut searched) = (0, 0);
    while matches < query.limit
        && let Some(lane) = first(&mut lanes, query.order)
    {
        if let Some(found) = lane.found.pop_front() {
            matches += 1;
            each(Event::Match(found))?;
        } else {
            lane.found = lane.sweep.next(|| each(Event::Progress { searched, of }))?;
            let left: u64 = lanes.iter().map(|lane| lane.sweep.left()).sum();
            searched = of - left;
            each(Event::Progress { searched, of })?;
        }
    }
    let more = more(&lanes, query.order);
    each(Event::End { matches, more })
}

/// The lane whose match comes next, or that is to be searched before that is known.
fn first<'a, 'b>(lanes: &'b mut [Lane<'a>], order: Order) -> Option<&'b mut Lane<'a>> {
    let rank = |lane: &&mut Lane<'_>| {
        let time = match lane.found.front() {
            Some(found) => found.time,
            None => lane.sweep.edge(),
        };
        match order {
            Order::Newest => u64::MAX - time.0,
            Order::Oldest => time.0,
        }
    };
    let open = lanes
        .iter_mut()
        .filter(|lane| !lane.found.is_empty() || lane.sweep.left() > 0);
    open.min_by_key(rank)
}

/// Where the search goes on, if it does.
fn more(lanes: &[Lane<'_>], order: Order) -> Option<More> {
    let place = |lane: &Lane<'_>| {
        let place = match (lane.found.front(), order) {
            (Some(found), Order::Newest) => found.offset.plus(1),
            (Some(found), Order::Oldest) => found.offset,
            (None, _) if lane.sweep.left() > 0 => lane.sweep.place(),
            (None, _) => return None,
        };
        Some((lane.sweep.port().to_owned(), place))
    };
    let places: Vec<_> = lanes.iter().filter_map(place).collect();
    (!places.is_empty()).then_some(More(places))
}

#[cfg(test)]
mod tests;
