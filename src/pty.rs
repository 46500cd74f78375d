//! Pty: a pseudo terminal, at whose far end something behaves like a serial device.

mod link;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

pub use link::Link;

/// The far end of a pseudo terminal. Its reads and writes never wait.
pub struct Pty {
    master: File,
    path: PathBuf,
    /// Elsewhere than on Linux a pty that nobody has open forgets its settings and refuses bytes.
    _slave: Option<OwnedFd>,
}

impl Pty {
    /// Opens a pseudo terminal in raw mode.
    ///
    /// # Errors
    /// If the system has none left.
    pub fn open() -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        fcntl_setfd(&master, FdFlags::CLOEXEC)?;
        ioctl_fionbio(&master, true)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = OsString::from_vec(ptsname(&master, Vec::new())?.into_bytes());
        let path = PathBuf::from(path);

        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(&path, flags, Mode::empty())?;
        let mut termios = tcgetattr(&slave)?;
        termios.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &termios)?;
        let slave = (!cfg!(target_os = "linux")).then_some(slave);
        Ok(Self {
            master: File::from(master),
            path,
            _slave: slave,
        })
    }

    /// The path that programs open.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The far end itself.
    pub fn master(&self) -> &File {
        &self.master
    }

    /// Whether a program has it open.
    ///
    /// # Errors
    /// If the system fails.
    pub fn is_open(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.master, PollFlags::empty())];
        wait_for(&mut fds, Some(Duration::ZERO))?;
        Ok(!fds[0].revents().contains(PollFlags::HUP))
    }

    /// Whether a program has it open, or has left something to be read.
    ///
    /// # Errors
    /// If the system fails.
    pub fn is_used(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.master, PollFlags::IN)];
        wait_for(&mut fds, Some(Duration::ZERO))?;
        Ok(fds[0].revents() != PollFlags::HUP)
    }

    /// The settings that programs see.
    ///
    /// # Errors
    /// If the system fails.
    pub fn settings(&self) -> io::Result<Termios> {
        Ok(tcgetattr(&self.master)?)
    }

    /// Changes them.
    ///
    /// # Errors
    /// If the system fails.
    pub fn set(&self, termios: &Termios) -> io::Result<()> {
        Ok(tcsetattr(&self.master, OptionalActions::Now, termios)?)
    }

    /// Discards what was sent and no program has read.
    ///
    /// # Errors
    /// If the system fails.
    pub fn flush(&self) -> io::Result<()> {
        Ok(tcflush(&self.master, QueueSelector::OFlush)?)
    }
}

impl AsFd for Pty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }
}

/// Waits until one of the descriptors is ready, or the patience is at its end.
///
/// # Errors
/// If the system fails.
pub fn wait_for(fds: &mut [PollFd<'_>], patience: Option<Duration>) -> io::Result<()> {
    let patience = patience.map(|patience| Timespec {
        tv_sec: patience.as_secs() as _,
        tv_nsec: patience.subsec_nanos().into(),
    });
    match poll(fds, patience.as_ref()) {
        // The callers look again after any wake-up.
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
