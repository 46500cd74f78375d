//! Accepting: connections from a listener, with bounds on what strangers can hold.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};

/// After the system had no descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What the system may keep of what was not even sent, in bytes: what lies there is stale when a
/// slow reader comes back.
const UNSENT: u32 = 256 * 1024;

/// The connections of one door, and how many there may be.
pub struct Seats {
    /// By address; no entry is 0.
    taken: Mutex<HashMap<IpAddr, usize>>,
    all: usize,
    of_one_address: usize,
}

/// One connection's seat; leaving is dropping it.
pub struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    /// So many at the same time, and so many of them for one address.
    pub fn new(all: usize, of_one_address: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::default(),
            all,
            of_one_address,
        })
    }

    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = taken.get(&address).copied().unwrap_or(0);
        if of_address >= self.of_one_address || taken.values().sum::<usize>() >= self.all {
            return None;
        }
        taken.insert(address, of_address + 1);
        Some(Seat {
            seats: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let taken = self.seats.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// Waits for the next connection that finds a seat. Others are closed.
pub async fn accept(listener: &TcpListener, seats: &Arc<Seats>) -> (TcpStream, SocketAddr, Seat) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => match seats.take(address.ip()) {
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

/// A segment never waits for the acknowledgement of another, and little waits in the system.
fn tune(stream: &TcpStream) {
    // Both only tune: a connection that is gone already fails elsewhere.
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
}
