//! The turn: where one at a time may type on a port, who that is.

use std::sync::{Arc, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::ask::{Act, Ask};
use super::turns::{Member, NotATurn, PATIENCE, Turns};
use super::{Actor, Port, PortError};
use crate::audit::Action;
use crate::record::{Note, What};
use crate::right::Right;
use crate::state::TurnAct;

/// Somebody is at a port; leaving is dropping this.
pub(super) struct Stay {
    port: Arc<Port>,
    client: Arc<str>,
}

impl Port {
    /// The actor comes under this name of a connection, to which it may return.
    pub(super) fn stay(self: &Arc<Self>, actor: &Actor, client: Arc<str>, returns: bool) -> Stay {
        let may = actor.rights.allow(&self.name, Right::Type);
        let returns = returns && actor.party.is_known_again();
        self.change_turns(|turns| turns.arrive(actor, &client, returns, may));
        Stay {
            port: Arc::clone(self),
            client,
        }
    }

    /// Does something about the turn.
    ///
    /// # Errors
    /// If the actor has no right to it, or the turn does not change hands.
    pub fn turn(&self, actor: &Actor, act: TurnAct, to: &str) -> Result<(), PortError> {
        let needed = match act {
            TurnAct::On | TurnAct::Off | TurnAct::Force => Right::Control,
            TurnAct::Take | TurnAct::Ask | TurnAct::Give | TurnAct::Leave => Right::Type,
        };
        self.permit(actor, needed)?;
        if act != TurnAct::Leave {
            self.expect_not_booked(actor)?;
        }
        let party = &actor.party;
        let done = self.change_turns(|turns| match act {
            TurnAct::On | TurnAct::Off => {
                let on = act == TurnAct::On;
                let changes = turns.switch(on, party)?;
                let text = if on {
                    "one at a time may type from now on"
                } else {
                    "all who may type can again"
                };
                Ok((None, changes.then(|| text.to_owned())))
            }
            TurnAct::Take => turns.take(actor).map(|()| (None, None)),
            TurnAct::Ask => turns.ask(actor).map(|()| (None, None)),
            TurnAct::Leave => turns
                .leave(party)
                .map(|own| (own.then(|| party.clone()), None)),
            TurnAct::Give => turns.give(party, to).map(|(from, to)| {
                let text = format!("the turn went from {} to {}", from.name, to.name);
                (Some(from.party), Some(text))
            }),
            TurnAct::Force => turns.force(actor).map(|from| {
                let to = &actor.name;
                let text =
                    |from: &Member| format!("the turn went from {} to {to}, by force", from.name);
                let text = from.as_ref().map(text);
                (from.map(|from| from.party), text)
            }),
        });
        let (former, text) = done.map_err(|why| self.not_a_turn(why))?;
        if let Some(text) = text {
            self.note_by(actor, Action::Turn, Note::new(What::Turn, text));
        }
        let Some(former) = former else { return Ok(()) };
        // What the former holder has begun would write on in between.
        self.stop_those_of(&former, actor);
        if act == TurnAct::Force {
            let (reply, _) = oneshot::channel();
            // Where there is no room for it there is no device either that would take what waits.
            let _: Result<_, _> = self.asks.try_send(Ask {
                actor: actor.clone(),
                act: Act::Cancel(Some(former), reply),
            });
        }
        Ok(())
    }

    /// Takes a free turn for an actor who types or controls, or says who has it.
    pub(super) fn claim_turn(&self, actor: &Actor) -> Result<(), PortError> {
        {
            let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            if turns.is_settled(actor) {
                return Ok(());
            }
        }
        let claimed = self.change_turns(|turns| turns.claim(actor));
        claimed.map_err(|why| self.not_a_turn(why))
    }

    /// Ready where nobody else has the turn.
    pub(super) fn expect_turn(&self, actor: &Actor) -> Result<(), PortError> {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let free = turns.check(&actor.party);
        free.map_err(|why| self.not_a_turn(why))
    }

    /// Changes who has the turn, and tells everybody.
    pub(super) fn change_turns<T>(&self, change: impl FnOnce(&mut Turns) -> T) -> T {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut turns);
        let turn = turns.shown();
        let answerers = self.answerers.lock();
        let answerers = answerers.unwrap_or_else(PoisonError::into_inner);
        let booked = self.state.borrow().booked.clone();
        let may_answer = |actor: &&Actor| match &booked {
            Some(booked) => booked.is_of(actor),
            None => turns.may_answer(&actor.client),
        };
        let answerer = answerers.iter().rev().find(may_answer);
        let answerer = answerer.map(|actor| actor.client.to_string());
        self.state.send_if_modified(|state| {
            let is_news = state.turn != turn || state.answerer != answerer;
            (state.turn, state.answerer) = (turn, answerer);
            is_news
        });
        changed
    }

    fn not_a_turn(&self, why: NotATurn) -> PortError {
        let name = self.name.clone();
        match why {
            NotATurn::Taken(holder) => PortError::Taken { name, holder },
            why => PortError::Turn { name, why },
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let departed = |turns: &mut Turns| turns.depart(&self.client, Instant::now());
        if self.port.change_turns(departed) {
            let port = Arc::downgrade(&self.port);
            tokio::spawn(async move {
                sleep(PATIENCE).await;
                if let Some(port) = port.upgrade() {
                    port.change_turns(|turns| turns.expire(Instant::now()));
                }
            });
        }
    }
}
