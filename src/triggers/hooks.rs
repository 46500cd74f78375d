//! Webhooks: what programs elsewhere are told, a few at a time and never for long.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use crate::client::Poster;

/// So many may wait; what comes when there is no room is thrown away.
const WAITING: usize = 64;
/// So many are told at the same time: one that is slow holds up the others no longer than it may.
const AT_ONCE: usize = 4;
/// After each try that failed, how long to wait for the next; behind the last there is none.
const PAUSES: [Option<Duration>; 3] = [
    Some(Duration::from_secs(1)),
    Some(Duration::from_secs(5)),
    None,
];

/// What is to be told to whom.
struct Call {
    address: String,
    json: Bytes,
}

/// Tells programs elsewhere.
pub struct Hooks {
    calls: mpsc::Sender<Call>,
    _telling: AbortOnDropHandle<()>,
}

impl Hooks {
    /// Begins to tell what comes.
    pub fn start() -> Self {
        let (calls, inbox) = mpsc::channel(WAITING);
        Self {
            calls,
            _telling: AbortOnDropHandle::new(tokio::spawn(tell(inbox))),
        }
    }

    /// Tells this soon, if there is room.
    pub fn tell(&self, address: &str, json: Vec<u8>) {
        let call = Call {
            address: address.to_owned(),
            json: json.into(),
        };
        if self.calls.try_send(call).is_err() {
            tracing::warn!(address, "not told: {WAITING} webhooks wait already");
        }
    }
}

async fn tell(mut calls: mpsc::Receiver<Call>) {
    let poster = Arc::new(Poster::default());
    let mut under_way = JoinSet::new();
    while let Some(call) = calls.recv().await {
        while under_way.len() >= AT_ONCE {
            under_way.join_next().await;
        }
        while under_way.try_join_next().is_some() {}
        under_way.spawn(insist(Arc::clone(&poster), call));
    }
}

async fn insist(poster: Arc<Poster>, Call { address, json }: Call) {
    for pause in PAUSES {
        match (poster.post(&address, json.clone()).await, pause) {
            (Ok(()), _) => return,
            (Err(error), Some(pause)) => {
                tracing::debug!(address, "not taken yet: {error}");
                sleep(pause).await;
            }
            (Err(error), None) => {
                tracing::warn!(address, "not taken, {} times: {error}", PAUSES.len());
            }
        }
    }
}
