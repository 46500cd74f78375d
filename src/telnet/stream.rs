//! A stream: a client's connection, plain or within TLS.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use crate::accept::vanished::{LOOK_EVERY, has_vanished};
use crate::accept::{Lane, Turn, Way};
use crate::tls;

/// How long a goodbye may take to leave.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// A client's connection, which is counted.
pub(super) struct Stream {
    pub(super) kind: Kind,
    pub(super) lane: Arc<Lane>,
}

/// How a connection carries bytes.
pub(super) enum Kind {
    Plain(TcpStream),
    /// And the same connection once more: nobody gets at what is within TLS while its halves are in
    /// use.
    Secret(Box<tls::Stream>, TcpStream),
}

/// What comes from a client.
pub(super) struct Reader {
    half: Incoming,
    lane: Arc<Lane>,
    turn: Turn,
    /// When the client is looked after that says nothing.
    look: Interval,
}

enum Incoming {
    Plain(OwnedReadHalf),
    Secret(ReadHalf<tls::Stream>, TcpStream),
}

/// What goes to it.
pub(super) struct Writer {
    half: Outgoing,
    lane: Arc<Lane>,
    turn: Turn,
}

enum Outgoing {
    Plain(OwnedWriteHalf),
    /// Shared with the goodbye, which is said when nothing else is any more.
    Secret(Arc<Mutex<WriteHalf<tls::Stream>>>),
}

/// The end of a connection, as TLS has it: else clients would take what came for cut off.
pub(super) struct Goodbye(Option<Arc<Mutex<WriteHalf<tls::Stream>>>>);

impl Kind {
    /// A connection on which TLS was agreed.
    pub(super) fn secret(stream: tls::Stream) -> io::Result<Self> {
        let same = SockRef::from(stream.get_ref().0).try_clone()?;
        let same = TcpStream::from_std(same.into())?;
        Ok(Self::Secret(Box::new(stream), same))
    }
}

impl Stream {
    pub(super) fn into_split(self) -> (Reader, Writer, Goodbye) {
        let (incoming, outgoing, goodbye) = match self.kind {
            Kind::Plain(stream) => {
                let (reader, writer) = stream.into_split();
                (Incoming::Plain(reader), Outgoing::Plain(writer), None)
            }
            Kind::Secret(stream, tcp) => {
                let (reader, writer) = split(*stream);
                let writer = Arc::new(Mutex::new(writer));
                let goodbye = Some(Arc::clone(&writer));
                let incoming = Incoming::Secret(reader, tcp);
                (incoming, Outgoing::Secret(writer), goodbye)
            }
        };
        let mut look = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let reader = Reader {
            half: incoming,
            lane: Arc::clone(&self.lane),
            turn: Turn::default(),
            look,
        };
        let writer = Writer {
            half: outgoing,
            lane: self.lane,
            turn: Turn::default(),
        };
        (reader, writer, Goodbye(goodbye))
    }
}

impl Reader {
    /// Reads, until the client has vanished.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = poll_fn(|context| self.turn.poll(&self.lane, Way::In, context)).await;
        let most = most.min(buffer.len());
        let buffer = &mut buffer[..most];
        let read = loop {
            tokio::select! {
                biased;
                read = self.half.read(buffer) => break read?,
                _ = self.look.tick() => {}
            }
            if has_vanished(self.tcp()) {
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        self.turn.used(read);
        Ok(read)
    }

    /// The connection that carries it.
    pub(super) fn tcp(&self) -> &TcpStream {
        match &self.half {
            Incoming::Plain(reader) => reader.as_ref(),
            Incoming::Secret(_, tcp) => tcp,
        }
    }
}

impl Incoming {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer).await,
            Self::Secret(reader, _) => reader.read(buffer).await,
        }
    }
}

impl Writer {
    pub(super) async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let most = poll_fn(|context| self.turn.poll(&self.lane, Way::Out, context)).await;
            let (now, later) = bytes.split_at(most.min(bytes.len()));
            match &mut self.half {
                Outgoing::Plain(writer) => writer.write_all(now).await?,
                Outgoing::Secret(writer) => {
                    let mut writer = writer.lock().await;
                    writer.write_all(now).await?;
                    writer.flush().await?;
                }
            }
            self.turn.used(now.len());
            bytes = later;
        }
        Ok(())
    }

    /// Tells that nothing more is sent.
    pub(super) async fn end(&mut self) -> io::Result<()> {
        match &mut self.half {
            Outgoing::Plain(writer) => writer.shutdown().await,
            Outgoing::Secret(writer) => writer.lock().await.shutdown().await,
        }
    }
}

impl Goodbye {
    /// Says it, when what was being sent is sent or given up.
    pub(super) async fn say(self) {
        if let Some(writer) = self.0 {
            let end = async { writer.lock().await.shutdown().await };
            let _: Result<_, _> = timeout(GOODBYE_WITHIN, end).await;
        }
    }
}
