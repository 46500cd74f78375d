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
    /// The bare loop without WebSocket.
    BareFloor,
    /// seriald's raw TCP.
    Tcp,
    /// seriald's RFC 2217.
    Rfc2217,
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
        let count = ptys.len() as u16;
        let address = free_ports(1 + count)?;
        let paths = ptys.iter().map(Pty::path);
        let data = TempDir::new()?;
        let command = match contender {
            Contender::Floor | Contender::BareFloor => {
                let mut command = Command::new(std::env::current_exe()?);
                let floor = match contender {
                    Contender::Floor => super::FLOOR,
                    _ => super::BARE_FLOOR,
                };
                command
                    .arg(floor)
                    .arg(behind(address, 0).to_string())
                    .args(paths);
                command
            }
            contender => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_seriald"));
                command
                    .args(["serve", "--no-discover", "--listen", &address.to_string()])
                    .arg("--data")
                    .arg(data.path())
                    .args(super::is_asked_for(super::NO_RECORD).then_some(super::NO_RECORD))
                    .args(paths.enumerate().map(|(number, path)| {
                        format!("{}={}@921600", name(number), path.display())
                    }));
                let door = match contender {
                    Contender::Tcp => Some("--tcp"),
                    Contender::Rfc2217 => Some("--rfc2217"),
                    _ => None,
                };
                for number in door.iter().flat_map(|_| 0..ptys.len()) {
                    let place = format!("{}={}", name(number), behind(address, number));
                    command.args(door).arg(place);
                }
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
        let own = behind(self.address, port);
        let name = name(port);
        let web = |address, path: &str, dialect| {
            Client::connect(address, path, &name, dialect, r#""now""#)
        };
        let connect = || match self.contender {
            Contender::Floor => web(own, "/", Dialect::Bytes),
            Contender::Sdk => web(self.address, "/api/v1/socket", Dialect::Records),
            Contender::Raw => {
                let path = format!("/api/v1/ports/{name}/raw");
                web(self.address, &path, Dialect::Bytes)
            }
            Contender::BareFloor | Contender::Tcp => Client::open(own, Dialect::Tcp),
            Contender::Rfc2217 => Client::open(own, Dialect::Rfc2217),
        };
        let give_up = Instant::now() + START_LIMIT;
        loop {
            match connect() {
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

/// Where a port is that has an address of its own, behind that of the console.
fn behind(address: SocketAddr, port: usize) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port() + 1 + port as u16)
}

fn name(port: usize) -> String {
    format!("p{port}")
}
