//! Program: something that has the terminal to itself until it ends.

use std::time::Duration;

use super::clock::Clock;
use super::keys::Key;

/// Whether a program goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Running,
    Ended,
}

/// A program in the foreground of the shell.
pub trait Program {
    /// Takes a key.
    fn press(&mut self, clock: &Clock, key: Key, text: &mut String) -> Status;

    /// Does what is due.
    fn tick(&mut self, clock: &Clock, text: &mut String) -> Status;

    /// The uptime at which `tick` is wanted.
    fn due(&self) -> Duration;

    /// The keys that were not for the program, in order: the shell gets them when the program has ended.
    fn typed_ahead(&mut self) -> Vec<Key> {
        Vec::new()
    }
}
