//! `POST /api/v1/ports/{name}/use`: what a touch of a widget does. The server itself looks at the
//! value and fills in the template, so whoever uses a panel can send nothing else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;

use super::Web;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use super::run::{Told, follow, prepared};
use crate::panel::{self, Script};
use crate::port::{Actor, Port, Run};
use crate::right::Right;
use crate::state::Origin;
use crate::wire::wish::Touch;

/// What a touch does.
pub enum Course {
    /// It is done when this has ended.
    Until(BoxFuture<'static, Result<(), Problem>>),
    /// It is done already, and these steps are taken for as long as the client stays.
    On(Box<Run>, Script),
}

/// Touches a widget. What is to be written stands in the port's queue when this returns, so that
/// touches take effect in their order.
pub fn touch(web: &Web, port: &Arc<Port>, actor: &Actor, touch: Touch) -> Result<Course, Problem> {
    let Touch {
        panel: name,
        widget,
        value,
    } = touch;
    let user = actor.using(&name);
    port.permit(&user, Right::Type)?;
    let panel = web.panel(actor, &name, port)?;
    let touch = panel.touch(&widget, value.as_ref())?;
    let origin = Origin {
        panel: name,
        widget,
    };
    let (port, actor) = (Arc::clone(port), user);
    Ok(match touch {
        panel::Touch::Write(bytes) => {
            let written = port.write(&actor, &bytes)?;
            Course::Until(Box::pin(async {
                written.await?;
                Ok(())
            }))
        }
        panel::Touch::Run(script) => {
            let run = port.begin_from(&actor, script.title.clone(), Some(origin))?;
            Course::Until(Box::pin(take(run, script)))
        }
        panel::Touch::On(_) if !port.runs_of(&origin).is_empty() => {
            Course::Until(Box::pin(async { Ok(()) }))
        }
        panel::Touch::On(script) => {
            let run = port.begin_from(&actor, script.title.clone(), Some(origin))?;
            Course::On(Box::new(run), script)
        }
        panel::Touch::Off => {
            for run in port.runs_of(&origin) {
                port.stop(run, &actor)?;
            }
            Course::Until(Box::pin(async { Ok(()) }))
        }
        panel::Touch::Halt(bytes) => Course::Until(Box::pin(async move {
            port.stop_device(&actor, &bytes).await?;
            Ok(())
        })),
    })
}

/// Takes the steps.
pub async fn take(run: Run, script: Script) -> Result<(), Problem> {
    let steps = prepared(script.steps).await?;
    Ok(steps.run(&run, None).await?)
}

/// Does what a touch of a panel's widget does.
///
/// The panel must be for the port. A macro is answered when it has ended. An `every` button that is switched on is on for as
/// long as the answer goes on, as that of `run`; where it is on already, it stays whose it is.
#[utoipa::path(post, path = "/api/v1/ports/{name}/use", operation_id = "use", tag = "Macros",
    request_body(content = Touch, example = json!({"panel": "oven", "widget": "power", "value": true})),
    responses((status = 204, description = "it was done"),
        (status = 200, description = "an `every` button is on: a line for each step, and one for the end",
            body = Told<'static>, content_type = "application/x-ndjson")))]
pub async fn by_post(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Touch>,
) -> Result<Response, Problem> {
    match touch(&web, &port, &actor, wish)? {
        Course::Until(end) => tokio::select! {
            end = end => end.map(|()| StatusCode::NO_CONTENT.into_response()),
            () = web.stop.cancelled() => Err(Problem::stops()),
        },
        Course::On(run, script) => Ok(follow(web, *run, prepared(script.steps).await?)),
    }
}
