//! The server that a command speaks to: `--server`, here and nowhere else.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use seriald::client::trust::Trust;
use seriald::client::{Client, ClientError};
use seriald::tls::Fingerprint;

/// Holds the name of the job that ports are booked for.
pub const JOB: &str = "SERIALD_JOB";

/// A server that runs.
#[derive(Args)]
pub struct Server {
    /// The server. If it asks for its token, that is taken from SERIALD_TOKEN.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "SERIALD_SERVER",
        default_value = "http://127.0.0.1:8080"
    )]
    server: String,
    #[command(flatten)]
    trust: Trusted,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.server)
    }
}

impl Server {
    /// The way there.
    pub fn client(&self) -> Result<Client, ClientError> {
        client(&self.server, &self.trust)
    }
}

/// A server that may be asked instead of what is on this machine.
#[derive(Args)]
pub struct Elsewhere {
    /// Ask this server that runs, not this machine. If it asks for its token, that is taken from
    /// SERIALD_TOKEN.
    #[arg(long, value_name = "URL", env = "SERIALD_SERVER")]
    server: Option<String>,
    #[command(flatten)]
    trust: Trusted,
}

impl Elsewhere {
    /// The way there, if one is named.
    pub fn client(&self) -> Result<Option<Client>, ClientError> {
        let client = |server| client(server, &self.trust);
        self.server.as_deref().map(client).transpose()
    }
}

/// Whose certificate is believed, at an address that begins with https. [default: whom this machine
/// trusts]
#[derive(Args)]
struct Trusted {
    /// Believe the server, at https, that has the certificate of this fingerprint, which it printed at
    /// its start.
    #[arg(
        long,
        global = true,
        value_name = "SHA256:…",
        env = "SERIALD_FINGERPRINT",
        conflicts_with = "ca"
    )]
    fingerprint: Option<Fingerprint>,
    /// Believe a server, at https, that the authorities in this PEM file vouch for.
    #[arg(long, global = true, value_name = "FILE", env = "SERIALD_CA")]
    ca: Option<PathBuf>,
}

/// The way to a server. The token of one that asks for it stands in the environment only: other
/// users see what stands on a command line.
fn client(server: &str, trusted: &Trusted) -> Result<Client, ClientError> {
    let trust = match (trusted.fingerprint, &trusted.ca) {
        (Some(fingerprint), _) => Trust::Fingerprint(fingerprint),
        (None, Some(file)) => Trust::File(file.clone()),
        (None, None) => Trust::Machine,
    };
    let client = Client::new(server, variable("SERIALD_TOKEN"))?;
    let client = client.trusting(trust);
    Ok(match job() {
        Some(job) => client.named(job),
        None => client,
    })
}

/// The job that this is part of, if there is one. Ports may be booked for it.
fn job() -> Option<String> {
    variable(JOB)
}

/// What the environment holds. Nothing is as good as not set: jobs of a CI have it so.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Who is here, for others to see: the job, or else the user.
pub fn own_name() -> Option<String> {
    let name = job().or_else(|| std::env::var("USER").ok())?;
    let visible = name.chars().filter(|letter| !letter.is_control());
    let name: String = visible.take(64).collect();
    (!name.trim().is_empty()).then_some(name)
}
