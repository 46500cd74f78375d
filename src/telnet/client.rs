//! A client: one connection to one port, from its arrival until both directions have ended.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::Shared;
use super::abandoned::abandoned;
use super::feed::{End, Feed};
use super::listen::{Left, Listener};
use super::stream::Stream;
use crate::accept::vanished;
use crate::access::Visitor;
use crate::doors::Dialect;
use crate::port::{Actor, Port};
use crate::right::{Right, Rights};
use crate::state::Phase;

/// What a client that is gone had sent may still be on its way to the device for so long.
const LAST_WRITES: Duration = Duration::from_secs(60);
/// What the listener may have to tell that was not sent yet. Then the client is not listened to.
const UNTOLD: usize = 32;

/// What a client is told that is not let in,
const REFUSAL: &[u8] =
    b"seriald: programs are not let in here; the administrator of this server can allow it\r\n";
/// and how long it may take to hear it.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Carries bytes both ways until the client is gone, or is let go.
pub(super) async fn converse(
    shared: &Shared,
    stream: Stream,
    address: SocketAddr,
    visitor: Visitor,
    dialect: Dialect,
    port: Arc<Port>,
    stop: CancellationToken,
) {
    let (actor, viewer) = shared.arrive(dialect, address.ip(), &visitor);
    if port.allow(&actor, Right::See).is_err() {
        return turn_away(stream, address, dialect, &port).await;
    }
    let manner = shared.manners.get(port.name()).cloned().unwrap_or_default();
    let types = actor.rights.allow(port.name(), Right::Type);
    let reset = manner
        .reset
        .filter(|_| dialect == Dialect::Tcp && types && is_only(&port));
    tracing::debug!(port = port.name(), %address, "{} came", viewer.name);
    if !types {
        tracing::info!(
            port = port.name(), %address,
            "{} may only look: what it sends is thrown away", viewer.name
        );
    }
    let visit = port.visit(&actor);
    let presence = port.enter(&actor, viewer);
    // Nobody has asked for a port that was only found; now somebody does.
    if port.state().phase == Phase::Closed
        && let Err(error) = port.open(&actor).await
    {
        tracing::debug!(port = port.name(), "not opened: {error}");
    }
    // The file says that it is played for whoever types, so it needs no right of its own.
    let by_file = Actor {
        rights: Rights::all(),
        ..actor.clone()
    };
    let (reader, writer, goodbye) = stream.into_split();
    let (tell, told) = mpsc::channel(UNTOLD);
    // A task of its own, so that what one direction wakes up for does not wake the other.
    let feed = Feed::new(&port, dialect, writer, told).run();
    let feed = AbortOnDropHandle::new(tokio::spawn(feed));
    let mut listener = Listener::new(&port, &actor, dialect, reader, tell, manner.as_sent);
    let end = {
        let gone = CancellationToken::new();
        let listening = async {
            // What the client says meanwhile is for a device that has started anew.
            if let Some(sequence) = reset
                && let Err(error) = port.pulse(&by_file, &sequence).await
            {
                tracing::warn!(
                    port = port.name(),
                    "{sequence} is not played for {}: {error}",
                    actor.name
                );
            }
            if listener.run().await == Left::HalfClosed {
                // Of what ended the feed, the stream itself may have nothing left to tell.
                tokio::select! {
                    () = until_closed(listener.stream()) => {}
                    () = gone.cancelled() => {}
                }
            }
        };
        tokio::pin!(listening);
        tokio::select! {
            biased;
            () = &mut listening => End::Gone,
            end = feed => {
                // One that panicked has nothing more to send.
                let end = end.unwrap_or(End::Gone);
                if matches!(end, End::Gone) {
                    gone.cancel();
                    let _: Result<_, _> = timeout(LAST_WRITES, listening).await;
                }
                end
            }
            () = stop.cancelled() => End::Gone,
            () = visitor.ended.cancelled() => End::Gone,
            () = shared.stop.cancelled() => End::Gone,
        }
    };
    listener.leave().await;
    let why = match end {
        End::Gone => None,
        End::Vanished => Some("has vanished"),
        End::Late => Some("did not read for too long"),
    };
    if let Some(why) = why {
        tracing::info!(port = port.name(), %address, "{} {why}", actor.name);
    }
    drop((presence, visit));
    tracing::debug!(port = port.name(), %address, "{} left", actor.name);
    goodbye.say().await;
}

/// Whether no client of raw TCP is there.
fn is_only(port: &Port) -> bool {
    let tcp = Dialect::Tcp.to_string();
    let state = port.watch();
    let state = state.borrow();
    state.viewers.iter().all(|viewer| viewer.door != tcp)
}

/// Tells a client that programs are not let in here.
async fn turn_away(stream: Stream, address: SocketAddr, dialect: Dialect, port: &Port) {
    let name = port.name();
    tracing::warn!(
        port = name, %address,
        "a {dialect} client was refused: there are accounts, and this door knows no login; \
         [[allow]] with who = [\"programs\"], right = \"type\" and ports = [{name:?}] lets programs in"
    );
    let (mut reader, mut writer, _) = stream.into_split();
    let told = async {
        writer.send(REFUSAL).await?;
        writer.end().await?;
        // Closed with something unread, the connection would be reset before the client has read why.
        let mut unread = [0; 1024];
        while reader.read(&mut unread).await? > 0 {}
        Ok(())
    };
    // Who does not listen is not waited for.
    let _: Result<std::io::Result<()>, _> = timeout(LAST_WORD, told).await;
}

/// Waits until a client that has said all it had to say is gone.
async fn until_closed(stream: &TcpStream) {
    vanished::ask_half_closed(stream);
    tokio::select! {
        // Nothing else becomes of a stream that was read to its end.
        _ = stream.ready(Interest::ERROR) => {}
        () = abandoned(stream) => {}
    }
}
