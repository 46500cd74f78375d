//! The recorder: one more reader of each journal, on a thread of its own, that writes what it reads
//! to disk. A disk that is slow, full or gone costs what the ring can not hold meanwhile, and nobody
//! else anything.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::bell::Ear;
use super::{Journal, Recent};
use crate::record::{Gap, Note, Offset, What, Why};
use crate::span::Span;
use crate::state::Health;
use crate::store::{Durability, Keep, Recording, Store, StoreError, Writer};

/// Records wait so long for company. With the pace of the readers and the commit, what somebody was
/// shown is stored within 100 ms.
const BATCH_EVERY: Duration = Duration::from_millis(50);
/// But not when this part of the ring waits, or so many bytes.
const RING_PART: u64 = 4;
const BATCH_BYTES: u64 = 1 << 20;
/// Taken from the ring at once, in bytes.
const PIECE: usize = 64 << 10;
/// How often a disk that failed is tried again.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// How often what is too old is looked for, where nothing else is reason to.
const TIDY_EVERY: Duration = Duration::from_secs(3600);
/// Journals that may wait to be taken on.
const ORDERS: usize = 64;

/// The recorder of a store.
pub struct Recorder {
    orders: mpsc::Sender<Arc<Journal>>,
    stop: CancellationToken,
    ended: oneshot::Receiver<()>,
}

/// What the recordings share.
struct Desk {
    store: Arc<Store>,
    keep: Keep,
    durability: Durability,
    stop: CancellationToken,
    /// Says that something may be too much.
    full: Notify,
}

impl Desk {
    fn tidy(&self) {
        self.full.notify_one();
    }
}

impl Recorder {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system has none left.
    pub fn start(store: Arc<Store>, keep: Keep, durability: Durability) -> std::io::Result<Self> {
        let (orders, inbox) = mpsc::channel(ORDERS);
        let (end, ended) = oneshot::channel();
        let stop = CancellationToken::new();
        let desk = Desk {
            store,
            keep,
            durability,
            stop: stop.clone(),
            full: Notify::new(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                runtime.block_on(run(Arc::new(desk), inbox));
                let _: Result<_, _> = end.send(());
            })?;
        Ok(Self {
            orders,
            stop,
            ended,
        })
    }

    /// Hands over journals to be recorded.
    pub fn orders(&self) -> mpsc::Sender<Arc<Journal>> {
        self.orders.clone()
    }

    /// Stores what there is, and ends.
    pub async fn close(self) {
        self.stop.cancel();
        let _: Result<_, _> = self.ended.await;
    }
}

async fn run(desk: Arc<Desk>, mut inbox: mpsc::Receiver<Arc<Journal>>) {
    let mut all = JoinSet::new();
    all.spawn(tidy(Arc::clone(&desk)));
    loop {
        let journal = tokio::select! {
            journal = inbox.recv() => journal,
            Some(_) = all.join_next() => continue,
            () = desk.stop.cancelled() => break,
        };
        let Some(journal) = journal else { break };
        if let Some(recording) = journal.past.clone() {
            all.spawn(Track::new(&journal, recording, Arc::clone(&desk)).run());
        }
    }
    desk.stop.cancel();
    while all.join_next().await.is_some() {}
}

/// Lets go what is too much or too old.
async fn tidy(desk: Arc<Desk>) {
    let mut tick = interval_at(Instant::now(), TIDY_EVERY);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = desk.full.notified() => {}
            () = desk.stop.cancelled() => return,
        }
        desk.store.enforce(&desk.keep);
    }
}

/// One journal on its way to disk.
struct Track {
    /// A port that is no longer listed is no longer recorded; its journal stays until all of it is.
    journal: Weak<Journal>,
    ear: Ear,
    /// Where to go on.
    next: Offset,
    /// Everything before was recorded once, even if it has vanished since.
    known: Offset,
    /// Everything before was recorded or counted as lost.
    counted: Offset,
    writer: Writer,
    /// How long records are kept.
    age: Option<Duration>,
    /// What goes into one commit, in bytes: a segment becomes larger by no more.
    batch: u64,
    desk: Arc<Desk>,
    span: Span,
}

impl Track {
    fn new(journal: &Arc<Journal>, recording: Arc<Recording>, desk: Arc<Desk>) -> Self {
        let mut ear = journal.head.ear();
        journal.is_recorded.store(true, Ordering::Relaxed);
        // What was appended before this thread knew of the journal.
        ear.forget();
        let next = recording.resume();
        let age = desk.keep.age(recording.port());
        let writer = Writer::new(recording, desk.durability, &desk.keep);
        Self {
            journal: Arc::downgrade(journal),
            ear,
            next,
            known: next,
            counted: next,
            batch: BATCH_BYTES.min(writer.most()),
            writer,
            age,
            desk,
            span: Span::default(),
        }
    }

    async fn run(mut self) {
        let stop = self.desk.stop.clone();
        while self.wait(&stop).await {
            if let Err(error) = self.store().await {
                self.fail(&error);
                if let Some(journal) = self.journal.upgrade() {
                    journal.give_up();
                }
                tokio::select! {
                    _ = timeout(RETRY_EVERY, self.promise()) => self.ear.forget(),
                    () = stop.cancelled() => {}
                }
            }
        }
        // What comes in from here on is shown to nobody, and its offsets are not used.
        let journal = self.journal.upgrade();
        let head = journal
            .as_ref()
            .map_or_else(|| self.ear.latest(), |journal| journal.seal());
        if let Err(error) = self.store().await {
            tracing::error!("{error}");
        }
        self.writer.close(head.max(self.next));
    }

    /// Promises offsets as they are used, as long as nothing can be stored.
    async fn promise(&mut self) {
        while self.ear.hear().await {
            let Some(journal) = self.journal.upgrade() else {
                return;
            };
            let head = journal.reach().head;
            drop(journal);
            if head >= self.writer.short_from() && self.writer.promise(self.next, head).is_err() {
                break;
            }
        }
        std::future::pending().await
    }

    /// Waits until there are records, and they have waited long enough or are many; false where
    /// this is to end.
    async fn wait(&mut self, stop: &CancellationToken) -> bool {
        let age = self.age;
        loop {
            let grow_old = async {
                match age {
                    Some(age) => sleep(age).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                more = self.ear.hear() => match more {
                    true => break,
                    false => return false,
                },
                () = grow_old => {
                    // What was written last is too old by now: it can go only as a whole segment.
                    self.writer.leave();
                    self.desk.tidy();
                }
                () = stop.cancelled() => return false,
            }
        }
        tokio::select! {
            // When the time is over, that is what was waited for.
            _ = timeout(BATCH_EVERY, self.many()) => true,
            () = stop.cancelled() => false,
        }
    }

    /// Ready when records are too many to wait, or so many that more offsets must be promised.
    fn many(&self) -> impl Future<Output = ()> + use<> {
        let journal = self.journal.upgrade();
        let part = journal
            .as_ref()
            .map_or(0, |journal| journal.ring().capacity() as u64 / RING_PART);
        let many = self.next.plus(BATCH_BYTES.min(part) as usize);
        let many = many.min(self.writer.short_from());
        async move {
            if let Some(journal) = journal {
                journal.reached(many).await;
            }
        }
    }

    /// Stores what there is.
    async fn store(&mut self) -> Result<(), StoreError> {
        while let Some(journal) = self.journal.upgrade() {
            // What is published from here on is reason to begin again.
            self.ear.catch_up();
            if journal.is_saved(self.next) {
                break;
            }
            let head = journal.reach().head;
            let full = self
                .batch(&journal, head)
                .inspect_err(|error| self.writer.give_up(error))?;
            if full {
                self.desk.tidy();
            }
            self.well(&journal);
            drop(journal);
            yield_now().await;
        }
        Ok(())
    }

    /// Stores some of it, in one commit. Answers whether a segment was finished by it.
    fn batch(&mut self, journal: &Journal, head: Offset) -> Result<bool, StoreError> {
        if let Some(stored) = self.writer.find_vanished()? {
            self.next = stored;
        }
        self.writer.begin(self.next, head)?;
        let mut next = self.next;
        while next < head && next.since(self.next) < self.batch {
            match journal.recent(next, PIECE, |_, _| 0, &mut self.span) {
                Recent::Step(Some(_)) => {
                    self.writer.put(&self.span)?;
                    next = self.span.end().unwrap_or(next);
                }
                Recent::Step(None) => break,
                Recent::Past => {
                    let to = journal.ring().oldest();
                    let from = next.max(self.known);
                    if from < to {
                        let uncounted = to.since(from.max(self.counted));
                        self.writer.recording().lose(uncounted);
                        self.counted = self.counted.max(to);
                        let why = Why::Dropped;
                        self.writer.put_gap(Gap { from, to, why })?;
                    }
                    (next, self.known) = (to, self.known.max(to));
                }
            }
        }
        let full = self.writer.commit(next)?;
        (self.next, self.known) = (next, self.known.max(next));
        Ok(full)
    }

    /// Tells what is wrong, once.
    fn fail(&mut self, error: &StoreError) {
        let recording = self.writer.recording();
        let (problem, before) = (error.to_string(), recording.state().problem);
        if before.as_ref() == Some(&problem) {
            return;
        }
        tracing::error!("{} is not recorded: {error}", recording.port());
        recording.fail(&problem);
        if before.is_none()
            && let Some(journal) = self.journal.upgrade()
        {
            journal.note(&note(format!("recording stopped: {error}")));
        }
    }

    /// Tells that it goes on.
    fn well(&mut self, journal: &Journal) {
        let recording = self.writer.recording();
        if recording.state().health != Health::Failing {
            return;
        }
        let text = match recording.recover() {
            0 => "recording goes on; nothing was lost".to_owned(),
            lost => format!("recording goes on; {lost} bytes were not recorded"),
        };
        tracing::info!("{}: {text}", recording.port());
        journal.note(&note(text));
    }
}

/// Something happened to the recording.
pub(super) fn note(text: String) -> Note {
    Note::new(What::Recording, text)
}
