//! Serving: from a listener's connections to the router, with bounds on what strangers can hold.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Peer;

/// A request's header must be complete after this.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// And not be longer than this, in bytes.
const HEADER_BYTES: usize = 64 * 1024;
/// Connections at the same time, and how many of them one address may have.
const SEATS: usize = 4096;
const SEATS_PER_ADDRESS: usize = 1024;
/// After the system had no descriptor for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What the system may keep of what was not even sent, in bytes: what lies there is stale when a
/// slow reader comes back.
const UNSENT: u32 = 256 * 1024;

/// Counts the connections of each address.
#[derive(Default)]
struct Seats(Mutex<HashMap<IpAddr, usize>>);

/// One connection's seat; leaving is dropping it.
struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(address).or_default();
        if *count >= SEATS_PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Seat {
            seats: Arc::clone(self),
            address,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// Accepts and serves until `stop`.
pub async fn serve(listener: TcpListener, trusted: bool, router: Router, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(SEATS));
    let seats = Arc::new(Seats::default());
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!("no connection can be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(room) = Arc::clone(&room).try_acquire_owned() else {
            tracing::debug!("refused {address}: {SEATS} connections are open");
            continue;
        };
        let Some(seat) = seats.take(address.ip()) else {
            tracing::debug!("refused {address}: it has {SEATS_PER_ADDRESS} connections");
            continue;
        };
        tune(&stream);
        let peer = Peer { address, trusted };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            converse(stream, peer, router, stop).await;
            drop((room, seat));
        });
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

async fn converse(stream: TcpStream, peer: Peer, router: Router, stop: CancellationToken) {
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_LIMIT)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let mut stopping = false;
    let end = loop {
        tokio::select! {
            end = connection.as_mut() => break end,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    };
    if let Err(error) = end {
        tracing::debug!(%peer.address, "connection ended: {error}");
    }
}
