//! `GET /api/v1/ports/{name}/history`: what is kept of a port, to be saved. `docs/export.md` has
//! the user's side.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};

use super::choice::Choice;
use super::problem::Problem;
use super::request::{Asked, AtPort};
use crate::clock::file_clock;
use crate::export::{Exporter, Format, Kinds, Style};
use crate::journal::{Cursor, Journal, Step};
use crate::place::Place;
use crate::record::{Gap, Offset, Time};
use crate::span::Span;

/// So many payload bytes are written down at a time. Records of single bytes grow a hundredfold.
const PIECE: usize = 16 * 1024;

/// How many bytes of the journal the file is of. How long it will be itself, nobody knows before.
static BYTES: HeaderName = HeaderName::from_static("x-seriald-bytes");

/// What is done about missing bytes that the format has no words for.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Gaps {
    Skip,
}

/// What to save, and how.
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
    /// What is written down: some of `rx`, `tx`, `note`, with commas between.
    #[param(value_type = Option<String>)]
    kind: Option<Kinds>,
    /// How it is written down.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Whether each line has its time.
    #[param(inline)]
    times: Option<Choice>,
    /// Whether escape sequences stay in a text.
    #[param(inline)]
    escapes: Option<Choice>,
    /// What is done about missing bytes in `raw`, which has no words for them: it breaks off, or skips them.
    #[param(inline)]
    gaps: Option<Gaps>,
}

impl Wish {
    fn style(self, port: &str) -> Style {
        Style {
            format: self.format,
            kinds: self.kind,
            times: self.times != Some(Choice::No),
            escapes: self.escapes == Some(Choice::Yes),
            skip_gaps: self.gaps == Some(Gaps::Skip),
            title: Some(port.to_owned()),
        }
    }

    /// The offsets where the file begins and ends. May wait for a disk.
    fn stretch(&self, port: &str, journal: &Journal) -> Result<(Offset, Offset), Problem> {
        let reach = journal.reach();
        let known = |place: Place| {
            let offset = place.within(journal);
            offset.ok_or_else(|| Problem::out_of_range(port, &reach))
        };
        let from = self.from.map_or(Ok(reach.oldest), known)?;
        let to = self.to.map_or(Ok(reach.head), known)?;
        let is_same = self.journal.is_none_or(|journal| journal == reach.id);
        // Every other format tells a gap at its beginning.
        let is_kept = self.format != Format::Raw || self.gaps.is_some() || from >= reach.oldest;
        if !is_same || !is_kept {
            return Err(Problem::out_of_range(port, &reach));
        }
        if to < from {
            let message = format!("it would end at offset {to}, before it begins at {from}");
            return Err(Problem::bad(message));
        }
        Ok((from, to))
    }
}

/// Saves what is kept of a port as a file.
///
/// It ends where the journal ended when it was asked for.
#[utoipa::path(get, path = "/api/v1/ports/{name}/history", operation_id = "saveHistory", tag = "Looking back", params(Wish),
    responses((status = 200, description = "the file", headers(("x-seriald-bytes" = u64,
        description = "how many bytes of the journal the file is of")), content(
        (String = "text/plain"), (String = "application/jsonl"), (String = "text/csv"),
        (String = "application/x-asciicast"), ("application/octet-stream")))))]
pub async fn history(AtPort(port): AtPort, Asked(wish): Asked<Wish>) -> Result<Response, Problem> {
    let found = Arc::clone(&port);
    let looked = spawn_blocking(move || {
        let stretch = wish.stretch(found.name(), found.journal());
        (wish, stretch)
    });
    let (wish, stretch) = looked.await.expect("a journal can be read");
    let (from, to) = stretch?;
    let format = wish.format;
    let file = format!(
        "attachment; filename=\"{}_{}.{}\"",
        port.name(),
        file_clock(Time::now()),
        format.extension()
    );
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (BYTES.clone(), to.since(from).to_string()),
    ];
    let download = Download::new(port.journal().cursor(from), to, wish.style(port.name()));
    let body = Body::from_stream(try_unfold(download, Download::next));
    Ok((headers, body).into_response())
}

/// A file on its way to the client, made piece by piece as it takes them.
struct Download {
    cursor: Cursor,
    to: Offset,
    exporter: Exporter,
    span: Span,
    ended: bool,
}

impl Download {
    fn new(cursor: Cursor, to: Offset, style: Style) -> Self {
        Self {
            cursor,
            to,
            exporter: Exporter::new(style),
            span: Span::default(),
            ended: false,
        }
    }

    /// The next piece; an error breaks the file off, so that the client sees that it is not whole.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Gap> {
        let mut out = Vec::new();
        while out.is_empty() && !self.ended {
            self.add_span(&mut out).await?;
            // A client that keeps up never makes us wait; the ports want their turn.
            tokio::task::yield_now().await;
        }
        Ok((!out.is_empty()).then(|| (out.into(), self)))
    }

    async fn add_span(&mut self, out: &mut Vec<u8>) -> Result<(), Gap> {
        let left = self.to.since(self.cursor.offset());
        if left == 0 {
            self.exporter.finish(out);
            self.ended = true;
            return Ok(());
        }
        let room = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        match self.cursor.next(room, &mut self.span).await {
            Step::Span => {
                for record in self.span.records() {
                    self.exporter.record(&record, out);
                }
            }
            Step::Gap(gap) => {
                let to = gap.to.min(self.to);
                self.exporter.gap(Gap { to, ..gap })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::Query;
    use futures_util::TryStreamExt;

    use super::*;
    use crate::record::Kind;
    use crate::state::Reach;

    fn wish(query: &str) -> Result<Wish, String> {
        let uri = format!("/history?{query}").parse().unwrap();
        let Query(wish) = Query::try_from_uri(&uri).map_err(|error| error.to_string())?;
        Ok(wish)
    }

    /// A journal that has forgotten its beginning, and all that was ever in it.
    fn journal() -> (Arc<Journal>, Vec<u8>) {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        let all: Vec<u8> = (0..300_000_u32).map(|n| (n / 7) as u8).collect();
        for piece in all.chunks(1000) {
            journal.append(Kind::Rx, Time(7), None, piece);
        }
        journal.publish();
        (journal, all)
    }

    fn stretch(wish: &Wish, journal: &Journal) -> Result<(u64, u64), String> {
        let found = wish.stretch("pi", journal);
        found
            .map(|(from, to)| (from.0, to.0))
            .map_err(|problem| format!("{problem:?}"))
    }

    async fn saved(journal: &Arc<Journal>, query: &str) -> Result<Vec<u8>, Gap> {
        let wish = wish(query).unwrap();
        let (from, to) = wish.stretch("pi", journal).unwrap();
        let stream = try_unfold(
            Download::new(journal.cursor(from), to, wish.style("pi")),
            Download::next,
        );
        stream
            .try_fold(Vec::new(), async |mut all, piece| {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
    }

    #[tokio::test]
    async fn raw_is_what_the_journal_keeps_to_the_byte_and_no_more_than_asked_for() {
        let (journal, all) = journal();
        let oldest = journal.reach().oldest.0 as usize;
        assert_eq!(saved(&journal, "format=raw").await.unwrap(), &all[oldest..]);
        assert_eq!(
            saved(&journal, "format=raw&from=-5").await.unwrap(),
            &all[299_995..]
        );
        let some = saved(&journal, "format=raw&from=250001&to=290002").await;
        assert_eq!(some.unwrap(), &all[250_001..290_002]);
        assert_eq!(
            saved(&journal, "format=raw&from=300000").await.unwrap(),
            b""
        );
        assert_eq!(
            saved(&journal, "format=raw&kind=tx,note").await.unwrap(),
            b""
        );
    }

    #[tokio::test]
    async fn a_gap_is_told_where_words_are_possible_and_breaks_off_raw() {
        let (journal, _) = journal();
        let text = String::from_utf8(saved(&journal, "from=0").await.unwrap()).unwrap();
        assert!(
            text.lines().next().unwrap().contains("! gap of "),
            "{text:.200}"
        );
        let Reach { oldest, head, .. } = journal.reach();
        let download = Download::new(journal.cursor(oldest), head, Format::Raw.into());
        journal.append(Kind::Rx, Time(8), None, &[0; 50_000]);
        journal.publish();
        let hole = download.next().await.map(|_| ()).unwrap_err();
        assert_eq!((hole.from, hole.to), (oldest, journal.reach().oldest));
        let kept = saved(&journal, "format=raw&from=0&gaps=skip")
            .await
            .unwrap();
        assert_eq!(kept.len() as u64, journal.reach().head.since(hole.to));
    }

    #[tokio::test]
    async fn a_file_waits_for_what_is_being_fetched_and_ends_where_it_was_to_end() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        // A cursor that has nothing yet is one whose page is on its way from the disk.
        let download = Download::new(journal.cursor(Offset(0)), Offset(4), Format::Raw.into());
        let download = tokio::spawn(try_unfold(download, Download::next).try_collect::<Vec<_>>());
        for piece in [b"on", b"e,", b"tw"] {
            tokio::task::yield_now().await;
            journal.append(Kind::Rx, Time(1), None, piece);
            journal.publish();
        }
        assert_eq!(download.await.unwrap().unwrap().concat(), b"one,");
    }

    #[test]
    fn a_stretch_that_is_not_there_is_answered_with_what_is() {
        let (journal, _) = journal();
        let Reach {
            oldest, head, id, ..
        } = journal.reach();
        let known = |query: &str| stretch(&wish(query).unwrap(), &journal);
        let other = id.wrapping_add(1);
        for query in [
            "from=300001",
            "to=300001",
            &format!("journal={other}"),
            "format=raw&from=99",
        ] {
            let error = known(query).unwrap_err();
            assert!(
                error.contains("OutOfRange") && error.contains("300000"),
                "{error}"
            );
        }
        let error = known("from=250000&to=249999").unwrap_err();
        assert!(error.contains("end at offset 249999, before"), "{error}");
        for (query, found) in [
            ("", (oldest.0, head.0)),
            ("from=99", (99, head.0)),
            ("from=-10&to=-5", (299_990, 299_995)),
            (&format!("from=-900000&journal={id}"), (oldest.0, head.0)),
            ("from=@7&to=1970-01-01T00:00:00Z", (oldest.0, oldest.0)),
            ("from=-10m", (head.0, head.0)),
            ("format=raw&from=99&gaps=skip", (99, head.0)),
        ] {
            assert_eq!(known(query), Ok(found), "{query}");
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_answered_with_those_that_are() {
        for (query, named) in [
            ("format=xml", "`jsonl`"),
            ("kind=rx,ty", "rx, tx, note"),
            ("times=never", "`no`"),
            ("escapes=maybe", "`yes`"),
            ("gaps=tell", "`skip`"),
            ("from=2026-11-22", "%2B"),
            ("form=raw", "`format`"),
            ("from=start", "-10m"),
        ] {
            let error = wish(query).err().expect(query);
            assert!(error.contains(named), "{query}: {error}");
        }
    }
}
