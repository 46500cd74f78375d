//! What Linux offers beyond the serial crate: any settings without draining, and the driver's
//! counters.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use serial2::SerialPort;

use super::modem::check;
use crate::settings::{Flow, Line, Parity, Settings, StopBits};
use crate::state::Errors;

/// `struct serial_icounter_struct` of linux/serial.h.
#[repr(C)]
#[derive(Default)]
struct Icounter {
    cts: libc::c_int,
    dsr: libc::c_int,
    rng: libc::c_int,
    dcd: libc::c_int,
    rx: libc::c_int,
    tx: libc::c_int,
    frame: libc::c_int,
    overrun: libc::c_int,
    parity: libc::c_int,
    brk: libc::c_int,
    buf_overrun: libc::c_int,
    reserved: [libc::c_int; 9],
}

/// Whether this is a pseudo terminal: major numbers 136 to 143 are the Unix98 slaves.
pub fn is_pty(port: &SerialPort) -> io::Result<bool> {
    let device = rustix::fs::fstat(port.as_fd())?.st_rdev;
    Ok((136..=143).contains(&rustix::fs::major(device)))
}

/// Applies the settings at once (`TCSETS2`): waiting for the output to drain, as the serial crate
/// does, would block for ever on a line that is held back.
pub fn configure(port: &SerialPort, settings: &Settings) -> io::Result<Line> {
    let line = &settings.line;
    if line.stop_bits == StopBits::OneAndHalf && line.data_bits != 5 {
        let message = "1.5 stop bits are possible with 5 data bits only";
        return Err(io::Error::new(io::ErrorKind::Unsupported, message));
    }
    let mut wanted = port.get_configuration()?;
    let termios = wanted.as_termios_mut();
    termios.c_iflag = libc::IGNBRK
        | if line.flow == Flow::XonXoff {
            libc::IXON | libc::IXOFF
        } else {
            0
        };
    termios.c_oflag = 0;
    termios.c_lflag = 0;
    // With VMIN 0 a read of nothing would look like the end of file that an unplugged device gives.
    termios.c_cc[libc::VMIN] = 1;
    termios.c_cc[libc::VTIME] = 0;
    let data_bits = match line.data_bits {
        5 => libc::CS5,
        6 => libc::CS6,
        7 => libc::CS7,
        _ => libc::CS8,
    };
    let parity = match line.parity {
        Parity::None => 0,
        Parity::Even => libc::PARENB,
        Parity::Odd => libc::PARENB | libc::PARODD,
        Parity::Mark => libc::PARENB | libc::CMSPAR | libc::PARODD,
        Parity::Space => libc::PARENB | libc::CMSPAR,
    };
    // CLOCAL: a missing carrier must neither block nor end anything.
    termios.c_cflag = libc::CREAD
        | libc::CLOCAL
        | libc::BOTHER
        | data_bits
        | parity
        | if line.stop_bits == StopBits::One {
            0
        } else {
            libc::CSTOPB
        }
        | if line.flow == Flow::RtsCts {
            libc::CRTSCTS
        } else {
            0
        }
        | if settings.hangup { libc::HUPCL } else { 0 };
    termios.c_ispeed = line.baud;
    termios.c_ospeed = line.baud;
    // SAFETY: the descriptor is open, and TCSETS2 reads one termios2, which this is.
    check(unsafe {
        libc::ioctl(
            port.as_fd().as_raw_fd(),
            libc::TCSETS2 as _,
            &raw const *termios,
        )
    })?;
    actual(port)
}

fn actual(port: &SerialPort) -> io::Result<Line> {
    let configuration = port.get_configuration()?;
    let termios = configuration.as_termios();
    let has = |flag| termios.c_cflag & flag != 0;
    let data_bits = match termios.c_cflag & libc::CSIZE {
        libc::CS5 => 5,
        libc::CS6 => 6,
        libc::CS7 => 7,
        _ => 8,
    };
    Ok(Line {
        baud: termios.c_ospeed,
        data_bits,
        parity: match (has(libc::PARENB), has(libc::CMSPAR), has(libc::PARODD)) {
            (false, ..) => Parity::None,
            (true, false, false) => Parity::Even,
            (true, false, true) => Parity::Odd,
            (true, true, true) => Parity::Mark,
            (true, true, false) => Parity::Space,
        },
        stop_bits: match (has(libc::CSTOPB), data_bits) {
            (false, _) => StopBits::One,
            (true, 5) => StopBits::OneAndHalf,
            (true, _) => StopBits::Two,
        },
        flow: if has(libc::CRTSCTS) {
            Flow::RtsCts
        } else if termios.c_iflag & libc::IXON != 0 {
            Flow::XonXoff
        } else {
            Flow::None
        },
    })
}

/// The driver's counters.
pub fn errors(fd: BorrowedFd<'_>) -> io::Result<Errors> {
    let mut counted = Icounter::default();
    // SAFETY: the descriptor is open, and TIOCGICOUNT writes one such struct.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCGICOUNT, &raw mut counted) })?;
    Ok(Errors {
        framing: counted.frame as u32,
        parity: counted.parity as u32,
        overrun: counted.overrun as u32,
        breaks: counted.brk as u32,
        buffer: counted.buf_overrun as u32,
    })
}
