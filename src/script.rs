//! Scripts: things done on a port one after the other, where the next may depend on what the device
//! says. An exchange writes and waits for the reply; a macro takes steps.

mod exchange;
mod listener;
mod macros;

pub use exchange::{Exchange, NotAnExchange};
pub use macros::{Macro, MacroError, Taken};

use crate::port::PortError;
use crate::record::Gap;

/// The most that is waited through for one match, in bytes.
pub const MOST: usize = 1024 * 1024;

/// Why something was not done to its end. `text` is what came in meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ScriptError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(
        "{name} did not take what was written within {ms} ms: it waits in the queue, and may be cancelled"
    )]
    Held { name: String, ms: u64 },
    #[error("nothing that matches came in from {name} within {ms} ms")]
    Timeout { name: String, ms: u64, text: String },
    #[error("the device of {name} went away before anything that matches came in")]
    Gone { name: String, text: String },
    #[error(
        "{MOST} bytes came in from {name} and nothing in them matches, or it is too long to be told; \
         wait for something that comes earlier"
    )]
    TooMuch { name: String },
    #[error("{name} sent faster than it could be looked through: {gap}")]
    Missed { name: String, gap: Gap },
}
