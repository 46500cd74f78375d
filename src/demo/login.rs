//! Login: a machine with a serial console, from its boot log to a shell.

mod boot;
mod calendar;
mod clock;
mod colors;
mod complete;
mod editor;
mod files;
mod keys;
mod program;
mod shell;
mod terminal_size;
mod top;

use std::time::Duration;

use self::boot::{Boot, Shutdown};
use self::clock::Clock;
use self::editor::{Edit, LineEditor};
use self::keys::{Key, Keys};
use self::shell::{Leave, Shell};
use super::device::Device;
use super::output::Output;

const HOST: &str = "demo";
const USER: &str = "root";
const HINT: &str = "Log in as \x1b[1mroot\x1b[0m with any password.";

/// The machine does nothing by itself while this much waits for a slow line.
const BACKLOG: usize = 4096;

/// What the machine is doing.
enum Phase {
    Boot(Boot),
    Name(LineEditor),
    Password { name: String, editor: LineEditor },
    Shell(Box<Shell>),
    Shutdown(Shutdown),
}

/// The machine.
pub struct Login {
    clock: Clock,
    keys: Keys,
    phase: Phase,
}

impl Login {
    /// A machine powered on at `wall` (since the epoch).
    pub fn new(wall: Duration) -> Self {
        Login {
            clock: Clock::new(wall),
            keys: Keys::default(),
            phase: Phase::Boot(Boot::default()),
        }
    }

    fn press(&mut self, key: Key, text: &mut String) {
        match &mut self.phase {
            // Nobody reads the line yet.
            Phase::Boot(_) | Phase::Shutdown(_) => {}
            Phase::Name(editor) => match editor.press(key, text) {
                Some(Edit::Line(name)) if name.trim().is_empty() => self.ask_name(text),
                Some(Edit::Line(name)) => {
                    text.push_str("Password: ");
                    let name = name.trim().to_owned();
                    self.phase = Phase::Password {
                        name,
                        editor: LineEditor::hidden(),
                    };
                }
                Some(Edit::Interrupt | Edit::End) => self.greet(text),
                _ => {}
            },
            Phase::Password { name, editor } => match editor.press(key, text) {
                Some(Edit::Line(_)) if name == USER => {
                    let shell = Box::new(Shell::new());
                    shell.greet(&self.clock, text);
                    self.phase = Phase::Shell(shell);
                }
                Some(Edit::Line(_)) => {
                    text.push_str(&format!("Login incorrect. {HINT}\n\n"));
                    self.ask_name(text);
                }
                Some(Edit::Interrupt | Edit::End) => self.greet(text),
                _ => {}
            },
            Phase::Shell(shell) => {
                let left = shell.press(&self.clock, key, text);
                self.leave(left, text);
            }
        }
    }

    fn leave(&mut self, left: Option<Leave>, text: &mut String) {
        match left {
            None => {}
            Some(Leave::Logout) => self.greet(text),
            Some(Leave::Reboot) => self.phase = Phase::Shutdown(Shutdown::new(self.clock.uptime())),
        }
    }

    fn greet(&mut self, text: &mut String) {
        text.push_str(&format!(
            "\nseriald demo machine, console ttyS0\n{HINT}\n\n"
        ));
        self.ask_name(text);
    }

    fn ask_name(&mut self, text: &mut String) {
        text.push_str(&format!("{HOST} login: "));
        self.phase = Phase::Name(LineEditor::new());
    }

    /// Sends text as a terminal driver does: a line feed takes the carriage back.
    fn send(text: &str, out: &mut Output) {
        for line in text.split_inclusive('\n') {
            out.send(line.replace('\n', "\r\n"));
        }
    }
}

impl Device for Login {
    fn input(&mut self, now: Duration, bytes: &[u8], out: &mut Output) {
        self.clock.set(now);
        let mut text = String::new();
        for &byte in bytes {
            if let Some(key) = self.keys.push(byte) {
                self.press(key, &mut text);
            }
        }
        Self::send(&text, out);
    }

    fn tick(&mut self, now: Duration, out: &mut Output) {
        self.clock.set(now);
        if out.pending() > BACKLOG {
            return;
        }
        let mut text = String::new();
        match &mut self.phase {
            Phase::Name(_) | Phase::Password { .. } => {}
            Phase::Boot(boot) => {
                if boot.tick(self.clock.uptime(), &mut text) {
                    self.greet(&mut text);
                }
            }
            Phase::Shell(shell) => {
                let left = shell.tick(&self.clock, &mut text);
                self.leave(left, &mut text);
            }
            Phase::Shutdown(shutdown) => {
                if shutdown.tick(self.clock.uptime(), &mut text) {
                    self.clock.reboot();
                    self.phase = Phase::Boot(Boot::default());
                }
            }
        }
        Self::send(&text, out);
    }

    fn due(&self) -> Option<Duration> {
        let uptime = match &self.phase {
            Phase::Name(_) | Phase::Password { .. } => None,
            Phase::Boot(boot) => Some(boot.due()),
            Phase::Shell(shell) => shell.due(),
            Phase::Shutdown(shutdown) => Some(shutdown.due()),
        };
        uptime.map(|uptime| self.clock.powered_for(uptime))
    }
}

#[cfg(test)]
mod tests;
