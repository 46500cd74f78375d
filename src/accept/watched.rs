//! A watched stream: it breaks when what was sent over it is not acknowledged any more, because its client has vanished.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::lookout::Lookout;

/// A stream whose client is looked after. One task reads and writes it.
pub struct Watched<S> {
    stream: S,
    /// The connection that carries it.
    tcp: fn(&S) -> &TcpStream,
    lookout: Lookout,
}

impl<S> Watched<S> {
    /// A stream that this connection carries.
    pub fn new(stream: S, tcp: fn(&S) -> &TcpStream) -> Self {
        let lookout = Lookout::default();
        Self {
            stream,
            tcp,
            lookout,
        }
    }

    /// What becomes of a stream that itself has nothing to tell.
    fn poll_still<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let vanished = self.lookout.poll((self.tcp)(&self.stream), context);
        vanished.map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    /// The same after a write; what was sent is looked after.
    fn poll_written(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_pending() {
            return self.poll_still(context);
        }
        self.lookout.sent();
        // Who has vanished by now is met by whatever comes next.
        let _: Poll<io::Result<()>> = self.poll_still(context);
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_read(context, buffer) {
            Poll::Pending => this.poll_still(context),
            read => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.poll_written(written, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, pieces);
        this.poll_written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(context) {
            Poll::Pending => this.poll_still(context),
            flushed => flushed,
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_shutdown(context) {
            Poll::Pending => this.poll_still(context),
            shut => shut,
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;
    use crate::accept::lookout::tests::impatient;
    use crate::accept::vanished::tests::ends;

    #[tokio::test]
    async fn it_breaks_when_the_client_has_vanished_whatever_it_was_sent() {
        // Little, which the system takes at once; and more than it takes.
        for length in [1, 64 << 20] {
            let (server, _client) = ends(true).await;
            let mut server = Watched {
                lookout: impatient(),
                ..Watched::new(server, |tcp| tcp)
            };
            let talking = async {
                server.write_all(&vec![b'x'; length]).await?;
                server.read_u8().await
            };
            let broken = timeout(Duration::from_secs(20), talking).await;
            let broken = broken.expect("it breaks").unwrap_err();
            assert_eq!(broken.kind(), io::ErrorKind::TimedOut);
        }
    }
}
