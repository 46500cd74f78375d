//! The web door: the console, the sockets and the REST interface.

mod assets;
mod choice;
mod closing;
mod doors;
mod expect;
mod files;
mod flash;
mod guard;
mod history;
mod lend;
mod lines;
mod marks;
mod metrics;
mod moment;
mod pages;
mod panels;
mod pipe;
mod ports;
mod problem;
mod recording;
mod run;
mod search;
mod seats;
mod serve;
mod simple;
mod socket;
mod timeline;
mod touch;
mod trial;
mod values;
mod www;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::middleware;
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use guard::{Rules, Token};

use crate::entrances::Entrances;
use crate::flash::Flashers;
use crate::hub::Hub;
use crate::pages::Pages;
use crate::panel::Panel;
use crate::panels::Panels;
use crate::port::{Actor, Port};
use crate::state::{Bridged, Viewer};
use crate::triggers::Triggers;
use problem::Problem;
use seats::Seats;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
struct Peer {
    address: SocketAddr,
    /// Whether it came in where no token is asked for.
    trusted: bool,
}

/// What all requests share.
struct Shared {
    hub: Arc<Hub>,
    entrances: Arc<Entrances>,
    panels: Arc<Panels>,
    triggers: Arc<Triggers>,
    flashers: Arc<Flashers>,
    bridged: Option<watch::Receiver<Bridged>>,
    rules: Rules,
    /// The user's own.
    pages: Option<Pages>,
    /// Changes when the server restarts: offsets of another boot may mean other bytes.
    boot: String,
    clients: AtomicU64,
    socket_texts: socket::Texts,
    /// A seat for each search that may run.
    searches: Seats,
    /// The same for charts.
    charts: Seats,
    /// The same for files that are on their way to a flasher.
    uploads: Seats,
    /// A seat for each reply that may be waited for.
    exchanges: Semaphore,
    stop: CancellationToken,
    /// The sockets, which outlive their requests.
    sockets: TaskTracker,
}

type Web = Arc<Shared>;

impl Shared {
    fn port(&self, name: &str) -> Result<Arc<Port>, Problem> {
        self.hub.get(name).ok_or_else(|| {
            let ports = self.hub.ports();
            let names: Vec<_> = ports.iter().map(|port| port.name()).collect();
            Problem::unknown_port(name, &names)
        })
    }

    /// A panel that is for a port.
    fn panel(&self, name: &str, port: &Port) -> Result<Arc<Panel>, Problem> {
        let (panel, state) = (self.panels.get(name)?, port.state());
        if panel.is_for(&state.name, state.identity.as_ref()) {
            return Ok(panel);
        }
        Err(Problem::forbidden(format_args!(
            "panel {name:?} is not for {}; its \"for\" says whom it is for",
            state.name
        )))
    }

    /// Names a new connection, for others and for itself.
    fn arrive(&self, door: &str, from: IpAddr) -> (Actor, Viewer) {
        let number = self.clients.fetch_add(1, Ordering::Relaxed) + 1;
        let viewer = Viewer {
            client: format!("c{number}"),
            name: format!("{door} {number}"),
            from,
            door: door.to_owned(),
        };
        (Actor::of(&viewer), viewer)
    }
}

/// What the web door leads to.
pub struct Inside {
    /// The ports,
    pub hub: Arc<Hub>,
    /// the entrances that others have to them,
    pub entrances: Arc<Entrances>,
    /// the panels for them,
    pub panels: Arc<Panels>,
    /// what happens there by itself,
    pub triggers: Arc<Triggers>,
    /// what writes to their devices,
    pub flashers: Arc<Flashers>,
    /// and how the bridge to a broker is, if there is one.
    pub bridged: Option<watch::Receiver<Bridged>>,
}

/// The web door, ready to serve.
pub struct Door {
    router: Router,
    shared: Web,
}

impl Door {
    /// A door to what is `inside`. `pages` are the user's own.
    pub fn new(inside: Inside, rules: Rules, pages: Option<Pages>, boot: String) -> Self {
        let Inside {
            hub,
            entrances,
            panels,
            triggers,
            flashers,
            bridged,
        } = inside;
        let shared = Arc::new(Shared {
            hub,
            entrances,
            panels,
            triggers,
            flashers,
            bridged,
            rules,
            pages,
            boot,
            clients: AtomicU64::new(0),
            socket_texts: socket::Texts::default(),
            searches: Seats::new(search::SEATS, "searches"),
            charts: Seats::new(values::SEATS, "charts"),
            uploads: Seats::new(flash::SEATS, "uploads"),
            exchanges: Semaphore::new(expect::SEATS),
            stop: CancellationToken::new(),
            sockets: TaskTracker::new(),
        });
        let router = Router::new()
            .route("/healthz", get(async || "ok\n"))
            .route("/metrics", get(metrics::metrics))
            .route("/sdk.js", get(assets::sdk))
            .route("/sdk.classic.js", get(assets::sdk))
            .route("/reload.js", get(pages::script))
            .route("/ws", any(simple::tutorial))
            .route(
                "/api/v1/session",
                post(guard::sign_in).delete(guard::sign_out),
            )
            .route("/api/v1/socket", any(socket::upgrade))
            .route("/api/v1/recording", get(recording::list))
            .route("/api/v1/mqtt", get(metrics::bridged))
            .route("/api/v1/search", get(search::find))
            .route("/api/v1/pages", get(pages::list))
            .route("/api/v1/pages/changes", get(pages::changes))
            .route("/api/v1/panels", get(panels::list))
            .route(
                "/api/v1/panels/{name}",
                get(panels::show).put(panels::put).delete(panels::delete),
            )
            .route("/api/v1/panels/{name}/export", get(panels::export))
            .route("/api/v1/ports", get(ports::list))
            .route(
                "/api/v1/ports/{name}",
                get(ports::show).patch(ports::change),
            )
            .route("/api/v1/ports/{name}/write", post(ports::write))
            .route("/api/v1/ports/{name}/expect", post(expect::expect))
            .route("/api/v1/ports/{name}/halt", post(run::halt))
            .route("/api/v1/ports/{name}/use", post(touch::by_post))
            .route(
                "/api/v1/ports/{name}/doors",
                get(doors::show).put(doors::change),
            )
            .route("/api/v1/ports/{name}/lend", post(lend::lend))
            .route("/api/v1/ports/{name}/flash", get(flash::list))
            .route(
                "/api/v1/ports/{name}/flash/{command}",
                get(flash::show).post(flash::start).delete(flash::end),
            )
            .route("/api/v1/ports/{name}/run", post(run::run))
            .route("/api/v1/ports/{name}/history", get(history::history))
            .route("/api/v1/ports/{name}/moment", get(moment::moment))
            .route("/api/v1/ports/{name}/try", post(trial::trial))
            .route("/api/v1/ports/{name}/timeline", get(timeline::timeline))
            .route("/api/v1/ports/{name}/values", get(values::values))
            .route(
                "/api/v1/ports/{name}/marks",
                get(marks::list).post(marks::make),
            )
            .route("/api/v1/ports/{name}/raw", any(simple::raw))
            .route("/console", get(assets::to_console))
            .route("/console/", get(assets::console))
            .route("/console/{*path}", get(assets::console))
            .fallback(www::page)
            .layer(middleware::from_fn_with_state(
                Arc::clone(&shared),
                guard::guard,
            ))
            .with_state(Arc::clone(&shared));
        Self { router, shared }
    }

    /// Serves one listener until [`close`](Self::close). Where it is not `trusted`, every request
    /// needs the token.
    pub fn serve(&self, listener: TcpListener, trusted: bool) -> impl Future<Output = ()> + use<> {
        serve::serve(
            listener,
            trusted,
            self.router.clone(),
            self.shared.stop.clone(),
        )
    }

    /// Says goodbye to all sockets and waits until they are gone.
    pub async fn close(&self) {
        self.shared.stop.cancel();
        self.shared.sockets.close();
        self.shared.sockets.wait().await;
    }
}
