//! A cursor: one reader's place in a journal.

use std::sync::Arc;

use tokio::sync::watch;

use super::Journal;
use crate::record::{Gap, Offset};
use crate::span::{Overhead, Span};

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
    /// Changes when there is more to take.
    head: watch::Receiver<Offset>,
    overhead: Overhead,
}

impl Cursor {
    pub(super) fn new(journal: Arc<Journal>, from: Offset, head: watch::Receiver<Offset>) -> Self {
        Self {
            journal,
            next: from,
            head,
            overhead: |_, _| 0,
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

    /// Takes what is there; nothing where the reader has everything.
    pub fn take(&mut self, limit: usize, span: &mut Span) -> Option<Step> {
        // What is published from here on wakes `changed`, also if it is published before the call.
        self.head.mark_unchanged();
        let step = self.journal.read(self.next, limit, self.overhead, span)?;
        self.next = match step {
            Step::Gap(gap) => gap.to,
            Step::Span => span.end().unwrap_or(self.next),
        };
        Some(step)
    }

    /// Waits until the journal has published more since the last [`take`](Self::take).
    pub async fn changed(&mut self) {
        // The sender lives in the journal that this cursor holds.
        self.head
            .changed()
            .await
            .expect("the journal outlives its cursors");
    }
}
