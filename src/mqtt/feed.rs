//! A feed: what one port has to tell a broker, in order, at the pace at which it is taken.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use super::discovery::Sensor;
use super::legible::Legible;
use super::packet::Message;
use super::topic::Topics;
use super::values::Values;
use crate::config::Mqtt;
use crate::config::mqtt::Publish;
use crate::journal::{Cursor, Step};
use crate::port::Port;
use crate::record::{Gap, Offset, Time, Why};
use crate::span::Span;
use crate::state::PortState;
use crate::values::{Met, Parser, look_back};

/// So much of the journal is gone through at once, in bytes.
const PIECE: usize = 16 * 1024;

/// What a port has to tell at once.
pub struct Batch {
    pub port: Arc<Port>,
    pub messages: Vec<Message>,
    /// When these are told, so is everything before.
    pub place: Offset,
    /// So much of the journal was passed over, in bytes.
    pub missed: u64,
}

/// Where a feed begins.
pub struct Start {
    /// Where the one before had come to,
    pub place: Option<Offset>,
    /// but with nothing that is older.
    pub since: Time,
}

/// One port on its way to a broker.
pub struct Feed {
    port: Arc<Port>,
    mqtt: Arc<Mqtt>,
    topics: Topics,
    outlet: mpsc::Sender<Batch>,
    state: watch::Receiver<PortState>,
    /// What was told of the state.
    told_state: Vec<u8>,
    parser: Parser,
    /// Whether there can be values, where nobody has said how they are found.
    legible: Option<Legible>,
    /// Lines that end here or before were told.
    from: Offset,
    /// Values that are no older are told again: a broker that was started anew has forgotten them.
    since: Time,
    /// Up to here it was said that all is told.
    place: Offset,
    values: Values,
    /// Sensors that Home Assistant was told of, by the numbers of their series, and their units.
    sensors: BTreeMap<u16, Option<String>>,
    messages: Vec<Message>,
    missed: u64,
}

impl Feed {
    /// Tells what the port brings, until nobody takes it any more.
    pub async fn run(port: Arc<Port>, mqtt: Arc<Mqtt>, start: Start, outlet: mpsc::Sender<Batch>) {
        let given = mqtt.parser(port.name()).cloned();
        let legible = given.is_none().then(Legible::default);
        let spec = given.unwrap_or_default();
        let begun = {
            let port = Arc::clone(&port);
            spawn_blocking(move || {
                let oldest = port.journal().at(start.since);
                let from = start.place.map_or(oldest, |place| place.max(oldest));
                let mut parser = Parser::new(&spec).expect("the configuration was read");
                port.tell_header(&mut parser, from);
                (from, parser)
            })
        };
        let (from, parser) = begun.await.expect("a journal can be read");
        let mut state = port.watch();
        state.mark_changed();
        let feed = Self {
            topics: Topics::new(&mqtt),
            outlet,
            state,
            told_state: Vec::new(),
            parser,
            legible,
            from,
            since: start.since,
            place: from,
            values: Values::new(mqtt.every),
            sensors: BTreeMap::new(),
            messages: Vec::new(),
            missed: start.place.map_or(0, |place| from.since(place)),
            port,
            mqtt,
        };
        let journal = feed.port.journal();
        let cursor = journal.cursor(look_back(from, journal.reach().oldest.min(from)));
        feed.tell(cursor).await;
    }

    async fn tell(mut self, mut cursor: Cursor) {
        let mut span = Span::default();
        loop {
            let step = cursor.take(PIECE, &mut span);
            match &step {
                Some(Step::Span) => self.take(&span),
                Some(Step::Gap(gap)) => self.gap(gap),
                None => {}
            }
            self.tell_state();
            if self.mqtt.publishes(Publish::Values) {
                let name = self.port.name();
                self.values
                    .tell(Instant::now(), &self.topics, name, &mut self.messages);
            }
            if !self.send(cursor.offset()).await {
                return;
            }
            if step.is_some() {
                // Others have their turn.
                tokio::task::yield_now().await;
                continue;
            }
            let due = self
                .values
                .due()
                .filter(|_| self.mqtt.publishes(Publish::Values));
            tokio::select! {
                () = cursor.changed() => {}
                changed = self.state.changed() => match changed {
                    // Seen again where it is told.
                    Ok(()) => self.state.mark_changed(),
                    Err(_) => return,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                () = self.outlet.closed() => return,
            }
        }
    }

    /// Gives what there is, and waits until it is taken; false if nobody will.
    async fn send(&mut self, place: Offset) -> bool {
        if self.missed > 0 {
            let missed = json!({"bytes": self.missed}).to_string();
            let first = self.message("missed", missed.into_bytes(), false);
            self.messages.insert(0, first);
        }
        if self.messages.is_empty() && place <= self.place {
            return true;
        }
        self.place = place;
        let batch = Batch {
            port: Arc::clone(&self.port),
            messages: std::mem::take(&mut self.messages),
            place,
            missed: std::mem::take(&mut self.missed),
        };
        self.outlet.send(batch).await.is_ok()
    }

    fn message(&self, what: &str, payload: Vec<u8>, retain: bool) -> Message {
        Message {
            topic: self.topics.of(self.port.name(), what),
            payload,
            retain,
        }
    }

    fn gap(&mut self, gap: &Gap) {
        self.parser.gap(gap);
        if gap.why == Why::Dropped {
            self.missed += gap.to.since(gap.from.max(self.from));
        }
    }

    fn take(&mut self, span: &Span) {
        let lines = self.mqtt.publishes(Publish::Lines);
        if !lines && !self.mqtt.publishes(Publish::Values) {
            return;
        }
        let line = self.topics.of(self.port.name(), "line");
        let Self {
            parser,
            legible,
            values,
            messages,
            from,
            since,
            ..
        } = self;
        let mut series = BTreeSet::new();
        for record in span.records() {
            parser.take_lines(&record, |met| match met {
                Met::Line(text) => {
                    if let Some(legible) = legible {
                        legible.take(text.text);
                    }
                    if lines
                        && text.offset.plus(text.length as usize) > *from
                        && !text.text.is_empty()
                    {
                        messages.push(Message {
                            topic: line.clone(),
                            payload: text.text.as_bytes().to_vec(),
                            retain: false,
                        });
                    }
                }
                Met::Reading(reading) if legible.as_ref().is_none_or(Legible::is_text) => {
                    series.extend(reading.values.iter().map(|value| value.series));
                    if reading.end() > *from || reading.time >= *since {
                        values.take(reading);
                    }
                }
                Met::Reading(_) => {}
            });
        }
        if self.mqtt.discovery.is_some() {
            self.discover(&series);
        }
    }

    /// Tells of series that are new, or whose unit is, out of those that were met.
    fn discover(&mut self, met: &BTreeSet<u16>) {
        let state = self.state.borrow();
        for &number in met {
            let series = &self.parser.series()[usize::from(number)];
            let told = self.sensors.get(&number);
            if told.is_some_and(|unit| unit.is_some() || series.unit.is_none()) {
                continue;
            }
            let sensor = Sensor {
                prefix: self.mqtt.discovery.as_deref().unwrap_or_default(),
                topics: &self.topics,
                has_state: self.mqtt.publishes(Publish::State),
                port: self.port.name(),
                usb: state
                    .identity
                    .as_ref()
                    .and_then(|identity| identity.usb.as_ref()),
                series,
            };
            self.messages.push(sensor.message());
            self.sensors.insert(number, series.unit.clone());
        }
    }

    /// Tells the state, where it is another than was told.
    fn tell_state(&mut self) {
        if !self.mqtt.publishes(Publish::State) || !self.state.has_changed().unwrap_or(false) {
            return;
        }
        let told = told(&self.state.borrow_and_update());
        if told != self.told_state {
            self.messages
                .push(self.message("state", told.clone(), true));
            self.told_state = told;
        }
    }
}

/// What the broker is told of a port's state. Who watches and from where is nobody's business there.
fn told(state: &PortState) -> Vec<u8> {
    let error = state.failure.as_ref();
    let told = json!({
        "state": state.phase,
        "since": state.since,
        "device": state.device.to_string_lossy(),
        "path": state.path.as_ref().map(|path| path.to_string_lossy()),
        "error": error.map(|error| json!({"code": error.code, "message": error.message})),
        "held": state.held,
        "lent": state.lent,
        "settings": state.settings,
    });
    told.to_string().into_bytes()
}
