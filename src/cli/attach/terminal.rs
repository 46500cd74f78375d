//! The terminal that a person sits at: in raw mode while this lives, and as it was whenever it ends.

use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::panic;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// How the terminal was, while it is otherwise.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

fn before() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal in raw mode.
pub struct Raw(());

impl Raw {
    /// Takes the terminal that stdin is. A panic gives it back before it is told.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn enter() -> io::Result<Self> {
        let raw = Self(());
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panicked| {
            leave();
            hook(panicked);
        }));
        raw.resume()?;
        Ok(raw)
    }

    /// Gives the terminal back for a while.
    pub fn pause(&self) {
        leave();
    }

    /// Takes it again.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn resume(&self) -> io::Result<()> {
        let found = tcgetattr(stdin())?;
        let mut raw = found.clone();
        raw.make_raw();
        *before() = Some(found);
        // Without waiting for what is not shown yet: it may be held back.
        Ok(tcsetattr(stdin(), OptionalActions::Now, &raw)?)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        leave();
    }
}

fn leave() {
    if let Some(found) = before().take() {
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &found);
    }
    let _: io::Result<()> = stdout().flush();
}

/// Whether a person types, and whether one looks on.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// stdin is a terminal.
    pub typed: bool,
    /// stdout is one.
    pub shown: bool,
    /// stderr is one.
    pub talk: bool,
}

impl Ends {
    /// Those of this process.
    pub fn here() -> Self {
        Self {
            typed: stdin().is_terminal(),
            shown: stdout().is_terminal(),
            talk: io::stderr().is_terminal(),
        }
    }
}
