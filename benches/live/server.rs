//! Server: a program under load, and how one gets to its ports.

use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::client::{Client, Dialect};
use super::program::{Program, free_ports};
use super::pty::Pty;

/// A server that accepts nobody after so long has failed.
const START_LIMIT: Duration = Duration::from_secs(10);

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// The bare loop.
    Floor,
    /// seriald's socket for the SDK.
    Sdk,
    /// seriald's socket of bare bytes.
    Raw,
}

/// A running server.
pub struct Server {
    contender: Contender,
    pub program: Program,
    address: SocketAddr,
    /// What it records to; goes when the server has ended.
    _data: TempDir,
}

impl Server {
    /// Starts the contender's program on these terminals.
    pub fn start(contender: Contender, ptys: &[Pty]) -> io::Result<Self> {
        let address = free_ports(ptys.len() as u16)?;
        let paths = ptys.iter().map(Pty::path);
        let data = TempDir::new()?;
        let command = match contender {
            Contender::Floor => {
                let mut command = Command::new(std::env::current_exe()?);
                command
                    .arg(super::FLOOR)
                    .arg(address.to_string())
                    .args(paths);
                command
            }
            Contender::Sdk | Contender::Raw => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_seriald"));
                command
                    .args(["serve", "--no-discover", "--listen", &address.to_string()])
                    .arg("--data")
                    .arg(data.path())
                    .args(super::is_unrecorded().then_some(super::NO_RECORD))
                    .args(paths.enumerate().map(|(number, path)| {
                        format!("{}={}@921600", name(number), path.display())
                    }));
                command
            }
        };
        Ok(Self {
            contender,
            program: Program::start(&mut { command })?,
            address,
            _data: data,
        })
    }

    /// Connects a client to one of the ports, when the server is up.
    pub fn connect(&mut self, port: usize) -> io::Result<Client> {
        let mut address = self.address;
        let name = name(port);
        let (path, dialect) = match self.contender {
            Contender::Floor => {
                address.set_port(address.port() + port as u16);
                ("/".to_owned(), Dialect::Bytes)
            }
            Contender::Sdk => ("/api/v1/socket".to_owned(), Dialect::Records),
            Contender::Raw => (format!("/api/v1/ports/{name}/raw"), Dialect::Bytes),
        };
        let give_up = Instant::now() + START_LIMIT;
        loop {
            match Client::connect(address, &path, &name, dialect, r#""now""#) {
                Ok(client) => return Ok(client),
                Err(error) if Instant::now() > give_up => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
            if let Some(status) = self.program.end()? {
                return Err(io::Error::other(format!("the server ended: {status}")));
            }
        }
    }
}

fn name(port: usize) -> String {
    format!("p{port}")
}
