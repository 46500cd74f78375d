//! A macro: steps that are taken on a port one after the other, by the server.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use utoipa::ToSchema;

use super::ScriptError;
use super::listener::Listener;
use crate::panel::{Fault, Otherwise, Step, Times};
use crate::pattern::Pattern;
use crate::port::Run;
use crate::pulse::Pulse;
use crate::record::Offset;
use crate::wire::talk::Reply;

/// A step that is repeated takes at least so long: nothing else may hold it up.
const SHORTEST: Duration = Duration::from_millis(1);

/// Steps that can be taken.
#[derive(Debug)]
pub struct Macro(Vec<Deed>);

/// A step, ready to be taken.
#[derive(Debug)]
enum Deed {
    Write(Bytes),
    Wait {
        pattern: Pattern,
        patience: Duration,
        goes_on: bool,
    },
    Delay(Duration),
    /// For ever where there is no number.
    Repeat(Option<u64>, Vec<Deed>),
    Pulse(String),
    Break(Duration),
    Mark(String),
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Taken {
    /// Its place, such as `steps[2].steps[0]`.
    pub step: String,
    /// What a wait was for.
    #[serde(flatten)]
    pub reply: Option<Reply>,
}

/// Why a macro did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum MacroError {
    #[error("{step}: {why}")]
    Failed { step: String, why: ScriptError },
    #[error("the macro was stopped by {by}")]
    Stopped { by: Arc<str> },
}

impl Macro {
    /// Gets steps ready to be taken. Compiling hundreds of expressions takes its time.
    ///
    /// # Errors
    /// With the place of a pattern or sequence that is none, such as `steps[2].wait`.
    pub fn new(steps: &[Step]) -> Result<Self, Fault> {
        let deeds = prepare(steps).map_err(|fault| fault.within("steps"))?;
        Ok(Self(deeds))
    }

    /// Takes the steps, until somebody stops the run. Each one that is taken goes to `told`, as
    /// fast as that takes them.
    ///
    /// # Errors
    /// If a step fails, or somebody stops the run.
    pub async fn run(
        &self,
        run: &Run,
        told: Option<mpsc::Sender<Taken>>,
    ) -> Result<(), MacroError> {
        let mut course = Course {
            run,
            told,
            from: run.port().journal().reach().head,
        };
        tokio::select! {
            // First: whoever stopped it wants nothing of it to happen any more.
            biased;
            by = run.stopped() => Err(MacroError::Stopped { by }),
            end = course.take_all(&self.0, "steps", false) => end,
        }
    }
}

fn prepare(steps: &[Step]) -> Result<Vec<Deed>, Fault> {
    let steps = steps.iter().enumerate();
    let deeds = steps.map(|(number, step)| {
        Deed::new(step).map_err(|fault| fault.within(format_args!("[{number}]")))
    });
    deeds.collect()
}

impl Deed {
    fn new(step: &Step) -> Result<Self, Fault> {
        Ok(match step {
            Step::Send { send } => Self::Write(send.clone().into()),
            Step::Hex { hex } => Self::Write(Bytes::copy_from_slice(hex.bytes())),
            Step::Wait {
                pattern,
                timeout,
                or,
            } => Self::Wait {
                pattern: Pattern::regex(pattern, false)
                    .map_err(|error| Fault::new("wait", error))?,
                patience: Duration::from_millis(Step::timeout(*timeout)),
                goes_on: *or == Some(Otherwise::GoOn),
            },
            Step::Delay { delay } => Self::Delay(Duration::from_millis(*delay)),
            Step::Repeat { times, steps } => {
                let times = match times {
                    Times::Number(number) => Some(*number),
                    Times::Forever => None,
                };
                let deeds = prepare(steps).map_err(|fault| fault.within("steps"))?;
                Self::Repeat(times, deeds)
            }
            Step::Pulse { pulse } => {
                let known = pulse.parse::<Pulse>();
                known.map_err(|error| Fault::new("pulse", error))?;
                Self::Pulse(pulse.clone())
            }
            Step::Break { length } => Self::Break(Duration::from_millis(*length)),
            Step::Mark { mark } => Self::Mark(mark.clone()),
        })
    }
}

/// A macro that is at work.
struct Course<'a> {
    run: &'a Run,
    told: Option<mpsc::Sender<Taken>>,
    /// What came in from here on is waited through.
    from: Offset,
}

impl Course<'_> {
    fn take_all<'b>(
        &'b mut self,
        deeds: &'b [Deed],
        list: &'b str,
        repeated: bool,
    ) -> BoxFuture<'b, Result<(), MacroError>> {
        async move {
            for (number, deed) in deeds.iter().enumerate() {
                let step = format!("{list}[{number}]");
                let next = Instant::now() + SHORTEST;
                if let Deed::Repeat(times, deeds) = deed {
                    let (list, mut round) = (format!("{step}.steps"), 0);
                    while times.is_none_or(|times| round < times) {
                        self.take_all(deeds, &list, true).await?;
                        round += 1;
                    }
                    continue;
                }
                match self.take(deed).await {
                    Ok(reply) => self.tell(Taken { step, reply }).await,
                    Err(why) => return Err(MacroError::Failed { step, why }),
                }
                if repeated {
                    sleep_until(next).await;
                }
            }
            Ok(())
        }
        .boxed()
    }

    async fn take(&mut self, deed: &Deed) -> Result<Option<Reply>, ScriptError> {
        let (port, actor) = (self.run.port(), self.run.actor());
        match deed {
            Deed::Write(bytes) => self.from = self.run.write(bytes).await?.offset,
            Deed::Wait {
                pattern,
                patience,
                goes_on,
            } => return self.wait(pattern, *patience, *goes_on).await,
            Deed::Delay(length) => sleep(*length).await,
            Deed::Pulse(sequence) => port.pulse(actor, sequence).await?,
            Deed::Break(length) => port.send_break(actor, *length).await?,
            Deed::Mark(text) => {
                port.mark(actor, text.clone(), None).await?;
            }
            Deed::Repeat(..) => unreachable!("is taken by itself"),
        }
        Ok(None)
    }

    async fn wait(
        &mut self,
        pattern: &Pattern,
        patience: Duration,
        goes_on: bool,
    ) -> Result<Option<Reply>, ScriptError> {
        let mut listener = Listener::new(self.run.port(), self.from);
        let found = timeout(patience, listener.find(pattern)).await;
        let why = match found {
            Ok(Ok(reply)) => {
                // What was waited for is not found again by the next wait.
                self.from = Offset(reply.offset.0 + reply.length);
                return Ok(Some(reply));
            }
            Ok(Err(why)) => why,
            Err(_) => listener.timed_out(patience),
        };
        if goes_on && !matches!(why, ScriptError::Gone { .. }) {
            self.from = listener.rest();
            Ok(None)
        } else {
            Err(why)
        }
    }

    /// Whoever listens no more ends the run by other ways.
    async fn tell(&self, taken: Taken) {
        if let Some(told) = &self.told {
            let _: Result<_, _> = told.send(taken).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::panel::read_steps;

    #[test]
    fn a_pattern_or_sequence_that_is_none_is_told_with_its_place() {
        for (steps, told) in [
            (
                json!([{"wait": "a("}]),
                "steps[0].wait: the expression is broken at character 2",
            ),
            (
                json!([{"delay": 1}, {"repeat": 2, "steps": [{"pulse": "esp-rest"}]}]),
                "steps[1].steps[0].pulse: \"esp-rest\" is not a step",
            ),
            (
                json!([{"wait": ""}]),
                "steps[0].wait: there is nothing to look for",
            ),
        ] {
            let steps = read_steps(steps).unwrap();
            let fault = Macro::new(&steps).unwrap_err().to_string();
            assert!(fault.starts_with(told), "{fault}");
        }
    }
}
