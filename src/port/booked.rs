//! Booked: a port that is somebody's for a while. Others see what passes over it, and do nothing.

use super::{Actor, Port, PortError};
use crate::right::Right;
use crate::state::Booked;

impl Booked {
    /// Whether it is the actor's: its name tells, and what books without a job is all of an account's.
    fn is_of(&self, actor: &Actor) -> bool {
        let is_account = || self.job.is_none() && actor.account.as_deref() == Some(&*self.by);
        *actor.name == *self.by || is_account() || self.programs && actor.is_program()
    }
}

impl Port {
    /// Whose the port is now, and next.
    pub fn set_booked(&self, now: Option<Booked>, next: Option<Booked>) {
        self.state.send_if_modified(|state| {
            let news = state.booked != now || state.booked_next != next;
            (state.booked, state.booked_next) = (now, next);
            news
        });
    }

    /// Ready where nobody else has booked the port, for what a booking keeps others from: the server
    /// itself goes on, and so do those who decide how others reach it.
    pub(super) fn expect_not_booked(&self, actor: &Actor, needed: Right) -> Result<(), PortError> {
        if actor.is_server() || !matches!(needed, Right::Type | Right::Control) {
            return Ok(());
        }
        let refused = match &self.state.borrow().booked {
            Some(booked) if !booked.is_of(actor) => PortError::Booked {
                name: self.name.clone(),
                by: booked.by.clone(),
                until: booked.until,
            },
            _ => return Ok(()),
        };
        Err(self.refused(actor, refused))
    }
}
