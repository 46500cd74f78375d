//! Accepting: connections from a listener, with bounds on what strangers can hold.

mod bandwidth;
mod lane;
mod lookout;
mod paced;
pub mod vanished;
mod watched;

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};

pub use bandwidth::Bandwidth;
pub use lane::{Lane, Turn, Way};
pub use lookout::Lookout;
pub use paced::Paced;
pub use watched::Watched;

/// After the system had no descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What the system may keep of what was not even sent, in bytes: what lies there is stale when a
/// slow reader comes back.
const UNSENT: u32 = 256 * 1024;

/// What counts as one address: of IPv6 whole networks, for everybody has billions of addresses.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address => address,
    }
}

/// The connections of one door, or of accounts, and how many there may be.
pub struct Seats<K = IpAddr> {
    /// By address, or account; no entry is 0.
    taken: Mutex<HashMap<K, usize>>,
    all: usize,
    of_one: usize,
}

/// One connection's seat; leaving is dropping it.
pub struct Seat<K: Clone + Eq + Hash = IpAddr> {
    seats: Arc<Seats<K>>,
    key: K,
}

impl<K: Clone + Eq + Hash> Seats<K> {
    /// So many at the same time, and so many of them for one address or account.
    pub fn new(all: usize, of_one: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::default(),
            all,
            of_one,
        })
    }

    fn take(self: &Arc<Self>, key: K) -> Option<Seat<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_key = taken.get(&key).copied().unwrap_or(0);
        if of_key >= self.of_one || taken.values().sum::<usize>() >= self.all {
            return None;
        }
        taken.insert(key.clone(), of_key + 1);
        Some(Seat {
            seats: Arc::clone(self),
            key,
        })
    }
}

impl<K: Clone + Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let taken = self.seats.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

/// Waits for the next connection that finds a seat. Others are closed.
pub async fn accept(listener: &TcpListener, seats: &Arc<Seats>) -> (TcpStream, SocketAddr, Seat) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => match seats.take(network(address.ip())) {
                Some(seat) => {
                    tune(&stream);
                    return (stream, address, seat);
                }
                None => tracing::debug!("refused {address}: too many connections are open"),
            },
            Err(error) => {
                tracing::warn!("no connection can be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A segment never waits for the acknowledgement of another, little waits in the system, and one that
/// vanishes without a word is found.
fn tune(stream: &TcpStream) {
    vanished::ask(stream);
    // These only tune: a connection that is gone already fails elsewhere.
    let _: std::io::Result<()> = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _: std::io::Result<()> = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
    #[cfg(not(target_os = "linux"))]
    let _: std::io::Result<()> = SockRef::from(stream).set_send_buffer_size(UNSENT as usize);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_again_when_it_is_left() {
        let seats = Seats::new(3, 2);
        let [one, other] = [[127, 0, 0, 1], [127, 0, 0, 2]].map(IpAddr::from);
        let first = seats.take(one).expect("a seat");
        let _second = seats.take(one).expect("a seat");
        assert!(seats.take(one).is_none(), "two for one address");
        let _third = seats.take(other).expect("a seat");
        assert!(seats.take(other).is_none(), "three for all");
        drop(first);
        assert!(seats.take(other).is_some());
    }

    #[tokio::test]
    async fn who_comes_is_asked_whether_it_is_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let seats = Seats::new(1, 1);
        let (client, (stream, ..)) = tokio::join!(client, accept(&listener, &seats));
        client.unwrap();
        assert!(SockRef::from(&stream).keepalive().unwrap());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
        ] {
            let [one, other] = [one, other].map(|address| address.parse().unwrap());
            assert_eq!(network(one) == network(other), same, "{one} {other}");
        }
    }
}
