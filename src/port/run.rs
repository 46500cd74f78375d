//! A run: something that is at work on a port for a while, shown to all who watch, which anyone may
//! stop. It is listed until it is dropped.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use tokio_util::sync::CancellationToken;

use super::turn::Stay;
use super::{Actor, Party, Port, PortError, Written};
use crate::audit::{Action, Entry};
use crate::record::Time;
use crate::right::Right;
use crate::state::{Origin, Running};

/// So many may be at work on one port.
const MOST: usize = 32;

/// The runs of a port that nobody has stopped yet, by their numbers.
pub(super) type Runs = BTreeMap<u32, Arc<Stop>>;

/// Whether a run was stopped, and by whom.
pub(super) struct Stop {
    /// Who began it.
    party: Party,
    token: CancellationToken,
    by: OnceLock<Arc<str>>,
}

impl Stop {
    fn pull(&self, by: &Actor) {
        // The first is the one that stopped it.
        let _: Result<(), _> = self.by.set(Arc::clone(&by.name));
        self.token.cancel();
    }
}

/// Something at work on a port. Dropping it ends it, and throws away what it wrote and the device
/// has not taken.
pub struct Run {
    port: Arc<Port>,
    number: u32,
    /// A connection of its own, so that its writes can be told from others of whoever started it.
    actor: Actor,
    stop: Arc<Stop>,
    writing: AtomicBool,
    /// The turn, where it was free, is for as long as this.
    _stay: Stay,
}

impl Port {
    /// Begins a run, on behalf of `actor`.
    ///
    /// # Errors
    /// If the port is not open, or as many are at work as may.
    pub fn begin(self: &Arc<Self>, actor: &Actor, title: String) -> Result<Run, PortError> {
        self.begin_from(actor, title, None)
    }

    /// The same, where a control on a panel starts it.
    pub fn begin_from(
        self: &Arc<Self>,
        actor: &Actor,
        title: String,
        origin: Option<Origin>,
    ) -> Result<Run, PortError> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        self.permit(actor, Right::Type)?;
        self.expect_open()?;
        let number = LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let client: Arc<str> = format!("run {number}").into();
        let stay = self.stay(actor, Arc::clone(&client), false);
        self.allow(actor, Right::Type)?;
        let stop = Arc::new(Stop {
            party: actor.party.clone(),
            token: CancellationToken::new(),
            by: OnceLock::new(),
        });
        {
            let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
            if runs.len() >= MOST {
                let name = self.name.clone();
                return Err(PortError::TooManyRuns { name, most: MOST });
            }
            runs.insert(number, Arc::clone(&stop));
        }
        self.tell(actor, Action::Macro, |entry| Entry {
            detail: Some(format!("{title}, run {number}")),
            ..entry
        });
        let running = Running {
            run: number,
            title,
            by: actor.name.to_string(),
            since: Time::now(),
            origin,
        };
        self.state.send_modify(|state| state.running.push(running));
        Ok(Run {
            port: Arc::clone(self),
            number,
            actor: Actor {
                client,
                ..actor.clone()
            },
            stop,
            writing: AtomicBool::new(false),
            _stay: stay,
        })
    }

    /// Whether something of this name is at work.
    pub fn is_running(&self, title: &str) -> bool {
        let state = self.state.borrow();
        state.running.iter().any(|running| running.title == title)
    }

    /// Ends a run, whoever began it. One that has ended already is as good.
    ///
    /// # Errors
    /// If `by` may neither type here nor use a panel.
    pub fn stop(&self, run: u32, by: &Actor) -> Result<(), PortError> {
        self.permit(&by.ending(), Right::Type)?;
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = runs.get(&run) {
            stop.pull(by);
            self.tell(by, Action::Stop, |entry| Entry {
                detail: Some(format!("run {run}")),
                ..entry
            });
        }
        Ok(())
    }

    /// The runs that a control has started and that are at work.
    pub fn runs_of(&self, origin: &Origin) -> Vec<u32> {
        let state = self.state.borrow();
        let started = |running: &&Running| running.origin.as_ref() == Some(origin);
        let runs = state.running.iter().filter(started);
        runs.map(|running| running.run).collect()
    }

    /// Ends the runs of a party.
    pub(super) fn stop_those_of(&self, party: &Party, by: &Actor) {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = runs.values().filter(|stop| stop.party == *party);
        theirs.for_each(|stop| stop.pull(by));
    }

    /// Ends all runs; gives how many.
    pub(super) fn stop_all(&self, by: &Actor) -> usize {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.values().for_each(|stop| stop.pull(by));
        runs.len()
    }
}

impl Run {
    /// The port.
    pub fn port(&self) -> &Arc<Port> {
        &self.port
    }

    /// The number by which it is stopped.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// For whom it acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Ready when somebody has stopped it; says who.
    pub async fn stopped(&self) -> Arc<str> {
        self.stop.token.cancelled().await;
        let by = self.stop.by.get();
        Arc::clone(by.expect("whoever stops a run is named first"))
    }

    /// Writes when it is its turn, and returns when the device has all of it.
    ///
    /// # Errors
    /// As [`Port::write`].
    pub async fn write(&self, bytes: &[u8]) -> Result<Written, PortError> {
        self.writing.store(true, Ordering::Relaxed);
        let written = async { self.port.write_in_turn(&self.actor, bytes).await?.await }.await;
        self.writing.store(false, Ordering::Relaxed);
        written
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let mut runs = self
            .port
            .runs
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        runs.remove(&self.number);
        drop(runs);
        self.port
            .state
            .send_modify(|state| state.running.retain(|other| other.run != self.number));
        if self.writing.load(Ordering::Relaxed) {
            let (port, actor) = (Arc::clone(&self.port), self.actor.clone());
            tokio::spawn(async move {
                if let Err(error) = port.cancel(&actor).await {
                    tracing::debug!("not cancelled: {error}");
                }
            });
        }
    }
}
