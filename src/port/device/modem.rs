//! The modem lines, read and set in one call each, as Unix has them.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::state::Lines;

/// What a system call says by returning −1.
pub fn check(result: libc::c_int) -> io::Result<()> {
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn bits(fd: BorrowedFd<'_>) -> io::Result<libc::c_int> {
    let mut bits = 0;
    // SAFETY: the descriptor is open, and TIOCMGET writes one int.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCMGET, &raw mut bits) })?;
    Ok(bits)
}

/// All lines. An error where the device has none.
pub fn lines(fd: BorrowedFd<'_>) -> io::Result<Lines> {
    let bits = bits(fd)?;
    let has = |bit| bits & bit != 0;
    Ok(Lines {
        dtr: has(libc::TIOCM_DTR),
        rts: has(libc::TIOCM_RTS),
        cts: has(libc::TIOCM_CTS),
        dsr: has(libc::TIOCM_DSR),
        dcd: has(libc::TIOCM_CAR),
        ri: has(libc::TIOCM_RNG),
    })
}

/// Sets both lines in one call, so that a reset circuit never sees the state between.
pub fn set_lines(fd: BorrowedFd<'_>, dtr: Option<bool>, rts: Option<bool>) -> io::Result<()> {
    let mut bits = bits(fd)?;
    for (wish, bit) in [(dtr, libc::TIOCM_DTR), (rts, libc::TIOCM_RTS)] {
        match wish {
            Some(true) => bits |= bit,
            Some(false) => bits &= !bit,
            None => {}
        }
    }
    // SAFETY: the descriptor is open, and TIOCMSET reads one int.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCMSET, &raw const bits) })
}
