//! A draft: a file for a flasher that is still on its way here. Whole, it is a firmware.

use std::path::Path;

use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

use super::FlashError;
use crate::config::Flasher;
use crate::hex;
use crate::identity::clean;

/// What a file is called that came without a name.
const UNNAMED: &str = "firmware";

/// A file that is still on its way here.
pub struct Draft {
    firmware: Firmware,
    file: tokio::fs::File,
    sum: Sha256,
}

/// A file that can be written to a device; it is gone when this is dropped.
pub struct Firmware {
    /// The name of the flasher that it is for, and what people call that.
    pub(super) command: String,
    pub(super) title: String,
    pub(super) flasher: Flasher,
    /// What it was called where it came from: for people, and never a path here.
    pub(super) name: String,
    pub(super) size: usize,
    pub(super) sha256: String,
    place: TempPath,
}

impl Draft {
    /// Begins a file for a flasher.
    pub(super) async fn begin(
        command: &str,
        flasher: &Flasher,
        file: &str,
    ) -> Result<Self, FlashError> {
        let title = flasher.title.as_deref().unwrap_or(command);
        let name = clean(file.as_bytes()).unwrap_or_else(|| UNNAMED.to_owned());
        let Some(ending) = flasher.ending(&name) else {
            return Err(FlashError::Ending {
                title: title.to_owned(),
                endings: flasher.files.join(" or "),
                file: name,
            });
        };
        // Some programs look at the ending to see what a file is. It is one of the configuration's.
        let ending = ending.to_owned();
        let made = spawn_blocking(move || {
            let mut naming = tempfile::Builder::new();
            naming.prefix("seriald-").suffix(&ending).tempfile()
        });
        let made = made.await.expect("a file can be made");
        let (file, place) = made
            .map(NamedTempFile::into_parts)
            .map_err(FlashError::File)?;
        Ok(Self {
            firmware: Firmware {
                command: command.to_owned(),
                title: title.to_owned(),
                flasher: flasher.clone(),
                name,
                size: 0,
                sha256: String::new(),
                place,
            },
            file: file.into(),
            sum: Sha256::new(),
        })
    }

    /// The most that it may hold, in bytes.
    pub fn limit(&self) -> usize {
        self.firmware.flasher.size
    }

    /// That it is too large.
    pub fn too_large(&self) -> FlashError {
        FlashError::TooLarge {
            title: self.firmware.title.clone(),
            limit: self.limit(),
        }
    }

    /// Adds what came.
    ///
    /// # Errors
    /// If it is too much, or there is no room for it.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), FlashError> {
        self.firmware.size += bytes.len();
        if self.firmware.size > self.limit() {
            return Err(self.too_large());
        }
        self.sum.update(bytes);
        self.file.write_all(bytes).await.map_err(FlashError::File)
    }

    /// It is whole.
    ///
    /// # Errors
    /// If it is empty, or there is no room for the rest.
    pub async fn finish(mut self) -> Result<Firmware, FlashError> {
        if self.firmware.size == 0 {
            return Err(FlashError::Empty);
        }
        self.file.flush().await.map_err(FlashError::File)?;
        self.firmware.sha256 = hex::encode(&self.sum.finalize());
        Ok(self.firmware)
    }
}

impl Firmware {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.place
    }
}
