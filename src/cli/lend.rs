//! `seriald lend`: runs a program that needs a port's device for itself, and takes the device back.

use std::process::{ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use seriald::client::socket::Socket;
use seriald::client::{Answer, Client, ClientError};
use seriald::state::Phase;
use tokio::process::Command;
use tokio::time::timeout;

use super::asking::{expect_port_name, runtime};
use super::child::{asked_to_end, end_of};
use super::server::Server;

/// How long the server may take to have the device again.
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// What is lent to whom.
#[derive(Args)]
pub struct Lend {
    /// The port.
    port: String,
    /// The program and its arguments. {} stands for the device's path, and SERIALD_DEVICE holds it.
    #[arg(value_name = "COMMAND", last = true, required = true)]
    command: Vec<String>,
    /// Take the device back after so many seconds even if the program has not ended.
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    #[command(flatten)]
    server: Server,
}

impl Lend {
    /// Runs the program; its exit code is ours.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        expect_port_name(&self.port)?;
        let runtime = runtime()?;
        runtime.block_on(self.lend())
    }

    async fn lend(self) -> anyhow::Result<ExitCode> {
        let program = &self.command[0];
        let base = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let name: String = base.chars().take(64).collect();
        let question = json!({"to": name, "seconds": self.seconds});
        let path = format!("api/v1/ports/{}/lend", self.port);
        let client = self.server.client()?;
        let mut loan = client.follow(&path, &question).await?;
        let said = loan.line().await?.unwrap_or_default();
        let Some(device) = said["path"].as_str() else {
            bail!(
                "the server did not say where the device of {} is",
                self.port
            );
        };
        let arguments = self.command.iter().map(|word| word.replace("{}", device));
        let arguments: Vec<_> = arguments.collect();
        // From here on somebody has to see the program to its end.
        let asked = asked_to_end()?;
        let child = Command::new(&arguments[0])
            .args(&arguments[1..])
            .env("SERIALD_DEVICE", device)
            .stdin(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{program} cannot be run"))?;
        let ended = end_of(child, asked);
        tokio::pin!(ended);
        let code = tokio::select! {
            ended = &mut ended => ended?,
            why = end_of_loan(&mut loan) => {
                eprintln!("seriald: {why}; {program} still runs");
                ended.await?
            }
        };
        drop(loan);
        // The next command of a script may want the port. What keeps it away then is that one's to tell.
        let _: Result<_, _> = timeout(BACK_WITHIN, back(&client, &self.port)).await;
        Ok(code)
    }
}

/// Waits until the port has its device again, if it had it before.
async fn back(client: &Client, port: &str) -> Result<(), ClientError> {
    let mut socket = Socket::open(client).await?;
    while socket.ports().get(port).is_some_and(|port| {
        port.lent.is_some() || matches!(port.phase, Phase::Released | Phase::Opening)
    }) {
        socket.next().await?;
    }
    Ok(())
}

/// Waits until the device was taken back, and says why.
async fn end_of_loan(loan: &mut Answer) -> String {
    match loan.line().await {
        Ok(Some(said)) => match said["ended"].as_str() {
            Some("taken-back") => "somebody took the device back".to_owned(),
            Some("time") => "the time is over, and the device was taken back".to_owned(),
            _ => "the server ended".to_owned(),
        },
        Ok(None) => "the server took the device back".to_owned(),
        Err(error) => error.to_string(),
    }
}
