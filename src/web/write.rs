//! Writes: bytes on their way to a device, and what people sent before.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use super::request::{Asked, AtPort, Caller};
use crate::port::{Actor, Port, Writing, Written};
use crate::record::Offset;
use crate::wire::talk::LIMITS;

/// Queues bytes, if they are not too many; `answer` if a terminal answers by itself. What comes back ends
/// when the device has them.
pub fn write(port: &Port, actor: &Actor, bytes: &[u8], answer: bool) -> Result<Writing, Problem> {
    if bytes.len() > LIMITS.write {
        let what = format_args!("a write of {} bytes", bytes.len());
        return Err(Problem::too_large(what, LIMITS.write));
    }
    Ok(match answer {
        true => port.write_past_turn(actor, bytes)?,
        false => port.write(actor, bytes)?,
    })
}

/// What is said about a write.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct About {
    /// What the person typed, to be kept in the port's send history.
    remember: Option<String>,
}

/// Where a write stands in the journal.
#[derive(Serialize, ToSchema)]
#[schema(as = Written)]
pub struct Place {
    /// The place of its first byte.
    offset: Offset,
    /// How many bytes it has.
    length: usize,
}

/// Writes the body's bytes to the device.
///
/// They are sent exactly as they are, at most 64 KiB. The answer comes when the device's driver has taken all of them.
#[utoipa::path(post, path = "/api/v1/ports/{name}/write", operation_id = "write", tag = "Writing", params(About),
    request_body(content_type = "application/octet-stream", description = "the bytes"),
    responses((status = 200, description = "where they stand in the journal", body = Place)))]
pub async fn by_post(
    AtPort(port): AtPort,
    Caller(actor): Caller,
    Asked(about): Asked<About>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Place>, Problem> {
    let bytes = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("this write", LIMITS.write),
        _ => Problem::bad(error),
    })?;
    if let Some(typed) = about.remember {
        port.remember(&actor, &typed)?;
    }
    let Written { offset, length } = write(&port, &actor, &bytes, false)?.await?;
    Ok(Json(Place { offset, length }))
}

/// Lists what people sent, oldest first.
///
/// The send history of the port: at most 200 entries, the same for all who watch it.
#[utoipa::path(get, path = "/api/v1/ports/{name}/sent", operation_id = "listSent", tag = "Writing",
    responses((status = 200, description = "the entries", body = Vec<String>)))]
pub async fn sent(
    AtPort(port): AtPort,
    Caller(actor): Caller,
) -> Result<Json<Vec<String>>, Problem> {
    Ok(Json(port.sent(&actor)?))
}
