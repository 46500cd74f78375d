//! `GET /api/v1/ports/{name}/timeline`: how much happened when.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use super::request::{Asked, AtPort};
use crate::clock;
use crate::record::{Offset, Time};
use crate::store::{Activity, MINUTE};

/// So many steps are drawn where nobody says how many.
const POINTS: u64 = 300;
const MOST_POINTS: u64 = 2000;

/// The stretch that is wanted, and how finely.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// The time where it begins, such as `2026-11-22T10:00:00Z`; that of the oldest record if absent.
    from: Option<String>,
    /// The time where it ends; now if absent.
    to: Option<String>,
    /// Steps at most: 1 to 2000, 300 if absent.
    #[param(minimum = 1, maximum = 2000)]
    points: Option<u64>,
}

/// How much happened when.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Timeline {
    /// When the first step begins.
    from: Time,
    /// When the last one ends.
    to: Time,
    /// The length of a step, in microseconds.
    step: u64,
    /// The steps in which something happened.
    points: Vec<Point>,
}

/// A step in which something happened.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TimelinePoint)]
struct Point {
    /// When it begins.
    time: Time,
    /// Its first record.
    offset: Offset,
    /// Bytes that came in.
    rx: u64,
    /// Bytes that were written.
    tx: u64,
    /// What happened.
    notes: u64,
}

/// Shows how much happened when, in steps of whole minutes.
#[utoipa::path(get, path = "/api/v1/ports/{name}/timeline", operation_id = "showTimeline", tag = "Looking back", params(Wish),
    responses((status = 200, description = "the steps", body = Timeline)))]
pub async fn timeline(
    AtPort(port): AtPort,
    Asked(wish): Asked<Wish>,
) -> Result<Json<Timeline>, Problem> {
    let journal = Arc::clone(port.journal());
    let time = |text: Option<String>, or: Time| match text {
        Some(text) => clock::parse(&text).map_err(Problem::bad),
        None => Ok(or),
    };
    let to = time(wish.to, Time::now())?;
    let from = time(wish.from, journal.reach().since.unwrap_or(to).min(to))?;
    if from > to {
        return Err(Problem::bad(
            "from lies behind to; give the earlier time first",
        ));
    }
    let points = wish.points.unwrap_or(POINTS);
    if !(1..=MOST_POINTS).contains(&points) {
        let message = format!("{points} points are not possible; 1 to {MOST_POINTS} are");
        return Err(Problem::bad(message));
    }
    let read = spawn_blocking(move || steps(&journal.activity(from, to), from, to, points));
    Ok(Json(read.await.expect("a journal can be read")))
}

/// Puts minutes together to steps.
fn steps(minutes: &[Activity], from: Time, to: Time, points: u64) -> Timeline {
    let begin = from.0 - from.0 % MINUTE;
    let step = (to.0 - begin)
        .div_ceil(points)
        .next_multiple_of(MINUTE)
        .max(MINUTE);
    let mut steps: BTreeMap<u64, Point> = BTreeMap::new();
    for minute in minutes {
        if minute.minute.0 < begin || minute.minute > to {
            continue;
        }
        let place = (minute.minute.0 - begin) / step;
        let point = steps.entry(place).or_insert(Point {
            time: Time(begin + place * step),
            offset: minute.offset,
            rx: 0,
            tx: 0,
            notes: 0,
        });
        // The clock may have been set back: the first record is the one of the least offset.
        point.offset = point.offset.min(minute.offset);
        point.rx += minute.rx;
        point.tx += minute.tx;
        point.notes += minute.notes;
    }
    Timeline {
        from: Time(begin),
        to,
        step,
        points: steps.into_values().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: u64, offset: u64) -> Activity {
        let mut minute = Activity::begin(Offset(offset), Time(number * MINUTE + 5));
        (minute.rx, minute.tx, minute.notes) = (10, 2, 1);
        minute
    }

    #[test]
    fn minutes_are_put_together_until_there_are_no_more_steps_than_wanted() {
        let all: Vec<_> = (100..160).map(|number| minute(number, number)).collect();
        let (from, to) = (Time(100 * MINUTE + 7), Time(160 * MINUTE));
        for (points, step, count) in [
            (2000, 1, 60),
            (60, 1, 60),
            (59, 2, 30),
            (7, 9, 7),
            (1, 60, 1),
        ] {
            let timeline = steps(&all, from, to, points);
            assert_eq!(
                (timeline.step, timeline.points.len()),
                (step * MINUTE, count),
                "{points}"
            );
            assert_eq!(
                timeline.points.iter().map(|point| point.rx).sum::<u64>(),
                600
            );
            assert_eq!(timeline.points[0].time, Time(100 * MINUTE));
        }
    }

    #[test]
    fn what_lies_outside_is_left_out_and_a_clock_set_back_is_no_harm() {
        let all = [minute(5, 0), minute(7, 10), minute(6, 20), minute(9, 30)];
        let timeline = steps(&all, Time(6 * MINUTE), Time(8 * MINUTE), 1);
        assert_eq!(timeline.points.len(), 1);
        let point = &timeline.points[0];
        assert_eq!((point.rx, point.offset), (20, Offset(10)));
        assert_eq!(steps(&[], Time(0), Time(0), 300).points, []);
    }
}
