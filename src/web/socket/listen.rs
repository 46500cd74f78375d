//! Listening to a client: its requests and writes, and what becomes of them.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use super::SILENCE_LIMIT;
use super::feed::Order;
use super::outcome::Outcome;
use super::readings::Readings;
use super::subscription::Subscription;
use crate::access::Visitor;
use crate::port::{Actor, Port, PortError, Presence, Written};
use crate::right::Right;
use crate::state::Viewer;
use crate::values::{Parser, look_back};
use crate::web::expect::exchange;
use crate::web::problem::Problem;
use crate::web::run::begin;
use crate::web::touch::{Course, touch};
use crate::web::write::write;
use crate::web::{Web, closing};
use crate::wire::talk::{Answer, Ask, Code, LIMITS, Refusal, Request, Say, Subscribe};
use crate::wire::{self, Channel};

/// Requests of one client that may be under way.
const UNDER_WAY: usize = 1024;

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

/// Whom a listener listens to: who was let in, as whom it acts, and what others see.
pub(super) struct Who {
    pub visitor: Visitor,
    pub actor: Actor,
    pub viewer: Viewer,
}

struct Listener {
    web: Web,
    who: Who,
    orders: mpsc::Sender<Order>,
    channels: HashMap<Channel, Tapped>,
    last_channel: Channel,
    /// The ports that the client watches.
    presences: HashMap<String, Presence>,
    under_way: JoinSet<()>,
}

/// Runs until the client leaves, falls silent or breaks the protocol of WebSockets; returns what to
/// say about that.
pub(super) async fn listen(
    web: Web,
    who: Who,
    mut stream: SplitStream<WebSocket>,
    orders: mpsc::Sender<Order>,
) -> Option<CloseFrame> {
    let mut listener = Listener {
        web,
        who,
        orders,
        channels: HashMap::new(),
        last_channel: 0,
        presences: HashMap::new(),
        under_way: JoinSet::new(),
    };
    while let Ok(Some(message)) = timeout(SILENCE_LIMIT, stream.next()).await {
        let message = match message {
            Ok(message) => message,
            Err(error) => return closing::after(error, listener.web.limits.message),
        };
        while listener.under_way.try_join_next().is_some() {}
        listener.channels.retain(|_, tapped| !tapped.has_ended());
        let (id, heard) = match message {
            Message::Text(text) => listener.text(&text).await,
            Message::Binary(bytes) => listener.binary(&bytes),
            Message::Close(_) => return None,
            Message::Ping(_) | Message::Pong(_) => (None, Ok(None)),
        };
        let said = match heard {
            Ok(None) => Ok(()),
            Ok(Some(order)) => listener.orders.send(order).await,
            Err(refusal) => {
                listener
                    .orders
                    .send(say(Say::Error {
                        id,
                        refusal: &refusal,
                    }))
                    .await
            }
        };
        if said.is_err() {
            return None;
        }
    }
    None
}

fn say(what: Say<'_>) -> Order {
    Order::Say(what.to_text().into())
}

fn done(id: Option<u32>) -> Option<Order> {
    Some(say(Say::Done {
        id,
        answer: Answer::default(),
    }))
}

type Heard = Result<Option<Order>, Refusal>;

impl Listener {
    fn binary(&mut self, message: &Bytes) -> (Option<u32>, Heard) {
        let write = match wire::Write::parse(message) {
            Ok(write) => write,
            Err(error) => return (None, Err(Refusal::new(Code::BadMessage, error))),
        };
        let id = Some(write.id);
        let Some(tapped) = self.channels.get(&write.channel) else {
            return (id, Err(unknown_channel(write.channel)));
        };
        let port = Arc::clone(&tapped.port);
        (id, self.write(id, &port, &write.bytes, write.answer))
    }

    async fn text(&mut self, text: &str) -> (Option<u32>, Heard) {
        match serde_json::from_str::<Ask>(text) {
            Ok(Ask { id, request }) => (id, self.request(id, request).await),
            Err(error) => {
                let id = serde_json::from_str::<serde_json::Value>(text).ok();
                let id = id.and_then(|message| u32::try_from(message.get("id")?.as_u64()?).ok());
                (id, Err(Refusal::new(Code::BadMessage, error)))
            }
        }
    }

    async fn request(&mut self, id: Option<u32>, request: Request) -> Heard {
        match request {
            Request::Subscribe(wanted) => self.subscribe(id, wanted).map(Some),
            Request::Unsubscribe { channel } => {
                let ended = self.channels.remove(&channel);
                let port = ended.ok_or_else(|| unknown_channel(channel))?.port;
                let watches = |other: &Tapped| other.watches && Arc::ptr_eq(&other.port, &port);
                if !self.channels.values().any(watches) {
                    self.presences.remove(port.name());
                }
                let answer = Answer::default();
                let text = Say::Done { id, answer }.to_text();
                Ok(Some(Order::End(channel, text)))
            }
            Request::Credit { channel, bytes } => Ok(Some(Order::Credit(channel, bytes))),
            Request::Write {
                port,
                payload,
                remember,
                answer,
            } => {
                let port = self.port(&port)?;
                let bytes = payload
                    .into_bytes()
                    .map_err(|error| Refusal::new(Code::BadMessage, error))?;
                if let Some(typed) = remember {
                    let remembered = port.remember(&self.who.actor, &typed);
                    remembered.map_err(refused)?;
                }
                self.write(id, &port, &bytes, answer)
            }
            Request::Cancel { port } => {
                self.act(id, &port, async |port, actor| port.cancel(&actor).await)
            }
            Request::Open { port } => {
                self.act(id, &port, async |port, actor| port.open(&actor).await)
            }
            Request::Release { port } => {
                self.act(id, &port, async |port, actor| port.release(&actor).await)
            }
            Request::Set { port, settings } => self.act(id, &port, async move |port, actor| {
                port.set(&actor, settings).await
            }),
            Request::Lines { port, lines } => self.act(id, &port, async move |port, actor| {
                port.set_lines(&actor, lines.dtr, lines.rts).await
            }),
            Request::Doors { port, change } => {
                let entrances = Arc::clone(&self.web.entrances);
                self.act(id, &port, async move |port, actor| {
                    entrances.change(&port, change, &actor).await
                })
            }
            Request::Break { port, length } => {
                let length = length.length();
                let length = length.map_err(|error| Refusal::new(Code::BadMessage, error))?;
                self.act(id, &port, async move |port, actor| {
                    port.send_break(&actor, length).await
                })
            }
            Request::Pulse { port, pulse } => self.act(id, &port, async move |port, actor| {
                port.pulse(&actor, &pulse.sequence).await
            }),
            Request::Mark { port, mark } => self.act(id, &port, async move |port, actor| {
                port.mark(&actor, mark.text, mark.at).await
            }),
            Request::Moment { port, time } => self.act(id, &port, async move |port, _| {
                let journal = Arc::clone(port.journal());
                let found = spawn_blocking(move || journal.at(time)).await;
                Ok::<_, Problem>(found.expect("a journal can be read"))
            }),
            Request::Request { port, expect } => {
                let web = Arc::clone(&self.web);
                self.act(id, &port, async move |port, actor| {
                    exchange(web, port, actor, expect).await
                })
            }
            Request::Run { port, script } => {
                let (web, orders) = (Arc::clone(&self.web), self.orders.clone());
                self.act(id, &port, async move |port, actor| {
                    let (run, steps) = begin(&web, &port, &actor, script).await?;
                    let started = Say::Started {
                        id,
                        run: run.number(),
                    };
                    // Without a client there is soon no macro either.
                    let _: Result<_, _> = orders.send(say(started)).await;
                    steps.run(&run, None).await.map_err(Problem::from)
                })
            }
            Request::Use { port, touch: wish } => {
                let port = self.port(&port)?;
                let course = touch(&self.web, &port, &self.who.actor, wish);
                match course.map_err(Problem::into_refusal)? {
                    Course::Until(end) => self.later(id, end),
                    Course::Beyond(rest) => {
                        self.expect_room()?;
                        // Whoever watches the port sees whether it goes on.
                        self.under_way.spawn(async { drop(rest.await) });
                        Ok(done(id))
                    }
                }
            }
            Request::Stop { port, stop } => {
                let stopped = self.port(&port)?.stop(stop.run, &self.who.actor);
                stopped.map_err(refused)?;
                Ok(done(id))
            }
            Request::Halt { port } => self.act(id, &port, async |port, actor| {
                port.halt(&actor).await.map(|_| ())
            }),
            Request::Sent { port } => {
                let sent = self.port(&port)?.sent(&self.who.actor);
                let answer = Answer {
                    entries: Some(sent.map_err(refused)?),
                    ..Answer::default()
                };
                Ok(Some(say(Say::Done { id, answer })))
            }
            Request::Answer { port } => {
                let presence = self.presences.get(&port);
                let presence = presence.ok_or_else(|| not_subscribed(&port))?;
                let allowed = presence.port().permit(&self.who.actor, Right::Type);
                allowed.map_err(refused)?;
                presence.answer(&self.who.actor);
                Ok(done(id))
            }
            Request::Turn { port, change } => {
                let port = self.port(&port)?;
                // What is written next counts on it.
                let changed = port.turn(&self.who.actor, change.act, &change.to);
                changed.map_err(refused)?;
                Ok(done(id))
            }
            Request::Say { port, line } => self.act(id, &port, async move |port, actor| {
                port.say(&actor, line.text)
            }),
            Request::Key { key } => {
                if !self.presences.is_empty() {
                    let message = "a key is said before anything is subscribed to";
                    return Err(Refusal::new(Code::BadMessage, message));
                }
                self.who.actor.known_by(key.as_str());
                Ok(done(id))
            }
            Request::Ping => Ok(done(id)),
            Request::Name { name } => {
                let name = self.who.visitor.called(name.as_str());
                self.who.actor.name = name.as_str().into();
                self.presences
                    .values()
                    .for_each(|presence| presence.rename(&self.who.actor.name));
                self.who.viewer.name.clone_from(&name);
                let answer = Answer {
                    name: Some(name),
                    ..Answer::default()
                };
                Ok(Some(say(Say::Done { id, answer })))
            }
        }
    }

    fn port(&self, name: &str) -> Result<Arc<Port>, Refusal> {
        let port = self.web.sight.port(&self.who.actor.rights, name);
        port.map_err(Problem::into_refusal)
    }

    fn subscribe(&mut self, id: Option<u32>, wanted: Subscribe) -> Result<Order, Refusal> {
        let name = wanted.port.as_str();
        let port = self.port(name)?;
        if self.channels.len() >= LIMITS.subscriptions {
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
        let parser = parser.map_err(|error| Refusal::new(Code::BadMessage, error))?;
        // There are fewer subscriptions than channels.
        let channel = loop {
            self.last_channel = self.last_channel.checked_add(1).unwrap_or(1);
            if !self.channels.contains_key(&self.last_channel) {
                break self.last_channel;
            }
        };
        let watches = wanted.to.is_none();
        if watches {
            self.watch(&port, wanted.answers);
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
        self.channels.insert(channel, tapped);
        Ok(order)
    }

    /// Has the client listed as a viewer.
    fn watch(&mut self, port: &Arc<Port>, answers: bool) {
        // A found port that went and came back is another port of the same name.
        self.presences.retain(|_, presence| {
            presence.port().name() != port.name() || Arc::ptr_eq(presence.port(), port)
        });
        let Who { viewer, actor, .. } = &self.who;
        let presence = self
            .presences
            .entry(port.name().to_owned())
            .or_insert_with(|| port.enter(actor, viewer.clone()));
        // A terminal that may not type would keep others from answering.
        if answers && port.permit(actor, Right::Type).is_ok() {
            presence.answer(actor);
        }
    }

    fn write(&mut self, id: Option<u32>, port: &Arc<Port>, bytes: &[u8], answer: bool) -> Heard {
        if answer
            && !self
                .presences
                .get(port.name())
                .is_some_and(Presence::is_answerer)
        {
            let message = "another terminal answers this port's queries";
            return Err(Refusal::new(Code::Forbidden, message));
        }
        let written = write(port, &self.who.actor, bytes, answer).map_err(Problem::into_refusal)?;
        self.later(id, written)
    }

    fn act<F, O, E>(
        &mut self,
        id: Option<u32>,
        name: &str,
        act: impl FnOnce(Arc<Port>, Actor) -> F,
    ) -> Heard
    where
        F: Future<Output = Result<O, E>> + Send + 'static,
        O: Into<Outcome>,
        E: Into<Problem>,
    {
        let port = self.port(name)?;
        let acting = act(port, self.who.actor.clone());
        self.later(id, acting)
    }

    fn expect_room(&self) -> Result<(), Refusal> {
        if self.under_way.len() >= UNDER_WAY {
            let message = format!("{UNDER_WAY} requests are under way; wait for some answers");
            return Err(Refusal::new(Code::TooMany, message));
        }
        Ok(())
    }

    /// Answers when it is done; the client may go on meanwhile.
    fn later<O: Into<Outcome>, E: Into<Problem>>(
        &mut self,
        id: Option<u32>,
        outcome: impl Future<Output = Result<O, E>> + Send + 'static,
    ) -> Heard {
        self.expect_room()?;
        let orders = self.orders.clone();
        self.under_way.spawn(async move {
            let order = match outcome.await.map(Into::into) {
                Ok(Outcome::Written(Written { offset, length })) => {
                    say(Say::Written { id, offset, length })
                }
                Ok(Outcome::Done(answer)) => say(Say::Done { id, answer }),
                Err(error) => say(Say::Error {
                    id,
                    refusal: &error.into().into_refusal(),
                }),
            };
            // The client may have left.
            let _: Result<_, _> = orders.send(order).await;
        });
        Ok(None)
    }
}

fn refused(error: PortError) -> Refusal {
    Problem::from(error).into_refusal()
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
