//! Server: a program under load, and what the system says of it.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::{Client, Dialect};
use super::pty::Pty;

/// Ticks of the system's clock a second, in which it counts a program's time.
const TICKS: f64 = 100.0;
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

/// A running program; it ends when this is dropped.
pub struct Server {
    contender: Contender,
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts the contender's program on these terminals.
    pub fn start(contender: Contender, ptys: &[Pty]) -> io::Result<Self> {
        let address = free_ports(ptys.len() as u16)?;
        let paths = ptys.iter().map(Pty::path);
        let mut command =
            match contender {
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
                    command.args(["serve", "--no-discover", "--listen", &address.to_string()]);
                    command.args(paths.enumerate().map(|(number, path)| {
                        format!("{}={}@921600", name(number), path.display())
                    }));
                    command
                }
            };
        let quiet = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(Self {
            contender,
            child: quiet.spawn()?,
            address,
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
            match Client::connect(address, &path, &name, dialect) {
                Ok(client) => return Ok(client),
                Err(error) if Instant::now() > give_up => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("the server ended: {status}")));
            }
        }
    }

    /// How long it has used a processor, in seconds.
    pub fn processor_time(&self) -> io::Result<f64> {
        let stat = fs::read_to_string(self.proc().join("stat"))?;
        // The name, in parentheses, may hold anything; user and system time are fields 14 and 15.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        Ok(ticks
            .filter_map(|field| field.parse::<f64>().ok())
            .sum::<f64>()
            / TICKS)
    }

    /// Its resident memory, in MiB.
    pub fn memory(&self) -> io::Result<f64> {
        Ok(self.status("VmRSS:")? / 1024.0)
    }

    /// How often it has gone to sleep.
    pub fn sleeps(&self) -> io::Result<f64> {
        self.status("voluntary_ctxt_switches:")
    }

    fn status(&self, field: &str) -> io::Result<f64> {
        let status = fs::read_to_string(self.proc().join("status"))?;
        let value = status.lines().find_map(|line| line.strip_prefix(field));
        let value = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
        value.ok_or_else(|| io::Error::other(format!("no {field} of the server")))
    }

    fn proc(&self) -> std::path::PathBuf {
        Path::new("/proc").join(self.child.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn name(port: usize) -> String {
    format!("p{port}")
}

/// So many free ports on the loopback, side by side; the first of them.
fn free_ports(count: u16) -> io::Result<SocketAddr> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    loop {
        let first = bind(0)?;
        let address = first.local_addr()?;
        let others: Result<Vec<_>, _> = (1..count)
            .map(|number| {
                bind(
                    address
                        .port()
                        .checked_add(number)
                        .ok_or(io::ErrorKind::Other)?,
                )
            })
            .collect();
        if others.is_ok() {
            return Ok(address);
        }
    }
}
