//! A pipe: what a thread that may block makes, on its way to a client.

use std::ops::ControlFlow;
use std::time::Duration;

use axum::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A client that takes nothing for so long keeps others waiting no longer.
const TAKE_LIMIT: Duration = Duration::from_secs(60);
/// Pieces that are made ahead of the client.
const AHEAD: usize = 16;

/// The thread's end.
pub struct Pipe {
    pieces: mpsc::Sender<Bytes>,
    stop: CancellationToken,
}

impl Pipe {
    /// A pipe, which breaks when the server stops; and the client's end.
    pub fn new(stop: CancellationToken) -> (Self, mpsc::Receiver<Bytes>) {
        let (pieces, taken) = mpsc::channel(AHEAD);
        (Self { pieces, stop }, taken)
    }

    /// Whether the client still wants something.
    pub fn is_open(&self) -> ControlFlow<()> {
        if self.pieces.is_closed() || self.stop.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Gives a piece to the client; waits for it if it is behind. Ends where the client has gone or
    /// takes nothing.
    pub fn put(&self, piece: Bytes) -> ControlFlow<()> {
        self.is_open()?;
        let is_sent = match self.pieces.try_send(piece) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(piece)) => Handle::current().block_on(async {
                let taken = timeout(TAKE_LIMIT, self.pieces.send(piece));
                tokio::select! {
                    taken = taken => matches!(taken, Ok(Ok(()))),
                    () = self.stop.cancelled() => false,
                }
            }),
        };
        if is_sent {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }
}

/// The piece that comes next, for a stream of them.
pub async fn next(mut taken: mpsc::Receiver<Bytes>) -> Option<(Bytes, mpsc::Receiver<Bytes>)> {
    Some((taken.recv().await?, taken))
}
