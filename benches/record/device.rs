//! Devices: what they say, and how fast.

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::pty::Pty;

/// What one write offers.
const WRITE: usize = 4096;

/// How a device speaks.
#[derive(Clone, Copy)]
pub struct Pace {
    /// So many bytes,
    pub bytes: usize,
    /// so often.
    pub every: Duration,
}

impl Pace {
    /// A sensor: a short line twice a second.
    pub const SENSOR: Self = Self::new(20, 500);
    /// 115200 baud, and how often a USB adapter hands over what came.
    pub const BUSY: Self = Self::new(58, 5);
    /// 921600 baud.
    pub const FAST: Self = Self::new(460, 5);

    const fn new(bytes: usize, ms: u64) -> Self {
        Self {
            bytes,
            every: Duration::from_millis(ms),
        }
    }

    /// So many MB a second.
    pub fn flood(mb: usize) -> Self {
        Self::new(mb * 5000, 5)
    }
}

/// Devices that all say the same.
pub fn say(ptys: &[Pty], said: &[u8], pace: Pace, length: Duration) -> io::Result<Duration> {
    let begun = Instant::now();
    // The lines of real adapters do not beat together.
    let step = pace.every / ptys.len() as u32;
    let times = (length.as_nanos() / pace.every.as_nanos()) as usize;
    for time in 0..times {
        for (place, pty) in ptys.iter().enumerate() {
            let due = begun + pace.every * time as u32 + step * place as u32;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            say_all(pty, said, time * pace.bytes, pace.bytes)?;
        }
    }
    Ok(begun.elapsed())
}

/// Says the bytes from `from` on of what repeats for ever.
fn say_all(pty: &Pty, said: &[u8], mut from: usize, mut length: usize) -> io::Result<()> {
    let give_up = Timespec {
        tv_sec: 10,
        tv_nsec: 0,
    };
    while length > 0 {
        let at = from % said.len();
        let end = said.len().min(at + length.min(WRITE));
        let written = pty.write(&said[at..end]);
        if written == 0 && poll(&mut [PollFd::new(pty, PollFlags::OUT)], Some(&give_up))? == 0 {
            return Err(io::Error::other("the server does not read the device"));
        }
        (from, length) = (from + written, length - written);
    }
    Ok(())
}

/// Bytes in which any that is lost, doubled or moved is seen.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}
