//! An exchange: something is written, and the reply is waited for.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::ScriptError;
use super::listener::Listener;
use crate::pattern::{NotAPattern, Pattern};
use crate::port::{Actor, Port};
use crate::wire::talk::{LIMITS, NoBytes, Payload, Reply};
use crate::wire::wish::Expect;

/// How long a reply is waited for where nobody says it, and at most, in milliseconds.
const PATIENCE: u64 = 5000;
const MOST_PATIENCE: u64 = 3_600_000;

/// A line in which something stands; without its end it is the first group. What is left of the
/// end of the line before is none.
const LINE: &str = r"([^\r\n]+)(?:\r\n?|\n)";

/// What is written, and what is waited for.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Without any it is only listened.
    bytes: Bytes,
    until: Pattern,
    patience: Duration,
}

/// Why something is no exchange.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAnExchange {
    #[error(transparent)]
    Bytes(#[from] NoBytes),
    #[error(
        "a write of {0} bytes is too large; send at most {most} at once",
        most = LIMITS.write
    )]
    Large(usize),
    #[error("\"until\": {0}")]
    Until(#[from] NotAPattern),
    #[error("a timeout of {0} ms is not possible; 1 to {MOST_PATIENCE} ms are")]
    Timeout(u64),
}

impl TryFrom<Expect> for Exchange {
    type Error = NotAnExchange;

    fn try_from(wish: Expect) -> Result<Self, NotAnExchange> {
        let bytes = match (wish.text, wish.hex) {
            (None, None) => Vec::new(),
            (text, hex) => Payload { text, hex }.into_bytes()?,
        };
        if bytes.len() > LIMITS.write {
            return Err(NotAnExchange::Large(bytes.len()));
        }
        let ms = wish.timeout.unwrap_or(PATIENCE);
        if !(1..=MOST_PATIENCE).contains(&ms) {
            return Err(NotAnExchange::Timeout(ms));
        }
        Ok(Self {
            bytes: bytes.into(),
            until: Pattern::regex(wish.until.as_deref().unwrap_or(LINE), wish.case)?,
            patience: Duration::from_millis(ms),
        })
    }
}

impl Exchange {
    /// Writes, and gives what comes in from there on, up to the end of the first match. What came
    /// in before the write is no part of the reply, and nothing that came after it is missed.
    ///
    /// # Errors
    /// At once if the port is not open; else if no match comes in time, or none can come any more.
    pub async fn run(self, port: &Port, actor: &Actor) -> Result<Reply, ScriptError> {
        let deadline = Instant::now() + self.patience;
        let from = if self.bytes.is_empty() {
            port.expect_open()?;
            port.journal().reach().head
        } else {
            let written = timeout_at(deadline, port.write(actor, &self.bytes)?).await;
            let held = |_| ScriptError::Held {
                name: port.name().to_owned(),
                ms: self.patience.as_millis() as u64,
            };
            written.map_err(held)??.offset
        };
        let mut listener = Listener::new(port, from);
        let found = timeout_at(deadline, listener.find(&self.until)).await;
        found.unwrap_or_else(|_| Err(listener.timed_out(self.patience)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(change: impl FnOnce(&mut Expect)) -> Result<Exchange, String> {
        let mut wish = Expect::default();
        change(&mut wish);
        Exchange::try_from(wish).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_pattern_a_line_in_which_something_stands_is_waited_for() {
        let exchange = wish(|_| ()).unwrap();
        assert_eq!(exchange.patience, Duration::from_secs(5));
        for (came, line) in [
            ("ok", None),
            ("\n", None),
            ("\r\n\r\n", None),
            ("ok\r", Some(0..2)),
            ("\n\r\nok\r\nthen\n", Some(3..5)),
            ("a b\n", Some(0..3)),
        ] {
            let groups = exchange.until.groups(came.as_bytes());
            assert_eq!(
                groups.and_then(|groups| groups[1].clone()),
                line,
                "{came:?}"
            );
        }
    }

    #[test]
    fn what_is_no_exchange_is_told_with_what_is_one() {
        let text = |text: &str| Some(text.to_owned());
        let both = wish(|wish| (wish.text, wish.hex) = (text("a"), text("61"))).unwrap_err();
        assert!(both.contains("either"), "{both}");
        let long = wish(|wish| wish.text = text(&"x".repeat(LIMITS.write + 1))).unwrap_err();
        assert!(long.contains("65536"), "{long}");
        for ms in [0, MOST_PATIENCE + 1, u64::MAX] {
            let error = wish(|wish| wish.timeout = Some(ms)).unwrap_err();
            assert!(error.contains("1 to 3600000"), "{error}");
        }
        for (until, named) in [("", "nothing to look for"), ("a(", "character 2")] {
            let error = wish(|wish| wish.until = text(until)).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
