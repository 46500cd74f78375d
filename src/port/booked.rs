//! Booked: a port that is somebody's for a while. Others see what passes over it, and do nothing.

use std::mem;

use super::{Actor, Port, PortError};
use crate::clock::minute;
use crate::record::{Note, What};
use crate::state::Booked;

impl Booked {
    /// Whether it is the actor's: its name tells, and what books without a job is all of an account's.
    pub(super) fn is_of(&self, actor: &Actor) -> bool {
        let is_account = || self.job.is_none() && actor.account.as_deref() == Some(&*self.by);
        *actor.name == *self.by || is_account() || self.programs && actor.is_program()
    }

    /// Whether it was made for another job of the actor's account.
    fn is_of_account(&self, actor: &Actor) -> bool {
        let account = actor.account.as_deref();
        let job = account.and_then(|account| self.by.strip_prefix(account));
        self.job.is_some() && job.is_some_and(|job| job.starts_with(" ("))
    }
}

impl Port {
    /// Whose the port is now, and next. The journal tells the former.
    pub fn set_booked(&self, now: Option<Booked>, next: Option<Booked>) {
        let (mut before, told) = (None, now.clone());
        let is_news = self.state.send_if_modified(|state| {
            let news = state.booked != now || state.booked_next != next;
            before = mem::replace(&mut state.booked, now);
            state.booked_next = next;
            news
        });
        if is_news {
            // Whose terminal answers the device depends on it.
            self.change_turns(|_| ());
            self.note_booked(before, told);
        }
    }

    fn note_booked(&self, before: Option<Booked>, now: Option<Booked>) {
        if before == now {
            return;
        }
        let goes_on = |before: &Booked| now.as_ref().is_some_and(|now| now.id == before.id);
        if let Some(Booked { by, .. }) = before.filter(|before| !goes_on(before)) {
            self.note(&Note::new(What::Booked, format!("{by}'s booking is over")));
        }
        if let Some(Booked {
            by, until, title, ..
        }) = now
        {
            let title = title.map_or(String::new(), |title| format!(" ({title})"));
            let text = format!("booked by {by} until {}{title}", minute(until));
            self.note(&Note::new(What::Booked, text));
        }
    }

    /// Whether the actor has booked the port. The server itself goes on, whoever has.
    ///
    /// # Errors
    /// If somebody else has.
    pub(super) fn expect_not_booked(&self, actor: &Actor) -> Result<bool, PortError> {
        if actor.is_server() {
            return Ok(false);
        }
        let refused = match &self.state.borrow().booked {
            None => return Ok(false),
            Some(booked) if booked.is_of(actor) => return Ok(true),
            Some(booked) => {
                // It may be of other ports too: who administers this one alone may not end it.
                let may_end = actor.rights.administer() || booked.is_of_account(actor);
                PortError::Booked {
                    name: self.name.clone(),
                    by: booked.by.clone(),
                    until: booked.until,
                    yours: may_end.then_some(booked.id),
                }
            }
        };
        Err(self.refused(actor, refused))
    }

    /// Ready where nobody else has booked the port or has the turn.
    pub(super) fn expect_own(&self, actor: &Actor) -> Result<(), PortError> {
        match self.expect_not_booked(actor)? {
            true => Ok(()),
            false => self.expect_turn(actor),
        }
    }
}
