//! A region: what a stretch of a journal holds of the kinds that are searched, put together.

use std::ops::Range;

use super::strand::Strand;
use crate::export::Kinds;
use crate::journal::Step;
use crate::record::{Kind, Note, Offset, Record, Time, Why};
use crate::span::Span;

/// So many bytes are read at a time: enough that a disk is not asked too often, and little enough
/// that a port can wait for the ring meanwhile.
const PIECE: usize = 256 * 1024;

/// Reads a journal from an offset on, so many bytes.
pub type Read<'a> = Box<dyn Fn(Offset, usize, &mut Span) -> Option<Step> + 'a>;

/// A Note, to be searched.
#[derive(Debug)]
pub struct Noted {
    pub offset: Offset,
    pub length: usize,
    pub time: Time,
    pub author: Option<String>,
    pub text: String,
}

/// What a stretch of a journal holds. It is loaded again and again to save allocations.
#[derive(Default)]
pub struct Region {
    pub strands: Vec<Strand>,
    pub notes: Vec<Noted>,
    /// The times of the first and the last record in the window, of whatever kind.
    pub times: Option<(Time, Time)>,
    /// The strands that may go on, of all.
    open: Vec<usize>,
    /// Strands of earlier regions, for their memory.
    spare: Vec<Strand>,
    span: Span,
}

impl Region {
    /// Loads the `window` and what is around it in `reach`.
    pub fn load(
        &mut self,
        read: &Read<'_>,
        reach: Range<Offset>,
        window: &Range<Offset>,
        kinds: &Kinds,
    ) {
        self.spare.append(&mut self.strands);
        self.open.clear();
        self.notes.clear();
        self.times = None;
        let mut span = std::mem::take(&mut self.span);
        let mut at = reach.start;
        while at < reach.end {
            let room = usize::try_from(reach.end.since(at)).map_or(PIECE, |left| left.min(PIECE));
            match read(at, room, &mut span) {
                None => break,
                Some(Step::Gap(gap)) => {
                    self.cut(gap.why);
                    at = gap.to;
                }
                Some(Step::Span) => {
                    for record in span.records() {
                        self.take(&record, window, kinds);
                    }
                    at = span.end().unwrap_or(reach.end);
                }
            }
        }
        self.span = span;
    }

    fn take(&mut self, record: &Record<'_>, window: &Range<Offset>, kinds: &Kinds) {
        if record.offset < window.end && record.offset.plus(record.bytes.len()) > window.start {
            let first = self.times.map_or(record.time, |(first, _)| first);
            self.times = Some((first, record.time));
        }
        if !kinds.contains(record.kind) {
            return;
        }
        match record.kind {
            Kind::Rx | Kind::Tx => self.strand(record.kind, record.author).push(record),
            Kind::Note => self.notes.push(Noted::read(record)),
        }
    }

    /// The strand that such a record belongs to.
    fn strand(&mut self, kind: Kind, author: Option<&str>) -> &mut Strand {
        let is_own = |strand: &Strand| strand.kind() == kind && strand.author() == author;
        let open = self.open.iter().find(|&&open| is_own(&self.strands[open]));
        let place = open.copied().unwrap_or_else(|| {
            self.strands.push(match self.spare.pop() {
                Some(spare) => spare.renew(kind, author),
                None => Strand::new(kind, author),
            });
            self.open.push(self.strands.len() - 1);
            self.strands.len() - 1
        });
        &mut self.strands[place]
    }

    /// Ends the strands that bytes may be missing from.
    fn cut(&mut self, why: Why) {
        match why {
            // Only what was typed is ever left out.
            Why::Withheld => {
                let strands = &self.strands;
                self.open.retain(|&open| strands[open].kind() == Kind::Rx);
            }
            Why::Dropped | Why::Crash => self.open.clear(),
        }
    }
}

impl Noted {
    fn read(record: &Record<'_>) -> Self {
        let (text, author) = match serde_json::from_slice::<Note>(record.bytes) {
            Ok(note) => (note.text, note.by),
            Err(_) => (String::from_utf8_lossy(record.bytes).into_owned(), None),
        };
        Self {
            offset: record.offset,
            length: record.bytes.len(),
            time: record.time,
            author,
            text,
        }
    }
}
