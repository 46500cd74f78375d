//! `POST /api/v1/ports/{name}/lend`: gives the device to another program, for as long as the
//! answer goes on.

use std::path::Path as FilePath;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep, sleep_until};

use super::lines::{answer, line};
use super::problem::Problem;
use super::{Peer, Web};
use crate::port::Loan;
use crate::record::Time;

/// How long a loan lasts where nobody says it, and at most, in seconds.
const SECONDS: u64 = 600;
const MOST_SECONDS: u64 = 24 * 3600;
/// The longest name of a borrower, in characters.
const NAME: usize = 64;
/// How often an empty line finds out whether the borrower is still there.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Who wants it, and for how long.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    to: String,
    seconds: Option<u64>,
}

/// The first line of the answer.
#[derive(Serialize)]
struct Begin<'a> {
    path: &'a FilePath,
    until: Time,
}

/// The last one.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    /// The time is over.
    Time,
    /// Somebody took the device back.
    TakenBack,
    /// The server stops.
    Server,
}

/// Answers with a line that says where the device is. It comes back when the answer is broken off,
/// when its time is over, or when somebody takes it: then the last line says so.
pub async fn lend(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Json<Wish>, JsonRejection>,
) -> Result<Response, Problem> {
    let port = web.port(&name)?;
    let Json(wish) = body.map_err(Problem::bad)?;
    let to = wish.to.trim().to_owned();
    if to.is_empty() || to.chars().count() > NAME || to.chars().any(char::is_control) {
        let message = format!("say whom to lend to, in 1 to {NAME} visible characters");
        return Err(Problem::bad(message));
    }
    let seconds = wish.seconds.unwrap_or(SECONDS);
    if !(1..=MOST_SECONDS).contains(&seconds) {
        let message = format!("a loan of {seconds} s is not possible; 1 to {MOST_SECONDS} s are");
        return Err(Problem::bad(message));
    }
    let limit = Duration::from_secs(seconds);
    let (actor, _) = web.arrive("http", peer.address.ip());
    let loan = port.lend(&actor, to, limit).await?;
    let first = line(&Begin {
        path: loan.path(),
        until: loan.lent().until,
    });
    let course = Course {
        web,
        loan: Some(loan),
        until: Instant::now() + limit,
        first: Some(first),
    };
    Ok(answer(course, Course::next))
}

/// A loan, line by line.
struct Course {
    web: Web,
    loan: Option<Loan>,
    until: Instant,
    first: Option<Bytes>,
}

impl Course {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some(first) = self.first.take() {
            return Some((first, self));
        }
        let loan = self.loan.as_ref()?;
        let ended = tokio::select! {
            () = loan.taken_back() => Ended::TakenBack,
            () = sleep_until(self.until) => Ended::Time,
            () = self.web.stop.cancelled() => Ended::Server,
            () = sleep(ASK_EVERY) => return Some((Bytes::from_static(b"\n"), self)),
        };
        self.loan = None;
        Some((line(&serde_json::json!({ "ended": ended })), self))
    }
}
