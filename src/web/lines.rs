//! Answers that go on: one JSON object in each line.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Lines that are made ahead of the client.
const AHEAD: usize = 16;
/// A client that takes nothing for so long is not told the rest.
const TAKE_LIMIT: Duration = Duration::from_secs(60);
/// How often it is told how far something is.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// A line.
pub fn line(what: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(what).expect("a line is plain data");
    line.push(b'\n');
    line.into()
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
    let (lines, taken) = mpsc::channel(AHEAD);
    let teller = Teller {
        lines,
        stop,
        told: Instant::now(),
    };
    spawn_blocking(move || tell(teller));
    answer(taken, async |mut taken: mpsc::Receiver<Bytes>| {
        Some((taken.recv().await?, taken))
    })
}

/// The way of lines to a client.
pub struct Teller {
    lines: mpsc::Sender<Bytes>,
    stop: CancellationToken,
    /// When progress was told last.
    told: Instant,
}

impl Teller {
    /// Gives a line to the client, or says stop if it has gone or takes nothing.
    pub fn tell(&mut self, what: &impl Serialize) -> ControlFlow<()> {
        self.go_on()?;
        let sent = match self.lines.try_send(line(what)) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(line)) => Handle::current().block_on(async {
                let taken = timeout(TAKE_LIMIT, self.lines.send(line));
                tokio::select! {
                    taken = taken => matches!(taken, Ok(Ok(()))),
                    () = self.stop.cancelled() => false,
                }
            }),
        };
        if sent {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    /// The same, but leaves out what comes soon after another.
    pub fn progress(&mut self, what: &impl Serialize) -> ControlFlow<()> {
        if self.told.elapsed() < TELL_EVERY {
            return self.go_on();
        }
        self.told = Instant::now();
        self.tell(what)
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.lines.is_closed() || self.stop.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
