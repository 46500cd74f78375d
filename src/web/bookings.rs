//! `/api/v1/bookings`: ports that are somebody's for a time.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Problem;
use super::request::{Body, Called, Caller, Named, NoGuest};
use super::{Web, sight};
use crate::booking::{Booking, BookingError, Length, Order, Wanted};
use crate::clock;
use crate::port::{Actor, Port};
use crate::record::Time;
use crate::right::Right;
use crate::state::Booked;
use crate::wildcard;
use crate::wire::name::Name;
use crate::wire::talk::Code;

/// How long ports are waited for at most, in seconds.
const MOST_SECONDS: u64 = 24 * 3600;
/// So many names and patterns may be in one wish.
const MOST_PATTERNS: usize = 100;

/// A booking as somebody is told of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Booking)]
pub struct Told {
    /// Its ports, as far as you may see them.
    ports: Vec<String>,
    #[serde(flatten)]
    booked: Booked,
    /// Whether you may change and end it.
    may_change: bool,
}

impl Told {
    /// None where somebody sees no port of it.
    fn to(actor: &Actor, booking: Booking) -> Option<Self> {
        let may_change = booking.is_open_to(actor);
        let Booking { ports, booked, .. } = sight::booking(booking, &actor.rights)?;
        Some(Self {
            ports,
            booked,
            may_change,
        })
    }

    fn to_owner(actor: &Actor, booking: Booking) -> Json<Self> {
        let told = Self::to(actor, booking);
        Json(told.expect("whoever may change a booking sees its ports"))
    }
}

/// Lists the bookings of ports that you may see, in the order in which they were made.
#[utoipa::path(get, path = "/api/v1/bookings", operation_id = "listBookings", tag = "Booking",
    responses((status = 200, description = "those that have not ended", body = Vec<Told>)))]
pub async fn list(State(web): State<Web>, Caller(actor): Caller) -> Json<Vec<Told>> {
    let all = web.bookings.list().into_iter();
    Json(all.filter_map(|known| Told::to(&actor, known)).collect())
}

/// What is to be booked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BookingWanted)]
pub struct Wish {
    /// Names of ports that you may type on, in which `*` and `?` stand for others. All of them, or nothing.
    ports: Vec<String>,
    /// Any so many of them, those that are named first before others; all if absent.
    count: Option<usize>,
    /// When it begins; now if absent.
    from: Option<Time>,
    /// How long it is, such as `2h`, `90m` or `1h30m`; or else `until` says when it ends.
    #[serde(rename = "for")]
    length: Option<String>,
    /// When it ends.
    until: Option<Time>,
    /// The job that it is for. Then the ports are those requests' alone that call themselves so (`Seriald-Name`).
    job: Option<Name>,
    /// Whose it is, where there are no accounts; that of `Seriald-Name` if absent.
    name: Option<Name>,
    /// What it is for, for others to read.
    title: Option<Name>,
    /// Whether programs that come over RFC 2217 and raw TCP may type meanwhile, which have no name.
    #[serde(default)]
    programs: bool,
    /// How many seconds to wait until the ports are free, at most 86400; none if absent. Who asks first is served first.
    #[schema(minimum = 0, maximum = 86400)]
    wait: Option<u64>,
}

/// Books ports: until then nobody else types on them, or changes anything. All see whose they are.
///
/// Where they are taken the answer is `409`, with which `port` is in the way, `by` whom and `until` when, and from when all are free, `free_from`.
#[utoipa::path(post, path = "/api/v1/bookings", operation_id = "book", tag = "Booking",
    params(("seriald-name" = Option<String>, Header, description = "What the caller is called, in 1 to 64 characters. \
        Without accounts the booking is that name's.")),
    request_body(content = Wish, example = json!({"ports": ["rack1-*"], "count": 1, "for": "30m", "job": "nightly-4711"})),
    responses((status = 201, description = "they are yours from then on", body = Told)))]
pub async fn book(
    State(web): State<Web>,
    NoGuest(visitor): NoGuest,
    Called(called): Called,
    Caller(actor): Caller,
    Body(wish): Body<Wish>,
) -> Result<(StatusCode, Json<Told>), Problem> {
    let wait = wish.wait.unwrap_or_default();
    if wait > MOST_SECONDS {
        let message = format!("ports can be waited for up to {MOST_SECONDS} s, not {wait} s");
        return Err(Problem::bad(message));
    }
    let by = match (&visitor.name, &wish.job) {
        (_, Some(job)) => visitor.called(job.as_str()),
        (Some(account), None) => account.to_string(),
        (None, None) => match wish.name.as_ref().or(called.as_ref()) {
            Some(name) => visitor.called(name.as_str()),
            None => return Err(nameless()),
        },
    };
    let order = Order {
        wanted: wanted(&web, &actor, &wish)?,
        from: wish.from,
        length: length(wish.length, wish.until)?,
        by,
        account: visitor.name.as_deref().map(str::to_owned),
        job: wish.job.map(String::from),
        title: wish.title.map(String::from),
        programs: wish.programs,
    };
    tokio::select! {
        booked = web.bookings.book(&actor, order, Duration::from_secs(wait)) => {
            Ok((StatusCode::CREATED, Told::to_owner(&actor, booked?)))
        }
        () = web.stop.cancelled() => Err(Problem::stops()),
    }
}

fn nameless() -> Problem {
    Problem::bad(
        "nobody knows your name, and a booking has to be somebody's: say one with \"name\", with the header \
         Seriald-Name, or in the shell with SERIALD_JOB",
    )
}

/// The ports that are meant, which the actor may type on.
fn wanted(web: &Web, actor: &Actor, wish: &Wish) -> Result<Wanted, Problem> {
    if wish.ports.len() > MOST_PATTERNS {
        let message = format!("\"ports\" has more than the {MOST_PATTERNS} names that it may have");
        return Err(Problem::bad(message));
    }
    let seen = web.sight.ports(&actor.rights);
    let mut ports: Vec<&Arc<Port>> = Vec::new();
    for pattern in &wish.ports {
        let fits = |port: &&Arc<Port>| wildcard::fits(pattern, port.name());
        if !seen.iter().any(|port| fits(&port)) {
            let names: Vec<_> = seen.iter().map(|port| port.name()).collect();
            return Err(Problem::unknown_port(pattern, &names));
        }
        let is_new = |port: &&Arc<Port>| ports.iter().all(|known| !Arc::ptr_eq(known, port));
        let new: Vec<_> = seen.iter().filter(fits).filter(is_new).collect();
        ports.extend(new);
    }
    let may = |port: &&Arc<Port>| actor.rights.allow(port.name(), Right::Type);
    // Of any that will do, those that may not be had do not.
    if wish.count.is_some() && ports.iter().any(may) {
        ports.retain(may);
    }
    for port in &ports {
        port.permit(actor, Right::Type)?;
    }
    let most = ports.len();
    let count = wish.count.unwrap_or(most);
    if most == 0 {
        return Err(Problem::bad(
            "\"ports\" names no port, and there is nothing to book without",
        ));
    }
    if !(1..=most).contains(&count) {
        let message = format!("\"count\" is {count}, and \"ports\" names {most} that you may book");
        return Err(Problem::bad(message));
    }
    Ok(Wanted {
        ports: ports.iter().map(|port| port.name().to_owned()).collect(),
        count,
    })
}

fn length(length: Option<String>, until: Option<Time>) -> Result<Length, Problem> {
    match (length, until) {
        (Some(length), None) => {
            let length = clock::ago(&length).ok_or_else(|| {
                Problem::bad("\"for\" is no length of time; give one such as 2h, 90m or 1h30m")
            })?;
            Ok(Length::For(length))
        }
        (None, Some(until)) => Ok(Length::Until(until)),
        _ => Err(Problem::bad(
            "say how long with either \"for\", such as \"2h\", or \"until\", a time",
        )),
    }
}

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BookingChange)]
pub struct Change {
    /// So long from now on, or from its beginning if that is still to come: `2h`, `90m`.
    #[serde(rename = "for")]
    length: Option<String>,
    /// When it ends.
    until: Option<Time>,
}

/// Lets a booking of yours, or of ports that you administer, end later or earlier.
#[utoipa::path(patch, path = "/api/v1/bookings/{booking}", operation_id = "changeBooking", tag = "Booking",
    params(("booking" = String, Path, description = "The booking's number, `id`.")),
    request_body(content = Change, example = json!({"for": "1h"})),
    responses((status = 200, description = "how it is now", body = Told)))]
pub async fn change(
    State(web): State<Web>,
    Named(id): Named,
    Caller(actor): Caller,
    Body(change): Body<Change>,
) -> Result<Json<Told>, Problem> {
    let id = number(&web, &actor, id)?;
    let length = length(change.length, change.until)?;
    let changed = web.bookings.extend(&actor, id, length).await?;
    Ok(Told::to_owner(&actor, changed))
}

/// Ends a booking of yours, or of ports that you administer.
#[utoipa::path(delete, path = "/api/v1/bookings/{booking}", operation_id = "endBooking", tag = "Booking",
    params(("booking" = String, Path, description = "The booking's number, `id`.")),
    responses((status = 204, description = "its ports are free")))]
pub async fn end(
    State(web): State<Web>,
    Named(id): Named,
    Caller(actor): Caller,
) -> Result<StatusCode, Problem> {
    let id = number(&web, &actor, id)?;
    web.bookings.end(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The number of a booking that somebody may see.
fn number(web: &Web, actor: &Actor, text: String) -> Result<u64, BookingError> {
    let sees = |known: &Booking| sight::booking(known.clone(), &actor.rights).is_some();
    let mut all = web.bookings.list().into_iter();
    let found = all.find(|known| known.booked.id.to_string() == text && sees(known));
    let found = found.map(|known| known.booked.id);
    found.ok_or_else(|| BookingError::Unknown(text.chars().take(64).collect()))
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        use BookingError as Error;
        let (status, code) = match &error {
            Error::Taken { .. } | Error::Queued | Error::Next { .. } => {
                (StatusCode::CONFLICT, Code::Booked)
            }
            Error::Past | Error::Far | Error::Empty | Error::Long { .. } => {
                (StatusCode::BAD_REQUEST, Code::BadMessage)
            }
            Error::Unknown(_) => (StatusCode::NOT_FOUND, Code::UnknownBooking),
            Error::NotYours { .. } => (StatusCode::FORBIDDEN, Code::Forbidden),
            Error::TooMany | Error::TooManyOfOne | Error::TooManyWait => {
                (StatusCode::CONFLICT, Code::TooMany)
            }
        };
        let problem = Self::new(status, code, &error);
        match error {
            Error::Taken {
                port,
                by,
                until,
                free_from,
            } => problem
                .with("port", port)
                .with("by", by)
                .with("until", until.0)
                .with("free_from", free_from.0),
            _ => problem,
        }
    }
}
