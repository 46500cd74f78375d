//! Ending: what goes on for a visitor ends when the visitor may not be here any more.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::problem::Problem;
use crate::access::Visitor;
use crate::wire::talk::Code;

/// An answer that was about to come still may: also that of whoever asked to be signed out.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Why an answer is broken off, and so is not taken for whole.
#[derive(Debug, thiserror::Error)]
#[error("signed out")]
struct SignedOut;

/// Lets a request, and an answer that goes on, last for as long as the visitor may be here.
pub async fn attend(visitor: &Visitor, answer: impl Future<Output = Response>) -> Response {
    let ended = &visitor.ended;
    let response = tokio::select! {
        response = answer => response,
        () = over(ended) => {
            let message = "you are not signed in any more, or your rights were changed; sign in and ask again";
            return Problem::new(StatusCode::UNAUTHORIZED, Code::Forbidden, message).into_response();
        }
    };
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    response.map(|body| {
        Body::new(Ending {
            body,
            ended: Box::pin(ended.clone().cancelled_owned()),
        })
    })
}

async fn over(ended: &CancellationToken) {
    ended.cancelled().await;
    sleep(LAST_WORD).await;
}

/// A body that breaks off.
struct Ending {
    body: Body,
    ended: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl HttpBody for Ending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.ended.as_mut().poll(context).is_ready() {
            // What is held for the answer, such as a loan, is let go now.
            self.body = Body::empty();
            return Poll::Ready(Some(Err(axum::Error::new(SignedOut))));
        }
        Pin::new(&mut self.body).poll_frame(context)
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
    use futures_util::{StreamExt, stream};
    use http_body_util::BodyExt;

    use super::*;

    fn lines() -> Response {
        let lines = stream::repeat("line\n").map(Ok::<_, std::io::Error>);
        Body::from_stream(lines).into_response()
    }

    #[tokio::test]
    async fn what_goes_on_is_broken_off_and_what_is_whole_stays_so() {
        let visitor = Visitor::at_home();
        let mut going = attend(&visitor, async { lines() }).await.into_body();
        let whole = attend(&visitor, async { "done".into_response() }).await;
        assert!(going.frame().await.unwrap().is_ok());
        visitor.ended.cancel();
        assert!(going.frame().await.unwrap().is_err());
        let whole = whole.into_body().collect().await.unwrap();
        assert_eq!(whole.to_bytes(), "done");
    }

    #[tokio::test]
    async fn who_waits_for_an_answer_waits_no_longer_but_hears_what_was_done() {
        let visitor = Visitor::at_home();
        let signing_out = async {
            visitor.ended.cancel();
            tokio::task::yield_now().await;
            StatusCode::NO_CONTENT.into_response()
        };
        let answer = attend(&visitor, signing_out).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let answer = attend(&visitor, std::future::pending()).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
}
