//! The head file of a recording: the number of its journal, and up to where offsets may have been
//! used. It is written ahead of them, in place, so that no offset is used twice whatever happens to
//! the program, the power or a disk that is full. Whoever holds its lock records.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::flusher::later;
use crate::private;
use crate::record::Offset;

const NAME: &str = "head";
/// More than the text is long.
const MOST: u64 = 200;

/// What the file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The number of the journal.
    pub journal: u32,
    /// Offsets from here on were never used.
    pub unused: Offset,
}

/// The file, locked.
pub struct Head {
    file: File,
    path: PathBuf,
    said: Option<Said>,
}

impl Head {
    /// Opens the file in a recording's folder, or makes it, and takes its lock.
    ///
    /// # Errors
    /// If another program holds the lock, or the file cannot be written.
    pub fn lock(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(NAME);
        let file = private::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| StoreError::io(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked(folder.to_owned())),
            // Some file systems have no locks; two programs in one folder are rarer than those.
            Err(TryLockError::Error(error)) => {
                tracing::debug!("{}: no lock: {error}", path.display());
            }
        }
        let said = said(&file);
        Ok(Self { file, path, said })
    }

    /// Reads the file without a lock; none where there is none, or no sense in it.
    pub fn look(folder: &Path) -> Option<Said> {
        said(&File::open(folder.join(NAME)).ok()?)
    }

    /// What it says; none where it is new, or makes no sense.
    pub fn said(&self) -> Option<Said> {
        self.said
    }

    /// Whether the file is still where it was.
    pub fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Says that the offsets before `unused` may be used from now on: at once for whoever reads the
    /// file, soon for a disk whose power fails.
    pub fn say(&mut self, said: Said) -> Result<(), StoreError> {
        let text = format!(
            "seriald journal {:010}, unused offsets from {:020}\n",
            said.journal, said.unused.0
        );
        let written = self
            .file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(text.as_bytes()));
        written.map_err(|error| StoreError::io(&self.path, error))?;
        let path = self.path.clone();
        // Opened anew: the same file again would keep the lock when this one has let it go.
        later(move || {
            if let Err(error) = File::open(&path).and_then(|file| file.sync_data()) {
                tracing::warn!("{}: {error}", path.display());
            }
        });
        self.said = Some(said);
        Ok(())
    }

    /// Waits until the disk has what was said.
    pub fn sync(&self) -> Result<(), StoreError> {
        let synced = self.file.sync_data();
        synced.map_err(|error| StoreError::io(&self.path, error))
    }

    /// Removes the file and its folder, if nothing else is in it.
    pub fn remove(self) -> io::Result<()> {
        let Some(folder) = self.path.parent() else {
            return Ok(());
        };
        if std::fs::read_dir(folder)?.count() == 1 {
            std::fs::remove_file(&self.path)?;
            std::fs::remove_dir(folder)?;
        }
        Ok(())
    }
}

fn said(file: &File) -> Option<Said> {
    let mut text = String::new();
    file.take(MOST).read_to_string(&mut text).ok()?;
    parse(&text)
}

/// Reads the file's one line.
pub fn parse(text: &str) -> Option<Said> {
    let rest = text.strip_prefix("seriald journal ")?;
    let (journal, rest) = rest.split_once(", unused offsets from ")?;
    Some(Said {
        journal: journal.parse().ok()?,
        unused: Offset(rest.strip_suffix('\n')?.parse().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_read_again_and_only_one_may_say() {
        let folder = tempfile::tempdir().unwrap();
        let mut head = Head::lock(folder.path()).unwrap();
        assert_eq!(head.said(), None);
        for unused in [1 << 40, 3] {
            let said = Said {
                journal: 7,
                unused: Offset(unused),
            };
            head.say(said).unwrap();
            assert_eq!(Head::look(folder.path()), Some(said));
        }
        let second = Head::lock(folder.path()).err();
        assert_eq!(second, Some(StoreError::Locked(folder.path().to_owned())));
        drop(head);
        let head = Head::lock(folder.path()).unwrap();
        assert_eq!(head.said().unwrap().unused, Offset(3));
        head.remove().unwrap();
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_file_without_sense_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for text in [
            "",
            "seriald journal",
            "seriald journal x, unused offsets from 1\n",
            "\u{ff}",
        ] {
            std::fs::write(folder.path().join(NAME), text).unwrap();
            assert_eq!(Head::look(folder.path()), None, "{text}");
        }
    }
}
