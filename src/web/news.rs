//! News: what clients are told without asking: the states of all ports, the panels and pages for
//! them, and what triggers want people to know. The first change at once, the rest of a flurry
//! together.

mod pages;
mod texts;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use futures_util::future::select_all;
use tokio::sync::{broadcast, watch};

use super::Web;
use super::sight::{Watching, panels, seen};
use crate::panels::List;
use crate::port::Port;
use crate::right::{Right, Rights};
use crate::state::PortState;
use crate::wire::talk::{Alert, Say};
use pages::Pages;
pub use texts::Texts;

/// How far apart two states of a port are at least.
const PAUSE: Duration = Duration::from_millis(125);

/// A message of talk.
pub struct Item {
    /// Its `type`.
    pub kind: &'static str,
    /// All of it, as JSON.
    pub text: Utf8Bytes,
}

/// What one client is told. It takes the news as fast as it can; what it has not taken yet is put
/// together meanwhile, so that one that is slow costs no memory.
pub struct News {
    web: Web,
    rights: Rights,
    /// The only port that the client wants to know of; then it wants no lists either.
    only: Option<String>,
    list: Watching,
    known: BTreeMap<String, (Arc<Port>, watch::Receiver<PortState>)>,
    pages: Pages,
    panels: watch::Receiver<List>,
    alerts: broadcast::Receiver<Arc<Alert>>,
    /// What comes next.
    items: Vec<Item>,
}

impl News {
    /// The news from now on for somebody with these rights, of all ports or of one; they begin with
    /// how everything is.
    pub fn new(web: &Web, rights: &Rights, only: Option<String>) -> Self {
        let mut news = Self {
            rights: rights.clone(),
            list: web.sight.watch(rights),
            known: BTreeMap::new(),
            pages: Pages::new(web.pages.as_ref().filter(|_| only.is_none())),
            panels: web.panels.watch(),
            alerts: web.triggers.alerts(),
            items: Vec::new(),
            only,
            web: Arc::clone(web),
        };
        let ports = news.ports();
        for port in &ports {
            let state = (Arc::clone(port), port.watch());
            news.known.insert(port.name().to_owned(), state);
        }
        let seen = ports.iter().map(|port| seen(port.state(), rights));
        let ports = seen.collect();
        news.add("ports", &Say::Ports { ports });
        news.panels.mark_changed();
        news.add_lists();
        news
    }

    /// What is new, once something is; nothing when the server has ended.
    pub async fn next(&mut self) -> Option<Vec<Item>> {
        while self.items.is_empty() {
            tokio::time::sleep(PAUSE).await;
            self.changed().await?;
            self.add_alerts();
            self.add_ports();
            self.add_lists();
        }
        Some(std::mem::take(&mut self.items))
    }

    /// The ports that the client wants to know of.
    fn ports(&mut self) -> Vec<Arc<Port>> {
        let mut ports = self.list.ports();
        if let Some(only) = &self.only {
            ports.retain(|port| port.name() == only);
        }
        ports
    }

    /// Waits for whatever there is to tell.
    async fn changed(&mut self) -> Option<()> {
        let place = {
            let changes = self
                .known
                .values_mut()
                .map(|(_, state)| Box::pin(state.changed()));
            let changes: Vec<_> = changes.collect();
            tokio::select! {
                changed = self.list.changed() => changed.map(|()| None)?,
                place = first(changes) => Some(place),
                () = self.pages.changed() => None,
                changed = self.panels.changed() => {
                    // Waiting for it has marked it as seen.
                    changed.ok()?;
                    self.panels.mark_changed();
                    None
                }
                alert = self.alerts.recv() => {
                    // A client that is far behind misses some.
                    if let Ok(alert) = alert {
                        self.add_alert(&alert);
                    }
                    None
                }
            }
        };
        if let Some((_, state)) = place.and_then(|place| self.known.values_mut().nth(place)) {
            // The same goes for a state.
            state.mark_changed();
        }
        Some(())
    }

    fn add(&mut self, kind: &'static str, say: &Say<'_>) {
        let text = say.to_text().into();
        self.items.push(Item { kind, text });
    }

    fn add_alerts(&mut self) {
        while !self.alerts.is_empty() {
            if let Ok(alert) = self.alerts.try_recv() {
                self.add_alert(&alert);
            }
        }
    }

    fn add_alert(&mut self, alert: &Alert) {
        let is_wanted = self.only.as_ref().is_none_or(|only| *only == alert.port);
        let is_shown = self.rights.show_panel(&alert.panel);
        if is_wanted && is_shown && self.rights.allow(&alert.port, Right::See) {
            self.add("alert", &Say::Alert(alert));
        }
    }

    fn add_ports(&mut self) {
        let ports = self.ports();
        let (items, web) = (&mut self.items, &self.web);
        self.known.retain(|name, (port, _)| {
            let stays = ports.iter().any(|other| Arc::ptr_eq(other, port));
            if !stays {
                web.texts.forget(name);
                let text = Say::PortGone { name }.to_text().into();
                let kind = "port-gone";
                items.push(Item { kind, text });
            }
            stays
        });
        for port in &ports {
            let known = self.known.entry(port.name().to_owned());
            let (_, state) = known.or_insert_with(|| {
                let mut state = port.watch();
                state.mark_changed();
                (Arc::clone(port), state)
            });
            // A port whose worker has ended is about to leave the list.
            if state.has_changed().unwrap_or(false) {
                let state = state.borrow_and_update();
                // What is listed may be seen.
                if let Some(right) = self.rights.on(&state.name) {
                    let text = web.texts.of(&state, right);
                    items.push(Item { kind: "port", text });
                }
            }
        }
    }

    fn add_lists(&mut self) {
        if self.only.is_some() {
            return;
        }
        if self.panels.has_changed().unwrap_or(false) {
            let all = Arc::clone(&self.panels.borrow_and_update());
            let panels = panels(&all, &self.rights);
            self.add("panels", &Say::Panels { panels: &panels });
        }
        if let Some(text) = self.pages.news(&self.known, &self.rights) {
            let kind = "pages";
            self.items.push(Item { kind, text });
        }
    }
}

/// Waits for one of them, and says which; for ever if there is none.
async fn first<F: Future + Unpin>(changes: Vec<F>) -> usize {
    if changes.is_empty() {
        std::future::pending().await
    } else {
        select_all(changes).await.1
    }
}
