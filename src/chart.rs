//! A chart: the values in a stretch of a journal, as steps for a picture or as a table.

mod steps;
mod table;

use std::ops::{ControlFlow, Range};

pub use steps::{Chart, Grid};

use crate::journal::{Journal, Step};
use crate::record::{Offset, Time, Why};
use crate::span::Span;
use crate::values::{Header, NotAParser, Parser, Reading, Spec, look_back};

/// So much is read at once, in bytes: enough that reading costs little, and it is asked often
/// enough whether to go on.
const PIECE: usize = 256 * 1024;

/// What to look at: the lines that end behind the one offset and not behind the other.
pub struct Stretch<'a> {
    /// In this journal.
    pub journal: &'a Journal,
    /// From here
    pub from: Offset,
    /// to there.
    pub to: Offset,
    /// How values are found.
    pub spec: &'a Spec,
    /// Only of these series.
    pub series: Option<&'a [String]>,
    /// The names of columns that stand further up.
    pub header: Option<&'a Header>,
}

/// What is met on the way.
enum Met<'a> {
    /// A line with values.
    Reading(&'a Reading<'a>),
    /// Missing bytes behind a record of this time.
    Gap(Time),
    /// Nothing new: whether to go on.
    Pause,
}

impl Stretch<'_> {
    /// When the stretch begins and ends: the times of its first and its last record. May wait for
    /// a disk.
    pub fn times(&self) -> Range<Time> {
        let (journal, mut from) = (self.journal, self.from);
        let mut span = Span::default();
        let begin = loop {
            if from >= self.to {
                break None;
            }
            match journal.read(from, 1, |_, _| 0, &mut span) {
                Some(Step::Gap(gap)) => from = gap.to,
                Some(Step::Span) => break span.records().next().map(|record| record.time),
                None => break None,
            }
        };
        let last = Offset(self.to.0.saturating_sub(1));
        let end = begin.and_then(|begin| Some(journal.time_of(last)?.max(begin)));
        let begin = begin.unwrap_or_else(Time::now);
        begin..end.unwrap_or(begin)
    }

    /// The values in steps of time. What asks `go_on` ends it. May wait for a disk.
    ///
    /// # Errors
    /// If what is to be found cannot be meant.
    pub fn chart(
        &self,
        grid: Grid,
        mut go_on: impl FnMut() -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Chart>, NotAParser> {
        let mut chart = Chart::new(grid, self.journal.reach().id, self.to);
        let mut parser = Parser::new(self.spec)?;
        let done = self.walk(&mut parser, |met| {
            match met {
                Met::Reading(reading) => chart.add(reading, self.series),
                Met::Gap(time) => chart.add_break(time),
                Met::Pause => return go_on(),
            }
            ControlFlow::Continue(())
        });
        chart.end(parser.ignored());
        Ok(match done {
            ControlFlow::Continue(()) => ControlFlow::Continue(chart),
            ControlFlow::Break(()) => ControlFlow::Break(()),
        })
    }

    /// The values as a table, RFC 4180: a row for each reading, a column for each series. `put`
    /// gets it piece by piece, also empty ones, and may end it. May wait for a disk.
    ///
    /// # Errors
    /// If what is to be found cannot be meant.
    pub fn table(
        &self,
        put: impl FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, NotAParser> {
        table::write(self, put)
    }

    fn walk(
        &self,
        parser: &mut Parser,
        mut each: impl FnMut(Met<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if let Some(header) = self.header {
            parser.know(header);
        }
        let mut at = look_back(self.from, self.journal.reach().oldest);
        let (mut span, mut last) = (Span::default(), Time(0));
        while at < self.to {
            each(Met::Pause)?;
            match self.journal.read(at, PIECE, |_, _| 0, &mut span) {
                // It was there when it was asked for.
                None => break,
                Some(Step::Gap(gap)) => {
                    at = gap.to;
                    parser.gap(&gap);
                    if gap.why != Why::Withheld && gap.to > self.from {
                        each(Met::Gap(last))?;
                    }
                }
                Some(Step::Span) => {
                    at = span.end().unwrap_or(self.to);
                    span.cut(self.to);
                    let mut flow = ControlFlow::Continue(());
                    for record in span.records() {
                        last = record.time;
                        parser.take(&record, |reading| {
                            if flow.is_continue() && reading.end() > self.from {
                                flow = each(Met::Reading(reading));
                            }
                        });
                    }
                    flow?;
                }
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
