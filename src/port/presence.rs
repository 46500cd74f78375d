//! Presence: somebody watches a port.

use std::sync::{Arc, PoisonError};

use super::ask::{Act, Ask};
use super::turn::Stay;
use super::{Actor, Port};
use crate::state::Viewer;

/// Somebody watches the port; leaving is dropping this.
pub struct Presence {
    port: Arc<Port>,
    client: String,
    _stay: Stay,
}

impl Port {
    /// Adds an actor as a viewer, for as long as what is returned lives.
    pub fn enter(self: &Arc<Self>, actor: &Actor, viewer: Viewer) -> Presence {
        let client = viewer.client.clone();
        self.state.send_modify(|state| state.viewers.push(viewer));
        // The worker looks at the modem lines only while somebody sees them.
        let _: Result<_, _> = self.asks.try_send(Ask {
            actor: Actor::server("", ""),
            act: Act::Look,
        });
        Presence {
            port: Arc::clone(self),
            client,
            _stay: self.stay(actor, Arc::clone(&actor.client), true),
        }
    }
}

impl Presence {
    /// The port.
    pub fn port(&self) -> &Arc<Port> {
        &self.port
    }

    /// The terminal of the actor, whose presence this is, answers the device's queries from now on.
    pub fn answer(&self, actor: &Actor) {
        self.answerers(|all| {
            all.retain(|other| *other.client != *self.client);
            all.push(actor.clone());
        });
    }

    /// Whether this client's terminal is the one that answers.
    pub fn is_answerer(&self) -> bool {
        self.port.state.borrow().answerer.as_deref() == Some(&self.client)
    }

    /// The viewer calls itself something else.
    pub fn rename(&self, name: &Arc<str>) {
        self.port
            .change_turns(|turns| turns.rename(&self.client, name));
        self.answerers(|all| {
            let mine = |actor: &&mut Actor| *actor.client == *self.client;
            for actor in all.iter_mut().filter(mine) {
                actor.name = Arc::clone(name);
            }
        });
        self.port.state.send_modify(|state| {
            for viewer in state
                .viewers
                .iter_mut()
                .filter(|viewer| viewer.client == self.client)
            {
                viewer.name = name.to_string();
            }
        });
    }

    fn answerers(&self, change: impl FnOnce(&mut Vec<Actor>)) {
        {
            let all = self.port.answerers.lock();
            change(&mut all.unwrap_or_else(PoisonError::into_inner));
        }
        self.port.change_turns(|_| ());
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.answerers(|all| all.retain(|other| *other.client != *self.client));
        self.port.state.send_modify(|state| {
            if let Some(place) = state
                .viewers
                .iter()
                .position(|viewer| viewer.client == self.client)
            {
                state.viewers.remove(place);
            }
        });
    }
}
