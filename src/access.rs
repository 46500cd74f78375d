//! Access: who comes in, and with what rights. Every door asks here, and nowhere else.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::right::Rights;

/// Somebody who was let in: a person, a program with a token, or whoever is at the machine.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// What others see; none where nobody was asked for a name.
    pub name: Option<Arc<str>>,
    /// What may be done.
    pub rights: Rights,
    /// Cancelled when what let the visitor in counts no more: signed out, expired, revoked, or given
    /// other rights. Whatever is open then ends, and may come again.
    pub ended: CancellationToken,
}

impl Visitor {
    /// Whoever is at the machine of a server without accounts, and may do everything.
    pub fn at_home() -> Self {
        Self {
            name: None,
            rights: Rights::all(),
            ended: CancellationToken::new(),
        }
    }

    /// What others see where the visitor calls itself something. Who is signed in keeps the name of
    /// the account beside it, so that nobody passes for somebody else.
    pub fn called(&self, chosen: &str) -> String {
        match self.name.as_deref() {
            Some(name) if name != chosen => format!("{name} ({chosen})"),
            _ => chosen.to_owned(),
        }
    }
}
