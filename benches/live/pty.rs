//! Pty: a device as the load generator plays it, at the far end of a pseudo terminal.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

/// A pseudo terminal in raw mode.
pub struct Pty {
    master: File,
    path: PathBuf,
    /// Without anybody at the near end the far end would be hung up.
    _slave: OwnedFd,
}

impl Pty {
    /// Opens a pair.
    pub fn open() -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&master, true)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = PathBuf::from(OsString::from_vec(
            ptsname(&master, Vec::new())?.into_bytes(),
        ));
        Ok(Self {
            master: File::from(master),
            _slave: open_raw(&path)?,
            path,
        })
    }

    /// The path that the server opens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what there is room for; returns the number of bytes.
    pub fn write(&self, bytes: &[u8]) -> usize {
        (&self.master).write(bytes).unwrap_or(0)
    }

    /// Reads what is there.
    pub fn read(&self, buffer: &mut [u8]) -> usize {
        (&self.master).read(buffer).unwrap_or(0)
    }
}

impl AsFd for Pty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }
}

/// Opens the near end, raw and without blocking.
pub fn open_raw(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let slave = rustix::fs::open(path, flags, Mode::empty())?;
    let mut termios = tcgetattr(&slave)?;
    termios.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &termios)?;
    Ok(slave)
}
