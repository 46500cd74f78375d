//! The web door: the console, the sockets and the REST interface.

mod api;
mod arriving;
mod assets;
mod audit;
mod bookings;
mod choice;
mod closing;
mod control;
mod credentials;
mod doors;
mod ending;
mod events;
mod excerpt;
mod expect;
mod files;
mod flash;
mod forwarded;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod guard;
mod history;
mod lend;
mod lines;
mod marks;
mod metrics;
mod moment;
mod news;
mod noted;
mod oidc;
mod origin;
mod owner;
mod pages;
mod panels;
mod pipe;
mod ports;
mod problem;
mod proxy_login;
mod recording;
mod redirect;
mod request;
mod run;
mod say;
mod search;
mod seats;
mod serve;
mod session;
mod shares;
mod sight;
mod simple;
mod socket;
mod sse;
mod timeline;
mod tokens;
mod touch;
mod trial;
mod turn;
mod users;
mod values;
mod write;
mod www;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use forwarded::Proxies;
pub use origin::Rules;
pub use serve::Listening;

use crate::accept::{self, Bandwidth};
use crate::access::{Access, Visitor};
use crate::audit::{Action, Audit, Entry};
use crate::booking::Bookings;
use crate::config::{Limits, Login};
use crate::entrances::Entrances;
use crate::flash::Flashers;
use crate::hub::Hub;
use crate::oidc::Provider;
use crate::pages::Pages;
use crate::panel::Panel;
use crate::panels::{Panels, PanelsError};
use crate::port::{Actor, Port};
use crate::right::Rights;
use crate::state::{Bridged, Viewer};
use crate::triggers::Triggers;
use crate::wire::talk::{self, LIMITS};
use problem::Problem;
use proxy_login::ProxyLogin;
use seats::Seats;
use serve::Bounds;
use sight::Sight;

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
struct Peer {
    address: SocketAddr,
    /// Whether it came in where nobody is asked as long as there are no accounts.
    trusted: bool,
    /// Whether nobody in between can read along or join in: it came over TLS, here or up to a proxy.
    secure: bool,
    /// Whether it is a proxy whose word counts.
    proxied: bool,
}

/// What all requests share.
struct Shared {
    sight: Sight,
    access: Arc<Access>,
    entrances: Arc<Entrances>,
    bookings: Arc<Bookings>,
    panels: Arc<Panels>,
    triggers: Arc<Triggers>,
    flashers: Arc<Flashers>,
    bridged: Option<watch::Receiver<Bridged>>,
    audit: Audit,
    rules: Rules,
    /// The proxy that vouches for people,
    proxy_login: Option<ProxyLogin>,
    /// and the provider that does.
    oidc: Option<Provider>,
    /// What a client must stay below.
    limits: talk::Limits,
    /// A seat for each connection of an account's.
    of_accounts: Arc<accept::Seats<Arc<str>>>,
    /// The user's own.
    pages: Option<Pages>,
    /// Changes when the server restarts: offsets of another boot may mean other bytes.
    boot: String,
    clients: AtomicU64,
    texts: news::Texts,
    /// A seat for each search that may run.
    searches: Seats,
    /// The same for charts.
    charts: Seats,
    /// The same for files that are on their way to a flasher.
    uploads: Seats,
    /// A seat for each reply that may be waited for.
    exchanges: Semaphore,
    /// How long a link to a port counts at most.
    longest_share: Duration,
    stop: CancellationToken,
    /// The sockets, which outlive their requests.
    sockets: TaskTracker,
}

type Web = Arc<Shared>;

impl Shared {
    /// Ready where a panel is for a port that may be seen, and where somebody sees all.
    fn expect_panel(&self, rights: &Rights, name: &str) -> Result<(), Problem> {
        let all = Arc::clone(&self.panels.watch().borrow());
        let seen = sight::panels(&all, rights);
        if rights.administer() || seen.iter().any(|panel| panel.name == name) {
            return Ok(());
        }
        let names = seen.iter().map(|panel| panel.name.as_str());
        Err(PanelsError::unknown(name, names).into())
    }

    /// A panel that is for a port.
    fn panel(&self, actor: &Actor, name: &str, port: &Port) -> Result<Arc<Panel>, Problem> {
        self.expect_panel(&actor.rights, name)?;
        let (panel, state) = (self.panels.get(name)?, port.state());
        if panel.is_for(&state.name, state.identity.as_ref()) {
            return Ok(panel);
        }
        Err(Problem::forbidden(format_args!(
            "panel {name:?} is not for {}; its \"for\" says whom it is for",
            state.name
        )))
    }

    /// Tells the audit what somebody did to the server itself.
    fn tell(&self, actor: &Actor, action: Action, what: impl FnOnce() -> String) {
        self.audit.tell(|| Entry {
            detail: Some(what()),
            ..actor.entry(action)
        });
    }

    /// Names a new connection, for others and for itself.
    fn arrive(&self, door: &str, from: IpAddr, visitor: &Visitor) -> (Actor, Viewer) {
        let number = self.clients.fetch_add(1, Ordering::Relaxed) + 1;
        let name = visitor.known_as();
        let viewer = Viewer {
            client: format!("c{number}"),
            name: name.unwrap_or_else(|| format!("{door} {number}")),
            from,
            door: door.to_owned(),
        };
        (Actor::of(&viewer, visitor), viewer)
    }
}

/// What the web door leads to.
pub struct Inside {
    /// The ports,
    pub hub: Arc<Hub>,
    /// who may come to them,
    pub access: Arc<Access>,
    /// the entrances that others have to them,
    pub entrances: Arc<Entrances>,
    /// whose they are for a time,
    pub bookings: Arc<Bookings>,
    /// the panels for them,
    pub panels: Arc<Panels>,
    /// what happens there by itself,
    pub triggers: Arc<Triggers>,
    /// what writes to their devices,
    pub flashers: Arc<Flashers>,
    /// how the bridge to a broker is, if there is one,
    pub bridged: Option<watch::Receiver<Bridged>>,
    /// who vouches for people besides their accounts,
    pub login: Login,
    /// and what is told of who does what.
    pub audit: Audit,
}

/// The web door, ready to serve.
pub struct Door {
    router: Router,
    bounds: Bounds,
    proxies: Arc<Proxies>,
    shared: Web,
}

impl Door {
    /// A door to what is `inside`, within `limits`. The word of `proxies` counts on whom they speak for;
    /// `pages` are the user's own.
    pub fn new(
        inside: Inside,
        rules: Rules,
        proxies: Proxies,
        (limits, bandwidth): (&Limits, Arc<Bandwidth>),
        pages: Option<Pages>,
        boot: String,
    ) -> Self {
        let Inside {
            hub,
            access,
            entrances,
            bookings,
            panels,
            triggers,
            flashers,
            bridged,
            login,
            audit,
        } = inside;
        let shared = Arc::new(Shared {
            sight: Sight::new(hub),
            access,
            entrances,
            bookings,
            panels,
            triggers,
            flashers,
            bridged,
            audit,
            rules,
            proxy_login: login.proxy.map(ProxyLogin::new),
            oidc: login.oidc.map(Provider::new),
            limits: talk::Limits {
                message: limits.message_size,
                ..LIMITS
            },
            of_accounts: accept::Seats::new(usize::MAX, limits.connections_per_account),
            pages,
            boot,
            clients: AtomicU64::new(0),
            texts: news::Texts::default(),
            searches: Seats::new(search::SEATS, "searches"),
            charts: Seats::new(values::SEATS, "charts"),
            uploads: Seats::new(flash::SEATS, "uploads"),
            exchanges: Semaphore::new(expect::SEATS),
            longest_share: limits.longest_share,
            stop: CancellationToken::new(),
            sockets: TaskTracker::new(),
        });
        let router = api::router()
            .route("/api/", get(assets::to_reference))
            .route("/api/v1/", get(assets::to_reference))
            .route("/sdk.js", get(assets::sdk))
            .route("/sdk.classic.js", get(assets::sdk))
            .route("/reload.js", get(pages::script))
            .route("/console", get(assets::to_console))
            .route("/console/", get(assets::console))
            .route("/console/{*path}", get(assets::console))
            .fallback(www::page)
            .method_not_allowed_fallback(www::other_method)
            .layer(DefaultBodyLimit::max(limits.message_size))
            .layer(middleware::from_fn_with_state(
                Arc::clone(&shared),
                guard::guard,
            ))
            .with_state(Arc::clone(&shared));
        Self {
            router,
            bounds: Bounds::new(limits, bandwidth),
            proxies: Arc::new(proxies),
            shared,
        }
    }

    /// Serves one listener until [`close`](Self::close).
    pub fn serve(&self, listening: Listening) -> impl Future<Output = ()> + use<> {
        serve::serve(
            listening,
            self.router.clone(),
            self.bounds.clone(),
            Arc::clone(&self.proxies),
            self.shared.stop.clone(),
        )
    }

    /// Sends whoever comes to a listener to the port where TLS is spoken, until [`close`](Self::close).
    pub fn redirect(&self, listener: TcpListener, port: u16) -> impl Future<Output = ()> + use<> {
        redirect::serve(
            listener,
            port,
            self.bounds.clone(),
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
