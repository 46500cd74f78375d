//! `POST /api/v1/ports/{name}/lend`: gives the device to another program, for as long as the
//! answer goes on.

use std::path::Path as FilePath;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;

use super::Web;
use super::lines::{answer, empty, line};
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::port::Loan;
use crate::record::Time;
use crate::wire::name::Name;

/// How long a loan lasts where nobody says it, and at most, in seconds.
const SECONDS: u64 = 600;
const MOST_SECONDS: u64 = 24 * 3600;

/// Who wants it, and for how long.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoanWanted)]
pub struct Wish {
    /// What the borrower is called.
    to: Name,
    /// How long at most: 1 to 86400, 600 if absent.
    #[schema(minimum = 1, maximum = 86400)]
    seconds: Option<u64>,
}

/// A line of the answer: the first, and the last.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = LoanLine)]
enum Told<'a> {
    /// The device is free.
    Begin {
        /// Where it is.
        #[schema(value_type = String)]
        path: &'a FilePath,
        /// When it comes back at the latest.
        until: Time,
    },
    /// The server has it again.
    End {
        /// Why.
        ended: Ended,
    },
}

/// Why a loan has ended.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LoanEnd)]
enum Ended {
    /// The time is over.
    Time,
    /// Somebody took the device back.
    TakenBack,
    /// The server stops.
    Server,
}

/// Lends the device to another program, for as long as the answer goes on.
///
/// The first line says where the device is. It comes back when the answer is broken off, when its time is over, or when
/// somebody takes it: then the last line says so. Empty lines between say that the server is there.
#[utoipa::path(post, path = "/api/v1/ports/{name}/lend", operation_id = "lend", tag = "Writing",
    request_body(content = Wish, example = json!({"to": "esptool", "seconds": 300})),
    responses((status = 200, description = "a line at the beginning, and one at the end", body = Told<'static>,
        content_type = "application/x-ndjson")))]
pub async fn lend(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    let seconds = wish.seconds.unwrap_or(SECONDS);
    if !(1..=MOST_SECONDS).contains(&seconds) {
        let message = format!("a loan of {seconds} s is not possible; 1 to {MOST_SECONDS} s are");
        return Err(Problem::bad(message));
    }
    let limit = Duration::from_secs(seconds);
    let loan = port.lend(&actor, wish.to.into(), limit).await?;
    let first = line(&Told::Begin {
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
            empty = empty() => return Some((empty, self)),
        };
        self.loan = None;
        Some((line(&Told::End { ended }), self))
    }
}
