//! Booking: ports that are somebody's for a time. A **booking** is of some ports, all or none of them;
//! others see what passes over these and do nothing there. The **queue** has those who wait for ports.

mod desk;
mod error;
mod file;
mod order;
mod queue;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

pub use error::BookingError;
pub use order::{Length, Order};
pub use table::{Booking, Wanted};

use crate::audit::{Action, Audit, Entry, Outcome};
use crate::clock::minute;
use crate::hub::Hub;
use crate::port::Actor;
use crate::right::Right;
use desk::{Desk, tend};
use file::File;

/// All bookings, and the ports that are told of them.
pub struct Bookings {
    desk: Arc<Desk>,
    tending: AbortHandle,
    audit: Audit,
}

impl Bookings {
    /// Takes up the bookings that are kept in the data folder; without one they end with the server. None
    /// may be longer than `longest`.
    ///
    /// # Errors
    /// If the file of bookings cannot be read.
    pub fn start(
        hub: &Hub,
        data: Option<&Path>,
        longest: Duration,
        audit: Audit,
    ) -> anyhow::Result<Arc<Self>> {
        let file = data.map(File::within);
        let table = file.as_ref().map(File::read).transpose()?;
        let table = table.unwrap_or_default();
        let desk = Arc::new(Desk::new(hub.watch(), table, file, longest));
        // Before anybody comes in.
        desk.look();
        let tending = tokio::spawn(tend(Arc::clone(&desk))).abort_handle();
        Ok(Arc::new(Self {
            desk,
            tending,
            audit,
        }))
    }

    /// All that have not ended, in the order in which they were made.
    pub fn list(&self) -> Vec<Booking> {
        self.desk.book().table.all().to_vec()
    }

    /// Books what an order wants, which the actor may type on. Where it is taken, and the order says no
    /// time, waits so long for it, behind those who wait already.
    ///
    /// # Errors
    /// If it is taken, or cannot be booked.
    pub async fn book(
        &self,
        actor: &Actor,
        order: Order,
        wait: Duration,
    ) -> Result<Booking, BookingError> {
        let deadline = Instant::now() + wait;
        let mut changed = self.desk.changed.subscribe();
        let place = match order.from {
            None => Some(self.desk.queue_up(&order)?),
            Some(_) => None,
        };
        let number = place.as_ref().map(|place| place.number);
        let booked = loop {
            changed.mark_unchanged();
            match self.desk.try_book(&order, number) {
                Err(BookingError::Taken { .. } | BookingError::Queued)
                    if place.is_some() && Instant::now() < deadline => {}
                done => break done,
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = sleep_until(deadline) => {}
            }
        };
        drop(place);
        if booked.is_ok() {
            self.desk.take_effect().await;
        }
        self.told(actor, booked, |Booking { ports, booked, .. }| {
            let (from, until) = (minute(booked.from), minute(booked.until));
            let (ports, by) = (ports.join(", "), &booked.by);
            format!("{}: {ports} for {by}, from {from} until {until}", booked.id)
        })
    }

    /// Lets a booking end at another time, of somebody who may change it.
    ///
    /// # Errors
    /// If there is none of this number, it is somebody else's, or it cannot end then.
    pub async fn extend(
        &self,
        actor: &Actor,
        id: u64,
        length: Length,
    ) -> Result<Booking, BookingError> {
        let extended = self.desk.extend(actor, id, length);
        if extended.is_ok() {
            self.desk.take_effect().await;
        }
        self.told(actor, extended, |Booking { booked, .. }| {
            format!(
                "{id}: {}'s goes on until {}",
                booked.by,
                minute(booked.until)
            )
        })
    }

    /// Ends a booking of somebody who may change it.
    ///
    /// # Errors
    /// If there is none of this number, or it is somebody else's.
    pub async fn end(&self, actor: &Actor, id: u64) -> Result<(), BookingError> {
        let ended = self.desk.end(actor, id);
        if ended.is_ok() {
            self.desk.take_effect().await;
        }
        let ended = self.told(actor, ended, |Booking { booked, .. }| {
            format!("{id}: {}'s was ended", booked.by)
        });
        ended.map(drop)
    }

    /// Tells the audit what was done, or why not.
    fn told(
        &self,
        actor: &Actor,
        done: Result<Booking, BookingError>,
        what: impl FnOnce(&Booking) -> String,
    ) -> Result<Booking, BookingError> {
        self.audit.tell(|| {
            let (outcome, detail) = match &done {
                Ok(done) => (Outcome::Done, what(done)),
                Err(why) => (Outcome::Refused, why.to_string()),
            };
            Entry {
                outcome,
                detail: Some(detail),
                ..actor.entry(Action::Book)
            }
        });
        done
    }
}

impl Drop for Bookings {
    fn drop(&mut self) {
        self.tending.abort();
    }
}

impl Booking {
    /// Whether an actor may change it: one of its account who may type on its ports still, or who
    /// administers them. Without accounts everybody does.
    pub fn is_open_to(&self, actor: &Actor) -> bool {
        let allows = |right| {
            self.ports
                .iter()
                .all(|port| actor.rights.allow(port, right))
        };
        let of_account =
            self.account.is_some() && self.account.as_deref() == actor.account.as_deref();
        let owns = of_account || *actor.name == *self.booked.by;
        owns && allows(Right::Type) || allows(Right::Administer)
    }
}
