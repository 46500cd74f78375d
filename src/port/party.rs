//! A party: whose a turn is, whatever connection it comes over.

use std::sync::Arc;

use crate::access::SecretHash;

/// Whose a turn is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Party {
    /// A part of the server itself, which waits for no turn.
    Server,
    /// All that is of one account.
    Account(Arc<str>),
    /// A page or program without one, by a secret of its own.
    Key(SecretHash),
    /// A connection of which nothing else is known.
    Connection(Arc<str>),
}

impl Party {
    /// Whether it is known again on another connection.
    pub(super) fn is_known_again(&self) -> bool {
        matches!(self, Self::Account(_) | Self::Key(_))
    }
}
