//! The store: recordings on disk, a folder for each port, in it a SQLite file for each stretch of
//! its journal. Old stretches go as whole files, so their space is really given back.
//!
//! [`Recording`] is what everybody reads, [`Writer`] the one hand that writes. All of it waits for
//! the disk, except where it says otherwise.

pub(crate) mod chunk;
mod error;
mod flusher;
pub(crate) mod head;
mod recording;
mod retention;
pub(crate) mod segment;
mod writer;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub use error::StoreError;
pub use recording::{Part, Recording};
pub use retention::Keep;
pub use segment::{Activity, Durability, Found, MINUTE};
pub use writer::Writer;

use crate::record::{Offset, Time};
use crate::state::Records;

/// The folder of all recordings within the data folder.
const FOLDER: &str = "journal";
/// How long a recording may take to end when its port goes.
const END_LIMIT: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What there is of one port.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Listed {
    /// The port.
    pub name: String,
    /// What it takes on disk, in bytes.
    pub bytes: u64,
    /// In how many files.
    pub files: usize,
    /// The oldest byte.
    pub oldest: Offset,
    /// Behind the newest one.
    pub head: Offset,
    /// The time of the oldest record.
    pub since: Option<Time>,
    /// When something was written last.
    pub until: Option<Time>,
}

/// All recordings in one folder.
pub struct Store {
    folder: PathBuf,
    /// Those that this program has opened.
    open: Mutex<Vec<Weak<Recording>>>,
    /// Held while a recording is opened, or what is too much goes: neither meets the other half-way.
    busy: Mutex<()>,
}

impl Store {
    /// The store in a data folder. Nothing is made there yet.
    pub fn new(data: &Path) -> Self {
        Self {
            folder: data.join(FOLDER),
            open: Mutex::default(),
            busy: Mutex::default(),
        }
    }

    /// The store in a data folder, for somebody who only reads.
    ///
    /// # Errors
    /// If there is none, or it may not be read.
    pub fn read_only(data: &Path) -> Result<Self, StoreError> {
        let store = Self::new(data);
        fs::read_dir(&store.folder).map_err(|error| StoreError::io(&store.folder, error))?;
        Ok(store)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The ports of which there is a recording, by name.
    pub fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut names: Vec<_> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                recording::is_one(&entry.path()).then_some(name)
            })
            .collect();
        names.sort();
        names
    }

    /// The recording of a port, to go on with it. Waits until an earlier one of this program has
    /// ended.
    pub fn recording(&self, port: &str, records: Records) -> Arc<Recording> {
        let begun = Instant::now();
        while self.is_open(port) && begun.elapsed() < END_LIMIT {
            sleep(LOOK_EVERY);
        }
        let _busy = self.busy();
        let recording = Arc::new(Recording::open(&self.folder.join(port), port, records));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|known| known.strong_count() > 0);
        open.push(Arc::downgrade(&recording));
        recording
    }

    /// The recording of a port, to read it.
    ///
    /// # Errors
    /// If its last file cannot be read.
    pub fn look(&self, port: &str) -> Result<Arc<Recording>, StoreError> {
        Recording::look(&self.folder.join(port), port).map(Arc::new)
    }

    fn busy(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All recordings, by name, whoever writes them.
    pub fn list(&self) -> Vec<Listed> {
        let opened = self.opened();
        let names = self.names().into_iter();
        names
            .filter_map(|name| {
                let known = opened.iter().find(|recording| recording.port() == name);
                let recording = match known {
                    Some(known) => Arc::clone(known),
                    None => self.look(&name).ok()?,
                };
                let (parts, oldest) = (recording.parts(), recording.oldest());
                Some(Listed {
                    name,
                    bytes: parts.iter().map(|part| part.bytes).sum(),
                    files: parts.len(),
                    oldest: oldest.map_or_else(|| recording.resume(), |(offset, _)| offset),
                    head: recording.state().stored,
                    since: oldest.and_then(|(_, time)| time),
                    until: parts.last().map(|part| Time::from(part.changed)),
                })
            })
            .collect()
    }

    /// What there is room for on the disk, in bytes; none where the system does not say.
    pub fn free(&self) -> Option<u64> {
        #[cfg(unix)]
        {
            // The folder may not be made yet.
            let there = self.folder.ancestors().find(|folder| folder.exists())?;
            let said = rustix::fs::statvfs(there).ok()?;
            Some(said.f_bavail * said.f_frsize)
        }
        #[cfg(not(unix))]
        None
    }

    fn is_open(&self, port: &str) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut alive = open.iter().filter_map(Weak::upgrade);
        alive.any(|recording| recording.port() == port)
    }

    /// The recordings that this program has opened.
    fn opened(&self) -> Vec<Arc<Recording>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.iter().filter_map(Weak::upgrade).collect()
    }
}

#[cfg(all(test, unix))]
mod tests;
