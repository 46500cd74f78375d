//! Hints tell that something in some folders may have changed: at once where the system tells, and now and then in any
//! case. A hint is never to be believed: it is a reason to look.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

#[cfg_attr(target_os = "linux", path = "hints/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "hints/other.rs")]
mod platform;

/// One act brings a handful of events: a plug the node and then udev's links, an editor a new file and its renaming.
/// One look does for those that follow each other so closely.
const QUIET: Duration = Duration::from_millis(100);
/// What never falls silent is looked at all the same.
const PATIENCE: Duration = Duration::from_secs(1);

/// Some sandboxes accept a watch and then report nothing. Twice a minute is no load, and notices anything at last.
const TOLD: Duration = Duration::from_secs(30);
/// Where nothing is told, looking is the only way to notice.
const UNTOLD: Duration = Duration::from_secs(2);

/// What in a folder is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// What comes and goes.
    Entries,
    /// That, and what is written.
    Contents,
    /// That a file is opened; it is watched itself then.
    Opening,
}

/// Wakes when something in the watched folders may have changed.
pub struct Hints {
    events: platform::Events,
    told: bool,
}

impl Hints {
    /// Watches nothing yet.
    pub fn new(interest: Interest) -> Self {
        Self {
            events: platform::Events::new(interest),
            told: false,
        }
    }

    /// Watches these folders, not what is below them. Those that are not there are passed over; those that are
    /// watched already stay so.
    pub fn watch<P: AsRef<Path>>(&mut self, folders: impl IntoIterator<Item = P>) {
        self.told = self.events.watch(folders);
    }

    /// Waits until the system tells of something, for ever where it does not.
    pub async fn at_once(&mut self) {
        self.events.next().await;
    }

    /// Waits until it is time to look.
    pub async fn next(&mut self) {
        let patience = if self.told { TOLD } else { UNTOLD };
        if timeout(patience, self.events.next()).await.is_ok() {
            let settle = async {
                while timeout(QUIET, self.events.next()).await.is_ok() {
                    self.events.drain();
                }
            };
            let _endless = timeout(PATIENCE, settle).await;
        }
        self.events.drain();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_file_that_is_written_renamed_or_removed_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        let mut hints = Hints::new(Interest::Contents);
        hints.watch([folder.path(), Path::new("/nonexistent")]);
        assert!(hints.told);
        type Act = fn(&Path, &Path);
        let acts: [Act; 4] = [
            |file, _| fs::write(file, "1").unwrap(),
            |file, _| fs::write(file, "2").unwrap(),
            |file, other| fs::rename(file, other).unwrap(),
            |_, other| fs::remove_file(other).unwrap(),
        ];
        for act in acts {
            act(&file, &other);
            timeout(SOON, hints.next()).await.expect("a hint");
        }
    }

    #[tokio::test]
    async fn what_follows_closely_is_one_hint() {
        let folder = tempfile::tempdir().unwrap();
        let mut hints = Hints::new(Interest::Contents);
        hints.watch([folder.path()]);
        for number in 0..20 {
            fs::write(folder.path().join(number.to_string()), "").unwrap();
        }
        timeout(SOON, hints.next()).await.expect("a hint");
        assert!(timeout(4 * QUIET, hints.next()).await.is_err());
    }

    #[tokio::test]
    async fn a_device_that_is_opened_is_told_of_each_time() {
        let pty = crate::pty::Pty::open().unwrap();
        let mut hints = Hints::new(Interest::Opening);
        hints.watch([pty.path()]);
        for _ in 0..3 {
            drop(fs::File::open(pty.path()).unwrap());
            timeout(SOON, hints.at_once()).await.expect("a hint");
        }
    }

    #[tokio::test]
    async fn of_entries_only_coming_and_going_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "").unwrap();
        let mut hints = Hints::new(Interest::Entries);
        hints.watch([folder.path()]);
        fs::write(&file, "more").unwrap();
        assert!(timeout(4 * QUIET, hints.next()).await.is_err());
    }
}
