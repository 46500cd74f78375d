//! Answers that go on: one JSON object in each line.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde::Serialize;

/// A line.
pub fn line(what: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(what).expect("a line is plain data");
    line.push(b'\n');
    line.into()
}

/// An answer whose lines come from `next`, until that has none. What it holds is dropped when the
/// client has gone.
pub fn answer<S, F>(state: S, next: impl FnMut(S) -> F + Send + 'static) -> Response
where
    S: Send + 'static,
    F: Future<Output = Option<(Bytes, S)>> + Send + 'static,
{
    let mut next = next;
    let lines = unfold(state, move |state| {
        let next = next(state);
        async move {
            next.await
                .map(|(line, state)| (Ok::<_, Infallible>(line), state))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(lines)).into_response()
}
