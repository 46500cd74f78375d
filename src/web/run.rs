//! `POST /api/v1/ports/{name}/run` and `…/halt`: macros, and the end of them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use super::lines::{answer, line};
use super::problem::Problem;
use super::{Peer, Web};
use crate::panel::{self, read_steps};
use crate::port::{Actor, Port, Run};
use crate::script::{Macro, MacroError, Taken};
use crate::wire::talk::{Refusal, Script};

/// What a run is called that only has steps.
const UNNAMED: &str = "macro";
/// Steps that are taken ahead of a client that does not read.
const AHEAD: usize = 16;
/// How often an empty line finds out whether the client is still there.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// Gets a macro ready and lists it as running.
pub async fn begin(
    web: &Web,
    port: &Arc<Port>,
    actor: &Actor,
    wish: Script,
) -> Result<(Run, Macro), Problem> {
    let script = match (wish.steps, wish.panel, wish.id) {
        (Some(steps), None, None) => panel::Script {
            title: UNNAMED.to_owned(),
            steps: read_steps(steps).map_err(|fault| fault.within("steps"))?,
        },
        (None, Some(panel), Some(id)) => web.panel(&panel, port)?.script(&id)?,
        _ => {
            return Err(Problem::bad(
                "give either \"steps\", or \"panel\" and \"macro\"",
            ));
        }
    };
    let steps = spawn_blocking(move || Macro::new(&script.steps)).await;
    let steps = steps.expect("steps can be looked at")?;
    Ok((port.begin(actor, script.title)?, steps))
}

/// A line of the answer.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Told<'a> {
    /// It is at work.
    Started {
        /// The number by which it is stopped.
        run: u32,
    },
    /// A step was taken.
    Step(&'a Taken),
    /// It came to its end.
    End,
    /// It did not.
    Error(&'a Refusal),
}

/// `POST …/run`: takes the steps, and tells of each one. The macro ends when the answer is broken
/// off.
pub async fn run(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
    body: Result<Json<Script>, JsonRejection>,
) -> Result<Response, Problem> {
    let port = web.port(&name)?;
    let Json(script) = body.map_err(Problem::bad)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    let (run, steps) = begin(&web, &port, &actor, script).await?;
    let first = line(&Told::Started { run: run.number() });
    let (told, taken) = mpsc::channel(AHEAD);
    let end = tokio::spawn(async move { steps.run(&run, Some(told)).await });
    let course = Course {
        web,
        first: Some(first),
        taken,
        end: Some(AbortOnDropHandle::new(end)),
    };
    Ok(answer(course, Course::next))
}

/// A macro at work, line by line.
struct Course {
    web: Web,
    first: Option<Bytes>,
    taken: mpsc::Receiver<Taken>,
    end: Option<AbortOnDropHandle<Result<(), MacroError>>>,
}

impl Course {
    async fn next(mut self) -> Option<(Bytes, Self)> {
        if let Some(first) = self.first.take() {
            return Some((first, self));
        }
        let end = self.end.take()?;
        let stopping = self.web.stop.clone();
        let taken = tokio::select! {
            taken = self.taken.recv() => taken,
            () = stopping.cancelled() => return Some((error(Problem::stops()), self)),
            () = sleep(ASK_EVERY) => {
                self.end = Some(end);
                return Some((Bytes::from_static(b"\n"), self));
            }
        };
        if let Some(taken) = taken {
            self.end = Some(end);
            return Some((line(&Told::Step(&taken)), self));
        }
        // All steps are told, so it has ended.
        let last = match end.await.expect("a macro does not panic") {
            Ok(()) => line(&Told::End),
            Err(why) => error(why.into()),
        };
        Some((last, self))
    }
}

fn error(problem: Problem) -> Bytes {
    line(&Told::Error(&problem.into_refusal()))
}

/// What `…/halt` ended.
#[derive(Serialize)]
pub struct Halted {
    macros: usize,
    bytes: usize,
}

/// `POST …/halt`: ends all macros and throws away all that waits to be written.
pub async fn halt(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    Path(name): Path<String>,
) -> Result<Json<Halted>, Problem> {
    let port = web.port(&name)?;
    let (actor, _) = web.arrive("http", peer.address.ip());
    let halted = port.halt(&actor).await?;
    Ok(Json(Halted {
        macros: halted.runs,
        bytes: halted.bytes,
    }))
}
