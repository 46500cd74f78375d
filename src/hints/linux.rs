//! Linux: inotify, which needs no daemon.

use std::io::ErrorKind;
use std::path::Path;

use inotify::{Inotify, WatchMask};
use rustix::fs::statfs;
use tokio::io::unix::AsyncFd;

use super::Interest;

/// File systems where others change files that this kernel does not tell of: SMB, CIFS, NFS, 9P, AFS, Ceph, FUSE.
const REMOTE: [u32; 8] = [
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x6969,
    0x0102_1997,
    0x5346_414f,
    0x00c3_6400,
    0x6573_5546,
];

/// What inotify reports.
pub struct Events {
    mask: WatchMask,
    inotify: Option<AsyncFd<Inotify>>,
}

impl Events {
    pub fn new(interest: Interest) -> Self {
        let entries = WatchMask::CREATE | WatchMask::DELETE | WatchMask::MOVE | WatchMask::ONLYDIR;
        Self {
            mask: match interest {
                Interest::Entries => entries,
                Interest::Contents => entries | WatchMask::CLOSE_WRITE,
                Interest::Opening => WatchMask::OPEN,
            },
            inotify: Inotify::init().ok().and_then(register),
        }
    }

    /// Says whether all changes in those that are there will be told.
    pub fn watch<P: AsRef<Path>>(&mut self, folders: impl IntoIterator<Item = P>) -> bool {
        let Some(inotify) = &self.inotify else {
            return false;
        };
        let mut watches = inotify.get_ref().watches();
        let (mut any, mut all) = (false, true);
        for folder in folders {
            match watches.add(&folder, self.mask) {
                Ok(_) => {
                    any = true;
                    all &= !is_remote(folder.as_ref());
                }
                Err(error) => {
                    let absent = [ErrorKind::NotFound, ErrorKind::NotADirectory];
                    all &= absent.contains(&error.kind());
                }
            }
        }
        any && all
    }

    /// Waits until something has happened; for ever where nothing is told.
    pub async fn next(&mut self) {
        let Some(inotify) = &mut self.inotify else {
            return std::future::pending().await;
        };
        let mut buffer = [0; 4096];
        loop {
            let Ok(mut ready) = inotify.readable_mut().await else {
                return std::future::pending().await;
            };
            let read = ready.try_io(|inotify| inotify.get_mut().read_events(&mut buffer).map(drop));
            if read.is_ok() {
                return;
            }
        }
    }

    /// Forgets what has happened so far.
    pub fn drain(&mut self) {
        let Some(inotify) = &mut self.inotify else {
            return;
        };
        let mut buffer = [0; 4096];
        loop {
            match inotify.get_mut().read_events(&mut buffer) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.inotify = None,
            }
        }
    }
}

fn register(inotify: Inotify) -> Option<AsyncFd<Inotify>> {
    // SAFETY: an Inotify owns its descriptor, always returns that one, and closes it only when it is dropped, which
    // the AsyncFd does after deregistering it.
    unsafe { AsyncFd::register(inotify) }.ok()
}

fn is_remote(folder: &Path) -> bool {
    // The width and the sign of the number differ between platforms; all magic numbers have 32 bits.
    statfs(folder).is_ok_and(|system| REMOTE.contains(&(system.f_type as u32)))
}
