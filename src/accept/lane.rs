//! A lane: one connection as it is counted, from the first byte to the last. It has a seat of its
//! address's, later one of an account's, and takes part in what both may send and receive.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::bandwidth::{Bandwidth, Share};
use super::{Seat, Seats};

/// A connection as it is counted.
pub struct Lane {
    bandwidth: Arc<Bandwidth>,
    of_address: Option<Arc<Share>>,
    account: Mutex<Option<Account>>,
    /// Whether anything is paid for. Where nothing is, a byte meets only this.
    is_limited: AtomicBool,
    _seat: Seat,
}

/// Whose the connection is.
struct Account {
    seat: Seat<Arc<str>>,
    share: Option<Arc<Share>>,
}

impl Lane {
    /// That of a connection with this seat.
    pub fn new(seat: Seat, bandwidth: &Arc<Bandwidth>) -> Arc<Self> {
        let of_address = bandwidth.of_address(seat.key);
        Arc::new(Self {
            bandwidth: Arc::clone(bandwidth),
            is_limited: AtomicBool::new(of_address.is_some()),
            of_address,
            account: Mutex::default(),
            _seat: seat,
        })
    }

    /// Counts the connection for an account from now on, if that has one of these seats left.
    pub fn belong(&self, name: &Arc<str>, seats: &Arc<Seats<Arc<str>>>) -> bool {
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*account
            && known.seat.key == *name
        {
            return true;
        }
        let Some(seat) = seats.take(Arc::clone(name)) else {
            return false;
        };
        let share = self.bandwidth.of_account(name);
        let is_limited = self.of_address.is_some() || share.is_some();
        self.is_limited.store(is_limited, Ordering::Relaxed);
        *account = Some(Account { seat, share });
        true
    }

    /// Pays for a turn: how many bytes, and when.
    fn pay(&self, way: Way) -> Option<(usize, Instant)> {
        let account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let of_account = account.as_ref().and_then(|account| account.share.as_ref());
        let shares = [self.of_address.as_ref(), of_account];
        let shares = || shares.into_iter().flatten();
        let bytes = shares().map(|share| share.turn()).min()?;
        let now = Instant::now();
        let waits = shares().map(|share| share.pay(way as usize, bytes, now));
        Some((bytes, now + waits.max()?))
    }
}

/// Where bytes pass to.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// To the client.
    Out,
    /// From it.
    In,
}

/// What one direction of a connection may pass now. Used up, it is somebody else's turn.
#[derive(Default)]
pub struct Turn {
    left: usize,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Turn {
    /// Ready with how many bytes may pass, at least one.
    pub fn poll(&mut self, lane: &Lane, way: Way, context: &mut Context<'_>) -> Poll<usize> {
        if !lane.is_limited.load(Ordering::Relaxed) {
            return Poll::Ready(usize::MAX);
        }
        if self.left == 0 {
            let Some((bytes, at)) = lane.pay(way) else {
                return Poll::Ready(usize::MAX);
            };
            self.left = bytes;
            self.wait = (at > Instant::now()).then(|| Box::pin(sleep_until(at)));
        }
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(context));
            self.wait = None;
        }
        Poll::Ready(self.left)
    }

    /// Takes note of what has passed.
    pub fn used(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }
}
