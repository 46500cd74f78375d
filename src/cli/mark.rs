//! `seriald mark`: pins a text to a moment, for scripts that know what they are doing just now.

use std::io::{Write, stdout};

use clap::Args;
use serde_json::json;

use super::asking::{expect_port_name, runtime};
use super::server::Server;

/// What is marked.
#[derive(Args)]
pub struct Mark {
    /// The port.
    port: String,
    /// What the mark says: one line of at most 1000 characters.
    text: String,
    /// Pin it to this offset of the port's journal. [default: now]
    #[arg(long, value_name = "OFFSET")]
    at: Option<u64>,
    /// Print what the server answers, as JSON: the mark's offset, its time and its journal.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Mark {
    /// Marks it, and prints the mark's offset.
    pub fn run(self) -> anyhow::Result<()> {
        expect_port_name(&self.port)?;
        let client = self.server.client()?;
        let runtime = runtime()?;
        let path = format!("api/v1/ports/{}/marks", self.port);
        let question = match self.at {
            Some(at) => json!({"text": self.text, "at": at}),
            None => json!({"text": self.text}),
        };
        let made = runtime.block_on(client.post(&path, &question))?;
        let told = if self.json { &made } else { &made["offset"] };
        Ok(writeln!(stdout(), "{told}")?)
    }
}
