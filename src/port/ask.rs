//! An ask: what a port's worker is to do, by whom, and where the answer goes.

use std::time::Duration;

use tokio::sync::oneshot;

use super::queue::Job;
use super::{Actor, Party, PortError};
use crate::pulse::Pulse;
use crate::settings::{Change, Line};

/// Takes the answer. Who asked may have left by then; that changes nothing for the port.
pub(super) type Reply<T> = oneshot::Sender<Result<T, PortError>>;

/// What the worker is asked to do, and by whom.
pub(super) struct Ask {
    pub actor: Actor,
    pub act: Act,
}

pub(super) enum Act {
    Write(Job),
    /// Throws away what waits to be written: what the actor's connection wrote, or a party.
    Cancel(Option<Party>, Reply<()>),
    /// Throws away all that waits to be written, because so many runs were ended; gives how much.
    Halt(usize, Reply<usize>),
    Open(Reply<()>),
    Release(Reply<()>),
    Set(Change, Reply<Option<Line>>),
    Lines(Option<bool>, Option<bool>, Reply<()>),
    Break(Duration, Reply<()>),
    /// Begins or ends a BREAK of no known length.
    SetBreak(bool, Reply<()>),
    Pulse(Pulse, String, Reply<()>),
    /// Something was written past the worker.
    Wrote,
    /// Somebody came to watch.
    Look,
}
