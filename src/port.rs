//! A port: a serial line under a name. Its worker owns the device; everybody else asks the worker,
//! reads the journal, and watches the state. Viewers come and go; the port stays.

mod advice;
mod ask;
mod device;
mod loan;
mod mark;
mod outlet;
mod pace;
mod pulse;
mod queue;
mod run;
mod session;
mod shortcut;
mod worker;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::future::{Either, ready};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

pub use advice::OpenError;
use ask::{Act, Ask, Reply};
pub use loan::Loan;
pub use mark::NotAMark;
use outlet::Outlet;
pub use pulse::{NotAPulse, Pulse};
use queue::Job;
pub use queue::Written;
pub use run::Run;
use run::Runs;
use shortcut::Shortcut;
use worker::Worker;

use crate::access::Visitor;
use crate::audit::{Action, Audit, Entry, Outcome, Visit};
use crate::doors::Doors;
use crate::identity::{Identity, Target};
use crate::journal::Journal;
use crate::record::{Kind, Note, Offset, Time, What};
use crate::right::{Right, Rights};
use crate::settings::{Change, Invalid, Line, Settings};
use crate::state::{Phase, PortState, Reach, Recorded, Viewer};

/// Bytes that may wait to be written, for each port. A write that does not fit is refused whole.
pub const QUEUE_BYTES: usize = 256 * 1024;
/// Requests that may wait for the worker, writes among them.
const QUEUE_ASKS: usize = 1024;
/// What the send history keeps, and how long an entry may be, in characters.
const SENT_ENTRIES: usize = 200;
const SENT_LENGTH: usize = 2000;

/// What a port is made from.
pub struct Plan {
    /// The port's name.
    pub name: String,
    /// The device it is for.
    pub target: Target,
    /// Whether the device was found, not configured.
    pub found: bool,
    /// Whether it is opened at once.
    pub open: bool,
    /// How.
    pub settings: Settings,
    /// Where everything that passes over it goes.
    pub journal: Arc<Journal>,
    /// What is told of who does what.
    pub audit: Audit,
}

/// Who asks: the connection, the name that others see, and what it may do. A port does nothing for
/// an actor that has no right to it, whatever door the actor came through.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The connection.
    pub client: Arc<str>,
    /// What others see.
    pub name: Arc<str>,
    /// What it may do.
    pub rights: Rights,
    /// The account; none where nobody was asked for one.
    pub account: Option<Arc<str>>,
    /// The address; none for a part of the server itself.
    pub from: Option<IpAddr>,
    /// The way in.
    pub door: Arc<str>,
}

/// What was going on when all was halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halted {
    /// So many runs were ended.
    pub runs: usize,
    /// So many bytes in the queue were not sent.
    pub bytes: usize,
}

/// Why a port did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PortError {
    #[error("{}; ask an administrator of this server", forbidden(name, *needed, *had))]
    NotAllowed {
        name: String,
        needed: Right,
        had: Option<Right>,
    },
    #[error("{name} is not open (it is {phase}); open it first, or wait until its device is back")]
    NotOpen { name: String, phase: &'static str },
    #[error(
        "the queue of {name} is full: the device does not take what is written. \
         Wait, cancel what is queued, or look at its flow control"
    )]
    QueueFull { name: String },
    #[error("cancelled after {written} bytes had reached the device")]
    Cancelled { written: usize },
    #[error("the device went away after {written} bytes")]
    Lost { written: usize },
    #[error(transparent)]
    Settings(#[from] Invalid),
    #[error(transparent)]
    Pulse(#[from] NotAPulse),
    #[error(transparent)]
    Mark(#[from] NotAMark),
    #[error(
        "{name} has no offset {at} to pin a mark to; its journal reaches from {} to {}",
        reach.oldest,
        reach.head
    )]
    OutOfRange {
        name: String,
        at: Offset,
        reach: Reach,
    },
    #[error("{most} macros are at work on {name} already, which is as many as may; stop one")]
    TooManyRuns { name: String, most: usize },
    #[error("a sequence or BREAK is being played on {name}; try again when it has ended")]
    Playing { name: String },
    #[error("{name}: {message}")]
    NotSupported { name: String, message: String },
    #[error("{name}: {message}")]
    Device { name: String, message: String },
}

/// What somebody may not do with a port, beside what they may.
fn forbidden(port: &str, needed: Right, had: Option<Right>) -> String {
    let deed = |right| match right {
        Right::See => "see",
        Right::Type => "type on",
        Right::Control => "control",
        Right::Administer => "administer",
    };
    match had {
        Some(had) => format!("you may {} {port}, but not {} it", deed(had), deed(needed)),
        None => format!("you may not {} {port}", deed(needed)),
    }
}

impl PortError {
    /// The same error for a write of which so many bytes had reached the device.
    fn after(self, written: usize) -> Self {
        match self {
            Self::Cancelled { .. } => Self::Cancelled { written },
            Self::Lost { .. } => Self::Lost { written },
            other => other,
        }
    }
}

/// A serial line under a name.
pub struct Port {
    name: String,
    journal: Arc<Journal>,
    state: Arc<watch::Sender<PortState>>,
    asks: mpsc::Sender<Ask>,
    shortcut: Arc<Shortcut>,
    room: Arc<Semaphore>,
    /// The clients whose terminals could answer the device; the last one does.
    answerers: Mutex<Vec<String>>,
    /// What people sent, oldest first.
    sent: Mutex<VecDeque<String>>,
    runs: Mutex<Runs>,
    /// How often all was halted: whoever waited for a turn meanwhile has lost it.
    halts: AtomicU64,
    audit: Audit,
}

impl Port {
    /// Starts a port's worker. It ends when the port is dropped.
    pub fn start(plan: Plan, found: watch::Receiver<Arc<[Identity]>>) -> Arc<Self> {
        let (asks, inbox) = mpsc::channel(QUEUE_ASKS);
        let journal = Arc::clone(&plan.journal);
        let state = Arc::new(watch::Sender::new(PortState {
            name: plan.name.clone(),
            device: plan.target.path().to_owned(),
            found: plan.found,
            identity: plan.target.device().cloned(),
            settings: plan.settings,
            since: Time::now(),
            journal: journal.reach(),
            recording: journal.recording(),
            ..PortState::default()
        }));
        if let Some(past) = journal.past() {
            tokio::spawn(tell_health(past.watch(), Arc::clone(&state)));
        }
        let shortcut = Arc::new(Shortcut::default());
        let outlet = Outlet {
            journal: Arc::clone(&journal),
            state: Arc::clone(&state),
            shortcut: Arc::clone(&shortcut),
            audit: plan.audit.clone(),
        };
        let worker = Worker::new(&plan, outlet, inbox, found);
        tokio::spawn(worker.run(plan.open));
        Arc::new(Self {
            name: plan.name,
            journal,
            state,
            asks,
            shortcut,
            room: Arc::new(Semaphore::new(QUEUE_BYTES)),
            answerers: Mutex::default(),
            sent: Mutex::default(),
            runs: Mutex::default(),
            halts: AtomicU64::new(0),
            audit: plan.audit,
        })
    }

    /// The port's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Everything that passed over the port.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// The state, now and whenever it changes.
    pub fn watch(&self) -> watch::Receiver<PortState> {
        self.state.subscribe()
    }

    /// The state as it is now, with the journal's reach.
    pub fn state(&self) -> PortState {
        let mut state = self.state.borrow().clone();
        state.journal = self.journal.reach();
        state.recording = self.journal.recording();
        state
    }

    /// The device was found, perhaps under another name than before.
    pub fn seen(&self, identity: &Identity) {
        self.state.send_if_modified(|state| {
            let news = state.identity.as_ref() != Some(identity);
            if news {
                state.identity = Some(identity.clone());
            }
            news
        });
    }

    /// Where programs reach the port now.
    pub fn set_doors(&self, doors: Doors) {
        self.state.send_if_modified(|state| {
            let news = state.doors != doors;
            state.doors = doors;
            news
        });
    }

    /// Queues bytes for the device. What comes back ends when the driver has taken them all.
    ///
    /// # Errors
    /// At once if the port is not open or the queue is full; nothing is queued then.
    pub fn write(
        &self,
        actor: &Actor,
        bytes: Bytes,
    ) -> Result<impl Future<Output = Result<Written, PortError>> + use<>, PortError> {
        self.allow(actor, Right::Type)?;
        self.expect_open()?;
        let full = || PortError::QueueFull {
            name: self.name.clone(),
        };
        let permits = u32::try_from(bytes.len()).map_err(|_| full())?;
        let room = Arc::clone(&self.room)
            .try_acquire_many_owned(permits)
            .map_err(|_| full())?;
        let (ask, writing) = self.hand_over(actor, bytes, room);
        if let Some(ask) = ask {
            self.asks.try_send(ask).map_err(|_| full())?;
        }
        Ok(writing)
    }

    /// The same, but waits for its turn where the queue is full. `bytes` must fit into
    /// [`QUEUE_BYTES`].
    pub async fn write_in_turn(
        &self,
        actor: &Actor,
        bytes: Bytes,
    ) -> Result<impl Future<Output = Result<Written, PortError>> + use<>, PortError> {
        self.allow(actor, Right::Type)?;
        self.expect_open()?;
        let halts = self.halts.load(Ordering::Relaxed);
        let permits = u32::try_from(bytes.len().min(QUEUE_BYTES)).expect("the queue is small");
        let room = Arc::clone(&self.room).acquire_many_owned(permits).await;
        let room = room.expect("the room is never closed");
        if self.halts.load(Ordering::Relaxed) != halts {
            return Err(PortError::Cancelled { written: 0 });
        }
        // What was in the way may have gone because the device did.
        self.expect_open()?;
        let (ask, writing) = self.hand_over(actor, bytes, room);
        if let Some(ask) = ask {
            self.asks.send(ask).await.map_err(|_| self.not_open())?;
        }
        Ok(writing)
    }

    /// Ready where the actor has the right.
    ///
    /// # Errors
    /// If it has not.
    pub fn allow(&self, actor: &Actor, needed: Right) -> Result<(), PortError> {
        let had = actor.rights.on(&self.name);
        if had >= Some(needed) {
            return Ok(());
        }
        let name = self.name.clone();
        let refused = PortError::NotAllowed { name, needed, had };
        self.tell(actor, Action::Request, |entry| Entry {
            outcome: Outcome::Refused,
            detail: Some(refused.to_string()),
            ..entry
        });
        Err(refused)
    }

    /// Tells the audit that an actor came in by a door of this port; it leaves when what is returned is
    /// dropped.
    pub fn visit(&self, actor: &Actor) -> Visit {
        self.audit.visit(|action| Entry {
            port: Some(self.name.clone()),
            ..actor.entry(action)
        })
    }

    /// Tells the audit what an actor did here.
    pub fn tell(&self, actor: &Actor, action: Action, more: impl FnOnce(Entry) -> Entry) {
        self.audit.tell(|| {
            more(Entry {
                port: Some(self.name.clone()),
                ..actor.entry(action)
            })
        });
    }

    /// Ready where the port is open.
    ///
    /// # Errors
    /// If it is not.
    pub fn expect_open(&self) -> Result<(), PortError> {
        if self.state.borrow().phase == Phase::Open {
            Ok(())
        } else {
            Err(self.not_open())
        }
    }

    /// Writes to a device that is idle, as much as it takes at once. Gives what the worker is to do
    /// about it, and what waits for its end.
    fn hand_over(
        &self,
        actor: &Actor,
        mut rest: Bytes,
        room: OwnedSemaphorePermit,
    ) -> (
        Option<Ask>,
        impl Future<Output = Result<Written, PortError>> + use<>,
    ) {
        let has_the_room = self.room.available_permits() + room.num_permits() == QUEUE_BYTES;
        let is_idle = has_the_room && self.asks.capacity() == QUEUE_ASKS;
        let length = if is_idle {
            self.shortcut.write(&rest)
        } else {
            0
        };
        // On one thread nothing can come in between the write and this.
        let taken = (length > 0).then(|| {
            let (time, author) = (Time::now(), Some(&actor.name));
            let offset = self.journal.append(Kind::Tx, time, author, &rest[..length]);
            self.tell(actor, Action::Type, |entry| entry.typed(offset, length));
            Written { offset, length }
        });
        rest.advance(length);
        let (act, writing) = match taken {
            Some(taken) if rest.is_empty() => {
                let is_told = self.shortcut.is_counting() && !self.journal.is_read();
                (
                    (!is_told).then_some(Act::Wrote),
                    Either::Left(ready(Ok(taken))),
                )
            }
            taken => {
                let (reply, answer) = oneshot::channel();
                let job = Job {
                    actor: actor.clone(),
                    taken,
                    rest,
                    room,
                    reply,
                };
                let stopped = self.not_open();
                let answer = async move { answer.await.unwrap_or(Err(stopped)) };
                (Some(Act::Write(job)), Either::Right(answer))
            }
        };
        let ask = act.map(|act| Ask {
            actor: actor.clone(),
            act,
        });
        (ask, writing)
    }

    /// Throws away what the actor's connection queued and the device has not taken.
    pub async fn cancel(&self, actor: &Actor) -> Result<(), PortError> {
        self.ask(actor, Act::Cancel).await
    }

    /// Ends all runs and throws away all that waits to be written, whoever wrote it, and what the
    /// driver has of it.
    pub async fn halt(&self, actor: &Actor) -> Result<Halted, PortError> {
        self.allow(actor, Right::Type)?;
        self.halts.fetch_add(1, Ordering::Relaxed);
        let runs = self.stop_all(actor);
        let bytes = self.ask(actor, |reply| Act::Halt(runs, reply)).await?;
        Ok(Halted { runs, bytes })
    }

    /// Opens the port, takes it back, or tries at once where it was waiting.
    pub async fn open(&self, actor: &Actor) -> Result<(), PortError> {
        // Whoever let go of the device did so for a reason.
        let is_released = self.state.borrow().phase == Phase::Released;
        let needed = if is_released {
            Right::Control
        } else {
            Right::Type
        };
        self.allow(actor, needed)?;
        self.end_loan();
        self.ask(actor, Act::Open).await?;
        self.tell(actor, Action::Open, |entry| entry);
        Ok(())
    }

    /// Closes the device so that another program can have it.
    pub async fn release(&self, actor: &Actor) -> Result<(), PortError> {
        self.allow(actor, Right::Control)?;
        self.ask(actor, Act::Release).await
    }

    /// Changes the settings, live; returns what is in force if the port is open.
    pub async fn set(&self, actor: &Actor, change: Change) -> Result<Option<Line>, PortError> {
        self.allow(actor, Right::Control)?;
        self.ask(actor, |reply| Act::Set(change, reply)).await
    }

    /// Sets DTR, RTS or both.
    pub async fn set_lines(
        &self,
        actor: &Actor,
        dtr: Option<bool>,
        rts: Option<bool>,
    ) -> Result<(), PortError> {
        self.allow(actor, Right::Control)?;
        self.ask(actor, |reply| Act::Lines(dtr, rts, reply)).await
    }

    /// Sends a BREAK; returns when it has ended.
    pub async fn send_break(&self, actor: &Actor, length: Duration) -> Result<(), PortError> {
        self.allow(actor, Right::Control)?;
        self.ask(actor, |reply| Act::Break(length, reply)).await
    }

    /// Begins a BREAK, or ends it. Whoever begins one ends it also when leaving.
    pub async fn set_break(&self, actor: &Actor, on: bool) -> Result<(), PortError> {
        self.allow(actor, Right::Control)?;
        self.ask(actor, |reply| Act::SetBreak(on, reply)).await
    }

    /// Plays a sequence of line changes, by name or as steps; returns when it has ended.
    pub async fn pulse(&self, actor: &Actor, sequence: &str) -> Result<(), PortError> {
        self.allow(actor, Right::Control)?;
        let pulse = sequence.parse::<Pulse>()?;
        self.ask(actor, |reply| Act::Pulse(pulse, sequence.to_owned(), reply))
            .await
    }

    /// Pins a text to a moment, also while the device is away: to `at`, or to now. Returns where
    /// the Note stands.
    pub async fn mark(
        &self,
        actor: &Actor,
        text: String,
        at: Option<Offset>,
    ) -> Result<Offset, PortError> {
        self.allow(actor, Right::Type)?;
        mark::check(&text)?;
        let time = match at {
            Some(at) => self.time_at(at).await?,
            None => None,
        };
        let note = Note {
            at,
            time,
            ..Note::new(What::Mark, text)
        };
        Ok(self.note_by(actor, Action::Mark, note))
    }

    /// Adds what an actor did, and tells the audit; returns where the Note stands.
    pub fn note_by(&self, actor: &Actor, action: Action, note: Note) -> Offset {
        let by = Some(actor.name.to_string());
        let note = Note { by, ..note };
        let offset = self.note(&note);
        self.tell(actor, action, |entry| Entry {
            offset: Some(offset),
            // The text of a mark is its author's own.
            detail: (action != Action::Mark).then_some(note.text),
            ..entry
        });
        offset
    }

    /// Adds what happened, whether the device is there or not; returns where the Note stands.
    pub fn note(&self, note: &Note) -> Offset {
        let offset = self.journal.note(note);
        // The worker may be asleep for want of a device.
        self.state
            .send_modify(|state| state.journal = self.journal.reach());
        offset
    }

    async fn time_at(&self, at: Offset) -> Result<Option<Time>, PortError> {
        let reach = self.journal.reach();
        if !(reach.oldest..=reach.head).contains(&at) {
            let name = self.name.clone();
            return Err(PortError::OutOfRange { name, at, reach });
        }
        let journal = Arc::clone(&self.journal);
        let time = spawn_blocking(move || journal.time_of(at)).await;
        Ok(time.expect("a journal can be read"))
    }

    async fn ask<T>(
        &self,
        actor: &Actor,
        act: impl FnOnce(Reply<T>) -> Act,
    ) -> Result<T, PortError> {
        let (reply, answer) = oneshot::channel();
        let ask = Ask {
            actor: actor.clone(),
            act: act(reply),
        };
        self.asks.send(ask).await.map_err(|_| self.not_open())?;
        answer.await.map_err(|_| self.not_open())?
    }

    fn not_open(&self) -> PortError {
        PortError::not_open(&self.state.borrow())
    }

    /// Adds what a person typed to the send history, unless it was the last thing sent.
    ///
    /// # Errors
    /// If the actor may not type here.
    pub fn remember(&self, actor: &Actor, typed: &str) -> Result<(), PortError> {
        self.allow(actor, Right::Type)?;
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let typed: String = typed.chars().take(SENT_LENGTH).collect();
        if !typed.is_empty() && sent.back() != Some(&typed) {
            sent.push_back(typed);
            while sent.len() > SENT_ENTRIES {
                sent.pop_front();
            }
        }
        Ok(())
    }

    /// The send history, oldest first. Passwords may stand in it, so it is for those who type.
    ///
    /// # Errors
    /// If the actor may not type here.
    pub fn sent(&self, actor: &Actor) -> Result<Vec<String>, PortError> {
        self.allow(actor, Right::Type)?;
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(sent.iter().cloned().collect())
    }

    /// Adds a viewer, for as long as what is returned lives.
    pub fn enter(self: &Arc<Self>, viewer: Viewer) -> Presence {
        let client = viewer.client.clone();
        self.state.send_modify(|state| state.viewers.push(viewer));
        // The worker looks at the modem lines only while somebody sees them.
        let _: Result<_, _> = self.asks.try_send(Ask {
            actor: Actor::server("", ""),
            act: Act::Look,
        });
        Presence {
            port: Arc::clone(self),
            client,
        }
    }
}

/// Tells when the recording gets better or worse, as long as there is one.
async fn tell_health(
    mut recorded: watch::Receiver<Recorded>,
    state: Arc<watch::Sender<PortState>>,
) {
    while recorded.changed().await.is_ok() {
        let now = recorded.borrow_and_update().clone();
        state.send_modify(|state| state.recording = now);
    }
}

impl Actor {
    /// The visitor, as somebody who asks, whom others see as a viewer.
    pub fn of(viewer: &Viewer, visitor: &Visitor) -> Self {
        Self {
            client: viewer.client.as_str().into(),
            name: viewer.name.as_str().into(),
            rights: visitor.rights.clone(),
            account: visitor.name.clone(),
            from: Some(viewer.from),
            door: viewer.door.as_str().into(),
        }
    }

    /// A part of the server itself, which may do what it was told to by who set it up.
    pub fn server(client: &str, name: &str) -> Self {
        Self {
            client: client.into(),
            name: name.into(),
            rights: Rights::all(),
            account: None,
            from: None,
            door: client.into(),
        }
    }

    /// That it did something.
    pub fn entry(&self, action: Action) -> Entry {
        let text = |text: &Arc<str>| Some(text.to_string());
        Entry {
            who: self.account.as_ref().and_then(text),
            name: text(&self.name),
            from: self.from,
            door: text(&self.door),
            client: text(&self.client),
            ..Entry::new(action)
        }
    }
}

impl PortError {
    fn not_open(state: &PortState) -> Self {
        let phase = match state.phase {
            Phase::Closed => "closed",
            Phase::Opening => "being opened",
            Phase::Open => "stopping",
            Phase::Waiting => "waiting for its device",
            Phase::Released => "released",
        };
        Self::NotOpen {
            name: state.name.clone(),
            phase,
        }
    }
}

/// Somebody watches the port; leaving is dropping this.
pub struct Presence {
    port: Arc<Port>,
    client: String,
}

impl Presence {
    /// The port.
    pub fn port(&self) -> &Arc<Port> {
        &self.port
    }

    /// This client's terminal answers the device's queries from now on.
    pub fn answer(&self) {
        self.answerers(|all, client| {
            all.retain(|other| other != client);
            all.push(client.to_owned());
        });
    }

    /// Whether this client's terminal is the one that answers.
    pub fn is_answerer(&self) -> bool {
        self.port.state.borrow().answerer.as_deref() == Some(&self.client)
    }

    /// The viewer calls itself something else.
    pub fn rename(&self, name: &str) {
        self.port.state.send_modify(|state| {
            for viewer in state
                .viewers
                .iter_mut()
                .filter(|viewer| viewer.client == self.client)
            {
                name.clone_into(&mut viewer.name);
            }
        });
    }

    fn answerers(&self, change: impl FnOnce(&mut Vec<String>, &str)) {
        let mut all = self
            .port
            .answerers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        change(&mut all, &self.client);
        let last = all.last().cloned();
        self.port.state.send_if_modified(|state| {
            let changed = state.answerer != last;
            state.answerer = last;
            changed
        });
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.answerers(|all, client| all.retain(|other| other != client));
        self.port.state.send_modify(|state| {
            if let Some(place) = state
                .viewers
                .iter()
                .position(|viewer| viewer.client == self.client)
            {
                state.viewers.remove(place);
            }
        });
    }
}
