//! Slips: a command that is misspelt would be taken for a port.

use std::iter;

use anyhow::bail;
use clap::CommandFactory;
use seriald::config::{PortSpec, nearest};

use super::Cli;

/// Ready unless the first port is a word that is no file here, and nearly a command.
///
/// # Errors
/// If it is, with the command that was probably meant.
pub fn expect_none(ports: &[PortSpec]) -> anyhow::Result<()> {
    let Some(PortSpec { name, device, .. }) = ports.first() else {
        return Ok(());
    };
    let is_word = device.as_os_str() == name.as_str() && !device.exists();
    let cli = Cli::command();
    let shown = cli.get_subcommands().filter(|each| !each.is_hide_set());
    let words =
        shown.flat_map(|each| iter::once(each.get_name()).chain(each.get_visible_aliases()));
    match nearest(name, words) {
        Some(command) if is_word => bail!(
            "there is neither a command nor a device {name:?}; did you mean: seriald {command}"
        ),
        _ => Ok(()),
    }
}
