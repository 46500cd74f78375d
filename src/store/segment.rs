//! A segment: one SQLite file with a stretch of one journal. `docs/recording.md` has the schema for
//! people with a `sqlite3` shell.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rusqlite::hooks::Wal;
use rusqlite::types::Type;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, params};

use super::chunk::Chunk;
use super::error::StoreError;
use super::flusher::later;
use crate::record::{Gap, Kind, Offset, Time, Why};
use crate::span::Span;

/// What a file of ours says it is, where SQLite keeps such a number ("seri").
const APPLICATION: i32 = 0x7365_7269;
/// Where it keeps that number in the file.
const APPLICATION_AT: usize = 68;
/// And the version.
const VERSION_AT: usize = 60;
/// The version of the schema.
const VERSION: i32 = 1;
/// The size of a page, as SQLite has it by default, in bytes.
pub const PAGE: u64 = 4096;
/// A minute, in microseconds.
pub const MINUTE: u64 = 60_000_000;
/// Readers of the same file are never long.
const BUSY_LIMIT: Duration = Duration::from_secs(2);

/// What SQLite may hold of a file in memory, in KiB: everything is read and written once, in order.
const CACHE: usize = 256;

const SCHEMA: &str = "
CREATE TABLE about (port TEXT NOT NULL, journal INTEGER NOT NULL, began INTEGER NOT NULL) STRICT;
CREATE TABLE chunk (
    offset INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    author TEXT,
    cuts BLOB,
    bytes BLOB NOT NULL,
    sum INTEGER NOT NULL
) STRICT;
CREATE INDEX note ON chunk (offset) WHERE kind = 3;
CREATE TABLE gap (offset INTEGER PRIMARY KEY, until INTEGER NOT NULL, why TEXT NOT NULL) STRICT;
CREATE TABLE activity (
    offset INTEGER PRIMARY KEY,
    until INTEGER NOT NULL,
    minute INTEGER NOT NULL,
    rx INTEGER NOT NULL,
    tx INTEGER NOT NULL,
    notes INTEGER NOT NULL
) STRICT;
CREATE VIEW log AS SELECT
    offset,
    strftime('%Y-%m-%dT%H:%M:%S', time / 1000000, 'unixepoch') || printf('.%06dZ', time % 1000000) AS utc,
    CASE kind WHEN 1 THEN 'rx' WHEN 2 THEN 'tx' WHEN 3 THEN 'note' END AS kind,
    author,
    CAST(bytes AS TEXT) AS text
FROM chunk;
";

const CHUNKS: &str = "SELECT offset, time, kind, author, cuts, bytes, sum FROM chunk";

/// How safe a commit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// It survives the end of the program at any moment; power that fails may take the last
    /// seconds, and nothing else.
    #[default]
    Normal,
    /// It survives power that fails, too; each commit waits for the disk.
    Full,
}

/// What a segment says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The port.
    pub port: String,
    /// The number of its journal.
    pub journal: u32,
    /// The time of the first record.
    pub began: Time,
}

/// What happened in one minute, or in a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// The first record's offset.
    pub offset: Offset,
    /// The offset behind the last.
    pub until: Offset,
    /// When the minute began.
    pub minute: Time,
    /// Bytes that came in.
    pub rx: u64,
    /// Bytes that were typed.
    pub tx: u64,
    /// Notes.
    pub notes: u64,
}

impl Activity {
    /// A minute in which nothing has happened yet.
    pub fn begin(offset: Offset, time: Time) -> Self {
        Self {
            offset,
            until: offset,
            minute: Time(time.0 - time.0 % MINUTE),
            ..Self::default()
        }
    }

    /// Counts a chunk.
    pub fn count(&mut self, kind: Option<Kind>, length: usize, end: Offset) {
        match kind {
            Some(Kind::Rx) => self.rx += length as u64,
            Some(Kind::Tx) => self.tx += length as u64,
            Some(Kind::Note) => self.notes += 1,
            None => {}
        }
        self.until = end;
    }
}

/// What lies at an offset.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Records: the span was filled.
    Records,
    /// None up to there.
    Hole(Gap),
    /// None in this segment.
    End,
}

/// One file of a recording.
pub struct Segment {
    path: PathBuf,
    db: Connection,
    /// Pages in its log since that began anew, for whoever writes.
    log: Arc<AtomicU64>,
}

impl Segment {
    /// Makes a new file.
    ///
    /// # Errors
    /// If there is no place for it, or there is one of that name already.
    pub fn create(path: &Path, about: &About, durability: Durability) -> Result<Self, StoreError> {
        if path.symlink_metadata().is_ok() {
            return Err(StoreError::Foreign(path.to_owned()));
        }
        let made = Self::make(path, about, durability);
        if made.is_err() {
            // Half a file would be in the way of the next try.
            let _: io::Result<()> = remove(path);
        }
        made
    }

    fn make(path: &Path, about: &About, durability: Durability) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut segment = Self::connect(path, flags)?;
        // Before the write-ahead log begins: the file itself says what it is. Nothing is in it yet
        // that would be worth waiting for the disk.
        let made = segment.db.execute_batch(&format!(
            "PRAGMA synchronous = OFF; BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
        ));
        let about = params![about.port, about.journal, about.began.0 as i64];
        made.and_then(|()| {
            let insert = "INSERT INTO about VALUES (?1, ?2, ?3)";
            segment.db.execute(insert, about)?;
            segment.db.execute_batch("COMMIT")
        })
        .map_err(|error| segment.fail(error))?;
        segment.ready(durability)?;
        Ok(segment)
    }

    /// Opens a file to read it.
    ///
    /// # Errors
    /// If it is not ours, of a newer version, damaged or not readable.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let segment = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        segment.check()?;
        Ok(segment)
    }

    /// Opens a file to go on with it.
    ///
    /// # Errors
    /// As for [`open`](Self::open), or if it cannot be written.
    pub fn open_to_write(path: &Path, durability: Durability) -> Result<Self, StoreError> {
        match version(path).filter(|_| !path.is_symlink()) {
            None => return Err(StoreError::Foreign(path.to_owned())),
            Some(version) if version > VERSION => {
                let path = path.to_owned();
                return Err(StoreError::Newer { path, version });
            }
            Some(_) => {}
        }
        let mut segment = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        segment.ready(durability)?;
        Ok(segment)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)
            .and_then(|db| {
                db.busy_timeout(BUSY_LIMIT)?;
                let is_in_pages = || fs::metadata(path).is_ok_and(|file| file.len() % PAGE == 0);
                if flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) && is_in_pages() {
                    // Otherwise SQLite would give nothing of a file that was cut off; half a page
                    // it would fill up with zeros.
                    db.execute_batch("PRAGMA writable_schema = ON")?;
                }
                db.execute_batch(&format!("PRAGMA cache_size = -{CACHE}"))?;
                Ok(db)
            })
            .map_err(|error| sorted(path, error))?;
        let path = path.to_owned();
        let log = Arc::default();
        Ok(Self { path, db, log })
    }

    fn ready(&mut self, durability: Durability) -> Result<(), StoreError> {
        let synchronous = match durability {
            Durability::Normal => "NORMAL",
            Durability::Full => "FULL",
        };
        self.run(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous};"
        ))?;
        let log = Arc::clone(&self.log);
        // In place of the hook by which SQLite itself would take the log in, in the midst of a commit.
        let count = move |_: &mut Wal, pages: i32| {
            log.store(u64::from(pages.unsigned_abs()), Ordering::Relaxed);
            Ok(())
        };
        let counted = self.db.wal_hook(Some(count));
        counted.map_err(|error| self.fail(error))
    }

    fn check(&self) -> Result<(), StoreError> {
        let number =
            |name: &str| self.ask(|db| db.pragma_query_value(None, name, |row| row.get(0)));
        let (application, version): (i32, i32) =
            (number("application_id")?, number("user_version")?);
        let path = self.path.clone();
        if application != APPLICATION {
            Err(StoreError::Foreign(path))
        } else if version > VERSION {
            Err(StoreError::Newer { path, version })
        } else {
            Ok(())
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of itself.
    pub fn about(&self) -> Result<About, StoreError> {
        self.ask(|db| {
            db.query_row("SELECT port, journal, began FROM about", [], |row| {
                Ok(About {
                    port: row.get(0)?,
                    journal: row.get(1)?,
                    began: time_in(row, 2)?,
                })
            })
        })
    }

    /// The offset behind everything that it holds or knows to be missing.
    pub fn end(&self) -> Result<Option<Offset>, StoreError> {
        self.ask(|db| {
            let ends = "SELECT max(
                (SELECT offset + length(bytes) FROM chunk ORDER BY offset DESC LIMIT 1),
                coalesce((SELECT until FROM gap ORDER BY offset DESC LIMIT 1), 0))";
            let only_gaps = "SELECT until FROM gap ORDER BY offset DESC LIMIT 1";
            let end: Option<i64> = db.query_row(ends, [], |row| row.get(0))?;
            let end = match end {
                Some(end) => Some(end),
                None => db.query_row(only_gaps, [], |row| row.get(0)).optional()?,
            };
            Ok(end.map(|end| Offset(end as u64)))
        })
    }

    /// What it takes once its log is part of it, in bytes.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        let select = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let bytes: i64 =
            self.ask(|db| db.prepare_cached(select)?.query_row([], |row| row.get(0)))?;
        Ok(bytes as u64)
    }

    /// How much was written to its log since that began anew, in bytes. The first commit begins it
    /// anew by which everything in it is part of the file.
    pub fn logged(&self) -> u64 {
        self.log.load(Ordering::Relaxed) * PAGE
    }

    /// Makes what is in its log part of the file, and begins it anew. That waits for the disk. The
    /// log's file stays as long as it is: to write over it costs less than to let it grow again.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn begin_log_anew(&self) -> Result<(), StoreError> {
        self.run("PRAGMA wal_checkpoint(RESTART)")
    }

    /// Makes what is in its log part of the file soon, while whoever writes goes on; what comes back
    /// ends when it is done.
    pub fn take_log_in_later(&self) -> Receiver<()> {
        let (done, taking) = channel();
        let path = self.path.clone();
        later(move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
            let taken = Self::connect(&path, flags)
                .and_then(|segment| segment.run("PRAGMA wal_checkpoint(PASSIVE)"));
            if let Err(error) = taken {
                // What is wrong with the file the writer will see, and tell.
                tracing::debug!("{error}");
            }
            drop(done);
        });
        taking
    }

    /// Begins to write.
    pub fn begin(&self) -> Result<(), StoreError> {
        self.again("BEGIN IMMEDIATE")
    }

    /// Makes what was written safe.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.again("COMMIT")
    }

    /// Takes back what was written since the last commit.
    pub fn roll_back(&self) {
        // After most errors SQLite has done it already.
        let _: rusqlite::Result<()> = self.db.execute_batch("ROLLBACK");
    }

    /// Adds a row.
    pub fn put(&self, chunk: &Chunk) -> Result<(), StoreError> {
        self.ask(|db| {
            let insert = "INSERT INTO chunk VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            db.prepare_cached(insert)?.execute(params![
                chunk.offset.0 as i64,
                chunk.time.0 as i64,
                chunk.kind,
                chunk.author.as_deref(),
                (!chunk.cuts.is_empty()).then_some(&chunk.cuts),
                chunk.bytes,
                chunk.sum(),
            ])
        })?;
        Ok(())
    }

    /// Adds that bytes are missing.
    pub fn put_gap(&self, gap: Gap) -> Result<(), StoreError> {
        let why = match gap.why {
            Why::Dropped => "dropped",
            Why::Withheld => "withheld",
            Why::Crash => "crash",
        };
        self.ask(|db| {
            let insert = "INSERT OR REPLACE INTO gap VALUES (?1, ?2, ?3)";
            let gap = params![gap.from.0 as i64, gap.to.0 as i64, why];
            db.prepare_cached(insert)?.execute(gap)
        })?;
        Ok(())
    }

    /// Adds what happened in a minute that is over.
    pub fn put_activity(&self, activity: &Activity) -> Result<(), StoreError> {
        self.ask(|db| {
            let insert = "INSERT OR REPLACE INTO activity VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            db.prepare_cached(insert)?.execute(params![
                activity.offset.0 as i64,
                activity.until.0 as i64,
                activity.minute.0 as i64,
                activity.rx as i64,
                activity.tx as i64,
                activity.notes as i64,
            ])
        })?;
        Ok(())
    }

    /// Reads the records from the one that holds `from` on, up to a hole or until there are
    /// `most` bytes.
    pub fn page(&self, from: Offset, most: usize, span: &mut Span) -> Result<Found, StoreError> {
        span.clear();
        let read = self.ask(|db| {
            let mut rows = db.prepare_cached(&format!(
                "{CHUNKS} WHERE offset >= coalesce((SELECT max(offset) FROM chunk WHERE offset <= ?1), 0) ORDER BY offset"
            ))?;
            let mut rows = rows.query([from.0 as i64])?;
            let mut chunk = Chunk::default();
            while span.len() < most
                && let Some(row) = rows.next()?
            {
                read(row, &mut chunk)?;
                if chunk.end() <= from || chunk.kind().is_none() {
                    continue;
                }
                match span.end() {
                    None if chunk.offset > from => return Ok(Some(chunk.offset)),
                    Some(end) if chunk.offset != end => break,
                    _ => chunk.unpack(span),
                }
            }
            Ok(None)
        });
        // What stands before a damaged place is whole.
        let hole = match read {
            Err(_) if !span.is_empty() => None,
            read => read?,
        };
        match hole {
            None if span.is_empty() => Ok(Found::End),
            None => Ok(Found::Records),
            Some(to) => {
                let (until, why) = self.gap(from)?.unwrap_or((to, Why::Dropped));
                let to = to.min(until);
                Ok(Found::Hole(Gap { from, to, why }))
            }
        }
    }

    /// The gap at an offset, as it was told: where it ends, and why.
    pub fn gap(&self, at: Offset) -> Result<Option<(Offset, Why)>, StoreError> {
        self.ask(|db| {
            let select =
                "SELECT until, why FROM gap WHERE offset <= ?1 ORDER BY offset DESC LIMIT 1";
            let row = |row: &Row<'_>| Ok((offset_in(row, 0)?, row.get::<_, String>(1)?));
            let found = db
                .prepare_cached(select)?
                .query_row([at.0 as i64], row)
                .optional()?;
            Ok(found.filter(|(until, _)| *until > at).map(|(until, why)| {
                let why = match why.as_str() {
                    "withheld" => Why::Withheld,
                    "crash" => Why::Crash,
                    _ => Why::Dropped,
                };
                (until, why)
            }))
        })
    }

    /// The offset behind the last minute that is counted at `time` or before it began: from there
    /// on, records may be of that time.
    pub fn near(&self, time: Time) -> Result<Offset, StoreError> {
        let select = "SELECT coalesce(max(until), 0) FROM activity WHERE minute < ?1";
        let minute = (time.0 - time.0 % MINUTE) as i64;
        self.ask(|db| db.query_row(select, [minute], |row| offset_in(row, 0)))
    }

    /// What happened minute by minute, also since the last minute that is counted.
    pub fn activity(&self) -> Result<Vec<Activity>, StoreError> {
        let mut all = self.ask(|db| {
            let select =
                "SELECT offset, until, minute, rx, tx, notes FROM activity ORDER BY offset";
            let mut select = db.prepare_cached(select)?;
            let rows = select.query_map([], |row| {
                Ok(Activity {
                    offset: offset_in(row, 0)?,
                    until: offset_in(row, 1)?,
                    minute: time_in(row, 2)?,
                    rx: row.get::<_, i64>(3)? as u64,
                    tx: row.get::<_, i64>(4)? as u64,
                    notes: row.get::<_, i64>(5)? as u64,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let counted = all.last().map_or(Offset(0), |last| last.until);
        all.extend(self.uncounted(counted)?);
        Ok(all)
    }

    /// The same of what lies behind `counted`, from the rows themselves.
    fn uncounted(&self, counted: Offset) -> Result<Vec<Activity>, StoreError> {
        self.ask(|db| {
            let select = "SELECT offset, time, kind, length(bytes) FROM chunk WHERE offset >= ?1 ORDER BY offset";
            let mut select = db.prepare_cached(select)?;
            let mut rows = select.query([counted.0 as i64])?;
            let mut all: Vec<Activity> = Vec::new();
            while let Some(row) = rows.next()? {
                let (offset, time) = (offset_in(row, 0)?, time_in(row, 1)?);
                let fresh = Activity::begin(offset, time);
                if all.last().is_none_or(|last| last.minute != fresh.minute) {
                    all.push(fresh);
                }
                let kind = Chunk { kind: row.get(2)?, ..Chunk::default() }.kind();
                let length = row.get::<_, i64>(3)? as usize;
                if let Some(last) = all.last_mut() {
                    last.count(kind, length, offset.plus(length));
                }
            }
            Ok(all)
        })
    }

    /// The Notes that contain `text`, newest first.
    pub fn notes(
        &self,
        text: &str,
        mut each: impl FnMut(Offset, Time, &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        self.ask(|db| {
            let mut select = db.prepare_cached(&format!(
                "{CHUNKS} WHERE kind = 3 AND instr(bytes, ?1) ORDER BY offset DESC"
            ))?;
            let mut rows = select.query([text.as_bytes()])?;
            let mut chunk = Chunk::default();
            while let Some(row) = rows.next()? {
                // One that is damaged is left out.
                if read(row, &mut chunk).is_ok() && !each(chunk.offset, chunk.time, &chunk.bytes) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Makes it one plain file, as far as nobody reads it at the moment.
    pub fn seal(self) {
        // In vain while it is read; then it stays as it is, and is whole all the same.
        let _: rusqlite::Result<()> = self.db.busy_timeout(Duration::ZERO).and_then(|()| {
            self.db
                .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")
        });
    }

    /// Runs what is run many times a second.
    fn again(&self, sql: &str) -> Result<(), StoreError> {
        self.ask(|db| db.prepare_cached(sql)?.execute([]))?;
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.ask(|db| db.execute_batch(sql))
    }

    fn ask<T>(
        &self,
        ask: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        ask(&self.db).map_err(|error| self.fail(error))
    }

    fn fail(&self, error: rusqlite::Error) -> StoreError {
        sorted(&self.path, error)
    }
}

/// The version of the schema of a file that was written by us, whatever became of its contents;
/// none where it was not. SQLite itself would put a file in order as it looks.
pub fn version(path: &Path) -> Option<i32> {
    let mut header = [0; APPLICATION_AT + 4];
    File::open(path).ok()?.read_exact(&mut header).ok()?;
    let number = |at: usize| Some(i32::from_be_bytes(header[at..at + 4].try_into().ok()?));
    (number(APPLICATION_AT)? == APPLICATION)
        .then(|| number(VERSION_AT))
        .flatten()
}

/// Removes a file with what belongs to it.
pub fn remove(path: &Path) -> io::Result<()> {
    for ending in ["-wal", "-shm", "-journal"] {
        // Most files have none.
        let _: io::Result<()> = fs::remove_file(with_ending(path, ending));
    }
    fs::remove_file(path)
}

/// The file that belongs to another.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn offset_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Offset> {
    // A damaged file may say anything.
    let offset = row.get::<_, i64>(column)?;
    let known = u64::try_from(offset).map(Offset);
    known.map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, offset))
}

fn time_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Time> {
    row.get::<_, i64>(column).map(|time| Time(time as u64))
}

fn read(row: &Row<'_>, chunk: &mut Chunk) -> rusqlite::Result<()> {
    chunk.offset = offset_in(row, 0)?;
    chunk.time = time_in(row, 1)?;
    chunk.kind = row.get(2)?;
    let author = row.get_ref(3)?.as_str_or_null()?;
    if chunk.author.as_deref() != author {
        chunk.author = author.map(Arc::from);
    }
    chunk.cuts.clear();
    let cuts = row.get_ref(4)?.as_blob_or_null()?;
    chunk.cuts.extend_from_slice(cuts.unwrap_or_default());
    chunk.bytes.clear();
    chunk.bytes.extend_from_slice(row.get_ref(5)?.as_blob()?);
    if row.get::<_, i64>(6)? != i64::from(chunk.sum()) {
        // SQLite itself sees only damage to its own structure.
        let why = format!("the row at offset {} is not what was written", chunk.offset);
        return Err(rusqlite::Error::FromSqlConversionFailure(
            6,
            Type::Integer,
            why.into(),
        ));
    }
    Ok(())
}

/// What SQLite complains of, sorted by what one can do about it.
fn sorted(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    let reason = match &error {
        rusqlite::Error::FromSqlConversionFailure(.., why) => why.to_string(),
        error => error.to_string(),
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::Denied { path, reason }
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged { path, reason }
        }
        Some(ErrorCode::Unknown) | None => StoreError::Damaged { path, reason },
        Some(_) => StoreError::Disk { path, reason },
    }
}
