//! The telnet door: RFC 2217 and raw TCP, by which the programs that people already have use a port
//! over the network, at the same time as everybody else.

mod abandoned;
mod browser;
mod client;
mod feed;
mod listen;
mod moves;
mod notices;
mod requests;
mod resets;
mod stream;

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accept::{Bandwidth, Lane, Seats, accept};
use crate::access::{Access, Visitor};
use crate::config::Limits;
use crate::doors::{Dialect, Manner};
use crate::entrances::Opened;
use crate::hub::Hub;
use crate::port::{Actor, Port};
use crate::state::Viewer;
use crate::tls::Tls;
use stream::{Kind, Stream};

/// What all clients share.
struct Shared {
    hub: Arc<Hub>,
    access: Arc<Access>,
    /// How the clients of each port are treated; as usual without a word.
    manners: BTreeMap<String, Manner>,
    seats: Arc<Seats>,
    bandwidth: Arc<Bandwidth>,
    /// A handshake of TLS must be complete after this.
    handshake_time: Duration,
    clients: AtomicU64,
    stop: CancellationToken,
    conversations: TaskTracker,
}

impl Shared {
    /// The port of this name, or the first one.
    fn port(&self, name: Option<&str>) -> Option<Arc<Port>> {
        match name {
            Some(name) => self.hub.get(name),
            None => self.hub.ports().first().cloned(),
        }
    }

    /// Names a new connection, for others and for the port.
    fn arrive(&self, dialect: Dialect, from: IpAddr, visitor: &Visitor) -> (Actor, Viewer) {
        let number = self.clients.fetch_add(1, Ordering::Relaxed) + 1;
        let name = match dialect {
            Dialect::Rfc2217 => format!("telnet {number}"),
            Dialect::Tcp => format!("tcp {number}"),
        };
        let viewer = Viewer {
            client: format!("t{number}"),
            name,
            from,
            door: dialect.to_string(),
        };
        (Actor::of(&viewer, visitor), viewer)
    }
}

/// The telnet door, ready to serve.
pub struct Door(Arc<Shared>);

impl Door {
    /// A door to the ports of `hub`, for whom `access` lets in, who are treated as `manners` say, within
    /// `limits`.
    pub fn new(
        hub: Arc<Hub>,
        access: Arc<Access>,
        manners: BTreeMap<String, Manner>,
        (limits, bandwidth): (&Limits, Arc<Bandwidth>),
    ) -> Self {
        Self(Arc::new(Shared {
            hub,
            access,
            manners,
            seats: Seats::new(limits.programs, limits.programs_per_address),
            bandwidth,
            handshake_time: limits.handshake_time,
            clients: AtomicU64::new(0),
            stop: CancellationToken::new(),
            conversations: TaskTracker::new(),
        }))
    }

    /// Serves the entrances that come until [`close`](Self::close), each until it closes itself.
    pub fn serve(&self, mut opened: mpsc::Receiver<Opened>) -> impl Future<Output = ()> + use<> {
        let shared = Arc::clone(&self.0);
        async move {
            let mut serving = JoinSet::new();
            loop {
                tokio::select! {
                    () = shared.stop.cancelled() => return,
                    Some(_) = serving.join_next() => {}
                    Some(entrance) = opened.recv() => {
                        serving.spawn(listen(Arc::clone(&shared), entrance));
                    }
                }
            }
        }
    }

    /// Ends all connections and waits until they are gone.
    pub async fn close(&self) {
        self.0.stop.cancel();
        self.0.conversations.close();
        self.0.conversations.wait().await;
    }
}

/// Lets clients in until the entrance closes.
async fn listen(shared: Arc<Shared>, entrance: Opened) {
    let Opened {
        dialect, tls, stop, ..
    } = &entrance;
    let dialect = *dialect;
    let address = entrance.listener.local_addr();
    let at_home = address.is_ok_and(|address| address.ip().is_loopback());
    loop {
        let (stream, address, seat) = tokio::select! {
            () = stop.cancelled() => return,
            accepted = accept(&entrance.listener, &shared.seats) => accepted,
        };
        let Some(port) = shared.port(entrance.port.as_deref()) else {
            let name = entrance.port.as_deref().unwrap_or("any name");
            tracing::warn!("{dialect} client {address}: there is no port of {name}");
            continue;
        };
        let lane = Lane::new(seat, &shared.bandwidth);
        let (shared, tls, stop) = (Arc::clone(&shared), tls.clone(), stop.clone());
        let conversations = shared.conversations.clone();
        conversations.spawn(async move {
            let agreed = tokio::select! {
                agreed = agree(stream, tls.as_deref(), shared.handshake_time) => agreed,
                () = stop.cancelled() => return,
                () = shared.stop.cancelled() => return,
            };
            match agreed {
                Ok(kind) => {
                    let stream = Stream { kind, lane };
                    let visitor = shared.access.programs(at_home);
                    client::converse(&shared, stream, address, visitor, dialect, port, stop).await;
                }
                Err(error) => tracing::debug!("{dialect} client {address}: no TLS: {error}"),
            }
        });
    }
}

/// Agrees with a client on TLS, where that is spoken.
async fn agree(stream: TcpStream, tls: Option<&Tls>, within: Duration) -> io::Result<Kind> {
    match tls {
        None => Ok(Kind::Plain(stream)),
        Some(tls) => Kind::secret(tls.accept(stream, within).await?),
    }
}
