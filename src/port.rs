//! A port: a serial line under a name. Its worker owns the device; everybody else asks the worker,
//! reads the journal, and watches the state. Viewers come and go; the port stays.

mod actor;
mod advice;
mod ask;
mod booked;
mod device;
mod error;
mod loan;
mod mark;
mod outlet;
mod pace;
mod party;
mod presence;
mod queue;
mod run;
mod say;
mod session;
mod shortcut;
mod turn;
mod turns;
mod worker;
mod write;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

pub use actor::Actor;
pub use advice::OpenError;
use ask::{Act, Ask, Reply};
pub use error::PortError;
pub use loan::Loan;
pub use mark::NotAMark;
use outlet::Outlet;
pub use party::Party;
pub use presence::Presence;
pub use queue::Written;
pub use run::Run;
use run::Runs;
pub use say::NotALine;
use say::Pauses;
use shortcut::Shortcut;
pub use turns::NotATurn;
use turns::Turns;
use worker::Worker;
use write::QUEUE_ASKS;
pub use write::{QUEUE_BYTES, Writing};

use crate::audit::{Action, Audit, Entry, Outcome, Visit};
use crate::doors::Doors;
use crate::identity::{Identity, Target};
use crate::journal::Journal;
use crate::pulse::Pulse;
use crate::record::{Excerpt, Note, Offset, Time, What};
use crate::right::Right;
use crate::settings::{Change, Line, Settings};
use crate::state::{Phase, PortState, Recorded};

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
    /// Whether one at a time may type.
    pub turns: bool,
    /// Where everything that passes over it goes.
    pub journal: Arc<Journal>,
    /// What is told of who does what.
    pub audit: Audit,
}

/// What was going on when all was halted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halted {
    /// So many runs were ended.
    pub runs: usize,
    /// So many bytes in the queue were not sent.
    pub bytes: usize,
}

/// A serial line under a name.
pub struct Port {
    name: String,
    journal: Arc<Journal>,
    state: Arc<watch::Sender<PortState>>,
    asks: mpsc::Sender<Ask>,
    shortcut: Arc<Shortcut>,
    room: Arc<Semaphore>,
    /// Those whose terminals could answer the device; the last of them who may type does.
    answerers: Mutex<Vec<Actor>>,
    /// What people sent, oldest first.
    sent: Mutex<VecDeque<String>>,
    runs: Mutex<Runs>,
    turns: Mutex<Turns>,
    /// What was said lately.
    said: Mutex<Pauses>,
    /// How often all was halted: whoever waited for a turn meanwhile has lost it.
    halts: AtomicU64,
    audit: Audit,
}

impl Port {
    /// Starts a port's worker. It ends when the port is dropped.
    pub fn start(plan: Plan, found: watch::Receiver<Arc<[Identity]>>) -> Arc<Self> {
        let (asks, inbox) = mpsc::channel(QUEUE_ASKS);
        let journal = Arc::clone(&plan.journal);
        let turns = Turns::new(plan.turns);
        let state = Arc::new(watch::Sender::new(PortState {
            name: plan.name.clone(),
            device: plan.target.path().to_owned(),
            found: plan.found,
            identity: plan.target.device().cloned(),
            settings: plan.settings,
            since: Time::now(),
            journal: journal.reach(),
            recording: journal.recording(),
            turn: turns.shown(),
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
            shortcut,
            turns: Mutex::new(turns),
            ..Self::of(plan.name, journal, state, asks, plan.audit)
        })
    }

    /// The port as whoever sees it who may see an excerpt and nothing else: of this name, with what lies
    /// in the excerpt, and without a device.
    pub fn excerpt(&self, excerpt: Excerpt) -> Arc<Self> {
        let journal = self.journal.excerpt(excerpt);
        let state = Arc::new(watch::Sender::new(PortState {
            name: self.name.clone(),
            since: excerpt.until,
            journal: journal.reach(),
            ..PortState::default()
        }));
        // Nobody takes what is asked for.
        let (asks, _) = mpsc::channel(1);
        let (name, audit) = (self.name.clone(), self.audit.clone());
        Arc::new(Self::of(name, journal, state, asks, audit))
    }

    fn of(
        name: String,
        journal: Arc<Journal>,
        state: Arc<watch::Sender<PortState>>,
        asks: mpsc::Sender<Ask>,
        audit: Audit,
    ) -> Self {
        Self {
            name,
            journal,
            state,
            asks,
            shortcut: Arc::default(),
            room: Arc::new(Semaphore::new(QUEUE_BYTES)),
            answerers: Mutex::default(),
            sent: Mutex::default(),
            runs: Mutex::default(),
            turns: Mutex::new(Turns::new(false)),
            said: Mutex::default(),
            halts: AtomicU64::new(0),
            audit,
        }
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

    /// Ready where the actor has the right, and nobody else has booked the port or has the turn: a free
    /// one is the actor's then. Who has booked the port needs no turn.
    ///
    /// # Errors
    /// If it has not, or somebody else has.
    pub fn allow(&self, actor: &Actor, needed: Right) -> Result<(), PortError> {
        self.permit(actor, needed)?;
        match needed {
            Right::Type | Right::Control if self.expect_not_booked(actor)? => Ok(()),
            Right::Type | Right::Control => self.claim_turn(actor),
            Right::See | Right::Administer => Ok(()),
        }
    }

    /// Ready where the actor has the right, whoever has booked the port or has the turn: for what does
    /// not go to the device, and for what ends something, which must not wait.
    ///
    /// # Errors
    /// If it has not.
    pub fn permit(&self, actor: &Actor, needed: Right) -> Result<(), PortError> {
        let had = actor.rights.on(&self.name);
        if had >= Some(needed) {
            return Ok(());
        }
        let name = self.name.clone();
        Err(self.refused(actor, PortError::NotAllowed { name, needed, had }))
    }

    /// Tells the audit why something was not done for an actor.
    fn refused(&self, actor: &Actor, why: PortError) -> PortError {
        self.tell(actor, Action::Request, |entry| Entry {
            outcome: Outcome::Refused,
            detail: Some(why.to_string()),
            ..entry
        });
        why
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

    /// Throws away what the actor's connection queued and the device has not taken.
    pub async fn cancel(&self, actor: &Actor) -> Result<(), PortError> {
        self.ask(actor, |reply| Act::Cancel(None, reply)).await
    }

    /// Ends all runs and throws away all that waits to be written, whoever wrote it, and what the
    /// driver has of it. Whoever may type may stop a machine, whoever booked it.
    pub async fn halt(&self, actor: &Actor) -> Result<Halted, PortError> {
        self.permit(&actor.ending(), Right::Type)?;
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
        self.permit(actor, needed)?;
        self.expect_own(actor)?;
        self.take_back(actor).await
    }

    /// Opens the port, or takes it back, for whoever had the right to what ends by that.
    async fn take_back(&self, actor: &Actor) -> Result<(), PortError> {
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
        if on {
            self.allow(actor, Right::Control)?;
        } else {
            self.permit(actor, Right::Control)?;
        }
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
        self.permit(actor, Right::Type)?;
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
            // The text of a mark, and what is said, is its author's own.
            detail: (!matches!(action, Action::Mark | Action::Say)).then_some(note.text),
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
        self.permit(actor, Right::Type)?;
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(sent.iter().cloned().collect())
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
