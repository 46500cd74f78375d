//! The journals of all ports: which are recorded, and how large they are in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::Journal;
use crate::state::Records;
use crate::store::Store;

/// What is recorded of which port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Of ports that are not named.
    pub others: Records,
    /// Of these.
    pub ports: BTreeMap<String, Records>,
}

impl Policy {
    fn of(&self, port: &str) -> Records {
        self.ports.get(port).copied().unwrap_or(self.others)
    }
}

/// Makes the journals of all ports.
#[derive(Clone)]
pub struct Journals {
    ring: usize,
    recording: Option<Recording>,
}

#[derive(Clone)]
struct Recording {
    /// The store, and how much it may take, in bytes.
    store: (Arc<Store>, u64),
    policy: Policy,
    recorder: mpsc::Sender<Arc<Journal>>,
}

impl Journals {
    /// Journals of `ring` bytes in memory, and nowhere else.
    pub fn in_memory(ring: usize) -> Self {
        Self {
            ring,
            recording: None,
        }
    }

    /// Journals of `ring` bytes in memory that a recorder keeps in a store, within so many bytes.
    pub fn recorded(
        ring: usize,
        store: (Arc<Store>, u64),
        policy: Policy,
        recorder: mpsc::Sender<Arc<Journal>>,
    ) -> Self {
        Self {
            ring,
            recording: Some(Recording {
                store,
                policy,
                recorder,
            }),
        }
    }

    /// The store, and how much it may take, in bytes; none where nothing is recorded.
    pub fn store(&self) -> Option<&(Arc<Store>, u64)> {
        self.recording.as_ref().map(|recording| &recording.store)
    }

    /// The journal of a port: a new one, or the one that was recorded, gone on with.
    pub async fn open(&self, port: &str) -> Arc<Journal> {
        let Some(Recording {
            store,
            policy,
            recorder,
        }) = &self.recording
        else {
            return Journal::new(self.ring);
        };
        let records = policy.of(port);
        if records == Records::None {
            return Journal::new(self.ring);
        }
        let (store, name) = (Arc::clone(&store.0), port.to_owned());
        let opening = spawn_blocking(move || store.recording(&name, records));
        let Ok(recording) = opening.await else {
            return Journal::new(self.ring);
        };
        let journal = Journal::resumed(self.ring, recording);
        let marked = Arc::downgrade(&journal);
        spawn_blocking(move || marked.upgrade().map(|journal| journal.load_marks()));
        // The recorder ends last; if it has, nothing is recorded any more.
        let _: Result<_, _> = recorder.send(Arc::clone(&journal)).await;
        journal
    }
}
