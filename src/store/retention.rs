//! Retention: what is kept, and how the oldest goes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::head::Head;
use super::recording::{Part, Recording, parts};
use super::segment::remove;
use super::{Store, StoreError};
use crate::diagnostic::{Diagnostic, Key};

/// How small and how large a segment may be, in bytes: the least that goes at once.
const SEGMENT: (u64, u64) = (256 << 10, 64 << 20);
/// A limit is divided into about so many segments.
const SEGMENTS: u64 = 64;

/// How much is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Of all ports together, in bytes.
    pub bytes: u64,
    /// No longer than this.
    pub age: Option<Duration>,
    /// The same for single ports, besides.
    pub ports: BTreeMap<String, (Option<u64>, Option<Duration>)>,
}

impl Keep {
    /// The least that can be kept, in bytes.
    pub const LEAST: u64 = 1 << 20;

    /// Finds what cannot be meant.
    pub fn check(&self) -> Vec<Diagnostic> {
        let none = "to keep nothing, say --no-record";
        let of_all = (None, Some(self.bytes), self.age);
        let own = self.ports.iter();
        let of_ports = own.map(|(port, (bytes, age))| (Some(port), *bytes, *age));
        let mut wrong = Vec::new();
        for (port, bytes, age) in std::iter::once(of_all).chain(of_ports) {
            let mut tell = |name, text| {
                let key = match port {
                    Some(port) => Key::of_port(port, name),
                    None => Key::top(name),
                };
                wrong.push(Diagnostic::error(key, text));
            };
            if let Some(bytes) = bytes.filter(|bytes| *bytes < Self::LEAST) {
                let least = Self::LEAST >> 20;
                tell(
                    "keep",
                    format!("{bytes}: it can be from {least} MiB on; {none}"),
                );
            }
            if age.is_some_and(|age| age.is_zero()) {
                tell("keep_days", format!("0: it can be from 1 on; {none}"));
            }
        }
        wrong
    }

    /// How large a segment of a port becomes, in bytes.
    pub fn segment(&self, port: &str) -> u64 {
        let own = self.ports.get(port).and_then(|(bytes, _)| *bytes);
        let limit = own.map_or(self.bytes, |own| own.min(self.bytes));
        (limit / SEGMENTS).clamp(SEGMENT.0, SEGMENT.1)
    }

    /// How long records of a port are kept.
    pub fn age(&self, port: &str) -> Option<Duration> {
        let own = self.ports.get(port).and_then(|(_, age)| *age);
        own.into_iter().chain(self.age).min()
    }
}

/// The segments of one port, as retention sees them.
struct Shelf {
    port: String,
    parts: Vec<Part>,
    recording: Option<Arc<Recording>>,
    /// The lock of a recording that nobody writes.
    head: Option<Head>,
    /// How many of the newest must stay.
    held: usize,
}

impl Shelf {
    fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// The oldest segment, if it may go.
    fn oldest(&self) -> Option<&Part> {
        self.parts.first().filter(|_| self.parts.len() > self.held)
    }

    fn drop_oldest(&mut self) {
        let part = self.parts.remove(0);
        tracing::debug!("{} is not kept any longer", part.path.display());
        if let Some(recording) = &self.recording {
            recording.moved(|index| index.parts.retain(|known| known.first != part.first));
            // Space is given back when nobody has the file open any more.
            recording.close_reader(&part.path);
            recording.date();
        }
        if let Err(error) = remove(&part.path) {
            tracing::warn!("{}", StoreError::io(&part.path, error));
        }
    }
}

impl Store {
    /// Lets go what is older, or more, than is to be kept.
    pub fn enforce(&self, keep: &Keep) {
        let _busy = self.busy();
        let mut shelves = self.shelves();
        let now = SystemTime::now();
        for shelf in &mut shelves {
            let age = keep.age(&shelf.port);
            let too_old = |part: &Part| {
                let age = age.and_then(|age| now.checked_sub(age));
                age.is_some_and(|limit| part.changed < limit)
            };
            let own = keep.ports.get(&shelf.port).and_then(|(bytes, _)| *bytes);
            while let Some(oldest) = shelf.oldest()
                && (too_old(oldest) || own.is_some_and(|own| shelf.bytes() > own))
            {
                shelf.drop_oldest();
            }
        }
        let mut sum: u64 = shelves.iter().map(Shelf::bytes).sum();
        while sum > keep.bytes {
            let with_oldest = shelves.iter_mut().filter(|shelf| shelf.oldest().is_some());
            let Some(shelf) = with_oldest.min_by_key(|shelf| shelf.parts[0].changed) else {
                break;
            };
            sum -= shelf.parts[0].bytes;
            shelf.drop_oldest();
        }
        for shelf in shelves.into_iter().filter(|shelf| shelf.parts.is_empty()) {
            if let Some(head) = shelf.head {
                // Something of somebody else's may be in the folder; then that stays.
                let _: std::io::Result<()> = head.remove();
            }
        }
    }

    fn shelves(&self) -> Vec<Shelf> {
        let opened = self.opened();
        let names = self.names().into_iter();
        names
            .map(|port| {
                let recording = opened
                    .iter()
                    .find(|recording| recording.port() == port)
                    .cloned();
                let folder = self.folder.join(&port);
                let (parts, held, head) = match &recording {
                    Some(recording) => {
                        let index = recording.index();
                        (index.parts.clone(), usize::from(index.writing), None)
                    }
                    None => {
                        let head = Head::lock(&folder).ok();
                        let all = parts(&folder);
                        let held = if head.is_some() { 0 } else { all.len() };
                        (all, held, head)
                    }
                };
                Shelf {
                    port,
                    parts,
                    recording,
                    head,
                    held,
                }
            })
            .collect()
    }
}
