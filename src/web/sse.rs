//! Server-sent events: answers that go on, for browsers and whatever reads lines.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::{iter, once, unfold};
use tokio_util::sync::CancellationToken;

/// A client that lost the server tries again after this.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is said that there is nothing to say, for proxies that end what is silent.
const ALIVE_EVERY: Duration = Duration::from_secs(20);

/// An answer whose events come from `next`, until that has none or the server stops. The next are
/// asked for when the client has taken those before.
pub fn answer<S, F>(
    stop: CancellationToken,
    state: S,
    mut next: impl FnMut(S) -> F + Send + 'static,
) -> Response
where
    S: Send + 'static,
    F: Future<Output = Option<(Vec<Event>, S)>> + Send + 'static,
{
    let events = unfold(state, move |state| {
        let (next, stop) = (next(state), stop.clone());
        async move {
            tokio::select! {
                next = next => next,
                () = stop.cancelled() => None,
            }
        }
    });
    let begin = once(async { Event::default().retry(RETRY) });
    let events = begin.chain(events.flat_map(iter)).map(Ok::<_, Infallible>);
    let alive = KeepAlive::new().interval(ALIVE_EVERY);
    // Some proxies collect what they pass on.
    let headers = [("x-accel-buffering", "no")];
    (headers, Sse::new(events).keep_alive(alive)).into_response()
}
