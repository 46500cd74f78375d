//! The listener: what a client sends. Bytes go to the port in order, one message at a time; a device
//! that holds back holds back this client, by not reading from it.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rfc2217_server::{Answer, Control, Event, NOP, Request, Server};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout, timeout_at};

use super::browser::is_browser;
use super::feed::Tell;
use super::moves::Moves;
use super::requests::Requests;
use super::resets::{Play, Resets};
use super::stream::Reader;
use crate::doors::Dialect;
use crate::port::{Actor, Port, PortError, Writing};

/// One read takes at most this much.
const READ_BUFFER: usize = 16 * 1024;
/// A request waits for what was written before it, but not longer than this: clients wait 3 s for
/// their answer, also where the device holds back.
const WAIT_FOR_WRITE: Duration = Duration::from_secs(1);
/// The BREAK of a telnet user.
const BREAK: Duration = Duration::from_millis(250);

/// How a client has ended what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It has said everything; it may still listen.
    HalfClosed,
    /// It is gone, or is sent away.
    Gone,
}

pub(super) struct Listener<'a> {
    port: &'a Arc<Port>,
    actor: &'a Actor,
    reader: Reader,
    tell: Option<mpsc::Sender<Tell>>,
    telnet: Option<Server>,
    requests: Requests<'a>,
    /// What the client does to the lines; none where it has no say in them, or its moves are made as
    /// they come.
    resets: Option<Resets>,
    /// Whether the client has agreed to COM-PORT-OPTION, by a word or by using it.
    agreed: bool,
    /// The message that the device has not taken yet.
    writing: Option<Writing>,
}

impl<'a> Listener<'a> {
    pub(super) fn new(
        port: &'a Arc<Port>,
        actor: &'a Actor,
        dialect: Dialect,
        reader: Reader,
        tell: mpsc::Sender<Tell>,
        as_sent: bool,
    ) -> Self {
        Self {
            port,
            actor,
            reader,
            tell: Some(tell),
            telnet: (dialect == Dialect::Rfc2217).then(Server::new),
            requests: Requests::new(port, actor),
            resets: (dialect == Dialect::Rfc2217 && !as_sent).then(Resets::default),
            agreed: false,
            writing: None,
        }
    }

    /// The connection.
    pub(super) fn stream(&self) -> &TcpStream {
        self.reader.tcp()
    }

    /// Does what the client says, until it has said everything.
    pub(super) async fn run(&mut self) -> Left {
        let mut buffer = vec![0; READ_BUFFER];
        let mut first = true;
        let left = loop {
            let bytes = match self.read(&mut buffer).await {
                Ok(0) => break Left::HalfClosed,
                Ok(length) => &buffer[..length],
                Err(_) => break Left::Gone,
            };
            if std::mem::take(&mut first) && is_browser(bytes) {
                tracing::warn!(port = self.port.name(), "a web page tried to type; refused");
                break Left::Gone;
            }
            self.take(bytes).await;
        };
        self.settle().await;
        self.end_moves().await;
        if left == Left::HalfClosed && self.telnet.is_some() {
            // Whoever has closed both directions answers data with a reset.
            self.send(NOP.to_vec()).await;
        }
        self.tell = None;
        left
    }

    /// Leaves nothing behind that only this client could end.
    pub(super) async fn leave(&mut self) {
        self.requests.end_break().await;
        self.end_moves().await;
    }

    /// Makes the moves that the client left to be made.
    async fn end_moves(&mut self) {
        self.let_go().await;
        if self.resets.is_some() {
            self.requests.end_touch().await;
        }
    }

    /// Reads on, and makes a move that has waited long enough meanwhile.
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(until) = self.resets.as_ref().and_then(Resets::held) {
            match timeout_at(until.into(), self.reader.read(buffer)).await {
                Ok(read) => return read,
                Err(_) => self.let_go().await,
            }
        }
        self.reader.read(buffer).await
    }

    async fn take(&mut self, mut input: &[u8]) {
        let Some(mut telnet) = self.telnet.take() else {
            return self.write(input).await;
        };
        let mut data = Cow::Borrowed(&[][..]);
        let mut moves = Moves::default();
        while let Some(event) = telnet.next(&mut input) {
            if let Event::Data(bytes) = event {
                self.apply(&mut moves).await;
                if data.is_empty() {
                    data = Cow::Borrowed(bytes);
                } else {
                    data.to_mut().extend_from_slice(bytes);
                }
                continue;
            }
            if !data.is_empty() {
                self.write(&std::mem::take(&mut data)).await;
            }
            let agrees = matches!(event, Event::Agreed | Event::Request(_));
            if agrees && !std::mem::replace(&mut self.agreed, true) {
                self.tell(Tell::Agreed).await;
            }
            match event {
                Event::Request(Request::Control(control)) if moves.takes(control) => {}
                Event::Request(Request::Control(control)) if Moves::is_move(control) => {
                    self.apply(&mut moves).await;
                    moves.takes(control);
                }
                event => {
                    self.apply(&mut moves).await;
                    self.act(event).await;
                }
            }
        }
        self.apply(&mut moves).await;
        if !data.is_empty() {
            self.write(&data).await;
        }
        self.telnet = Some(telnet);
    }

    /// Queues a message when the one before is with the device. While the port is not open, what is
    /// sent is lost, as on a cable that leads nowhere.
    async fn write(&mut self, bytes: &[u8]) {
        self.let_go().await;
        self.settle().await;
        self.requests.wrote();
        match self.port.write_in_turn(self.actor, bytes).await {
            Ok(Writing::Taken(_)) => {}
            Ok(writing) => self.writing = Some(writing),
            Err(error) => self.not_written(&error),
        }
    }

    /// Waits until the device has taken what was written.
    async fn settle(&mut self) {
        if let Some(writing) = &mut self.writing {
            let written = writing.await;
            self.writing = None;
            if let Err(error) = written {
                self.not_written(&error);
            }
        }
    }

    fn not_written(&self, error: &PortError) {
        tracing::debug!(port = self.port.name(), client = %self.actor.client, "not written: {error}");
    }

    async fn act(&mut self, event: Event<'_>) {
        let request = match event {
            Event::Data(_) | Event::Agreed => return,
            Event::Reply(reply) => return self.send(reply.as_bytes().to_vec()).await,
            Event::Break => {
                self.let_go().await;
                self.settle_soon().await;
                return self.requests.send_break(BREAK).await;
            }
            Event::Request(request) => request,
        };
        self.let_go().await;
        match request {
            Request::ModemState => self.tell(Tell::AskModem).await,
            Request::LineState => self.tell(Tell::AskLine).await,
            Request::Suspend => self.tell(Tell::Suspend(true)).await,
            Request::Resume => self.tell(Tell::Suspend(false)).await,
            Request::ModemStateMask(mask) => {
                self.tell(Tell::ModemMask(mask)).await;
                self.answer(&Answer::ModemStateMask(mask)).await;
            }
            Request::LineStateMask(mask) => {
                self.tell(Tell::LineMask(mask)).await;
                self.answer(&Answer::LineStateMask(mask)).await;
            }
            Request::Purge(purge) => {
                if purge.transmits() {
                    self.requests.cancel().await;
                    self.settle().await;
                }
                if purge.receives() {
                    self.tell(Tell::Skip).await;
                }
                self.answer(&Answer::Purge(purge)).await;
            }
            request => {
                self.settle_soon().await;
                if let Some(answer) = self.requests.answer(request).await {
                    self.answer(&answer).await;
                }
            }
        }
    }

    /// Moves DTR and RTS as asked, and answers.
    async fn apply(&mut self, moves: &mut Moves) {
        if moves.is_empty() {
            return;
        }
        self.settle_soon().await;
        let moves = std::mem::take(moves);
        let Some(resets) = &mut self.resets else {
            self.requests.apply(moves, false).await;
            return self.tell_moved(self.requests.in_force(moves)).await;
        };
        for play in resets.take(moves, Instant::now()) {
            self.play(play).await;
        }
        if self.resets.as_ref().and_then(Resets::held).is_some() {
            // The partner of what waits comes when this was answered.
            self.tell_moved(moves.controls()).await;
        } else {
            self.tell_moved(self.requests.in_force(moves)).await;
        }
    }

    /// Answers moves.
    async fn tell_moved(&mut self, controls: impl Iterator<Item = Control>) {
        for control in controls {
            self.answer(&Answer::Control(control)).await;
        }
    }

    /// Makes a move that waits for its partner.
    async fn let_go(&mut self) {
        if let Some(resets) = &mut self.resets
            && resets.held().is_some()
            && let Some(play) = resets.let_go(Instant::now())
        {
            self.play(play).await;
        }
    }

    async fn play(&mut self, play: Play) {
        sleep_until(play.at.into()).await;
        self.requests.apply(play.moves, play.boots).await;
        if let Some(resets) = &mut self.resets {
            resets.made(&play, Instant::now());
        }
    }

    /// Waits a moment for the device to take what was written.
    async fn settle_soon(&mut self) {
        let _: Result<_, _> = timeout(WAIT_FOR_WRITE, self.settle()).await;
    }

    async fn answer(&mut self, answer: &Answer) {
        let mut bytes = Vec::new();
        answer.encode(&mut bytes);
        self.send(bytes).await;
    }

    async fn send(&mut self, bytes: Vec<u8>) {
        self.tell(Tell::Bytes(bytes)).await;
    }

    async fn tell(&mut self, tell: Tell) {
        if let Some(feed) = &self.tell {
            // Where the feed has ended the client is gone; nobody misses the answer.
            let _: Result<_, _> = feed.send(tell).await;
        }
    }
}
