//! `GET /api/v1/ports/{name}/moment`: which offset belongs to a time, and which time to an offset.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::Web;
use super::problem::Problem;
use crate::export::clock;
use crate::journal::Journal;
use crate::record::{Offset, Time};

/// What is known of the moment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    time: Option<String>,
    offset: Option<u64>,
}

/// The moment: a place in the journal, and the time of the record that is there.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    offset: Offset,
    /// None at the head, and where bytes are missing.
    time: Option<Time>,
}

/// Answers with both.
pub async fn moment(
    State(web): State<Web>,
    Path(name): Path<String>,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Result<Json<Moment>, Problem> {
    let port = web.port(&name)?;
    let Query(wish) = wish.map_err(Problem::bad)?;
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
                return Err(Problem::out_of_range(&name, &reach));
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
