//! Turns: who has the turn on a port, and who asks for it. Pure: what time it is, is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Actor, Party};
use crate::record::Time;
use crate::state::{Asking, Holder, Turn};

/// A turn waits so long for a holder that is gone.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Why a turn does not change hands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotATurn {
    #[error(
        "all who may type do, there are no turns; who may control it turns them on, with \"on\""
    )]
    Off,
    #[error(
        "only who watches it can have the turn; subscribe to it first, or be there with seriald attach --take"
    )]
    Absent,
    #[error("the turn is not yours to give; {}", has(.0.as_deref()))]
    NotYours(Option<String>),
    #[error("{0:?} does not ask for the turn; \"asking\" in the port's state says who does")]
    NotAsked(String),
    #[error("{0} has the turn; ask for it, or take it over by force")]
    Taken(String),
}

fn has(holder: Option<&str>) -> String {
    holder.map_or_else(
        || "nobody has it".to_owned(),
        |name| format!("{name} has it"),
    )
}

/// Somebody with a name, as whom others see and as whom the port knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub party: Party,
    pub client: Arc<str>,
    pub name: Arc<str>,
}

/// A connection or a run that is at the port.
#[derive(Clone, Debug)]
struct Stay {
    party: Party,
    client: Arc<str>,
    /// It may come again, and be known.
    returns: bool,
}

/// Whoever has the turn.
#[derive(Clone, Debug)]
struct Held {
    by: Member,
    since: Time,
    /// Since when nobody is there who could come again.
    away: Option<Instant>,
}

/// Who has the turn, and who asks for it, the first first. What is asked for never lies free.
#[derive(Debug, Default)]
pub(super) struct Turns {
    on: bool,
    held: Option<Held>,
    asking: Vec<Member>,
    here: Vec<Stay>,
}

impl Turns {
    pub(super) fn new(on: bool) -> Self {
        Self {
            on,
            ..Self::default()
        }
    }

    /// Turns them on or off; says whether that changes anything.
    ///
    /// # Errors
    /// If somebody else has the turn.
    pub(super) fn switch(&mut self, on: bool, by: &Party) -> Result<bool, NotATurn> {
        self.check(by)?;
        let changes = self.on != on;
        if changes {
            let here = std::mem::take(&mut self.here);
            *self = Self {
                here,
                ..Self::new(on)
            };
        }
        Ok(changes)
    }

    /// Somebody comes; who left with the turn has it again.
    pub(super) fn arrive(&mut self, actor: &Actor, client: &Arc<str>, returns: bool, may: bool) {
        if let Some(held) = &mut self.held
            && held.away.is_some()
            && (held.by.party == actor.party && returns && may)
        {
            held.away = None;
            held.by.client = Arc::clone(client);
            held.by.name = Arc::clone(&actor.name);
        }
        self.here.push(Stay {
            party: actor.party.clone(),
            client: Arc::clone(client),
            returns,
        });
    }

    /// Somebody leaves. Says whether the turn waits for it from now on.
    pub(super) fn depart(&mut self, client: &str, now: Instant) -> bool {
        let place = self.here.iter().rposition(|stay| *stay.client == *client);
        let Some(place) = place else { return false };
        let left = self.here.remove(place);
        let mut here = self.here.iter().filter(|stay| stay.party == left.party);
        let (is_here, returns) = (here.clone().next().is_some(), here.any(|stay| stay.returns));
        if !is_here {
            self.asking.retain(|member| member.party != left.party);
        }
        // Others see the connection that is left.
        let next = self.here.iter().rfind(|stay| stay.party == left.party);
        let held = self.held.iter_mut().map(|held| &mut held.by);
        for member in held.chain(&mut self.asking) {
            if let Some(next) = next.filter(|_| member.client == left.client) {
                member.client = Arc::clone(&next.client);
            }
        }
        let Some(held) = self.held.as_mut() else {
            return false;
        };
        if held.by.party != left.party {
            return false;
        }
        if left.returns && !returns && held.away.is_none() {
            held.away = Some(now);
            return true;
        }
        if !is_here && held.away.is_none() {
            self.free();
        }
        self.expire(now);
        false
    }

    /// Frees the turn of a holder that has been gone for too long.
    pub(super) fn expire(&mut self, now: Instant) {
        let is_over = self.held.as_ref().is_some_and(|held| {
            let is_late = |away| now.duration_since(away) >= PATIENCE;
            held.away.is_some_and(is_late) && !self.is_here(&held.by.party)
        });
        if is_over {
            self.free();
        }
    }

    /// Ready where nobody else has the turn.
    ///
    /// # Errors
    /// With who has it.
    pub(super) fn check(&self, party: &Party) -> Result<(), NotATurn> {
        match &self.held {
            Some(held) if held.by.party != *party && *party != Party::Server => {
                Err(NotATurn::Taken(held.by.name.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Whether an act of the actor changes nothing: there are no turns for it, or it has its own.
    pub(super) fn is_settled(&self, actor: &Actor) -> bool {
        let is_with = |held: &Held| held.by.party == actor.party && held.by.client == actor.client;
        !self.on || actor.party == Party::Server || self.held.as_ref().is_some_and(is_with)
    }

    /// An act that needs the turn: a free one is the actor's from now on, if the actor stays here.
    ///
    /// # Errors
    /// With who has it.
    pub(super) fn claim(&mut self, actor: &Actor) -> Result<(), NotATurn> {
        self.check(&actor.party)?;
        if self.is_settled(actor) || !self.is_here(&actor.party) {
            return Ok(());
        }
        let mut here = self.here.iter();
        match &mut self.held {
            None => self.hold(self.member(actor)),
            // One page of several, and not what it has begun.
            Some(held) if here.any(|stay| stay.client == actor.client && stay.returns) => {
                held.by.client = Arc::clone(&actor.client);
                held.by.name = Arc::clone(&actor.name);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Takes a free turn.
    ///
    /// # Errors
    /// If somebody else has it, or the actor is not here.
    pub(super) fn take(&mut self, actor: &Actor) -> Result<(), NotATurn> {
        self.expect(actor)?;
        self.claim(actor)
    }

    /// Asks for the turn; a free one is the actor's at once.
    ///
    /// # Errors
    /// If the actor is not here.
    pub(super) fn ask(&mut self, actor: &Actor) -> Result<(), NotATurn> {
        self.expect(actor)?;
        let asks = |member: &Member| member.party == actor.party;
        if self.claim(actor).is_err() && !self.asking.iter().any(asks) {
            self.asking.push(self.member(actor));
        }
        Ok(())
    }

    /// Hands the turn over to one who asks; gives both.
    ///
    /// # Errors
    /// If it is not the party's, or that client does not ask.
    pub(super) fn give(&mut self, party: &Party, to: &str) -> Result<(Member, Member), NotATurn> {
        self.expect_on()?;
        let held = self.held.as_ref();
        let own = held.filter(|held| held.by.party == *party);
        let from = own
            .map(|held| held.by.clone())
            .ok_or_else(|| NotATurn::NotYours(held.map(|held| held.by.name.to_string())))?;
        let place = self.asking.iter().position(|member| *member.client == *to);
        let place = place.ok_or_else(|| NotATurn::NotAsked(to.chars().take(64).collect()))?;
        let to = self.asking.remove(place);
        self.hold(to.clone());
        Ok((from, to))
    }

    /// Gives the turn back, or asks no more. Says whether it was the party's.
    ///
    /// # Errors
    /// If there are no turns.
    pub(super) fn leave(&mut self, party: &Party) -> Result<bool, NotATurn> {
        self.expect_on()?;
        self.asking.retain(|member| member.party != *party);
        let is_own = self.is_of(party);
        if is_own {
            self.free();
        }
        Ok(is_own)
    }

    /// Takes the turn, whoever has it; gives from whom.
    ///
    /// # Errors
    /// If the actor is not here.
    pub(super) fn force(&mut self, actor: &Actor) -> Result<Option<Member>, NotATurn> {
        self.expect(actor)?;
        if self.is_of(&actor.party) {
            return Ok(None);
        }
        self.asking.retain(|member| member.party != actor.party);
        let from = self.held.take();
        self.hold(self.member(actor));
        Ok(from.map(|held| held.by))
    }

    /// Somebody calls itself something else.
    pub(super) fn rename(&mut self, client: &str, name: &Arc<str>) {
        let held = self.held.iter_mut().map(|held| &mut held.by);
        let named = held.chain(&mut self.asking);
        for member in named.filter(|member| *member.client == *client) {
            member.name = Arc::clone(name);
        }
    }

    /// Whether the terminal of a client may answer the device: not while somebody else has the turn.
    pub(super) fn may_answer(&self, client: &str) -> bool {
        self.held.as_ref().is_none_or(|held| {
            let of_holder = |stay: &Stay| *stay.client == *client && stay.party == held.by.party;
            self.here.iter().any(of_holder)
        })
    }

    /// What others see of it; none where there are no turns.
    pub(super) fn shown(&self) -> Option<Turn> {
        let text = |text: &Arc<str>| text.to_string();
        self.on.then(|| Turn {
            holder: self.held.as_ref().map(|held| Holder {
                client: text(&held.by.client),
                name: text(&held.by.name),
                account: match &held.by.party {
                    Party::Account(account) => Some(text(account)),
                    _ => None,
                },
                since: held.since,
                away: held.away.is_some(),
            }),
            asking: self
                .asking
                .iter()
                .map(|member| Asking {
                    client: text(&member.client),
                    name: text(&member.name),
                })
                .collect(),
        })
    }

    fn expect_on(&self) -> Result<(), NotATurn> {
        self.on.then_some(()).ok_or(NotATurn::Off)
    }

    /// Ready where the actor could have the turn.
    fn expect(&self, actor: &Actor) -> Result<(), NotATurn> {
        self.expect_on()?;
        let is_here = self.is_here(&actor.party);
        is_here.then_some(()).ok_or(NotATurn::Absent)
    }

    fn is_of(&self, party: &Party) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| held.by.party == *party)
    }

    fn is_here(&self, party: &Party) -> bool {
        self.here.iter().any(|stay| stay.party == *party)
    }

    /// The actor, by the connection that stays: a request over HTTP is soon over.
    fn member(&self, actor: &Actor) -> Member {
        let mut stays = self.here.iter().rev();
        let own = stays.clone().find(|stay| stay.client == actor.client);
        let own = own.or_else(|| stays.find(|stay| stay.party == actor.party));
        Member {
            party: actor.party.clone(),
            client: Arc::clone(own.map_or(&actor.client, |stay| &stay.client)),
            name: Arc::clone(&actor.name),
        }
    }

    fn hold(&mut self, by: Member) {
        self.held = Some(Held {
            by,
            since: Time::now(),
            away: None,
        });
    }

    /// Whoever asked first has it next.
    fn free(&mut self) {
        self.held = None;
        if !self.asking.is_empty() {
            let next = self.asking.remove(0);
            self.hold(next);
        }
    }
}

#[cfg(test)]
mod tests;
