//! A recording: the segments of one port, in order, as everybody reads them.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::error::StoreError;
use super::head::Head;
use super::segment::{Activity, Found, Segment, version, with_ending};
use crate::record::{self, Gap, Offset, Time, Why};
use crate::span::Span;
use crate::state::{Health, Recorded, Records};

/// So many files are kept open for readers.
const OPEN: usize = 4;
/// What is being written is there soon; a disk that takes longer has lost the reader's patience.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// A file that others put in order just now cannot be read for a moment: that is no damage.
const TRIES: usize = 10;
const TRY_EVERY: Duration = Duration::from_millis(100);
/// How much further the offsets go on where nobody knows how far they were used.
const UNKNOWN: usize = 1 << 30;
/// The length of an offset in a file's name.
const DIGITS: usize = 20;

/// One segment, as far as one knows it without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The offset that the file is named by: that of its first byte.
    pub first: Offset,
    /// The file.
    pub path: PathBuf,
    /// Its size, in bytes.
    pub bytes: u64,
    /// When it was written last.
    pub changed: SystemTime,
    /// The time of its first record, once somebody looked.
    pub began: Option<Time>,
}

/// What is known of all segments, and how far they reach.
#[derive(Default)]
pub(super) struct Index {
    pub journal: u32,
    pub parts: Vec<Part>,
    /// Everything before is on disk, as far as it was to be.
    pub stored: Offset,
    /// Everything before is on its way there.
    pub taken: Offset,
    /// What the program that recorded before this one did not store any more.
    pub crash: Option<Gap>,
    /// Something is on its way.
    pub writing: bool,
    /// What is on disk could not be read, or not be put in order.
    pub unsure: bool,
}

/// The recording of one port.
pub struct Recording {
    port: String,
    folder: PathBuf,
    index: Mutex<Index>,
    /// Something was stored, or will not be.
    moved: Condvar,
    readers: Mutex<VecDeque<Segment>>,
    told: watch::Sender<Recorded>,
    /// The lock, until a writer takes it.
    head: Mutex<Option<Head>>,
    /// Why it must never be written.
    unfit: OnceLock<StoreError>,
}

impl Recording {
    /// What there is of a port, and where its offsets go on. A recording that cannot be gone on
    /// with is empty and tells why.
    pub fn open(folder: &Path, port: &str, records: Records) -> Self {
        let recording = Self::empty(folder, port, records);
        match recording.load() {
            Ok(()) => recording.tell(|told| {
                if records != Records::None {
                    told.health = Health::On;
                }
            }),
            Err(error) => {
                tracing::error!("{port} is not recorded: {error}");
                recording.fail(&error.to_string());
                if matches!(error, StoreError::Newer { .. }) {
                    let _: Result<_, _> = recording.unfit.set(error);
                }
            }
        }
        recording
    }

    /// The same for somebody who only reads, whoever writes.
    ///
    /// # Errors
    /// If the last file cannot be read.
    pub fn look(folder: &Path, port: &str) -> Result<Self, StoreError> {
        let recording = Self::empty(folder, port, Records::None);
        recording.refresh()?;
        Ok(recording)
    }

    fn empty(folder: &Path, port: &str, records: Records) -> Self {
        let journal = record::new_journal();
        Self {
            port: port.to_owned(),
            folder: folder.to_owned(),
            index: Mutex::new(Index {
                journal,
                ..Index::default()
            }),
            moved: Condvar::new(),
            readers: Mutex::default(),
            told: watch::Sender::new(Recorded {
                records,
                ..Recorded::default()
            }),
            head: Mutex::default(),
            unfit: OnceLock::new(),
        }
    }

    fn load(&self) -> Result<(), StoreError> {
        if !self.folder.exists() {
            return Ok(());
        }
        let (head, denied) = match Head::lock(&self.folder) {
            Ok(head) => (Some(head), None),
            // What cannot be written can often be read.
            Err(error @ StoreError::Denied { .. }) => (None, Some(error)),
            Err(error) => return Err(error),
        };
        let about = match &head {
            Some(head) => head.said(),
            None => Head::look(&self.folder),
        };
        let parts = parts(&self.folder);
        let (last, unread) = match last(&parts, head.is_some()) {
            Ok(last) => (last, None),
            Err(error @ StoreError::Newer { .. }) => return Err(error),
            // What it was, others know; what it holds is seen when it can be read.
            Err(error) => (last(&parts, false).unwrap_or_default(), Some(error)),
        };
        let (journal, mut stored) = last;
        let mut index = self.index();
        let known = journal.or(about.map(|said| said.journal));
        index.journal = known.unwrap_or(index.journal);
        let unused = about
            .map(|said| said.unused)
            .filter(|unused| *unused >= stored);
        let is_new = unused.is_none() && parts.is_empty();
        let mut resume = match unused {
            Some(unused) => unused,
            None if is_new => stored,
            None => stored.plus(UNKNOWN),
        };
        // Somebody else's file may have the name that is next.
        while self.folder.join(file_name(resume)).exists() {
            resume = resume.plus(1);
        }
        if is_new {
            stored = resume;
        }
        index.stored = stored;
        if resume > stored {
            index.crash = Some(Gap {
                from: stored,
                to: resume,
                why: Why::Crash,
            });
        }
        index.unsure = denied.is_some() || unread.is_some();
        (index.parts, index.taken) = (parts, resume);
        drop(index);
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        self.date();
        denied.or(unread).map_or(Ok(()), Err)
    }

    /// Reads again what could not be read when it was opened.
    pub(super) fn settle(&self) -> Result<(), StoreError> {
        if !self.index().unsure {
            return Ok(());
        }
        // A file that was opened where nobody could write stays so for all in this program.
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let parts = parts(&self.folder);
        let (journal, stored) = last(&parts, true)?;
        let mut index = self.index();
        if journal.is_some_and(|journal| journal != index.journal) {
            return Err(StoreError::Other(self.folder.clone()));
        }
        if let Some(crash) = &mut index.crash {
            crash.from = stored.max(crash.from).min(crash.to);
        }
        index.stored = stored.max(index.stored);
        (index.parts, index.unsure) = (parts, false);
        Ok(())
    }

    /// Looks anew at what another program records.
    ///
    /// # Errors
    /// If the last file cannot be read.
    pub fn refresh(&self) -> Result<(), StoreError> {
        let parts = parts(&self.folder);
        let (journal, stored) = last(&parts, false)?;
        let mut index = self.index();
        index.journal = journal.unwrap_or(index.journal);
        index.stored = stored;
        index.taken = index.stored;
        index.parts = parts;
        drop(index);
        self.date();
        self.count();
        Ok(())
    }

    /// The port's name.
    pub fn port(&self) -> &str {
        &self.port
    }

    /// The folder with its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The number of the journal.
    pub fn journal(&self) -> u32 {
        self.index().journal
    }

    /// Where the offsets go on.
    pub fn resume(&self) -> Offset {
        let index = self.index();
        index.crash.map_or(index.stored, |gap| gap.to)
    }

    /// Why it must never be written.
    pub(super) fn unfit(&self) -> Option<StoreError> {
        self.unfit.get().cloned()
    }

    /// The program that recorded before this one ended without warning.
    pub fn crash(&self) -> Option<Gap> {
        self.index().crash
    }

    /// The oldest byte that is kept, and its time as far as it is known.
    pub fn oldest(&self) -> Option<(Offset, Option<Time>)> {
        self.index()
            .parts
            .first()
            .map(|part| (part.first, part.began))
    }

    /// How it is, now and whenever it gets better or worse.
    pub fn watch(&self) -> watch::Receiver<Recorded> {
        self.told.subscribe()
    }

    /// How it is.
    pub fn state(&self) -> Recorded {
        self.told.borrow().clone()
    }

    /// Reads the records from the one that holds `from` on, up to a hole or until there are
    /// `most` bytes. Waits for the disk, also for what is on its way there.
    pub fn page(&self, from: Offset, most: usize, span: &mut Span) -> Found {
        let mut tries = 0..TRIES;
        loop {
            let stored = self.index().stored;
            let (part, next) = self.place(from);
            let found = match &part {
                None => Found::End,
                Some(part) => match self.read(part, |segment| segment.page(from, most, span)) {
                    Ok(found) => found,
                    Err(_) if self.place(from).0.as_ref() != Some(part) => continue,
                    Err(StoreError::Disk { .. } | StoreError::Denied { .. })
                        if tries.next().is_some() =>
                    {
                        sleep(TRY_EVERY);
                        continue;
                    }
                    Err(error) => self.skip_damage(part, from, &error),
                },
            };
            if found != Found::End {
                return found;
            }
            let crash = self.index().crash;
            if let Some(crash) = crash.filter(|gap| gap.from <= from && from < gap.to) {
                return Found::Hole(Gap { from, ..crash });
            }
            if next.is_none() && self.await_write(from, stored) {
                continue;
            }
            // What was lost before a segment began is told in that one.
            let after = next.and_then(|next| self.place(next).0);
            let mut known = part.into_iter().chain(after);
            let told = known.find_map(|part| self.read(&part, |segment| segment.gap(from)).ok()?);
            let (until, why) = match (told, next) {
                (Some(told), _) => told,
                (None, Some(next)) => (next, Why::Dropped),
                (None, None) => return Found::End,
            };
            let to = next.map_or(until, |next| next.min(until));
            return Found::Hole(Gap { from, to, why });
        }
    }

    /// The offset of the first record of that time or later; none where there is none.
    pub fn at(&self, time: Time) -> Option<Offset> {
        let parts = self.parts();
        let place =
            parts.partition_point(|part| self.began(part).is_some_and(|began| began <= time));
        let first = parts.get(place.saturating_sub(1))?;
        let near = self
            .read(first, |segment| segment.near(time))
            .unwrap_or(first.first);
        let (mut from, mut span) = (near.max(first.first), Span::default());
        loop {
            match self.page(from, 1 << 20, &mut span) {
                Found::End => return None,
                Found::Hole(gap) => from = gap.to,
                Found::Records => {
                    if let Some(record) = span.records().find(|record| record.time >= time) {
                        return Some(record.offset);
                    }
                    from = span.end()?;
                }
            }
        }
    }

    /// What happened minute by minute between two times, as far as it is on disk.
    pub fn activity(&self, from: Time, to: Time) -> Vec<Activity> {
        let parts = self.parts();
        let before = |time: Time| {
            parts.partition_point(|part| self.began(part).is_none_or(|began| began <= time))
        };
        let (first, last) = (before(from).saturating_sub(1), before(to));
        let wanted = parts.get(first..last).unwrap_or_default();
        let all = wanted
            .iter()
            .filter_map(|part| self.read(part, Segment::activity).ok());
        all.flatten().collect()
    }

    /// The Notes that contain `text`, newest first, as long as `each` wants more.
    pub fn notes(&self, text: &str, mut each: impl FnMut(Offset, Time, &[u8]) -> bool) {
        let mut more = true;
        for part in self.parts().iter().rev() {
            let read = self.read(part, |segment| {
                segment.notes(text, |offset, time, bytes| {
                    more = each(offset, time, bytes);
                    more
                })
            });
            if let Err(error) = read {
                tracing::warn!("{error}");
            }
            if !more {
                return;
            }
        }
    }

    /// So many bytes could not be recorded.
    pub fn lose(&self, bytes: u64) {
        // Nobody is woken: `fail` and `recover` do that.
        self.told.send_if_modified(|told| {
            told.lost += bytes;
            false
        });
    }

    /// It does not work.
    pub fn fail(&self, problem: &str) {
        self.tell(|told| {
            told.health = Health::Failing;
            told.problem = Some(problem.to_owned());
        });
    }

    /// It works again; answers how much was lost since the server began.
    pub fn recover(&self) -> u64 {
        self.tell(|told| {
            told.health = Health::On;
            told.problem = None;
        });
        self.state().lost
    }

    /// The segments, in order.
    pub fn parts(&self) -> Vec<Part> {
        self.index().parts.clone()
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        // Nothing that could panic half-way is done under this lock.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock, for the one who writes.
    pub(super) fn take_head(&self) -> Option<Head> {
        self.head
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Says how far it is stored, to those who wait and those who look.
    pub(super) fn moved(&self, change: impl FnOnce(&mut Index)) {
        change(&mut self.index());
        self.moved.notify_all();
        self.count();
    }

    pub(super) fn tell(&self, change: impl FnOnce(&mut Recorded)) {
        self.told.send_if_modified(|told| {
            let before = (told.health, told.problem.clone());
            change(told);
            (told.health, &told.problem) != (before.0, &before.1)
        });
        self.count();
    }

    /// Brings the figures up to date. They move all the time: nobody is woken for them.
    fn count(&self) {
        let index = self.index();
        let (bytes, files) = (
            index.parts.iter().map(|part| part.bytes).sum(),
            index.parts.len(),
        );
        let stored = index.stored;
        drop(index);
        self.told.send_if_modified(|told| {
            (told.bytes, told.files, told.stored) = (bytes, files, stored);
            false
        });
    }

    /// Looks when the oldest segment begins, once.
    pub(super) fn date(&self) {
        if let Some(oldest) = self.parts().first() {
            self.began(oldest);
        }
    }

    /// The segment that may hold `from`, and where the next one begins.
    fn place(&self, from: Offset) -> (Option<Part>, Option<Offset>) {
        let index = self.index();
        let behind = index.parts.partition_point(|part| part.first <= from);
        let part = behind
            .checked_sub(1)
            .map(|place| index.parts[place].clone());
        (part, index.parts.get(behind).map(|part| part.first))
    }

    fn began(&self, part: &Part) -> Option<Time> {
        if part.began.is_some() {
            return part.began;
        }
        let began = self.read(part, Segment::about).ok()?.began;
        let mut index = self.index();
        if let Some(known) = index
            .parts
            .iter_mut()
            .find(|known| known.first == part.first)
        {
            known.began = Some(began);
        }
        Some(began)
    }

    /// Asks a segment with one of the open files, or a new one.
    fn read<T>(
        &self,
        part: &Part,
        ask: impl FnOnce(&Segment) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let readers = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut open = readers();
        let known = open.iter().position(|segment| segment.path() == part.path);
        let known = known.and_then(|place| open.remove(place));
        drop(open);
        let segment = match known {
            Some(segment) if part.path.exists() => segment,
            _ => Segment::open(&part.path)?,
        };
        let answer = ask(&segment)?;
        let mut open = readers();
        open.push_back(segment);
        if open.len() > OPEN {
            open.pop_front();
        }
        Ok(answer)
    }

    /// Closes the file that is open for readers.
    pub(super) fn close_reader(&self, path: &Path) {
        let mut open = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|segment| segment.path() != path);
    }

    /// Waits until what is being written at an offset is stored; false if nothing is, nor was
    /// since everything before `stored` was.
    fn await_write(&self, from: Offset, stored: Offset) -> bool {
        let is_on_its_way =
            |index: &mut Index| index.stored <= from && from < index.taken && index.writing;
        let waited = self
            .moved
            .wait_timeout_while(self.index(), WRITE_LIMIT, is_on_its_way);
        let (index, _) = waited.unwrap_or_else(PoisonError::into_inner);
        stored <= from && from < index.stored
    }

    /// Where a damaged file can be read again.
    fn skip_damage(&self, part: &Part, from: Offset, error: &StoreError) -> Found {
        tracing::error!("{error}");
        let (_, next) = self.place(from);
        let end = next.unwrap_or_else(|| self.resume().max(self.index().stored));
        let mut span = Span::default();
        let mut readable =
            |from: Offset| match self.read(part, |segment| segment.page(from, 1, &mut span)) {
                Ok(Found::Records) => span.start().map(|start| start.max(from)),
                Ok(Found::Hole(gap)) => Some(gap.to),
                Ok(Found::End) => Some(end),
                Err(_) => None,
            };
        let (mut bad, mut step) = (from, 1024);
        let mut good = loop {
            let there = bad.plus(step);
            if there >= end {
                break end;
            }
            match readable(there) {
                Some(there) => break there,
                None => (bad, step) = (there, step * 2),
            }
        };
        // The first that can be read lies between the two.
        while good.since(bad) > 1 {
            let middle = Offset(bad.0 + good.since(bad) / 2);
            match readable(middle) {
                Some(there) if there < good => good = there,
                Some(_) => break,
                None => bad = middle,
            }
        }
        if good <= from {
            return Found::End;
        }
        Found::Hole(Gap {
            from,
            to: good,
            why: Why::Dropped,
        })
    }
}

/// The segments in a folder, by the offsets in their names. What is not ours is left alone.
pub fn parts(folder: &Path) -> Vec<Part> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut parts: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let digits = name.strip_suffix(".db")?;
            if digits.len() != DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let first = Offset(digits.parse().ok()?);
            if version(&path).is_none() {
                tracing::warn!(
                    "{}: no recording of seriald's, or a damaged one; it is left alone",
                    path.display()
                );
                return None;
            }
            let (bytes, changed) = size(&path)?;
            Some(Part {
                first,
                path,
                bytes,
                changed,
                began: None,
            })
        })
        .collect();
    parts.sort_by_key(|part| part.first);
    parts
}

/// What a segment takes on disk with what belongs to it, and when it was written last.
pub fn size(path: &Path) -> Option<(u64, SystemTime)> {
    let file = fs::metadata(path).ok()?;
    let log = fs::metadata(with_ending(path, "-wal")).ok();
    let bytes = file.len() + log.as_ref().map_or(0, fs::Metadata::len);
    let changed = log.and_then(|log| log.modified().ok());
    Some((bytes, changed.max(file.modified().ok())?))
}

/// The name of the file that begins at an offset.
pub fn file_name(first: Offset) -> String {
    format!("{:0DIGITS$}.db", first.0)
}

/// The number of the journal, and how far it is stored. A last file that is damaged is as if it
/// were not there: others say how far offsets were used.
fn last(parts: &[Part], write: bool) -> Result<(Option<u32>, Offset), StoreError> {
    let mut known = None;
    for part in parts.iter().rev() {
        let open = || {
            // What a program left behind that did not end well is only put in order by writing.
            let segment = if write {
                Segment::open_to_write(&part.path, super::Durability::Normal)?
            } else {
                Segment::open(&part.path)?
            };
            Ok((segment.about()?.journal, segment.end()?))
        };
        match open() {
            Ok((journal, Some(end))) => {
                return Ok((known.or(Some(journal)), end.max(part.first)));
            }
            // It was only just begun.
            Ok((journal, None)) => known = known.or(Some(journal)),
            Err(error @ StoreError::Damaged { .. }) => tracing::error!("{error}"),
            Err(error) => return Err(error),
        }
    }
    let oldest = parts.first().map_or(Offset(0), |part| part.first);
    Ok((known, oldest))
}

/// Whether a folder is a recording.
pub fn is_one(folder: &Path) -> bool {
    Head::look(folder).is_some() || !parts(folder).is_empty()
}
