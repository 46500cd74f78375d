//! A client that knows what a user of the protocol knows: what stands where in each journal it
//! reads, the states of the ports, and which of its questions are answered. Whatever the server
//! sends is held against docs/protocol.md.

use std::collections::{BTreeMap, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message, http};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::server::Server;
use super::soon;

const RECORD_HEADER: usize = 24;
/// What a binary message holds besides its last record, at most.
const BATCH: usize = 64 * 1024;

/// A WebSocket.
pub type Socket = WebSocketStream<TcpStream>;

/// Opens a WebSocket with these headers, or tells with what it was refused.
pub async fn open(
    server: &Server,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<(Socket, Option<String>), http::StatusCode> {
    let address = server.address();
    let url = format!("ws://{address}{path}");
    let mut request = url.into_client_request().expect("a URL");
    for (name, value) in headers {
        let value = value.parse().expect("a header");
        request.headers_mut().insert(*name, value);
    }
    let stream = TcpStream::connect(address).await.expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    match soon("the handshake", client_async(request, stream)).await {
        Ok((socket, response)) => {
            let protocol = response.headers().get("sec-websocket-protocol");
            let protocol = protocol.map(|name| name.to_str().expect("text").to_owned());
            Ok((socket, protocol))
        }
        Err(tungstenite::Error::Http(response)) => Err(response.status()),
        Err(error) => panic!("the handshake: {error}"),
    }
}

/// Waits for the goodbye on a WebSocket, and gives its code.
pub async fn goodbye(socket: &mut Socket) -> u16 {
    loop {
        let message = soon("it is closed", socket.next()).await;
        if let Message::Close(frame) = message.expect("a goodbye").expect("a connection") {
            return frame.expect("a reason").code.into();
        }
    }
}

/// Why bytes are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Dropped,
    Withheld,
    Crash,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Rx(Vec<u8>),
    Tx {
        author: String,
        bytes: Vec<u8>,
    },
    Note(Value),
    Gap {
        to: u64,
        why: Why,
    },
    Series(Value),
    Values {
        length: u64,
        values: Vec<(u64, f64)>,
    },
}

/// One record as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub offset: u64,
    pub time: u64,
    pub live: bool,
    pub what: What,
}

/// One subscription, and what has come of it.
#[derive(Debug)]
pub struct Reading {
    pub port: String,
    /// The number of the journal that the offsets are of.
    pub journal: u64,
    pub oldest: u64,
    /// The head when it was answered: from here on records are live.
    pub head: u64,
    /// The offset of the byte that comes next.
    pub next: u64,
    pub records: Vec<Record>,
    /// What came on the wire, headers included.
    pub wire: usize,
    /// Whether the server said that this was all.
    pub ended: bool,
    /// Whether it brings values instead of bytes,
    pub of_values: bool,
    /// and what their series are, by number.
    pub series: BTreeMap<u64, Value>,
}

impl Reading {
    /// What came of a line: a series, or the values of those that were told.
    fn take_values(&mut self, record: Record) {
        let at = format!("{} at {}: {record:?}", self.port, self.next);
        assert!(self.of_values && !self.ended, "{at}");
        match &record.what {
            What::Series(series) => {
                let number = series["series"].as_u64().expect("a number");
                self.series.insert(number, series.clone());
            }
            What::Values { length, values } => {
                let end = record.offset + length;
                assert!(!values.is_empty() && end >= self.next, "{at}");
                assert_eq!(record.live, end > self.head, "{at}");
                for (series, value) in values {
                    assert!(
                        self.series.contains_key(series) && !value.is_infinite(),
                        "{at}"
                    );
                }
                self.next = end;
            }
            What::Gap { to, .. } => {
                assert!(*to > self.next, "{at}");
                self.next = *to;
            }
            _ => panic!("{at}"),
        }
        self.records.push(record);
    }

    /// All readings as (offset, values), in words: `temp=21.5°C hum=40%`.
    pub fn values(&self) -> Vec<(u64, String)> {
        let readings = self.records.iter().filter_map(|record| match &record.what {
            What::Values { values, .. } => {
                let word = |(series, value): &(u64, f64)| {
                    let series = &self.series[series];
                    let unit = series["unit"].as_str().unwrap_or_default();
                    format!("{}={value}{unit}", series["name"].as_str().expect("a name"))
                };
                let words: Vec<_> = values.iter().map(word).collect();
                Some((record.offset, words.join(" ")))
            }
            _ => None,
        });
        readings.collect()
    }

    fn take(&mut self, record: Record, length: u64) {
        if self.of_values {
            return self.take_values(record);
        }
        let at = format!("{} at {}: {record:?}", self.port, self.next);
        assert!(!self.ended, "{at}");
        if matches!(record.what, What::Note(_)) && self.records.is_empty() {
            // A subscription that begins within a Note gets the whole Note.
            assert!(
                record.offset <= self.next && record.offset + length > self.next,
                "{at}"
            );
        } else {
            assert_eq!(record.offset, self.next, "{at}");
        }
        if let What::Gap { to, .. } = record.what {
            assert!(to > self.next, "{at}");
            self.next = to;
        } else {
            assert!(length > 0, "{at}");
            assert_eq!(record.live, record.offset >= self.head, "{at}");
            self.next = record.offset + length;
        }
        self.records.push(record);
    }

    /// All bytes that came in.
    pub fn rx(&self) -> Vec<u8> {
        let rx = self.records.iter().filter_map(|record| match &record.what {
            What::Rx(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        rx.collect::<Vec<_>>().concat()
    }

    /// All bytes that were typed, and by whom; neighbouring pieces of one author are one.
    pub fn tx(&self) -> Vec<(String, Vec<u8>)> {
        let mut all: Vec<(String, Vec<u8>)> = Vec::new();
        for record in &self.records {
            if let What::Tx { author, bytes } = &record.what {
                match all.last_mut() {
                    Some((last, typed)) if last == author => typed.extend(bytes),
                    _ => all.push((author.clone(), bytes.clone())),
                }
            }
        }
        all
    }

    /// What happened, in order.
    pub fn notes(&self) -> Vec<&Value> {
        let notes = self.records.iter().filter_map(|record| match &record.what {
            What::Note(note) => Some(note),
            _ => None,
        });
        notes.collect()
    }

    /// Whether this happened.
    pub fn has_note(&self, what: &str) -> bool {
        self.notes().iter().any(|note| note["what"] == what)
    }

    /// What was missed, as (from, to).
    pub fn gaps(&self) -> Vec<(u64, u64)> {
        let gaps = self.records.iter().filter_map(|record| match record.what {
            What::Gap { to, .. } => Some((record.offset, to)),
            _ => None,
        });
        gaps.collect()
    }
}

/// A client of `/api/v1/socket`.
pub struct Client {
    socket: Socket,
    /// The id that the server gave it.
    pub client: String,
    pub hello: Value,
    /// Every port that there is, by name.
    pub ports: BTreeMap<String, Value>,
    /// The ports as they were listed.
    pub order: Vec<String>,
    /// The user's own pages, as they were last listed.
    pub pages: Value,
    /// The panels, as they were last told; none before they were.
    pub panels: Option<Vec<Value>>,
    /// What triggers wanted people to know.
    pub alerts: Vec<Value>,
    pub channels: HashMap<u16, Reading>,
    answers: HashMap<u64, Value>,
    /// Errors that belong to no question.
    pub errors: Vec<Value>,
    /// The numbers of the macros that were started, by the questions that did.
    runs: HashMap<u64, u64>,
    /// How the server closed the connection.
    pub closed: Option<Option<CloseFrame>>,
    last_id: u64,
}

impl Client {
    /// Connects and waits for the list of ports.
    pub async fn connect(server: &Server) -> Self {
        Self::connect_with(server, &[("sec-websocket-protocol", "seriald.v1")]).await
    }

    /// The same with other headers.
    pub async fn connect_with(server: &Server, headers: &[(&'static str, &str)]) -> Self {
        let opened = open(server, "/api/v1/socket", headers).await;
        let (socket, _) = opened.expect("the handshake succeeds");
        let mut client = Self {
            socket,
            client: String::new(),
            hello: Value::Null,
            ports: BTreeMap::new(),
            order: Vec::new(),
            pages: Value::Null,
            panels: None,
            alerts: Vec::new(),
            channels: HashMap::new(),
            answers: HashMap::new(),
            runs: HashMap::new(),
            errors: Vec::new(),
            closed: None,
            last_id: 0,
        };
        client.step().await;
        assert_eq!(client.hello["type"], "hello", "the server speaks first");
        client.step().await;
        client
    }

    /// Takes one message.
    pub async fn step(&mut self) {
        if let Err(why) = self.try_step().await {
            panic!("{why}");
        }
    }

    /// Takes one message, unless the connection breaks.
    pub async fn try_step(&mut self) -> Result<(), String> {
        let message = soon("the server says something", self.socket.next()).await;
        match message {
            Some(Ok(Message::Text(text))) => {
                let said = serde_json::from_str(&text).expect("talk is JSON");
                self.hear(said);
            }
            Some(Ok(Message::Binary(bytes))) => self.take(&bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(frame))) => self.closed = Some(frame),
            Some(Err(error)) => return Err(format!("the connection broke: {error}")),
            None => return Err("the connection ended without a goodbye".to_owned()),
        }
        Ok(())
    }

    fn hear(&mut self, said: Value) {
        match said["type"].as_str().expect("a type") {
            "hello" => {
                assert!(self.hello.is_null(), "hello is said once");
                self.client = said["client"].as_str().expect("an id").to_owned();
                self.hello = said;
            }
            "ports" => {
                assert!(self.order.is_empty(), "all ports are told once");
                for port in said["ports"].as_array().expect("a list") {
                    self.order
                        .push(port["name"].as_str().expect("a name").to_owned());
                    self.learn(port.clone());
                }
            }
            "panels" => {
                assert!(
                    !self.order.is_empty() || self.ports.is_empty(),
                    "ports come first"
                );
                self.panels = said["panels"].as_array().cloned();
            }
            "alert" => {
                assert!(!self.order.is_empty(), "ports come first");
                self.alerts.push(said);
            }
            "port" => self.learn(said["port"].clone()),
            "port-gone" => {
                let name = said["name"].as_str().expect("a name");
                self.ports.remove(name).expect("it was listed");
            }
            "pages" => self.pages = said["pages"].clone(),
            "subscribed" => {
                let number = |field: &str| said[field].as_u64().expect("a number");
                let channel = u16::try_from(number("channel")).expect("a channel");
                assert_ne!(channel, 0);
                let reading = Reading {
                    port: said["port"].as_str().expect("a name").to_owned(),
                    journal: number("journal"),
                    oldest: number("oldest"),
                    head: number("head"),
                    next: number("from"),
                    records: Vec::new(),
                    wire: 0,
                    ended: false,
                    of_values: false,
                    series: BTreeMap::new(),
                };
                assert!(reading.oldest <= reading.head && reading.next <= reading.head);
                let before = self.channels.insert(channel, reading);
                assert!(before.is_none(), "channel {channel} was given away twice");
                self.answered(said);
            }
            "ended" => {
                let channel = said["channel"].as_u64().expect("a channel") as u16;
                let reading = self.channels.get_mut(&channel).expect("it was given away");
                assert!(!reading.ended, "it ended twice");
                reading.ended = true;
            }
            "started" => {
                let number = |field: &str| said[field].as_u64().expect("a number");
                let before = self.runs.insert(number("id"), number("run"));
                assert!(before.is_none(), "it started twice");
            }
            "written" | "done" => self.answered(said),
            "error" => {
                assert!(
                    said["message"]
                        .as_str()
                        .is_some_and(|text| !text.is_empty())
                );
                if said.get("id").is_some() {
                    self.answered(said);
                } else {
                    self.errors.push(said);
                }
            }
            other => panic!("nobody knows what {other:?} is"),
        }
    }

    fn learn(&mut self, port: Value) {
        for field in [
            "name", "device", "found", "path", "identity", "state", "since", "error", "settings",
            "actual", "lines", "errors", "held", "queued", "journal", "total", "rate", "viewers",
            "answerer", "doors", "may",
        ] {
            assert!(port.get(field).is_some(), "a state without {field}: {port}");
        }
        let name = port["name"].as_str().expect("a name").to_owned();
        self.ports.insert(name, port);
    }

    fn answered(&mut self, answer: Value) {
        if let Some(id) = answer["id"].as_u64() {
            let before = self.answers.insert(id, answer);
            assert!(before.is_none(), "question {id} was answered twice");
        }
    }

    fn take(&mut self, message: &[u8]) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("after 1970").as_micros() as u64;
        let mut rest = message;
        let mut last = 0;
        while !rest.is_empty() {
            let (header, behind) = rest.split_at(RECORD_HEADER);
            let number = |from: usize, to: usize| {
                let bytes = header[from..to].iter().rev();
                bytes.fold(0u64, |number, byte| number << 8 | u64::from(*byte))
            };
            let (kind, flags) = (header[0], header[1]);
            let (channel, length) = (number(2, 4) as u16, number(4, 8) as usize);
            let (offset, time) = (number(8, 16), number(16, 24));
            let (payload, behind) = behind.split_at(length);
            last = RECORD_HEADER + length;
            rest = behind;
            let known = if kind == 4 { 0b111 } else { 1 };
            assert_eq!(flags & !known, 0, "unknown flags");
            assert!(
                time <= now && time + 600_000_000 > now,
                "time {time} at {now}"
            );
            let (what, length) = match kind {
                1 => (What::Rx(payload.to_vec()), length),
                2 => {
                    let (author, bytes) = payload[1..].split_at(usize::from(payload[0]));
                    let author = String::from_utf8(author.to_vec()).expect("UTF-8");
                    let bytes = bytes.to_vec();
                    let length = bytes.len();
                    (What::Tx { author, bytes }, length)
                }
                3 => {
                    let note: Value = serde_json::from_slice(payload).expect("a Note is JSON");
                    assert!(
                        note["what"].is_string() && note["text"].is_string(),
                        "{note}"
                    );
                    (What::Note(note), length)
                }
                4 => {
                    let to = u64::from_le_bytes(payload.try_into().expect("8 bytes"));
                    let why = match flags & !1 {
                        0 => Why::Dropped,
                        2 => Why::Withheld,
                        4 => Why::Crash,
                        _ => panic!("a gap with flags {flags}"),
                    };
                    (What::Gap { to, why }, 0)
                }
                5 => {
                    let series = serde_json::from_slice(payload).expect("a series is JSON");
                    (What::Series(series), 0)
                }
                6 => {
                    let (length, values) = payload.split_at(4);
                    let length = u32::from_le_bytes(length.try_into().expect("4 bytes"));
                    let values = values.chunks(10).map(|value| {
                        let (series, value) = value.split_at(2);
                        let series = u16::from_le_bytes(series.try_into().expect("2 bytes"));
                        let value = f64::from_le_bytes(value.try_into().expect("8 bytes"));
                        (u64::from(series), value)
                    });
                    let (length, values) = (u64::from(length), values.collect());
                    (What::Values { length, values }, 0)
                }
                other => panic!("a record of kind {other}"),
            };
            let record = Record {
                offset,
                time,
                live: flags & 1 != 0,
                what,
            };
            let reading = self.channels.get_mut(&channel);
            let reading = reading.unwrap_or_else(|| panic!("a record on channel {channel}"));
            reading.wire += last;
            reading.take(record, length as u64);
        }
        let but_last = message.len() - last;
        assert!(but_last <= BATCH, "a message of {} bytes", message.len());
    }

    /// Takes messages until this is so.
    pub async fn until(&mut self, what: &str, so: impl Fn(&Self) -> bool) {
        soon(what, async {
            while !so(self) {
                assert!(self.closed.is_none(), "closed with {:?}", self.closed);
                self.step().await;
            }
        })
        .await;
    }

    /// Says something that is no question.
    pub async fn say(&mut self, message: Message) {
        soon("the server takes a message", self.socket.send(message))
            .await
            .expect("the connection is open");
    }

    /// Says what the server does not listen to till the end.
    pub async fn say_too_much(&mut self, message: Message) {
        // The server may have hung up before all of it is sent.
        let _ = soon("it is sent or refused", self.socket.send(message)).await;
    }

    /// Asks and gives the number of the question.
    pub async fn start(&mut self, mut question: Value) -> u64 {
        self.last_id += 1;
        question["id"] = self.last_id.into();
        self.say(Message::text(question.to_string())).await;
        self.last_id
    }

    /// Queues bytes as a binary write and gives the number of the question.
    pub async fn start_write(&mut self, channel: u16, bytes: &[u8]) -> u64 {
        self.last_id += 1;
        let mut message = vec![16, 0];
        message.extend(channel.to_le_bytes());
        message.extend((self.last_id as u32).to_le_bytes());
        message.extend(bytes);
        self.say(Message::binary(message)).await;
        self.last_id
    }

    /// Whether a question is answered.
    pub fn is_answered(&self, id: u64) -> bool {
        self.answers.contains_key(&id)
    }

    /// Waits for the answer to a question.
    pub async fn answer(&mut self, id: u64) -> Value {
        self.until("the question is answered", |client| client.is_answered(id))
            .await;
        self.answers.remove(&id).expect("just seen")
    }

    /// Starts a macro; gives the number of the question and that of the run.
    pub async fn start_run(&mut self, question: Value) -> (u64, u64) {
        let asked = self.start(question).await;
        self.until("the macro starts", |client| {
            client.runs.contains_key(&asked) || client.is_answered(asked)
        })
        .await;
        let run = self.runs.remove(&asked);
        (
            asked,
            run.unwrap_or_else(|| panic!("{:?}", self.answers[&asked])),
        )
    }

    /// Asks and waits for the answer.
    pub async fn ask(&mut self, question: Value) -> Value {
        let id = self.start(question).await;
        self.answer(id).await
    }

    /// Asks for what cannot fail.
    pub async fn done(&mut self, question: Value) -> Value {
        let shown = question.to_string();
        let answer = self.ask(question).await;
        assert_eq!(answer["type"], "done", "{shown}: {answer}");
        answer
    }

    /// Asks for what must fail; gives the error.
    pub async fn refused(&mut self, question: Value, code: &str) -> Value {
        let shown = question.to_string();
        let answer = self.ask(question).await;
        assert_eq!(answer["code"], code, "{shown}: {answer}");
        answer
    }

    /// Writes bytes and waits until the device's driver has them; gives the offset of the first.
    pub async fn write(&mut self, channel: u16, bytes: &[u8]) -> u64 {
        let id = self.start_write(channel, bytes).await;
        let answer = self.answer(id).await;
        assert_eq!(answer["type"], "written", "{answer}");
        assert_eq!(answer["length"], bytes.len());
        answer["offset"].as_u64().expect("an offset")
    }

    /// Subscribes and gives the channel.
    pub async fn subscribe(&mut self, port: &str, from: impl Into<Value>) -> u16 {
        self.subscribe_with(json!({"port": port, "from": from.into()}))
            .await
    }

    /// The same with more to say.
    pub async fn subscribe_with(&mut self, mut question: Value) -> u16 {
        question["type"] = "subscribe".into();
        let of_values = question.get("values").is_some();
        let answer = self.ask(question).await;
        assert_eq!(answer["type"], "subscribed", "{answer}");
        let channel = answer["channel"].as_u64().expect("a channel") as u16;
        let reading = self.channels.get_mut(&channel).expect("just answered");
        reading.of_values = of_values;
        channel
    }

    /// What came on a channel.
    pub fn on(&self, channel: u16) -> &Reading {
        &self.channels[&channel]
    }

    /// Waits until so many bytes have come in on a channel, and gives them.
    pub async fn rx(&mut self, channel: u16, count: usize) -> Vec<u8> {
        let what = format!("{count} bytes come in");
        // Counted as they come: looking at all of them each time would take too long.
        let (mut seen, mut have) = (0, 0);
        soon(&what, async {
            loop {
                let records = &self.on(channel).records;
                have += records[seen..].iter().map(rx_length).sum::<usize>();
                seen = records.len();
                if have >= count {
                    break;
                }
                self.step().await;
            }
        })
        .await;
        self.on(channel).rx()
    }

    /// Subscribes up to an offset, and waits until all of it has come; gives the channel.
    pub async fn read_past(&mut self, port: &str, from: u64, to: u64) -> u16 {
        let question = json!({"port": port, "from": from, "to": to});
        let channel = self.subscribe_with(question).await;
        self.end(channel).await;
        channel
    }

    /// Reads everything from an offset up to where the journal ends now.
    pub async fn history(&mut self, port: &str, from: u64) -> Vec<Record> {
        let channel = self.subscribe(port, from).await;
        let head = self.on(channel).head;
        self.reach(channel, head).await;
        self.done(json!({"type": "unsubscribe", "channel": channel}))
            .await;
        self.channels.remove(&channel).expect("just read").records
    }

    /// Waits until a subscription with an end has ended.
    pub async fn end(&mut self, channel: u16) {
        self.until("the subscription ends", |client| client.on(channel).ended)
            .await;
    }

    /// Waits until a channel has all up to this offset.
    pub async fn reach(&mut self, channel: u16, offset: u64) {
        let what = format!("offset {offset} comes");
        self.until(&what, |client| client.on(channel).next >= offset)
            .await;
    }

    /// Waits until a port's state is so.
    pub async fn state(&mut self, port: &str, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        self.until(what, |client| client.ports.get(port).is_some_and(&so))
            .await;
        self.ports[port].clone()
    }

    /// Waits until all that the server had to say before this is heard.
    pub async fn settle(&mut self) {
        // Between two answers goes one message of records; the last may be what was left over.
        for _ in 0..3 {
            self.done(json!({"type": "ping"})).await;
        }
    }

    /// Waits for the server's goodbye and gives its code.
    pub async fn goodbye(&mut self) -> u16 {
        while self.closed.is_none() {
            self.step().await;
        }
        let frame = self.closed.take().flatten();
        frame.expect("a reason").code.into()
    }
}

fn rx_length(record: &Record) -> usize {
    match &record.what {
        What::Rx(bytes) => bytes.len(),
        _ => 0,
    }
}
