//! What macOS and the BSDs offer, through the serial crate: no mark or space parity, no 1.5 stop
//! bits, no error counters, and settings that wait for the output to drain.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use serial2::{CharSize, FlowControl, SerialPort};

use crate::settings::{Flow, Line, Parity, Settings, StopBits};
use crate::state::{Errors, Lines};

fn unsupported(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("this system has no {what}"),
    )
}

/// Whether this is a pseudo terminal: they have no modem lines.
pub fn is_pty(port: &SerialPort) -> io::Result<bool> {
    Ok(port.read_cts().is_err())
}

/// Applies the settings and returns what is in force.
pub fn configure(port: &mut SerialPort, settings: &Settings) -> io::Result<Line> {
    let line = settings.line;
    let mut wanted = port.get_configuration()?;
    wanted.set_raw();
    wanted.set_baud_rate(line.baud)?;
    wanted.set_char_size(match line.data_bits {
        5 => CharSize::Bits5,
        6 => CharSize::Bits6,
        7 => CharSize::Bits7,
        _ => CharSize::Bits8,
    });
    wanted.set_parity(match line.parity {
        Parity::None => serial2::Parity::None,
        Parity::Even => serial2::Parity::Even,
        Parity::Odd => serial2::Parity::Odd,
        Parity::Mark | Parity::Space => return Err(unsupported("mark or space parity")),
    });
    wanted.set_stop_bits(match line.stop_bits {
        StopBits::One => serial2::StopBits::One,
        StopBits::Two => serial2::StopBits::Two,
        StopBits::OneAndHalf => return Err(unsupported("1.5 stop bits")),
    });
    wanted.set_flow_control(match line.flow {
        Flow::None => FlowControl::None,
        Flow::RtsCts => FlowControl::RtsCts,
        Flow::XonXoff => FlowControl::XonXoff,
    });
    let termios = wanted.as_termios_mut();
    termios.c_cflag |= libc::CREAD | libc::CLOCAL;
    termios.c_cc[libc::VMIN] = 1;
    termios.c_cc[libc::VTIME] = 0;
    if settings.hangup {
        termios.c_cflag |= libc::HUPCL;
    } else {
        termios.c_cflag &= !libc::HUPCL;
    }
    port.set_configuration(&wanted)?;
    Ok(Line {
        baud: port.get_configuration()?.get_baud_rate()?,
        ..line
    })
}

/// The modem lines. The system does not tell the state of its own two; they are as last set.
pub fn lines(fd: BorrowedFd<'_>) -> io::Result<Lines> {
    let mut bits = 0;
    // SAFETY: the descriptor is open, and TIOCMGET writes one int.
    if unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCMGET, &raw mut bits) } == -1 {
        return Err(io::Error::last_os_error());
    }
    let has = |bit: libc::c_int| bits & bit != 0;
    Ok(Lines {
        dtr: has(libc::TIOCM_DTR),
        rts: has(libc::TIOCM_RTS),
        cts: has(libc::TIOCM_CTS),
        dsr: has(libc::TIOCM_DSR),
        dcd: has(libc::TIOCM_CAR),
        ri: has(libc::TIOCM_RNG),
    })
}

/// Sets DTR, then RTS.
pub fn set_lines(port: &SerialPort, dtr: Option<bool>, rts: Option<bool>) -> io::Result<()> {
    dtr.map_or(Ok(()), |state| port.set_dtr(state))?;
    rts.map_or(Ok(()), |state| port.set_rts(state))
}

/// Not counted by these systems.
pub fn errors(_: BorrowedFd<'_>) -> io::Result<Errors> {
    Err(unsupported("error counters"))
}
