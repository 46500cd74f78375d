//! The journals of all ports: which are recorded, and how large they are in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

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
    /// Those that somebody still has, by port.
    open: Arc<Mutex<BTreeMap<String, Weak<Journal>>>>,
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
            open: Arc::default(),
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
            open: Arc::default(),
        }
    }

    /// The store, and how much it may take, in bytes; none where nothing is recorded.
    pub fn store(&self) -> Option<&(Arc<Store>, u64)> {
        self.recording.as_ref().map(|recording| &recording.store)
    }

    /// The journal of a port: the one that somebody still has, or the one that was recorded, gone
    /// on with, or a new one.
    pub async fn open(&self, port: &str) -> Arc<Journal> {
        let open = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open().get(port).and_then(Weak::upgrade);
        if let Some(journal) = known {
            return journal;
        }
        let journal = self.make(port).await;
        let mut open = open();
        open.retain(|_, journal| journal.strong_count() > 0);
        open.insert(port.to_owned(), Arc::downgrade(&journal));
        journal
    }

    async fn make(&self, port: &str) -> Arc<Journal> {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::super::{Recorder, Step};
    use super::*;
    use crate::record::{Kind, Offset, Time};
    use crate::span::Span;
    use crate::store::{Durability, Keep};

    const SOON: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_port_that_goes_and_comes_back_at_once_goes_on_with_its_recording() {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::new(folder.path()));
        let keep = Keep {
            bytes: 1 << 30,
            age: None,
            ports: BTreeMap::new(),
        };
        let recorder = Recorder::start(Arc::clone(&store), keep, Durability::Normal).unwrap();
        let policy = Policy {
            others: Records::All,
            ports: BTreeMap::new(),
        };
        let store = (store, 1 << 30);
        let journals = Journals::recorded(1 << 20, store, policy, recorder.orders());
        let mut known = None;
        for round in 0..6 {
            let journal = journals.open("dev").await;
            let reach = journal.reach();
            assert!(known.is_none_or(|known| known == (reach.id, reach.head)));
            journal.append(Kind::Rx, Time::now(), None, b"hello");
            journal.publish();
            let head = journal.reach().head;
            known = Some((reach.id, head));
            // It goes while the recorder has hardly begun, or when it has long ended.
            let is_so = || {
                let has_begun = round % 2 == 0 && Arc::strong_count(&journal) > 1;
                has_begun || journal.recording().stored == head
            };
            let waiting = async {
                while !is_so() {
                    sleep(Duration::from_millis(1)).await;
                }
            };
            timeout(SOON, waiting).await.expect("it is recorded");
        }
        recorder.close().await;
        let journal = Journal::recorded(&Store::new(folder.path()), "dev").unwrap();
        let mut span = Span::default();
        let step = journal.read(Offset(0), 1 << 20, |_, _| 0, &mut span);
        assert_eq!(step, Some(Step::Span));
        let all: Vec<u8> = span
            .records()
            .flat_map(|record| record.bytes.to_vec())
            .collect();
        assert_eq!(all, b"hello".repeat(6));
    }
}
