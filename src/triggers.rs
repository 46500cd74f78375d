//! Triggers: what is to happen by itself when a device says something. They run on the server, with
//! no browser open, for each port that their panel is for.
//!
//! A port without one costs nothing: there is a task and a cursor only where a trigger is on.

mod deeds;
mod engine;
mod hooks;
mod rule;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::broadcast;
use tokio_util::task::AbortOnDropHandle;

use crate::hub::Hub;
use crate::panels::Panels;
use crate::wire::talk::Alert;
use deeds::Desk;
pub use engine::{Engine, Hit};
use hooks::Hooks;
use watch::Watch;

/// Alerts that are kept for a client that is busy.
const ALERTS: usize = 64;

/// The triggers of all panels, at work.
pub struct Triggers {
    desk: Arc<Desk>,
    _tending: AbortOnDropHandle<()>,
}

impl Triggers {
    /// Switches on what is on, and keeps to what the panels say from now on.
    pub fn start(hub: &Arc<Hub>, panels: &Arc<Panels>) -> Arc<Self> {
        let desk = Arc::new(Desk {
            alerts: broadcast::Sender::new(ALERTS),
            hooks: Hooks::start(),
        });
        let tending = tend(Arc::clone(hub), Arc::clone(panels), Arc::clone(&desk));
        Arc::new(Self {
            desk,
            _tending: AbortOnDropHandle::new(tokio::spawn(tending)),
        })
    }

    /// What people are to know, from now on.
    pub fn alerts(&self) -> broadcast::Receiver<Arc<Alert>> {
        self.desk.alerts.subscribe()
    }
}

async fn tend(hub: Arc<Hub>, panels: Arc<Panels>, desk: Arc<Desk>) {
    let (mut list, mut ports) = (panels.watch(), hub.watch());
    let mut watches: HashMap<(String, String), Watch> = HashMap::new();
    loop {
        let told = Arc::clone(&list.borrow_and_update());
        let there = Arc::clone(&ports.borrow_and_update());
        let mut kept = HashMap::new();
        for panel in told.iter().filter(|panel| panel.triggers > 0) {
            // One that has changed since is told again.
            let Ok(now) = panels.get(&panel.name) else {
                continue;
            };
            let bound = there
                .iter()
                .filter(|port| panel.ports.iter().any(|name| name == port.name()));
            for port in bound {
                let key = (port.name().to_owned(), panel.name.clone());
                let same = watches.remove(&key).filter(|watch| watch.is_of(port, &now));
                let start = || Watch::start(port, &panel.name, &now, &desk);
                kept.insert(key, same.unwrap_or_else(start));
            }
        }
        watches = kept;
        let changed = tokio::select! {
            changed = list.changed() => changed,
            changed = ports.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
    }
}
