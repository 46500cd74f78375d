//! A watched stream: it breaks when what was sent over it is not acknowledged any more, because its client has vanished.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::vanished::{LOOK_EVERY, UNANSWERED, silence};

/// A stream whose client is looked after.
pub struct Watched<S> {
    stream: S,
    /// The connection that carries it.
    tcp: fn(&S) -> &TcpStream,
    /// When it is looked whether the client is there; none while it has everything.
    look: Option<Pin<Box<Sleep>>>,
    /// How often that is,
    every: Duration,
    /// and how long it may acknowledge nothing.
    most: Duration,
}

impl<S> Watched<S> {
    /// A stream that this connection carries.
    pub fn new(stream: S, tcp: fn(&S) -> &TcpStream) -> Self {
        Self {
            stream,
            tcp,
            look: None,
            every: LOOK_EVERY,
            most: UNANSWERED,
        }
    }

    /// Looks when it is time; ready where nobody is there.
    fn poll_look(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        while let Some(look) = &mut self.look {
            ready!(look.as_mut().poll(context));
            match silence((self.tcp)(&self.stream)) {
                Some(silence) if silence.is_gone_after(self.most) => {
                    return Poll::Ready(io::ErrorKind::TimedOut.into());
                }
                Some(silence) if silence.is_owed => {
                    look.as_mut().reset(Instant::now() + self.every);
                }
                // While nothing is on its way the system asks by itself.
                _ => self.look = None,
            }
        }
        Poll::Pending
    }

    /// The same where the stream itself has nothing to tell.
    fn poll_still<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.poll_look(context).map(Err)
    }

    /// Something is on its way, so it is looked after that.
    fn sent(&mut self, context: &mut Context<'_>) {
        if self.look.is_none() {
            self.look = Some(Box::pin(sleep(self.every)));
            let _: Poll<io::Error> = self.poll_look(context);
        }
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
        match Pin::new(&mut this.stream).poll_write(context, bytes) {
            Poll::Pending => this.poll_still(context),
            written => {
                this.sent(context);
                written
            }
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write_vectored(context, pieces) {
            Poll::Pending => this.poll_still(context),
            written => {
                this.sent(context);
                written
            }
        }
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;
    use crate::accept::vanished::tests::ends;

    const DEADLINE: Duration = Duration::from_secs(20);

    fn watched(stream: TcpStream) -> Watched<TcpStream> {
        Watched {
            every: Duration::from_millis(20),
            most: Duration::from_millis(300),
            ..Watched::new(stream, |tcp| tcp)
        }
    }

    #[tokio::test]
    async fn it_breaks_when_the_client_has_vanished_whatever_it_was_sent() {
        // Little, which the system takes at once; and more than it takes.
        for length in [1, 64 << 20] {
            let (server, _client) = ends(true).await;
            let mut server = watched(server);
            let talking = async {
                server.write_all(&vec![b'x'; length]).await?;
                server.read_u8().await
            };
            let broken = timeout(DEADLINE, talking).await.expect("it breaks");
            assert_eq!(broken.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test]
    async fn who_has_taken_everything_is_not_looked_after_until_there_is_more() {
        let (server, mut client) = ends(false).await;
        let mut server = watched(server);
        for _ in 0..2 {
            server.write_all(b"x").await.unwrap();
            assert!(server.look.is_some());
            client.read_u8().await.unwrap();
            let rest = async {
                while server.look.is_some() {
                    let nothing = timeout(Duration::from_millis(1), server.read_u8()).await;
                    assert!(nothing.is_err(), "{nothing:?}");
                }
            };
            timeout(DEADLINE, rest).await.expect("it comes to rest");
        }
    }
}
