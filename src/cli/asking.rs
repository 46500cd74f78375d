//! Asking: what commands have in common that wait for a server's answer.

use std::io;

use seriald::config::is_port_name;
use tokio::runtime::{Builder, Runtime};

/// What a command waits with: one thread is enough.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Ready where this can be a port's name: what cannot be one is no part of an address.
pub fn expect_port_name(name: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        is_port_name(name),
        "{name:?} cannot be a port's name: one has letters, digits, dots, dashes and underscores"
    );
    Ok(())
}
