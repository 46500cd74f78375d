//! The recordings that a command reads: where they are, and one by its port's name.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use seriald::config::File;
use seriald::journal::Journal;
use seriald::store::{Store, StoreError};

/// Where the recordings are. No server is asked; one may run.
#[derive(Args)]
pub struct Recordings {
    /// The folder of what was recorded. [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "SERIALD_DATA")]
    data: Option<PathBuf>,
    /// Take the folder from this TOML file, if --data does not name it.
    #[arg(long, value_name = "FILE", env = "SERIALD_CONFIG")]
    config: Option<PathBuf>,
}

impl Recordings {
    /// The folder for what is kept.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        folder(self.data.as_ref(), self.config.as_ref())
    }

    /// All of them.
    pub fn open(&self) -> anyhow::Result<Store> {
        let folder = self.folder()?;
        Store::read_only(&folder).map_err(|error| match &error {
            StoreError::Denied { path, .. } if matches!(path.try_exists(), Ok(false)) => anyhow!(
                "there are no recordings in {}; --data names another folder",
                folder.display()
            ),
            _ => error.into(),
        })
    }

    /// The journal of one port, as far as it was recorded.
    pub fn journal(&self, port: &str) -> anyhow::Result<Arc<Journal>> {
        let store = self.open()?;
        expect(&store, port)?;
        Ok(Journal::recorded(&store, port)?)
    }

    /// Those of some ports, or of all where none is named; or why one cannot be read.
    pub fn journals(&self, ports: &[String]) -> anyhow::Result<Vec<Recorded>> {
        let store = self.open()?;
        for port in ports {
            expect(&store, port)?;
        }
        let ports = match ports {
            [] => store.names(),
            ports => ports.to_vec(),
        };
        let journal = |port: String| (Journal::recorded(&store, &port), port);
        Ok(ports.into_iter().map(journal).collect())
    }
}

/// What there is of a port, and its name.
pub type Recorded = (Result<Arc<Journal>, StoreError>, String);

/// Says what there is if there is no recording of that port.
fn expect(store: &Store, port: &str) -> anyhow::Result<()> {
    let names = store.names();
    if names.iter().any(|name| name == port) {
        return Ok(());
    }
    let known = match &names[..] {
        [] => "there is none at all".to_owned(),
        names => format!("there are recordings of: {}", names.join(", ")),
    };
    let folder = store.folder().display();
    bail!("there is no recording of a port {port:?} in {folder}; {known}");
}

/// The data folder: the one that is named, or stands in a file, or the platform's.
pub fn folder(data: Option<&PathBuf>, config: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    let of_file = || match config {
        Some(path) => Ok::<_, anyhow::Error>(File::read(path)?.file.data),
        None => Ok(None),
    };
    let folder = match data {
        Some(data) => Some(data.clone()),
        None => of_file()?.or_else(own_folder),
    };
    folder.context("this system has no data folder; name one with --data")
}

/// The platform's data folder.
pub fn own_folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "seriald")?;
    Some(folders.data_dir().to_owned())
}
