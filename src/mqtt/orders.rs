//! Orders: what ports are told to do over a broker.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;

use super::packet::Message;
use super::topic::{Order, Topics};
use crate::config::{Mqtt, is_port_name};
use crate::hub::Hub;
use crate::port::{Actor, Port, PortError};
use crate::settings::Change;
use crate::wire::talk::LIMITS;

/// Changes that may be under way: a sequence takes up to 10 s.
const UNDER_WAY: usize = 32;
/// How long a BREAK may be, in milliseconds.
const MOST_BREAK: u64 = 5000;
/// Who is named in the journal.
const AUTHOR: &str = "mqtt";

/// A change that a port is to make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    state: Option<Wish>,
    settings: Option<Change>,
    dtr: Option<bool>,
    rts: Option<bool>,
    #[serde(rename = "break")]
    break_ms: Option<u64>,
    pulse: Option<String>,
}

/// What a port is to do about its device.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wish {
    Open,
    Released,
}

/// Who carries out what ports are told to do.
pub struct Orders {
    hub: Arc<Hub>,
    mqtt: Arc<Mqtt>,
    topics: Topics,
    actor: Actor,
    under_way: JoinSet<Option<Message>>,
}

impl Orders {
    pub fn new(hub: Arc<Hub>, mqtt: Arc<Mqtt>) -> Self {
        Self {
            hub,
            topics: Topics::new(&mqtt),
            actor: Actor {
                rights: mqtt.rights(),
                ..Actor::server(AUTHOR, AUTHOR)
            },
            mqtt,
            under_way: JoinSet::new(),
        }
    }

    /// Carries out an order, or begins to; gives what there is to complain about.
    pub fn take(&mut self, message: Message) -> Option<Message> {
        let (name, order) = self.topics.order(&message.topic)?;
        let done = self.carry_out(name, order, &message);
        complaint(&self.topics, name, &message.topic, done)
    }

    /// The payload was too long to be taken in.
    pub fn refuse(&self, topic: &str) -> Option<Message> {
        let (name, _) = self.topics.order(topic)?;
        complaint(&self.topics, name, topic, Err(too_long()))
    }

    /// Ready when a change has ended about which there is something to complain.
    pub async fn failed(&mut self) -> Message {
        loop {
            match self.under_way.join_next().await {
                Some(Ok(Some(message))) => return message,
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    fn carry_out(&mut self, name: &str, order: Order, message: &Message) -> Result<(), String> {
        let port = self.hub.get(name).filter(|_| self.mqtt.is_for(name));
        let port = port.ok_or_else(|| format!("there is no port {name:?} here"))?;
        if message.retain {
            return Err(
                "the broker had kept this, and would send it again each time; publish it \
                 without retain"
                    .to_owned(),
            );
        }
        match order {
            Order::Send => {
                let line_end = self.mqtt.line_end.bytes();
                self.write(&port, &[&message.payload, line_end].concat())
            }
            Order::Write => self.write(&port, &message.payload),
            Order::Set => self.set(port, name.to_owned(), message),
        }
    }

    fn write(&self, port: &Port, bytes: &[u8]) -> Result<(), String> {
        if bytes.len() > LIMITS.write {
            return Err(too_long());
        }
        if bytes.is_empty() {
            return Ok(());
        }
        // Nobody waits until the device has it.
        let written = port.write(&self.actor, bytes).map(drop);
        written.map_err(|error| error.to_string())
    }

    fn set(&mut self, port: Arc<Port>, name: String, message: &Message) -> Result<(), String> {
        let set: Set = serde_json::from_slice(&message.payload)
            .map_err(|error| format!("this cannot be set: {error}"))?;
        if set
            .break_ms
            .is_some_and(|ms| !(1..=MOST_BREAK).contains(&ms))
        {
            return Err(format!("a BREAK lasts 1 to {MOST_BREAK} ms"));
        }
        if self.under_way.len() >= UNDER_WAY {
            return Err(format!(
                "{UNDER_WAY} changes are under way, which is as many as may"
            ));
        }
        let (actor, topics, topic) = (
            self.actor.clone(),
            self.topics.clone(),
            message.topic.clone(),
        );
        self.under_way.spawn(async move {
            let done = change(&port, &actor, set).await;
            complaint(
                &topics,
                &name,
                &topic,
                done.map_err(|error| error.to_string()),
            )
        });
        Ok(())
    }
}

async fn change(port: &Arc<Port>, actor: &Actor, set: Set) -> Result<(), PortError> {
    if let Some(settings) = set.settings {
        port.set(actor, settings).await?;
    }
    match set.state {
        Some(Wish::Open) => port.open(actor).await?,
        Some(Wish::Released) => port.release(actor).await?,
        None => {}
    }
    if set.dtr.is_some() || set.rts.is_some() {
        port.set_lines(actor, set.dtr, set.rts).await?;
    }
    if let Some(ms) = set.break_ms {
        port.send_break(actor, Duration::from_millis(ms)).await?;
    }
    if let Some(sequence) = set.pulse {
        port.pulse(actor, &sequence).await?;
    }
    Ok(())
}

fn too_long() -> String {
    format!(
        "this is too long; send at most {} bytes at once",
        LIMITS.write
    )
}

/// What is said of an order that was not carried out. Of names that are none of a port nothing is.
fn complaint(
    topics: &Topics,
    name: &str,
    topic: &str,
    done: Result<(), String>,
) -> Option<Message> {
    let message = done.err()?;
    tracing::debug!(topic, "mqtt: not done: {message}");
    is_port_name(name).then(|| Message {
        topic: topics.of(name, "error"),
        payload: json!({"topic": topic, "message": message})
            .to_string()
            .into_bytes(),
        retain: false,
    })
}
