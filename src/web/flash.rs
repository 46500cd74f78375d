//! `/api/v1/ports/{name}/flash`: files that are dropped on a port, and how a command of the user's
//! writes them to its device.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::lines::{answer, line};
use super::problem::Problem;
use super::{Peer, Web};
use crate::flash::{Draft, End, Firmware, Flash, FlashError, Story};
use crate::journal::{Cursor, Step};
use crate::record::Gap;
use crate::span::Span;
use crate::utf8::Decoder;
use crate::wire::talk::Code;

/// Files that may be on their way here at the same time.
pub const SEATS: usize = 4;
/// A file that stands still for so long is given up.
const STILL: Duration = Duration::from_secs(30);
/// So much output is told at once, in bytes.
const PIECE: usize = 16 * 1024;
/// How often an empty line says that the server is there.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// A command that can be had for a port.
#[derive(Serialize)]
struct Offer<'a> {
    command: &'a str,
    title: &'a str,
    files: &'a [String],
    size: usize,
    seconds: u64,
}

/// What was written last, or is being written.
#[derive(Serialize)]
struct Latest<'a> {
    #[serde(flatten)]
    story: &'a Story,
    ended: Option<End>,
}

/// `GET …/flash`: the commands for the port, and the latest flash.
pub async fn list(State(web): State<Web>, Path(name): Path<String>) -> Result<Response, Problem> {
    #[derive(Serialize)]
    struct Answer<'a> {
        commands: Vec<Offer<'a>>,
        latest: Option<Latest<'a>>,
    }
    let port = web.port(&name)?;
    let offers = web.flashers.of(port.name()).map(|(name, flasher)| Offer {
        command: name,
        title: flasher.title.as_ref().unwrap_or(name),
        files: &flasher.files,
        size: flasher.size,
        seconds: flasher.time.as_secs(),
    });
    let latest = web.flashers.latest(port.name());
    let answer = Answer {
        commands: offers.collect(),
        latest: latest.as_ref().map(|flash| Latest {
            story: flash.story(),
            ended: flash.ended().borrow().clone(),
        }),
    };
    Ok(Json(answer).into_response())
}

/// What the file was called where it came from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    #[serde(default)]
    file: String,
}

/// `POST …/flash/{command}`: takes the file, starts the command, and tells what it prints.
pub async fn start(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path((name, command)): Path<(String, String)>,
    query: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let refused = IntoResponse::into_response;
    let port = web.port(&name).map_err(refused)?;
    let Query(Named { file }) = query.map_err(|error| refused(Problem::bad(error)))?;
    let draft = web.flashers.draft(port.name(), &command, &file).await;
    let draft = draft.map_err(|error| refused(error.into()))?;
    // While it is on its way the port stays open for everybody.
    port.expect_free().map_err(|error| refused(error.into()))?;
    let seat = web.uploads.take().await?;
    let firmware = receive(draft, &headers, body).await.map_err(refused)?;
    drop(seat);
    let (actor, _) = web.arrive("http", peer.address.ip());
    let flash = web.flashers.start(&port, &actor, firmware).await;
    Ok(follow(flash.map_err(|error| refused(error.into()))?))
}

/// Takes a file as it comes.
async fn receive(
    mut draft: Draft,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<Firmware, Problem> {
    let told = headers.get(header::CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|length| length > draft.limit() as u64) {
        return Err(draft.too_large().into());
    }
    loop {
        let frame = timeout(STILL, body.frame()).await.map_err(|_| {
            let message = format!("nothing of the file came for {} s", STILL.as_secs());
            Problem::new(StatusCode::REQUEST_TIMEOUT, Code::TimedOut, message)
        })?;
        match frame {
            Some(frame) => {
                let frame = frame.map_err(Problem::bad)?;
                draft.add(frame.data_ref().unwrap_or(&Bytes::new())).await?;
            }
            None => return Ok(draft.finish().await?),
        }
    }
}

/// `GET …/flash/{command}`: tells the latest flash from its beginning.
pub async fn show(
    State(web): State<Web>,
    Path((name, command)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let port = web.port(&name)?;
    Ok(follow(web.flashers.latest_of(port.name(), &command)?))
}

/// `DELETE …/flash/{command}`: ends it.
pub async fn end(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path((name, command)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let port = web.port(&name)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    web.flashers.latest_of(port.name(), &command)?.stop(&actor);
    Ok(StatusCode::NO_CONTENT)
}

/// A line of the answer.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told<'a> {
    Started {
        #[serde(flatten)]
        story: &'a Story,
        path: &'a std::path::Path,
    },
    Output {
        text: String,
    },
    /// So much output was no longer kept.
    Gap {
        bytes: u64,
    },
    Ended(&'a End),
}

fn follow(flash: Arc<Flash>) -> Response {
    let course = Course {
        cursor: flash.output(),
        ended: flash.ended(),
        flash,
        decoder: Decoder::default(),
        place: Place::Begin,
    };
    answer(course, Course::next)
}

/// Where a course stands.
enum Place {
    Begin,
    Output,
    Over,
}

/// A flash, line by line.
struct Course {
    flash: Arc<Flash>,
    cursor: Cursor,
    ended: watch::Receiver<Option<End>>,
    decoder: Decoder,
    place: Place,
}

impl Course {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        match self.place {
            Place::Begin => {
                self.place = Place::Output;
                let started = line(&Told::Started {
                    story: self.flash.story(),
                    path: self.flash.device(),
                });
                Some((started, self))
            }
            Place::Output => {
                let next = self.output().await;
                Some((next, self))
            }
            Place::Over => None,
        }
    }

    async fn output(&mut self) -> Bytes {
        let mut span = Span::default();
        loop {
            // Looked at first: what the program printed last was there before it had ended.
            let ended = self.ended.borrow_and_update().clone();
            match (self.cursor.take(PIECE, &mut span), ended) {
                (Some(Step::Span), _) => {
                    let bytes: Vec<_> = span
                        .records()
                        .flat_map(|record| record.bytes)
                        .copied()
                        .collect();
                    let text = self.decoder.text(&bytes);
                    if !text.is_empty() {
                        return line(&Told::Output { text });
                    }
                }
                (Some(Step::Gap(Gap { from, to, .. })), _) => {
                    return line(&Told::Gap {
                        bytes: to.since(from),
                    });
                }
                (None, Some(end)) => {
                    let text = self.decoder.rest();
                    if !text.is_empty() {
                        return line(&Told::Output { text });
                    }
                    self.place = Place::Over;
                    return line(&Told::Ended(&end));
                }
                (None, None) => tokio::select! {
                    () = self.cursor.changed() => {}
                    // Who ends it tells so first.
                    _ = self.ended.changed() => {}
                    () = sleep(ASK_EVERY) => return Bytes::from_static(b"\n"),
                },
            }
        }
    }
}

impl From<FlashError> for Problem {
    fn from(error: FlashError) -> Self {
        let (status, code) = match error {
            FlashError::Port(error) => return error.into(),
            FlashError::Unknown { .. } => (StatusCode::NOT_FOUND, Code::UnknownCommand),
            FlashError::NotRun { .. } => (StatusCode::NOT_FOUND, Code::NotRunning),
            FlashError::Ending { .. } | FlashError::Empty => {
                (StatusCode::BAD_REQUEST, Code::BadMessage)
            }
            FlashError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, Code::TooLarge),
            FlashError::Busy { .. } => (StatusCode::CONFLICT, Code::TooMany),
            FlashError::File(_) => (StatusCode::INSUFFICIENT_STORAGE, Code::Device),
            FlashError::Program { .. } => (StatusCode::BAD_GATEWAY, Code::Failed),
        };
        let problem = Self::new(status, code, &error);
        match error {
            FlashError::TooLarge { limit, .. } => problem.with("limit", limit),
            _ => problem,
        }
    }
}
