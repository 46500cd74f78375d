//! macOS and Windows: nothing is told.

use std::path::Path;

use super::Interest;

/// Nothing that would happen.
pub struct Events;

impl Events {
    pub fn new(_interest: Interest) -> Self {
        Self
    }

    pub fn watch<P: AsRef<Path>>(&mut self, _folders: impl IntoIterator<Item = P>) -> bool {
        false
    }

    pub async fn next(&mut self) {
        std::future::pending().await
    }

    pub fn drain(&mut self) {}
}
