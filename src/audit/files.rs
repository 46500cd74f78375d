//! The files: one JSON object a line, in numbered files of which the oldest goes when all have become
//! too large. Each line is written at once and whole, so that two programs may write.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::Entry;
use crate::clock::file_clock;
use crate::private;
use crate::record::Time;

/// A file is left for the next when it has this part of the whole,
const PART: u64 = 16;
/// within these bounds, in bytes.
const LEAST: u64 = 64 << 10;
const MOST: u64 = 8 << 20;
/// How a file's name ends.
const ENDING: &str = ".jsonl";

/// One of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub number: u64,
    pub path: PathBuf,
}

/// The files of a folder, oldest first.
pub(super) fn list(folder: &Path) -> io::Result<Vec<Numbered>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let number = name
            .filter(|name| name.ends_with(ENDING))
            .and_then(|name| name.split_once('-')?.0.parse().ok());
        all.extend(number.map(|number| Numbered { number, path }));
    }
    all.sort_by_key(|file| file.number);
    Ok(all)
}

/// The file that is written to.
struct Current {
    file: File,
    size: u64,
    /// It ends within a line: the disk was full, or the program ended.
    is_torn: bool,
}

/// Writes entries to files.
pub(super) struct Files {
    folder: PathBuf,
    /// All files may have so many bytes together.
    keep: u64,
    current: Option<Current>,
}

impl Files {
    pub fn new(folder: PathBuf, keep: u64) -> Self {
        Self {
            folder,
            keep,
            current: None,
        }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds an entry.
    pub fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let piece = self.piece();
        let current = self.current.take().filter(|current| {
            // Somebody may have removed it.
            current.size < piece && is_there(&current.file)
        });
        let mut current = current.map_or_else(|| self.open(), Ok)?;
        if current.is_torn {
            line.insert(0, b'\n');
        }
        let written = current.file.write_all(&line);
        current.is_torn = written.is_err();
        current.size += line.len() as u64;
        self.current = Some(current);
        written
    }

    /// How large one file becomes.
    fn piece(&self) -> u64 {
        (self.keep / PART).clamp(LEAST, MOST)
    }

    /// Goes on with the newest file, or begins another.
    fn open(&self) -> io::Result<Current> {
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.folder)?;
        let all = list(&self.folder)?;
        if let Some(newest) = all.last() {
            let current = open(&newest.path)?;
            if current.size < self.piece() {
                return Ok(current);
            }
        }
        self.make_room(&all)?;
        let number = all.last().map_or(1, |newest| newest.number + 1);
        let now = file_clock(Time::now());
        let day = now.split('T').next().unwrap_or_default();
        open(&self.folder.join(format!("{number:06}-{day}{ENDING}")))
    }

    /// Removes the oldest, until another has room.
    fn make_room(&self, all: &[Numbered]) -> io::Result<()> {
        let sizes = all.iter().map(|file| Ok(file.path.metadata()?.len()));
        let sizes = sizes.collect::<io::Result<Vec<u64>>>()?;
        let mut total: u64 = sizes.iter().sum();
        for (file, size) in all.iter().zip(sizes) {
            if total + self.piece() <= self.keep {
                break;
            }
            fs::remove_file(&file.path)?;
            total -= size;
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<Current> {
    let mut options = private::options();
    options.read(true).append(true).create(true);
    let mut file = options.open(path)?;
    let size = file.metadata()?.len();
    let mut last = [b'\n'];
    if size > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(Current {
        file,
        size,
        is_torn: last != *b"\n",
    })
}

#[cfg(unix)]
fn is_there(file: &File) -> bool {
    file.metadata()
        .is_ok_and(|file| std::os::unix::fs::MetadataExt::nlink(&file) > 0)
}

#[cfg(not(unix))]
fn is_there(_: &File) -> bool {
    // Nobody can remove a file that is open.
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Action, Query, walk};

    fn entry(text: String) -> Entry {
        Entry {
            detail: Some(text),
            ..Entry::new(Action::Mark)
        }
    }

    fn details(folder: &Path) -> Vec<String> {
        let mut all = Vec::new();
        walk(folder, &Query::default(), |entry| {
            all.extend(entry.detail);
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn the_oldest_go_and_all_stay_within_what_may_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let keep = 1 << 20;
        let mut files = Files::new(folder.path().join("a/audit"), keep);
        let much = "x".repeat(400);
        for n in 0..5000 {
            files.put(&entry(format!("{n} {much}"))).unwrap();
        }
        let all = list(files.folder()).unwrap();
        let sizes = all.iter().map(|file| file.path.metadata().unwrap().len());
        let total: u64 = sizes.sum();
        assert!(total <= keep && total > keep / 2, "{total}");
        assert!(all[0].number > 1);
        let numbers: Vec<_> = details(files.folder())
            .iter()
            .map(|text| text.split(' ').next().unwrap().parse::<u32>().unwrap())
            .collect();
        assert_eq!(numbers.last(), Some(&4999));
        assert!(numbers.windows(2).all(|two| two[1] == two[0] + 1));
        // Another program, or the same after a restart, goes on where this one was.
        let mut other = Files::new(files.folder().to_owned(), keep);
        other.put(&entry("other".into())).unwrap();
        files.put(&entry("again".into())).unwrap();
        let all = details(files.folder());
        assert_eq!(all[all.len() - 2..], ["other", "again"]);
    }

    #[test]
    fn a_torn_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let keep = 1 << 20;
        let mut files = Files::new(folder.path().to_owned(), keep);
        files.put(&entry("one".into())).unwrap();
        let path = &list(folder.path()).unwrap()[0].path;
        let mut torn = File::options().append(true).open(path).unwrap();
        torn.write_all(b"{\"time\": \"2026-").unwrap();
        let mut files = Files::new(folder.path().to_owned(), keep);
        files.put(&entry("two".into())).unwrap();
        assert_eq!(details(folder.path()), ["one", "two"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_removed_is_begun_anew_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mut files = Files::new(folder.path().join("audit"), 1 << 20);
        files.put(&entry("one".into())).unwrap();
        fs::remove_dir_all(files.folder()).unwrap();
        files.put(&entry("two".into())).unwrap();
        assert_eq!(details(files.folder()), ["two"]);
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(files.folder()), 0o700);
        assert_eq!(mode(&list(files.folder()).unwrap()[0].path), 0o600);
    }
}
