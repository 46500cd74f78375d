//! Serving: from a listener's connections to the router, with bounds on what strangers can send.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Peer;
use crate::accept::{Seats, accept};
use crate::config::Limits;

/// A request's header may be so long, in bytes.
const HEADER_BYTES: usize = 64 * 1024;

/// What strangers can hold.
#[derive(Clone)]
pub struct Bounds {
    seats: Arc<Seats>,
    /// A request's header must be complete after this.
    header_time: Duration,
}

impl Bounds {
    /// The same for all listeners together.
    pub fn new(limits: &Limits) -> Self {
        Self {
            seats: Seats::new(limits.connections, limits.connections_per_address),
            header_time: limits.header_time,
        }
    }
}

/// Accepts and serves until `stop`.
pub async fn serve(
    listener: TcpListener,
    trusted: bool,
    router: Router,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let Bounds { seats, header_time } = bounds;
    loop {
        let (stream, address, seat) = tokio::select! {
            () = stop.cancelled() => return,
            accepted = accept(&listener, &seats) => accepted,
        };
        let peer = Peer { address, trusted };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            converse(stream, peer, router, header_time, stop).await;
            drop(seat);
        });
    }
}

async fn converse(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    header_time: Duration,
    stop: CancellationToken,
) {
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_time)
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
