//! Program: a running process, and what the system says of it.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Ticks of the system's clock a second, in which it counts a program's time.
const TICKS: f64 = 100.0;
/// How the names of threads begin on which the runtime lets things wait for the system.
const HELPER: &str = "tokio-";

/// A running process; it ends when this is dropped.
pub struct Program(Child);

impl Program {
    /// Starts it, without a terminal.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let quiet = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        quiet.spawn().map(Self)
    }

    /// How it ended, if it has.
    pub fn end(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
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
        Ok(field(&self.proc().join("status"), "VmRSS:")? / 1024.0)
    }

    /// How often its threads have gone to sleep, but for those that end when they have nothing to do.
    pub fn sleeps(&self) -> io::Result<f64> {
        let mut sum = 0.0;
        for thread in fs::read_dir(self.proc().join("task"))? {
            let thread = thread?.path();
            if !fs::read_to_string(thread.join("comm"))?.starts_with(HELPER) {
                sum += field(&thread.join("status"), "voluntary_ctxt_switches:")?;
            }
        }
        Ok(sum)
    }

    /// Where the system tells of it.
    pub fn proc(&self) -> PathBuf {
        Path::new("/proc").join(self.0.id().to_string())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The number behind a name in a file of the system's.
pub fn field(file: &Path, name: &str) -> io::Result<f64> {
    let text = fs::read_to_string(file)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let value = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
    value.ok_or_else(|| io::Error::other(format!("no {name} in {}", file.display())))
}

/// So many free ports on the loopback, side by side; the first of them.
pub fn free_ports(count: u16) -> io::Result<SocketAddr> {
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
