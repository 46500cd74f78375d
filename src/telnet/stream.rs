//! A stream: a client's connection, plain or within TLS.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::accept::{Lane, Lookout, Turn, Way};
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
}

enum Incoming {
    Plain(OwnedReadHalf),
    Secret(ReadHalf<tls::Stream>, Arc<TcpStream>),
}

/// What goes to it.
pub(super) struct Writer {
    half: Outgoing,
    lane: Arc<Lane>,
    turn: Turn,
    lookout: Lookout,
}

enum Outgoing {
    Plain(OwnedWriteHalf),
    /// Shared with the goodbye, which is said when nothing else is any more.
    Secret(Arc<Mutex<WriteHalf<tls::Stream>>>, Arc<TcpStream>),
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
                let tcp = Arc::new(tcp);
                let incoming = Incoming::Secret(reader, Arc::clone(&tcp));
                (incoming, Outgoing::Secret(writer, tcp), goodbye)
            }
        };
        let reader = Reader {
            half: incoming,
            lane: Arc::clone(&self.lane),
            turn: Turn::default(),
        };
        let writer = Writer {
            half: outgoing,
            lane: self.lane,
            turn: Turn::default(),
            lookout: Lookout::default(),
        };
        (reader, writer, Goodbye(goodbye))
    }
}

impl Reader {
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = poll_fn(|context| self.turn.poll(&self.lane, Way::In, context)).await;
        let most = most.min(buffer.len());
        let read = match &mut self.half {
            Incoming::Plain(reader) => reader.read(&mut buffer[..most]).await?,
            Incoming::Secret(reader, _) => reader.read(&mut buffer[..most]).await?,
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

impl Writer {
    /// Sends bytes, unless the client vanishes meanwhile.
    pub(super) async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let most = poll_fn(|context| self.turn.poll(&self.lane, Way::Out, context)).await;
            let now = &bytes[..most.min(bytes.len())];
            let lookout = &mut self.lookout;
            let sent = match &mut self.half {
                Outgoing::Plain(writer) => {
                    poll_fn(
                        |context| match Pin::new(&mut *writer).poll_write(context, now) {
                            Poll::Pending => {
                                lookout.poll(writer.as_ref(), context).map(|()| Err(gone()))
                            }
                            written => written,
                        },
                    )
                    .await?
                }
                Outgoing::Secret(writer, tcp) => {
                    let sending = async {
                        let mut writer = writer.lock().await;
                        writer.write_all(now).await?;
                        writer.flush().await
                    };
                    tokio::select! {
                        biased;
                        sent = sending => sent?,
                        () = poll_fn(|context| lookout.poll(tcp, context)) => return Err(gone()),
                    }
                    now.len()
                }
            };
            lookout.sent();
            self.turn.used(sent);
            bytes = &bytes[sent..];
        }
        Ok(())
    }

    /// Ready when the client acknowledges nothing any more of what it was sent.
    pub(super) async fn vanished(&mut self) {
        let tcp = match &self.half {
            Outgoing::Plain(writer) => writer.as_ref(),
            Outgoing::Secret(_, tcp) => tcp,
        };
        poll_fn(|context| self.lookout.poll(tcp, context)).await;
    }

    /// Tells that nothing more is sent.
    pub(super) async fn end(&mut self) -> io::Result<()> {
        match &mut self.half {
            Outgoing::Plain(writer) => writer.shutdown().await,
            Outgoing::Secret(writer, _) => writer.lock().await.shutdown().await,
        }
    }
}

/// Why nothing more is sent to a client that has vanished.
fn gone() -> io::Error {
    io::ErrorKind::TimedOut.into()
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
