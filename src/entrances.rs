//! The entrances: all addresses where programs reach the ports, opened, moved and closed while the
//! server runs. Each that opens is handed to the door that serves it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::audit::Action;
use crate::bind::{Bound, NotBound, bind, resolve};
use crate::config::{Entrance, NotAnEntrance};
use crate::doors::{Address, Change, Dialect, Doors};
use crate::hub::Hub;
use crate::port::{Actor, Port, PortError};
use crate::record::{Note, What};
use crate::right::Right;
use crate::tls::Tls;

/// Entrances that may wait to be served, besides those of the beginning.
const UNSERVED: usize = 16;

/// An entrance to be served. It is gone, and its address free, when this is dropped.
pub struct Opened {
    /// Where clients come in.
    pub listener: TcpListener,
    /// What is spoken.
    pub dialect: Dialect,
    /// What it is spoken within, if not plainly.
    pub tls: Option<Arc<Tls>>,
    /// The port that it leads to; the first one without.
    pub port: Option<String>,
    /// Cancelled when it closes: its clients are let go.
    pub stop: CancellationToken,
    _gone: DropGuard,
}

/// An entrance that listens.
struct Open {
    address: Address,
    dialect: Dialect,
    port: Option<String>,
    stop: CancellationToken,
    gone: CancellationToken,
}

/// Why a port's doors stay as they are.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotOpened {
    #[error(transparent)]
    Address(#[from] NotAnEntrance),
    #[error(transparent)]
    Bind(#[from] NotBound),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(
        "{address} is the {dialect} door of {port} already; choose another port, or close that door first"
    )]
    Ours {
        address: Address,
        dialect: Dialect,
        port: String,
    },
    #[error(
        "there is no certificate for TLS; start the server with one, see --tls-cert and --tls-self-signed"
    )]
    NoTls,
}

/// A door that listens and is not served yet.
pub struct Unserved {
    /// What is spoken.
    pub dialect: Dialect,
    /// Whether that is within TLS.
    pub tls: bool,
    /// The port that it leads to; the first one without.
    pub port: Option<String>,
    /// Where.
    pub bound: Bound,
}

/// The entrances of all ports.
pub struct Entrances {
    hub: Arc<Hub>,
    /// Whether other machines are let in.
    public: bool,
    tls: Option<Arc<Tls>>,
    open: Mutex<Vec<Open>>,
    opened: mpsc::Sender<Opened>,
    /// One change after the other.
    turn: Semaphore,
}

impl Entrances {
    /// Begins with those that listen already; gives what is to be served.
    pub fn start(
        hub: Arc<Hub>,
        unserved: Vec<Unserved>,
        public: bool,
        tls: Option<Arc<Tls>>,
    ) -> (Arc<Self>, mpsc::Receiver<Opened>) {
        let (opened, arrivals) = mpsc::channel(unserved.len() + UNSERVED);
        let entrances = Arc::new(Self {
            hub,
            public,
            tls,
            open: Mutex::default(),
            opened,
            turn: Semaphore::new(1),
        });
        for unserved in unserved {
            let opened = entrances.add(unserved);
            entrances
                .opened
                .try_send(opened)
                .expect("there is room for all");
        }
        entrances.tell();
        let mut ports = entrances.hub.watch();
        let weak = Arc::downgrade(&entrances);
        tokio::spawn(async move {
            while ports.changed().await.is_ok() {
                let Some(entrances) = weak.upgrade() else {
                    return;
                };
                entrances.tell();
            }
        });
        (entrances, arrivals)
    }

    /// Whom each leads to, and its link.
    pub fn links(&self) -> Vec<(String, String)> {
        let link = |open: &Open| {
            let port = open.port.as_deref().unwrap_or("the first port");
            let Address { socket, tls } = open.address;
            let link = format!("{}://{socket}", open.dialect.scheme(tls));
            (port.to_owned(), link)
        };
        self.lock().iter().map(link).collect()
    }

    /// The doors of a port.
    pub fn of(&self, port: &Port) -> Doors {
        let is_first = self.is_first(port);
        let mut doors = Doors::default();
        for open in self
            .lock()
            .iter()
            .filter(|open| open.leads_to(port, is_first))
        {
            doors.of(open.dialect).push(open.address);
        }
        doors
    }

    /// Opens, moves or closes doors of a port, all or none; returns how they are then.
    ///
    /// # Errors
    /// If the actor does not administer the port, or an address is none, is not of this machine
    /// alone, or cannot be had.
    pub async fn change(
        &self,
        port: &Port,
        change: Change,
        actor: &Actor,
    ) -> Result<Doors, NotOpened> {
        port.allow(actor, Right::Administer)?;
        let _turn = self.turn.acquire().await.expect("turns do not end");
        let mut doors = self.of(port);
        let mut plans = Vec::new();
        for (dialect, wish) in change.wishes() {
            let old = doors.of(dialect);
            let (tls, new) = match wish {
                Some(text) => {
                    let entrance: Entrance = format!("{}={text}", port.name()).parse()?;
                    if entrance.tls && self.tls.is_none() {
                        return Err(NotOpened::NoTls);
                    }
                    let found = resolve(&entrance.address, self.public).await?;
                    (entrance.tls, found)
                }
                None => (false, Vec::new()),
            };
            let stays = if old.is_empty() {
                new.is_empty()
            } else {
                let is_wished = |old: &Address| old.tls == tls && new.contains(&old.socket);
                old.iter().all(is_wished)
            };
            if stays {
                continue;
            }
            let bound = bind(&new).await.map_err(|error| self.explain(error))?;
            plans.push((dialect, tls, bound));
        }
        let count = plans.iter().map(|(_, _, bound)| bound.len()).sum();
        let Ok(mut room) = self.opened.reserve_many(count).await else {
            // Nobody serves any more: the server ends.
            return Ok(doors);
        };
        // Whoever asked may leave at any await, so there is none before all is done.
        let mut closing = Vec::new();
        for (dialect, tls, bound) in plans {
            let text = told(dialect, tls, !doors.of(dialect).is_empty(), &bound);
            closing.extend(self.close(port, dialect));
            for (bound, room) in bound.into_iter().zip(&mut room) {
                let port = Some(port.name().to_owned());
                room.send(self.add(Unserved {
                    dialect,
                    tls,
                    port,
                    bound,
                }));
            }
            port.note_by(actor, Action::Doors, Note::new(What::Door, text));
        }
        self.tell();
        for gone in closing {
            gone.cancelled().await;
        }
        Ok(self.of(port))
    }

    /// Closes a door of a port; gives what is cancelled when its addresses are free.
    fn close(&self, port: &Port, dialect: Dialect) -> Vec<CancellationToken> {
        let is_first = self.is_first(port);
        let mut open = self.lock();
        let closing = open.extract_if(.., |open| {
            open.dialect == dialect && open.leads_to(port, is_first)
        });
        closing
            .map(|open| {
                open.stop.cancel();
                open.gone
            })
            .collect()
    }

    fn add(&self, unserved: Unserved) -> Opened {
        let Unserved {
            dialect,
            tls,
            port,
            bound,
        } = unserved;
        let [stop, gone] = [(); 2].map(|()| CancellationToken::new());
        self.lock().push(Open {
            address: Address {
                socket: bound.address,
                tls,
            },
            dialect,
            port: port.clone(),
            stop: stop.clone(),
            gone: gone.clone(),
        });
        Opened {
            listener: bound.listener,
            dialect,
            tls: self.tls.clone().filter(|_| tls),
            port,
            stop,
            _gone: gone.drop_guard(),
        }
    }

    /// Brings what the ports' states say of their doors up to date.
    fn tell(&self) {
        for port in self.hub.ports().iter() {
            port.set_doors(self.of(port));
        }
    }

    /// Names the door that has the address already, if it is one of these.
    fn explain(&self, error: NotBound) -> NotOpened {
        let NotBound::Refused { address, .. } = error else {
            return error.into();
        };
        let taken = |open: &Open| {
            let own = open.address.socket;
            let is_same = own.ip() == address.ip();
            let is_any = own.ip().is_unspecified() || address.ip().is_unspecified();
            own.port() == address.port() && (is_same || is_any)
        };
        let first = || self.hub.ports().first().map(|port| port.name().to_owned());
        let ours = self
            .lock()
            .iter()
            .find(|open| taken(open))
            .map(|open| (open.address, open.dialect, open.port.clone()));
        match ours {
            Some((address, dialect, port)) => NotOpened::Ours {
                address,
                dialect,
                port: port.or_else(first).unwrap_or_default(),
            },
            None => error.into(),
        }
    }

    fn is_first(&self, port: &Port) -> bool {
        let ports = self.hub.ports();
        ports
            .first()
            .is_some_and(|first| first.name() == port.name())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn leads_to(&self, port: &Port, is_first: bool) -> bool {
        match &self.port {
            Some(name) => name == port.name(),
            None => is_first,
        }
    }
}

/// What becomes of a door.
fn told(dialect: Dialect, tls: bool, was_open: bool, bound: &[Bound]) -> String {
    let address = |bound: &Bound| {
        let socket = bound.address;
        Address { socket, tls }.to_string()
    };
    let addresses: Vec<_> = bound.iter().map(address).collect();
    let addresses = addresses.join(" and ");
    match (was_open, bound.is_empty()) {
        (_, true) => format!("{dialect} door closed"),
        (false, false) => format!("{dialect} door opened at {addresses}"),
        (true, false) => format!("{dialect} door moved to {addresses}"),
    }
}
