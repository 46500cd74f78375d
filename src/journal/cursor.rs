//! A cursor: one reader's place in a journal.

use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};

use super::bell::Ear;
use super::{Journal, Recent};
use crate::record::{Gap, Offset, Why};
use crate::span::{Overhead, Span};

/// What is read from the recording at once, in bytes: a message, and no more, for there may be many
/// readers.
const PAGE: usize = 64 * 1024;

/// What a reader meets next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The span was filled with records.
    Span,
    /// There are no bytes to be had here; the cursor stands behind them now.
    Gap(Gap),
}

/// One reader's place in a journal. It pulls; nobody waits for it.
pub struct Cursor {
    journal: Arc<Journal>,
    next: Offset,
    /// Hears when there is more to take.
    ear: Ear,
    overhead: Overhead,
    past: Past,
}

/// What a cursor has of the recording.
enum Past {
    /// Nothing.
    None,
    /// Soon something: a thread reads it from the disk.
    Coming(JoinHandle<Page>),
    /// This.
    Here(Page),
}

/// A piece of the recording.
struct Page {
    /// Where it begins, for the reader that asked.
    from: Offset,
    /// Its records,
    span: Span,
    /// or that there are none.
    gap: Option<Gap>,
}

impl Page {
    /// Takes what lies at an offset.
    fn take(
        &self,
        from: Offset,
        limit: usize,
        overhead: Overhead,
        span: &mut Span,
    ) -> Option<Step> {
        if let Some(gap) = self.gap {
            return (gap.from == from).then_some(Step::Gap(gap));
        }
        let is_here = self.from <= from && self.span.end().is_some_and(|end| from < end);
        is_here.then(|| {
            self.span.read(from, limit, overhead, span);
            Step::Span
        })
    }
}

impl Cursor {
    pub(super) fn new(journal: Arc<Journal>, from: Offset, ear: Ear) -> Self {
        Self {
            journal,
            next: from,
            ear,
            overhead: |_, _| 0,
            past: Past::None,
        }
    }

    /// Counts what a record costs besides its payload towards the limits: many small records are
    /// mostly header.
    pub fn with_overhead(self, overhead: Overhead) -> Self {
        Self { overhead, ..self }
    }

    /// The offset of the byte that comes next.
    pub fn offset(&self) -> Offset {
        self.next
    }

    /// Goes to where the journal ends now: what came in so far is not taken any more.
    pub fn skip(&mut self) {
        self.next = self.journal.reach().head;
    }

    /// Whether bytes that were not taken yet are no longer kept.
    pub fn is_late(&self) -> bool {
        self.next < self.journal.reach().oldest
    }

    /// Waits until there is something to take, and takes it: at most `limit` bytes, or one record.
    pub async fn next(&mut self, limit: usize, span: &mut Span) -> Step {
        loop {
            if let Some(step) = self.take(limit, span) {
                return step;
            }
            self.changed().await;
        }
    }

    /// Takes what is there; nothing where the reader has everything, or where it is still being
    /// read from the disk.
    pub fn take(&mut self, limit: usize, span: &mut Span) -> Option<Step> {
        // What is published from here on wakes `changed`, also if it is published before the call.
        self.ear.catch_up();
        let recent = self.journal.recent(self.next, limit, self.overhead, span);
        let step = match recent {
            Recent::Step(step) => step?,
            Recent::Past => self.take_past(limit, span)?,
        };
        self.next = match step {
            Step::Gap(gap) => gap.to,
            Step::Span => span.end().unwrap_or(self.next),
        };
        Some(step)
    }

    fn take_past(&mut self, limit: usize, span: &mut Span) -> Option<Step> {
        match &self.past {
            Past::Coming(_) => return None,
            Past::Here(page) => {
                let step = page.take(self.next, limit, self.overhead, span);
                if step.is_some() {
                    return step;
                }
            }
            Past::None => {}
        }
        let (journal, from) = (Arc::clone(&self.journal), self.next);
        self.past = Past::Coming(spawn_blocking(move || {
            let mut span = Span::default();
            let gap = journal.page(from, PAGE, &mut span);
            Page { from, span, gap }
        }));
        None
    }

    /// Waits until there may be more since the last [`take`](Self::take).
    pub async fn changed(&mut self) {
        if let Past::Coming(coming) = &mut self.past {
            let from = self.next;
            // Only a reader that panicked brings nothing; what it could not read is told as missing.
            let page = coming.await.unwrap_or_else(|_| Page {
                from,
                span: Span::default(),
                gap: Some(Gap {
                    from,
                    to: self.journal.ring().oldest(),
                    why: Why::Dropped,
                }),
            });
            self.past = Past::Here(page);
            return;
        }
        self.past = Past::None;
        self.ear.hear().await;
    }
}
