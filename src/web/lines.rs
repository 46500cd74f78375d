//! Answers that go on: one JSON object in each line.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::pipe::{self, Pipe};

/// How often an empty line finds out whether the client is still there.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// How often it is told how far something is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// A line.
pub fn line(what: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(what).expect("a line is plain data");
    line.push(b'\n');
    line.into()
}

/// An empty line, once it is time for one: it tells the client that the server is there, and finds out whether the client is.
pub async fn empty() -> Bytes {
    sleep(ASK_EVERY).await;
    Bytes::from_static(b"\n")
}

/// An answer whose lines come from `next`, until that has none. What it holds is dropped when the
/// client has gone.
pub fn answer<S, F>(state: S, mut next: impl FnMut(S) -> F + Send + 'static) -> Response
where
    S: Send + 'static,
    F: Future<Output = Option<(Bytes, S)>> + Send + 'static,
{
    let lines = unfold(state, move |state| {
        let next = next(state);
        async move {
            let (line, state) = next.await?;
            Some((Ok::<_, Infallible>(line), state))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

/// An answer whose lines are told by `tell`, on a thread that may wait, until the server stops.
pub fn told(stop: CancellationToken, tell: impl FnOnce(Teller) + Send + 'static) -> Response {
    let (pipe, taken) = Pipe::new(stop);
    let told = Instant::now();
    spawn_blocking(move || tell(Teller { pipe, told }));
    answer(taken, pipe::next)
}

/// The way of lines to a client.
pub struct Teller {
    pipe: Pipe,
    /// When progress was told last.
    told: Instant,
}

impl Teller {
    /// Gives a line to the client, or says stop if it has gone or takes nothing.
    pub fn tell(&self, what: &impl Serialize) -> ControlFlow<()> {
        self.pipe.put(line(what))
    }

    /// The same, but leaves out what comes soon after another.
    pub fn progress(&mut self, what: &impl Serialize) -> ControlFlow<()> {
        if self.told.elapsed() < TELL_EVERY {
            return self.pipe.is_open();
        }
        self.told = Instant::now();
        self.tell(what)
    }
}
