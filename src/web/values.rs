//! `GET /api/v1/ports/{name}/values`: the values of a stretch, as steps for a picture or as a table.

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};

use super::Web;
use super::pipe::{self, Pipe};
use super::problem::Problem;
use super::request::{Asked, AtPort};
use crate::chart::{Chart, Grid, Stretch};
use crate::clock::file_clock;
use crate::journal::Journal;
use crate::place::Place;
use crate::port::Port;
use crate::record::{Offset, Time};
use crate::values::{Header, Parser, Spec};

/// Charts at the same time, for the whole server: each may keep a core and the disk busy.
pub const SEATS: usize = 4;

/// Steps, where nobody says how many.
const POINTS: u32 = 1000;
const MOST: u32 = 10_000;

/// How the values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// Which values, and how.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// Where it begins; with the oldest byte that is kept, if absent.
    #[param(inline)]
    from: Option<Place>,
    /// Where it ends; at the head if absent.
    #[param(inline)]
    to: Option<Place>,
    /// The number of the journal that the offsets are of; another one is refused.
    journal: Option<u32>,
    /// Steps at most: 1 to 10000, 1000 if absent. A table has every value.
    #[param(minimum = 1, maximum = 10000)]
    points: Option<u32>,
    /// How values are found: a parser's name, or one as JSON.
    parser: Option<String>,
    /// Only these, with commas between; `\,` is a comma in a name.
    series: Option<String>,
    /// Steps for a picture (`json`) or a table (`csv`).
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// A wish that can be fulfilled.
struct Plan {
    journal: Arc<Journal>,
    header: Option<Header>,
    from: Offset,
    to: Offset,
    /// The times that were named.
    times: [Option<Time>; 2],
    points: u32,
    spec: Spec,
    series: Option<Vec<String>>,
}

impl Wish {
    /// What is to be done. May wait for a disk.
    fn plan(self, port: &str, journal: Arc<Journal>) -> Result<Plan, Problem> {
        let points = self.points.unwrap_or(POINTS);
        if !(1..=MOST).contains(&points) {
            let message = format!("points={points} is not possible; 1 to {MOST} steps are");
            return Err(Problem::bad(message));
        }
        let spec = self.parser.as_deref().map(spec).transpose()?;
        let reach = journal.reach();
        let known = |place: Place| {
            let offset = place.within(&journal);
            offset.ok_or_else(|| Problem::out_of_range(port, &reach))
        };
        let from = self.from.map_or(Ok(reach.oldest), known)?;
        let to = self.to.map_or(Ok(reach.head), known)?;
        if self.journal.is_some_and(|journal| journal != reach.id) {
            return Err(Problem::out_of_range(port, &reach));
        }
        let time = |place: Option<Place>| match place {
            Some(Place::Time(time)) => Some(time),
            _ => None,
        };
        let times = [time(self.from), time(self.to)];
        if to < from || matches!(times, [Some(from), Some(to)] if to < from) {
            return Err(Problem::bad(
                "from lies behind to; give the earlier place first",
            ));
        }
        Ok(Plan {
            header: None,
            from,
            to,
            times,
            points,
            spec: spec.unwrap_or_default(),
            series: self.series.as_deref().map(names),
            journal,
        })
    }
}

/// A parser as an address has it: JSON, or a word without its quotes.
fn spec(text: &str) -> Result<Spec, Problem> {
    let word = || serde_json::Value::String(text.to_owned());
    let is_word = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let value = if is_word {
        word()
    } else {
        let broken = |error| Problem::bad(format!("parser is no JSON: {error}"));
        serde_json::from_str(text).map_err(broken)?
    };
    Spec::read(&value).map_err(|error| Problem::bad(error.within("parser")))
}

/// Names with commas between; `\,` is a comma in a name.
fn names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find(',') {
        let (name, behind) = (&rest[..at], &rest[at + 1..]);
        let last = names.last_mut().expect("there is always one");
        match name.strip_suffix('\\') {
            Some(name) => {
                last.push_str(name);
                last.push(',');
            }
            None => {
                last.push_str(name);
                names.push(String::new());
            }
        }
        rest = behind;
    }
    names
        .last_mut()
        .expect("there is always one")
        .push_str(rest);
    names
}

impl Plan {
    /// With the names of columns that stand further up. May wait for a disk.
    fn knowing(self, port: &Port) -> Self {
        let parser = Parser::new(&self.spec);
        let asks = parser.is_ok_and(|parser| parser.is_named_by_lines());
        let header = asks.then(|| port.header(self.from)).flatten();
        Self { header, ..self }
    }

    fn stretch(&self) -> Stretch<'_> {
        Stretch {
            journal: &self.journal,
            from: self.from,
            to: self.to,
            spec: &self.spec,
            series: self.series.as_deref(),
            header: self.header.as_ref(),
        }
    }

    /// The steps as JSON; none if they are not wanted any more. May wait for a disk.
    fn chart(&self, stop: &CancellationToken) -> Result<Option<Vec<u8>>, Problem> {
        let stretch = self.stretch();
        let times = stretch.times();
        let [from, to] = self.times;
        let grid = Grid::new(
            from.unwrap_or(times.start),
            to.unwrap_or(times.end),
            self.points,
        );
        let chart = stretch.chart(grid, || {
            if stop.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let chart = chart.map_err(Problem::bad)?.continue_value();
        Ok(chart.map(|chart| serde_json::to_vec(&chart).expect("a chart is plain data")))
    }
}

/// Gives the values that were found in a stretch of a journal.
///
/// As steps of time with the lowest and the highest value of each, or all of them as a table.
#[utoipa::path(get, path = "/api/v1/ports/{name}/values", operation_id = "readValues", tag = "Looking back", params(Wish),
    responses((status = 200, description = "the values", content(
        (Chart = "application/json"), (String = "text/csv")))))]
pub async fn values(
    State(web): State<Web>,
    AtPort(port): AtPort,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    let name = port.name().to_owned();
    let format = wish.format;
    let seat = match web.charts.take().await {
        Ok(seat) => seat,
        Err(busy) => return Ok(busy),
    };
    let plan = spawn_blocking(move || {
        let plan = wish.plan(port.name(), Arc::clone(port.journal()))?;
        Ok::<_, Problem>(plan.knowing(&port))
    });
    let plan = plan.await.expect("a journal can be read")?;
    match format {
        Format::Json => chart(&web, plan, seat).await,
        Format::Csv => Ok(table(&web, &name, plan, seat)),
    }
}

async fn chart(web: &Web, plan: Plan, seat: OwnedSemaphorePermit) -> Result<Response, Problem> {
    // This ends when the client has gone, and so does the work then.
    let stop = web.stop.child_token();
    let _stops = stop.clone().drop_guard();
    let drawn = spawn_blocking(move || {
        let chart = plan.chart(&stop);
        drop(seat);
        chart
    });
    let chart = drawn.await.expect("a journal can be read")?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let body = chart.ok_or_else(Problem::stops)?;
    Ok((headers, body).into_response())
}

fn table(web: &Web, port: &str, plan: Plan, seat: OwnedSemaphorePermit) -> Response {
    let (pipe, taken) = Pipe::new(web.stop.clone());
    spawn_blocking(move || {
        // What could be wrong with the parser was found before; whoever stopped it needs no answer.
        let _ = plan.stretch().table(|piece| match piece.is_empty() {
            true => pipe.is_open(),
            false => pipe.put(piece.into()),
        });
        drop(seat);
    });
    let file = format!(
        "attachment; filename=\"{port}_values_{}.csv\"",
        file_clock(Time::now())
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let pieces = unfold(taken, pipe::next).map(Ok::<_, Infallible>);
    (headers, Body::from_stream(pieces)).into_response()
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;

    use super::*;

    #[test]
    fn names_are_parted_by_commas_and_may_have_some() {
        for (text, expected) in [
            ("a", &["a"][..]),
            ("a,b c", &["a", "b c"]),
            ("a\\,b,c", &["a,b", "c"]),
            ("a\\,,b", &["a,", "b"]),
            ("\\x", &["\\x"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_answered_with_what_can() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        for (query, named) in [
            ("points=0", "1 to 10000"),
            ("points=10001", "1 to 10000"),
            ("points=many", "points"),
            ("from=yesterday", "-10m"),
            ("from=1", "from 0 to 0"),
            (
                "from=@2000000000000000&to=@1000000000000000",
                "earlier place first",
            ),
            ("journal=7", "reaches from"),
            ("format=xml", "`csv`"),
            ("parser=magic", "parser.type: \"magic\" is not known"),
            ("parser={\"type\"", "parser is no JSON"),
            (
                "parser={\"type\":\"regex\",\"pattern\":\"(\"}",
                "parser.pattern",
            ),
            ("ports=x", "`from`"),
        ] {
            let uri = format!("/values?{}", query.replace('"', "%22"))
                .parse()
                .unwrap();
            let wish = Query::<Wish>::try_from_uri(&uri).map_err(|error| error.to_string());
            let planned = wish.and_then(|Query(wish)| {
                let plan = wish.plan("dev", Arc::clone(&journal));
                plan.map(|_| ())
                    .map_err(|problem| format!("{problem:?}").replace('\\', ""))
            });
            let error = planned.unwrap_err();
            assert!(error.contains(named), "{query}: {error}");
        }
    }
}
