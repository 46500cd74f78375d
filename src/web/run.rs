//! `POST /api/v1/ports/{name}/run`, `…/stop` and `…/halt`: macros, and the end of them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::task::AbortOnDropHandle;
use utoipa::ToSchema;

use super::Web;
use super::lines::{answer, empty, line};
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::panel::{self, Step, read_steps};
use crate::port::{Actor, Port, Run};
use crate::script::{Macro, MacroError, Taken};
use crate::wire::talk::Refusal;
use crate::wire::wish::{Script, Stop};

/// What a run is called that only has steps.
const UNNAMED: &str = "macro";
/// Steps that are taken ahead of a client that does not read.
const AHEAD: usize = 16;

/// Gets a macro ready and lists it as running.
pub async fn begin(
    web: &Web,
    port: &Arc<Port>,
    actor: &Actor,
    wish: Script,
) -> Result<(Run, Macro), Problem> {
    let (script, actor) = match (wish.steps, wish.panel, wish.id) {
        (Some(steps), None, None) => {
            let script = panel::Script {
                title: UNNAMED.to_owned(),
                steps: read_steps(steps).map_err(|fault| fault.within("steps"))?,
            };
            (script, actor.clone())
        }
        (None, Some(panel), Some(id)) => {
            let script = web.panel(actor, &panel, port)?.script(&id)?;
            (script, actor.using(&panel))
        }
        _ => {
            return Err(Problem::bad(
                "give either \"steps\", or \"panel\" and \"macro\"",
            ));
        }
    };
    let steps = prepared(script.steps).await?;
    Ok((port.begin(&actor, script.title)?, steps))
}

/// Gets steps ready to be taken.
pub async fn prepared(steps: Vec<Step>) -> Result<Macro, Problem> {
    let steps = spawn_blocking(move || Macro::new(&steps)).await;
    Ok(steps.expect("steps can be looked at")?)
}

/// A line of the answer.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schema(as = RunLine)]
pub enum Told<'a> {
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

/// Runs a macro, and tells of each step.
///
/// The steps are those of the body, or a panel's. The answer goes on until the macro has ended; breaking it off ends the
/// macro.
#[utoipa::path(post, path = "/api/v1/ports/{name}/run", operation_id = "run", tag = "Macros",
    request_body(content = Script, example = json!({"steps": [{"send": "status\n"}, {"wait": "ok"}]})),
    responses((status = 200, description = "a line for each step, and one for the end", body = Told<'static>,
        content_type = "application/x-ndjson")))]
pub async fn run(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(script): Body<Script>,
) -> Result<Response, Problem> {
    let (run, steps) = begin(&web, &port, &actor, script).await?;
    Ok(follow(web, run, steps))
}

/// Takes the steps for as long as the answer goes on, which tells of each.
pub fn follow(web: Web, run: Run, steps: Macro) -> Response {
    let first = line(&Told::Started { run: run.number() });
    let (told, taken) = mpsc::channel(AHEAD);
    let end = tokio::spawn(async move { steps.run(&run, Some(told)).await });
    let course = Course {
        web,
        first: Some(first),
        taken,
        end: Some(AbortOnDropHandle::new(end)),
    };
    answer(course, Course::next)
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
            empty = empty() => {
                self.end = Some(end);
                return Some((empty, self));
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
#[derive(Serialize, ToSchema)]
pub struct Halted {
    /// So many macros were ended.
    macros: usize,
    /// So many bytes were thrown away.
    bytes: usize,
}

/// Ends a macro, whoever started it.
///
/// What it wrote and the device has not taken is thrown away. One that has ended already is as good.
#[utoipa::path(post, path = "/api/v1/ports/{name}/stop", operation_id = "stop", tag = "Macros",
    request_body(content = Stop, example = json!({"run": 3})),
    responses((status = 204, description = "it has been told to end")))]
pub async fn stop(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Stop>,
) -> Result<StatusCode, Problem> {
    port.stop(wish.run, &actor)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all macros and throws away all that waits to be written, whoever wrote it.
#[utoipa::path(post, path = "/api/v1/ports/{name}/halt", operation_id = "halt", tag = "Macros",
    responses((status = 200, description = "what was ended and thrown away", body = Halted)))]
pub async fn halt(AtPort(port): AtPort, Caller(actor): Caller) -> Result<Json<Halted>, Problem> {
    let halted = port.halt(&actor).await?;
    Ok(Json(Halted {
        macros: halted.runs,
        bytes: halted.bytes,
    }))
}
