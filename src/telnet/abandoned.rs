//! A client that was closed altogether looks like one that has only said everything: TCP has one word for both. But of
//! two ends on one machine the kernel's table tells whether the other one is still somebody's.

use std::future::pending;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// The table is looked at so soon, then each time after twice as long, and at last so often.
const FIRST_LOOK: Duration = Duration::from_millis(50);
const LAST_LOOK: Duration = Duration::from_secs(5);

/// Waits until nobody has the other end of a connection any more. For ever, where that cannot be known: on other
/// systems, and of other machines.
pub(super) async fn abandoned(stream: &TcpStream) {
    let Some((table, ends)) = other_end(stream).filter(|_| cfg!(target_os = "linux")) else {
        return pending().await;
    };
    let mut pause = FIRST_LOOK;
    loop {
        sleep(pause).await;
        pause = (pause * 2).min(LAST_LOOK);
        let ends = ends.clone();
        let look = spawn_blocking(move || std::fs::read_to_string(table));
        if let Ok(Ok(sockets)) = look.await
            && is_nobodys(&sockets, &ends)
        {
            return;
        }
    }
}

/// Which table has the other end, and what stands there of it.
fn other_end(stream: &TcpStream) -> Option<(&'static str, [String; 2])> {
    let (own, other) = (stream.local_addr().ok()?, stream.peer_addr().ok()?);
    let (own, other) = (canonical(own), canonical(other));
    let table = match other.ip() {
        IpAddr::V4(_) => "/proc/net/tcp",
        IpAddr::V6(_) => "/proc/net/tcp6",
    };
    let is_here = other.ip().is_loopback() || other.ip() == own.ip();
    is_here.then(|| (table, [other, own].map(written)))
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// An address as the kernel writes it: words of 4 bytes, each as a number of this machine.
fn written(address: SocketAddr) -> String {
    let octets = match address.ip() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let (words, _) = octets.as_chunks::<4>();
    let words: String = words
        .iter()
        .map(|word| format!("{:08X}", u32::from_ne_bytes(*word)))
        .collect();
    format!("{words}:{:04X}", address.port())
}

/// Whether the socket with these ends is in the table, and no file any more.
fn is_nobodys(sockets: &str, ends: &[String; 2]) -> bool {
    sockets.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let found = [fields.next(), fields.next()];
        // Behind its ends stand state, queues, timer, retransmissions, user, timeout and inode.
        found == [Some(&*ends[0]), Some(&*ends[1])] && fields.nth(6) == Some("0")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:4959 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10713269 1 0 100 0 0 10 0
   1: 0100007F:9C42 0100007F:0FA1 05 00000000:00000000 03:000017B4 00000000     0        0 0 3 0
   2: 0100007F:9C44 0100007F:0FA1 05 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 20 4 0 10 -1
";

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_are_written_as_the_kernel_does() {
        for (address, text) in [
            ("127.0.0.1:4001", "0100007F:0FA1"),
            ("[::1]:80", "00000000000000000000000001000000:0050"),
            ("[fe80::1]:1", "000080FE000000000000000001000000:0001"),
        ] {
            assert_eq!(written(address.parse().unwrap()), text);
        }
    }

    #[test]
    fn a_socket_is_nobodys_where_it_is_no_file() {
        for (own, other, is_it) in [
            ("0100007F:9C42", "0100007F:0FA1", true),
            ("0100007F:9C44", "0100007F:0FA1", false),
            ("0100007F:0FA1", "0100007F:9C42", false),
            ("0100007F:4959", "00000000:0000", false),
        ] {
            let ends = [own, other].map(str::to_owned);
            assert_eq!(is_nobodys(TABLE, &ends), is_it, "{ends:?}");
        }
    }
}
