//! An actor: who asks a port for something.

use std::net::IpAddr;
use std::sync::Arc;

use super::Party;
use crate::access::{SecretHash, Visitor};
use crate::audit::{Action, Entry};
use crate::right::Rights;
use crate::state::Viewer;

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
    /// Whose turn it can be.
    pub party: Party,
    /// The address; none for a part of the server itself.
    pub from: Option<IpAddr>,
    /// The way in.
    pub door: Arc<str>,
}

impl Actor {
    /// The visitor, as somebody who asks, whom others see as a viewer.
    pub fn of(viewer: &Viewer, visitor: &Visitor) -> Self {
        let client: Arc<str> = viewer.client.as_str().into();
        let party = match &visitor.name {
            Some(account) => Party::Account(Arc::clone(account)),
            None => Party::Connection(Arc::clone(&client)),
        };
        Self {
            client,
            name: viewer.name.as_str().into(),
            rights: visitor.rights.clone(),
            account: visitor.name.clone(),
            party,
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
            party: Party::Server,
            from: None,
            door: client.into(),
        }
    }

    /// Whoever has no account is known again by a secret of its own.
    pub fn known_by(&mut self, secret: &str) {
        if self.account.is_none() {
            self.party = Party::Key(SecretHash::of(secret));
        }
    }

    /// The same, as whoever uses a control of a panel.
    pub fn using(&self, panel: &str) -> Self {
        Self {
            rights: self.rights.using(panel),
            ..self.clone()
        }
    }

    /// The same, as whoever ends what is going on.
    pub fn ending(&self) -> Self {
        Self {
            rights: self.rights.ending(),
            ..self.clone()
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
