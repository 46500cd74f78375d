//! The server: opens the hub and the doors, and closes them in reverse order.

mod machine;
mod plan;
mod survey;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ipnet::IpNet;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::accept::Bandwidth;
use crate::access::{self, Access, Vouchers};
use crate::audit::{Action, Audit, Entry};
use crate::bind::{Bound, bind};
use crate::booking::Bookings;
use crate::config::{self, Entrance, Flasher, Limits, Login, Mqtt, PortSpec};
use crate::doors::{Dialect, Manner};
use crate::entrances::{Entrances, Opened, Unserved};
use crate::flash::Flashers;
use crate::hub::Hub;
use crate::journal::{Journals, Policy, Recorder};
use crate::mqtt::Bridge;
use crate::pages::Pages;
use crate::panels::Panels;
use crate::store::{Durability, Keep, Store};
use crate::telnet;
use crate::tls::{Certificate, Fingerprint, Tls};
use crate::triggers::Triggers;
use crate::web::{Door, Inside, Listening, Proxies, Rules};
pub use plan::{Listener, Plan, Unfit};
pub use survey::survey;

/// How long clients have to take their goodbye.
const CLOSE_LIMIT: Duration = Duration::from_millis(1500);
/// How long the disk has to take the rest.
const STORE_LIMIT: Duration = Duration::from_secs(5);

/// What to serve, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen, as `HOST:PORT`; `http://` and `https://` may say whether TLS is spoken there.
    pub listen: Vec<String>,
    /// The certificate for TLS.
    pub certificate: Option<Certificate>,
    /// Where to listen only to send everybody to where TLS is spoken.
    pub redirect: Option<String>,
    /// Reverse proxies whose word counts on whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
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
    /// Who vouches for people besides their accounts.
    pub login: Login,
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
    /// How the programs of each port are treated; as usual without a word.
    pub manners: BTreeMap<String, Manner>,
    /// The commands that write files to devices, by name.
    pub flash: BTreeMap<String, Flasher>,
    /// Where it is told who did what; where it usually is, if nothing is said.
    pub audit: Option<config::Audit>,
    /// What may be booked.
    pub booking: config::Booking,
    /// What strangers can hold.
    pub limits: Limits,
    /// The broker that they are told of.
    pub mqtt: Option<Mqtt>,
}

impl Options {
    /// Whether programs may come from other machines: where everybody may, or where a rule says who.
    pub fn programs_from_elsewhere(&self) -> bool {
        self.no_auth || access::rule::for_programs(&self.allow).next().is_some()
    }
}

/// A server that listens and has not begun to serve.
pub struct Server {
    listeners: Vec<(Listening, SocketAddr)>,
    redirects: Vec<Bound>,
    tls: Option<Arc<Tls>>,
    door: Door,
    entrances: Arc<Entrances>,
    opened: mpsc::Receiver<Opened>,
    telnet: telnet::Door,
    flashers: Arc<Flashers>,
    bridge: Option<Bridge>,
    audit: Audit,
    access: Arc<Access>,
    /// Whether strangers come by a proxy, also to where nobody is asked.
    behind_proxy: bool,
    /// The secret to be shown once, if it was made just now.
    secret: Option<String>,
    recorder: Option<Recorder>,
}

impl Server {
    /// Opens everything. Ports that cannot be opened are tried again later; all else is an error.
    pub async fn open(options: Options) -> anyhow::Result<Self> {
        let from_elsewhere = options.programs_from_elsewhere();
        let plan = Plan::of(&options).await.fit()?;
        let mut hosts: Vec<String> = options
            .allow_host
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        if let Some(name) = machine::name() {
            hosts.push(format!("{name}.local"));
            hosts.push(name);
        }
        let tls = match options.certificate {
            Some(certificate) => {
                let names = machine::names(&hosts, &plan.listeners);
                Some(Tls::open(certificate, options.data.as_deref(), names)?)
            }
            None => None,
        };
        let mut listeners = Vec::new();
        for (address, wish) in options.listen.iter().zip(plan.listeners) {
            for bound in listen("listen", address, &wish.addresses).await? {
                let Bound { listener, address } = bound;
                let listening = Listening {
                    listener,
                    trusted: address.ip().is_loopback() || options.no_auth,
                    tls: tls.clone().filter(|_| wish.speaks_tls(address)),
                };
                listeners.push((listening, address));
            }
        }
        let redirects = match &options.redirect {
            Some(address) => listen("tls-redirect", address, &plan.redirect).await?,
            None => Vec::new(),
        };
        let mut unserved = Vec::new();
        for ((_, wish), door) in options.entrances.iter().zip(plan.entrances) {
            let bound = listen(door.dialect.key(), &wish.address, &door.addresses).await?;
            unserved.extend(bound.into_iter().map(|bound| Unserved {
                dialect: door.dialect,
                tls: door.tls,
                port: door.port.clone(),
                bound,
            }));
        }
        let wish = options.audit.clone().unwrap_or_default();
        let audit = Audit::new(wish.plan(options.data.as_deref()));
        let at_home = |address: &SocketAddr| address.ip().is_loopback();
        let addresses = listeners.iter().map(|(_, address)| address);
        let programs = unserved.iter().map(|unserved| &unserved.bound.address);
        if options.audit.is_some() || !addresses.chain(programs).all(at_home) {
            audit.begin();
        }
        let (data, allow) = (options.data.clone(), options.allow);
        let vouchers = Vouchers {
            proxy: options.login.proxy.is_some(),
            issuer: options.login.oidc.as_ref().map(|oidc| oidc.issuer.clone()),
        };
        let access = Access::open(data, allow, vouchers, options.no_auth, audit.clone()).await?;
        let behind_proxy = !options.no_auth && !options.trusted_proxies.is_empty();
        let at_home = listeners.iter().all(|(listening, _)| listening.trusted);
        let asks_nobody = at_home && !behind_proxy;
        let secret = match asks_nobody || access.asks() {
            true => None,
            false => access.with_server_token(options.new_token)?,
        };
        let rules = Rules {
            hosts,
            origins: options.allow_origin,
        };
        let proxies = Proxies(options.trusted_proxies);
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
        let hub = Hub::start(options.ports, journals, audit.clone(), options.discover).await;
        let longest = options.booking.longest;
        let bookings = Bookings::start(&hub, options.data.as_deref(), longest, audit.clone())?;
        let panels = Panels::start(options.panels, &hub).await;
        let triggers = Triggers::start(&hub, &panels);
        let (entrances, opened) =
            Entrances::start(Arc::clone(&hub), unserved, from_elsewhere, tls.clone());
        let flashers = Flashers::new(options.flash);
        let bridge = options
            .mqtt
            .map(|mqtt| Bridge::start(Arc::clone(&hub), mqtt));
        let limits = &options.limits;
        let bandwidth = Bandwidth::new(limits.bandwidth_per_address, limits.bandwidth_per_account);
        let inside = Inside {
            hub: Arc::clone(&hub),
            access: Arc::clone(&access),
            entrances: Arc::clone(&entrances),
            bookings,
            panels,
            triggers,
            flashers: Arc::clone(&flashers),
            bridged: bridge.as_ref().map(Bridge::watch),
            login: options.login,
            audit: audit.clone(),
        };
        Ok(Self {
            listeners,
            redirects,
            tls,
            opened,
            telnet: telnet::Door::new(
                hub,
                Arc::clone(&access),
                options.manners,
                (limits, Arc::clone(&bandwidth)),
            ),
            door: Door::new(inside, rules, proxies, (limits, bandwidth), pages, boot),
            flashers,
            bridge,
            audit,
            entrances,
            access,
            behind_proxy,
            secret,
            recorder,
        })
    }

    /// The links to the console, one for each listener. The token stands in those that need it,
    /// and only when it was made just now.
    pub fn links(&self) -> impl Iterator<Item = String> {
        self.listeners.iter().map(|(listening, bound)| {
            let own = machine::addresses().next();
            let shown = match (bound.ip().is_unspecified(), own, machine::name()) {
                (false, ..) | (true, None, None) => bound.to_string(),
                (true, Some(address), _) => SocketAddr::new(address, bound.port()).to_string(),
                (true, None, Some(name)) => format!("{name}:{}", bound.port()),
            };
            let scheme = listening.tls.as_ref().map_or("http", |_| "https");
            match &self.secret {
                Some(secret) if !listening.trusted || self.behind_proxy => {
                    format!("{scheme}://{shown}/console/#token={secret}")
                }
                _ => format!("{scheme}://{shown}/"),
            }
        })
    }

    /// The fingerprint of a certificate that nobody else vouches for.
    pub fn own_fingerprint(&self) -> Option<Fingerprint> {
        self.tls.as_ref()?.own_fingerprint()
    }

    /// The links for programs: the port, and where it is.
    pub fn entrances(&self) -> Vec<(String, String)> {
        self.entrances.links()
    }

    /// Whether other machines are asked for a token that was made earlier.
    pub fn asks_for_known_token(&self) -> bool {
        let asks = self
            .listeners
            .iter()
            .any(|(listening, _)| !listening.trusted);
        (asks || self.behind_proxy) && self.secret.is_none() && !self.access.asks()
    }

    /// Serves until `stop` is ready, then says goodbye to everybody.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut serving = JoinSet::new();
        let addresses = self.listeners.iter().map(|(_, bound)| bound.to_string());
        let at = addresses.collect::<Vec<_>>().join(", ");
        self.audit.tell(|| Entry {
            detail: Some(format!("seriald {} at {at}", env!("CARGO_PKG_VERSION"))),
            ..Entry::new(Action::ServerStart)
        });
        let mut listeners = self.listeners.iter();
        let over_tls = listeners.find(|(listening, _)| listening.tls.is_some());
        if let Some(port) = over_tls.map(|(_, address)| address.port()) {
            for Bound { listener, address } in self.redirects {
                tracing::info!("{address} sends browsers to port {port}, where TLS is spoken");
                serving.spawn(self.door.redirect(listener, port));
            }
        }
        for (listening, _) in self.listeners {
            serving.spawn(self.door.serve(listening));
        }
        if let Some(tls) = self.tls {
            serving.spawn(tls.keep());
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
        self.audit.tell(|| Entry::new(Action::ServerStop));
        let audit = self.audit;
        let told = tokio::task::spawn_blocking(move || audit.close());
        if tokio::time::timeout(STORE_LIMIT, told).await.is_err() {
            tracing::warn!("the disk is too slow: the end of the audit is not written");
        }
    }
}

/// Listens on every address that the text stands for.
async fn listen(flag: &str, address: &str, found: &[SocketAddr]) -> anyhow::Result<Vec<Bound>> {
    let bound = bind(found).await;
    bound.with_context(|| format!("--{flag} {address}"))
}
