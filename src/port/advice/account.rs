//! An account is whom this process runs as, with the groups it got when the session began.
//!
//! Read from the system's files, so that the groups of the session and those that the account has joined since can
//! be told apart.

use std::fs;
use std::path::Path;

/// Whom this process runs as.
#[derive(Debug)]
pub struct Account {
    uid: u32,
    /// The groups of the session, the main one included.
    gids: Vec<u32>,
}

/// Whom a file belongs to, and what that allows.
#[derive(Clone, Copy, Debug)]
pub struct Rights {
    pub uid: u32,
    pub gid: u32,
    pub mode: u32,
}

impl Account {
    /// Asks the kernel's `/proc`; elsewhere than on Linux there is none.
    pub fn of_this_process(root: &Path) -> Option<Self> {
        let status = fs::read_to_string(root.join("proc/self/status")).ok()?;
        let numbers = |name: &str| -> Option<Vec<u32>> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(
                line.split_whitespace()
                    .filter_map(|number| number.parse().ok())
                    .collect(),
            )
        };
        // Real, effective, saved, file system: the last one decides on files.
        let uid = *numbers("Uid:")?.last()?;
        let mut gids = numbers("Groups:")?;
        gids.extend(numbers("Gid:")?.last());
        Some(Self { uid, gids })
    }

    /// Whether owner and mode of a file let this account read and write it; only one of the three sets counts.
    pub fn may_open(&self, rights: Rights) -> bool {
        let rights = if self.uid == rights.uid {
            rights.mode >> 6
        } else if self.gids.contains(&rights.gid) {
            rights.mode >> 3
        } else {
            rights.mode
        };
        self.uid == 0 || rights & 0o6 == 0o6
    }

    /// Whether the account has joined the group by now, whatever the session knows.
    pub fn is_listed_in(&self, root: &Path, gid: u32) -> bool {
        let name = self.name(root);
        let is_member = |entry: &Vec<String>| {
            entry.get(2) == Some(&gid.to_string())
                && entry
                    .get(3)
                    .is_some_and(|all| all.split(',').any(|one| one == name))
        };
        entries(root, "group").iter().any(is_member)
    }

    /// Its name, or its number where it has none.
    pub fn name(&self, root: &Path) -> String {
        user_name(root, self.uid)
    }
}

/// A user's name, or its number where it has none.
pub fn user_name(root: &Path, uid: u32) -> String {
    name(root, "passwd", uid)
}

/// A group's name, or its number where it has none.
pub fn group_name(root: &Path, gid: u32) -> String {
    name(root, "group", gid)
}

fn name(root: &Path, file: &str, number: u32) -> String {
    let number = number.to_string();
    let entry = entries(root, file)
        .into_iter()
        .find(|entry| entry.get(2) == Some(&number));
    entry
        .and_then(|entry| entry.into_iter().next())
        .unwrap_or(number)
}

fn entries(root: &Path, file: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(root.join("etc").join(file)).unwrap_or_default();
    text.lines()
        .map(|line| line.split(':').map(str::to_owned).collect())
        .collect()
}
