//! A socket: one connection to `/api/v1/socket` of a server, which `docs/protocol.md` defines.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::header::{AUTHORIZATION, HOST, SEC_WEBSOCKET_PROTOCOL, USER_AGENT};
use hyper::{Request, StatusCode};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::task::AbortOnDropHandle;

use super::connector::Stream;
use super::told::{Hello, Subscribed, Told};
use super::{Client, ClientError, elsewhere};
use crate::record::Offset;
use crate::state::Seen;
use crate::wire::frame::{Content, frames, put_write};
use crate::wire::{Channel, SUBPROTOCOL};

/// From the first packet to the list of ports.
const GREETING_WITHIN: Duration = Duration::from_secs(10);
/// The server pings every 20 s.
const SILENCE: Duration = Duration::from_secs(60);
/// How long what was asked last may take to leave.
const GOODBYE_WITHIN: Duration = Duration::from_secs(2);
/// Messages that wait to leave. Whoever asks waits for answers, so more means that nothing leaves.
const WAITING: usize = 256;
/// The code with which a right is taken away.
const FORBIDDEN: u16 = 1008;

/// What came from the server.
#[derive(Debug)]
pub enum Heard {
    /// A text message.
    Told(Told),
    /// A binary message: frames.
    Frames(Bytes),
}

/// A connection that was greeted.
pub struct Socket {
    server: String,
    hello: Hello,
    /// As they were told last.
    ports: BTreeMap<String, Seen>,
    stream: SplitStream<WebSocketStream<Stream>>,
    orders: mpsc::Sender<Message>,
    writer: AbortOnDropHandle<()>,
    last_id: u32,
    heard: Instant,
    is_stuck: bool,
}

impl Socket {
    /// Connects, and waits until the server has told its ports.
    ///
    /// # Errors
    /// [`ClientError::Away`] where another try may help.
    pub async fn open(client: &Client) -> Result<Self, ClientError> {
        match timeout(GREETING_WITHIN, Self::connect(client)).await {
            Ok(opened) => opened,
            Err(_) => Err(client.away("no greeting came")),
        }
    }

    async fn connect(client: &Client) -> Result<Self, ClientError> {
        let stream = client.connect().await?;
        let address = &client.address;
        let mut request = Request::get(format!(
            "ws://{}{}/api/v1/socket",
            address.authority(),
            address.prefix()
        ))
        .header(HOST, address.authority())
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", generate_key())
        .header(SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)
        .header(USER_AGENT, concat!("seriald/", env!("CARGO_PKG_VERSION")));
        if let Some(token) = client.bearer() {
            request = request.header(AUTHORIZATION, token);
        }
        let request = request.body(()).map_err(|error| client.away(error))?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream)
            .await
            .map_err(|error| refusal(client, error))?;
        let (sink, mut stream) = socket.split();
        let hello = loop {
            match stream.next().await {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                    Ok(Told::Hello(hello)) if hello.protocol == 1 => break hello,
                    Ok(Told::Hello(hello)) => {
                        let said = format!(
                            "{} speaks version {} of the protocol, this program 1; update the older of them",
                            client.server, hello.protocol
                        );
                        return Err(ClientError::refused(said));
                    }
                    _ => return Err(client.away("it does not speak as a seriald does")),
                },
                Some(Ok(Message::Ping(_))) => {}
                Some(Err(error)) => return Err(client.away(error)),
                _ => return Err(client.away("it closed the connection")),
            }
        };
        let (orders, waiting) = mpsc::channel(WAITING);
        let mut socket = Self {
            server: client.server.clone(),
            hello,
            ports: BTreeMap::new(),
            stream,
            orders,
            writer: AbortOnDropHandle::new(tokio::spawn(write(sink, waiting))),
            last_id: 0,
            heard: Instant::now(),
            is_stuck: false,
        };
        if let Some(key) = &client.key {
            let key = json!({"type": "key", "key": key});
            socket.send(Message::text(key.to_string()));
        }
        while !matches!(socket.next().await?, Heard::Told(Told::Ports { .. })) {}
        Ok(socket)
    }

    /// The server's greeting.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The ports, as they were told last.
    pub fn ports(&self) -> &BTreeMap<String, Seen> {
        &self.ports
    }

    /// Waits for what comes next. Nothing is lost where the wait is given up.
    ///
    /// # Errors
    /// If the connection has ended, [`ClientError::Away`] where another may help.
    pub async fn next(&mut self) -> Result<Heard, ClientError> {
        loop {
            if self.is_stuck {
                return Err(self.away("it takes nothing any more"));
            }
            let patience = self.heard + SILENCE;
            let message = match timeout_at(patience, self.stream.next()).await {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => return Err(self.away(why(error))),
                Ok(None) => return Err(self.away("it closed the connection")),
                Err(_) => return Err(self.away("it has fallen silent")),
            };
            self.heard = Instant::now();
            match message {
                Message::Text(text) => match serde_json::from_str(&text) {
                    Ok(told) => {
                        self.note(&told);
                        return Ok(Heard::Told(told));
                    }
                    Err(error) => return Err(self.broken(error)),
                },
                Message::Binary(message) => return Ok(Heard::Frames(message)),
                Message::Close(frame) => return Err(self.closed(frame)),
                _ => {}
            }
        }
    }

    /// Keeps what was told of the ports.
    fn note(&mut self, told: &Told) {
        match told {
            Told::Ports { ports } => {
                let named = ports.iter().map(|port| (port.name.clone(), port.clone()));
                self.ports = named.collect();
            }
            Told::Port { port } => {
                self.ports.insert(port.name.clone(), (**port).clone());
            }
            Told::PortGone { name } => {
                self.ports.remove(name);
            }
            _ => {}
        }
    }

    /// Asks, without waiting; gives the number that the answer repeats.
    pub fn ask(&mut self, mut question: Value) -> u32 {
        let id = self.number();
        question["id"] = id.into();
        self.send(Message::text(question.to_string()));
        id
    }

    /// Writes to the port of a subscription, without waiting; gives the number that the answer
    /// repeats. `answer` marks what a terminal answers by itself.
    pub fn write(&mut self, channel: Channel, bytes: &[u8], answer: bool) -> u32 {
        let id = self.number();
        self.send(Message::binary(put_write(channel, id, answer, bytes)));
        id
    }

    /// Lets the server send so many more bytes of records on a channel.
    pub fn credit(&mut self, channel: Channel, bytes: usize) {
        let credit = json!({"type": "credit", "channel": channel, "bytes": bytes});
        self.send(Message::text(credit.to_string()));
    }

    /// Asks, and waits for the answer; what else comes meanwhile is dropped.
    ///
    /// # Errors
    /// If it was refused, or the connection has ended.
    pub async fn request(&mut self, question: Value) -> Result<Map<String, Value>, ClientError> {
        self.answer(question).await?.into_answer()
    }

    /// Reads a stretch of a port's past, frame by frame, as far as it is kept. `stretch` is a
    /// subscription with an end. What else comes meanwhile is dropped.
    ///
    /// # Errors
    /// If it was refused, or the connection has ended.
    pub async fn past(
        &mut self,
        stretch: Value,
        mut each: impl FnMut(Content<'_>) -> Result<(), ClientError>,
    ) -> Result<Subscribed, ClientError> {
        let told = self.answer(stretch).await?;
        let Told::Subscribed(subscribed) = told else {
            told.into_answer()?;
            return Err(self.broken("a subscription was answered otherwise"));
        };
        loop {
            match self.next().await? {
                Heard::Told(Told::Ended { channel }) if channel == subscribed.channel => {
                    return Ok(subscribed);
                }
                Heard::Frames(message) => {
                    for frame in frames(&message) {
                        let frame = frame.map_err(|damage| self.broken(damage))?;
                        if frame.channel == subscribed.channel {
                            each(frame.content)?;
                        }
                    }
                }
                Heard::Told(_) => {}
            }
        }
    }

    /// Ends the connection when everything that was asked has left.
    pub async fn close(self) {
        drop(self.orders);
        // Who takes nothing any more is left all the same.
        let _: Result<_, _> = timeout(GOODBYE_WITHIN, self.writer).await;
    }

    async fn answer(&mut self, question: Value) -> Result<Told, ClientError> {
        let id = self.ask(question);
        loop {
            if let Heard::Told(told) = self.next().await?
                && told.id() == Some(id)
            {
                return Ok(told);
            }
        }
    }

    fn number(&mut self) -> u32 {
        self.last_id = self.last_id.wrapping_add(1);
        self.last_id
    }

    fn send(&mut self, message: Message) {
        self.is_stuck |= self.orders.try_send(message).is_err();
    }

    /// Why the connection ends where the server does not keep to the protocol.
    pub(super) fn broken(&self, what: impl ToString) -> ClientError {
        self.away(format!("it broke the protocol: {}", what.to_string()))
    }

    fn closed(&self, frame: Option<CloseFrame>) -> ClientError {
        match frame {
            Some(frame) if u16::from(frame.code) == FORBIDDEN => {
                ClientError::refused(format!("{}: {}", self.server, frame.reason))
            }
            Some(frame) if !frame.reason.is_empty() => self.away(&*frame.reason),
            _ => self.away("it closed the connection"),
        }
    }

    fn away(&self, reason: impl ToString) -> ClientError {
        ClientError::away(&self.server, reason)
    }
}

/// Why a connection broke, for people.
fn why(error: Error) -> String {
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            "it broke off the connection".to_owned()
        }
        Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// What a port named by an offset, or otherwise, is subscribed from.
pub fn stretch(port: &str, from: impl Into<Value>, to: Offset, journal: u32) -> Value {
    json!({"type": "subscribe", "port": port, "from": from.into(), "to": to, "journal": journal})
}

/// Why the server did not agree to a socket.
fn refusal(client: &Client, error: Error) -> ClientError {
    let Error::Http(response) = error else {
        return client.away(error);
    };
    let status = response.status();
    if status == StatusCode::UNAUTHORIZED {
        return ClientError::Token(client.server.clone());
    }
    if let Some(elsewhere) = elsewhere(&client.server, status, response.headers()) {
        return elsewhere;
    }
    // A proxy whose server restarts says so.
    if status.is_server_error() {
        return client.away(format!("it answered {status}"));
    }
    let body = response.body().as_deref().unwrap_or_default();
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = told["detail"].as_str().map(str::to_owned);
    let said = said.unwrap_or_else(|| format!("{} answered {status}", client.server));
    ClientError::refused(said)
}

async fn write(
    mut sink: SplitSink<WebSocketStream<Stream>, Message>,
    mut waiting: mpsc::Receiver<Message>,
) {
    while let Some(message) = waiting.recv().await {
        // The reader is told why.
        if sink.send(message).await.is_err() {
            return;
        }
    }
    let _: Result<_, _> = sink.close().await;
}
