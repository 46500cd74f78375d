//! Replies: what the terminal types by itself, told from what the person types.

use std::time::Duration;

use seriald::terminal::queries::is_answer;
use seriald::terminal::sequences::{Piece, Sequences};
use tokio::time::Instant;

/// A terminal answers at once; over a slow line it may take so long.
const PATIENCE: Duration = Duration::from_secs(1);
/// A sequence comes in one piece, or nearly; ESC alone is a key.
const TOGETHER: Duration = Duration::from_millis(50);

/// Waits for a terminal's answers after it was shown queries.
#[derive(Debug, Default)]
pub struct Replies {
    /// Until then answers may come.
    until: Option<Instant>,
    sequences: Sequences,
    /// When what is held back is taken for keys.
    flush: Option<Instant>,
}

/// What came from the terminal.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Its own answers.
    pub answers: Vec<u8>,
    /// Keys.
    pub keys: Vec<u8>,
}

impl Replies {
    /// The terminal was shown a query.
    pub fn expect(&mut self, now: Instant) {
        self.until = Some(now + PATIENCE);
    }

    /// When [`flush`](Self::flush) is due.
    pub fn due(&self) -> Option<Instant> {
        self.flush
    }

    /// Takes what the terminal sent.
    pub fn take(&mut self, bytes: &[u8], now: Instant) -> Heard {
        let mut heard = Heard::default();
        if self.until.is_none_or(|until| until < now) {
            heard.keys = self.flush();
            heard.keys.extend_from_slice(bytes);
            return heard;
        }
        self.sequences.take(bytes, |piece| match piece {
            Piece::Sequence(bytes) if is_answer(bytes) => heard.answers.extend_from_slice(bytes),
            Piece::Plain(bytes) | Piece::Sequence(bytes) => heard.keys.extend_from_slice(bytes),
        });
        self.flush = self.sequences.is_holding().then(|| now + TOGETHER);
        heard
    }

    /// What is held back: keys after all.
    pub fn flush(&mut self) -> Vec<u8> {
        let mut keys = Vec::new();
        self.sequences.finish(|piece| {
            let (Piece::Plain(bytes) | Piece::Sequence(bytes)) = piece;
            keys.extend_from_slice(bytes);
        });
        self.flush = None;
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(answers: &[u8], keys: &[u8]) -> Heard {
        Heard {
            answers: answers.to_vec(),
            keys: keys.to_vec(),
        }
    }

    #[test]
    fn an_answer_is_one_only_where_something_was_asked() {
        let (now, mut replies) = (Instant::now(), Replies::default());
        let report = b"\x1b[1;2R";
        assert_eq!(replies.take(report, now), heard(b"", report), "Shift-F3");
        replies.expect(now);
        assert_eq!(replies.take(b"l\x1b[1;2Rs", now), heard(report, b"ls"));
        let late = now + 2 * PATIENCE;
        assert_eq!(replies.take(report, late), heard(b"", report));
    }

    #[test]
    fn a_key_that_could_begin_an_answer_is_not_kept_for_long() {
        let (now, mut replies) = (Instant::now(), Replies::default());
        replies.expect(now);
        assert_eq!(replies.take(b"\x1b", now), heard(b"", b""));
        assert_eq!(replies.due(), Some(now + TOGETHER));
        assert_eq!(replies.flush(), b"\x1b");
        assert_eq!(replies.due(), None);
        assert_eq!(replies.take(b"\x1b[1", now), heard(b"", b""));
        assert_eq!(replies.take(b";2R", now), heard(b"\x1b[1;2R", b""));
    }
}
