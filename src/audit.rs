//! The audit: who did what, from where, and what came of it. It tells of acts, never of bytes: what was
//! typed may be a password, so only its place in the journal of its port is told.
//!
//! Whoever does something tells so with one call, which never waits: a thread of its own writes the
//! entries down. `docs/audit.md` has the user's side.

mod action;
mod entry;
mod files;
#[cfg(unix)]
mod journald;
mod pages;
mod sums;
mod syslog;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

pub use action::{Action, Outcome};
pub use entry::Entry;
pub use pages::{Cursor, Page, Query, page, walk};
pub use syslog::{Collector, NotACollector};
use writer::{Order, Writer};

use crate::record::Time;

/// Entries that may wait to be written. What does not fit is counted, and the count is told.
const QUEUE: usize = 4096;
/// The folder of its files, in the one for what is kept.
const FOLDER: &str = "audit";

/// The folder of the files, where `data` is the one for what is kept.
pub fn folder(data: &Path) -> PathBuf {
    data.join(FOLDER)
}

/// Where entries go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// A folder, and how many bytes its files may have together.
    pub files: Option<(PathBuf, u64)>,
    /// Whether systemd's journal gets them.
    pub journald: bool,
    /// The syslog that gets them.
    pub syslog: Option<Collector>,
}

/// How well that works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// To so many places nothing can be written now.
    pub failing: usize,
    /// Entries that were lost since the server began.
    pub lost: u64,
}

/// What all who tell share with the thread that writes.
#[derive(Default)]
struct Tally {
    /// Entries that found no room, and were not told of yet.
    dropped: AtomicU64,
    lost: AtomicU64,
    failing: AtomicUsize,
}

impl Tally {
    fn lose(&self, entries: u64) {
        self.lost.fetch_add(entries, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Shared {
    plan: Plan,
    orders: OnceLock<SyncSender<Order>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    tally: Arc<Tally>,
}

/// The audit, as all who tell it something have it. Until it [begins](Self::begin), nothing is kept of that.
#[derive(Clone, Default)]
pub struct Audit(Arc<Shared>);

impl Audit {
    /// One that is to go there.
    pub fn new(plan: Plan) -> Self {
        Self(Arc::new(Shared {
            plan,
            ..Shared::default()
        }))
    }

    /// Keeps what it is told from now on, if there is a place for it.
    pub fn begin(&self) {
        if self.0.plan == Plan::default() {
            return;
        }
        self.0.orders.get_or_init(|| {
            let (orders, inbox) = sync_channel(QUEUE);
            let writer = Writer::new(&self.0.plan, Arc::clone(&self.0.tally));
            let thread = std::thread::Builder::new().name("audit".to_owned());
            match thread.spawn(move || writer.run(&inbox)) {
                Ok(thread) => *self.thread() = Some(thread),
                // Nobody takes what is told then, and all of it counts as lost.
                Err(error) => tracing::error!("the system has no thread for the audit: {error}"),
            }
            orders
        });
    }

    /// Whether anything is kept.
    pub fn is_on(&self) -> bool {
        self.0.orders.get().is_some()
    }

    /// Has something written down. It is not even put together where nothing is kept.
    pub fn tell(&self, make: impl FnOnce() -> Entry) {
        if let Some(orders) = self.0.orders.get()
            && orders.try_send(Order::Entry(Box::new(make()))).is_err()
        {
            self.0.tally.dropped.fetch_add(1, Ordering::Relaxed);
            self.0.tally.lose(1);
        }
    }

    /// Tells that a connection was made, and when it has ended.
    #[must_use = "the connection ends when this is dropped"]
    pub fn visit(&self, make: impl FnOnce(Action) -> Entry) -> Visit {
        let entry = self.is_on().then(|| make(Action::Connect));
        if let Some(entry) = &entry {
            self.tell(|| entry.clone());
        }
        Visit {
            audit: self.clone(),
            entry,
        }
    }

    /// How well it works.
    pub fn health(&self) -> Health {
        Health {
            failing: self.0.tally.failing.load(Ordering::Relaxed),
            lost: self.0.tally.lost.load(Ordering::Relaxed),
        }
    }

    /// The folder of its files; none where it goes elsewhere.
    pub fn folder(&self) -> Option<&Path> {
        let (folder, _) = self.0.plan.files.as_ref()?;
        Some(folder)
    }

    /// Has everything written that was told, and ends. May wait for a disk.
    pub fn close(&self) {
        if let Some(orders) = self.0.orders.get()
            && orders.send(Order::Close).is_ok()
            && let Some(thread) = self.thread().take()
        {
            // It has told already if it panicked.
            let _: std::thread::Result<()> = thread.join();
        }
    }

    fn thread(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.0.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that was let in; it has ended when this is dropped.
pub struct Visit {
    audit: Audit,
    entry: Option<Entry>,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let Some(entry) = self.entry.take() else {
            return;
        };
        let now = Time::now();
        let seconds = now.0.saturating_sub(entry.time.0) / 1_000_000;
        self.audit.tell(|| Entry {
            time: now,
            action: Action::Disconnect,
            detail: Some(format!("after {seconds} s")),
            ..entry
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<Entry> {
        let mut all = Vec::new();
        walk(folder, &Query::default(), |entry| {
            all.push(entry);
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn nothing_is_put_together_where_nothing_is_kept() {
        let audit = Audit::new(Plan::default());
        audit.begin();
        audit.tell(|| unreachable!("it is off"));
        drop(audit.visit(|_| unreachable!("it is off")));
        audit.close();
    }

    #[test]
    fn what_is_told_until_the_end_is_written_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let files = Some((folder.path().join("audit"), 1 << 20));
        let audit = Audit::new(Plan {
            files,
            ..Plan::default()
        });
        audit.tell(|| unreachable!("it has not begun"));
        audit.begin();
        audit.begin();
        let visit = audit.visit(|action| Entry {
            client: Some("c1".into()),
            ..Entry::new(action)
        });
        audit.tell(|| Entry::new(Action::Release));
        drop(visit);
        audit.close();
        audit.tell(|| Entry::new(Action::Open));
        let all = entries(audit.folder().unwrap());
        let actions: Vec<_> = all.iter().map(|entry| entry.action).collect();
        assert_eq!(
            actions,
            [Action::Connect, Action::Release, Action::Disconnect]
        );
        assert_eq!(all[2].client.as_deref(), Some("c1"));
        assert_eq!(audit.health().lost, 1, "it was told too late");
    }
}
