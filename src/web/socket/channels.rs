//! Channels: what a client is subscribed to, and the ports that it watches by that.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use tokio::task::spawn_blocking;

use super::feed::Order;
use super::listen::{Who, refused};
use super::readings::Readings;
use super::subscription::Subscription;
use crate::port::{Port, Presence};
use crate::right::Right;
use crate::values::{Parser, look_back};
use crate::web::problem::Problem;
use crate::wire::talk::{Code, LIMITS, Refusal, Say, Subscribe};
use crate::wire::{self, Channel};

/// A channel of the client's.
struct Tapped {
    port: Arc<Port>,
    /// Whether it stays live: who reads the past up to an offset does not watch the port.
    watches: bool,
    /// Gone when the feeder has sent everything.
    lease: Weak<()>,
}

impl Tapped {
    fn has_ended(&self) -> bool {
        self.lease.strong_count() == 0
    }
}

/// The channels of a client.
#[derive(Default)]
pub(super) struct Channels {
    all: HashMap<Channel, Tapped>,
    last: Channel,
    /// The ports that the client watches.
    presences: HashMap<String, Presence>,
}

impl Channels {
    /// Forgets those that have ended.
    pub(super) fn tidy(&mut self) {
        self.all.retain(|_, tapped| !tapped.has_ended());
    }

    /// The port that a channel is of.
    pub(super) fn port(&self, channel: Channel) -> Result<&Arc<Port>, Refusal> {
        let tapped = self.all.get(&channel);
        Ok(&tapped.ok_or_else(|| unknown_channel(channel))?.port)
    }

    /// The client's presence at a port that it watches.
    pub(super) fn presence(&self, port: &str) -> Option<&Presence> {
        self.presences.get(port)
    }

    /// Its presences at all ports.
    pub(super) fn presences(&self) -> impl Iterator<Item = &Presence> {
        self.presences.values()
    }

    /// Subscribes to a port.
    pub(super) async fn subscribe(
        &mut self,
        id: Option<u32>,
        who: &Who,
        port: Arc<Port>,
        wanted: &Subscribe,
    ) -> Result<Order, Refusal> {
        let name = port.name();
        if self.all.len() >= LIMITS.subscriptions {
            let message = format!(
                "{} subscriptions are too many for one connection",
                LIMITS.subscriptions
            );
            return Err(Refusal::new(Code::TooMany, message));
        }
        let reach = port.journal().reach();
        let same_journal = wanted.journal.is_none_or(|journal| journal == reach.id);
        let from = wanted.from.within(&reach).filter(|_| same_journal);
        let from = from.ok_or_else(|| Problem::out_of_range(name, &reach).into_refusal())?;
        if let Some(to) = wanted.to
            && !(from..=reach.head).contains(&to)
        {
            return Err(Problem::no_such_end(name, from, to, &reach).into_refusal());
        }
        let parser = wanted.values.as_ref().map(Parser::new).transpose();
        let mut parser = parser.map_err(|error| Refusal::new(Code::BadMessage, error))?;
        if let Some(mut begun) = parser.take() {
            let port = Arc::clone(&port);
            let told = spawn_blocking(move || {
                port.tell_header(&mut begun, from);
                begun
            });
            parser = Some(told.await.expect("a journal can be read"));
        }
        // There are fewer subscriptions than channels.
        let channel = loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            if !self.all.contains_key(&self.last) {
                break self.last;
            }
        };
        let watches = wanted.to.is_none();
        if watches {
            self.watch(who, &port, wanted.answers);
        }
        let subscribed = Say::Subscribed {
            id,
            port: name,
            channel,
            journal: reach.id,
            from,
            oldest: reach.oldest,
            head: reach.head,
        };
        let lease = Arc::new(());
        let held = Arc::downgrade(&lease);
        let begin = match &parser {
            Some(_) => look_back(from, reach.oldest),
            None => from,
        };
        let cursor = port.journal().cursor(begin).with_overhead(wire::overhead);
        let (live, to) = (reach.head, wanted.to);
        let readings = parser.map(|parser| Readings::new(channel, parser, from, to, live));
        let readings = readings.map(Box::new);
        let subscription = Subscription {
            channel,
            cursor,
            credit: wanted
                .credit
                .map(|credit| 0i64.saturating_add_unsigned(credit)),
            live,
            to,
            readings,
            _lease: lease,
        };
        let order = Order::Begin(subscribed.to_text(), subscription);
        let tapped = Tapped {
            port,
            watches,
            lease: held,
        };
        self.all.insert(channel, tapped);
        Ok(order)
    }

    /// Ends a subscription; with the last that is live the client watches the port no longer.
    pub(super) fn unsubscribe(&mut self, channel: Channel) -> Result<(), Refusal> {
        let ended = self.all.remove(&channel);
        let port = ended.ok_or_else(|| unknown_channel(channel))?.port;
        let watches = |other: &Tapped| other.watches && Arc::ptr_eq(&other.port, &port);
        if !self.all.values().any(watches) {
            self.presences.remove(port.name());
        }
        Ok(())
    }

    /// Has the client's terminal answer what the port's device asks.
    pub(super) fn answer(&self, who: &Who, port: &str) -> Result<(), Refusal> {
        let presence = self.presences.get(port);
        let presence = presence.ok_or_else(|| not_subscribed(port))?;
        let allowed = presence.port().permit(&who.actor, Right::Type);
        allowed.map_err(refused)?;
        presence.answer(&who.actor);
        Ok(())
    }

    /// Has the client listed as a viewer.
    fn watch(&mut self, who: &Who, port: &Arc<Port>, answers: bool) {
        // A found port that went and came back is another port of the same name.
        self.presences.retain(|_, presence| {
            presence.port().name() != port.name() || Arc::ptr_eq(presence.port(), port)
        });
        let Who { viewer, actor, .. } = who;
        let presence = self
            .presences
            .entry(port.name().to_owned())
            .or_insert_with(|| port.enter(actor, viewer.clone()));
        // A terminal that may not type would keep others from answering.
        if answers && port.permit(actor, Right::Type).is_ok() {
            presence.answer(actor);
        }
    }
}

fn unknown_channel(channel: Channel) -> Refusal {
    Refusal::new(
        Code::UnknownChannel,
        format!("there is no subscription on channel {channel}"),
    )
}

fn not_subscribed(port: &str) -> Refusal {
    let port: String = port.chars().take(64).collect();
    Refusal::new(
        Code::UnknownPort,
        format!("this connection is not subscribed to {port:?}"),
    )
}
