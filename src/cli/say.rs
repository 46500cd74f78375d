//! `seriald say`: a line to all who watch a port.

use std::io::{Write, stdout};

use clap::Args;
use serde_json::json;

use super::asking::{expect_port_name, runtime};
use super::server::Server;

/// What is said where.
#[derive(Args)]
pub struct Say {
    /// The port.
    port: String,
    /// What is said: one line of at most 500 characters. Nothing of it reaches the device.
    text: String,
    /// Print what the server answers, as JSON: the offset of what was said, its time and its journal.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: Server,
}

impl Say {
    /// Says it, and prints the offset of what was said.
    pub fn run(self) -> anyhow::Result<()> {
        expect_port_name(&self.port)?;
        let client = self.server.client()?;
        let runtime = runtime()?;
        let path = format!("api/v1/ports/{}/say", self.port);
        let said = runtime.block_on(client.post(&path, &json!({"text": self.text})))?;
        let told = if self.json { &said } else { &said["offset"] };
        Ok(writeln!(stdout(), "{told}")?)
    }
}
