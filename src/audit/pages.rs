//! Pages: entries that were written, found again. A folder is read while a server writes to it.

use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::Path;
use std::str::FromStr;

use super::files::{Numbered, list};
use super::{Action, Entry, Outcome};
use crate::record::Time;

/// Which entries are wanted; all where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Of this time or later.
    pub since: Option<Time>,
    /// Before this time.
    pub until: Option<Time>,
    /// By this account, or by whoever others saw under this name.
    pub who: Option<String>,
    /// On this port.
    pub port: Option<String>,
    /// Of this kind.
    pub action: Option<Action>,
    /// Of which this came.
    pub outcome: Option<Outcome>,
}

impl Query {
    fn fits(&self, entry: &Entry) -> bool {
        let is =
            |wanted: &Option<String>, there: &Option<String>| wanted.is_none() || wanted == there;
        self.since.is_none_or(|since| entry.time >= since)
            && self.until.is_none_or(|until| entry.time < until)
            && (is(&self.who, &entry.who) || is(&self.who, &entry.name))
            && is(&self.port, &entry.port)
            && self.action.is_none_or(|action| entry.action == action)
            && self.outcome.is_none_or(|outcome| entry.outcome == outcome)
    }

    /// The entry of a line, if there is one and it is wanted.
    fn read(&self, line: &[u8]) -> Option<Entry> {
        // A line may be torn, or of a later version.
        let entry = serde_json::from_slice(line).ok()?;
        Some(entry).filter(|entry| self.fits(entry))
    }
}

/// Gives each entry that is wanted, oldest first.
///
/// # Errors
/// If a file cannot be read, or with the first error of `each`.
pub fn walk(
    folder: &Path,
    query: &Query,
    mut each: impl FnMut(Entry) -> io::Result<()>,
) -> io::Result<()> {
    for Numbered { path, .. } in list(folder)? {
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            // The oldest may go at any time.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for line in BufReader::new(file).split(b'\n') {
            if let Some(entry) = query.read(&line?) {
                each(entry)?;
            }
        }
    }
    Ok(())
}

/// A place between entries: so many bytes into the file of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    file: u64,
    bytes: usize,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.file, self.bytes)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (file, bytes) = text.split_once('.')?;
            Some(Self {
                file: file.parse().ok()?,
                bytes: bytes.parse().ok()?,
            })
        };
        read().ok_or("before: this is no place; give what stood in \"next\" of the page before it")
    }
}

/// Some entries, newest first.
#[derive(Debug)]
pub struct Page {
    /// They.
    pub entries: Vec<Entry>,
    /// Where the next page begins; none where there are no more.
    pub next: Option<Cursor>,
}

/// The newest entries that are wanted, at most so many, of those before a place.
///
/// # Errors
/// If a file cannot be read.
pub fn page(
    folder: &Path,
    query: &Query,
    before: Option<Cursor>,
    limit: usize,
) -> io::Result<Page> {
    let mut entries = Vec::new();
    let files = match list(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        files => files?,
    };
    for Numbered { number, path } in files.into_iter().rev() {
        if before.is_some_and(|before| number > before.file) {
            continue;
        }
        let mut text = match fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => break,
            text => text?,
        };
        if let Some(before) = before.filter(|before| number == before.file) {
            text.truncate(before.bytes);
        }
        let mut end = text.len();
        while end > 0 {
            // Behind the last line feed stands a line that is not whole yet, or nothing.
            let begin = text[..end - 1].iter().rposition(|byte| *byte == b'\n');
            let begin = begin.map_or(0, |feed| feed + 1);
            if let Some(entry) = query.read(&text[begin..end]) {
                if entries.len() == limit {
                    let next = Some(Cursor {
                        file: number,
                        bytes: end,
                    });
                    return Ok(Page { entries, next });
                }
                entries.push(entry);
            }
            end = begin;
        }
    }
    Ok(Page {
        entries,
        next: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::files::Files;

    /// Entries of some files, oldest first: each names its number.
    fn folder(entries: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::new(folder.path().to_owned(), 1 << 20);
        for n in 0..entries {
            let action = [Action::Open, Action::Release][n % 2];
            let entry = Entry {
                time: Time(n as u64 * 1_000_000),
                who: (n % 3 == 0).then(|| "ada".to_owned()),
                name: Some(["ada", "bob", "eve"][n % 3].to_owned()),
                port: Some(["rack1", "rack2"][n % 2].to_owned()),
                detail: Some(format!("{n} {}", "x".repeat(300))),
                ..Entry::new(action)
            };
            files.put(&entry).unwrap();
        }
        folder
    }

    fn number(entry: &Entry) -> usize {
        let detail = entry.detail.as_deref().unwrap();
        detail.split(' ').next().unwrap().parse().unwrap()
    }

    #[test]
    fn pages_hold_everything_once_newest_first_while_it_is_written() {
        let folder = folder(1000);
        assert!(list(folder.path()).unwrap().len() > 3);
        let (mut before, mut all) = (None, Vec::new());
        let mut files = Files::new(folder.path().to_owned(), 1 << 20);
        loop {
            let page = page(folder.path(), &Query::default(), before, 70).unwrap();
            all.extend(page.entries.iter().map(number));
            let late = Entry {
                detail: Some("9999 late".to_owned()),
                ..Entry::new(Action::Mark)
            };
            files.put(&late).unwrap();
            match page.next {
                None => break,
                Some(next) => before = Some(next.to_string().parse().unwrap()),
            }
        }
        assert_eq!(all, (0..1000).rev().collect::<Vec<_>>());
    }

    #[test]
    fn what_is_asked_for_is_found_and_nothing_else() {
        let folder = folder(100);
        let found = |query: Query| {
            let page = page(folder.path(), &query, None, 1000).unwrap();
            let mut newest_first: Vec<_> = page.entries.iter().map(number).collect();
            let mut walked = Vec::new();
            walk(folder.path(), &query, |entry| {
                walked.push(number(&entry));
                Ok(())
            })
            .unwrap();
            newest_first.reverse();
            assert_eq!(newest_first, walked);
            walked
        };
        let wanted = |fits: fn(&usize) -> bool| (0..100).filter(fits).collect::<Vec<_>>();
        let query = Query {
            since: Some(Time(10_000_000)),
            until: Some(Time(20_000_000)),
            ..Query::default()
        };
        assert_eq!(found(query), wanted(|n| (10..20).contains(n)));
        let query = Query {
            who: Some("bob".to_owned()),
            ..Query::default()
        };
        assert_eq!(found(query), wanted(|n| n % 3 == 1));
        let query = Query {
            who: Some("ada".to_owned()),
            port: Some("rack2".to_owned()),
            action: Some(Action::Release),
            ..Query::default()
        };
        assert_eq!(found(query), wanted(|n| n % 6 == 3));
        let query = Query {
            outcome: Some(Outcome::Refused),
            ..Query::default()
        };
        assert!(found(query).is_empty());
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_entries_and_a_cursor_may_be_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = folder.path().join("audit");
        let page = page(&nowhere, &Query::default(), None, 10).unwrap();
        assert!(page.entries.is_empty() && page.next.is_none());
        for wrong in ["", "1", "1.", ".1", "1.2.3", "a.b", "-1.0"] {
            let error = wrong.parse::<Cursor>().unwrap_err();
            assert!(error.contains("next"), "{wrong}");
        }
    }
}
