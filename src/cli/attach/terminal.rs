//! The terminal that a person sits at: in raw mode while this lives, and as it was whenever it ends.

use std::io::{self, IsTerminal, stdin, stdout};
use std::panic;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcsetattr,
};

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

    /// Takes it again, if somebody else has changed it.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn resume(&self) -> io::Result<()> {
        let found = tcgetattr(stdin())?;
        let mut raw = found.clone();
        raw.make_raw();
        let mut before = before();
        if before.is_some() && modes(&found) == modes(&raw) {
            return Ok(());
        }
        *before = Some(found);
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
}

/// What makes a terminal raw.
fn modes(termios: &Termios) -> (InputModes, OutputModes, LocalModes) {
    (
        termios.input_modes,
        termios.output_modes,
        termios.local_modes,
    )
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

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::{Command, Stdio};

    use rustix::fs::{Mode, OFlags};
    use seriald::pty::Pty;

    use super::*;

    const PANICKING: &str = "SERIALD_TEST_PANICKING";

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_told() {
        // The hook and the terminal are the whole process's, so this runs once more in one of its own.
        if env::var_os(PANICKING).is_some() {
            std::mem::forget(Raw::enter().unwrap());
            let now = tcgetattr(stdin()).unwrap();
            let is_raw = !now.local_modes.contains(LocalModes::ICANON);
            panic!("{}", if is_raw { "as planned" } else { "not raw" });
        }
        let pty = Pty::open().unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let end = rustix::fs::open(pty.path(), flags, Mode::empty()).unwrap();
        let mut cooked = tcgetattr(&end).unwrap();
        cooked.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        cooked.output_modes |= OutputModes::OPOST;
        tcsetattr(&end, OptionalActions::Now, &cooked).unwrap();
        let name = "a_panic_gives_the_terminal_back_before_it_is_told";
        let ran = Command::new(env::current_exe().unwrap())
            .args([&format!("cli::attach::terminal::tests::{name}"), "--exact"])
            .arg("--nocapture")
            .env(PANICKING, "yes")
            .stdin(Stdio::from(end.try_clone().unwrap()))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ran.stderr);
        assert!(told.contains("as planned"), "{told}");
        assert_eq!(modes(&tcgetattr(&end).unwrap()), modes(&cooked));
    }
}
