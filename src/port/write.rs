//! Writing: from whoever types to the device, or to the queue in front of it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::ask::{Act, Ask};
use super::queue::{Job, Written};
use super::{Actor, Port, PortError};
use crate::audit::Action;
use crate::record::{Kind, Time};
use crate::right::Right;

/// Bytes that may wait to be written, for each port. A write that does not fit is refused whole.
pub const QUEUE_BYTES: usize = 256 * 1024;
/// Requests that may wait for the worker, writes among them.
pub(super) const QUEUE_ASKS: usize = 1024;

/// How a write ends; ready when the driver has taken all of it, or takes no more.
pub enum Writing {
    /// It has taken it.
    Taken(Written),
    /// The worker will say.
    Queued {
        /// What it says,
        answer: oneshot::Receiver<Result<Written, PortError>>,
        /// and what is said where it has gone.
        gone: PortError,
    },
}

impl Future for Writing {
    type Output = Result<Written, PortError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Taken(written) => Poll::Ready(Ok(*written)),
            Self::Queued { answer, gone } => {
                let answer = ready!(Pin::new(answer).poll(context));
                Poll::Ready(answer.unwrap_or_else(|_| Err(gone.clone())))
            }
        }
    }
}

impl Port {
    /// Writes bytes to the device, or queues what it does not take at once.
    ///
    /// # Errors
    /// At once if the port is not open or the queue is full; nothing is written then.
    pub fn write(&self, actor: &Actor, bytes: &[u8]) -> Result<Writing, PortError> {
        self.allow(actor, Right::Type)?;
        self.put(actor, bytes)
    }

    /// Halts, and then writes, whoever has booked the port or has the turn: an emergency stop.
    ///
    /// # Errors
    /// As [`Port::write`].
    pub async fn stop_device(&self, actor: &Actor, bytes: &[u8]) -> Result<Written, PortError> {
        self.permit(actor, Right::Type)?;
        self.halt(actor).await?;
        self.put(actor, bytes)?.await
    }

    /// The same, whoever has the turn: for what a terminal answers by itself.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_past_turn(&self, actor: &Actor, bytes: &[u8]) -> Result<Writing, PortError> {
        self.permit(actor, Right::Type)?;
        self.expect_not_booked(actor)?;
        self.put(actor, bytes)
    }

    fn put(&self, actor: &Actor, bytes: &[u8]) -> Result<Writing, PortError> {
        self.expect_open()?;
        let full = || PortError::QueueFull {
            name: self.name.clone(),
        };
        if bytes.len() > QUEUE_BYTES {
            return Err(full());
        }
        let taken = self.write_at_once(actor, bytes);
        if let Some(written) = taken.filter(|written| written.length == bytes.len()) {
            return Ok(Writing::Taken(written));
        }
        let rest = &bytes[taken.map_or(0, |written| written.length)..];
        let room = Arc::clone(&self.room).try_acquire_many_owned(permits(rest));
        let (job, writing) = self.job(actor, taken, rest, room.map_err(|_| full())?);
        self.asks.try_send(job).map_err(|_| full())?;
        Ok(writing)
    }

    /// The same, but waits for its turn where the queue is full. `bytes` must fit into
    /// [`QUEUE_BYTES`].
    pub async fn write_in_turn(&self, actor: &Actor, bytes: &[u8]) -> Result<Writing, PortError> {
        match self.write(actor, bytes) {
            Err(PortError::QueueFull { .. }) => {}
            done => return done,
        }
        let halts = self.halts.load(Ordering::Relaxed);
        let room = Arc::clone(&self.room)
            .acquire_many_owned(permits(bytes))
            .await;
        let room = room.expect("the room is never closed");
        if self.halts.load(Ordering::Relaxed) != halts {
            return Err(PortError::Cancelled { written: 0 });
        }
        // What was in the way may have gone because the device did, or because somebody took the turn.
        self.expect_own(actor)?;
        self.expect_open()?;
        let (job, writing) = self.job(actor, None, bytes, room);
        self.asks.send(job).await.map_err(|_| self.not_open())?;
        Ok(writing)
    }

    /// Writes to a device that is idle, as much as it takes at once.
    fn write_at_once(&self, actor: &Actor, bytes: &[u8]) -> Option<Written> {
        let is_idle =
            self.room.available_permits() == QUEUE_BYTES && self.asks.capacity() == QUEUE_ASKS;
        let length = if is_idle {
            self.shortcut.write(bytes)
        } else {
            0
        };
        if length == 0 {
            return None;
        }
        // On one thread nothing can come in between the write and this.
        let (time, author) = (Time::now(), Some(&actor.name));
        let offset = self
            .journal
            .append(Kind::Tx, time, author, &bytes[..length]);
        self.tell(actor, Action::Type, |entry| entry.typed(offset, length));
        let is_watched = self.journal.is_watched();
        if !is_watched {
            // The recorder waits for no echo.
            self.journal.publish();
        }
        if is_watched || !self.shortcut.is_counting() {
            let actor = actor.clone();
            // There is room for it, or the port is gone.
            let _: Result<_, _> = self.asks.try_send(Ask {
                actor,
                act: Act::Wrote,
            });
        }
        Some(Written { offset, length })
    }

    /// What the worker is to do about the rest of a write, and what waits for its end.
    fn job(
        &self,
        actor: &Actor,
        taken: Option<Written>,
        rest: &[u8],
        room: OwnedSemaphorePermit,
    ) -> (Ask, Writing) {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            actor: actor.clone(),
            taken,
            rest: Bytes::copy_from_slice(rest),
            room,
            reply,
        };
        let ask = Ask {
            actor: actor.clone(),
            act: Act::Write(job),
        };
        let gone = self.not_open();
        (ask, Writing::Queued { answer, gone })
    }
}

/// The room that bytes take in the queue.
fn permits(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len().min(QUEUE_BYTES)).expect("the queue is small")
}
