//! A loan: the device given to another program for a while. It comes back when the loan is dropped.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Actor, Port, PortError};
use crate::audit::{Action, Entry};
use crate::record::{Note, Time, What};
use crate::right::Right;
use crate::state::{Lent, Phase};

/// A device that another program has. Dropping this takes it back.
pub struct Loan {
    port: Arc<Port>,
    actor: Actor,
    lent: Lent,
    path: PathBuf,
    /// The port is to be opened again.
    was_open: bool,
}

impl Port {
    /// Gives the device to a program, named `to`, for at most so long: closes it, where it is open.
    ///
    /// # Errors
    /// If the device is not there, or somebody has it already.
    pub async fn lend(
        self: &Arc<Self>,
        actor: &Actor,
        to: String,
        limit: Duration,
    ) -> Result<Loan, PortError> {
        self.lend_for(actor, to, limit, None).await
    }

    /// The same, where the program writes a file to the device: `flash` is the configured command.
    ///
    /// # Errors
    /// If the device is not there, or somebody has it already.
    pub async fn lend_for(
        self: &Arc<Self>,
        actor: &Actor,
        to: String,
        limit: Duration,
        flash: Option<String>,
    ) -> Result<Loan, PortError> {
        self.allow(actor, Right::Control)?;
        let (phase, path) = {
            let state = self.state.borrow();
            let found = state.identity.as_ref().map(|device| &device.path);
            let path = state.path.as_ref().or(found).unwrap_or(&state.device);
            (state.phase, path.clone())
        };
        self.expect_free()?;
        if phase == Phase::Open {
            self.release(actor).await?;
        }
        let since = Time::now();
        let lent = Lent {
            to,
            by: actor.name.to_string(),
            since,
            until: Time(since.0 + limit.as_micros() as u64),
            flash,
        };
        // Meanwhile somebody may have opened it again, or lent it to another.
        let is_ours = self.state.send_if_modified(|state| {
            let is_free = matches!(state.phase, Phase::Released | Phase::Closed);
            let is_ours = is_free && state.lent.is_none();
            if is_ours {
                state.lent = Some(lent.clone());
            }
            is_ours
        });
        if !is_ours {
            return Err(self.not_open());
        }
        let text = format!("{} is lent to {}", path.display(), lent.to);
        self.note_by(actor, Action::Lend, Note::new(What::Released, text));
        Ok(Loan {
            port: Arc::clone(self),
            actor: actor.clone(),
            lent,
            path,
            was_open: phase == Phase::Open,
        })
    }

    /// Ready where the device could be lent.
    ///
    /// # Errors
    /// If it is not there, or somebody has it already.
    pub fn expect_free(&self) -> Result<(), PortError> {
        match self.state.borrow().phase {
            Phase::Open | Phase::Closed => Ok(()),
            Phase::Opening | Phase::Waiting | Phase::Released => Err(self.not_open()),
        }
    }

    /// Whoever opens the port takes it back.
    pub(super) fn end_loan(&self) {
        self.state
            .send_if_modified(|state| state.lent.take().is_some());
    }
}

impl Loan {
    /// Where the device is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who lent it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What others see of it.
    pub fn lent(&self) -> &Lent {
        &self.lent
    }

    /// Ready when somebody has taken the device back.
    pub async fn taken_back(&self) {
        let mut state = self.port.watch();
        // The port is held here: it goes on telling its state.
        let _: Result<_, _> = state
            .wait_for(|state| !self.is_of(state.lent.as_ref()))
            .await;
    }

    fn is_of(&self, lent: Option<&Lent>) -> bool {
        lent == Some(&self.lent)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if !self.is_of(self.port.state.borrow().lent.as_ref()) {
            return;
        }
        self.port.end_loan();
        self.port.tell(&self.actor, Action::Return, |entry| Entry {
            detail: Some(self.lent.to.clone()),
            ..entry
        });
        if self.was_open {
            let (port, actor) = (Arc::clone(&self.port), self.actor.clone());
            tokio::spawn(async move {
                if let Err(error) = port.take_back(&actor).await {
                    tracing::debug!("not taken back: {error}");
                }
            });
        }
    }
}
