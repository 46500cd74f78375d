//! A plan: what the options come to, with all that is wrong with them, before anything is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::Options;
use crate::bind::resolve;
use crate::diagnostic::{Diagnostic, Key, Severity};
use crate::doors::Dialect;
use crate::journal::Journal;

/// Options that cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Unfit(pub Vec<Diagnostic>);

/// What is to be opened where.
#[derive(Debug, Default)]
pub struct Plan {
    /// For browsers: the addresses that each listener stands for.
    pub listeners: Vec<Vec<SocketAddr>>,
    /// For programs: what is spoken there, and to which port it leads.
    pub entrances: Vec<(Dialect, Option<String>, Vec<SocketAddr>)>,
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
            let addresses = plan.look_up(&key, address, true, &mut taken).await;
            plan.listeners.push(addresses);
        }
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
            let addresses = plan
                .look_up(&key, address, options.no_auth, &mut taken)
                .await;
            let port = entrance.port.as_ref().or(first).cloned();
            plan.entrances.push((*dialect, port, addresses));
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
