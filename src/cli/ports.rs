//! `seriald ports`: the serial ports of this machine, or those of a server and how they are.

use std::collections::BTreeMap;
use std::io::{Write, stdout};

use clap::Args;
use seriald::client::Client;
use seriald::client::link::{Link, Turn};
use seriald::client::socket::{Heard, Socket};
use seriald::client::told::Told;
use seriald::state::Seen;

use super::StopRequests;
use super::asking::runtime;
use super::server::Elsewhere;
use super::status;

/// What is listed, and how.
#[derive(Args)]
pub struct Ports {
    /// Print JSON: what /api/v1/ports answers with --server, and with --follow a line for each change.
    #[arg(long)]
    json: bool,
    /// Go on with what changes, until Ctrl-C.
    #[arg(long, short, requires = "server")]
    follow: bool,
    #[command(flatten)]
    server: Elsewhere,
}

impl Ports {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<()> {
        let client = self.server.client()?;
        let runtime = runtime()?;
        runtime.block_on(async {
            match client {
                Some(client) => self.of_server(client).await,
                None => self.of_machine().await,
            }
        })
    }

    async fn of_machine(self) -> anyhow::Result<()> {
        let found = seriald::hub::found().await;
        let mut out = stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &*found)?;
            writeln!(out)?;
        } else if found.is_empty() {
            eprintln!("No serial port was found. Plug a device in, or try: seriald demo");
        }
        for device in found.iter().filter(|_| !self.json) {
            writeln!(out, "{}\t{device}", device.path.display())?;
        }
        Ok(())
    }

    async fn of_server(self, client: Client) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        let socket = Socket::open(&client).await?;
        let ports = socket.ports();
        if self.json && !self.follow {
            let all: Vec<_> = ports.values().collect();
            serde_json::to_writer_pretty(&mut out, &all)?;
            writeln!(out)?;
            return Ok(());
        }
        if ports.is_empty() {
            eprintln!("seriald: {} has no port", client.server());
        }
        let mut told = Listing::new(self.json);
        for port in ports.values() {
            told.port(port, &mut out)?;
        }
        if self.follow {
            follow(Link::new(client, socket), told, &mut out).await?;
        }
        Ok(())
    }
}

/// What was told of each port.
struct Listing {
    json: bool,
    lines: BTreeMap<String, String>,
}

impl Listing {
    fn new(json: bool) -> Self {
        Self {
            json,
            lines: BTreeMap::new(),
        }
    }

    /// Tells of a port unless it was told so before.
    fn port(&mut self, port: &Seen, out: &mut impl Write) -> anyhow::Result<()> {
        let line = if self.json {
            serde_json::to_string(port)?
        } else {
            status::line(port)
        };
        self.line(&port.name, line, out)
    }

    fn gone(&mut self, name: &str, out: &mut impl Write) -> anyhow::Result<()> {
        let line = if self.json {
            serde_json::json!({"name": name, "state": null}).to_string()
        } else {
            format!("{name} is not listed any more")
        };
        self.line(name, line, out)
    }

    fn line(&mut self, name: &str, line: String, out: &mut impl Write) -> anyhow::Result<()> {
        if self.lines.get(name) != Some(&line) {
            writeln!(out, "{line}")?;
            self.lines.insert(name.to_owned(), line);
        }
        Ok(())
    }
}

/// Tells what changes, until the user has seen enough.
async fn follow(mut link: Link, mut told: Listing, out: &mut impl Write) -> anyhow::Result<()> {
    let mut stop = StopRequests::new()?;
    loop {
        out.flush()?;
        let turn = tokio::select! {
            () = stop.next() => return Ok(()),
            turn = link.next() => turn?,
        };
        match turn {
            Turn::Heard(Heard::Told(Told::Port { port })) => told.port(&port, out)?,
            Turn::Heard(Heard::Told(Told::PortGone { name })) => told.gone(&name, out)?,
            Turn::Heard(_) => {}
            Turn::Down(reason) => {
                eprintln!("seriald: the connection was lost ({reason}); trying again");
            }
            Turn::Up => {
                let ports = link.socket().map(|socket| socket.ports().clone());
                let ports = ports.unwrap_or_default();
                let known: Vec<_> = told.lines.keys().cloned().collect();
                for name in known.iter().filter(|name| !ports.contains_key(*name)) {
                    told.gone(name, out)?;
                }
                for port in ports.values() {
                    told.port(port, out)?;
                }
            }
        }
    }
}
