//! Sight: the ports as far as somebody may see them, and what is told with them. A port that may not
//! be seen is not there: behind this door nobody else asks the hub. Whoever may see an excerpt alone gets
//! a port that has nothing else.

use std::borrow::Cow;
use std::sync::{Arc, Weak};

use tokio::sync::watch;

use super::problem::Problem;
use crate::booking::Booking;
use crate::hub::{Hub, Ports};
use crate::journal::Journals;
use crate::port::Port;
use crate::right::{Right, Rights};
use crate::state::{PortState, Seen};
use crate::wire::talk::{Page, Panel};

/// All ports, for whoever has rights on them.
pub struct Sight(Arc<Hub>);

impl Sight {
    pub fn new(hub: Arc<Hub>) -> Self {
        Self(hub)
    }

    /// The ports that may be seen, in the order in which they are listed.
    pub fn ports(&self, rights: &Rights) -> Vec<Arc<Port>> {
        let all = self.0.ports();
        let ports = visible(&all, rights);
        ports.map(|port| shown(port, rights)).collect()
    }

    /// The port of this name. For one that may not be seen the answer is as for one that there is not.
    pub fn port(&self, rights: &Rights, name: &str) -> Result<Arc<Port>, Problem> {
        let port = self.0.get(name).filter(|_| rights.allow(name, Right::See));
        let port = port.map(|port| shown(&port, rights));
        port.ok_or_else(|| {
            let ports = self.ports(rights);
            let names: Vec<_> = ports.iter().map(|port| port.name()).collect();
            Problem::unknown_port(name, &names)
        })
    }

    /// The ports that may be seen, now and whenever one comes or goes.
    pub fn watch(&self, rights: &Rights) -> Watching {
        Watching {
            list: self.0.watch(),
            rights: rights.clone(),
            excerpts: Vec::new(),
        }
    }

    /// What keeps the journals, also those of ports that are not listed.
    pub fn journals(&self) -> &Journals {
        self.0.journals()
    }
}

/// Somebody who wants to know which ports there are.
pub struct Watching {
    list: watch::Receiver<Ports>,
    rights: Rights,
    /// What is shown in the place of ports, so that it stays the same.
    excerpts: Vec<(Weak<Port>, Arc<Port>)>,
}

impl Watching {
    /// The ports that there are now.
    pub fn ports(&mut self) -> Vec<Arc<Port>> {
        let list = self.list.borrow_and_update();
        let ports = visible(&list, &self.rights);
        let Some(excerpt) = self.rights.excerpt() else {
            return ports.cloned().collect();
        };
        let excerpts = ports.map(|port| {
            let mut known = self.excerpts.iter();
            let known = known.find(|(of, _)| of.as_ptr() == Arc::as_ptr(port));
            let fresh = || (Arc::downgrade(port), port.excerpt(excerpt));
            known.cloned().unwrap_or_else(fresh)
        });
        self.excerpts = excerpts.collect();
        let shown = self.excerpts.iter();
        shown.map(|(_, shown)| Arc::clone(shown)).collect()
    }

    /// Waits until one comes or goes; nothing when the server has ended.
    pub async fn changed(&mut self) -> Option<()> {
        self.list.changed().await.ok()
    }
}

fn visible<'a>(ports: &'a Ports, rights: &'a Rights) -> impl Iterator<Item = &'a Arc<Port>> {
    let ports = ports.iter();
    ports.filter(|port| rights.allow(port.name(), Right::See))
}

/// A port that may be seen, as far as it may.
fn shown(port: &Arc<Port>, rights: &Rights) -> Arc<Port> {
    match rights.excerpt() {
        None => Arc::clone(port),
        Some(excerpt) => port.excerpt(excerpt),
    }
}

/// A state as it is told to somebody with these rights.
pub fn seen(state: PortState, rights: &Rights) -> Seen {
    let may = rights.on(&state.name).map_or(&[][..], Right::and_below);
    Seen {
        may: may.to_vec(),
        state,
    }
}

/// The panels for ports that may be seen, and no other port's name in them. Who administers the
/// server sees all; a guest of one panel that.
pub fn panels<'a>(all: &'a [Panel], rights: &Rights) -> Cow<'a, [Panel]> {
    if rights.administer() {
        return Cow::Borrowed(all);
    }
    let all = all.iter().filter(|panel| rights.show_panel(&panel.name));
    let seen = all.filter_map(|panel| {
        let ports = panel.ports.iter();
        let ports = ports.filter(|port| rights.allow(port, Right::See));
        let ports: Vec<_> = ports.cloned().collect();
        (!ports.is_empty()).then(|| Panel {
            ports,
            ..panel.clone()
        })
    });
    seen.collect()
}

/// The same for the user's own pages, whose ports are those that may be seen already. A page that is
/// for everybody is, but for guests: they see at most the one page that is shown to them.
pub fn pages(mut all: Vec<Page>, rights: &Rights) -> Vec<Page> {
    if let Some(guest) = rights.guest() {
        all.retain(|page| guest.page.as_ref() == Some(&page.path));
    }
    if !rights.administer() {
        all.retain(|page| page.bound.is_none() || !page.ports.is_empty());
    }
    all
}

/// A booking with those of its ports that may be seen, if there are any.
pub fn booking(mut booking: Booking, rights: &Rights) -> Option<Booking> {
    booking.ports.retain(|port| rights.allow(port, Right::See));
    (!booking.ports.is_empty()).then_some(booking)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::right::Guest;

    fn rights(grants: &[&str]) -> Rights {
        Rights::new(grants.iter().map(|grant| grant.parse().unwrap()))
    }

    fn panel(name: &str, ports: &[&str]) -> Panel {
        Panel {
            name: name.to_owned(),
            title: name.to_owned(),
            bound: None,
            ports: ports.iter().map(|&port| port.to_owned()).collect(),
            version: String::new(),
            stop: false,
            triggers: 0,
            problem: None,
        }
    }

    #[test]
    fn a_panel_is_seen_with_those_of_its_ports_that_are() {
        let all = [
            panel("both", &["uno", "rack1"]),
            panel("theirs", &["rack1"]),
            panel("nobody's", &[]),
        ];
        assert_eq!(
            panels(&all, &rights(&["control:uno", "see:gps"])).as_ref(),
            [panel("both", &["uno"])]
        );
        assert_eq!(panels(&all, &rights(&["see"])).as_ref(), &all[..2]);
        assert_eq!(panels(&all, &Rights::all()).as_ref(), all);
    }

    #[test]
    fn a_page_that_names_ports_is_seen_with_one_of_them() {
        let page = |path: &str, bound: Option<&str>, ports: &[&str]| Page {
            path: path.to_owned(),
            title: path.to_owned(),
            bound: bound.map(|port| serde_json::json!({"port": port})),
            ports: ports.iter().map(|&port| port.to_owned()).collect(),
            problem: None,
        };
        let all = || {
            vec![
                page("arm/", Some("arm"), &["arm"]),
                page("oven/", Some("oven"), &[]),
                page("about/", None, &[]),
            ]
        };
        let seen = pages(all(), &rights(&["see:arm"]));
        let paths: Vec<_> = seen.iter().map(|page| page.path.as_str()).collect();
        assert_eq!(paths, ["arm/", "about/"]);
        assert_eq!(pages(all(), &Rights::all()), all());
    }

    #[test]
    fn a_guest_is_shown_one_panel_or_one_page() {
        let guest = |panel: Option<&str>, page: Option<&str>| {
            rights(&["type:uno"]).for_guest(Guest {
                panel: panel.map(str::to_owned),
                page: page.map(str::to_owned),
                ..Guest::default()
            })
        };
        let all = [panel("oven", &["uno"]), panel("arm", &["uno", "rack1"])];
        let shown = |guest: Rights| panels(&all, &guest).into_owned();
        assert_eq!(shown(guest(Some("oven"), None)), &all[..1]);
        assert_eq!(
            shown(guest(None, None)),
            [all[0].clone(), panel("arm", &["uno"])]
        );
        let page = |path: &str| Page {
            path: path.to_owned(),
            title: path.to_owned(),
            bound: None,
            ports: Vec::new(),
            problem: None,
        };
        let shown = |guest: Rights| pages(vec![page("arm/"), page("oven/")], &guest);
        assert_eq!(shown(guest(None, None)), []);
        assert_eq!(shown(guest(None, Some("oven/"))), [page("oven/")]);
    }

    #[test]
    fn everybody_is_told_what_they_may_do() {
        let state = PortState {
            name: "uno".to_owned(),
            ..PortState::default()
        };
        let may = |grants: &[&str]| seen(state.clone(), &rights(grants)).may;
        assert_eq!(may(&["type:u*", "control:gps"]), [Right::See, Right::Type]);
        assert_eq!(may(&["administer"]), Right::ALL);
        assert_eq!(may(&[]), []);
    }
}
