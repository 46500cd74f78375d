//! `seriald say`: a line to all who watch a port.

use anyhow::bail;
use clap::Args;
use serde_json::json;
use seriald::config::is_port_name;

use super::server::Server;

/// What is said where.
#[derive(Args)]
pub struct Say {
    /// The port.
    port: String,
    /// What is said: one line of at most 500 characters. Nothing of it reaches the device.
    text: String,
    #[command(flatten)]
    server: Server,
}

impl Say {
    /// Says it, and prints the offset of what was said.
    pub fn run(self) -> anyhow::Result<()> {
        if !is_port_name(&self.port) {
            bail!("{:?} cannot be a port's name", self.port);
        }
        let client = self.server.client()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let path = format!("api/v1/ports/{}/say", self.port);
        let said = runtime.block_on(client.post(&path, &json!({"text": self.text})))?;
        println!("{}", said["offset"]);
        Ok(())
    }
}
