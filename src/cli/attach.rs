//! `seriald attach`: a terminal on a port, through the server.

mod backlog;
#[cfg(target_os = "linux")]
mod claim;
mod commands;
#[cfg(target_os = "linux")]
mod device_file;
mod events;
#[cfg(target_os = "linux")]
mod held;
#[cfg(target_os = "linux")]
mod packets;
mod past;
#[cfg(target_os = "linux")]
mod program;
mod prompt;
mod replies;
mod report;
mod screen;
mod session;
mod signals;
mod terminal;
mod typing;
mod view;
mod whose;

#[cfg(target_os = "linux")]
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use seriald::client::link::Link;
use seriald::client::socket::Socket;
use seriald::client::tap::{Tap, Wish};
use seriald::place::Place;
use seriald::terminal::keys::Escape;

use super::asking::{expect_port_name, runtime};
use super::line_end::LineEnd;
use super::server::{Server, own_name};
#[cfg(target_os = "linux")]
use device_file::DeviceFile;
use session::{NotTaken, Options, Session};
use terminal::Ends;
use view::View;

const FAILED: u8 = 2;
/// The last lines that a person is shown where nobody says how many.
const LINES: usize = 20;

/// A terminal on a port. Exits with 0 when you leave, or when what came in on stdin was sent and the
/// reply is here; 1 if not all of it was taken; 2 after an error; 128 and its number after a signal.
#[derive(Args)]
pub struct Attach {
    /// The port.
    port: String,
    /// The key that commands begin with: ^A to ^Z, ^], ^\, ^^, ^_, or none.
    #[arg(long, value_name = "KEY", default_value = "^]")]
    escape: Escape,
    /// Only look: nothing typed reaches the device.
    #[arg(long, short)]
    read_only: bool,
    /// Where one at a time may type: take the turn, or ask for it where somebody has it.
    #[arg(long, conflicts_with = "read_only")]
    take: bool,
    /// Take it, whoever has it; who has it is told.
    #[arg(long, conflicts_with_all = ["read_only", "take"])]
    force: bool,
    /// Put the time in front of each line.
    #[arg(long, short)]
    timestamps: bool,
    /// Show hex digits.
    #[arg(long)]
    hex: bool,
    /// Show the last lines first. [default: 20 on a terminal, else 0]
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "from")]
    lines: Option<usize>,
    /// Begin here: an offset, -N for N bytes before the end, a time, or so long ago (-10m).
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    from: Option<Place>,
    /// Show what is typed, for devices that do not.
    #[arg(long)]
    echo: bool,
    /// What Enter sends.
    #[arg(long, value_enum, default_value_t = LineEnd::Cr)]
    enter: LineEnd,
    /// Show LF as CR LF, for devices that end their lines with LF alone.
    #[arg(long)]
    crlf: bool,
    /// When stdin has ended, stay so many milliseconds. [default: until the device was silent for 500,
    /// at most 5000] With --read-only, which reads no stdin in a pipe: from the beginning. [default: for ever]
    #[arg(long, value_name = "MS")]
    wait: Option<u64>,
    /// Give programs of this machine a device file for the port: PATH becomes a link to a pty, until
    /// Ctrl-C. Speed, stop bits and flow control go to the port as programs set them.
    #[cfg(target_os = "linux")]
    #[arg(long, value_name = "PATH", conflicts_with_all = ["escape", "timestamps", "hex", "lines", "from", "echo", "enter", "crlf", "wait", "take", "force"])]
    pty: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
}

impl Attach {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        match self.attach() {
            Ok(code) => code,
            Err(error) if super::is_broken_pipe(&error) => ExitCode::SUCCESS,
            Err(error) => {
                screen::say(&format!("{error:#}"));
                let is_partial = error.downcast_ref::<NotTaken>().is_some();
                if is_partial { NotTaken::CODE } else { FAILED }.into()
            }
        }
    }

    fn attach(self) -> anyhow::Result<ExitCode> {
        expect_port_name(&self.port)?;
        let runtime = runtime()?;
        let done = runtime.block_on(self.converse());
        // A thread may still wait for a key.
        runtime.shutdown_background();
        done
    }

    async fn converse(self) -> anyhow::Result<ExitCode> {
        let ends = Ends::here();
        let client = self.server.client()?;
        let mut socket = Socket::open(&client).await?;
        #[cfg(target_os = "linux")]
        if let Some(path) = &self.pty {
            let wish = Wish {
                port: self.port.clone(),
                from: "now".into(),
                journal: None,
                answers: false,
                name: own_name(),
            };
            let tap = Tap::new(Link::new(client, socket), wish);
            let file = DeviceFile::make(tap, self.port, path, self.read_only).await?;
            file.run().await?;
            return Ok(ExitCode::SUCCESS);
        }
        let (from, journal) = self.beginning(&mut socket, ends).await?;
        let wish = Wish {
            port: self.port.clone(),
            from,
            journal,
            answers: ends.typed && ends.shown && !self.read_only,
            name: own_name(),
        };
        let tap = Tap::new(Link::new(client, socket), wish);
        let mut view = View::new(ends.typed);
        (view.hex, view.times, view.crlf) = (self.hex, self.timestamps, self.crlf);
        let options = Options {
            port: self.port,
            server: self.server.to_string(),
            escape: self.escape,
            read_only: self.read_only,
            turn: match (self.take, self.force) {
                (true, _) => Some("ask"),
                (_, true) => Some("force"),
                _ => None,
            },
            echo: self.echo,
            enter: self.enter.as_str(),
            wait: self.wait.map(Duration::from_millis),
        };
        Session::new(tap, ends, view, options).run().await
    }

    /// Where it begins, and the journal if that is an offset.
    async fn beginning(
        &self,
        socket: &mut Socket,
        ends: Ends,
    ) -> anyhow::Result<(Value, Option<u32>)> {
        // Of a port that is not there the server says which are.
        let Some(state) = socket.ports().get(&self.port).cloned() else {
            return Ok(("now".into(), None));
        };
        let reach = state.journal;
        Ok(match self.from {
            Some(Place::Offset(offset)) => (json!(offset), None),
            Some(Place::Back(bytes)) => (json!(-i64::try_from(bytes)?), None),
            Some(Place::Time(time)) => {
                let question = json!({"type": "moment", "port": self.port, "time": time});
                let found = socket.request(question).await?;
                (found["offset"].clone(), Some(reach.id))
            }
            None => {
                let usual = if ends.typed && ends.shown { LINES } else { 0 };
                let lines = self.lines.unwrap_or(usual);
                let offset = past::last_lines(socket, &self.port, &reach, lines).await?;
                (json!(offset), Some(reach.id))
            }
        })
    }
}
