//! The outlet: where a port's bytes, notes and state go, whoever has its device at the moment.

use std::sync::Arc;

use tokio::sync::watch;

use super::shortcut::Shortcut;
use super::{Actor, PortError};
use crate::audit::{Action, Audit, Entry};
use crate::journal::Journal;
use crate::record::{Note, Time, What};
use crate::settings::Settings;
use crate::state::{Phase, PortState};

/// What the worker and its session share with the port: where bytes and state go.
pub(super) struct Outlet {
    pub journal: Arc<Journal>,
    pub state: Arc<watch::Sender<PortState>>,
    pub audit: Audit,
    pub shortcut: Arc<Shortcut>,
}

impl Outlet {
    /// Tells everybody what happened.
    pub(super) fn note(&self, what: What, text: impl Into<String>, by: Option<&Actor>) {
        let note = Note {
            by: by.map(|actor| actor.name.to_string()),
            ..Note::new(what, text)
        };
        let offset = self.journal.note(&note);
        if let (Some(actor), Some(action)) = (by, action(what)) {
            self.tell(actor, action, |entry| Entry {
                offset: Some(offset),
                detail: Some(note.text),
                ..entry
            });
        }
    }

    /// Tells the audit what an actor did.
    pub(super) fn tell(&self, actor: &Actor, action: Action, more: impl FnOnce(Entry) -> Entry) {
        self.audit.tell(|| {
            more(Entry {
                port: Some(self.name()),
                ..actor.entry(action)
            })
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

/// The act of which a Note tells.
fn action(what: What) -> Option<Action> {
    match what {
        What::Settings => Some(Action::Settings),
        What::Lines => Some(Action::Lines),
        What::BreakSent => Some(Action::Break),
        What::Pulse => Some(Action::Pulse),
        What::Cancelled => Some(Action::Cancel),
        What::Halt => Some(Action::Halt),
        What::Released => Some(Action::Release),
        _ => None,
    }
}
