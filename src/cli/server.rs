//! The server that a command speaks to: `--server`, here and nowhere else.

use std::fmt;

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

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.server)
    }
}

impl Server {
    /// The way there.
    pub fn client(&self) -> Result<Client, ClientError> {
        client(&self.server)
    }
}

/// A server that may be asked instead of what is on this machine.
#[derive(Args)]
pub struct Elsewhere {
    /// Ask this server that runs, not this machine. If it asks for its token, that is taken from
    /// SERIALD_TOKEN.
    #[arg(long, value_name = "URL", env = "SERIALD_SERVER")]
    server: Option<String>,
}

impl Elsewhere {
    /// The way there, if one is named.
    pub fn client(&self) -> Result<Option<Client>, ClientError> {
        self.server.as_deref().map(client).transpose()
    }
}

/// The way to a server. The token of one that asks for it stands in the environment only: other
/// users see what stands on a command line.
fn client(server: &str) -> Result<Client, ClientError> {
    Client::new(server, std::env::var("SERIALD_TOKEN").ok())
}
