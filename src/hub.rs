//! The hub: all ports by name, those that were configured and those that are found.

mod discovery;

use std::sync::Arc;

use tokio::sync::watch;

use crate::audit::Audit;
use crate::config::{PortSpec, name_for};
use crate::identity::{Identity, Target};
use crate::journal::Journals;
use crate::port::{Plan, Port};
use crate::settings::Settings;
use crate::state::Phase;
use discovery::Discovery;

/// All ports, in the order in which they are listed.
pub type Ports = Arc<[Arc<Port>]>;

/// All ports by name. They close when the hub is dropped.
pub struct Hub {
    ports: Arc<watch::Sender<Ports>>,
    journals: Journals,
    tending: tokio::task::AbortHandle,
}

impl Hub {
    /// Opens the configured ports. With `discover`, lists what else is plugged in, closed, for as
    /// long as it is there. `journals` makes the journal of each, `audit` is told who does what.
    pub async fn start(
        specs: Vec<PortSpec>,
        journals: Journals,
        audit: Audit,
        discover: bool,
    ) -> Arc<Self> {
        let found = Discovery::start().await;
        let mut configured = Vec::new();
        for spec in specs {
            let plan = Plan {
                journal: journals.open(&spec.name).await,
                name: spec.name,
                target: Target::new(spec.device),
                found: false,
                open: true,
                settings: spec.settings,
                turns: spec.turns,
                audit: audit.clone(),
            };
            configured.push(Port::start(plan, found.clone()));
        }
        let ports = Arc::new(watch::Sender::new(Ports::from(configured)));
        let making = (journals.clone(), audit);
        let tending = tend(Arc::clone(&ports), found, making, discover);
        let tending = tokio::spawn(tending).abort_handle();
        Arc::new(Self {
            ports,
            journals,
            tending,
        })
    }

    /// The ports, now and whenever one comes or goes.
    pub fn watch(&self) -> watch::Receiver<Ports> {
        self.ports.subscribe()
    }

    /// The ports as they are now.
    pub fn ports(&self) -> Ports {
        Arc::clone(&self.ports.borrow())
    }

    /// What makes the journals.
    pub fn journals(&self) -> &Journals {
        &self.journals
    }

    /// The port of this name.
    pub fn get(&self, name: &str) -> Option<Arc<Port>> {
        self.ports
            .borrow()
            .iter()
            .find(|port| port.name() == name)
            .cloned()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.tending.abort();
    }
}

/// Keeps the list of found ports true.
async fn tend(
    ports: Arc<watch::Sender<Ports>>,
    mut found: watch::Receiver<Arc<[Identity]>>,
    (journals, audit): (Journals, Audit),
    discover: bool,
) {
    loop {
        let now = Arc::clone(&found.borrow_and_update());
        let old = Arc::clone(&ports.borrow());
        let mut list: Vec<_> = old
            .iter()
            .filter(|port| is_wanted(port, &now))
            .cloned()
            .collect();
        for identity in now.iter() {
            if let Some(port) = list.iter().find(|port| stands_for(port, identity)) {
                port.seen(identity);
                continue;
            }
            if !discover {
                continue;
            }
            let name = free_name(&name_for(&identity.path), &list);
            let plan = Plan {
                journal: journals.open(&name).await,
                name,
                target: Target::found(identity),
                found: true,
                open: false,
                settings: Settings::default(),
                turns: false,
                audit: audit.clone(),
            };
            list.push(Port::start(plan, found.clone()));
        }
        if list.len() != old.len()
            || list
                .iter()
                .zip(old.iter())
                .any(|(new, old)| !Arc::ptr_eq(new, old))
        {
            ports.send_replace(list.into());
        }
        if found.changed().await.is_err() {
            return;
        }
    }
}

/// A port that was found and that nobody ever opened goes when its device goes.
fn is_wanted(port: &Arc<Port>, found: &[Identity]) -> bool {
    let state = port.state();
    !state.found
        || state.phase != Phase::Closed
        || found.iter().any(|identity| stands_for(port, identity))
}

fn stands_for(port: &Arc<Port>, identity: &Identity) -> bool {
    let state = port.state();
    match &state.identity {
        Some(known) => known.same_device(identity),
        None => {
            state.path.as_ref() == Some(&identity.path)
                || state
                    .device
                    .canonicalize()
                    .is_ok_and(|path| path == identity.path)
        }
    }
}

fn free_name(wish: &str, taken: &[Arc<Port>]) -> String {
    let is_free = |name: &String| taken.iter().all(|port| port.name() != name);
    let numbered = (2..).map(|number| format!("{wish}-{number}"));
    std::iter::once(wish.to_owned())
        .chain(numbered)
        .find(is_free)
        .expect("numbers do not end")
}

/// The serial ports of this machine, as they are now.
pub async fn found() -> Arc<[Identity]> {
    let found = Discovery::start().await;
    Arc::clone(&found.borrow())
}
