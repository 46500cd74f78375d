//! Closing: the reasons that a WebSocket is given when it ends.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::time::timeout;
use tungstenite::error::Error as Broken;

use crate::record::Offset;

/// A raw reader was too slow.
const GAP: u16 = 4001;
/// What let the client in counts no more. It may come again.
const SIGNED_OUT: u16 = 4003;

/// A client that does not read is not waited for when its connection ends.
const LIMIT: Duration = Duration::from_secs(1);

/// Ends a socket.
pub async fn close(sink: &mut SplitSink<WebSocket, Message>, goodbye: Option<CloseFrame>) {
    let end = async {
        if goodbye.is_some() {
            sink.send(Message::Close(goodbye)).await?;
        }
        // The answer to the client's own goodbye is ready and waits to be flushed.
        sink.close().await
    };
    // A client that is gone, or does not read, gets none.
    let _: Result<Result<(), axum::Error>, _> = timeout(LIMIT, end).await;
}

/// The server stops.
pub fn server_stops() -> CloseFrame {
    CloseFrame {
        code: close_code::AWAY,
        reason: "the server stops".into(),
    }
}

/// The client was signed out, or given other rights.
pub fn signed_out() -> CloseFrame {
    CloseFrame {
        code: SIGNED_OUT,
        reason: "signed out".into(),
    }
}

/// The bytes from `from` up to `to` are no longer kept, and this socket has no other words for it.
pub fn gap(from: Offset, to: Offset) -> CloseFrame {
    CloseFrame {
        code: GAP,
        reason: format!("gap {from}-{to}").into(),
    }
}

/// What the client did wrong, whose messages may have so many bytes; nothing where the connection itself
/// broke.
pub fn after(error: axum::Error, most: usize) -> Option<CloseFrame> {
    let error = error.into_inner();
    let (code, reason) = match error.downcast_ref::<Broken>()? {
        Broken::Capacity(_) => (close_code::SIZE, format!("a message may have {most} bytes")),
        Broken::Protocol(error) => (close_code::PROTOCOL, error.to_string()),
        Broken::Utf8(_) => (
            close_code::INVALID,
            "a text message must be UTF-8".to_owned(),
        ),
        _ => return None,
    };
    Some(CloseFrame {
        code,
        reason: reason.into(),
    })
}
