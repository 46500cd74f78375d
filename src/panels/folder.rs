//! The folder itself: reading and writing panel files. All of it may wait for a disk.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::{PanelsError, check};
use crate::hex;
use crate::panel::{LENGTH, Panel};

/// So many panels are used; more are passed over.
pub const PANELS: usize = 500;
/// So many files of a folder are looked at.
const FILES: usize = 20_000;
/// What a panel's file is called behind its name.
const ENDING: &str = ".json";
/// The longest name, in bytes.
const NAME: usize = 64;
/// Bytes of a hash that make a version.
const VERSION: usize = 8;
/// A file that was changed so shortly before it was read may have been changed once more within one tick of the
/// clock by which its time is taken.
const TICK: Duration = Duration::from_secs(1);

/// The folder of panel files.
pub struct Folder {
    path: PathBuf,
    /// Whether it was told that there are too many.
    told: AtomicBool,
}

/// A panel's file, as it was read.
pub struct Kept {
    /// The panel's name.
    pub name: String,
    /// Another one after each change.
    pub version: String,
    /// The panel, or what is wrong with it.
    pub panel: Result<Arc<Panel>, String>,
    /// What the file looked like; none if it has to be read again in any case.
    stamp: Option<Stamp>,
}

/// By what a change of a file is noticed without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    length: u64,
    inode: u64,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            told: AtomicBool::new(false),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks what is there now, in the order of names; reads only what is not `known` as it is. Files of other names
    /// are none of ours.
    pub fn look(&self, known: &[Arc<Kept>]) -> Arc<[Arc<Kept>]> {
        let known: BTreeMap<_, _> = known.iter().map(|kept| (&*kept.name, kept)).collect();
        let mut names = self.names();
        if names.len() > PANELS && !self.told.swap(true, Ordering::Relaxed) {
            let (folder, count) = (self.path.display(), names.len());
            tracing::warn!("{folder}: there are {count} panels; only the first {PANELS} are used");
        }
        names.truncate(PANELS);
        let all = names.into_iter().filter_map(|name| {
            let stamp = Stamp::of(&fs::metadata(self.file(&name)).ok()?);
            match known.get(&*name) {
                Some(kept) if stamp.is_some() && kept.stamp == stamp => Some(Arc::clone(kept)),
                _ => self.keep(name, stamp).map(Arc::new),
            }
        });
        all.collect()
    }

    /// The names of all panels, in order.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().take(FILES);
        let mut names: Vec<_> = entries
            .filter_map(|entry| {
                let file = entry.ok()?.file_name().into_string().ok()?;
                let name = file.strip_suffix(ENDING)?;
                is_name(name).then(|| name.to_owned())
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// Reads a panel; none if it has gone.
    fn keep(&self, name: String, stamp: Option<Stamp>) -> Option<Kept> {
        let (version, panel) = match self.read(&name) {
            Ok(None) => return None,
            Ok(Some(text)) => (version(&text), understand(text)),
            Err(error) => (String::new(), Err(error.to_string())),
        };
        Some(Kept {
            name,
            version,
            panel: panel.map(Arc::new),
            stamp,
        })
    }

    /// A panel's file as it is; none if there is none. Only so much of it as shows that it is too long.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, PanelsError> {
        let path = self.file(name);
        let read = || {
            // Opening a pipe would wait for whoever writes to it.
            if !fs::metadata(&path)?.is_file() {
                return Err(io::Error::from(ErrorKind::NotFound));
            }
            let mut text = Vec::new();
            let most = LENGTH as u64 + 1;
            File::open(&path)?.take(most).read_to_end(&mut text)?;
            Ok(text)
        };
        match read() {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Replaces a panel's file as a whole: whoever reads it meanwhile, or after a crash, has the old one or the new.
    pub fn write(&self, name: &str, text: &str) -> Result<(), PanelsError> {
        // A name with a dot in front is no panel's.
        let new = self.path.join(format!(".{name}.new"));
        let write = || {
            fs::create_dir_all(&self.path)?;
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, self.file(name))?;
            self.flush()
        };
        write().map_err(|error| {
            // What was half written is of no use.
            let _gone: io::Result<()> = fs::remove_file(&new);
            self.failed(error)
        })
    }

    /// Deletes a panel's file.
    pub fn remove(&self, name: &str) -> Result<(), PanelsError> {
        let removed = fs::remove_file(self.file(name)).and_then(|()| self.flush());
        removed.map_err(|error| self.failed(error))
    }

    /// Waits until the disk has the names. Only where folders can be opened.
    fn flush(&self) -> io::Result<()> {
        if cfg!(unix) {
            File::open(&self.path)?.sync_all()?;
        }
        Ok(())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{ENDING}"))
    }

    fn failed(&self, error: io::Error) -> PanelsError {
        PanelsError::Disk {
            path: self.path.clone(),
            error,
        }
    }
}

impl Stamp {
    /// None where it says nothing: the file is too new, or has no time.
    fn of(file: &Metadata) -> Option<Self> {
        let modified = file.modified().ok()?;
        let age = SystemTime::now().duration_since(modified).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(file);
        #[cfg(not(unix))]
        let inode = 0;
        (age > TICK).then_some(Self {
            modified,
            length: file.len(),
            inode,
        })
    }
}

fn understand(text: Vec<u8>) -> Result<Panel, String> {
    let text = String::from_utf8(text).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()]
            .iter()
            .filter(|byte| **byte == b'\n');
        format!("line {} is not UTF-8", line.count() + 1)
    })?;
    let panel = Panel::parse(&text).and_then(|panel| check(&panel).map(|()| panel));
    panel.map_err(|fault| fault.to_string())
}

/// The version of a file with this text.
pub fn version(text: &[u8]) -> String {
    hex::encode(&Sha256::digest(text)[..VERSION])
}

fn is_name(name: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || b"-_. ".contains(&letter);
    (1..=NAME).contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with(['.', ' '])
        && !name.ends_with(' ')
}

/// Refuses what cannot be a panel's name.
pub fn expect_name(name: &str) -> Result<(), PanelsError> {
    if is_name(name) {
        Ok(())
    } else {
        Err(PanelsError::Name(name.chars().take(NAME).collect()))
    }
}

#[cfg(test)]
impl Kept {
    /// A panel of this name, without a file.
    pub fn with(name: &str, panel: Result<Panel, String>) -> Self {
        Self {
            name: name.to_owned(),
            version: String::new(),
            panel: panel.map(Arc::new),
            stamp: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANEL: &str = "{\"seriald\": 1, \"title\": \"x\"}";

    fn folder() -> (tempfile::TempDir, Folder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::new(parent.path().join("kept/panels"));
        (parent, folder)
    }

    fn names(folder: &Folder) -> Vec<String> {
        let all = folder.look(&[]);
        all.iter().map(|kept| kept.name.clone()).collect()
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty_and_comes_with_the_first_panel() {
        let (_parent, folder) = folder();
        assert_eq!(names(&folder), [""; 0]);
        assert!(folder.read("a").unwrap().is_none());
        folder.write("a", PANEL).unwrap();
        assert_eq!(names(&folder), ["a"]);
        assert_eq!(folder.read("a").unwrap().unwrap(), PANEL.as_bytes());
        folder.remove("a").unwrap();
        assert_eq!(names(&folder), [""; 0]);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            0,
            "nothing is left over"
        );
    }

    #[test]
    fn what_is_no_panel_by_its_name_or_kind_is_none_of_ours() {
        let (_parent, folder) = folder();
        folder.write("b 1.x", PANEL).unwrap();
        for other in [
            "a.txt",
            ".a.json",
            "\u{e9}.json",
            "a\\b.json",
            ".json",
            " a.json",
            "json",
        ] {
            fs::write(folder.path().join(other), PANEL).unwrap();
        }
        fs::create_dir(folder.path().join("dir.json")).unwrap();
        assert_eq!(names(&folder), ["b 1.x"]);
    }

    #[test]
    fn tricks_are_no_names() {
        for name in [
            "", ".", "..", "../a", "a/b", "a\\b", ".a", " a", "a ", "a\0", "a\n", "\u{e9}", "C:a",
        ] {
            assert!(expect_name(name).is_err(), "{name:?}");
        }
        assert!(expect_name(&"a".repeat(65)).is_err());
        for name in ["a", "Weather station", "a.b-c_d", "1", &"a".repeat(64)] {
            assert!(expect_name(name).is_ok(), "{name:?}");
        }
    }

    #[test]
    fn a_change_of_the_same_length_is_noticed_at_once() {
        let (_parent, folder) = folder();
        folder.write("a", PANEL).unwrap();
        let mut known = folder.look(&[]);
        for letter in ["y", "z", "x"] {
            fs::write(folder.file("a"), PANEL.replace('x', letter)).unwrap();
            known = folder.look(&known);
            assert_eq!(known[0].panel.as_ref().unwrap().title, letter);
        }
    }

    #[test]
    fn what_has_not_changed_is_not_read_again() {
        let (_parent, folder) = folder();
        folder.write("a", PANEL).unwrap();
        let old = SystemTime::now() - 2 * TICK;
        File::options()
            .write(true)
            .open(folder.file("a"))
            .unwrap()
            .set_modified(old)
            .unwrap();
        let known = folder.look(&[]);
        assert!(Arc::ptr_eq(&known[0], &folder.look(&known)[0]));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_line_and_the_file_stays() {
        let (_parent, folder) = folder();
        fs::create_dir_all(folder.path()).unwrap();
        for (text, expected) in [
            (&b"{\n\"seriald\" 1}"[..], "line 2"),
            (b"\n\n\xff", "line 3 is not UTF-8"),
            (
                b"{\"seriald\": 1, \"title\": \"x\", \"widgets\": [{}]}",
                "widgets[0]: missing field",
            ),
            (&[b' '; LENGTH + 100], "bytes are too many"),
            (b"", "EOF"),
        ] {
            fs::write(folder.file("bad"), text).unwrap();
            let all = folder.look(&[]);
            let problem = all[0].panel.as_ref().unwrap_err();
            assert!(problem.contains(expected), "{expected}: {problem}");
            assert_eq!(fs::read(folder.file("bad")).unwrap(), text);
        }
    }

    #[test]
    fn of_thousands_of_files_the_first_are_used() {
        let (_parent, folder) = folder();
        fs::create_dir_all(folder.path()).unwrap();
        for number in 0..2000 {
            fs::write(folder.path().join(format!("{number:04}.json")), PANEL).unwrap();
        }
        let names = names(&folder);
        assert_eq!((names.len(), &*names[PANELS - 1]), (PANELS, "0499"));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told_with_the_way_out() {
        let parent = tempfile::tempdir().unwrap();
        fs::write(parent.path().join("file"), "").unwrap();
        let folder = Folder::new(parent.path().join("file/panels"));
        let error = folder.write("a", PANEL).unwrap_err().to_string();
        assert!(
            error.contains("file/panels") && error.contains("--panels"),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_holds_nobody_up() {
        let (_parent, folder) = folder();
        fs::create_dir_all(folder.path()).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, folder.file("pipe"), rustix::fs::Mode::RUSR).unwrap();
        assert!(names(&folder).is_empty());
        assert!(folder.read("pipe").unwrap().is_none());
    }
}
