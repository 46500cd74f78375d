//! A walk through a journal, written down piece by piece.

use seriald::export::{Exporter, Style};
use seriald::journal::{Journal, Step};
use seriald::record::{Gap, Offset, Why};
use seriald::span::Span;

/// So many bytes of the journal are written down at a time.
const PIECE: usize = 256 * 1024;

/// Where the walk is, and what it has written.
pub struct Walk<'a> {
    journal: &'a Journal,
    at: Offset,
    exporter: Exporter,
    span: Span,
    out: Vec<u8>,
    lost: u64,
}

impl<'a> Walk<'a> {
    /// A walk that begins at `from`.
    pub fn new(journal: &'a Journal, from: Offset, style: Style) -> Self {
        Self {
            journal,
            at: from,
            exporter: Exporter::new(style),
            span: Span::default(),
            out: Vec::new(),
            lost: 0,
        }
    }

    /// The offset that comes next.
    pub fn offset(&self) -> Offset {
        self.at
    }

    /// How many bytes were missing, besides those that were left out on purpose.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Goes on towards `to`; nothing where the walk is there, or the journal ends before.
    ///
    /// # Errors
    /// If bytes are missing and the format has no words for it.
    pub fn next(&mut self, to: Offset) -> Result<Option<&[u8]>, Gap> {
        self.out.clear();
        let left = to.since(self.at);
        if left == 0 {
            return Ok(None);
        }
        let room = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        match self.journal.read(self.at, room, |_, _| 0, &mut self.span) {
            None => return Ok(None),
            Some(Step::Span) => {
                for record in self.span.records() {
                    self.exporter.record(&record, &mut self.out);
                }
                self.at = self.span.end().unwrap_or(to);
            }
            Some(Step::Gap(gap)) => {
                let gap = Gap {
                    to: gap.to.min(to),
                    ..gap
                };
                self.exporter.gap(gap)?;
                if gap.why != Why::Withheld {
                    self.lost += gap.to.since(gap.from);
                }
                self.at = gap.to;
            }
        }
        Ok(Some(&self.out))
    }

    /// What has not ended.
    pub fn finish(&mut self) -> &[u8] {
        self.out.clear();
        self.exporter.finish(&mut self.out);
        &self.out
    }
}

#[cfg(test)]
mod tests {
    use seriald::export::Format;
    use seriald::record::{Kind, Time};

    use super::*;

    #[test]
    fn a_walk_gives_all_up_to_its_end_and_goes_on_when_there_is_more() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        journal.append(Kind::Rx, Time(1), None, b"one\ntw");
        let style = Style {
            times: false,
            ..Format::Text.into()
        };
        let mut walk = Walk::new(&journal, Offset(0), style);
        assert_eq!(walk.next(Offset(6)), Ok(Some(&b"one\n"[..])));
        assert_eq!(walk.next(Offset(6)), Ok(None));
        journal.append(Kind::Rx, Time(1), None, b"o\nthree");
        assert_eq!(walk.next(Offset(8)), Ok(Some(&b"two\n"[..])));
        assert_eq!(walk.next(Offset(8)), Ok(None));
        assert_eq!(walk.next(Offset(99)), Ok(Some(&b""[..])));
        assert_eq!(walk.next(Offset(99)), Ok(None), "the journal ends here");
        assert_eq!(walk.finish(), b"three\n");
    }

    #[test]
    fn what_is_lost_is_counted_or_ends_the_walk() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        let all = vec![7; 4 * Journal::MIN_CAPACITY];
        journal.append(Kind::Rx, Time(1), None, &all);
        let (oldest, head) = (journal.reach().oldest, journal.reach().head);
        let raw = Style::from(Format::Raw);
        let mut walk = Walk::new(&journal, Offset(9), raw.clone());
        assert_eq!(walk.next(head).unwrap_err().to, oldest);
        let skip_gaps = true;
        let mut walk = Walk::new(&journal, Offset(9), Style { skip_gaps, ..raw });
        let mut got = 0;
        while let Some(piece) = walk.next(head).unwrap() {
            got += piece.len() as u64;
        }
        assert_eq!((got, walk.lost()), (head.since(oldest), oldest.0 - 9));
        assert_eq!(walk.offset(), head);
    }
}
