//! `GET /api/v1/recording`: all recordings in the folder, and what they take.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::Web;
use crate::store::Listed;

/// The answer. Without a folder nothing is recorded.
#[derive(Default, Serialize)]
pub struct Recordings {
    folder: Option<PathBuf>,
    /// What all take on disk, in bytes,
    bytes: u64,
    /// what they may take,
    limit: u64,
    /// and what else there is room for; null where the system does not say.
    free: Option<u64>,
    ports: Vec<One>,
}

/// One recording.
#[derive(Serialize)]
struct One {
    /// Whether its port is listed now.
    listed: bool,
    #[serde(flatten)]
    recording: Listed,
}

/// Answers with all of them.
pub async fn list(State(web): State<Web>) -> Json<Recordings> {
    let Some((store, limit)) = web.hub.journals().store() else {
        return Json(Recordings::default());
    };
    let (store, limit) = (Arc::clone(store), *limit);
    let folder = Some(store.folder().to_owned());
    let read = spawn_blocking(move || (store.list(), store.free()));
    let (all, free) = read.await.expect("a folder can be listed");
    let bytes = all.iter().map(|one| one.bytes).sum();
    let ports = all.into_iter().map(|recording| One {
        listed: web.hub.get(&recording.name).is_some(),
        recording,
    });
    Json(Recordings {
        folder,
        bytes,
        limit,
        free,
        ports: ports.collect(),
    })
}
