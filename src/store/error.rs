//! What can be wrong with a recording, in words that name the way out.

use std::io;
use std::path::{Path, PathBuf};

/// Why something could not be recorded, or read again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room.
    #[error(
        "{}: the disk is full; make room, or keep less with --keep",
        .0.display()
    )]
    Full(PathBuf),
    /// No right, or no such folder.
    #[error("{}: {reason}; make the folder writable for seriald, or name another with --data", path.display())]
    #[expect(missing_docs, reason = "the message says it")]
    Denied { path: PathBuf, reason: String },
    /// The disk does not do what it should.
    #[error("{}: {reason}", path.display())]
    #[expect(missing_docs, reason = "the message says it")]
    Disk { path: PathBuf, reason: String },
    /// The file is not what it was.
    #[error("{}: this file is damaged ({reason}); what is whole of it is kept and shown", path.display())]
    #[expect(missing_docs, reason = "the message says it")]
    Damaged { path: PathBuf, reason: String },
    /// The file is from the future.
    #[error(
        "{}: written by a newer seriald (its files have version {version}); update seriald, \
         or name another folder with --data",
        path.display()
    )]
    #[expect(missing_docs, reason = "the message says it")]
    Newer { path: PathBuf, version: i32 },
    /// The file is somebody else's.
    #[error("{}: this file is not seriald's; move it elsewhere, or name another folder with --data", .0.display())]
    Foreign(PathBuf),
    /// The folder holds another journal than ours.
    #[error("{}: an older recording appeared here while seriald ran; restart seriald to go on with it", .0.display())]
    Other(PathBuf),
    /// Another program is at it.
    #[error(
        "{}: another seriald records this port here; name another folder with --data, \
         or start with --no-record",
        .0.display()
    )]
    Locked(PathBuf),
}

impl StoreError {
    /// What the system says of a path.
    pub fn io(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        let reason = error.to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::NotFound => Self::Denied { path, reason },
            _ => Self::Disk { path, reason },
        }
    }
}
