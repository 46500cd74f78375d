//! `GET /api/v1/search`: what is kept of the ports, looked through for a text or an expression.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use utoipa::IntoParams;

use super::Web;
use super::choice::Choice;
use super::lines;
use super::problem::Problem;
use super::request::Asked;
use crate::access::Visitor;
use crate::export::Kinds;
use crate::place::Place;
use crate::port::Port;
use crate::record::Kind;
use crate::right::Rights;
use crate::search::{self, Event, More, Order, Pattern, Stretch};

/// Searches at the same time, for the whole server: each may keep a core and the disk busy.
pub const SEATS: usize = 4;

/// Matches, where nobody says how many.
const LIMIT: usize = 100;
const MOST: usize = 10_000;
const MOST_CONTEXT: usize = 20;

/// What to look for, and where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wish {
    /// What to look for.
    #[param(example = "panic")]
    q: String,
    /// Whether that is a regular expression.
    #[param(inline)]
    regex: Option<Choice>,
    /// Whether large and small letters differ.
    #[param(inline)]
    case: Option<Choice>,
    /// Only these ports, with commas between.
    port: Option<String>,
    /// In what: some of `rx`, `tx`, `note`, with commas between; `rx` if absent.
    #[param(value_type = Option<String>)]
    kind: Option<Kinds>,
    /// Where to begin; with the oldest byte that is kept, if absent. An offset only where one port is named.
    #[param(inline)]
    from: Option<Place>,
    /// Where to end; at the head if absent.
    #[param(inline)]
    to: Option<Place>,
    /// Which matches come first; the newest if absent.
    #[param(inline)]
    order: Option<Order>,
    /// Matches at most: 1 to 10000, 100 if absent.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<usize>,
    /// Lines that are shown before and after each match: 0 to 20.
    #[param(minimum = 0, maximum = 20)]
    context: Option<usize>,
    /// Where an earlier search ended, as its last line said.
    #[param(value_type = Option<String>)]
    more: Option<More>,
}

impl Wish {
    fn query(&self) -> Result<search::Query, Problem> {
        let case = self.case == Some(Choice::Yes);
        let pattern = match self.regex {
            Some(Choice::Yes) => Pattern::regex(&self.q, case),
            _ => Pattern::text(&self.q, case),
        };
        let (limit, context) = (self.limit.unwrap_or(LIMIT), self.context.unwrap_or(0));
        if !(1..=MOST).contains(&limit) {
            let message = format!("limit={limit} is not possible; 1 to {MOST} matches are");
            return Err(Problem::bad(message));
        }
        if context > MOST_CONTEXT {
            let message =
                format!("context={context} is too much; 0 to {MOST_CONTEXT} lines are possible");
            return Err(Problem::bad(message));
        }
        Ok(search::Query {
            pattern: pattern.map_err(Problem::bad)?,
            kinds: self.kind.clone().unwrap_or_else(|| [Kind::Rx][..].into()),
            order: self.order.unwrap_or(Order::Newest),
            limit,
            context,
        })
    }

    /// The ports that are named, or all that may be seen.
    fn ports(&self, web: &Web, rights: &Rights) -> Result<Vec<Arc<Port>>, Problem> {
        let ports = match &self.port {
            None => web.sight.ports(rights),
            Some(names) => {
                let mut names: Vec<_> = names.split(',').map(str::trim).collect();
                names.sort_unstable();
                names.dedup();
                let named = names.into_iter().map(|name| web.sight.port(rights, name));
                named.collect::<Result<_, _>>()?
            }
        };
        if let (Some(Place::Time(from)), Some(Place::Time(to))) = (self.from, self.to)
            && to < from
        {
            return Err(Problem::bad(
                "from lies behind to; give the earlier time first",
            ));
        }
        let mut places = self.from.into_iter().chain(self.to);
        if ports.len() > 1 && !places.all(Place::is_time) {
            return Err(Problem::bad(
                "from and to can be offsets only where one port is named, as in port=NAME; give times",
            ));
        }
        Ok(ports)
    }

    /// Where to look in a port; nowhere if an earlier answer was done with it. May wait for a disk.
    fn stretch(&self, port: &Port) -> Result<Option<Stretch>, Problem> {
        let (name, journal) = (port.name(), port.journal());
        let reach = journal.reach();
        let known = |place: Place| {
            let offset = place.within(journal);
            offset.ok_or_else(|| Problem::out_of_range(name, &reach))
        };
        let mut from = self.from.map_or(Ok(reach.oldest), known)?;
        let mut to = self.to.map_or(Ok(reach.head), known)?;
        if to < from {
            let message = format!(
                "{name} would be searched from offset {from} to {to}, which lies before it"
            );
            return Err(Problem::bad(message));
        }
        if let Some(More(places)) = &self.more {
            let Some((_, place)) = places.iter().find(|(port, _)| port == name) else {
                return Ok(None);
            };
            match self.order {
                Some(Order::Oldest) => from = from.max(*place).min(to),
                _ => to = to.min(*place).max(from),
            }
        }
        Ok(Some(Stretch {
            port: name.to_owned(),
            journal: Arc::clone(journal),
            from,
            to,
        }))
    }
}

/// Searches what is kept of the ports.
///
/// The answer comes line by line, as something is found.
#[utoipa::path(get, path = "/api/v1/search", operation_id = "search", tag = "Looking back", params(Wish),
    responses((status = 200, description = "a line for each match, and one for the end", body = Event,
        content_type = "application/x-ndjson")))]
pub async fn find(
    State(web): State<Web>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Result<Response, Problem> {
    let query = wish.query()?;
    let ports = wish.ports(&web, &visitor.rights)?;
    let seat = match web.searches.take().await {
        Ok(seat) => seat,
        Err(busy) => return Ok(busy),
    };
    let looked = spawn_blocking(move || -> Result<Vec<_>, Problem> {
        let stretches = ports.iter().map(|port| wish.stretch(port));
        stretches.filter_map(Result::transpose).collect()
    });
    let stretches = looked.await.expect("a journal can be read")?;
    Ok(lines::told(web.stop.clone(), move |mut teller| {
        // Whoever stopped it needs no answer.
        let _: ControlFlow<()> = search::search(&query, stretches, |event| match event {
            Event::Progress { .. } => teller.progress(&event),
            Event::Match(_) | Event::End { .. } => teller.tell(&event),
        });
        drop(seat);
    }))
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;

    use super::*;

    fn query(query: &str) -> Result<search::Query, String> {
        let uri = format!("/search?{query}").parse().unwrap();
        let wish = Query::<Wish>::try_from_uri(&uri).map_err(|error| error.to_string())?;
        wish.query().map_err(|problem| format!("{problem:?}"))
    }

    #[test]
    fn what_is_not_said_is_usual() {
        let query = query("q=a").unwrap();
        assert_eq!(
            (query.limit, query.context, query.order),
            (100, 0, Order::Newest)
        );
        assert!(query.kinds.contains(Kind::Rx) && !query.kinds.contains(Kind::Tx));
    }

    #[test]
    fn what_cannot_be_searched_is_answered_with_what_can() {
        for (words, named) in [
            ("", "`q`"),
            ("q=", "at least one character"),
            ("q=a&limit=0", "1 to 10000"),
            ("q=a&limit=10001", "1 to 10000"),
            ("q=a&context=21", "0 to 20"),
            ("q=a&order=best", "`oldest`"),
            ("q=a&kind=rx,all", "rx, tx, note"),
            ("q=a&regex=maybe", "`yes`"),
            ("q=a&from=yesterday", "-10m"),
            ("q=a&more=x", "sensor:40000"),
            ("q=a&ports=x", "`port`"),
            ("q=ab(c&regex=yes", "character 3: unclosed group"),
        ] {
            let error = query(words).unwrap_err();
            assert!(error.contains(named), "{words}: {error}");
        }
    }
}
