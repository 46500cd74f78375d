//! The writer: the thread that writes entries down, wherever they go. Where something cannot be written,
//! that is told once, and what was lost is told there when it can.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use super::files::Files;
#[cfg(unix)]
use super::journald::Journald;
use super::sums::Sums;
use super::syslog::Syslog;
use super::{Action, Entry, Outcome, Plan, Tally};

/// What the writer is told.
pub(super) enum Order {
    /// This is to be written.
    Entry(Box<Entry>),
    /// No more comes.
    Close,
}

/// A place for entries.
enum Place {
    Files(Files),
    #[cfg(unix)]
    Journald(Journald),
    Syslog(Syslog),
}

impl Place {
    fn put(&mut self, entry: &Entry) -> io::Result<()> {
        match self {
            Self::Files(files) => files.put(entry),
            #[cfg(unix)]
            Self::Journald(journald) => journald.put(entry),
            Self::Syslog(syslog) => syslog.put(entry),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(files) => files.folder().display().fmt(f),
            #[cfg(unix)]
            Self::Journald(_) => f.write_str("systemd's journal"),
            Self::Syslog(syslog) => write!(f, "the syslog at {}", syslog.to()),
        }
    }
}

/// A place, and whether it takes what it is given.
struct Outlet {
    place: Place,
    is_failing: bool,
    /// Entries that it did not take, and was not told of yet.
    missing: u64,
}

impl Outlet {
    fn put(&mut self, entry: &Entry, tally: &Tally) {
        let put = self.try_put(entry);
        let was_failing = std::mem::replace(&mut self.is_failing, put.is_err());
        let place = &self.place;
        match put {
            Ok(()) => {
                if was_failing {
                    tally.failing.fetch_sub(1, Ordering::Relaxed);
                    tracing::info!("the audit is written to {place} again");
                }
            }
            Err(error) => {
                if !was_failing {
                    tally.failing.fetch_add(1, Ordering::Relaxed);
                    tracing::warn!(
                        "the audit cannot be written to {place}: {error}; entries are lost until it can"
                    );
                }
                self.missing += 1;
                tally.lose(1);
            }
        }
    }

    fn try_put(&mut self, entry: &Entry) -> io::Result<()> {
        if self.missing > 0 {
            let told = lost(self.missing, "they could not be written");
            self.place.put(&told)?;
            self.missing = 0;
        }
        self.place.put(entry)
    }
}

/// That entries are missing.
fn lost(entries: u64, why: &str) -> Entry {
    Entry {
        outcome: Outcome::Failed,
        times: Some(entries),
        detail: Some(why.to_owned()),
        ..Entry::new(Action::Lost)
    }
}

/// Writes entries down.
pub(super) struct Writer {
    outlets: Vec<Outlet>,
    sums: Sums,
    tally: Arc<Tally>,
}

impl Writer {
    pub fn new(plan: &Plan, tally: Arc<Tally>) -> Self {
        let files = plan.files.clone();
        let files = files.map(|(folder, keep)| Place::Files(Files::new(folder, keep)));
        #[cfg(unix)]
        let journald = plan.journald.then(|| Place::Journald(Journald::new()));
        #[cfg(not(unix))]
        let journald = None;
        let syslog = plan.syslog.clone();
        let syslog = syslog.map(|to| Place::Syslog(Syslog::new(to)));
        let places = [files, journald, syslog].into_iter().flatten();
        let outlets = places.map(|place| Outlet {
            place,
            is_failing: false,
            missing: 0,
        });
        Self {
            outlets: outlets.collect(),
            sums: Sums::default(),
            tally,
        }
    }

    /// Writes until no more comes.
    pub fn run(mut self, inbox: &Receiver<Order>) {
        loop {
            let order = match self.sums.due() {
                Some(due) => inbox.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => inbox.recv().map_err(RecvTimeoutError::from),
            };
            let ready = match order {
                Ok(Order::Entry(entry)) => self.sums.add(entry.harmless(), Instant::now()),
                Err(RecvTimeoutError::Timeout) => self.sums.ready(Instant::now()),
                Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => {
                    let rest = self.sums.rest();
                    return self.write(rest);
                }
            };
            self.write(ready);
        }
    }

    fn write(&mut self, entries: Vec<Entry>) {
        let dropped = self.tally.dropped.swap(0, Ordering::Relaxed);
        let dropped = (dropped > 0).then(|| lost(dropped, "too much happened at once"));
        for entry in entries.into_iter().chain(dropped) {
            for outlet in &mut self.outlets {
                outlet.put(&entry, &self.tally);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::audit::{Query, walk};

    fn writer(folder: &std::path::Path) -> Writer {
        let plan = Plan {
            files: Some((folder.to_owned(), 1 << 20)),
            ..Plan::default()
        };
        Writer::new(&plan, Arc::default())
    }

    fn written(folder: &std::path::Path) -> Vec<(Action, Option<u64>)> {
        let mut all = Vec::new();
        walk(folder, &Query::default(), |entry| {
            all.push((entry.action, entry.times));
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn what_found_no_room_is_counted_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        writer.tally.dropped.store(7, Ordering::Relaxed);
        let (orders, inbox) = sync_channel(2);
        let entry = Box::new(Entry::new(Action::Open));
        orders.send(Order::Entry(entry)).unwrap();
        orders.send(Order::Close).unwrap();
        writer.run(&inbox);
        let told = [(Action::Open, None), (Action::Lost, Some(7))];
        assert_eq!(written(folder.path()), told);
    }

    #[test]
    fn what_could_not_be_written_is_told_where_it_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let audit = folder.path().join("audit");
        // Where a file is, there can be no folder.
        std::fs::write(&audit, "").unwrap();
        let mut writer = writer(&audit);
        let open = || vec![Entry::new(Action::Open)];
        writer.write(open());
        writer.write(open());
        let tally = Arc::clone(&writer.tally);
        let counts = || {
            let failing = tally.failing.load(Ordering::Relaxed);
            (failing, tally.lost.load(Ordering::Relaxed))
        };
        assert_eq!(counts(), (1, 2));
        std::fs::remove_file(&audit).unwrap();
        writer.write(open());
        assert_eq!(counts(), (0, 2));
        let told = [(Action::Lost, Some(2)), (Action::Open, None)];
        assert_eq!(written(&audit), told);
    }
}
