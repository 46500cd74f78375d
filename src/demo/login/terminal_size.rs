//! Terminal size: asks the terminal for its size, and counts who answers.
//!
//! A serial line does not tell the size of a terminal. So the cursor is sent further than any terminal
//! goes, and the terminal is asked where it stopped. Of several that watch, one alone must answer.

use std::time::Duration;

use super::clock::Clock;
use super::keys::Key;
use super::program::{Program, Status};

/// Keeps the cursor, goes far away, asks for the place and comes back.
pub const ASK: &str = "\x1b7\x1b[999;999H\x1b[6n\x1b8";

const FIRST_ANSWER: Duration = Duration::from_secs(2);
/// How long a second terminal has, after the first.
const FURTHER_ANSWERS: Duration = Duration::from_millis(400);
const MOST_AHEAD: usize = 1024;

/// The program `size`.
pub struct TerminalSize {
    due: Duration,
    answers: Vec<(u16, u16)>,
    ahead: Vec<Key>,
}

impl TerminalSize {
    /// Asks.
    pub fn new(clock: &Clock, text: &mut String) -> Self {
        text.push_str(ASK);
        TerminalSize {
            due: clock.uptime() + FIRST_ANSWER,
            answers: Vec::new(),
            ahead: Vec::new(),
        }
    }

    fn report(&self) -> String {
        match self.answers[..] {
            [] => "no terminal answered within 2 s: none is watching, or none may type".into(),
            [(rows, columns)] => {
                format!("{rows} rows, {columns} columns: exactly one terminal answered")
            }
            _ => format!(
                "{} terminals answered: {:?}",
                self.answers.len(),
                self.answers
            ),
        }
    }
}

impl Program for TerminalSize {
    fn press(&mut self, clock: &Clock, key: Key, text: &mut String) -> Status {
        match key {
            Key::CursorAt { row, column } => {
                if self.answers.is_empty() {
                    self.due = clock.uptime() + FURTHER_ANSWERS;
                }
                if self.answers.len() < MOST_AHEAD {
                    self.answers.push((row, column));
                }
            }
            Key::Ctrl('c') => {
                text.push_str("^C\n");
                self.ahead.clear();
                return Status::Ended;
            }
            _ if self.ahead.len() < MOST_AHEAD => self.ahead.push(key),
            _ => {}
        }
        Status::Running
    }

    fn tick(&mut self, clock: &Clock, text: &mut String) -> Status {
        if clock.uptime() < self.due {
            return Status::Running;
        }
        text.push_str(&self.report());
        text.push('\n');
        Status::Ended
    }

    fn due(&self) -> Duration {
        self.due
    }

    fn typed_ahead(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.ahead)
    }
}
