//! The outlet: where a port's bytes, notes and state go, whoever has its device at the moment.

use std::sync::Arc;

use tokio::sync::watch;

use super::shortcut::Shortcut;
use super::{Actor, PortError};
use crate::journal::Journal;
use crate::record::{Note, Time, What};
use crate::settings::Settings;
use crate::state::{Phase, PortState};

/// What the worker and its session share with the port: where bytes and state go.
pub(super) struct Outlet {
    pub journal: Arc<Journal>,
    pub state: Arc<watch::Sender<PortState>>,
    pub shortcut: Arc<Shortcut>,
}

impl Outlet {
    /// Tells everybody what happened.
    pub(super) fn note(&self, what: What, text: impl Into<String>, by: Option<&Actor>) {
        let by = by.map(|actor| actor.name.to_string());
        self.journal.note(&Note {
            by,
            ..Note::new(what, text)
        });
    }

    /// Tells that everything was stopped.
    pub(super) fn halted(&self, runs: usize, bytes: usize, by: &Actor) {
        let text = format!("all stopped: {runs} macros ended, {bytes} bytes not sent");
        self.note(What::Halt, text, Some(by));
    }

    /// Changes the state, and brings what it says of the journal up to date.
    pub(super) fn update(&self, change: impl FnOnce(&mut PortState)) {
        self.state.send_modify(|state| {
            change(state);
            state.journal = self.journal.reach();
            state.recording = self.journal.recording();
        });
    }

    /// Changes what the port is said to be doing.
    pub(super) fn phase(&self, phase: Phase) {
        self.update(|state| {
            if state.phase != phase {
                state.phase = phase;
                state.since = Time::now();
            }
            if phase != Phase::Waiting {
                state.failure = None;
            }
        });
    }

    pub(super) fn settings(&self) -> Settings {
        self.state.borrow().settings
    }

    pub(super) fn not_open(&self) -> PortError {
        PortError::not_open(&self.state.borrow())
    }

    /// The name of the port, for errors.
    pub(super) fn name(&self) -> String {
        self.state.borrow().name.clone()
    }
}
