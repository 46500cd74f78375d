//! `/api/v1/socket`: many ports on one WebSocket. Three tasks serve a connection: one listens to
//! the client, one feeds it records and answers, one tells it the states of the ports. They meet in
//! the bounded channel to the feeder, so a client that does not read stops only itself.

mod channels;
mod feed;
mod listen;
mod outcome;
mod readings;
mod subscription;
mod subscriptions;
mod tell;
mod work;

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::news::News;
use super::problem::Problem;
use super::request::Upgrade;
use super::{Peer, Web, closing};
use crate::access::Visitor;
use crate::record::Time;
use crate::right::Right;
use crate::wire::SUBPROTOCOL;
use crate::wire::talk::Say;
use feed::{Feed, Order};
use listen::Who;

/// Messages that may wait for the feeder.
const ORDERS: usize = 64;
/// How often a silent client is asked whether it is still there.
pub(super) const PING_EVERY: Duration = Duration::from_secs(20);
/// A client that said nothing for so long, not even to a ping, is gone.
pub(super) const SILENCE_LIMIT: Duration = Duration::from_secs(60);

/// Bytes that one read from a client takes. The buffer is zeroed for each and stays for as long as
/// the client does, and clients mostly send keystrokes.
const READ_BUFFER: usize = 4 * 1024;

/// Bounds what a client can make the server hold.
pub(super) fn bounded(upgrade: WebSocketUpgrade, message: usize) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(message)
        .max_frame_size(message)
}

/// Opens the WebSocket that carries everything: many ports, history, states and writes.
///
/// Its messages are described in the protocol of the subprotocol `seriald.v1`.
#[utoipa::path(get, path = "/api/v1/socket", operation_id = "openSocket", tag = "Sockets",
    responses((status = 101, description = "the WebSocket is open")))]
pub async fn upgrade(
    State(web): State<Web>,
    Extension(peer): Extension<Peer>,
    visitor: Visitor,
    headers: HeaderMap,
    Upgrade(upgrade): Upgrade,
) -> Response {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter();
    let offered = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    // A token travels among the subprotocols too; it is none.
    let mut versions = offered
        .map(str::trim)
        .filter(|name| !name.starts_with("bearer."))
        .peekable();
    if versions.peek().is_some() && !versions.any(|name| name == SUBPROTOCOL) {
        return Problem::bad(format!(
            "none of the offered subprotocols is known; offer {SUBPROTOCOL}"
        ))
        .into_response();
    }
    let upgrade = bounded(upgrade.protocols([SUBPROTOCOL]), web.limits.message);
    upgrade.on_upgrade(async move |socket| {
        let sockets = web.sockets.clone();
        sockets
            .track_future(converse(web, peer, visitor, socket))
            .await;
    })
}

async fn converse(web: Web, peer: Peer, visitor: Visitor, socket: WebSocket) {
    let (actor, viewer) = web.arrive("web", peer.address.ip(), &visitor);
    tracing::debug!(client = %actor.client, address = %peer.address, "connected");
    let _visit = web.audit.visit(|action| actor.entry(action));
    let (sink, stream) = socket.split();
    let (orders, inbox) = mpsc::channel(ORDERS);
    let may = visitor.rights.anywhere();
    let hello = Say::Hello {
        protocol: 1,
        version: env!("CARGO_PKG_VERSION"),
        boot: &web.boot,
        client: &actor.client,
        name: &actor.name,
        time: Time::now(),
        may: may.map_or(&[], Right::and_below),
        limits: web.limits,
    };
    // The channel is empty and its other end is in our hand.
    let _: Result<_, _> = orders.try_send(Order::Say(hello.to_text().into()));
    // Dropping a task's handle ends it: when the feeder is done, so are the others.
    let _telling = AbortOnDropHandle::new(tokio::spawn(tell::tell(
        News::new(&web, &visitor.rights, None),
        orders.clone(),
    )));
    let who = Who {
        visitor: visitor.clone(),
        actor: actor.clone(),
        viewer,
    };
    let listening = listen::listen(web.clone(), who, stream, orders);
    let listening = AbortOnDropHandle::new(tokio::spawn(listening));
    let stop = web.stop.clone();
    let goodbye = async {
        tokio::select! {
            // A listener that panicked has nothing to say.
            left = listening => left.unwrap_or_default(),
            () = stop.cancelled() => Some(closing::server_stops()),
            () = visitor.ended.cancelled() => Some(closing::signed_out()),
        }
    };
    Feed::new(sink, inbox).run(goodbye).await;
    tracing::debug!(client = %actor.client, "disconnected");
}
