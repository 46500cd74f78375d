//! The server: opens the hub and the doors, and closes them in reverse order.

mod plan;
mod survey;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::access::{self, Access};
use crate::bind::{Bound, bind};
use crate::config::{Entrance, Flasher, Mqtt, PortSpec};
use crate::doors::Dialect;
use crate::entrances::{Entrances, Opened};
use crate::flash::Flashers;
use crate::hub::Hub;
use crate::journal::{Journals, Policy, Recorder};
use crate::mqtt::Bridge;
use crate::pages::Pages;
use crate::panels::Panels;
use crate::store::{Durability, Keep, Store};
use crate::telnet;
use crate::triggers::Triggers;
use crate::web::{Door, Inside, Rules};
pub use plan::{Plan, Unfit};
pub use survey::survey;

/// How long clients have to take their goodbye.
const CLOSE_LIMIT: Duration = Duration::from_millis(1500);
/// How long the disk has to take the rest.
const STORE_LIMIT: Duration = Duration::from_secs(5);

/// What to serve, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen, as `HOST:PORT`.
    pub listen: Vec<String>,
    /// The folder of the user's own page.
    pub www: Option<PathBuf>,
    /// The folder for what is kept.
    pub data: Option<PathBuf>,
    /// The folder for panels.
    pub panels: Option<PathBuf>,
    /// Host names the server answers to, besides localhost, addresses and the machine's own name.
    pub allow_host: Vec<String>,
    /// Origins of foreign pages that may use the server.
    pub allow_origin: Vec<String>,
    /// What people, groups and programs may do besides what stands in the accounts.
    pub allow: Vec<access::Rule>,
    /// Whether other machines need no token either.
    pub no_auth: bool,
    /// Whether the token is made anew.
    pub new_token: bool,
    /// Whether ports that are found are listed too.
    pub discover: bool,
    /// The journal of each port in memory, in bytes.
    pub ring: usize,
    /// What is recorded.
    pub record: Policy,
    /// How much of it is kept.
    pub keep: Keep,
    /// How safe a commit is.
    pub durability: Durability,
    /// The ports.
    pub ports: Vec<PortSpec>,
    /// Where programs reach them.
    pub entrances: Vec<(Dialect, Entrance)>,
    /// The ports whose lines are moved as RFC 2217 clients send it.
    pub as_sent: BTreeSet<String>,
    /// The commands that write files to devices, by name.
    pub flash: BTreeMap<String, Flasher>,
    /// The broker that they are told of.
    pub mqtt: Option<Mqtt>,
}

/// A server that listens and has not begun to serve.
pub struct Server {
    listeners: Vec<(TcpListener, SocketAddr, bool)>,
    door: Door,
    entrances: Arc<Entrances>,
    opened: mpsc::Receiver<Opened>,
    telnet: telnet::Door,
    flashers: Arc<Flashers>,
    bridge: Option<Bridge>,
    access: Arc<Access>,
    /// The secret to be shown once, if it was made just now.
    secret: Option<String>,
    recorder: Option<Recorder>,
}

impl Server {
    /// Opens everything. Ports that cannot be opened are tried again later; all else is an error.
    pub async fn open(options: Options) -> anyhow::Result<Self> {
        let plan = Plan::of(&options).await.fit()?;
        let mut listeners = Vec::new();
        for (address, found) in options.listen.iter().zip(plan.listeners) {
            for Bound { listener, address } in listen("listen", address, &found).await? {
                let trusted = address.ip().is_loopback() || options.no_auth;
                listeners.push((listener, address, trusted));
            }
        }
        let mut entrances = Vec::new();
        let wishes = options.entrances.iter();
        for ((_, wish), (dialect, port, found)) in wishes.zip(plan.entrances) {
            let bound = listen(dialect.key(), &wish.address, &found).await?;
            let bound = bound.into_iter();
            entrances.extend(bound.map(|bound| (dialect, port.clone(), bound)));
        }
        let access = Access::open(options.data.clone(), options.allow, options.no_auth).await?;
        let asks_nobody = listeners.iter().all(|(_, _, trusted)| *trusted);
        let secret = match asks_nobody || access.accounts() {
            true => None,
            false => access.with_server_token(options.new_token)?,
        };
        let mut hosts: Vec<String> = options
            .allow_host
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        if let Some(name) = machine_name() {
            hosts.push(format!("{name}.local"));
            hosts.push(name);
        }
        let rules = Rules {
            hosts,
            origins: options.allow_origin,
        };
        let (boot, _) = access::make::<24>("").context("the system gives no random numbers")?;
        let is_recorded = options.record != Policy::default();
        let (journals, recorder) = match &options.data {
            Some(data) if is_recorded => {
                let (store, limit) = (Arc::new(Store::new(data)), options.keep.bytes);
                let recorder =
                    Recorder::start(Arc::clone(&store), options.keep, options.durability)
                        .context("the system has no thread for the recorder")?;
                let orders = recorder.orders();
                let journals =
                    Journals::recorded(options.ring, (store, limit), options.record, orders);
                (journals, Some(recorder))
            }
            _ => (Journals::in_memory(options.ring), None),
        };
        let pages = match options.www {
            Some(folder) => Some(Pages::open(folder).await),
            None => None,
        };
        let hub = Hub::start(options.ports, journals, options.discover).await;
        let panels = Panels::start(options.panels, &hub).await;
        let triggers = Triggers::start(&hub, &panels);
        let (entrances, opened) = Entrances::start(Arc::clone(&hub), entrances, options.no_auth);
        let flashers = Flashers::new(options.flash);
        let bridge = options
            .mqtt
            .map(|mqtt| Bridge::start(Arc::clone(&hub), mqtt));
        let inside = Inside {
            hub: Arc::clone(&hub),
            access: Arc::clone(&access),
            entrances: Arc::clone(&entrances),
            panels,
            triggers,
            flashers: Arc::clone(&flashers),
            bridged: bridge.as_ref().map(Bridge::watch),
        };
        Ok(Self {
            listeners,
            opened,
            telnet: telnet::Door::new(hub, options.as_sent),
            door: Door::new(inside, rules, pages, boot),
            flashers,
            bridge,
            entrances,
            access,
            secret,
            recorder,
        })
    }

    /// The links to the console, one for each listener. The token stands in those that need it,
    /// and only when it was made just now.
    pub fn links(&self) -> impl Iterator<Item = String> {
        self.listeners.iter().map(|(_, bound, trusted)| {
            let shown = match (bound.ip().is_unspecified(), own_address(), machine_name()) {
                (false, ..) | (true, None, None) => bound.to_string(),
                (true, Some(address), _) => SocketAddr::new(address, bound.port()).to_string(),
                (true, None, Some(name)) => format!("{name}:{}", bound.port()),
            };
            match &self.secret {
                Some(secret) if !trusted => format!("http://{shown}/console/#token={secret}"),
                _ => format!("http://{shown}/"),
            }
        })
    }

    /// The links for programs: the port, and where it is.
    pub fn entrances(&self) -> Vec<(String, String)> {
        self.entrances.links()
    }

    /// Whether other machines are asked for a token that was made earlier.
    pub fn asks_for_known_token(&self) -> bool {
        let asks = self.listeners.iter().any(|(_, _, trusted)| !trusted);
        asks && self.secret.is_none() && !self.access.accounts()
    }

    /// Serves until `stop` is ready, then says goodbye to everybody.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut serving = JoinSet::new();
        for (listener, _, trusted) in self.listeners {
            serving.spawn(self.door.serve(listener, trusted));
        }
        serving.spawn(self.telnet.serve(self.opened));
        stop.await;
        let closing = async {
            tokio::join!(
                self.telnet.close(),
                self.door.close(),
                self.flashers.close(),
                async {
                    if let Some(bridge) = self.bridge {
                        bridge.close().await;
                    }
                }
            )
        };
        if tokio::time::timeout(CLOSE_LIMIT, closing).await.is_err() {
            tracing::debug!("some clients did not take their goodbye");
        }
        if let Some(recorder) = self.recorder
            && tokio::time::timeout(STORE_LIMIT, recorder.close())
                .await
                .is_err()
        {
            tracing::warn!("the disk is too slow: the last moments are not recorded");
        }
    }
}

/// Listens on every address that the text stands for.
async fn listen(flag: &str, address: &str, found: &[SocketAddr]) -> anyhow::Result<Vec<Bound>> {
    let bound = bind(found).await;
    bound.with_context(|| format!("--{flag} {address}"))
}

/// The name by which other machines know this one.
fn machine_name() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_str()
        .ok()
        .map(str::to_lowercase);
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME")
        .ok()
        .map(|name| name.to_lowercase());
    name.filter(|name| !name.is_empty())
}

/// An address of this machine that others may reach: the one it would speak from. Nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
