//! `seriald port-names`: what shells complete the name of a port with. People ask `seriald ports`.

use std::io::{Write, stdout};
use std::time::Duration;

use clap::{Args, Parser};
use seriald::client::socket::Socket;
use seriald::config::is_port_name;
use tokio::time::timeout;

use super::asking::runtime;
use super::server::Server;

/// Who types waits for the answer.
const PATIENCE: Duration = Duration::from_secs(1);
/// The options that say which server is meant.
const OPTIONS: [&str; 3] = ["--server", "--fingerprint", "--ca"];

/// For which command line.
#[derive(Args)]
pub struct PortNames {
    /// What was typed so far.
    #[arg(default_value = "", allow_hyphen_values = true)]
    line: String,
}

/// What matters of it.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Meant {
    #[command(flatten)]
    server: Server,
}

impl PortNames {
    /// Prints the names. Where there are none nothing is said: nobody has asked a question.
    pub fn run(&self) -> anyhow::Result<()> {
        // A shell may take what it is given for a command, so it gets nothing but names.
        let names = self.names().unwrap_or_default().into_iter();
        let names: String = names
            .filter(|name| is_port_name(name))
            .map(|name| name + "\n")
            .collect();
        Ok(stdout().lock().write_all(names.as_bytes())?)
    }

    fn names(&self) -> Option<Vec<String>> {
        let mut words = self.line.split_whitespace();
        let mut options = Vec::new();
        while let Some(word) = words.next() {
            let name = word.split('=').next().unwrap_or(word);
            if OPTIONS.contains(&name) {
                options.push(word);
                options.extend(words.next().filter(|_| name == word));
            }
        }
        let client = Meant::try_parse_from(options).ok()?.server.client().ok()?;
        let runtime = runtime().ok()?;
        let socket = runtime.block_on(async { timeout(PATIENCE, Socket::open(&client)).await });
        let names = socket.ok()?.ok()?.ports().keys().cloned().collect();
        // A name that is still looked up holds up nobody.
        runtime.shutdown_background();
        Some(names)
    }
}
