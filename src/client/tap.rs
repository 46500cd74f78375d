//! A tap: one port's records, without holes or doubles over any number of connections.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ClientError;
use super::link::{Link, Turn};
use super::socket::Heard;
use super::told::{Hello, Subscribed, Told};
use crate::record::Offset;
use crate::state::Seen;
use crate::wire::Channel;
use crate::wire::frame::{Content, Frame, frames};

/// So many bytes of records may be on their way, or wait to be taken in.
const CREDIT: usize = 1 << 20;
/// What was taken in is told in pieces of this size.
const REPORT: usize = CREDIT / 4;

/// What is to be tapped.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The port.
    pub port: String,
    /// Where it begins: what `subscribe` calls `from`.
    pub from: Value,
    /// The journal, if that is an offset.
    pub journal: Option<u32>,
    /// Whether there is a terminal that could answer the device.
    pub answers: bool,
    /// What others see of who taps it; the server names who says nothing.
    pub name: Option<String>,
}

/// The offset that comes next, and the journal that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    journal: u32,
    next: Offset,
}

/// Where a subscription stands.
enum Stage {
    /// There is none: no connection, or no such port.
    None,
    /// It was asked for.
    Asked(u32),
    /// Its records come.
    On(Channel),
}

/// What became of a tap.
#[derive(Debug)]
pub enum Event {
    /// Its records begin, or go on.
    Began(Began),
    /// Some came.
    Frames(Batch),
    /// The port's state has changed.
    Changed,
    /// The port is not listed any more; its records go on when it is back.
    Gone,
    /// A question was answered.
    Answered(u32, Result<Map<String, Value>, ClientError>),
    /// The connection was lost, and why. It is tried again; what was not answered may have been
    /// done or not.
    Lost(String),
}

/// How a tap begins.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    /// What the server says.
    pub subscribed: Subscribed,
    /// Whether it had begun before.
    pub is_again: bool,
    /// Whether the journal from before is gone: what comes is another's, from its oldest byte on.
    pub is_other: bool,
}

/// Frames that came together.
#[derive(Clone, Debug)]
pub struct Batch {
    message: Bytes,
    channel: Channel,
}

impl Batch {
    /// Each frame.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let read = frames(&self.message).map_while(Result::ok);
        read.filter(|frame| frame.channel == self.channel)
    }

    /// What it costs of the credit.
    pub fn cost(&self) -> usize {
        self.message.len()
    }
}

/// One port's records.
pub struct Tap {
    link: Link,
    wish: Wish,
    place: Option<Place>,
    stage: Stage,
    /// Whether the next beginning is in another journal.
    is_other: bool,
    /// Bytes that were taken in and not told.
    taken: usize,
}

impl Tap {
    /// Taps a port over a link that is up.
    pub fn new(mut link: Link, wish: Wish) -> Self {
        let stage = subscribe(&mut link, &wish, None);
        Self {
            link,
            wish,
            place: None,
            stage,
            is_other: false,
            taken: 0,
        }
    }

    /// The server's greeting, while there is a connection.
    pub fn hello(&mut self) -> Option<&Hello> {
        self.link.socket().map(|socket| socket.hello())
    }

    /// The port's state, while there are a connection and a port.
    pub fn state(&mut self) -> Option<&Seen> {
        let socket = self.link.socket()?;
        socket.ports().get(&self.wish.port)
    }

    /// Asks about the port, whose name is put in; gives the number of the answer, or nothing
    /// where there is no connection.
    pub fn ask(&mut self, mut question: Value) -> Option<u32> {
        question["port"] = self.wish.port.as_str().into();
        Some(self.link.socket()?.ask(question))
    }

    /// Writes to the port; gives the number of the answer, or nothing where there is no connection
    /// or no port. `answer` marks what a terminal answers by itself.
    pub fn write(&mut self, bytes: &[u8], answer: bool) -> Option<u32> {
        let Stage::On(channel) = self.stage else {
            return None;
        };
        Some(self.link.socket()?.write(channel, bytes, answer))
    }

    /// Tells that a batch was taken in, so that more may come.
    pub fn taken(&mut self, cost: usize) {
        self.taken += cost;
        if let (Stage::On(channel), REPORT..) = (&self.stage, self.taken)
            && let Some(socket) = self.link.socket()
        {
            socket.credit(*channel, std::mem::take(&mut self.taken));
        }
    }

    /// Waits for what comes next. Nothing is lost where the wait is given up.
    ///
    /// # Errors
    /// If another try would not help: the port is not there from the beginning, or the server
    /// does not let in.
    pub async fn next(&mut self) -> Result<Event, ClientError> {
        loop {
            match self.link.next().await? {
                Turn::Up => self.subscribe(),
                Turn::Down(reason) => return Ok(self.down(reason)),
                Turn::Heard(Heard::Frames(message)) => {
                    if let Some(event) = self.frames(message)? {
                        return Ok(event);
                    }
                }
                Turn::Heard(Heard::Told(told)) => {
                    if let Some(event) = self.told(told)? {
                        return Ok(event);
                    }
                }
            }
        }
    }

    /// Ends the connection when everything that was asked has left.
    pub async fn close(self) {
        self.link.close().await;
    }

    fn subscribe(&mut self) {
        self.taken = 0;
        self.stage = subscribe(&mut self.link, &self.wish, self.place);
    }

    fn down(&mut self, reason: String) -> Event {
        self.stage = Stage::None;
        Event::Lost(reason)
    }

    fn frames(&mut self, message: Bytes) -> Result<Option<Event>, ClientError> {
        let (Stage::On(channel), Some(mut place)) = (&self.stage, self.place) else {
            return Ok(None);
        };
        let channel = *channel;
        for frame in frames(&message) {
            match frame {
                Ok(frame) if frame.channel != channel => {}
                Ok(frame) => match frame.content {
                    Content::Record(record) => place.next = record.end(),
                    Content::Gap(gap, _) => place.next = gap.to,
                    Content::Unknown => {}
                },
                // All of it is asked for again.
                Err(damage) => {
                    let socket = self.link.socket();
                    let error = socket.expect("it has just spoken").broken(damage);
                    self.link.lost(error)?;
                    return Ok(Some(self.down(damage.to_string())));
                }
            }
        }
        self.place = Some(place);
        Ok(Some(Event::Frames(Batch { message, channel })))
    }

    fn told(&mut self, told: Told) -> Result<Option<Event>, ClientError> {
        Ok(match told {
            Told::Port { port } if port.name == self.wish.port => {
                if matches!(self.stage, Stage::None) {
                    self.subscribe();
                }
                Some(Event::Changed)
            }
            Told::PortGone { name } if name == self.wish.port => {
                if let (Stage::On(channel), Some(socket)) = (&self.stage, self.link.socket()) {
                    socket.ask(json!({"type": "unsubscribe", "channel": channel}));
                }
                self.stage = Stage::None;
                Some(Event::Gone)
            }
            told => match (told.id(), &self.stage) {
                (Some(id), Stage::Asked(asked)) if id == *asked => self.subscribed(told)?,
                (Some(id), _) => Some(Event::Answered(id, told.into_answer())),
                (None, _) => None,
            },
        })
    }

    fn subscribed(&mut self, told: Told) -> Result<Option<Event>, ClientError> {
        if let Told::Subscribed(subscribed) = told {
            self.stage = Stage::On(subscribed.channel);
            let began = Began {
                subscribed,
                is_again: self.place.is_some() || self.is_other,
                is_other: std::mem::take(&mut self.is_other),
            };
            self.place = Some(Place {
                journal: subscribed.journal,
                next: subscribed.from,
            });
            return Ok(Some(Event::Began(began)));
        }
        let refused = told.into_answer();
        self.stage = Stage::None;
        match &refused {
            Err(ClientError::Refused { code, .. }) if self.place.is_some() => match &**code {
                "out-of-range" => {
                    self.place = None;
                    self.is_other = true;
                    self.wish.from = "oldest".into();
                    self.wish.journal = None;
                    self.subscribe();
                    Ok(None)
                }
                // It comes back when it is found again.
                "unknown-port" => Ok(Some(Event::Gone)),
                _ => refused.map(|_| None),
            },
            _ => refused.map(|_| None),
        }
    }
}

fn subscribe(link: &mut Link, wish: &Wish, place: Option<Place>) -> Stage {
    let Some(socket) = link.socket() else {
        return Stage::None;
    };
    if let Some(name) = &wish.name {
        socket.ask(json!({"type": "name", "name": name}));
    }
    let (from, journal) = match place {
        Some(place) => (json!(place.next), Some(place.journal)),
        None => (wish.from.clone(), wish.journal),
    };
    Stage::Asked(socket.ask(json!({
        "type": "subscribe",
        "port": wish.port,
        "from": from,
        "journal": journal,
        "credit": CREDIT,
        "answers": wish.answers,
    })))
}
