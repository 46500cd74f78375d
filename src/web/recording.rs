//! `GET /api/v1/recording`: all recordings in the folder, and what they take.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use super::Web;
use super::request::NoGuest;
use crate::right::Right;
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

/// Lists the recordings of ports that you may see, and what all take on disk.
#[utoipa::path(get, path = "/api/v1/recording", operation_id = "listRecordings", tag = "Looking back",
    responses((status = 200, description = "those in the folder, also of ports that are not listed", body = Recordings)))]
pub async fn list(State(web): State<Web>, NoGuest(visitor): NoGuest) -> Json<Recordings> {
    let Some((store, limit)) = web.sight.journals().store() else {
        return Json(Recordings::default());
    };
    let (store, limit) = (Arc::clone(store), *limit);
    let folder = Some(store.folder().to_owned());
    let read = spawn_blocking(move || (store.list(), store.free()));
    let (all, free) = read.await.expect("a folder can be listed");
    let bytes = all.iter().map(|one| one.bytes).sum();
    let seen = web.sight.ports(&visitor.rights);
    let ports = all
        .into_iter()
        .filter(|one| visitor.rights.allow(&one.name, Right::See))
        .map(|recording| One {
            listed: seen.iter().any(|port| port.name() == recording.name),
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
