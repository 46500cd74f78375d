//! `GET /api/v1/ports/{name}/moment`: which offset belongs to a time, and which time to an offset.

use std::sync::Arc;

use axum::Json;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use super::request::{Asked, AtPort};
use crate::clock;
use crate::journal::Journal;
use crate::record::{Offset, Time};

/// What is known of the moment: one of both.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// A time, such as `2026-11-22T10:00:00Z` or `@1795377000123456`, in microseconds.
    time: Option<String>,
    /// An offset.
    offset: Option<u64>,
}

/// The moment: a place in the journal, and the time of the record that is there.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Moment {
    /// The place of the first record at that time or later.
    offset: Offset,
    /// None at the head, and where bytes are missing.
    time: Option<Time>,
}

/// Finds the offset of a time, or the time of an offset.
#[utoipa::path(get, path = "/api/v1/ports/{name}/moment", operation_id = "findMoment", tag = "Looking back", params(Wish),
    responses((status = 200, description = "both", body = Moment)))]
pub async fn moment(
    AtPort(port): AtPort,
    Asked(wish): Asked<Wish>,
) -> Result<Json<Moment>, Problem> {
    let journal = Arc::clone(port.journal());
    let found = match (wish.time, wish.offset) {
        (Some(time), None) => {
            let time = clock::parse(&time).map_err(Problem::bad)?;
            spawn_blocking(move || of_time(&journal, time)).await
        }
        (None, Some(offset)) => {
            let reach = journal.reach();
            let offset = Offset(offset);
            if !(reach.oldest..=reach.head).contains(&offset) {
                return Err(Problem::out_of_range(port.name(), &reach));
            }
            spawn_blocking(move || of_offset(&journal, offset)).await
        }
        _ => return Err(Problem::bad("give either ?time= or ?offset=")),
    };
    Ok(Json(found.expect("a journal can be read")))
}

fn of_time(journal: &Journal, time: Time) -> Moment {
    of_offset(journal, journal.at(time))
}

fn of_offset(journal: &Journal, offset: Offset) -> Moment {
    let time = journal.time_of(offset);
    Moment { offset, time }
}
