//! `seriald mcp`: coding agents use the ports, by the Model Context Protocol over stdin and stdout.

use clap::Args;
use tokio::io::{BufReader, stdin, stdout};

use super::asking::runtime;
use super::server::Server;

/// Whose ports.
#[derive(Args)]
pub struct Mcp {
    #[command(flatten)]
    server: Server,
}

impl Mcp {
    /// Serves the agent that started this, until it has said everything.
    pub fn run(&self) -> anyhow::Result<()> {
        let client = self.server.client()?;
        let runtime = runtime()?;
        let served = runtime.block_on(seriald::mcp::serve(
            client,
            BufReader::new(stdin()),
            stdout(),
        ));
        // Reading stdin cannot be called off.
        runtime.shutdown_background();
        Ok(served?)
    }
}
