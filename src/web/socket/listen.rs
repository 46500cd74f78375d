//! Listening to a client: its requests and writes, and what becomes of them.

use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::SILENCE_LIMIT;
use super::channels::Channels;
use super::feed::Order;
use super::outcome::Outcome;
use super::work::Work;
use crate::access::Visitor;
use crate::port::{Actor, Port, PortError, Presence};
use crate::state::Viewer;
use crate::web::expect::exchange;
use crate::web::problem::Problem;
use crate::web::run::begin;
use crate::web::touch::{Course, take, touch};
use crate::web::write::write;
use crate::web::{Web, closing};
use crate::wire;
use crate::wire::talk::{Answer, Ask, Code, Refusal, Request, Say};

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
    channels: Channels,
    work: Work,
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
        channels: Channels::default(),
        work: Work::new(orders.clone()),
        orders,
    };
    while let Ok(Some(message)) = timeout(SILENCE_LIMIT, stream.next()).await {
        let message = match message {
            Ok(message) => message,
            Err(error) => return closing::after(error, listener.web.limits.message),
        };
        listener.work.tidy();
        listener.channels.tidy();
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
        let port = self.channels.port(write.channel).cloned();
        let heard = port.and_then(|port| self.write(id, &port, &write.bytes, write.answer));
        (id, heard)
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
            Request::Subscribe(wanted) => {
                let port = self.port(&wanted.port)?;
                let begun = self.channels.subscribe(id, &self.who, port, &wanted).await;
                begun.map(Some)
            }
            Request::Unsubscribe { channel } => {
                self.channels.unsubscribe(channel)?;
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
                let (port, actor) = (self.port(&port)?, self.who.actor.clone());
                let reply = exchange(Arc::clone(&self.web), port, actor, expect);
                self.work.wait(id, reply)?;
                Ok(None)
            }
            Request::Abort { request } => {
                self.work.abort(request);
                Ok(done(id))
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
                    Course::On(run, script) => {
                        // Whoever watches the port sees whether it goes on.
                        self.work.begin(async { drop(take(*run, script).await) })?;
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
                self.channels.answer(&self.who, &port)?;
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
                if self.channels.presences().next().is_some() {
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
                let presences = self.channels.presences();
                presences.for_each(|presence| presence.rename(&self.who.actor.name));
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

    fn write(&mut self, id: Option<u32>, port: &Arc<Port>, bytes: &[u8], answer: bool) -> Heard {
        let presence = self.channels.presence(port.name());
        if answer && !presence.is_some_and(Presence::is_answerer) {
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

    /// Answers when it is done.
    fn later<O: Into<Outcome>, E: Into<Problem>>(
        &mut self,
        id: Option<u32>,
        outcome: impl Future<Output = Result<O, E>> + Send + 'static,
    ) -> Heard {
        self.work.answer(id, outcome)?;
        Ok(None)
    }
}

pub(super) fn refused(error: PortError) -> Refusal {
    Problem::from(error).into_refusal()
}
