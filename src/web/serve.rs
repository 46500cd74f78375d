//! Serving: from a listener's connections to the router, with bounds on what strangers can send.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::arriving::Arriving;
use super::forwarded::Proxies;
use super::{Peer, redirect};
use crate::accept::{Bandwidth, Lane, Paced, Seats, Watched, accept};
use crate::config::Limits;
use crate::tls::Tls;

/// What TLS begins with: a record of its handshake. No request does.
const HANDSHAKE: u8 = 0x16;

/// Where browsers come in.
pub struct Listening {
    /// Where they are accepted.
    pub listener: TcpListener,
    /// Whether they are let in without being asked who they are, as long as there are no accounts.
    pub trusted: bool,
    /// What they speak TLS with; none where they do not.
    pub tls: Option<Arc<Tls>>,
}

/// What strangers can hold.
#[derive(Clone)]
pub struct Bounds {
    pub seats: Arc<Seats>,
    bandwidth: Arc<Bandwidth>,
    /// A handshake of TLS must be complete after this,
    handshake_time: Duration,
    /// and a request's header after this.
    pub header_time: Duration,
    /// A request's body must then come at some pace.
    body_time: Duration,
    /// A request's header may be so long, in bytes.
    pub header_size: usize,
}

impl Bounds {
    /// The same for all listeners together; the bandwidth is that of other doors too.
    pub fn new(limits: &Limits, bandwidth: Arc<Bandwidth>) -> Self {
        Self {
            seats: Seats::new(limits.connections, limits.connections_per_address),
            bandwidth,
            handshake_time: limits.handshake_time,
            header_time: limits.header_time,
            body_time: limits.body_time,
            header_size: limits.header_size,
        }
    }
}

/// What the connections of one listener share.
#[derive(Clone)]
struct Way {
    router: Router,
    bounds: Bounds,
    proxies: Arc<Proxies>,
    stop: CancellationToken,
}

/// Accepts and serves until `stop`.
pub async fn serve(
    listening: Listening,
    router: Router,
    bounds: Bounds,
    proxies: Arc<Proxies>,
    stop: CancellationToken,
) {
    let Listening {
        listener,
        trusted,
        tls,
    } = listening;
    let way = Way {
        router,
        bounds,
        proxies,
        stop,
    };
    loop {
        let (stream, address, seat) = tokio::select! {
            () = way.stop.cancelled() => return,
            accepted = accept(&listener, &way.bounds.seats) => accepted,
        };
        let peer = Peer {
            address,
            trusted,
            secure: tls.is_some(),
            proxied: false,
        };
        let lane = Lane::new(seat, &way.bounds.bandwidth);
        let (way, tls) = (way.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => {
                    way.converse(Watched::new(stream, |tcp| tcp), peer, lane)
                        .await
                }
                Some(tls) => way.shake_hands(&tls, stream, peer, lane).await,
            }
        });
    }
}

/// Whether a client begins to speak TLS. Waits for its first byte.
async fn begins_tls(stream: &TcpStream, within: Duration) -> io::Result<bool> {
    let mut first = [0];
    timeout(within, stream.peek(&mut first)).await??;
    Ok(first == [HANDSHAKE])
}

impl Way {
    async fn shake_hands(self, tls: &Tls, stream: TcpStream, peer: Peer, lane: Arc<Lane>) {
        let within = self.bounds.handshake_time;
        let agreeing = async {
            match begins_tls(&stream, within).await? {
                true => tls.accept(stream, within).await.map(Some),
                false => {
                    redirect::converse(stream, None, &self.bounds).await;
                    Ok(None)
                }
            }
        };
        let agreed = tokio::select! {
            () = self.stop.cancelled() => return,
            agreed = agreeing => agreed,
        };
        match agreed {
            Ok(Some(stream)) => {
                let stream = Watched::new(stream, |tls| tls.get_ref().0);
                self.converse(stream, peer, lane).await;
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%peer.address, "no TLS: {error}"),
        }
    }

    async fn converse<S>(self, stream: Watched<S>, peer: Peer, lane: Arc<Lane>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            router,
            bounds,
            proxies,
            stop,
        } = self;
        // A socket takes the stream with it, and so its seat.
        let stream = Paced::new(stream, Arc::clone(&lane));
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let peer = proxies.behind(peer, request.headers());
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Arc::clone(&lane));
            let arriving = |body| Body::new(Arriving::new(body, bounds.body_time));
            router.clone().oneshot(request.map(arriving))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(bounds.header_time)
            .max_buf_size(bounds.header_size)
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
}
