//! What systems without `/proc` and groups say about a device that cannot be had.

use std::io;
use std::path::Path;

use super::Trouble;

/// Sorts the system's error. Windows answers a port that another program has with "access denied".
pub fn trouble(_path: &Path, error: &io::Error) -> Trouble {
    match error.kind() {
        io::ErrorKind::NotFound => Trouble::Missing,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ResourceBusy => Trouble::Busy,
        _ => Trouble::Io,
    }
}

pub fn out_of_descriptors(_error: &io::Error) -> bool {
    false
}

pub fn kind(_path: &Path) -> &'static str {
    "something else"
}

pub fn where_to_look() -> &'static str {
    ""
}

pub fn busy(_path: &Path) -> String {
    "in use by another program; close it there".to_owned()
}

pub fn denied(_path: &Path) -> String {
    "permission denied".to_owned()
}
