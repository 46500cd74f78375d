//! The bell: tells those who wait for more how far a journal reaches.
//!
//! A channel of the runtime does the same, and more: it holds any value behind a lock, and spreads those who wait over
//! several lists. Between a device and whoever waits for its reply that is the longest stretch of code, so this is only
//! an offset and who waits for a greater one.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use futures_util::task::AtomicWaker;

use crate::record::Offset;

/// Rings when a journal has become longer. It is gone with the journal.
pub(super) struct Bell(Arc<Tower>);

/// What hears it, for one reader.
pub(super) struct Ear {
    tower: Arc<Tower>,
    /// What was heard; nothing yet where all there is shall be news.
    heard: Option<Offset>,
    waker: Arc<AtomicWaker>,
}

/// What a bell and its ears share.
struct Tower {
    /// How far the journal is said to reach.
    latest: AtomicU64,
    is_gone: AtomicBool,
    ears: AtomicUsize,
    wakers: Mutex<Vec<Arc<AtomicWaker>>>,
}

impl Tower {
    fn latest(&self) -> Offset {
        Offset(self.latest.load(Ordering::Acquire))
    }

    fn wakers(&self) -> MutexGuard<'_, Vec<Arc<AtomicWaker>>> {
        self.wakers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        for waker in self.wakers().iter() {
            waker.wake();
        }
    }
}

impl Bell {
    /// One of a journal that reaches so far.
    pub(super) fn new(latest: Offset) -> Self {
        Self(Arc::new(Tower {
            latest: AtomicU64::new(latest.0),
            is_gone: AtomicBool::new(false),
            ears: AtomicUsize::new(0),
            wakers: Mutex::default(),
        }))
    }

    /// Wakes everybody, if the journal reaches further than was said.
    pub(super) fn ring(&self, head: Offset) {
        if self.0.latest.fetch_max(head.0, Ordering::AcqRel) < head.0 {
            self.0.wake();
        }
    }

    /// How far the journal is said to reach.
    pub(super) fn latest(&self) -> Offset {
        self.0.latest()
    }

    /// How many hear it.
    pub(super) fn ears(&self) -> usize {
        self.0.ears.load(Ordering::Relaxed)
    }

    /// One more who hears what is rung from now on.
    pub(super) fn ear(&self) -> Ear {
        let waker = Arc::default();
        let tower = Arc::clone(&self.0);
        tower.wakers().push(Arc::clone(&waker));
        tower.ears.fetch_add(1, Ordering::Relaxed);
        Ear {
            heard: Some(tower.latest()),
            tower,
            waker,
        }
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.0.is_gone.store(true, Ordering::Release);
        self.0.wake();
    }
}

impl Ear {
    /// How far the journal is said to reach; the last word where it is gone.
    pub(super) fn latest(&self) -> Offset {
        self.tower.latest()
    }

    /// What was rung so far is no news any more.
    pub(super) fn catch_up(&mut self) {
        self.heard = Some(self.tower.latest());
    }

    /// What was rung so far is news.
    pub(super) fn forget(&mut self) {
        self.heard = None;
    }

    /// Waits until the journal has become longer; false where it is gone.
    pub(super) async fn hear(&mut self) -> bool {
        poll_fn(|context| {
            if let Some(end) = self.hears() {
                return Poll::Ready(end);
            }
            self.waker.register(context.waker());
            // It may have rung before it could wake this one.
            self.hears().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    fn hears(&mut self) -> Option<bool> {
        let latest = Some(self.tower.latest());
        if self.heard != latest {
            self.heard = latest;
            return Some(true);
        }
        self.tower.is_gone.load(Ordering::Acquire).then_some(false)
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.tower.ears.fetch_sub(1, Ordering::Relaxed);
        let mut wakers = self.tower.wakers();
        wakers.retain(|waker| !Arc::ptr_eq(waker, &self.waker));
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use futures_util::FutureExt;
    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn what_rings_before_the_wait_begins_is_heard_once() {
        let bell = Bell::new(Offset(3));
        let mut ear = bell.ear();
        assert_eq!(ear.hear().now_or_never(), None);
        bell.ring(Offset(5));
        assert_eq!(ear.hear().now_or_never(), Some(true));
        assert_eq!(ear.hear().now_or_never(), None);
        // Nothing new was said.
        bell.ring(Offset(4));
        assert_eq!(ear.hear().now_or_never(), None);
        ear.forget();
        assert_eq!(ear.hear().now_or_never(), Some(true));
        bell.ring(Offset(6));
        ear.catch_up();
        assert_eq!(ear.hear().now_or_never(), None);
        drop(bell);
        assert_eq!(ear.hear().now_or_never(), Some(false));
        assert_eq!(ear.latest(), Offset(6));
    }

    #[tokio::test]
    async fn no_ring_is_lost_whatever_meets_it() {
        const ALL: u64 = 20_000;
        let bell = Bell::new(Offset(0));
        let ears: Vec<_> = (0..4).map(|_| bell.ear()).collect();
        assert_eq!(bell.ears(), 4);
        let readers: Vec<_> = ears
            .into_iter()
            .map(|mut ear| {
                tokio::spawn(async move {
                    while ear.latest() < Offset(ALL) {
                        assert!(ear.hear().await);
                    }
                    assert!(!ear.hear().await, "it is gone");
                })
            })
            .collect();
        let ringing = thread::spawn(move || (1..=ALL).for_each(|n| bell.ring(Offset(n))));
        for reader in readers {
            timeout(SOON, reader).await.expect("a lost ring").unwrap();
        }
        ringing.join().unwrap();
    }

    #[test]
    fn who_has_gone_hears_nothing() {
        let bell = Bell::new(Offset(0));
        let (one, other) = (bell.ear(), bell.ear());
        drop(one);
        assert_eq!((bell.ears(), bell.0.wakers().len()), (1, 1));
        drop(other);
        assert_eq!((bell.ears(), bell.0.wakers().len()), (0, 0));
    }
}
