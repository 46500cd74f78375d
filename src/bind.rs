//! Binding: an address that somebody named becomes listeners, or an error that says the way out.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::net::{TcpListener, lookup_host};

/// A listener, and where it listens.
#[derive(Debug)]
#[expect(missing_docs, reason = "the two of them")]
pub struct Bound {
    pub listener: TcpListener,
    pub address: SocketAddr,
}

/// Why nobody listens at an address.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotBound {
    #[error("{0}: this is no address; give HOST:PORT, such as 127.0.0.1:8080")]
    Unknown(String),
    #[error(
        "{0}: programs are not asked for a token there, so it must be an address of this machine \
         alone, such as 127.0.0.1:{port}. From elsewhere: ssh -L {port}:127.0.0.1:{port} \
         THIS-MACHINE. Or make accounts and let programs in by a rule, [[allow]] with \
         who = [\"programs\"]. Or let in everybody, here and in the console, with --no-auth",
        port = .0.port()
    )]
    Public(SocketAddr),
    #[error("cannot listen on {address}: {error}: {}", WayOut(*address, error.kind()))]
    Refused {
        address: SocketAddr,
        error: io::Error,
    },
}

/// What to do where the system refuses an address.
struct WayOut(SocketAddr, ErrorKind);

impl fmt::Display for WayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(address, kind) = self;
        match kind {
            ErrorKind::AddrInUse => write!(
                f,
                "another program listens there (perhaps another seriald); choose another port, \
                 such as {}:{}, or see which one it is with: ss -ltnp 'sport = :{}'",
                address.ip(),
                address.port().wrapping_add(1).max(1024),
                address.port()
            ),
            ErrorKind::PermissionDenied => {
                f.write_str("ports below 1024 are the system's; choose a higher one")
            }
            ErrorKind::AddrNotAvailable => {
                f.write_str("this machine has no such address; 0.0.0.0 stands for all that it has")
            }
            _ => f.write_str("choose another one"),
        }
    }
}

/// The addresses that a `HOST:PORT` stands for. Where it is not for the `public`, they must be of
/// this machine alone.
///
/// # Errors
/// If it stands for none, or for one that others reach.
pub async fn resolve(address: &str, public: bool) -> Result<Vec<SocketAddr>, NotBound> {
    let found = lookup_host(address).await;
    let found: Vec<_> = found
        .map_err(|_| NotBound::Unknown(address.to_owned()))?
        .collect();
    let reached = found
        .iter()
        .find(|address| !public && !address.ip().is_loopback());
    match reached {
        Some(address) => Err(NotBound::Public(*address)),
        None => Ok(found),
    }
}

/// Listens on all of these.
///
/// # Errors
/// If the system refuses one. A name such as localhost may stand for `::1` on a machine without
/// IPv6: that one is left out where there is another.
pub async fn bind(addresses: &[SocketAddr]) -> Result<Vec<Bound>, NotBound> {
    let mut all = Vec::new();
    for &address in addresses {
        let bound = TcpListener::bind(address).await;
        match bound.and_then(|listener| Ok((listener.local_addr()?, listener))) {
            Ok((address, listener)) => all.push(Bound { listener, address }),
            Err(error) if error.kind() == ErrorKind::AddrNotAvailable && !all.is_empty() => {}
            Err(error) => return Err(NotBound::Refused { address, error }),
        }
    }
    Ok(all)
}
