//! Packets: what the far end of a pty is told besides bytes, where it asks for that.

use std::io;
use std::os::fd::AsRawFd;

use rustix::termios::LocalModes;
use seriald::pty::Pty;

/// What stands in front of the bytes, as tty_ioctl(4) has it: what waits for the program was thrown away,
pub const FLUSH_READ: u8 = 1;
/// or what it wrote.
pub const FLUSH_WRITE: u8 = 2;

/// Has the far end told what programs do besides writing: EXTPROC makes that include settings. With
/// it, the pty edits and echoes nothing, which would be the device's business.
pub fn packet_mode(pty: &Pty) -> io::Result<()> {
    let on: libc::c_int = 1;
    // SAFETY: TIOCPKT reads an int, which lives until it returns.
    if unsafe { libc::ioctl(pty.master().as_raw_fd(), libc::TIOCPKT, &on) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut termios = pty.settings()?;
    termios.local_modes.insert(LocalModes::EXTPROC);
    pty.set(&termios)
}

/// None where the error says that no program has the pty open.
pub fn unless_closed(done: io::Result<usize>) -> io::Result<Option<usize>> {
    match done {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.raw_os_error() == Some(libc::EIO) => Ok(None),
        Err(error) => Err(error),
    }
}
