//! Tree: what is below the folder of pages: the folders to watch, where manifests are, and what edition the files are.

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::manifest;

/// So many files are looked at, in so many folders: somebody may serve a whole disk.
pub const FILES: usize = 5000;
const FOLDERS: usize = 500;

/// Stands for all files that there are: another one after each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edition {
    /// Of the style sheets, which a page can exchange while it is open.
    pub styles: u64,
    /// Of everything else.
    pub rest: u64,
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:016x}", self.rest, self.styles)
    }
}

/// What is below the folder.
pub struct Tree {
    /// All folders, itself first.
    pub folders: Vec<PathBuf>,
    /// The folders that have a manifest, relative to the first.
    pub manifests: Vec<PathBuf>,
    pub edition: Edition,
    /// Whether there was more than is looked at.
    pub is_cut: bool,
}

/// Looks through the folder, the upper floors first. Links to folders are not followed: they may lead in a circle.
pub fn look(root: &Path) -> Tree {
    let (mut styles, mut rest) = (DefaultHasher::new(), DefaultHasher::new());
    let mut tree = Tree {
        folders: Vec::new(),
        manifests: Vec::new(),
        edition: Edition::default(),
        is_cut: false,
    };
    let (mut waiting, mut files) = (VecDeque::from([PathBuf::new()]), 0);
    while let Some(below) = waiting.pop_front() {
        if tree.folders.len() == FOLDERS {
            tree.is_cut = true;
            break;
        }
        let folder = root.join(&below);
        for name in names(&folder) {
            let below = below.join(&name);
            let Ok(file) = fs::metadata(root.join(&below)) else {
                continue;
            };
            if file.is_dir() {
                if !root.join(&below).is_symlink() {
                    waiting.push_back(below);
                }
                continue;
            }
            files += 1;
            if files > FILES {
                tree.is_cut = true;
                break;
            }
            let is_style = name.to_ascii_lowercase().ends_with(".css");
            let edition = if is_style { &mut styles } else { &mut rest };
            (&below, file.len(), file.modified().ok()).hash(edition);
            if name == manifest::FILE {
                tree.manifests.extend(below.parent().map(Path::to_owned));
            }
        }
        tree.folders.push(folder);
    }
    tree.edition = Edition {
        styles: styles.finish(),
        rest: rest.finish(),
    };
    tree
}

/// What is in a folder, in order; not what editors and package managers keep there for themselves.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<_> = names
        .filter(|name| !name.starts_with('.') && !name.ends_with('~') && name != "node_modules")
        .take(FILES + FOLDERS)
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn manifests_are_found_at_any_depth_and_not_in_what_is_hidden() {
        let www = tempfile::tempdir().unwrap();
        for folder in ["", "a", "b/c/d", ".git", "node_modules/x"] {
            let folder = www.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("page.json"), "{}").unwrap();
        }
        symlink(".", www.path().join("a/circle")).unwrap();
        let tree = look(www.path());
        let manifests: Vec<_> = tree
            .manifests
            .iter()
            .filter_map(|path| path.to_str())
            .collect();
        assert_eq!(manifests, ["", "a", "b/c/d"]);
        assert_eq!(tree.folders.len(), 5);
        assert!(!tree.is_cut);
    }

    #[test]
    fn too_much_is_cut() {
        let www = tempfile::tempdir().unwrap();
        for number in 0..=FOLDERS {
            fs::create_dir(www.path().join(number.to_string())).unwrap();
        }
        let tree = look(www.path());
        assert!(tree.is_cut && tree.folders.len() == FOLDERS);
    }

    #[test]
    fn what_editors_keep_is_no_edition() {
        let www = tempfile::tempdir().unwrap();
        let first = look(www.path()).edition;
        for name in ["main.js~", ".main.js.swp"] {
            fs::write(www.path().join(name), "").unwrap();
        }
        assert_eq!(look(www.path()).edition, first);
        fs::write(www.path().join("main.js"), "").unwrap();
        assert_ne!(look(www.path()).edition.rest, first.rest);
    }
}
