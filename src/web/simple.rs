//! The two simple sockets: `raw`, exactly the bytes of one port, and `/ws`, the tutorial dialect,
//! one text message a line.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, timeout};
use utoipa::IntoParams;

use super::problem::Problem;
use super::request::{Asked, AtPort, Upgrade};
use super::socket::{PING_EVERY, SILENCE_LIMIT, bounded};
use super::{Peer, Web, closing};
use crate::access::Visitor;
use crate::journal::{Cursor, Step};
use crate::port::{Actor, Port};
use crate::record::{Gap, Kind, Offset};
use crate::span::Span;
use crate::wire::talk;

/// A message holds about this much, in bytes.
const BATCH: usize = 64 * 1024;
/// A line that is longer comes in pieces.
const MAX_LINE: usize = 64 * 1024;

/// The query of `raw`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RawQuery {
    /// The offset where it begins; with what comes next, if absent.
    from: Option<u64>,
}

/// The query of `/ws`.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TutorialQuery {
    /// The port; the first one if absent.
    port: Option<String>,
}

/// Opens a WebSocket that carries the bytes of one port and nothing else.
///
/// Binary messages: exactly what comes in, and what goes out. A reader that falls behind what is kept is closed with code 4001.
#[utoipa::path(get, path = "/api/v1/ports/{name}/raw", operation_id = "openRaw", tag = "Sockets", params(RawQuery),
    responses((status = 101, description = "the WebSocket is open")))]
pub async fn raw(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    visitor: Visitor,
    AtPort(port): AtPort,
    Asked(query): Asked<RawQuery>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, Problem> {
    let reach = port.journal().reach();
    let from = query
        .from
        .map_or(talk::From::Now, |from| talk::From::Offset(Offset(from)));
    let from = from
        .within(&reach)
        .ok_or_else(|| Problem::out_of_range(port.name(), &reach))?;
    Ok(open(
        web,
        (peer, visitor),
        upgrade,
        port,
        from,
        Dialect::Raw,
    ))
}

/// Opens a WebSocket that carries a port's lines as text, for the shortest of pages.
///
/// The first message is `connected`, then comes each line without its line feed. What is sent goes to the port as it is.
#[utoipa::path(get, path = "/ws", operation_id = "openLines", tag = "Sockets", params(TutorialQuery),
    responses((status = 101, description = "the WebSocket is open")))]
pub async fn tutorial(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    visitor: Visitor,
    Asked(query): Asked<TutorialQuery>,
    Upgrade(upgrade): Upgrade,
) -> Result<Response, Problem> {
    let port = match query.port {
        Some(name) => web.sight.port(&visitor.rights, &name)?,
        None => {
            let ports = web.sight.ports(&visitor.rights);
            let first = ports.into_iter().next();
            first.ok_or_else(|| Problem::unknown_port("", &[]))?
        }
    };
    let from = port.journal().reach().head;
    Ok(open(
        web,
        (peer, visitor),
        upgrade,
        port,
        from,
        Dialect::Tutorial(Lines::default()),
    ))
}

fn open(
    web: Web,
    (peer, visitor): (Peer, Visitor),
    upgrade: WebSocketUpgrade,
    port: Arc<Port>,
    from: Offset,
    dialect: Dialect,
) -> Response {
    bounded(upgrade, web.limits.message).on_upgrade(async move |socket| {
        let door = match dialect {
            Dialect::Raw => "raw",
            Dialect::Tutorial(_) => "ws",
        };
        let (actor, viewer) = web.arrive(door, peer.address.ip(), &visitor);
        let _visit = port.visit(&actor);
        let _presence = port.enter(&actor, viewer);
        let (mut sink, stream) = socket.split();
        // What the listener has to tell; a client that reads nothing is told nothing more. Raw
        // clients have no words to be told with.
        let (tell, told) = mpsc::channel(8);
        let tell = matches!(dialect, Dialect::Tutorial(_)).then_some(tell);
        let cursor = port.journal().cursor(from);
        let converse = async {
            let goodbye = tokio::select! {
                () = feed(cursor, &mut sink, dialect, told) => return,
                left = listen(&port, &actor, stream, web.limits, tell) => left,
                () = web.stop.cancelled() => Some(closing::server_stops()),
                () = visitor.ended.cancelled() => Some(closing::signed_out()),
            };
            closing::close(&mut sink, goodbye).await;
        };
        web.sockets.track_future(converse).await;
    })
}

/// How the bytes of a port become messages.
enum Dialect {
    Raw,
    Tutorial(Lines),
}

/// A stream of bytes on its way to become lines.
#[derive(Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// What came in of a line that will not be whole.
    fn take(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned())
    }

    /// Takes what came in; gives each line that is complete, without its line feed.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut line: impl FnMut(Cow<'_, str>)) {
        while !bytes.is_empty() {
            let room = MAX_LINE - self.rest.len();
            // The line feed has room behind a line of just this length.
            let end = bytes.iter().take(room + 1).position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(bytes.len().min(room));
            self.rest.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken + usize::from(end.is_some())..];
            if end.is_some() || !bytes.is_empty() {
                line(String::from_utf8_lossy(&self.rest));
                self.rest.clear();
            }
        }
    }
}

impl Dialect {
    fn greeting(&self) -> Option<Message> {
        match self {
            Self::Raw => None,
            Self::Tutorial(_) => Some(Message::Text("connected".into())),
        }
    }

    /// What the client did not get, as this dialect can say it.
    fn gap(&mut self, from: Offset, to: Offset) -> Vec<Message> {
        match self {
            Self::Raw => vec![Message::Close(Some(closing::gap(from, to)))],
            Self::Tutorial(lines) => {
                let told = format!("[seriald: {} bytes were lost here]", to.since(from));
                // What goes on behind the gap is another line than what was torn by it.
                let torn = lines.take().into_iter();
                torn.chain([told])
                    .map(|text| Message::Text(text.into()))
                    .collect()
            }
        }
    }

    /// The messages for what came in.
    fn messages(&mut self, span: &Span) -> Vec<Message> {
        let received = span.records().filter(|record| record.kind == Kind::Rx);
        match self {
            Self::Raw => {
                let mut bytes = Vec::with_capacity(span.len());
                received.for_each(|record| bytes.extend_from_slice(record.bytes));
                if bytes.is_empty() {
                    Vec::new()
                } else {
                    vec![Message::Binary(bytes.into())]
                }
            }
            Self::Tutorial(lines) => {
                let mut messages = Vec::new();
                received.for_each(|record| {
                    lines.push(record.bytes, |line| {
                        messages.push(Message::Text(line.into_owned().into()))
                    });
                });
                messages
            }
        }
    }
}

/// Sends what comes in, until the client is gone.
async fn feed(
    mut cursor: Cursor,
    sink: &mut SplitSink<WebSocket, Message>,
    mut dialect: Dialect,
    mut told: mpsc::Receiver<String>,
) {
    let mut span = Span::default();
    let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    let mut messages = Vec::from_iter(dialect.greeting());
    loop {
        for message in messages.drain(..) {
            let ends = matches!(message, Message::Close(_));
            if sink.feed(message).await.is_err() || ends {
                return drop(sink.flush().await);
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
        // All others are served before this one looks for more: sending to a client that keeps up
        // never waits.
        tokio::task::yield_now().await;
        tokio::select! {
            step = cursor.next(BATCH, &mut span) => messages = match step {
                Step::Span => dialect.messages(&span),
                Step::Gap(Gap { from, to, .. }) => dialect.gap(from, to),
            },
            Some(text) = told.recv() => messages = vec![Message::Text(text.into())],
            _ = ping.tick() => messages = vec![Message::Ping(Bytes::new())],
        }
    }
}

/// Writes what the client sends, in order, until it leaves; returns what to say
/// about that. A device that holds back holds back
/// this client, by not reading from it.
async fn listen(
    port: &Arc<Port>,
    actor: &Actor,
    mut stream: SplitStream<WebSocket>,
    limits: talk::Limits,
    tell: Option<mpsc::Sender<String>>,
) -> Option<CloseFrame> {
    while let Ok(Some(message)) = timeout(SILENCE_LIMIT, stream.next()).await {
        let bytes = match message {
            Ok(Message::Text(text)) => Bytes::from(text),
            Ok(Message::Binary(bytes)) => bytes,
            Ok(Message::Close(_)) => return None,
            Ok(Message::Ping(_) | Message::Pong(_)) => continue,
            Err(error) => return closing::after(error, limits.message),
        };
        for piece in bytes.chunks(limits.write) {
            let written = match port.write(actor, piece) {
                Ok(written) => written.await.map(drop),
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                tracing::debug!(port = port.name(), client = %actor.client, "not written: {error}");
                if let Some(tell) = &tell {
                    let _: Result<_, _> = tell.try_send(format!("[seriald: {error}]"));
                }
                break;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut all) = (Lines::default(), Vec::new());
        pieces
            .iter()
            .for_each(|piece| lines.push(piece, |line| all.push(line.into_owned())));
        all
    }

    proptest! {
        #[test]
        fn lines_are_the_same_wherever_the_stream_is_cut(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0xc3), any::<u8>()], 0..300),
            cut in any::<prop::sample::Index>(),
        ) {
            let cut = cut.index(bytes.len() + 1);
            let whole: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
            let whole = whole[..whole.len() - 1].iter().map(|line| String::from_utf8_lossy(line).into_owned());
            prop_assert_eq!(lines(&[&bytes[..cut], &bytes[cut..]]), whole.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_gap_never_joins_two_lines() {
        let mut dialect = Dialect::Tutorial(Lines {
            rest: b"torn".into(),
        });
        let texts = dialect.gap(Offset(10), Offset(25));
        let texts: Vec<_> = texts.iter().map(|text| text.to_text().unwrap()).collect();
        assert_eq!(texts, ["torn", "[seriald: 15 bytes were lost here]"]);
        assert_eq!(dialect.gap(Offset(30), Offset(31)).len(), 1);
    }

    #[test]
    fn an_endless_line_comes_in_pieces() {
        let pieces = lines(&[&vec![b'x'; 2 * MAX_LINE + 5], b"\n"]);
        assert_eq!(
            pieces.iter().map(String::len).collect::<Vec<_>>(),
            [MAX_LINE, MAX_LINE, 5]
        );
    }
}
