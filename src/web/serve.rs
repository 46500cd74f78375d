//! Serving: from a listener's connections to the router, with bounds on what strangers can send.

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

/// A request's header must be complete after this.
const HEADER_LIMIT: Duration = Duration::from_secs(10);
/// And not be longer than this, in bytes.
const HEADER_BYTES: usize = 64 * 1024;
/// Connections at the same time, and how many of them one address may have.
const SEATS: usize = 4096;
const SEATS_PER_ADDRESS: usize = 1024;

/// Accepts and serves until `stop`.
pub async fn serve(listener: TcpListener, trusted: bool, router: Router, stop: CancellationToken) {
    let seats = Seats::new(SEATS, SEATS_PER_ADDRESS);
    loop {
        let (stream, address, seat) = tokio::select! {
            () = stop.cancelled() => return,
            accepted = accept(&listener, &seats) => accepted,
        };
        let peer = Peer { address, trusted };
        let (router, stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            converse(stream, peer, router, stop).await;
            drop(seat);
        });
    }
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
