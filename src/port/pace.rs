//! Pace: when to wake the readers of a port.
//!
//! The first bytes after a silence leave at once. Only while a port keeps producing small reads are
//! its readers woken together for several of them, because the price of serving them is per wake-up
//! and not per byte. What was written waits a moment for its echo, which is what people wait for.
//! The device is read at once in any case.

use std::time::Duration;

use tokio::time::Instant;

/// How long bytes may wait for company: one picture on a screen. No reply waits for it: a port with
/// one line here and there is never [`BUSY`].
const HOLD: Duration = Duration::from_millis(16);
/// How long a [`BATCH`] waits, and what was written for its echo.
const HOLD_BRIEFLY: Duration = Duration::from_millis(2);
/// So many reads within [`WINDOW`] make a port busy: 150 a second.
const BUSY: u32 = 15;
const WINDOW: Duration = Duration::from_millis(100);
/// So many bytes are worth a message: most of what a terminal device gives at once.
const BATCH: usize = 3 * 1024;
/// So many bytes do not wait.
const ENOUGH: usize = 32 * 1024;

/// Decides for each read whether the readers are woken now or at a later moment.
#[derive(Debug)]
pub(super) struct Pace {
    window: Instant,
    reads: u32,
    reads_before: u32,
    held: usize,
    due: Option<Instant>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            window: now,
            reads: 0,
            reads_before: 0,
            held: 0,
            due: None,
        }
    }

    /// When the readers are to be woken for what is held.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Counts a read of so many bytes; says whether to wake the readers now.
    pub(super) fn read(&mut self, bytes: usize, now: Instant) -> bool {
        let age = now.duration_since(self.window);
        if age >= WINDOW {
            self.reads_before = if age < 2 * WINDOW { self.reads } else { 0 };
            self.reads = 0;
            self.window = now;
        }
        self.reads += 1;
        self.held += bytes;
        if self.reads.max(self.reads_before) < BUSY || self.held >= ENOUGH {
            self.woken();
            return true;
        }
        self.wait(
            now,
            if self.held < BATCH {
                HOLD
            } else {
                HOLD_BRIEFLY
            },
        );
        false
    }

    /// Something was written; its echo may follow.
    pub(super) fn wrote(&mut self, now: Instant) {
        self.wait(now, HOLD_BRIEFLY);
    }

    fn wait(&mut self, now: Instant, at_most: Duration) {
        let due = now + at_most;
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
    }

    /// The readers were woken.
    pub(super) fn woken(&mut self) {
        self.held = 0;
        self.due = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_line_every_ten_milliseconds_never_waits() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!((0..500).all(|n| pace.read(64, start + 10 * n * MS)));
    }

    #[test]
    fn a_steady_stream_waits_for_company_but_not_for_long() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut wakes = 0;
        for n in 0..400 {
            let now = start + 5 * n * MS;
            if pace.due().is_some_and(|due| due <= now) {
                pace.woken();
                wakes += 1;
            }
            wakes += u32::from(pace.read(460, now));
            assert!(pace.due().is_none_or(|due| due <= now + HOLD));
        }
        assert!(
            (90..=130).contains(&wakes),
            "{wakes} wake-ups for 400 reads"
        );
    }

    #[test]
    fn a_batch_waits_only_briefly() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        assert!((1..BUSY).all(|_| pace.read(10, start)));
        assert!(!pace.read(10, start));
        assert_eq!(pace.due(), Some(start + HOLD));
        assert!(!pace.read(BATCH, start));
        assert_eq!(pace.due(), Some(start + HOLD_BRIEFLY));
        assert!(pace.read(ENOUGH, start));
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn what_was_written_leaves_with_its_echo_or_soon_without() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        pace.wrote(start);
        assert_eq!(pace.due(), Some(start + HOLD_BRIEFLY));
        assert!(pace.read(1, start + MS));
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn the_first_bytes_after_a_silence_leave_at_once() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let reads = (0..100).filter(|n| !pace.read(10, start + *n * MS)).count();
        assert!(reads > 50);
        assert!(pace.due().is_some());
        pace.woken();
        assert!(pace.read(10, start + 400 * MS));
    }
}
