//! The files that an import reads: the one that is named, and those that are named in it.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// So much is read, in bytes: of one file, and of all together.
pub const LENGTH: usize = 1 << 20;

/// Where files are found.
pub trait Files {
    /// The text of the file at `path`. What is no UTF-8 in it becomes U+FFFD.
    ///
    /// # Errors
    /// If it cannot be read, or has more than [`LENGTH`] bytes; why, for people.
    fn text(&self, path: &Path) -> Result<String, String>;

    /// What is in a folder, by names; nothing where there is no such folder.
    fn names(&self, folder: &Path) -> Vec<String>;

    /// The one path of the file at `path`, of the many that may lead there.
    fn one_path(&self, path: &Path) -> PathBuf;
}

/// The files of this machine.
pub struct OnDisk;

impl Files for OnDisk {
    fn text(&self, path: &Path) -> Result<String, String> {
        let told = |why: String| format!("{}: {why}", path.display());
        let mut bytes = Vec::new();
        let file = File::open(path);
        let read = file.and_then(|file| file.take(LENGTH as u64 + 1).read_to_end(&mut bytes));
        match read {
            Err(error) => Err(told(error.to_string())),
            Ok(length) if length > LENGTH => Err(told(format!(
                "it has more than {LENGTH} bytes, which is as long as a configuration may be"
            ))),
            Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    fn names(&self, folder: &Path) -> Vec<String> {
        let is_here = folder.as_os_str().is_empty();
        let folder = if is_here { Path::new(".") } else { folder };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.collect()
    }

    fn one_path(&self, path: &Path) -> PathBuf {
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }
}
