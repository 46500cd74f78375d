//! The feeds of all ports that a broker is told of.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::feed::{Batch, Feed, Start};
use super::packet::Message;
use super::session::Session;
use crate::hub::Ports;
use crate::port::Port;

/// The feeds of all ports, by their names.
pub(super) struct Feeds {
    outlet: mpsc::Sender<Batch>,
    all: HashMap<String, (Arc<Port>, AbortOnDropHandle<()>)>,
}

impl Feeds {
    /// None yet; what they have to tell goes there.
    pub(super) fn new(outlet: mpsc::Sender<Batch>) -> Self {
        let all = HashMap::new();
        Self { outlet, all }
    }

    /// Begins those that are missing, and ends those whose port has gone.
    pub(super) fn keep_to(&mut self, ports: &Ports, session: &mut Session<'_>) {
        let (mqtt, since) = (&session.desk.mqtt, session.desk.since());
        let mut kept = HashMap::new();
        for port in ports.iter().filter(|port| mqtt.is_for(port.name())) {
            let same = self
                .all
                .remove(port.name())
                .filter(|(old, _)| Arc::ptr_eq(old, port));
            let feed = same.unwrap_or_else(|| {
                let known = session.places.get(port.name());
                let same = known.filter(|(journal, _)| *journal == port.journal().reach().id);
                let place = same.map(|(_, place)| *place);
                let start = Start { place, since };
                let outlet = self.outlet.clone();
                let feed = Feed::run(Arc::clone(port), Arc::clone(mqtt), start, outlet);
                (Arc::clone(port), AbortOnDropHandle::new(tokio::spawn(feed)))
            });
            kept.insert(port.name().to_owned(), feed);
        }
        let gone = std::mem::replace(&mut self.all, kept);
        for name in gone.keys().filter(|name| !self.all.contains_key(*name)) {
            session.messages.push_back(Message {
                topic: session.topics.of(name, "state"),
                payload: br#"{"state":"gone"}"#.to_vec(),
                retain: true,
            });
        }
    }
}
