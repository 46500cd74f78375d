//! `POST /api/v1/ports/{name}/try`: what a trigger would have done, had it been on.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::Web;
use super::lines::{Teller, told};
use super::problem::Problem;
use super::request::{Administrator, AtPort, Body};
use crate::journal::{Journal, Step};
use crate::panel::Trigger;
use crate::place::Place;
use crate::record::{Offset, Time};
use crate::span::Span;
use crate::triggers::{Engine, Hit};
use crate::values::look_back;

/// What is read at once, in bytes of the journal.
const PIECE: usize = 64 * 1024;
/// Hits, where nobody says how many.
const LIMIT: usize = 100;
const MOST: usize = 10_000;

/// What to try, and where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Trial)]
pub struct Wish {
    /// The trigger, as it stands in a panel.
    #[schema(value_type = Object)]
    trigger: Value,
    /// How values are found, as in a panel.
    values: Option<Value>,
    /// Where to begin; with the oldest byte that is kept, if absent.
    from: Option<Place>,
    /// Where to end; at the head if absent.
    to: Option<Place>,
    /// Hits at most: 1 to 10000, 100 if absent.
    #[schema(minimum = 1, maximum = 10000)]
    limit: Option<usize>,
}

/// A line of the answer.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schema(as = TrialLine)]
enum Told<'a> {
    /// The trigger would have acted.
    Hit {
        /// The place of the line.
        offset: Offset,
        /// Its length, in bytes of the journal.
        length: u64,
        /// When it came.
        time: Time,
        /// Its text.
        line: &'a str,
        /// The value in it.
        value: Option<f64>,
    },
    /// So much was looked through, in bytes of the journal.
    Progress {
        /// So far,
        searched: u64,
        /// of all.
        of: u64,
    },
    /// That was all, or as much as was asked for.
    End {
        /// So many were told.
        hits: usize,
        /// How often it might not have acted, because it had just before.
        left_out: u64,
        /// Where it goes on, if the limit ended it.
        #[serde(skip_serializing_if = "Option::is_none")]
        more: Option<Offset>,
    },
}

/// Shows what a trigger would have done, had it been on.
///
/// The answer comes line by line, as it is found. It takes one of the seats of searching.
#[utoipa::path(post, path = "/api/v1/ports/{name}/try", operation_id = "tryTrigger", tag = "Panels",
    request_body(content = Wish, example = json!({"trigger": {"id": "error", "when": {"pattern": "ERROR"}, "do": [{"notify": "Look at it"}]}, "from": "-1d"})),
    responses((status = 200, description = "a line for each hit, and one for the end", body = Told<'static>,
        content_type = "application/x-ndjson")))]
pub async fn trial(
    State(web): State<Web>,
    AtPort(port): AtPort,
    _: Administrator,
    Body(wish): Body<Wish>,
) -> Result<Response, Problem> {
    let limit = wish.limit.unwrap_or(LIMIT);
    if !(1..=MOST).contains(&limit) {
        let message = format!("a limit of {limit} is not possible; 1 to {MOST} hits are");
        return Err(Problem::bad(message));
    }
    let trigger = Trigger::read(wish.trigger).map_err(|fault| fault.within("trigger"))?;
    let engine = Engine::new(wish.values.as_ref(), [&trigger])?;
    let seat = match web.searches.take().await {
        Ok(seat) => seat,
        Err(busy) => return Ok(busy),
    };
    let journal = Arc::clone(port.journal());
    let (from, to) = (wish.from, wish.to);
    let placed = spawn_blocking(move || {
        let reach = journal.reach();
        let place = |place: Option<Place>, standard| {
            place.map_or(Some(standard), |place| place.within(&journal))
        };
        let ends = place(from, reach.oldest).zip(place(to, reach.head));
        let (from, to) = ends.ok_or_else(|| Problem::out_of_range(port.name(), &reach))?;
        let from = from.max(reach.oldest);
        let mut engine = engine.acting_from(from);
        let parser = engine.parser();
        if parser.is_named_by_lines()
            && let Some(header) = port.header(from)
        {
            parser.know(&header);
        }
        let trial = Trial {
            at: look_back(from, reach.oldest),
            from,
            to,
            journal,
            engine,
            limit,
        };
        Ok::<_, Problem>(trial)
    });
    let trial = placed.await.expect("a journal can be read")?;
    Ok(told(web.stop.clone(), move |mut teller| {
        // Whoever stopped it needs no answer.
        let _: ControlFlow<()> = trial.run(&mut teller);
        drop(seat);
    }))
}

/// A trigger that is held against a stretch of a journal.
struct Trial {
    journal: Arc<Journal>,
    engine: Engine,
    from: Offset,
    at: Offset,
    to: Offset,
    limit: usize,
}

impl Trial {
    fn run(mut self, teller: &mut Teller) -> ControlFlow<()> {
        let (mut hits, mut left_out) = (0, 0);
        let mut more = None;
        let mut span = Span::default();
        while self.at < self.to && more.is_none() {
            let Some(step) = self.journal.read(self.at, PIECE, |_, _| 0, &mut span) else {
                break;
            };
            match step {
                Step::Gap(gap) => {
                    self.engine.gap(&gap);
                    self.at = gap.to;
                }
                Step::Span => {
                    span.cut(self.to);
                    self.at = span.end().unwrap_or(self.to);
                    let mut found = Vec::new();
                    self.engine.take(&span, |hit| found.push(hit));
                    for hit in found {
                        if hits == self.limit {
                            more = Some(hit.offset);
                            break;
                        }
                        hits += 1;
                        left_out += hit.left_out;
                        teller.tell(&Told::of(&hit))?;
                    }
                }
            }
            teller.progress(&Told::Progress {
                searched: self.at.max(self.from).since(self.from),
                of: self.to.since(self.from),
            })?;
        }
        if more.is_none() {
            left_out += self.engine.left_out();
        }
        teller.tell(&Told::End {
            hits,
            left_out,
            more,
        })
    }
}

impl<'a> Told<'a> {
    fn of(hit: &'a Hit) -> Self {
        Self::Hit {
            offset: hit.offset,
            length: hit.length,
            time: hit.time,
            line: &hit.line,
            value: hit.value,
        }
    }
}
