//! A stream: a client's connection, plain or within TLS.

use std::io;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::{TcpStream, tcp};
use tokio::time::timeout;
use tokio_util::either::Either;

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
pub(super) enum Reader<'a> {
    Plain(tcp::ReadHalf<'a>),
    Secret(ReadHalf<&'a mut tls::Stream>, &'a TcpStream),
}

/// What goes to it.
pub(super) type Writer<'a> = Either<tcp::WriteHalf<'a>, WriteHalf<&'a mut tls::Stream>>;

impl Stream {
    /// A connection on which TLS was agreed.
    pub(super) fn secret(stream: tls::Stream) -> io::Result<Self> {
        let same = SockRef::from(stream.get_ref().0).try_clone()?;
        let same = TcpStream::from_std(same.into())?;
        Ok(Self::Secret(Box::new(stream), same))
    }

    /// Says goodbye as TLS has it, or else clients would take what came for cut off.
    pub(super) async fn close(self) {
        if let Self::Secret(mut stream, _) = self {
            let _: Result<_, _> = timeout(GOODBYE_WITHIN, stream.shutdown()).await;
        }
    }

    pub(super) fn split(&mut self) -> (Reader<'_>, Writer<'_>) {
        match self {
            Self::Plain(stream) => {
                let (reader, writer) = stream.split();
                (Reader::Plain(reader), Either::Left(writer))
            }
            Self::Secret(stream, tcp) => {
                let (reader, writer) = split(&mut **stream);
                (Reader::Secret(reader, tcp), Either::Right(writer))
            }
        }
    }
}

impl Reader<'_> {
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
