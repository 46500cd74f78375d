//! What macOS and the BSDs offer, through the serial crate: no error counters, and settings that
//! wait for the output to drain.

use std::io;
use std::os::fd::BorrowedFd;

use serial2::SerialPort;

use super::portable;
use crate::settings::{Line, Settings};
use crate::state::Errors;

/// Whether this is a pseudo terminal: they have no modem lines.
pub fn is_pty(port: &SerialPort) -> io::Result<bool> {
    Ok(port.read_cts().is_err())
}

/// Applies the settings and returns what is in force.
pub fn configure(port: &SerialPort, settings: &Settings) -> io::Result<Line> {
    let mut wanted = port.get_configuration()?;
    portable::put(&settings.line, &mut wanted)?;
    let termios = wanted.as_termios_mut();
    termios.c_cflag |= libc::CREAD | libc::CLOCAL;
    termios.c_cc[libc::VMIN] = 1;
    termios.c_cc[libc::VTIME] = 0;
    if settings.hangup {
        termios.c_cflag |= libc::HUPCL;
    } else {
        termios.c_cflag &= !libc::HUPCL;
    }
    // The crate wants it for itself; what is set is the device, not the descriptor.
    port.try_clone()?.set_configuration(&wanted)?;
    let baud = port.get_configuration()?.get_baud_rate()?;
    Ok(Line {
        baud,
        ..settings.line
    })
}

/// Not counted by these systems.
pub fn errors(_: BorrowedFd<'_>) -> io::Result<Errors> {
    Err(portable::unsupported("error counters"))
}
