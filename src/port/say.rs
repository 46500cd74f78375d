//! What people say to all who watch a port, and how fast.

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::{Actor, Port, PortError};
use crate::audit::Action;
use crate::record::{Note, Offset, What};
use crate::right::Right;

/// The longest line, in characters.
const LENGTH: usize = 500;
/// So many lines may be said,
const LINES: usize = 10;
/// within so long: what is said stands in the journal for ever.
const WITHIN: Duration = Duration::from_secs(10);

/// A text that cannot be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is said is one line of 1 to {LENGTH} characters, without control characters")]
pub struct NotALine;

/// When the last lines were said.
#[derive(Debug, Default)]
pub(super) struct Pauses(VecDeque<Instant>);

impl Pauses {
    /// Takes one more line, or gives how long there is no room for one.
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if self.0.len() == LINES {
            let past = now.duration_since(self.0[0]);
            if past < WITHIN {
                return Err(WITHIN - past);
            }
            self.0.pop_front();
        }
        self.0.push_back(now);
        Ok(())
    }
}

impl Port {
    /// Says a line to all who watch, whoever has the turn; returns where the Note stands. Who may only
    /// see leaves nothing in a journal, and so says nothing.
    ///
    /// # Errors
    /// If the actor may not type here, this is no line, or much was said just now.
    pub fn say(&self, actor: &Actor, text: String) -> Result<Offset, PortError> {
        self.permit(actor, Right::Type)?;
        let length = text.chars().count();
        if text.trim().is_empty() || length > LENGTH || text.chars().any(char::is_control) {
            return Err(NotALine.into());
        }
        let taken = {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            said.take(Instant::now())
        };
        taken.map_err(|wait| PortError::TooMuchSaid {
            name: self.name.clone(),
            seconds: wait.as_secs() + 1,
        })?;
        Ok(self.note_by(actor, Action::Say, Note::new(What::Said, text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_lines_are_said_in_ten_seconds_and_no_more() {
        let (start, mut said) = (Instant::now(), Pauses::default());
        for second in 0..10 {
            assert_eq!(said.take(start + Duration::from_secs(second) / 2), Ok(()));
        }
        let soon = start + Duration::from_secs(5);
        assert_eq!(said.take(soon), Err(Duration::from_secs(5)));
        assert_eq!(said.take(start + WITHIN), Ok(()));
        assert!(said.take(start + WITHIN).is_err());
    }
}
