//! A paced stream: no more passes over it than its lane lets pass. Where there is no limit it is the
//! stream itself.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::lane::{Lane, Turn, Way};

/// A stream that keeps its lane for as long as it is open, whatever becomes of it.
pub struct Paced<S> {
    stream: S,
    lane: Arc<Lane>,
    out: Turn,
    into: Turn,
}

impl<S> Paced<S> {
    /// A stream on its lane.
    pub fn new(stream: S, lane: Arc<Lane>) -> Self {
        Self {
            stream,
            lane,
            out: Turn::default(),
            into: Turn::default(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let most = ready!(this.into.poll(&this.lane, Way::In, context));
        let stream = Pin::new(&mut this.stream);
        if most >= buffer.remaining() {
            let before = buffer.filled().len();
            ready!(stream.poll_read(context, buffer))?;
            this.into.used(buffer.filled().len() - before);
            return Poll::Ready(Ok(()));
        }
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        ready!(stream.poll_read(context, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        this.into.used(read);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let most = ready!(this.out.poll(&this.lane, Way::Out, context));
        let bytes = &bytes[..bytes.len().min(most)];
        let written = ready!(Pin::new(&mut this.stream).poll_write(context, bytes))?;
        this.out.used(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let most = ready!(this.out.poll(&this.lane, Way::Out, context));
        if most >= pieces.iter().map(|piece| piece.len()).sum() {
            let written = ready!(Pin::new(&mut this.stream).poll_write_vectored(context, pieces))?;
            this.out.used(written);
            return Poll::Ready(Ok(written));
        }
        let first = pieces.iter().find(|piece| !piece.is_empty());
        self.poll_write(context, first.map_or(&[], |piece| piece))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::num::NonZeroUsize;
    use std::time::{Duration, Instant};

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;
    use crate::accept::{Bandwidth, Seats};

    const RATE: usize = 200_000;

    async fn pass(lane: &Arc<Lane>, bytes: Vec<u8>) -> Duration {
        let begun = Instant::now();
        let (near, far) = duplex(1 << 20);
        let [mut near, mut far] = [near, far].map(|end| Paced::new(end, Arc::clone(lane)));
        let mut came = vec![0; bytes.len()];
        let (sent, read) = tokio::join!(near.write_all(&bytes), far.read_exact(&mut came));
        sent.unwrap();
        read.unwrap();
        assert_eq!(came, bytes);
        begun.elapsed()
    }

    #[tokio::test]
    async fn beyond_a_seconds_worth_bytes_pass_at_the_rate_of_the_address_or_the_account() {
        let bytes: Vec<_> = (0..RATE * 3 / 2).map(|at| at as u8).collect();
        let (seats, accounts) = (Seats::new(9, 9), Seats::new(9, 9));
        let limit = NonZeroUsize::new(RATE);
        for (of_address, of_account, is_slow) in [
            (limit, None, true),
            (None, limit, true),
            (None, None, false),
        ] {
            let bandwidth = Bandwidth::new(of_address, of_account);
            let seat = seats.take(IpAddr::from([10, 0, 0, 1])).unwrap();
            let lane = Lane::new(seat, &bandwidth);
            assert!(lane.belong(&"ada".into(), &accounts));
            let took = pass(&lane, bytes.clone()).await;
            let least = Duration::from_millis(400);
            assert_eq!(
                took >= least,
                is_slow,
                "{of_address:?} {of_account:?}: {took:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_connection_has_the_seat_of_the_account_that_used_it_last() {
        let (seats, accounts) = (Seats::new(9, 9), Seats::new(9, 1));
        let bandwidth = Bandwidth::new(None, None);
        let lane = || Lane::new(seats.take(IpAddr::from([10, 0, 0, 1])).unwrap(), &bandwidth);
        let (one, other) = (lane(), lane());
        let (ada, bob) = ("ada".into(), "bob".into());
        assert!(one.belong(&ada, &accounts) && one.belong(&ada, &accounts));
        assert!(!other.belong(&ada, &accounts));
        assert!(one.belong(&bob, &accounts));
        assert!(other.belong(&ada, &accounts));
        drop(one);
        assert!(other.belong(&bob, &accounts));
    }
}
