//! Talk: the JSON text messages of `/api/v1/socket`, both ways.

mod refusal;
mod request;
mod say;

use serde::Serialize;

pub use refusal::{Code, Refusal};
pub use request::{Ask, From, NoBytes, Payload, Request, Subscribe};
pub use say::{Alert, Answer, Page, Panel, Reply, Say};

/// What a client must stay below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Bytes in one message from a client.
    pub message: usize,
    /// Bytes in one write.
    pub write: usize,
    /// Subscriptions on one connection.
    pub subscriptions: usize,
}

/// The limits of this version.
pub const LIMITS: Limits = Limits {
    message: 1 << 20,
    write: 64 * 1024,
    subscriptions: 256,
};
