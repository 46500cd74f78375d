//! The writer of a recording: puts records into the segment that is written, and begins a new one
//! when it is large enough.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Duration;

use super::chunk::Packer;
use super::error::StoreError;
use super::flusher::later;
use super::head::{Head, Said};
use super::recording::{Part, Recording, file_name, size};
use super::retention::Keep;
use super::segment::{About, Activity, Durability, Segment, with_ending};
use crate::record::{Gap, Kind, Offset, Record, Time, Why};
use crate::span::Span;
use crate::state::Records;

/// Offsets are promised at least so far ahead, and at most: what comes in before the promise is
/// renewed must fit in, also after a long silence.
const LEAST_AHEAD: u64 = 4 << 20;
const MOST_AHEAD: u64 = 256 << 20;
/// They are promised for about so many batches like the last one: ten seconds.
const BATCHES_AHEAD: u64 = 200;
/// A segment holds at most such a part of the time that is kept.
const PARTS_OF_AGE: u32 = 8;
/// The log of a segment becomes such a part of what the segment does, or as many bytes as this.
const LOG_PART: u64 = 4;
const LOG: (u64, u64) = (128 << 10, 4 << 20);
/// A log that is written to without a pause does not begin anew by itself. It may become so many
/// times as large.
const LOGS: u64 = 2;

/// The one hand that writes a recording.
pub struct Writer {
    recording: Arc<Recording>,
    records: Records,
    durability: Durability,
    /// A segment that is larger is followed by another, in bytes,
    most: u64,
    /// and one that began longer ago.
    longest: Option<Duration>,
    /// What the program before this one left untold.
    crash: Option<Gap>,
    head: Option<Head>,
    open: Option<Open>,
    packer: Packer,
    /// What is left out, and not told yet.
    withheld: Option<Gap>,
    /// A file that one cannot go on with.
    damaged: Option<PathBuf>,
}

/// The segment that is written.
struct Open {
    segment: Segment,
    part: Part,
    activity: Option<Activity>,
    /// How long the log was when somebody was to take it in, in bytes.
    taken_at: u64,
    /// Ends when that is done.
    taking: Option<Receiver<()>>,
}

impl Writer {
    /// A writer of segments that are to be kept as `keep` says.
    pub fn new(recording: Arc<Recording>, durability: Durability, keep: &Keep) -> Self {
        let port = recording.port();
        Self {
            most: keep.segment(port),
            // What is too old goes only with the newest in the same segment.
            longest: keep.age(port).map(|age| age / PARTS_OF_AGE),
            crash: recording.crash(),
            records: recording.state().records,
            recording,
            durability,
            head: None,
            open: None,
            packer: Packer::default(),
            withheld: None,
            damaged: None,
        }
    }

    /// How large a segment becomes, in bytes.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// What it writes.
    pub fn recording(&self) -> &Arc<Recording> {
        &self.recording
    }

    /// Looks whether somebody took the files away; answers how far it is stored then. What is
    /// written to such files is lost.
    ///
    /// # Errors
    /// If what is left cannot be read.
    pub fn find_vanished(&mut self) -> Result<Option<Offset>, StoreError> {
        let is_gone = |open: &Open| {
            let path = &open.part.path;
            !path.exists() || !with_ending(path, "-wal").exists()
        };
        let has_vanished = self.open.as_ref().is_some_and(is_gone)
            || self.head.as_ref().is_some_and(|head| !head.is_there());
        if !has_vanished {
            return Ok(None);
        }
        // What is left of it is put together as long as it is open.
        self.leave();
        self.head = None;
        self.recording.refresh()?;
        Ok(Some(self.recording.state().stored))
    }

    /// Begins a batch with the record at `next`; offsets up to `head` are used by now.
    ///
    /// # Errors
    /// Nothing was written then, and what was written since the last commit is taken back.
    pub fn begin(&mut self, next: Offset, head: Offset) -> Result<(), StoreError> {
        self.promise(next, head)?;
        self.recording
            .moved(|index| (index.taken, index.writing) = (head, true));
        if let Some(open) = &self.open {
            open.segment.begin()?;
        }
        Ok(())
    }

    /// Puts records into the batch.
    ///
    /// # Errors
    /// The batch is to be given up then.
    pub fn put(&mut self, span: &Span) -> Result<(), StoreError> {
        for record in span.records() {
            self.count(&record)?;
            if self.records == Records::Rx && record.kind == Kind::Tx {
                self.withhold(&record)?;
                continue;
            }
            self.tell_withheld()?;
            let segment = &self
                .open
                .as_ref()
                .expect("it was just counted there")
                .segment;
            self.packer.push(&record, |chunk| segment.put(chunk))?;
        }
        Ok(())
    }

    /// Puts into the batch that bytes are missing.
    ///
    /// # Errors
    /// The batch is to be given up then.
    pub fn put_gap(&mut self, gap: Gap) -> Result<(), StoreError> {
        self.finish()?;
        self.segment(gap.from, Time::now())?.segment.put_gap(gap)
    }

    /// Makes the batch safe; everything before `upto` is stored then. Answers whether a segment was
    /// finished by it.
    ///
    /// # Errors
    /// The batch is to be given up then.
    pub fn commit(&mut self, upto: Offset) -> Result<bool, StoreError> {
        self.finish()?;
        let Some(open) = &mut self.open else {
            self.recording.moved(|index| index.stored = upto);
            return Ok(false);
        };
        open.segment.commit()?;
        self.crash = None;
        if let Some((bytes, changed)) = size(&open.part.path) {
            (open.part.bytes, open.part.changed) = (bytes, changed);
        }
        let (bytes, changed) = (open.part.bytes, open.part.changed);
        self.recording.moved(|index| {
            index.stored = upto;
            if let Some(last) = index.parts.last_mut() {
                (last.bytes, last.changed) = (bytes, changed);
            }
        });
        let bound = (self.most / LOG_PART).clamp(LOG.0, LOG.1);
        let logged = open.segment.logged();
        if logged < open.taken_at {
            // It has begun anew.
            open.taken_at = 0;
        }
        if logged - open.taken_at > bound {
            if logged > LOGS * bound {
                // It comes faster than the disk takes it in: now it has to wait.
                let _: Option<Result<(), _>> = open.taking.take().map(|taking| taking.recv());
                open.segment.begin_log_anew()?;
                open.taken_at = logged;
            } else if open.taking.as_ref().is_none_or(is_done) {
                open.taking = Some(open.segment.take_log_in_later());
                open.taken_at = logged;
            }
        }
        // Commits of a few bytes grow the log by pages; what counts is what will be left of it.
        let filled = open.segment.bytes().unwrap_or(bytes);
        let full = filled > self.most || is_old(&open.part, self.longest);
        if let Some(seal) = full.then(|| self.part_with()).flatten() {
            later(seal);
        }
        Ok(full)
    }

    /// Gives the batch up because of an error: everything is as it was after the last commit.
    pub fn give_up(&mut self, error: &StoreError) {
        if let StoreError::Damaged { path, .. } = error {
            self.damaged = Some(path.clone());
        }
        self.packer.clear();
        self.withheld = None;
        if let Some(open) = self.open.take() {
            open.segment.roll_back();
        }
        self.recording.moved(|index| {
            index.taken = index.stored;
            index.writing = false;
        });
    }

    /// Leaves the segment, so that the next batch begins another or goes on with it.
    pub fn leave(&mut self) {
        if let Some(seal) = self.part_with() {
            seal();
        }
    }

    /// The same; what waits for the disk is left to be done.
    fn part_with(&mut self) -> Option<impl FnOnce() + Send + use<>> {
        let Open {
            segment, activity, ..
        } = self.open.take()?;
        if let Some(activity) = activity
            && let Err(error) = segment.put_activity(&activity)
        {
            tracing::debug!("{error}");
        }
        // Our own readers must not be in the way.
        self.recording.close_reader(segment.path());
        self.recording.moved(|index| index.writing = false);
        let recording = Arc::clone(&self.recording);
        Some(move || {
            let path = segment.path().to_owned();
            segment.seal();
            recording.moved(|index| {
                let mut parts = index.parts.iter_mut().rev();
                if let Some(part) = parts.find(|part| part.path == path)
                    && let Some((bytes, changed)) = size(&path)
                {
                    (part.bytes, part.changed) = (bytes, changed);
                }
            });
        })
    }

    /// Ends well: the next program goes on at `head`, without a gap.
    pub fn close(mut self, head: Offset) {
        self.leave();
        let journal = self.recording.journal();
        // It is let go before the recording is: whoever waits for that finds no lock.
        if let Some(mut file) = self.head.take() {
            let unused = head;
            let said = file.say(Said { journal, unused });
            if let Err(error) = said.and_then(|()| file.sync()) {
                tracing::warn!("{error}");
            }
        }
    }

    /// When the head is there, more offsets are to be promised.
    pub fn short_from(&self) -> Offset {
        let said = self.head.as_ref().and_then(Head::said);
        said.map_or(Offset(0), |said| {
            Offset(said.unused.0.saturating_sub(LEAST_AHEAD / 4))
        })
    }

    /// Promises offsets ahead of their use, where the record at `next` is not stored yet and those
    /// up to `head` are used.
    ///
    /// # Errors
    /// If nobody can be told, or nothing may be recorded.
    pub fn promise(&mut self, next: Offset, head: Offset) -> Result<(), StoreError> {
        if let Some(error) = self.recording.unfit() {
            return Err(error);
        }
        let journal = self.recording.journal();
        if self.head.is_none() {
            let folder = self.recording.folder();
            make_folder(folder).map_err(|error| StoreError::io(folder, error))?;
            let file = match self.recording.take_head() {
                Some(file) if file.is_there() => file,
                _ => Head::lock(folder)?,
            };
            if file.said().is_some_and(|said| said.journal != journal) {
                return Err(StoreError::Other(folder.to_owned()));
            }
            self.recording.settle()?;
            self.head = Some(file);
        }
        let ahead = (head.since(next) * BATCHES_AHEAD).clamp(LEAST_AHEAD, MOST_AHEAD);
        let file = self.head.as_mut().expect("it was just locked");
        let promised = file.said().map_or(Offset(0), |said| said.unused);
        if head.0 + ahead / 2 > promised.0 {
            let unused = Offset(head.0 + ahead);
            file.say(Said { journal, unused })?;
        }
        Ok(())
    }

    /// The segment to write to; what comes first there begins at `first`.
    fn segment(&mut self, first: Offset, time: Time) -> Result<&mut Open, StoreError> {
        if self.open.is_none() {
            let open = self
                .go_on(first)?
                .map_or_else(|| self.anew(first, time), Ok)?;
            self.recording.moved(|index| {
                if index.parts.last() != Some(&open.part) {
                    index.parts.push(open.part.clone());
                }
            });
            self.recording.date();
            open.segment.begin()?;
            // By now it may be known better.
            if let Some(crash) = self.crash.and(self.recording.crash()) {
                open.segment.put_gap(crash)?;
            }
            self.open = Some(open);
        }
        Ok(self.open.as_mut().expect("it was just opened"))
    }

    /// The last segment, if there is room in it and nothing wrong with it.
    fn go_on(&self, first: Offset) -> Result<Option<Open>, StoreError> {
        let last = self.recording.parts().pop();
        let is_fit = |part: &Part| {
            part.bytes < self.most / 2
                && !is_old(part, self.longest)
                && part.path.exists()
                && self.damaged.as_ref() != Some(&part.path)
        };
        let Some(part) = last.filter(is_fit) else {
            return Ok(None);
        };
        let open = || {
            let segment = Segment::open_to_write(&part.path, self.durability)?;
            let (end, minutes) = (segment.end()?, segment.activity()?);
            Ok((segment, end, minutes))
        };
        let (segment, mut minutes) = match open() {
            Ok((_, Some(end), _)) if end > first => return Ok(None),
            Ok((segment, _, minutes)) => (segment, minutes),
            Err(StoreError::Damaged { .. } | StoreError::Foreign(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let activity = minutes.pop();
        segment.begin()?;
        minutes
            .iter()
            .try_for_each(|minute| segment.put_activity(minute))?;
        segment.commit()?;
        Ok(Some(Open {
            segment,
            part,
            activity,
            taken_at: 0,
            taking: None,
        }))
    }

    fn anew(&self, first: Offset, time: Time) -> Result<Open, StoreError> {
        let path = self.recording.folder().join(file_name(first));
        let about = About {
            port: self.recording.port().to_owned(),
            journal: self.recording.journal(),
            began: time,
        };
        let segment = Segment::create(&path, &about, self.durability)?;
        let (bytes, changed) = size(&path).unwrap_or((0, std::time::SystemTime::now()));
        let part = Part {
            first,
            path,
            bytes,
            changed,
            began: Some(time),
        };
        Ok(Open {
            segment,
            part,
            activity: None,
            taken_at: 0,
            taking: None,
        })
    }

    fn count(&mut self, record: &Record<'_>) -> Result<(), StoreError> {
        let open = self.segment(record.offset, record.time)?;
        let fresh = Activity::begin(record.offset, record.time);
        if let Some(minute) = open.activity.filter(|minute| minute.minute != fresh.minute) {
            open.segment.put_activity(&minute)?;
            open.activity = None;
        }
        let end = record.offset.plus(record.bytes.len());
        let minute = open.activity.get_or_insert(fresh);
        minute.count(Some(record.kind), record.bytes.len(), end);
        Ok(())
    }

    fn withhold(&mut self, record: &Record<'_>) -> Result<(), StoreError> {
        let end = record.offset.plus(record.bytes.len());
        if let Some(gap) = &mut self.withheld
            && gap.to == record.offset
        {
            gap.to = end;
            return Ok(());
        }
        self.tell_withheld()?;
        self.withheld = Some(Gap {
            from: record.offset,
            to: end,
            why: Why::Withheld,
        });
        Ok(())
    }

    fn tell_withheld(&mut self) -> Result<(), StoreError> {
        match self.withheld.take() {
            Some(gap) => self.put_gap(gap),
            None => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        if let Some(open) = &self.open {
            self.packer.finish(|chunk| open.segment.put(chunk))?;
        }
        match (self.withheld.take(), &self.open) {
            (Some(gap), Some(open)) => open.segment.put_gap(gap),
            _ => Ok(()),
        }
    }
}

fn is_done(taking: &Receiver<()>) -> bool {
    taking.try_recv() != Err(TryRecvError::Empty)
}

/// Whether a segment began too long ago to be written any more.
fn is_old(part: &Part, longest: Option<Duration>) -> bool {
    let age = part
        .began
        .map(|began| Time::now().0.saturating_sub(began.0));
    age.zip(longest)
        .is_some_and(|(age, longest)| u128::from(age) > longest.as_micros())
}

fn make_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    // What passes over a port may be anybody's password.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Entry;
    use crate::store::Store;

    #[test]
    fn a_segment_is_full_of_records_however_few_come_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        let recording = store.recording("a", Records::All);
        let keep = Keep {
            bytes: Keep::LEAST,
            age: None,
            ports: Default::default(),
        };
        let mut writer = Writer::new(Arc::clone(&recording), Durability::Normal, &keep);
        let (mut next, mut span) = (Offset(0), Span::default());
        for _ in 0..1000 {
            span.clear();
            let entry = Entry {
                offset: next,
                time: Time::now(),
                length: 20,
                kind: Kind::Rx,
                author: None,
            };
            span.push(entry, &[b'x'; 20]);
            writer.begin(next, next.plus(20)).unwrap();
            next = next.plus(20);
            writer.put(&span).unwrap();
            writer.commit(next).unwrap();
        }
        assert_eq!(recording.parts().len(), 1);
        let bytes = recording.state().bytes;
        assert!(bytes < Keep::LEAST, "{bytes}");
    }
}
