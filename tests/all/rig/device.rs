//! A device: the far end of a pty whose near end the server opens through a link, so that it can
//! be unplugged and come back under another kernel name.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use tokio::io::unix::AsyncFd;

use super::soon;

/// A serial device; unplugged on drop.
pub struct Device {
    link: PathBuf,
    pty: Option<Pty>,
    /// The name that it had before: the next one is another.
    last: PathBuf,
}

struct Pty {
    master: AsyncFd<OwnedFd>,
    /// Kept open: a master whose other end nobody has open reports a hang-up for ever.
    _slave: OwnedFd,
    path: PathBuf,
}

impl Pty {
    fn open() -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&master, true)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = ptsname(&master, Vec::new())?;
        let path = PathBuf::from(path.into_string().map_err(io::Error::other)?);
        let slave = open(&path)?;
        let mut termios = tcgetattr(&slave)?;
        termios.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &termios)?;
        Ok(Self {
            // SAFETY: an OwnedFd owns its descriptor and never changes it.
            master: unsafe { AsyncFd::register(master)? },
            _slave: slave,
            path,
        })
    }
}

/// Opens a terminal without making it that of this process.
fn open(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

impl Device {
    /// A device that is plugged in at `link`.
    pub fn plugged(link: impl Into<PathBuf>) -> Self {
        let mut device = Self::absent(link);
        device.plug();
        device
    }

    /// A device that is not there yet.
    pub fn absent(link: impl Into<PathBuf>) -> Self {
        Self {
            link: link.into(),
            pty: None,
            last: PathBuf::new(),
        }
    }

    /// Plugs it in, under another kernel name than the last time.
    pub fn plug(&mut self) {
        let mut pty = Pty::open().expect("a pty");
        if pty.path == self.last {
            let other = Pty::open().expect("another pty");
            drop(std::mem::replace(&mut pty, other));
        }
        symlink(&pty.path, &self.link).expect("the link's name is free");
        self.last.clone_from(&pty.path);
        self.pty = Some(pty);
    }

    /// Pulls the plug.
    pub fn unplug(&mut self) {
        if self.pty.is_some() {
            fs::remove_file(&self.link).expect("the link is ours");
        }
        self.pty = None;
    }

    /// What the server is told to open.
    pub fn link(&self) -> &Path {
        &self.link
    }

    /// The kernel's name for it.
    pub fn path(&self) -> &Path {
        &self.pty().path
    }

    /// Opens it as another program would.
    pub fn open(&self) -> OwnedFd {
        open(self.path()).expect("it can be opened")
    }

    /// The speed that the server has set.
    pub fn baud(&self) -> u32 {
        let termios = tcgetattr(self.pty().master.as_fd()).expect("a pty has settings");
        termios.output_speed()
    }

    /// Sends bytes to the server.
    pub async fn send(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let sent = soon("the server reads what the device sends", async {
                let mut ready = self.pty().master.writable().await?;
                Ok(ready.try_io(|master| Ok(rustix::io::write(master, bytes)?)))
            });
            match sent.await {
                Ok(Ok(sent)) => bytes = &bytes[sent.expect("the port is open")..],
                Ok(Err(_would_block)) => {}
                Err::<_, io::Error>(error) => panic!("the pty: {error}"),
            }
        }
    }

    /// Reads what the server has written, at least one byte.
    pub async fn read_some(&self) -> Vec<u8> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let mut ready = self.pty().master.readable().await.expect("the pty");
            if let Ok(read) = ready.try_io(|master| Ok(rustix::io::read(master, &mut buffer[..])?))
            {
                buffer.truncate(read.expect("the port is open"));
                return buffer;
            }
        }
    }

    /// Reads exactly so many bytes.
    pub async fn read(&self, count: usize) -> Vec<u8> {
        let mut all = Vec::new();
        while all.len() < count {
            let what = format!("byte {} of {count} reaches the device", all.len());
            all.extend(soon(&what, self.read_some()).await);
        }
        assert_eq!(all.len(), count, "more came than was written");
        all
    }

    /// What the server has written and the device has not read, if anything.
    pub fn unread(&self) -> Vec<u8> {
        let mut buffer = vec![0; 64 * 1024];
        match rustix::io::read(&self.pty().master, &mut buffer[..]) {
            Ok(read) => buffer.truncate(read),
            Err(rustix::io::Errno::AGAIN) => buffer.clear(),
            Err(error) => panic!("the pty: {error}"),
        }
        buffer
    }

    fn pty(&self) -> &Pty {
        self.pty.as_ref().expect("the device is plugged in")
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.unplug();
    }
}
