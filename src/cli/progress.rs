//! Progress: how far a command is, in one line that is written over.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// How often the line changes.
const EVERY: Duration = Duration::from_millis(200);

/// The line, where there is a terminal to show it.
pub struct Progress {
    of: u64,
    next: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// A way of `of` bytes. It is shown if people watch stderr, and `free` says that nothing else
    /// goes to the same terminal.
    pub fn new(of: u64, free: bool) -> Self {
        let next = (free && stderr().is_terminal()).then(|| Instant::now() + EVERY);
        Self {
            of,
            next,
            shown: false,
        }
    }

    /// Tells how many bytes are done.
    pub fn at(&mut self, done: u64) {
        if self.next.is_none_or(|next| Instant::now() < next) {
            return;
        }
        self.next = Some(Instant::now() + EVERY);
        self.shown = true;
        let percent = done.saturating_mul(100) / self.of.max(1);
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let (done, of) = (mebibytes(done), mebibytes(self.of));
        // Who cannot be told does not need to know.
        let _: std::io::Result<()> = write!(stderr(), "\r{percent:3} %  {done:.1} of {of:.1} MiB ");
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _: std::io::Result<()> = write!(stderr(), "\r\x1b[K");
        }
    }
}
