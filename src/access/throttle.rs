//! The throttle: how long somebody waits who did not know a password, longer each time. It counts
//! tries for an account from one address, and all tries from an address; whoever comes from another
//! address is not held up.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::accept::network;

/// So many tries are free: for one account, and from one address.
const FREE: u32 = 3;
const FREE_OF_ADDRESS: u32 = 20;
/// The first wait, which doubles each time, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// After so long all is forgotten.
const MEMORY: Duration = Duration::from_secs(60 * 60);
/// So many accounts at addresses, and addresses, are remembered; those of the longest ago go first.
const MOST: usize = 4096;

/// Tries without success.
#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: Instant,
}

/// Tries by whom they are counted.
struct Counts<K> {
    free: u32,
    tries: HashMap<K, Tries>,
}

impl<K: Hash + Eq + Clone> Counts<K> {
    fn new(free: u32) -> Self {
        Self {
            free,
            tries: HashMap::new(),
        }
    }

    /// How long until the next try is let through.
    fn wait(&self, key: &K, now: Instant) -> Duration {
        let Some(tries) = self.tries.get(key) else {
            return Duration::ZERO;
        };
        let since = now.saturating_duration_since(tries.last);
        if tries.count < self.free || since >= MEMORY {
            return Duration::ZERO;
        }
        let doubled = FIRST.saturating_mul(1 << (tries.count - self.free).min(20));
        doubled.min(LONGEST).saturating_sub(since)
    }

    fn count(&mut self, key: K, now: Instant) {
        if !self.tries.contains_key(&key) && self.tries.len() >= MOST {
            self.forget(now);
        }
        let tries = self.tries.entry(key).or_insert(Tries {
            count: 0,
            last: now,
        });
        if now.saturating_duration_since(tries.last) >= MEMORY {
            tries.count = 0;
        }
        tries.count = tries.count.saturating_add(1);
        tries.last = now;
    }

    /// Makes room for one more.
    fn forget(&mut self, now: Instant) {
        let is_new = |tries: &Tries| now.saturating_duration_since(tries.last) < MEMORY;
        self.tries.retain(|_, tries| is_new(tries));
        let oldest = self.tries.iter().min_by_key(|(_, tries)| tries.last);
        if let Some((oldest, _)) = oldest.filter(|_| self.tries.len() >= MOST) {
            let oldest = oldest.clone();
            self.tries.remove(&oldest);
        }
    }
}

/// Who tries how often.
pub struct Throttle {
    accounts: Counts<(String, IpAddr)>,
    addresses: Counts<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            accounts: Counts::new(FREE),
            addresses: Counts::new(FREE_OF_ADDRESS),
        }
    }
}

impl Throttle {
    /// Lets a try for the account `name` through, or says how long it has to wait. It counts at once,
    /// so that tries at the same time count too.
    ///
    /// # Errors
    /// With the time to wait, more than 0.
    pub fn admit(&mut self, name: &str, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let from = network(from);
        let account = (name.to_owned(), from);
        let wait = self.accounts.wait(&account, now);
        let wait = wait.max(self.addresses.wait(&from, now));
        if !wait.is_zero() {
            return Err(wait);
        }
        self.accounts.count(account, now);
        self.addresses.count(from, now);
        Ok(())
    }

    /// The wait begins when it is known that a try has failed.
    pub fn failed(&mut self, name: &str, from: IpAddr, now: Instant) {
        let from = network(from);
        let account = self.accounts.tries.get_mut(&(name.to_owned(), from));
        let address = self.addresses.tries.get_mut(&from);
        for tries in account.into_iter().chain(address) {
            tries.last = now;
        }
    }

    /// Forgets the tries for that account from there; those for others stay.
    pub fn succeeded(&mut self, name: &str, from: IpAddr) {
        let from = network(from);
        let account = self.accounts.tries.remove(&(name.to_owned(), from));
        if let Some(tries) = self.addresses.tries.get_mut(&from) {
            let of_account = account.map_or(0, |tries| tries.count);
            tries.count = tries.count.saturating_sub(of_account);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    /// A throttle with an account that has used up what is free.
    fn tried(now: Instant) -> Throttle {
        let mut throttle = Throttle::default();
        for _ in 0..FREE {
            throttle.admit("ada", address(1), now).unwrap();
        }
        throttle
    }

    #[test]
    fn each_failure_makes_the_wait_longer_up_to_a_bound() {
        let mut now = Instant::now();
        let mut throttle = tried(now);
        let mut expected = FIRST;
        for _ in 0..20 {
            assert_eq!(throttle.admit("ada", address(1), now), Err(expected));
            assert_eq!(
                throttle.admit("ada", address(1), now + expected - SECOND / 2),
                Err(SECOND / 2)
            );
            now += expected;
            throttle.admit("ada", address(1), now).unwrap();
            now += SECOND;
            throttle.failed("ada", address(1), now);
            expected = (expected * 2).min(LONGEST);
        }
        assert_eq!(expected, LONGEST);
    }

    #[test]
    fn another_address_and_another_account_are_not_held_up() {
        let now = Instant::now();
        let mut throttle = tried(now);
        assert!(throttle.admit("ada", address(1), now).is_err());
        throttle.admit("ada", address(2), now).unwrap();
        throttle.admit("bob", address(1), now).unwrap();
    }

    #[test]
    fn one_address_with_many_names_is_held_up() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        let mut admitted = 0;
        while throttle
            .admit(&format!("user{admitted}"), address(1), now)
            .is_ok()
        {
            admitted += 1;
        }
        assert_eq!(admitted, FREE_OF_ADDRESS);
        throttle.admit("ada", address(2), now).unwrap();
    }

    #[test]
    fn success_and_time_forget() {
        let now = Instant::now();
        let mut throttle = tried(now);
        throttle.succeeded("ada", address(1));
        for _ in 0..FREE {
            throttle.admit("ada", address(1), now).unwrap();
        }
        assert!(throttle.admit("ada", address(1), now).is_err());
        for _ in 0..FREE {
            throttle.admit("ada", address(1), now + MEMORY).unwrap();
        }
    }

    #[test]
    fn whoever_knows_one_password_guesses_others_no_faster() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        let mut guessed = 0;
        while throttle
            .admit(&format!("user{guessed}"), address(1), now)
            .is_ok()
        {
            guessed += 1;
            if throttle.admit("eve", address(1), now).is_ok() {
                throttle.succeeded("eve", address(1));
            }
        }
        assert_eq!(guessed, FREE_OF_ADDRESS);
    }

    #[test]
    fn one_network_of_ipv6_is_one_address() {
        let now = Instant::now();
        let mut throttle = Throttle::default();
        let mut admitted = 0;
        let own = |host: u32| format!("2001:db8::{host:x}").parse().unwrap();
        while throttle.admit("ada", own(admitted), now).is_ok() {
            admitted += 1;
        }
        assert_eq!(admitted, FREE);
        throttle
            .admit("ada", "2001:db8:0:1::1".parse().unwrap(), now)
            .unwrap();
        let mapped = "::ffff:192.0.2.1".parse::<IpAddr>().unwrap();
        assert_eq!(network(mapped), address(1));
    }

    #[test]
    fn it_remembers_a_bounded_number() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..MOST as u32 + 100 {
            let from = IpAddr::from((0x0a00_0000 + number).to_be_bytes());
            let then = now + SECOND * number / 1000;
            throttle.admit("ada", from, then).unwrap();
        }
        assert_eq!(throttle.accounts.tries.len(), MOST);
        assert_eq!(throttle.addresses.tries.len(), MOST);
    }

    proptest! {
        #[test]
        fn whoever_waits_as_long_as_is_said_is_let_through(
            tries in prop::collection::vec((0..3u8, 0..2000u64), 0..100),
        ) {
            let (mut throttle, mut now) = (Throttle::default(), Instant::now());
            for (last, pause) in tries {
                now += Duration::from_secs(pause);
                if let Err(wait) = throttle.admit("ada", address(last), now) {
                    prop_assert!(wait > Duration::ZERO && wait <= LONGEST);
                    now += wait;
                    prop_assert_eq!(throttle.admit("ada", address(last), now), Ok(()));
                }
            }
        }
    }
}
