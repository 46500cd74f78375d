//! A stream: a client's connection, plain or within TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::tls;

/// How long a goodbye may take to leave.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

/// A client's connection.
pub(super) enum Stream {
    Plain(TcpStream),
    /// And the same connection once more: nobody gets at what is within TLS while its halves are in
    /// use.
    Secret(Box<tls::Stream>, TcpStream),
}

/// What comes from a client.
pub(super) enum Reader {
    Plain(OwnedReadHalf),
    Secret(ReadHalf<tls::Stream>, TcpStream),
}

/// What goes to it.
pub(super) enum Writer {
    Plain(OwnedWriteHalf),
    /// Shared with the goodbye, which is said when nothing else is any more.
    Secret(Arc<Mutex<WriteHalf<tls::Stream>>>),
}

/// The end of a connection, as TLS has it: else clients would take what came for cut off.
pub(super) struct Goodbye(Option<Arc<Mutex<WriteHalf<tls::Stream>>>>);

impl Stream {
    /// A connection on which TLS was agreed.
    pub(super) fn secret(stream: tls::Stream) -> io::Result<Self> {
        let same = SockRef::from(stream.get_ref().0).try_clone()?;
        let same = TcpStream::from_std(same.into())?;
        Ok(Self::Secret(Box::new(stream), same))
    }

    pub(super) fn into_split(self) -> (Reader, Writer, Goodbye) {
        match self {
            Self::Plain(stream) => {
                let (reader, writer) = stream.into_split();
                (Reader::Plain(reader), Writer::Plain(writer), Goodbye(None))
            }
            Self::Secret(stream, tcp) => {
                let (reader, writer) = split(*stream);
                let writer = Arc::new(Mutex::new(writer));
                let goodbye = Goodbye(Some(Arc::clone(&writer)));
                (Reader::Secret(reader, tcp), Writer::Secret(writer), goodbye)
            }
        }
    }
}

impl Reader {
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer).await,
            Self::Secret(reader, _) => reader.read(buffer).await,
        }
    }

    /// The connection that carries it.
    pub(super) fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(reader) => reader.as_ref(),
            Self::Secret(_, tcp) => tcp,
        }
    }
}

impl Writer {
    pub(super) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.write_all(bytes).await,
            Self::Secret(writer) => {
                let mut writer = writer.lock().await;
                writer.write_all(bytes).await?;
                writer.flush().await
            }
        }
    }

    /// Tells that nothing more is sent.
    pub(super) async fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.shutdown().await,
            Self::Secret(writer) => writer.lock().await.shutdown().await,
        }
    }
}

impl Goodbye {
    /// Says it, when what was being sent is sent or given up.
    pub(super) async fn say(self) {
        if let Some(writer) = self.0 {
            let _: Result<_, _> = timeout(GOODBYE_WITHIN, Writer::Secret(writer).end()).await;
        }
    }
}
