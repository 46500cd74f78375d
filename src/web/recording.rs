//! `GET /api/v1/recording`: all recordings in the folder, and what they take.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::Web;
use crate::store::Listed;

/// The answer. Without a folder nothing is recorded.
#[derive(Default, Serialize, ToSchema)]
pub struct Recordings {
    /// Where they are.
    #[schema(value_type = Option<String>)]
    folder: Option<PathBuf>,
    /// What all take on disk, in bytes,
    bytes: u64,
    /// what they may take,
    limit: u64,
    /// and what else there is room for; null where the system does not say.
    free: Option<u64>,
    /// Each of them.
    ports: Vec<One>,
}

/// One recording.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordingListed)]
struct One {
    /// Whether its port is listed now.
    listed: bool,
    #[serde(flatten)]
    recording: Listed,
}

/// Lists all recordings, and what they take on disk.
#[utoipa::path(get, path = "/api/v1/recording", operation_id = "listRecordings", tag = "Looking back",
    responses((status = 200, description = "all in the folder, also of ports that are not listed", body = Recordings)))]
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
