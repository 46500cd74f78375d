//! Arriving: a request's body, which has to come at some pace. Nobody holds a connection by a body that
//! never ends.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// For so many bytes that have come the others have a second more.
const PACE: f64 = 1024.0;

/// Why the rest is not waited for.
#[derive(Debug, thiserror::Error)]
#[error("it came too slowly")]
struct TooSlow;

/// A body that is given up when it comes too slowly.
pub struct Arriving<B> {
    body: B,
    /// How long it may take, whatever its length.
    patience: Duration,
    /// When the next piece has to be there. It counts from when somebody waits for one.
    due: Option<Pin<Box<Sleep>>>,
}

impl<B> Arriving<B> {
    pub fn new(body: B, patience: Duration) -> Self {
        Self {
            body,
            patience,
            due: None,
        }
    }
}

impl<B> HttpBody for Arriving<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        let due = this
            .due
            .get_or_insert_with(|| Box::pin(sleep(this.patience)));
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                if let Some(Ok(frame)) = &frame {
                    let length = frame.data_ref().map_or(0, Bytes::len);
                    let more = Duration::from_secs_f64(length as f64 / PACE);
                    let until = due.deadline() + more;
                    due.as_mut().reset(until);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => due
                .as_mut()
                .poll(context)
                .map(|()| Some(Err(TooSlow.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use futures_util::stream::unfold;
    use http_body_util::BodyExt;

    use super::*;

    /// How much comes of a body that brings so many bytes each 20 ms, for half a second.
    async fn come(bytes: usize) -> Result<usize, BoxError> {
        let body = Body::from_stream(unfold(0, move |count| async move {
            sleep(Duration::from_millis(20)).await;
            let piece = Ok::<_, Infallible>(Bytes::from(vec![0; bytes]));
            (count < 25).then_some((piece, count + 1))
        }));
        let arriving = Arriving::new(body, Duration::from_millis(200));
        Ok(arriving.collect().await?.to_bytes().len())
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_given_up_and_a_long_one_is_waited_for() {
        let error = come(1).await.unwrap_err();
        assert!(error.is::<TooSlow>(), "{error}");
        assert_eq!(come(512).await.unwrap(), 25 * 512);
    }
}
