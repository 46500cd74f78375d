//! Signals: the system's ways to ask for the end, and the shell's to go on.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end a session, by their numbers.
pub struct Signals([(u8, Signal); 3]);

impl Signals {
    /// Listens from now on.
    pub fn new() -> io::Result<Self> {
        let of = |kind: SignalKind| Ok::<_, io::Error>((kind.as_raw_value() as u8, signal(kind)?));
        Ok(Self([
            of(SignalKind::hangup())?,
            of(SignalKind::interrupt())?,
            of(SignalKind::terminate())?,
        ]))
    }

    /// Waits for one, and gives its number.
    pub async fn next(&mut self) -> u8 {
        let [(one, first), (two, second), (three, third)] = &mut self.0;
        tokio::select! {
            _ = first.recv() => *one,
            _ = second.recv() => *two,
            _ = third.recv() => *three,
        }
    }
}

/// Tells from now on when the program was stopped and goes on.
pub fn continued() -> io::Result<Signal> {
    signal(SignalKind::from_raw(libc::SIGCONT))
}
