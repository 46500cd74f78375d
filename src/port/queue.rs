//! The queue of writes to one device: whole messages, one behind the other, never mixed.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{Actor, PortError};
use crate::record::Offset;

/// Where a write stands in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The place of its first byte.
    pub offset: Offset,
    /// The number of its bytes.
    pub length: usize,
}

/// One message on its way to the device.
pub(super) struct Job {
    /// Who typed it, and whose connection may cancel it.
    pub actor: Actor,
    /// What the device has taken of it.
    pub taken: Option<Written>,
    /// What it has not taken yet.
    pub rest: Bytes,
    /// Its place in the bounded queue; freed when the job is gone.
    pub room: OwnedSemaphorePermit,
    /// Told how it ended. Nobody may be listening any more.
    pub reply: oneshot::Sender<Result<Written, PortError>>,
}

/// The jobs, in order. Only the first can have been taken in part.
#[derive(Default)]
pub(super) struct Queue {
    jobs: VecDeque<Job>,
}

impl Queue {
    pub(super) fn push(&mut self, job: Job) {
        self.jobs.push_back(job);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// The number of bytes that wait.
    pub(super) fn bytes(&self) -> usize {
        self.jobs.iter().map(|job| job.rest.len()).sum()
    }

    /// What the device is to take next; nothing if the queue is empty.
    pub(super) fn next(&self) -> &[u8] {
        self.jobs.front().map_or(&[], |job| &job.rest)
    }

    /// Who typed what the device takes next.
    pub(super) fn actor(&self) -> Option<&Actor> {
        self.jobs.front().map(|job| &job.actor)
    }

    /// The device took so many bytes of the next, which stand at `offset`.
    pub(super) fn taken(&mut self, bytes: usize, offset: Offset) {
        let Some(job) = self.jobs.front_mut() else {
            return;
        };
        job.rest.advance(bytes);
        let taken = job.taken.get_or_insert(Written { offset, length: 0 });
        taken.length += bytes;
        if job.rest.is_empty() {
            let written = *taken;
            self.end_first(Ok(written));
        }
    }

    /// Throws away what those queued whom `whose` says; returns the number of bytes.
    pub(super) fn cancel(&mut self, whose: impl Fn(&Actor) -> bool, why: &PortError) -> usize {
        let mut thrown = 0;
        for place in (0..self.jobs.len()).rev() {
            if whose(&self.jobs[place].actor) {
                thrown += self.jobs[place].rest.len();
                if place == 0 {
                    let written = self.jobs[place].taken.map_or(0, |taken| taken.length);
                    self.end_first(Err(why.clone().after(written)));
                } else if let Some(job) = self.jobs.remove(place) {
                    drop(job.room);
                    let _: Result<_, _> = job.reply.send(Err(why.clone()));
                }
            }
        }
        thrown
    }

    fn end_first(&mut self, end: Result<Written, PortError>) {
        if let Some(job) = self.jobs.pop_front() {
            // The room first: who was told that it ended may write again at once.
            drop(job.room);
            let _: Result<_, _> = job.reply.send(end);
        }
    }
}
