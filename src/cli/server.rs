//! The server that a command speaks to.

use clap::Args;
use seriald::client::{Client, ClientError};

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
