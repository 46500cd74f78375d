//! The desk: where all who book meet, and from where the ports are told whose they are.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::file::File;
use super::queue::{Place, Queue};
use super::table::{Booking, Table, plus};
use super::{BookingError, Length, Order, order};
use crate::hub::Ports;
use crate::port::Actor;
use crate::record::Time;
use crate::right::Right;

/// So many bookings there may be,
pub const MOST: usize = 500;
/// so many of one account, or of one name where there are no accounts,
pub const MOST_OF_ONE: usize = 100;
/// and so many may wait for one.
pub const MOST_WAITING: usize = 100;

/// Where all who book meet.
pub struct Desk {
    ports: watch::Receiver<Ports>,
    book: Mutex<Book>,
    /// Told when ports may have become free.
    pub changed: watch::Sender<()>,
    file: Option<File>,
    /// Held by whoever writes the file, so that the newest comes last.
    writing: Mutex<()>,
    longest: Duration,
}

/// All bookings, and all who wait.
pub struct Book {
    pub table: Table,
    pub queue: Queue,
}

impl Desk {
    /// One for these ports, with the bookings that there are.
    pub fn new(
        ports: watch::Receiver<Ports>,
        table: Table,
        file: Option<File>,
        longest: Duration,
    ) -> Self {
        Self {
            ports,
            book: Mutex::new(Book {
                table,
                queue: Queue::default(),
            }),
            changed: watch::Sender::new(()),
            file,
            writing: Mutex::default(),
            longest,
        }
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last place in the queue.
    pub fn queue_up(self: &Arc<Self>, order: &Order) -> Result<Place, BookingError> {
        if self.book().queue.len() >= MOST_WAITING {
            return Err(BookingError::TooManyWait);
        }
        Ok(Place::last(self, &order.wanted))
    }

    /// Books it if it can be now; `number` is the place of somebody in the queue.
    pub fn try_book(&self, order: &Order, number: Option<u64>) -> Result<Booking, BookingError> {
        let now = Time::now();
        let (from, until) = order.times(now, self.longest)?;
        let book = &mut *self.book();
        if book.table.all().len() >= MOST {
            return Err(BookingError::TooMany);
        }
        let is_theirs = |known: &&Booking| match &order.account {
            Some(_) => known.account == order.account,
            None => known.booked.by == order.by,
        };
        if book.table.all().iter().filter(is_theirs).count() >= MOST_OF_ONE {
            return Err(BookingError::TooManyOfOne);
        }
        let left = match number {
            Some(number) => book.queue.left_for(number, &order.wanted),
            None => order.wanted.clone(),
        };
        if let Some(ports) = book.table.free(&left, from, until) {
            return Ok(book.table.add(order.booking(ports, from, until)));
        }
        let Some((port, Booking { booked, .. })) = book.table.taken(&order.wanted, from, until)
        else {
            return Err(BookingError::Queued);
        };
        Err(BookingError::Taken {
            port: port.to_owned(),
            by: booked.by.clone(),
            until: booked.until,
            free_from: book.table.free_from(&order.wanted, from, until.0 - from.0),
        })
    }

    /// Lets a booking that the actor may change end at another time.
    pub fn extend(&self, actor: &Actor, id: u64, length: Length) -> Result<Booking, BookingError> {
        let mut book = self.book();
        let from = yours(&book.table, actor, id)?.booked.from.max(Time::now());
        let until = match length {
            Length::For(length) => plus(from, length),
            Length::Until(until) => until,
        };
        order::fits(from, until, self.longest)?;
        if let Some((port, Booking { booked, .. })) = book.table.next_to(id, until) {
            return Err(BookingError::Next {
                port: port.to_owned(),
                by: booked.by.clone(),
                from: booked.from,
            });
        }
        book.table.extend(id, until);
        Ok(yours(&book.table, actor, id)?.clone())
    }

    /// Ends a booking that the actor may change; gives it.
    pub fn end(&self, actor: &Actor, id: u64) -> Result<Booking, BookingError> {
        let mut book = self.book();
        let ended = yours(&book.table, actor, id)?.clone();
        book.table.end(id);
        Ok(ended)
    }

    /// Tells the ports what has changed, and those who wait; and writes it down.
    pub async fn take_effect(self: &Arc<Self>) {
        self.look();
        self.changed.send_replace(());
        // Whoever asked may go away meanwhile.
        let desk = Arc::clone(self);
        let saved = tokio::spawn(async move { desk.save().await });
        saved.await.expect("saving does not panic");
    }

    /// Tells the ports whose they are now. Gives whether some have become free, and when to look again.
    pub fn look(&self) -> (bool, Option<Time>) {
        let now = Time::now();
        let mut book = self.book();
        let ended = book.table.tidy(now);
        let ports = Arc::clone(&self.ports.borrow());
        for port in ports.iter() {
            let (booked, next) = book.table.of(port.name(), now);
            port.set_booked(booked, next);
        }
        (ended, book.table.next_change(now))
    }

    /// Writes the bookings down. Where that fails they end with the server.
    async fn save(self: &Arc<Self>) {
        let desk = Arc::clone(self);
        let write = move || {
            let Some(file) = &desk.file else {
                return;
            };
            let _turn = desk.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let table = desk.book().table.clone();
            if let Err(error) = file.write(&table) {
                let path = file.path().display();
                tracing::warn!("{path}: {error}; bookings will not survive a restart");
            }
        };
        spawn_blocking(write).await.expect("writing does not panic");
    }
}

/// Keeps the ports true: a booking begins and ends by itself, and ports come and go.
pub async fn tend(desk: Arc<Desk>) {
    let (mut ports, mut changed) = (desk.ports.clone(), desk.changed.subscribe());
    loop {
        changed.mark_unchanged();
        ports.mark_unchanged();
        let (ended, next) = desk.look();
        if ended {
            desk.changed.send_replace(());
            desk.save().await;
            continue;
        }
        let time = async {
            match next {
                Some(time) => sleep(time.wait()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = time => {}
            _ = changed.changed() => {}
            listed = ports.changed() => if listed.is_err() {
                return;
            },
        }
    }
}

/// The booking of this number, if the actor may change it. One of ports that the actor may not see is
/// not there.
fn yours<'a>(table: &'a Table, actor: &Actor, id: u64) -> Result<&'a Booking, BookingError> {
    let sees = |port: &String| actor.rights.allow(port, Right::See);
    let booking = table.get(id).filter(|known| known.ports.iter().any(sees));
    let booking = booking.ok_or_else(|| BookingError::Unknown(id.to_string()))?;
    if booking.is_open_to(actor) {
        return Ok(booking);
    }
    let by = booking.booked.by.clone();
    Err(BookingError::NotYours { id, by })
}
