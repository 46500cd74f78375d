//! Bandwidth: how many bytes a second pass over all connections of one address, or of one account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// After a silence as much may pass at once as in so long a time.
const BURST: Duration = Duration::from_secs(1);
/// A second is parted into so many turns, each of so many bytes: larger ones are uneven, smaller
/// ones cost time.
const TURNS: usize = 256;
const LEAST: usize = 512;
const MOST: usize = 64 * 1024;

/// Whose bytes are counted together.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Address(IpAddr),
    Account(Arc<str>),
}

/// The limits, and what of them is used.
pub struct Bandwidth {
    of_address: Option<NonZeroUsize>,
    of_account: Option<NonZeroUsize>,
    shares: Mutex<HashMap<Key, Arc<Share>>>,
}

impl Bandwidth {
    /// So many bytes a second, each way, for one address and for one account; as many as there are
    /// where nothing is said.
    pub fn new(of_address: Option<NonZeroUsize>, of_account: Option<NonZeroUsize>) -> Arc<Self> {
        Arc::new(Self {
            of_address,
            of_account,
            shares: Mutex::default(),
        })
    }

    /// What an address has, as [`network`](super::network) gives it.
    pub(super) fn of_address(&self, address: IpAddr) -> Option<Arc<Share>> {
        Some(self.share(Key::Address(address), self.of_address?))
    }

    /// What an account has.
    pub(super) fn of_account(&self, name: &Arc<str>) -> Option<Arc<Share>> {
        Some(self.share(Key::Account(Arc::clone(name)), self.of_account?))
    }

    fn share(&self, key: Key, rate: NonZeroUsize) -> Arc<Share> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shares.get(&key) {
            return Arc::clone(known);
        }
        let now = Instant::now();
        // Whoever leaves and comes again has used what was used.
        shares.retain(|_, share| Arc::strong_count(share) > 1 || share.is_in_debt(now));
        let share = Arc::new(Share {
            rate: rate.get(),
            paid: [Mutex::new(now), Mutex::new(now)],
        });
        shares.insert(key, Arc::clone(&share));
        share
    }
}

/// What all connections of one address or account have together.
pub(super) struct Share {
    /// In bytes a second.
    rate: usize,
    /// When what has passed, out and in, is paid for.
    paid: [Mutex<Instant>; 2],
}

impl Share {
    /// How many bytes one connection may take at a time.
    pub(super) fn turn(&self) -> usize {
        (self.rate / TURNS).clamp(LEAST, MOST)
    }

    /// Counts bytes that go out, or come in; says how long they have to wait.
    pub(super) fn pay(&self, way: usize, bytes: usize, now: Instant) -> Duration {
        let mut paid = self.paid[way]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let begin = (*paid).max(now);
        *paid = begin + Duration::from_secs_f64(bytes as f64 / self.rate as f64);
        (begin - now).saturating_sub(BURST)
    }

    fn is_in_debt(&self, now: Instant) -> bool {
        let mut all = self.paid.iter();
        all.any(|paid| *paid.lock().unwrap_or_else(PoisonError::into_inner) > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bandwidth() -> Arc<Bandwidth> {
        Bandwidth::new(NonZeroUsize::new(1000), None)
    }

    #[test]
    fn all_connections_of_an_address_wait_for_each_other_and_nobody_else_does() {
        let (bandwidth, now) = (bandwidth(), Instant::now() + BURST);
        let [one, other] = [1, 2].map(|last| IpAddr::from([10, 0, 0, last]));
        let (first, second) = (bandwidth.of_address(one), bandwidth.of_address(one));
        let (first, second) = (first.unwrap(), second.unwrap());
        let wait = |share: &Share, bytes| share.pay(0, bytes, now).as_millis();
        assert_eq!(wait(&first, 1000), 0);
        assert_eq!(wait(&second, 500), 0, "a second's worth may pass at once");
        assert_eq!(wait(&first, 500), 500);
        assert_eq!(wait(&second, 500), 1000);
        assert_eq!(first.pay(1, 500, now), Duration::ZERO, "the other way");
        let apart = bandwidth.of_address(other).unwrap();
        assert_eq!(wait(&apart, 1000), 0);
        assert!(bandwidth.of_account(&"ada".into()).is_none());
    }

    #[test]
    fn whoever_leaves_and_comes_again_has_used_what_was_used() {
        let (bandwidth, now) = (bandwidth(), Instant::now());
        let one = IpAddr::from([10, 0, 0, 1]);
        bandwidth.of_address(one).unwrap().pay(0, 5000, now);
        for last in 2..10 {
            bandwidth.of_address(IpAddr::from([10, 0, 0, last]));
        }
        let again = bandwidth.of_address(one).unwrap();
        assert!(again.pay(0, 1, now) >= Duration::from_secs(4));
        let kept = bandwidth.shares.lock().unwrap().len();
        assert!(kept <= 3, "{kept} are kept");
    }
}
