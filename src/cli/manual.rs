//! `seriald man`: what manuals want to know of the command line.

use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};

use super::Cli;

/// Where the pages go.
#[derive(Args)]
pub struct Man {
    /// Write a page for each command into this folder. [default: print the page of seriald itself]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    /// Writes or prints them.
    pub fn run(&self) -> anyhow::Result<()> {
        let Some(folder) = &self.folder else {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            return Ok(stdout().lock().write_all(&page)?);
        };
        let written = fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
        written.with_context(|| folder.display().to_string())
    }
}
