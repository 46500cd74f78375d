//! A claim: nobody else makes the link that this program makes.

use std::io::ErrorKind;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use seriald::hex::encode;
use sha2::{Digest, Sha256};

/// Makes sure that no other program of ours makes the same link: each listens under a name that is
/// made of it, and gone with the program however that ends.
pub fn claim(path: &Path) -> anyhow::Result<UnixListener> {
    let shown = path.display();
    let name = path
        .file_name()
        .with_context(|| format!("{shown}: is no name of a file"))?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let folder = folder
        .canonicalize()
        .with_context(|| folder.display().to_string())?;
    let path = folder.join(name);
    if path.symlink_metadata().is_ok() {
        let is_pty = path.read_link().is_ok_and(|to| to.starts_with("/dev/pts"));
        ensure!(
            is_pty,
            "{shown}: exists, and is no link to a pty; name another one"
        );
    }
    let digest = Sha256::digest(path.as_os_str().as_bytes());
    let address = SocketAddr::from_abstract_name(format!("seriald attach {}", encode(&digest)))?;
    UnixListener::bind_addr(&address).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!("{shown}: another seriald attach has made this link"),
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_claimed_once_by_whatever_way_and_nothing_else_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tty");
        let claimed = claim(&path).unwrap();
        let other = folder.path().join(".").join("tty");
        let error = claim(&other).unwrap_err().to_string();
        assert!(error.contains("another seriald attach"), "{error}");
        drop(claimed);
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        let error = claim(&path).unwrap_err().to_string();
        assert!(error.contains("is no link to a pty"), "{error}");
        assert!(claim(&folder.path().join("nowhere/tty")).is_err());
    }
}
