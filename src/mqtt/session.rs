//! A session: one connection to a broker, from the greeting to the end.
//!
//! Nothing is put aside for a broker that is slow: a port's feed waits until its batch is taken, and
//! the journal keeps what comes meanwhile.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Desk;
use super::decoder::{Decoder, Packet};
use super::feed::Batch;
use super::feeds::Feeds;
use super::link::{Stream, refusal};
use super::orders::Orders;
use super::packet::{
    Connect, Message, put_goodbye, put_ping, put_publish, put_subscribe, put_taken,
};
use super::topic::Topics;
use super::window::Window;
use crate::port::Port;
use crate::record::Offset;

/// How long a broker may think about whether it lets us in, and we say goodbye.
const PATIENCE: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_secs(1);
/// A broker that has said nothing for this part of the keep-alive is asked whether it is there; when that
/// has passed once more, it is not.
const PING_PART: u32 = 3;
/// So much is sent at once, in bytes.
const PIECE: usize = 64 * 1024;
/// Where so much waits to be sent, a broker that takes nothing is not listened to: each message of its own that it wants to
/// have confirmed would be more.
const FULL: usize = 2 * PIECE;
/// Complaints that may wait.
const COMPLAINTS: usize = 64;
/// The number by which the broker answers what we want to be told. Messages have others.
const WISHES: u16 = 1;

/// Where a port's feed has come to, in which journal.
pub type Places = HashMap<String, (u32, Offset)>;

/// How a session has ended.
pub enum End {
    /// The server stops.
    Stopped,
    /// It never began, or it broke.
    Failed(String),
}

/// One connection to a broker.
pub struct Session<'a> {
    pub(super) desk: &'a Desk,
    pub(super) places: &'a mut Places,
    pub(super) topics: Topics,
    reader: ReadHalf<Box<dyn Stream>>,
    decoder: Decoder,
    writer: mpsc::Sender<Vec<u8>>,
    writing: AbortOnDropHandle<std::io::Result<()>>,
    /// To be sent next.
    out: Vec<u8>,
    /// What is being told, and where a port's feed has come to with it.
    pub(super) messages: VecDeque<Message>,
    place: Option<(Arc<Port>, Offset)>,
    window: Window<(Arc<Port>, Offset)>,
    orders: Orders,
    /// Something was heard since the broker was asked last.
    is_heard: bool,
}

impl<'a> Session<'a> {
    pub fn new(desk: &'a Desk, places: &'a mut Places, stream: Box<dyn Stream>) -> Self {
        let (reader, writer) = split(stream);
        let (pieces, inbox) = mpsc::channel(1);
        Self {
            desk,
            places,
            topics: Topics::new(&desk.mqtt),
            reader,
            decoder: Decoder::default(),
            writer: pieces,
            writing: AbortOnDropHandle::new(tokio::spawn(write(writer, inbox))),
            out: Vec::new(),
            messages: VecDeque::new(),
            place: None,
            window: Window::new(WISHES),
            orders: Orders::new(Arc::clone(&desk.hub), Arc::clone(&desk.mqtt)),
            is_heard: true,
        }
    }

    /// Tells and obeys until the connection breaks, or the server stops.
    pub async fn run(mut self, client_id: &str, stop: &CancellationToken) -> End {
        let greeted = tokio::select! {
            greeted = timeout(PATIENCE, self.greet(client_id)) => greeted,
            () = stop.cancelled() => return End::Stopped,
        };
        match greeted {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => return End::Failed(problem),
            Err(_) => return End::Failed("it does not answer; is it a broker?".to_owned()),
        }
        self.desk.connected();
        if self.desk.mqtt.commands.is_some() {
            put_subscribe(
                &mut self.out,
                WISHES,
                &self.topics.orders(),
                self.desk.mqtt.confirmed,
            );
        }
        let online = self.status("online");
        self.publish(&online);
        match self.converse(stop).await {
            Ok(()) => {
                let offline = self.status("offline");
                self.publish(&offline);
                put_goodbye(&mut self.out);
                let _: Result<_, _> = timeout(GOODBYE, self.close()).await;
                End::Stopped
            }
            Err(problem) => End::Failed(problem),
        }
    }

    /// Says who we are, and hears whether that is enough.
    async fn greet(&mut self, client_id: &str) -> Result<(), String> {
        let mqtt = &self.desk.mqtt;
        let connect = Connect {
            client_id,
            user: mqtt.user.as_deref(),
            password: mqtt.password.as_ref().map(|secret| secret.0.as_str()),
            keep_alive: mqtt.keep_alive,
            will: &self.status("offline"),
        };
        connect.put(&mut self.out);
        let _: Result<_, _> = self.writer.send(std::mem::take(&mut self.out)).await;
        loop {
            match self.decoder.next().map_err(|error| error.to_string())? {
                Some(Packet::Connected(0)) => return Ok(()),
                Some(Packet::Connected(code)) => return Err(refusal(code, mqtt.user.as_deref())),
                Some(_) => {
                    let problem =
                        "it does not answer as a broker does; does it want TLS (mqtts://)?";
                    return Err(problem.to_owned());
                }
                None => {}
            }
            if !self.read().await.unwrap_or(false) {
                let problem = "it closed the connection at once; does it want TLS (mqtts://), or \
                    another user or password?";
                return Err(problem.to_owned());
            }
        }
    }

    async fn converse(&mut self, stop: &CancellationToken) -> Result<(), String> {
        let (outlet, mut batches) = mpsc::channel(1);
        let mut ports = self.desk.hub.watch();
        let mut feeds = Feeds::new(outlet);
        let listed = Arc::clone(&ports.borrow_and_update());
        feeds.keep_to(&listed, self);
        let every = self.desk.mqtt.keep_alive / PING_PART;
        let mut ping: Interval = interval_at(Instant::now() + every, every);
        // Something may have come together with the greeting.
        self.hear()?;
        loop {
            self.tell();
            let writer = self.writer.clone();
            tokio::select! {
                room = writer.reserve_owned(), if !self.out.is_empty() => match room {
                    Ok(room) => drop(room.send(std::mem::take(&mut self.out))),
                    Err(_) => return Err(self.broken().await),
                },
                Some(batch) = batches.recv(), if self.messages.is_empty() => self.take(batch),
                read = read(&mut self.reader, &mut self.decoder), if self.out.len() < FULL => {
                    if !read? {
                        return Err("it closed the connection; is another client there with the same \
                             client_id?".to_owned());
                    }
                    self.hear()?;
                }
                complaint = self.orders.failed(), if self.messages.len() < COMPLAINTS => {
                    self.messages.push_back(complaint);
                }
                _ = ping.tick() => {
                    if !std::mem::take(&mut self.is_heard) {
                        return Err(format!("it has not answered for {} s", (2 * every).as_secs()));
                    }
                    put_ping(&mut self.out);
                }
                changed = ports.changed() => {
                    if changed.is_ok() {
                        let listed = Arc::clone(&ports.borrow_and_update());
                        feeds.keep_to(&listed, self);
                    }
                }
                () = stop.cancelled() => return Ok(()),
            }
        }
    }

    /// Begins to tell a batch.
    fn take(&mut self, batch: Batch) {
        self.desk.missed(batch.port.name(), batch.missed);
        self.messages.extend(batch.messages);
        self.place = Some((batch.port, batch.place));
    }

    /// Tells as much as there is room for.
    fn tell(&mut self) {
        while self.out.len() < PIECE && !self.window.is_full() {
            let Some(message) = self.messages.pop_front() else {
                break;
            };
            self.publish(&message);
        }
        if self.messages.is_empty()
            && let Some(place) = self.place.take()
        {
            self.window.mark(place);
        }
        while let Some((port, place)) = self.window.reached() {
            let journal = port.journal().reach().id;
            self.places.insert(port.name().to_owned(), (journal, place));
        }
    }

    fn publish(&mut self, message: &Message) {
        let number = self.desk.mqtt.confirmed.then(|| self.window.add());
        put_publish(&mut self.out, message, number);
        self.desk.published();
    }

    async fn read(&mut self) -> Result<bool, String> {
        read(&mut self.reader, &mut self.decoder).await
    }

    /// Takes in what the broker has said.
    fn hear(&mut self) -> Result<(), String> {
        self.is_heard = true;
        while let Some(packet) = self.decoder.next().map_err(|error| error.to_string())? {
            let complaint = match packet {
                Packet::Message { message, number } => {
                    self.confirm(number);
                    self.orders.take(message)
                }
                Packet::TooLong { topic, number } => {
                    self.confirm(number);
                    self.orders.refuse(&topic)
                }
                Packet::Taken(number) => {
                    self.window.confirm(number);
                    None
                }
                Packet::Subscribed { refused: true } => {
                    tracing::warn!("mqtt: the broker does not allow to be told of commands");
                    None
                }
                Packet::Subscribed { .. } | Packet::Pong | Packet::Connected(_) | Packet::Other => {
                    None
                }
            };
            if let Some(complaint) = complaint.filter(|_| self.messages.len() < COMPLAINTS) {
                self.messages.push_back(complaint);
            }
        }
        Ok(())
    }

    fn confirm(&mut self, number: Option<u16>) {
        if let Some(number) = number {
            put_taken(&mut self.out, number);
        }
    }

    fn status(&self, status: &str) -> Message {
        Message {
            topic: self.topics.status(),
            payload: status.into(),
            retain: true,
        }
    }

    /// Why nothing can be sent any more.
    async fn broken(&mut self) -> String {
        match (&mut self.writing).await {
            Ok(Err(error)) => error.to_string(),
            _ => "the connection is closed".to_owned(),
        }
    }

    /// Sends the rest.
    async fn close(mut self) {
        let _: Result<_, _> = self.writer.send(std::mem::take(&mut self.out)).await;
        drop(self.writer);
        let _: Result<_, _> = self.writing.await;
    }
}

/// Reads some of what the broker says; false where it has closed the connection.
async fn read(
    reader: &mut ReadHalf<Box<dyn Stream>>,
    decoder: &mut Decoder,
) -> Result<bool, String> {
    decoder.buffer.reserve(4096);
    let read = reader.read_buf(&mut decoder.buffer).await;
    read.map(|read| read > 0).map_err(|error| error.to_string())
}

/// Sends what comes, until nothing more will.
async fn write(
    mut writer: WriteHalf<Box<dyn Stream>>,
    mut pieces: mpsc::Receiver<Vec<u8>>,
) -> std::io::Result<()> {
    while let Some(piece) = pieces.recv().await {
        writer.write_all(&piece).await?;
        writer.flush().await?;
    }
    writer.shutdown().await
}
