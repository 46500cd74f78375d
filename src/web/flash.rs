//! `/api/v1/ports/{name}/flash`: files that are dropped on a port, and how a command of the user's
//! writes them to its device.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::timeout;
use utoipa::{IntoParams, ToSchema};

use super::Web;
use super::lines::{answer, empty, line};
use super::problem::Problem;
use super::request::{Asked, AtPort, Caller};
use crate::access::Visitor;
use crate::flash::{Draft, End, Firmware, Flash, FlashError, Story};
use crate::journal::{Cursor, Step};
use crate::port::Port;
use crate::record::Gap;
use crate::right::Right;
use crate::span::Span;
use crate::utf8::Decoder;
use crate::wire::talk::Code;

/// Files that may be on their way here at the same time.
pub const SEATS: usize = 4;
/// A file that stands still for so long is given up.
const STILL: Duration = Duration::from_secs(30);
/// So much output is told at once, in bytes.
const PIECE: usize = 16 * 1024;

/// The port and the command that a path names.
pub struct At(Arc<Port>, String);

impl FromRequestParts<Web> for At {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let Path((name, command)) = Path::<(String, String)>::from_request_parts(parts, web)
            .await
            .map_err(Problem::bad)?;
        let Ok(visitor) = Visitor::from_request_parts(parts, web).await;
        Ok(Self(web.sight.port(&visitor.rights, &name)?, command))
    }
}

/// A command that can be had for a port.
#[derive(Serialize, ToSchema)]
#[schema(as = FlashOffer)]
struct Offer {
    /// Its name.
    command: String,
    /// What people call it.
    title: String,
    /// The endings of the files that it takes; empty for any.
    files: Vec<String>,
    /// How large a file may be, in bytes.
    size: usize,
    /// How long it may take.
    seconds: u64,
}

/// What was written last, or is being written.
#[derive(Serialize, ToSchema)]
#[schema(as = FlashLatest)]
struct Latest {
    #[serde(flatten)]
    story: Story,
    /// How; null while it is at work.
    ended: Option<End>,
}

/// What can be written to a port's device, and what was.
#[derive(Serialize, ToSchema)]
pub struct Flashing {
    /// The commands for the port.
    commands: Vec<Offer>,
    /// Null if there was none since the server began.
    latest: Option<Latest>,
}

/// Lists the commands that write files to the port's device, and the latest flash.
#[utoipa::path(get, path = "/api/v1/ports/{name}/flash", operation_id = "listFlashers", tag = "Writing",
    responses((status = 200, description = "those for the port", body = Flashing)))]
pub async fn list(State(web): State<Web>, AtPort(port): AtPort) -> Json<Flashing> {
    let offers = web.flashers.of(port.name()).map(|(name, flasher)| Offer {
        command: name.clone(),
        title: flasher.title.as_ref().unwrap_or(name).clone(),
        files: flasher.files.clone(),
        size: flasher.size,
        seconds: flasher.time.as_secs(),
    });
    let latest = web.flashers.latest(port.name());
    Json(Flashing {
        commands: offers.collect(),
        latest: latest.map(|flash| Latest {
            story: flash.story().clone(),
            ended: flash.ended().borrow().clone(),
        }),
    })
}

/// What the file is called.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Called {
    /// What the file is called where it comes from; its ending counts.
    #[serde(default)]
    file: String,
}

/// Writes a file to the port's device with one of the commands.
///
/// The body is the file. When all of it has come, the command begins, and the answer tells what it prints, and at last how
/// it ended. Empty lines between say that the server is there. Breaking the answer off does not end the command.
#[utoipa::path(post, path = "/api/v1/ports/{name}/flash/{command}", operation_id = "flash", tag = "Writing",
    params(("command" = String, Path, description = "One of the port's commands."), Called),
    request_body(content_type = "application/octet-stream", description = "the file"),
    responses((status = 200, description = "what it does, as it does it", body = Told<'static>,
        content_type = "application/x-ndjson")))]
pub async fn start(
    State(web): State<Web>,
    At(port, command): At,
    Asked(Called { file }): Asked<Called>,
    Caller(actor): Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let refused = IntoResponse::into_response;
    let allowed = port.allow(&actor, Right::Control);
    allowed.map_err(|error| refused(error.into()))?;
    let draft = web.flashers.draft(port.name(), &command, &file).await;
    let draft = draft.map_err(|error| refused(error.into()))?;
    // While it is on its way the port stays open for everybody.
    port.expect_free().map_err(|error| refused(error.into()))?;
    let seat = web.uploads.take().await?;
    let firmware = receive(draft, &headers, body).await.map_err(refused)?;
    drop(seat);
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

/// Tells the latest flash with that command from its beginning.
#[utoipa::path(get, path = "/api/v1/ports/{name}/flash/{command}", operation_id = "followFlash", tag = "Writing",
    params(("command" = String, Path, description = "One of the port's commands.")),
    responses((status = 200, description = "what it does, as it does it", body = Told<'static>,
        content_type = "application/x-ndjson")))]
pub async fn show(State(web): State<Web>, At(port, command): At) -> Result<Response, Problem> {
    Ok(follow(web.flashers.latest_of(port.name(), &command)?))
}

/// Ends the latest flash with that command, however far it is.
#[utoipa::path(delete, path = "/api/v1/ports/{name}/flash/{command}", operation_id = "endFlash", tag = "Writing",
    params(("command" = String, Path, description = "One of the port's commands.")),
    responses((status = 204, description = "it ends, or had ended")))]
pub async fn end(
    State(web): State<Web>,
    At(port, command): At,
    Caller(actor): Caller,
) -> Result<StatusCode, Problem> {
    port.permit(&actor, Right::Control)?;
    web.flashers.latest_of(port.name(), &command)?.stop(&actor);
    Ok(StatusCode::NO_CONTENT)
}

/// A line of the answer.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schema(as = FlashLine)]
enum Told<'a> {
    /// It is at work.
    Started {
        #[serde(flatten)]
        story: &'a Story,
        /// Where the device is.
        #[schema(value_type = String)]
        path: &'a std::path::Path,
    },
    /// What it printed.
    Output {
        /// As it came, with carriage returns and escape sequences.
        text: String,
    },
    /// So much output was no longer kept.
    Gap {
        /// How much.
        bytes: u64,
    },
    /// It has ended.
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
                    empty = empty() => return empty,
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
