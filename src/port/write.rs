//! Writing: from whoever types to the device, or to the queue in front of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::{Buf, Bytes};
use futures_util::future::{Either, ready};
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

impl Port {
    /// Queues bytes for the device. What comes back ends when the driver has taken them all.
    ///
    /// # Errors
    /// At once if the port is not open or the queue is full; nothing is queued then.
    pub fn write(
        &self,
        actor: &Actor,
        bytes: Bytes,
    ) -> Result<impl Future<Output = Result<Written, PortError>> + use<>, PortError> {
        self.allow(actor, Right::Type)?;
        self.put(actor, bytes)
    }

    /// The same, whoever has the turn: for what a terminal answers by itself, and what stops a machine.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_past_turn(
        &self,
        actor: &Actor,
        bytes: Bytes,
    ) -> Result<impl Future<Output = Result<Written, PortError>> + use<>, PortError> {
        self.permit(actor, Right::Type)?;
        self.put(actor, bytes)
    }

    fn put(
        &self,
        actor: &Actor,
        bytes: Bytes,
    ) -> Result<impl Future<Output = Result<Written, PortError>> + use<>, PortError> {
        self.expect_open()?;
        let full = || PortError::QueueFull {
            name: self.name.clone(),
        };
        let permits = u32::try_from(bytes.len()).map_err(|_| full())?;
        let room = Arc::clone(&self.room)
            .try_acquire_many_owned(permits)
            .map_err(|_| full())?;
        let (ask, writing) = self.hand_over(actor, bytes, room);
        if let Some(ask) = ask {
            self.asks.try_send(ask).map_err(|_| full())?;
        }
        Ok(writing)
    }

    /// The same, but waits for its turn where the queue is full. `bytes` must fit into
    /// [`QUEUE_BYTES`].
    pub async fn write_in_turn(
        &self,
        actor: &Actor,
        bytes: Bytes,
    ) -> Result<impl Future<Output = Result<Written, PortError>> + use<>, PortError> {
        self.allow(actor, Right::Type)?;
        self.expect_open()?;
        let halts = self.halts.load(Ordering::Relaxed);
        let permits = u32::try_from(bytes.len().min(QUEUE_BYTES)).expect("the queue is small");
        let room = Arc::clone(&self.room).acquire_many_owned(permits).await;
        let room = room.expect("the room is never closed");
        if self.halts.load(Ordering::Relaxed) != halts {
            return Err(PortError::Cancelled { written: 0 });
        }
        // What was in the way may have gone because the device did, or because somebody took the turn.
        self.expect_turn(actor)?;
        self.expect_open()?;
        let (ask, writing) = self.hand_over(actor, bytes, room);
        if let Some(ask) = ask {
            self.asks.send(ask).await.map_err(|_| self.not_open())?;
        }
        Ok(writing)
    }

    /// Writes to a device that is idle, as much as it takes at once. Gives what the worker is to do
    /// about it, and what waits for its end.
    fn hand_over(
        &self,
        actor: &Actor,
        mut rest: Bytes,
        room: OwnedSemaphorePermit,
    ) -> (
        Option<Ask>,
        impl Future<Output = Result<Written, PortError>> + use<>,
    ) {
        let has_the_room = self.room.available_permits() + room.num_permits() == QUEUE_BYTES;
        let is_idle = has_the_room && self.asks.capacity() == QUEUE_ASKS;
        let length = if is_idle {
            self.shortcut.write(&rest)
        } else {
            0
        };
        // On one thread nothing can come in between the write and this.
        let taken = (length > 0).then(|| {
            let (time, author) = (Time::now(), Some(&actor.name));
            let offset = self.journal.append(Kind::Tx, time, author, &rest[..length]);
            self.tell(actor, Action::Type, |entry| entry.typed(offset, length));
            Written { offset, length }
        });
        rest.advance(length);
        let (act, writing) = match taken {
            Some(taken) if rest.is_empty() => {
                let is_told = self.shortcut.is_counting() && !self.journal.is_read();
                (
                    (!is_told).then_some(Act::Wrote),
                    Either::Left(ready(Ok(taken))),
                )
            }
            taken => {
                let (reply, answer) = oneshot::channel();
                let job = Job {
                    actor: actor.clone(),
                    taken,
                    rest,
                    room,
                    reply,
                };
                let stopped = self.not_open();
                let answer = async move { answer.await.unwrap_or(Err(stopped)) };
                (Some(Act::Write(job)), Either::Right(answer))
            }
        };
        let ask = act.map(|act| Ask {
            actor: actor.clone(),
            act,
        });
        (ask, writing)
    }
}
