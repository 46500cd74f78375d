//! Telling a client the states of all ports, the panels for them, and what triggers want people to
//! know: the first change at once, the rest of a flurry together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use futures_util::future::select_all;
use tokio::sync::{mpsc, watch};

use super::feed::Order;
use super::pages::Pages;
use crate::port::Port;
use crate::state::PortState;
use crate::web::Web;
use crate::wire::talk::{Alert, Say};

/// How far apart two states of a port are at least.
const PAUSE: Duration = Duration::from_millis(125);

/// Runs until the feeder is gone.
pub(super) async fn tell(web: Web, orders: mpsc::Sender<Order>) {
    let mut list = web.hub.watch();
    let mut known: BTreeMap<String, (Arc<Port>, watch::Receiver<PortState>)> = BTreeMap::new();
    let ports = Arc::clone(&list.borrow_and_update());
    for port in ports.iter() {
        known.insert(port.name().to_owned(), (Arc::clone(port), port.watch()));
    }
    let mut pages = Pages::new(web.pages.as_ref());
    let states = ports.iter().map(|port| port.state()).collect();
    let mut news: Vec<Utf8Bytes> = vec![Say::Ports { ports: states }.to_text().into()];
    let mut panels = web.panels.watch();
    panels.mark_changed();
    let mut alerts = web.triggers.alerts();
    loop {
        if panels.has_changed().unwrap_or(false) {
            let panels = panels.borrow_and_update();
            news.push(Say::Panels { panels: &panels }.to_text().into());
        }
        news.extend(pages.news(&known));
        for text in news.drain(..) {
            if orders.send(Order::Say(text)).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
        let changed = {
            let changes = known
                .values_mut()
                .map(|(_, state)| Box::pin(state.changed()));
            let changes: Vec<_> = changes.collect();
            tokio::select! {
                changed = list.changed() => if changed.is_err() { return } else { None },
                place = first(changes) => Some(place),
                () = pages.changed() => None,
                changed = panels.changed() => {
                    if changed.is_err() { return }
                    // Waiting for it has marked it as seen.
                    panels.mark_changed();
                    None
                }
                alert = alerts.recv() => {
                    // A client that is far behind misses some.
                    news.extend(alert.iter().map(alert_text));
                    None
                }
                () = orders.closed() => return,
            }
        };
        while !alerts.is_empty() {
            news.extend(alerts.try_recv().iter().map(alert_text));
        }
        if let Some((_, state)) = changed.and_then(|place| known.values_mut().nth(place)) {
            // Waiting for it has marked it as seen.
            state.mark_changed();
        }
        let ports = Arc::clone(&list.borrow_and_update());
        known.retain(|name, (port, _)| {
            let stays = ports.iter().any(|other| Arc::ptr_eq(other, port));
            if !stays {
                web.socket_texts.forget(name);
                news.push(Say::PortGone { name }.to_text().into());
            }
            stays
        });
        for port in ports.iter() {
            let (_, state) = known.entry(port.name().to_owned()).or_insert_with(|| {
                let mut state = port.watch();
                state.mark_changed();
                (Arc::clone(port), state)
            });
            // A port whose worker has ended is about to leave the list.
            if state.has_changed().unwrap_or(false) {
                news.push(web.socket_texts.of(&state.borrow_and_update()));
            }
        }
    }
}

fn alert_text(alert: &Arc<Alert>) -> Utf8Bytes {
    Say::Alert(alert).to_text().into()
}

/// Waits for one of them, and says which; for ever if there is none.
async fn first<F: Future + Unpin>(changes: Vec<F>) -> usize {
    if changes.is_empty() {
        std::future::pending().await
    } else {
        select_all(changes).await.1
    }
}
