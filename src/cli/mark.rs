//! `seriald mark`: pins a text to a moment, for scripts that know what they are doing just now.

use anyhow::bail;
use clap::Args;
use serde_json::json;
use seriald::client::{Client, ClientError};
use seriald::config::is_port_name;

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
    #[command(flatten)]
    server: Server,
}

/// A server that runs.
#[derive(Args)]
pub struct Server {
    /// The server. If it asks for its token, that is taken from SERIALD_TOKEN.
    #[arg(
        long,
        value_name = "URL",
        env = "SERIALD_SERVER",
        default_value = "http://127.0.0.1:8080"
    )]
    server: String,
}

impl Server {
    /// The way there. The token of a server that asks for one stands in the environment only: other
    /// users see what stands on a command line.
    pub fn client(&self) -> Result<Client, ClientError> {
        Client::new(&self.server, std::env::var("SERIALD_TOKEN").ok())
    }
}

impl Mark {
    /// Marks it, and prints the mark's offset.
    pub fn run(self) -> anyhow::Result<()> {
        if !is_port_name(&self.port) {
            bail!("{:?} cannot be a port's name", self.port);
        }
        let client = self.server.client()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let path = format!("api/v1/ports/{}/marks", self.port);
        let question = match self.at {
            Some(at) => json!({"text": self.text, "at": at}),
            None => json!({"text": self.text}),
        };
        let made = runtime.block_on(client.post(&path, &question))?;
        println!("{}", made["offset"]);
        Ok(())
    }
}
