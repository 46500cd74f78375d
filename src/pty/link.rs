//! Link: a symbolic link with a fixed name to a pty whose own name changes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

/// A symbolic link that is removed on drop.
pub struct Link {
    path: PathBuf,
    target: PathBuf,
}

impl Link {
    /// Makes `path` a link to `target`. A link that is there, left by a program that was killed, is replaced.
    ///
    /// # Errors
    /// If something else is there, or the folder does not let.
    pub fn new(path: &Path, target: &Path) -> anyhow::Result<Self> {
        if let Ok(found) = fs::symlink_metadata(path) {
            ensure!(
                found.is_symlink(),
                "{}: exists and is not a link",
                path.display()
            );
            fs::remove_file(path)
                .with_context(|| format!("{}: cannot replace the link", path.display()))?;
        }
        symlink(target, path)
            .with_context(|| format!("{}: cannot make the link", path.display()))?;
        Ok(Link {
            path: path.to_owned(),
            target: target.to_owned(),
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Another device may have taken the name over.
        if fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("seriald-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    #[test]
    fn a_link_is_removed_on_drop() {
        let path = scratch("link-dropped");
        let link = Link::new(&path, Path::new("/dev/null")).expect("a link");
        assert_eq!(
            fs::read_link(&path).expect("the link is there"),
            Path::new("/dev/null")
        );
        drop(link);
        assert!(fs::symlink_metadata(&path).is_err());
    }

    #[test]
    fn a_link_that_another_took_over_stays() {
        let path = scratch("link-taken-over");
        let first = Link::new(&path, Path::new("/dev/null")).expect("a link");
        let second = Link::new(&path, Path::new("/dev/zero")).expect("a link over a link");
        drop(first);
        assert_eq!(
            fs::read_link(&path).expect("the link is there"),
            Path::new("/dev/zero")
        );
        drop(second);
        assert!(fs::symlink_metadata(&path).is_err());
    }

    #[test]
    fn a_file_is_never_replaced() {
        let path = scratch("link-file");
        fs::write(&path, "precious").expect("a file");
        let error = Link::new(&path, Path::new("/dev/null"))
            .err()
            .expect("refused");
        assert!(error.to_string().contains("not a link"));
        assert_eq!(
            fs::read_to_string(&path).expect("the file is there"),
            "precious"
        );
        fs::remove_file(&path).expect("the file is ours");
    }
}
