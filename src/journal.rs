//! The journal: everything that passed over a port, in order, from which every reader pulls with
//! a [`Cursor`] of its own.
//!
//! [`append`](Journal::append) puts a record in place; [`publish`](Journal::publish) wakes the
//! readers. They are two steps so that a port that keeps producing wakes its readers a hundred
//! times a second and not for every few bytes.

mod bell;
mod cursor;
mod excerpt;
mod journals;
mod marks;
mod recorder;
mod ring;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bell::Bell;
use tokio::sync::Notify;

pub use cursor::{Cursor, Step};
use excerpt::Whole;
pub use journals::{Journals, Policy};
pub use marks::Mark;
use marks::Marks;
pub use recorder::Recorder;
use ring::Ring;

use crate::record::{self, Gap, Kind, Note, Offset, Time, Why};
use crate::span::{Overhead, Span};
use crate::state::{Reach, Recorded};
use crate::store::{Activity, Found, Recording, Store, StoreError};

/// So many bytes may be written before prompt readers are woken for nothing else.
const UNTOLD: u64 = 64 * 1024;

/// Everything that passed over one port, as far back as is kept.
pub struct Journal {
    /// Tells this journal's offsets from those of one that was lost with its program.
    id: u32,
    /// What is older than the ring.
    past: Option<Arc<Recording>>,
    /// What it is an excerpt of, if it is one. Then it has nothing of its own.
    whole: Option<Whole>,
    /// Held for a copy of at most one span, never across an await.
    ring: Mutex<Ring>,
    marks: Mutex<Marks>,
    stay: Mutex<Stay>,
    /// What was published.
    head: Bell,
    /// What was appended, published or not, for prompt readers; said only while there are any.
    tip: Bell,
    /// Whether the recorder is one of the readers.
    is_recorded: AtomicBool,
    /// Where the recorder wants to be woken before its time, so that it need not be each time.
    alarm: AtomicU64,
    rung: Notify,
}

/// What keeps a journal until the recorder has all that was published: its port may go before.
#[derive(Default)]
struct Stay {
    /// Nobody where nobody records.
    of: Weak<Journal>,
    kept: Option<Arc<Journal>>,
}

impl Journal {
    /// The least capacity: a record is at most half of it.
    pub const MIN_CAPACITY: usize = 128 * 1024;

    /// The greatest capacity: more would be a mistake in a number, and no system would give it.
    pub const MAX_CAPACITY: usize = 1 << 31;

    /// An empty journal that keeps the newest `capacity` bytes, within [`Self::MIN_CAPACITY`] and
    /// [`Self::MAX_CAPACITY`], and nothing else.
    pub fn new(capacity: usize) -> Arc<Self> {
        Arc::new(Self::begin(
            capacity,
            record::new_journal(),
            Offset(0),
            None,
        ))
    }

    /// A journal that goes on where its recording ends, and keeps the newest `capacity` bytes in
    /// memory. A recorder is to take it on.
    pub fn resumed(capacity: usize, past: Arc<Recording>) -> Arc<Self> {
        let crash = past.crash();
        let begun = Self::begin(capacity, past.journal(), past.resume(), Some(past));
        let journal = Arc::new_cyclic(|this| Self {
            stay: Mutex::new(Stay {
                of: Weak::clone(this),
                kept: None,
            }),
            ..begun
        });
        if crash.is_some() {
            journal.note(&recorder::note(
                "seriald had ended without warning: of what came in its last tenth of a second, \
                 some may not be recorded"
                    .to_owned(),
            ));
        }
        journal
    }

    /// What was recorded of a port, to be read.
    ///
    /// # Errors
    /// If the recording cannot be read.
    pub fn recorded(store: &Store, port: &str) -> Result<Arc<Self>, StoreError> {
        let past = store.look(port)?;
        Ok(Arc::new(Self::begin(
            Self::MIN_CAPACITY,
            past.journal(),
            past.resume(),
            Some(past),
        )))
    }

    fn begin(capacity: usize, id: u32, head: Offset, past: Option<Arc<Recording>>) -> Self {
        let capacity = capacity.clamp(Self::MIN_CAPACITY, Self::MAX_CAPACITY);
        Self {
            id,
            past,
            whole: None,
            ring: Mutex::new(Ring::new(capacity, head)),
            marks: Mutex::default(),
            stay: Mutex::default(),
            head: Bell::new(head),
            tip: Bell::new(head),
            is_recorded: AtomicBool::new(false),
            alarm: AtomicU64::new(u64::MAX),
            rung: Notify::new(),
        }
    }

    /// Takes in what another program has recorded since.
    ///
    /// # Errors
    /// If the recording cannot be read.
    pub fn refresh(&self) -> Result<(), StoreError> {
        let Some(past) = &self.past else {
            return Ok(());
        };
        past.refresh()?;
        self.ring().move_to(past.resume());
        self.publish();
        Ok(())
    }

    /// How the recording is.
    pub fn recording(&self) -> Recorded {
        self.past
            .as_ref()
            .map(|past| past.state())
            .unwrap_or_default()
    }

    /// The recording.
    pub fn past(&self) -> Option<&Arc<Recording>> {
        self.past.as_ref()
    }

    /// Adds bytes and returns the offset of the first. Readers are not woken yet.
    pub fn append(
        &self,
        kind: Kind,
        time: Time,
        author: Option<&Arc<str>>,
        bytes: &[u8],
    ) -> Offset {
        let mut ring = self.ring();
        let offset = ring.head();
        for piece in bytes.chunks(Self::MIN_CAPACITY / 2) {
            ring.append(kind, time, author.cloned(), piece);
        }
        let head = ring.head();
        drop(ring);
        // Whoever subscribes only now has not looked into the ring yet. Prompt readers wait for what
        // the device says, not for what was written, but must not fall behind.
        let is_news = || kind != Kind::Tx || head.since(self.tip.latest()) > UNTOLD;
        if self.tip.ears() > 0 && is_news() {
            self.tip.ring(head);
        }
        if head.0 >= self.alarm.load(Ordering::Relaxed) {
            self.alarm.store(u64::MAX, Ordering::Relaxed);
            self.rung.notify_one();
        }
        offset
    }

    /// Adds what happened, now, and wakes the readers.
    pub fn note(&self, note: &Note) -> Offset {
        let json = serde_json::to_vec(note).expect("a note is plain data");
        let time = Time::now();
        let offset = self.append(Kind::Note, time, None, &json);
        self.marked().add(offset, time, note);
        self.publish();
        offset
    }

    /// Whether there are readers to be woken besides the recorder, which is in no hurry.
    pub fn is_watched(&self) -> bool {
        self.head.ears() > usize::from(self.is_recorded.load(Ordering::Relaxed))
    }

    /// How many readers are woken by every record.
    pub fn prompt_readers(&self) -> usize {
        self.tip.ears()
    }

    /// Wakes the readers.
    pub fn publish(&self) {
        let mut stay = self.stay();
        if stay.kept.is_none() {
            stay.kept = stay.of.upgrade();
        }
        drop(stay);
        if self.head.ears() > 0 {
            let head = self.ring().head();
            self.head.ring(head);
        }
    }

    /// Ready when the journal reaches an offset; for the recorder alone.
    async fn reached(&self, offset: Offset) {
        while {
            // The ring's lock comes between this and the look at the head, as in `append`.
            self.alarm.store(offset.0, Ordering::Relaxed);
            self.ring().head() < offset
        } {
            self.rung.notified().await;
        }
    }

    /// Whether nothing is behind `stored`; from then on it lives only as long as somebody has it. For the recorder alone.
    fn is_saved(&self, stored: Offset) -> bool {
        let mut stay = self.stay();
        // What is appended after this look is published after it too, and keeps it again.
        let is_saved = self.ring().head() <= stored;
        let kept = stay.kept.take_if(|_| is_saved);
        drop((stay, kept));
        is_saved
    }

    /// Lets it go although something is not stored.
    fn give_up(&self) {
        let kept = self.stay().kept.take();
        drop(kept);
    }

    /// Ends the journal: what is appended later is thrown away. Gives where it ends.
    fn seal(&self) -> Offset {
        let stay = std::mem::take(&mut *self.stay());
        drop(stay);
        let mut ring = self.ring();
        ring.seal();
        ring.head()
    }

    /// How far the journal reaches now.
    pub fn reach(&self) -> Reach {
        if let Some(whole) = &self.whole {
            return whole.reach();
        }
        let ring = self.ring();
        let (oldest, head, since) = (ring.oldest(), ring.head(), ring.oldest_time());
        drop(ring);
        let past = self.past.as_ref().and_then(|past| past.oldest());
        let (oldest, since) = match past.filter(|(first, _)| *first < oldest) {
            Some((first, began)) => (first, began),
            None => (oldest, since),
        };
        Reach {
            id: self.id,
            oldest,
            head,
            since,
        }
    }

    /// Reads what is there from `from` on, at most `limit` bytes or one record; nothing where that
    /// is the head. Waits for the disk where that is older than the ring: for threads that may.
    pub fn read(
        &self,
        from: Offset,
        limit: usize,
        overhead: Overhead,
        span: &mut Span,
    ) -> Option<Step> {
        match self.recent(from, limit, overhead, span) {
            Recent::Step(step) => step,
            Recent::Past => {
                let mut page = Span::default();
                Some(match self.page(from, limit, &mut page) {
                    Some(gap) => Step::Gap(gap),
                    None => {
                        page.read(from, limit, overhead, span);
                        Step::Span
                    }
                })
            }
        }
    }

    /// The offset of the first record of that time or later; the head where there is none. Waits
    /// for the disk.
    pub fn at(&self, time: Time) -> Offset {
        if let Some(whole) = &self.whole {
            return whole.at(time);
        }
        let ring = self.ring();
        let (found, is_recent) = (
            ring.at(time),
            ring.oldest_time().is_some_and(|oldest| oldest < time),
        );
        drop(ring);
        let past = self.past.as_ref().filter(|_| !is_recent);
        past.and_then(|past| past.at(time))
            .map_or(found, |past| past.min(found))
    }

    /// Reads from the ring, without waiting.
    fn recent(&self, from: Offset, limit: usize, overhead: Overhead, span: &mut Span) -> Recent {
        if let Some(whole) = &self.whole {
            return whole.recent(from, limit, overhead, span);
        }
        let ring = self.ring();
        let oldest = ring.oldest();
        if from < oldest {
            if self.past.is_some() {
                return Recent::Past;
            }
            return Recent::Step(Some(Step::Gap(Gap {
                from,
                to: oldest,
                why: Why::Dropped,
            })));
        }
        ring.read(from, limit, overhead, span);
        Recent::Step((!span.is_empty()).then_some(Step::Span))
    }

    /// Reads about `most` bytes from the recording, from the record that holds `from` on; or says
    /// that there are none up to where the recording, or the ring, goes on.
    fn page(&self, from: Offset, most: usize, page: &mut Span) -> Option<Gap> {
        if let Some(whole) = &self.whole {
            return whole.page(from, most, page);
        }
        let past = self.past.as_ref()?;
        // What leaves the ring meanwhile may be stored by then.
        let oldest = self.ring().oldest();
        let found = past.page(from, most.max(1), page);
        match found {
            Found::Records => None,
            Found::Hole(gap) => Some(Gap {
                to: gap.to.min(oldest).max(from),
                ..gap
            }),
            Found::End => Some(Gap {
                from,
                to: oldest,
                why: Why::Dropped,
            }),
        }
    }

    /// The time of the record that holds the byte at `offset`; none where no record does. Waits
    /// for the disk where that is older than the ring.
    pub fn time_of(&self, offset: Offset) -> Option<Time> {
        if let Some(whole) = &self.whole {
            return whole.time_of(offset);
        }
        let ring = self.ring();
        if offset >= ring.oldest() || self.past.is_none() {
            return ring.time_of(offset);
        }
        drop(ring);
        let mut page = Span::default();
        match self.page(offset, 1, &mut page) {
            None => page
                .records()
                .find(|record| record.end() > offset)
                .map(|record| record.time),
            Some(_) => None,
        }
    }

    /// What happened minute by minute between two times. Waits for the disk.
    pub fn activity(&self, from: Time, to: Time) -> Vec<Activity> {
        match (&self.whole, &self.past) {
            (Some(whole), _) => whole.activity(from, to),
            (None, Some(past)) => past.activity(from, to),
            (None, None) => self.ring().activity(),
        }
    }

    /// Looks for the newest marks in the recording. Waits for the disk.
    fn load_marks(&self) {
        let Some(past) = &self.past else { return };
        let mut room = Marks::KEPT;
        past.notes("\"what\":\"mark\"", |offset, time, json| {
            if let Ok(note) = serde_json::from_slice(json) {
                self.marked().add(offset, time, &note);
            }
            room -= 1;
            room > 0
        });
    }

    /// The newest marks whose Notes are kept, in the order in which they were made.
    pub fn marks(&self) -> Vec<Mark> {
        if let Some(whole) = &self.whole {
            return whole.marks();
        }
        let oldest = self.reach().oldest;
        self.marked().since(oldest)
    }

    /// A reader that begins at `from`. If that lies before what is kept, its first step is a gap.
    pub fn cursor(self: &Arc<Self>, from: Offset) -> Cursor {
        Cursor::new(Arc::clone(self), from, self.head.ear())
    }

    /// The same, woken by every record at once: for programs, which ask and wait for the reply.
    pub fn prompt_cursor(self: &Arc<Self>, from: Offset) -> Cursor {
        Cursor::new(Arc::clone(self), from, self.tip.ear())
    }

    fn stay(&self) -> MutexGuard<'_, Stay> {
        self.stay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn marked(&self) -> MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // No code that could panic half-way runs under this lock.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the ring has at an offset.
enum Recent {
    /// This, or nothing yet.
    Step(Option<Step>),
    /// Nothing: it is older.
    Past,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::record::What;
    use crate::state::Records;

    const SOON: Duration = Duration::from_secs(10);

    fn rx(journal: &Journal, bytes: &[u8]) {
        journal.append(Kind::Rx, Time::now(), None, bytes);
        journal.publish();
    }

    #[tokio::test]
    async fn every_cursor_gets_every_byte_at_its_own_pace() {
        let journal = Journal::new(1 << 20);
        let readers: Vec<_> = [1, 7, 100_000]
            .into_iter()
            .map(|limit| {
                let mut cursor = journal.cursor(Offset(0));
                tokio::spawn(async move {
                    let (mut span, mut got) = (Span::default(), Vec::new());
                    while got.len() < 30_000 {
                        assert_eq!(cursor.next(limit, &mut span).await, Step::Span);
                        span.records()
                            .for_each(|record| got.extend_from_slice(record.bytes));
                    }
                    got
                })
            })
            .collect();
        let sent: Vec<u8> = (0..30_000u32).map(|n| n as u8).collect();
        for chunk in sent.chunks(11) {
            rx(&journal, chunk);
            tokio::task::yield_now().await;
        }
        for reader in readers {
            assert_eq!(
                timeout(SOON, reader)
                    .await
                    .expect("a lost wake-up")
                    .unwrap(),
                sent
            );
        }
    }

    #[tokio::test]
    async fn a_reader_that_was_too_slow_is_told_both_ends_of_the_gap() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        let mut cursor = journal.cursor(Offset(0));
        for _ in 0..5 {
            rx(&journal, &[b'x'; Journal::MIN_CAPACITY / 4]);
        }
        let mut span = Span::default();
        let to = journal.reach().oldest;
        assert!(to > Offset(0));
        assert_eq!(
            cursor.take(1 << 20, &mut span),
            Some(Step::Gap(Gap {
                from: Offset(0),
                to,
                why: Why::Dropped
            }))
        );
        assert_eq!(cursor.take(1 << 30, &mut span), Some(Step::Span));
        assert_eq!(cursor.offset(), journal.reach().head);
        assert_eq!(cursor.take(1 << 30, &mut span), None);
    }

    #[tokio::test]
    async fn a_prompt_reader_does_not_wait_for_the_others() {
        let journal = Journal::new(1 << 20);
        let mut cursor = journal.prompt_cursor(Offset(0));
        let mut span = Span::default();
        assert_eq!(cursor.take(10, &mut span), None);
        journal.append(Kind::Rx, Time::now(), None, b"now");
        timeout(SOON, cursor.changed())
            .await
            .expect("a lost wake-up");
        assert_eq!(cursor.take(10, &mut span), Some(Step::Span));
    }

    #[test]
    fn a_mark_is_listed_as_long_as_its_note_is_kept() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        rx(&journal, b"abc");
        let offset = journal.note(&Note {
            at: Some(Offset(1)),
            time: journal.time_of(Offset(1)),
            ..Note::new(What::Mark, "here")
        });
        let marks = journal.marks();
        assert_eq!((marks[0].offset, marks[0].at), (offset, Offset(1)));
        assert_eq!(Some(marks[0].time), journal.reach().since);
        for _ in 0..5 {
            rx(&journal, &[b'x'; Journal::MIN_CAPACITY / 4]);
        }
        assert_eq!(journal.marks(), []);
    }

    #[tokio::test]
    async fn what_is_published_before_the_wait_begins_still_wakes() {
        let journal = Journal::new(1 << 20);
        let mut cursor = journal.cursor(Offset(0));
        let mut span = Span::default();
        assert_eq!(cursor.take(10, &mut span), None);
        rx(&journal, b"now");
        timeout(SOON, cursor.changed())
            .await
            .expect("a lost wake-up");
    }

    #[test]
    fn it_stays_until_all_of_it_is_recorded_though_its_port_goes() {
        let folder = tempfile::tempdir().unwrap();
        let recording = Store::new(folder.path()).recording("dev", Records::All);
        let journal = Journal::resumed(1 << 20, recording);
        let is_there = Arc::downgrade(&journal);
        rx(&journal, b"last words");
        let head = journal.reach().head;
        drop(journal);
        let journal = is_there.upgrade().expect("nothing is stored yet");
        assert!(!journal.is_saved(Offset(0)));
        assert!(journal.is_saved(head));
        rx(&journal, b"more");
        journal.seal();
        rx(&journal, b"too late");
        drop(journal);
        assert!(is_there.upgrade().is_none());
    }

    #[test]
    fn a_large_append_becomes_records_that_fit() {
        let journal = Journal::new(1 << 20);
        let bytes = vec![7; 300_000];
        assert_eq!(
            journal.append(Kind::Tx, Time(1), Some(&"anna".into()), &bytes),
            Offset(0)
        );
        assert_eq!(journal.reach().head, Offset(300_000));
    }
}
