//! The newest values of a port, and when each may be told: of those that come too fast the last.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::packet::Message;
use super::topic::Topics;
use crate::values::Reading;

/// Something that is told at most once in a while.
#[derive(Debug, Default)]
struct Turn {
    told: Option<Instant>,
    /// There is something to tell.
    is_fresh: bool,
}

impl Turn {
    /// When it may be told, if there is something.
    fn due(&self, every: Duration) -> Option<Instant> {
        let soonest = || self.told.map_or_else(Instant::now, |told| told + every);
        self.is_fresh.then(soonest)
    }

    /// Whether it is to be told now.
    fn take(&mut self, now: Instant, every: Duration) -> bool {
        let is_due =
            self.due(every).is_some_and(|due| due <= now) || self.is_fresh && self.told.is_none();
        if is_due {
            (self.told, self.is_fresh) = (Some(now), false);
        }
        is_due
    }
}

/// A series.
#[derive(Debug)]
struct Newest {
    name: String,
    /// Nothing as long as it had *no value*.
    value: Option<f64>,
    turn: Turn,
}

/// The newest values of a port.
#[derive(Debug)]
pub struct Values {
    every: Duration,
    /// By the numbers of the series.
    all: Vec<Newest>,
    /// For all in one.
    turn: Turn,
}

impl Values {
    /// Nothing yet. Each value is told at most so often.
    pub fn new(every: Duration) -> Self {
        Self {
            every,
            all: Vec::new(),
            turn: Turn::default(),
        }
    }

    /// Takes what one line gave.
    pub fn take(&mut self, reading: &Reading<'_>) {
        for series in &reading.series[self.all.len()..] {
            self.all.push(Newest {
                name: series.name.clone(),
                value: None,
                turn: Turn::default(),
            });
        }
        for value in reading.values.iter().filter(|value| !value.value.is_nan()) {
            let newest = &mut self.all[usize::from(value.series)];
            newest.value = Some(value.value);
            newest.turn.is_fresh = true;
            self.turn.is_fresh = true;
        }
    }

    /// When something may be told next.
    pub fn due(&self) -> Option<Instant> {
        let turns = self.all.iter().map(|newest| &newest.turn);
        turns
            .chain([&self.turn])
            .filter_map(|turn| turn.due(self.every))
            .min()
    }

    /// Adds what is to be told now.
    pub fn tell(&mut self, now: Instant, topics: &Topics, port: &str, out: &mut Vec<Message>) {
        for newest in &mut self.all {
            if newest.turn.take(now, self.every)
                && let Some(value) = newest.value
            {
                out.push(Message {
                    topic: topics.value(port, &newest.name),
                    payload: value.to_string().into_bytes(),
                    retain: true,
                });
            }
        }
        if self.turn.take(now, self.every) {
            let known = self
                .all
                .iter()
                .filter_map(|newest| Some((&newest.name, newest.value?)));
            let known: BTreeMap<_, _> = known.collect();
            out.push(Message {
                topic: topics.of(port, "values"),
                payload: serde_json::to_vec(&known).expect("numbers by name are plain data"),
                retain: true,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::mqtt::Written;
    use crate::record::{Offset, Time};
    use crate::values::{Series, Value};

    const EVERY: Duration = Duration::from_secs(1);

    struct Desk {
        values: Values,
        series: Vec<Series>,
        topics: Topics,
        start: Instant,
    }

    impl Desk {
        fn new() -> Self {
            let written: Written = toml::from_str("broker = \"mqtt://a\"").unwrap();
            let series = ["a", "b"].map(|name| Series {
                name: name.into(),
                unit: None,
            });
            Self {
                values: Values::new(EVERY),
                series: series.into(),
                topics: Topics::new(&written.try_into().unwrap()),
                start: Instant::now() + EVERY,
            }
        }

        fn take(&mut self, values: &[(u16, f64)]) {
            let values = values
                .iter()
                .map(|&(series, value)| Value { series, value });
            self.values.take(&Reading {
                offset: Offset(0),
                length: 1,
                time: Time(0),
                values: &values.collect::<Vec<_>>(),
                series: &self.series,
            });
        }

        fn told(&mut self, ms: u64) -> Vec<String> {
            let mut out = Vec::new();
            let now = self.start + Duration::from_millis(ms);
            self.values.tell(now, &self.topics, "p", &mut out);
            let shown = |message: &Message| {
                let topic = message.topic.strip_prefix("seriald/p/").unwrap();
                format!("{topic} {}", String::from_utf8_lossy(&message.payload))
            };
            out.iter().map(shown).collect()
        }
    }

    #[tokio::test]
    async fn of_values_that_come_too_fast_the_last_is_told() {
        let mut desk = Desk::new();
        assert_eq!(desk.values.due(), None);
        desk.take(&[(0, 1.0)]);
        assert_eq!(desk.told(0), ["value/a 1", "values {\"a\":1.0}"]);
        desk.take(&[(0, 2.0), (1, 0.5)]);
        desk.take(&[(0, 3.0)]);
        assert_eq!(desk.told(10), ["value/b 0.5"]);
        assert_eq!(desk.told(999), [""; 0]);
        assert_eq!(desk.values.due(), Some(desk.start + EVERY));
        assert_eq!(
            desk.told(1000),
            ["value/a 3", "values {\"a\":3.0,\"b\":0.5}"]
        );
        assert_eq!(desk.values.due(), None);
    }

    #[tokio::test]
    async fn no_value_is_not_told() {
        let mut desk = Desk::new();
        desk.take(&[(0, f64::NAN)]);
        assert_eq!(desk.told(0), [""; 0]);
        desk.take(&[(0, f64::NAN), (1, 1e21)]);
        let told = desk.told(0);
        assert_eq!(
            told,
            ["value/b 1000000000000000000000", "values {\"b\":1e+21}"]
        );
    }
}
