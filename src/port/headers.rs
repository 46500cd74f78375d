//! Headers: the names of columns that a device told further up than where somebody begins to read.

use std::sync::PoisonError;

use super::Port;
use crate::journal::{Journal, Step};
use crate::record::Offset;
use crate::span::Span;
use crate::values::spec::{Columns, Kind};
use crate::values::{Header, Parser, Spec, look_back};

/// So far back a header is looked for, in bytes: it takes a moment.
const FAR: u64 = 8 << 20;
/// So much is looked through at once, the newest first,
const WINDOW: u64 = 1 << 20;
/// and so much read.
const PIECE: usize = 256 * 1024;

/// What was found: the same is in use between two offsets.
#[derive(Debug, Default)]
pub(super) struct Headers {
    from: Offset,
    to: Offset,
    found: Option<Header>,
}

impl Port {
    /// Tells a parser that begins at an offset the names of its columns, unless others came since. May wait
    /// for a disk.
    pub fn tell_header(&self, parser: &mut Parser, at: Offset) {
        if !parser.is_named_by_lines() {
            return;
        }
        if let Some(Some(header)) = self.latest_header(at) {
            parser.know(&header);
        }
    }

    /// The names of columns that are in use at any offset. May wait for a disk, and look through much: for
    /// few at a time.
    pub fn header(&self, at: Offset) -> Option<Header> {
        self.latest_header(at).unwrap_or_else(|| {
            let found = newest(&self.journal, self.far_from(at), at);
            found.map(|(_, header)| header)
        })
    }

    /// The names that are in use at an offset; nothing is said of what lies before them. What was looked
    /// through once is not again.
    fn latest_header(&self, at: Offset) -> Option<Option<Header>> {
        let mut known = self.headers.lock().unwrap_or_else(PoisonError::into_inner);
        if at < known.from {
            return None;
        }
        if at > known.to {
            let far = self.far_from(at);
            match newest(&self.journal, far.max(known.to), at) {
                Some((from, header)) => (known.from, known.found) = (from, Some(header)),
                None if far > known.to => (known.from, known.found) = (far, None),
                None => {}
            }
            known.to = at;
        }
        Some(known.found.clone())
    }

    fn far_from(&self, at: Offset) -> Offset {
        Offset(at.0.saturating_sub(FAR)).max(self.journal.reach().oldest)
    }
}

/// The last header between two offsets, and from where on it is in use.
fn newest(journal: &Journal, from: Offset, to: Offset) -> Option<(Offset, Header)> {
    let spec = Spec(vec![Kind::Columns(Columns::default())]);
    let (mut end, mut span) = (to, Span::default());
    while end > from {
        let begin = Offset(end.0.saturating_sub(WINDOW)).max(from);
        let mut parser = Parser::new(&spec).expect("columns of any kind can be meant");
        let mut found: Option<(Offset, Header)> = None;
        let mut at = look_back(begin, journal.reach().oldest);
        while at < end {
            match journal.read(at, PIECE, |_, _| 0, &mut span) {
                None => break,
                Some(Step::Gap(gap)) => {
                    at = gap.to;
                    parser.gap(&gap);
                }
                Some(Step::Span) => {
                    at = span.end().unwrap_or(end);
                    span.cut(end);
                    for record in span.records() {
                        parser.take(&record, |_| ());
                        let known = found.as_ref().map(|(_, header)| header);
                        if parser.header() != known {
                            found = parser.header().map(|header| (record.end(), header.clone()));
                        }
                    }
                }
            }
        }
        if found.is_some() {
            return found;
        }
        end = begin;
    }
    None
}
