//! `GET /api/v1/ports/{name}/history`: what is kept of a port, to be saved. `docs/export.md` has
//! the user's side.

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::try_unfold;
use serde::Deserialize;

use super::Web;
use super::problem::Problem;
use crate::export::{Exporter, Format, Kinds, file_clock};
use crate::journal::{Cursor, Step};
use crate::record::{Gap, Offset, Time};
use crate::span::Span;
use crate::state::Reach;
use crate::wire::talk;

/// So many payload bytes are written down at a time. Records of single bytes grow a hundredfold.
const PIECE: usize = 16 * 1024;

/// Yes or no.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Yes,
    No,
}

/// What to save, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// An offset, or a negative number of bytes before the head.
    from: Option<i64>,
    to: Option<i64>,
    /// The journal that the offsets are of.
    journal: Option<u32>,
    kind: Option<Kinds>,
    format: Option<Format>,
    times: Option<Choice>,
}

/// Answers with the history as a file. It ends where the journal ended when it was asked for.
pub async fn history(
    State(web): State<Web>,
    Path(name): Path<String>,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Result<Response, Problem> {
    let port = web.port(&name)?;
    let Query(wish) = wish.map_err(Problem::bad)?;
    let format = wish.format.unwrap_or(Format::Text);
    let reach = port.journal().reach();
    let (from, to) =
        stretch(&wish, &reach, format).ok_or_else(|| Problem::out_of_range(&name, &reach))?;
    let file = format!(
        "attachment; filename=\"{name}_{}.{}\"",
        file_clock(Time::now()),
        format.extension()
    );
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let download = Download::new(port.journal().cursor(from), to, &wish, format);
    let body = Body::from_stream(try_unfold(download, Download::next));
    Ok((headers, body).into_response())
}

/// The offsets where the file begins and ends; none where the journal does not reach so far.
fn stretch(wish: &Wish, reach: &Reach, format: Format) -> Option<(Offset, Offset)> {
    let place = |number: i64| match u64::try_from(number) {
        Ok(offset) => talk::From::Offset(Offset(offset)),
        Err(_) => talk::From::Back(number.unsigned_abs()),
    };
    let from = wish.from.map_or(talk::From::Oldest, place).within(reach)?;
    let to = wish.to.map_or(talk::From::Now, place).within(reach)?;
    let is_same = wish.journal.is_none_or(|journal| journal == reach.id);
    // Every other format tells a gap at its beginning.
    let is_kept = format != Format::Raw || from >= reach.oldest;
    (is_same && is_kept && from <= to).then_some((from, to))
}

/// A file on its way to the client, made piece by piece as it takes them.
struct Download {
    cursor: Cursor,
    to: Offset,
    exporter: Exporter,
    span: Span,
    begun: bool,
    ended: bool,
}

impl Download {
    fn new(cursor: Cursor, to: Offset, wish: &Wish, format: Format) -> Self {
        let kinds = wish.kind.clone().unwrap_or_else(|| format.kinds());
        Self {
            cursor,
            to,
            exporter: Exporter::new(format, kinds, wish.times != Some(Choice::No)),
            span: Span::default(),
            begun: false,
            ended: false,
        }
    }

    /// The next piece; an error breaks the file off, so that the client sees that it is not whole.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Gap> {
        let mut out = Vec::new();
        if !std::mem::replace(&mut self.begun, true) {
            self.exporter.begin(&mut out);
        }
        while out.is_empty() && !self.ended {
            self.add_span(&mut out)?;
            // A client that keeps up never makes us wait; the ports want their turn.
            tokio::task::yield_now().await;
        }
        Ok((!out.is_empty()).then(|| (out.into(), self)))
    }

    fn add_span(&mut self, out: &mut Vec<u8>) -> Result<(), Gap> {
        let left = self.to.since(self.cursor.offset());
        let room = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
        // With no room the cursor would still take a byte.
        let step = (room > 0).then(|| self.cursor.take(room, &mut self.span));
        match step.flatten() {
            Some(Step::Span) => {
                for record in self.span.records() {
                    self.exporter.record(&record, out);
                }
            }
            Some(Step::Gap(gap)) => {
                let to = gap.to.min(self.to);
                self.exporter.gap(Gap { to, ..gap }, Time::now(), out)?;
            }
            None => {
                self.exporter.finish(out);
                self.ended = true;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::TryStreamExt;

    use super::*;
    use crate::journal::Journal;
    use crate::record::Kind;

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

    async fn saved(journal: &Arc<Journal>, query: &str) -> Result<Vec<u8>, Gap> {
        let wish = wish(query).unwrap();
        let format = wish.format.unwrap_or(Format::Text);
        let (from, to) = stretch(&wish, &journal.reach(), format).unwrap();
        let stream = try_unfold(
            Download::new(journal.cursor(from), to, &wish, format),
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
        let late = wish("format=raw").unwrap();
        let download = Download::new(journal.cursor(oldest), head, &late, Format::Raw);
        journal.append(Kind::Rx, Time(8), None, &[0; 50_000]);
        journal.publish();
        let hole = download.next().await.map(|_| ()).unwrap_err();
        assert_eq!((hole.from, hole.to), (oldest, journal.reach().oldest));
    }

    #[test]
    fn a_stretch_that_is_not_there_is_not_found() {
        let reach = Reach {
            id: 1,
            oldest: Offset(100),
            head: Offset(200),
            since: None,
        };
        let place = |query: &str, format| {
            let (from, to) = stretch(&wish(query).unwrap(), &reach, format)?;
            Some((from.0, to.0))
        };
        for query in ["from=201", "to=201", "from=150&to=149", "journal=2"] {
            assert_eq!(place(query, Format::Text), None, "{query}");
        }
        assert_eq!(place("from=99", Format::Raw), None);
        for (query, found) in [
            ("from=99", (99, 200)),
            ("from=-10&to=-5", (190, 195)),
            ("from=-9000&journal=1", (100, 200)),
        ] {
            assert_eq!(place(query, Format::Jsonl), Some(found), "{query}");
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_answered_with_those_that_are() {
        for (query, named) in [
            ("format=xml", "`jsonl`"),
            ("kind=rx,ty", "rx, tx, note"),
            ("times=never", "`no`"),
            ("form=raw", "`format`"),
            ("from=start", "from"),
        ] {
            let error = wish(query).err().expect(query);
            assert!(error.contains(named), "{query}: {error}");
        }
    }
}
