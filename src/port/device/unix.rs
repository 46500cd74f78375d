//! A serial port on Unix: an exclusively opened terminal device, driven by readiness.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, ioctl_tiocexcl, ioctl_tiocnxcl, tcflush};
use serial2::{KeepSettings, SerialPort};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{modem, system};
use crate::settings::{AtOpen, Line, Settings};
use crate::state::{Errors, Lines};

/// A read of less than this has emptied the terminal's buffer (4 KiB on Linux). A longer one may
/// have made room for what waits behind it.
const DRAINED: usize = 2048;

/// One open serial port.
pub struct Device {
    /// Tells when there is something to read, and nothing else: to be woken after each write because
    /// there is room again would be in the way of the reply.
    port: Arc<AsyncFd<SerialPort>>,
    /// Tells when there is room, from the first time that there was none.
    room: OnceLock<AsyncFd<OwnedFd>>,
    /// There was no room when something was last written.
    full: AtomicBool,
    /// On a pseudo terminal TIOCEXCL would outlive our descriptor, as long as the far end is open.
    pty: bool,
}

/// Another hold of an open port, for writes that do not wait.
pub struct Writer(Arc<AsyncFd<SerialPort>>);

impl Writer {
    /// Writes what the driver takes at once.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&*self.0, bytes)?)
    }
}

/// Whether the system says that a device has no such thing, in one of its ways.
pub fn is_unsupported(error: &io::Error) -> bool {
    let refusals = [Errno::NOTTY, Errno::INVAL, Errno::NOSYS];
    error.kind() == io::ErrorKind::Unsupported
        || Errno::from_io_error(error).is_some_and(|errno| refusals.contains(&errno))
}

impl Device {
    /// Opens the device at `path` for this program alone and applies the settings; also returns
    /// what is really in force. Needs a runtime. May block in the driver.
    ///
    /// # Errors
    /// What the system says; `ENOTTY` for a file that is no terminal, `EBUSY` or `EWOULDBLOCK` where
    /// another program has it, `EIO` for a UART that is not there.
    pub fn open(path: &Path, settings: &Settings) -> io::Result<(Self, Line)> {
        let port = SerialPort::open(path, KeepSettings)?;
        flock(&port, FlockOperation::NonBlockingLockExclusive)?;
        let pty = system::is_pty(&port)?;
        // SAFETY: a SerialPort owns its descriptor and never changes it.
        let port = unsafe { AsyncFd::register_with_interest(port, Interest::READABLE) }?;
        let mut device = Self {
            port: Arc::new(port),
            room: OnceLock::new(),
            full: AtomicBool::new(false),
            pty,
        };
        // Before anything else: the longer a line is in the wrong state, the surer a board resets.
        let wish = |at_open| match at_open {
            AtOpen::Leave => None,
            AtOpen::Assert => Some(true),
            AtOpen::Deassert => Some(false),
        };
        let (dtr, rts) = (wish(settings.dtr), wish(settings.rts));
        if dtr.is_some() || rts.is_some() {
            device
                .set_lines(dtr, rts)
                .or_else(|error| if pty { Ok(()) } else { Err(error) })?;
        }
        if !pty {
            ioctl_tiocexcl(device.fd())?;
        }
        let actual = device.configure(settings)?;
        Ok((device, actual))
    }

    /// Reads what is there, after waiting until something is. 0 means that the device is gone. For
    /// one reader: of several only the last would be woken.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        poll_fn(|context| self.poll_read(buffer, context)).await
    }

    fn poll_read(&self, buffer: &mut [u8], context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.port.poll_read_ready(context))?;
            let read = ready.try_io(|port| Ok(rustix::io::read(port, &mut *buffer)?));
            match read {
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => {
                    // So little is all there is: the read that would only find nothing is saved.
                    if matches!(read, Ok(1..DRAINED)) {
                        ready.clear_ready();
                    }
                    return Poll::Ready(read);
                }
                Err(_would_block) => {}
            }
        }
    }

    /// Writes as much as the driver takes, after waiting until it takes something.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            if self.full.load(Ordering::Relaxed) {
                self.room()?.writable().await?.clear_ready();
            }
            match rustix::io::write(self.fd(), bytes) {
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.full.store(true, Ordering::Relaxed),
                written => {
                    self.full.store(false, Ordering::Relaxed);
                    return Ok(written?);
                }
            }
        }
    }

    /// Another hold of the port. While there is one, the port is not closed.
    pub fn writer(&self) -> Option<Writer> {
        Some(Writer(Arc::clone(&self.port)))
    }

    /// Applies the settings without waiting for output to drain, and returns what is in force.
    pub fn configure(&mut self, settings: &Settings) -> io::Result<Line> {
        system::configure(self.port.get_ref(), settings)
    }

    /// Throws away what the driver took and the device has not. One that cannot has sent it already,
    /// as far as anybody can tell.
    pub fn discard(&self) {
        let _: Result<(), Errno> = tcflush(self.fd(), QueueSelector::OFlush);
        // There is room now, which not every driver says by itself.
        self.full.store(false, Ordering::Relaxed);
    }

    /// The modem lines. An error where the device has none.
    pub fn lines(&self) -> io::Result<Lines> {
        modem::lines(self.fd())
    }

    /// Sets DTR, RTS or both at once.
    pub fn set_lines(&self, dtr: Option<bool>, rts: Option<bool>) -> io::Result<()> {
        modem::set_lines(self.fd(), dtr, rts)
    }

    /// Begins or ends a BREAK.
    pub fn set_break(&self, on: bool) -> io::Result<()> {
        self.port.get_ref().set_break(on)
    }

    /// The driver's error counters. An error where it does not count.
    pub fn errors(&self) -> io::Result<Errors> {
        system::errors(self.fd())
    }

    fn room(&self) -> io::Result<&AsyncFd<OwnedFd>> {
        if let Some(room) = self.room.get() {
            return Ok(room);
        }
        // The same fd cannot be watched twice.
        let fd = self.fd().try_clone_to_owned()?;
        // SAFETY: an OwnedFd owns its descriptor and never changes it.
        let room = unsafe { AsyncFd::register_with_interest(fd, Interest::WRITABLE) }?;
        Ok(self.room.get_or_init(|| room))
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.port.as_fd()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // What the device does not take would hold up close(), for as long as the driver likes.
        // Both fail on a device that is gone, which is as good.
        self.discard();
        if !self.pty {
            let _: Result<(), Errno> = ioctl_tiocnxcl(self.fd());
        }
    }
}
