//! A plan: what the options come to, with all that is wrong with them, before anything is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::Options;
use crate::bind::resolve;
use crate::config::Login;
use crate::diagnostic::{Diagnostic, Key, Severity};
use crate::doors::Dialect;
use crate::journal::Journal;
use crate::tls::{Certificate, Pair};

/// What is said where TLS is asked for and there is none.
const NO_TLS: &str = "there is no certificate for TLS; name one with --tls-cert and --tls-key, or have one made with --tls-self-signed";

/// Options that cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Unfit(pub Vec<Diagnostic>);

/// Where browsers come in.
#[derive(Debug)]
pub struct Listener {
    /// The addresses.
    pub addresses: Vec<SocketAddr>,
    /// Whether TLS is spoken, where the wish says it.
    said: Option<bool>,
    /// Whether there is a certificate.
    could: bool,
}

impl Listener {
    /// Whether TLS is spoken at one of its addresses. What stays on this machine is not overheard, and
    /// no certificate need name it: there it is spoken only where the wish says so.
    pub fn speaks_tls(&self, address: SocketAddr) -> bool {
        self.could && self.said.unwrap_or(!address.ip().is_loopback())
    }
}

/// Where programs come in.
#[derive(Debug)]
pub struct Door {
    /// What is spoken,
    pub dialect: Dialect,
    /// and whether that is within TLS.
    pub tls: bool,
    /// The port that it leads to.
    pub port: Option<String>,
    /// The addresses.
    pub addresses: Vec<SocketAddr>,
}

/// What is to be opened where.
#[derive(Debug, Default)]
pub struct Plan {
    /// For browsers.
    pub listeners: Vec<Listener>,
    /// For those who come without TLS to where it is not spoken.
    pub redirect: Vec<SocketAddr>,
    /// For programs.
    pub entrances: Vec<Door>,
    /// What is wrong with all that.
    pub diagnostics: Vec<Diagnostic>,
}

impl Plan {
    /// Looks through all options. Names of machines are looked up; nothing is opened.
    pub async fn of(options: &Options) -> Self {
        let mut plan = Self {
            diagnostics: limits(options),
            ..Self::default()
        };
        plan.ports(options);
        let mut taken = Vec::new();
        for (index, address) in options.listen.iter().enumerate() {
            let key = Key {
                index: Some(index),
                ..Key::top("listen")
            };
            let (said, bare) = scheme(address);
            let could = options.certificate.is_some();
            if said == Some(true) && !could {
                plan.diagnostics
                    .push(Diagnostic::error(key.clone(), NO_TLS));
            }
            let addresses = plan.look_up(&key, bare, true, &mut taken).await;
            plan.listeners.push(Listener {
                addresses,
                said,
                could,
            });
        }
        plan.tls(options, &mut taken).await;
        plan.login(options);
        let first = options.ports.first().map(|port| &port.name);
        for (dialect, entrance) in &options.entrances {
            let key = match &entrance.port {
                Some(port) => Key::of_port(port, dialect.key()),
                None => Key::top(dialect.key()),
            };
            let address = &entrance.address;
            if let Some(name) = &entrance.port
                && !options.discover
                && options.ports.iter().all(|port| port.name != *name)
            {
                let names: Vec<_> = options.ports.iter().map(|port| &*port.name).collect();
                let names = names.join(", ");
                let text = format!("{address}: there is no port of that name; there is: {names}");
                plan.diagnostics.push(Diagnostic::error(key.clone(), text));
            }
            if entrance.tls && options.certificate.is_none() {
                plan.diagnostics
                    .push(Diagnostic::error(key.clone(), NO_TLS));
            }
            let addresses = plan
                .look_up(&key, address, options.programs_from_elsewhere(), &mut taken)
                .await;
            let port = entrance.port.as_ref().or(first).cloned();
            plan.entrances.push(Door {
                dialect: *dialect,
                tls: entrance.tls,
                port,
                addresses,
            });
        }
        plan
    }

    /// The plan, if nothing keeps it from being carried out. What is only odd is logged.
    ///
    /// # Errors
    /// With everything that does.
    pub fn fit(self) -> Result<Self, Unfit> {
        let is_error = |found: &Diagnostic| found.severity == Severity::Error;
        if self.diagnostics.iter().any(is_error) {
            return Err(Unfit(self.diagnostics));
        }
        for odd in &self.diagnostics {
            tracing::warn!("{odd}");
        }
        Ok(self)
    }

    /// Whether the certificate can be used, and is; and where those are sent on who come without TLS.
    async fn tls(&mut self, options: &Options, taken: &mut Vec<(SocketAddr, String)>) {
        let is_spoken = self.listeners.iter().any(|listener| {
            let mut addresses = listener.addresses.iter();
            addresses.any(|address| listener.speaks_tls(*address))
        });
        if let Some(address) = &options.redirect {
            let key = Key::of_tls("redirect");
            if !is_spoken {
                let text =
                    format!("{address}: there is nowhere to send anybody: no listener speaks TLS");
                self.diagnostics.push(Diagnostic::error(key.clone(), text));
            }
            self.redirect = self.look_up(&key, address, true, taken).await;
        }
        let key = match &options.certificate {
            None => return,
            Some(Certificate::SelfSigned) => "self_signed",
            Some(Certificate::Files(files)) => match Pair::read(files) {
                Ok(pair) => {
                    let odd = pair.odd.into_iter();
                    self.diagnostics
                        .extend(odd.map(|odd| Diagnostic::warning(Key::of_tls("cert"), odd)));
                    "cert"
                }
                Err(error) => {
                    let key = if error.is_of_key(files) {
                        "key"
                    } else {
                        "cert"
                    };
                    let error = Diagnostic::error(Key::of_tls(key), error);
                    return self.diagnostics.push(error);
                }
            },
        };
        if !is_spoken && !options.entrances.iter().any(|(_, entrance)| entrance.tls) {
            let text = "nobody speaks TLS: all listeners are of this machine alone; listen where others \
                        come in too, such as 0.0.0.0:8443, or say it, as in https://127.0.0.1:8443";
            self.diagnostics
                .push(Diagnostic::warning(Key::of_tls(key), text));
        }
    }

    /// Whether those who vouch for people can.
    fn login(&mut self, options: &Options) {
        let mut wrong = |table, key, text: &str| {
            let key = Key::within("login", table, key);
            self.diagnostics.push(Diagnostic::error(key, text));
        };
        let Login { proxy, oidc } = &options.login;
        if proxy.is_some() && options.trusted_proxies.is_empty() {
            let text = "nobody may say who asks: name the proxy's address in trusted_proxies";
            wrong("proxy", "user", text);
        }
        let tables = [("proxy", proxy.is_some()), ("oidc", oidc.is_some())];
        for (table, _) in tables
            .into_iter()
            .filter(|(_, is_there)| *is_there && options.no_auth)
        {
            wrong(
                table,
                "",
                "where everybody is let in (--no-auth) nobody is asked; leave out one of the two",
            );
        }
        let unread = oidc.as_ref().and_then(|oidc| oidc.read_secret().err());
        self.diagnostics.extend(unread);
    }

    /// Names and devices that stand for more than one port.
    fn ports(&mut self, options: &Options) {
        let (mut names, mut devices) = (BTreeSet::new(), BTreeMap::new());
        for port in &options.ports {
            let name = &port.name;
            if !names.insert(name) {
                self.diagnostics.push(Diagnostic {
                    severity: Severity::Error,
                    key: None,
                    text: format!(
                        "two ports have the name {name}; give one another, as in NAME=DEVICE"
                    ),
                });
            }
            let node = port.device.canonicalize();
            let node = node.unwrap_or_else(|_| port.device.clone());
            if let Some(other) = devices.insert(node, name) {
                let text = format!(
                    "{} is the device of {other} too, and only one of them can have it; leave one out, or name \
                     another device",
                    port.device.display()
                );
                let key = Key::of_port(name, "device");
                self.diagnostics.push(Diagnostic::warning(key, text));
            }
        }
    }

    /// The addresses that a text stands for: `public` ones where strangers may come. Those of all others are
    /// `taken`.
    async fn look_up(
        &mut self,
        key: &Key,
        address: &str,
        public: bool,
        taken: &mut Vec<(SocketAddr, String)>,
    ) -> Vec<SocketAddr> {
        let full = match address.strip_prefix(':') {
            Some(port) => format!("127.0.0.1:{port}"),
            None => address.to_owned(),
        };
        let mut wrong = |text: String| {
            self.diagnostics.push(Diagnostic::error(key.clone(), text));
        };
        let found = match resolve(&full, public).await {
            Ok(found) => found,
            Err(error) => {
                wrong(error.to_string());
                return Vec::new();
            }
        };
        let clash = found.iter().find_map(|address| {
            let (_, by) = taken.iter().find(|(other, _)| clashes(*address, *other))?;
            Some(by.clone())
        });
        if let Some(by) = clash {
            wrong(format!(
                "{address}: {by} has this address already; give each its own port number"
            ));
        }
        let by = key.to_string().trim_start_matches('-').to_owned();
        taken.extend(found.iter().map(|address| (*address, by.clone())));
        found
    }
}

/// Numbers out of range, and folders that are not there.
fn limits(options: &Options) -> Vec<Diagnostic> {
    let mut wrong = options.keep.check();
    let (least, most) = (Journal::MIN_CAPACITY, Journal::MAX_CAPACITY);
    if !(least..=most).contains(&options.ring) {
        let text = format!(
            "{}: it can be from {} KiB to {} MiB",
            options.ring,
            least >> 10,
            most >> 20
        );
        wrong.push(Diagnostic::error(Key::top("ring"), text));
    }
    if let Some(www) = &options.www
        && !www.is_dir()
    {
        let text = format!("{}: there is no such folder", www.display());
        wrong.push(Diagnostic::error(Key::top("www"), text));
    }
    wrong
}

/// What is said of TLS in front of an address, and the address.
fn scheme(wish: &str) -> (Option<bool>, &str) {
    for (scheme, tls) in [("https://", true), ("http://", false)] {
        if let Some(address) = wish.strip_prefix(scheme) {
            return (Some(tls), address.trim_end_matches('/'));
        }
    }
    (None, wish)
}

/// Whether the system would refuse one of two listeners. Port 0 stands for any that is free.
fn clashes(one: SocketAddr, other: SocketAddr) -> bool {
    let all = |address: SocketAddr| address.ip().is_unspecified();
    let same_kind = one.is_ipv4() == other.is_ipv4();
    let overlap = one.ip() == other.ip()
        || same_kind && (all(one) || all(other))
        || all(one) && one.is_ipv6()
        || all(other) && other.is_ipv6();
    one.port() == other.port() && one.port() != 0 && overlap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_clash_where_the_system_would_refuse_the_second() {
        for (one, other, expected) in [
            ("127.0.0.1:1", "127.0.0.1:1", true),
            ("127.0.0.1:1", "127.0.0.1:2", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
            ("127.0.0.1:1", "127.0.0.2:1", false),
            ("0.0.0.0:1", "127.0.0.1:1", true),
            ("[::1]:1", "127.0.0.1:1", false),
            ("0.0.0.0:1", "[::1]:1", false),
            ("[::]:1", "127.0.0.1:1", true),
        ] {
            let (one, other) = (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(clashes(one, other), expected, "{one} {other}");
            assert_eq!(clashes(other, one), expected, "{other} {one}");
        }
    }
}
