//! `POST /api/v1/ports/{name}/use`: what a touch of a widget does. The server itself looks at the
//! value and fills in the template, so whoever uses a panel can send nothing else.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use futures_util::future::BoxFuture;
use tokio::task::spawn_blocking;

use super::Web;
use super::problem::Problem;
use super::request::{AtPort, Body, Caller};
use crate::panel::{self, Script};
use crate::port::{Actor, Port, Run};
use crate::right::Right;
use crate::script::Macro;
use crate::state::Origin;
use crate::wire::talk::Code;
use crate::wire::wish::Touch;

/// What a touch does.
pub enum Course {
    /// It is done when this has ended.
    Until(BoxFuture<'static, Result<(), Problem>>),
    /// It is done already, and this goes on for as long as the client stays.
    Beyond(BoxFuture<'static, Result<(), Problem>>),
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
            Course::Beyond(Box::pin(take(run, script)))
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

async fn take(run: Run, script: Script) -> Result<(), Problem> {
    let steps = spawn_blocking(move || Macro::new(&script.steps)).await;
    let steps = steps.expect("steps can be looked at")?;
    Ok(steps.run(&run, None).await?)
}

/// Does what a touch of a panel's widget does.
///
/// The panel must be for the port. A macro is answered when it has ended. An `every` button can be switched off here, but
/// not on: the request would be over at once.
#[utoipa::path(post, path = "/api/v1/ports/{name}/use", operation_id = "use", tag = "Macros",
    request_body(content = Touch, example = json!({"panel": "oven", "widget": "power", "value": true})),
    responses((status = 204, description = "it was done")))]
pub async fn by_post(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Body(wish): Body<Touch>,
) -> Result<StatusCode, Problem> {
    match touch(&web, &port, &actor, wish)? {
        Course::Until(end) => tokio::select! {
            end = end => end.map(|()| StatusCode::NO_CONTENT),
            () = web.stop.cancelled() => Err(Problem::stops()),
        },
        Course::Beyond(_) => Err(Problem::new(
            StatusCode::CONFLICT,
            Code::NotSupported,
            "a switch is on for as long as whoever switched it on is connected, and a request ends at once; \
             use the socket, or POST …/run with its steps",
        )),
    }
}
