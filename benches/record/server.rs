//! Server: the release binary on some terminals, and what it says of itself.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::program::{Program, field, free_ports};
use super::pty::Pty;

/// What has not happened after so long will not.
const LIMIT: Duration = Duration::from_secs(30);
/// The name of the thread that records.
const RECORDER: &str = "recorder\n";

/// A running server.
pub struct Server {
    pub program: Program,
    pub address: SocketAddr,
}

/// What the system has counted.
#[derive(Clone, Copy)]
pub struct Io {
    /// Bytes handed to the system.
    pub handed: f64,
    /// Bytes handed on to the disk, sooner or later.
    pub written: f64,
}

impl Server {
    /// Starts it and waits until it answers. With a file `syncs`, each time it waits for the disk
    /// becomes a line there, where strace is installed.
    pub fn start(
        data: &Path,
        ptys: &[Pty],
        record: bool,
        syncs: Option<&Path>,
    ) -> io::Result<Self> {
        let address = free_ports(1)?;
        let binary = env!("CARGO_BIN_EXE_seriald");
        let mut command = match syncs.filter(|_| has_strace()) {
            Some(file) => {
                let mut command = Command::new("strace");
                // As a grandchild, so that what runs here is the server itself.
                command.args(["-D", "-f", "-q", "--seccomp-bpf"]);
                command.args(["-e", "trace=fsync,fdatasync", "-o"]);
                command.arg(file).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        command
            .args(["serve", "--no-discover", "--keep", "1024GiB"])
            .args(["--listen", &address.to_string()])
            .arg("--data")
            .arg(data)
            .args((!record).then_some("--no-record"));
        for (number, pty) in ptys.iter().enumerate() {
            command.arg(format!("p{number}={}@921600", pty.path().display()));
        }
        let mut server = Self {
            program: Program::start(&mut command)?,
            address,
        };
        let give_up = Instant::now() + LIMIT;
        while let Err(error) = server.ports() {
            if Instant::now() > give_up {
                return Err(error);
            }
            if let Some(status) = server.program.end()? {
                return Err(io::Error::other(format!("the server ended: {status}")));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(server)
    }

    /// Waits until all devices are open.
    pub fn wait_open(&self) -> io::Result<()> {
        self.wait("the devices are not opened", |port| port["state"] == "open")
    }

    /// Waits until everything is recorded; returns the bytes of the devices, and how many bytes could
    /// not be recorded.
    pub fn wait_stored(&self) -> io::Result<(f64, f64)> {
        self.wait("it is not stored", |port| {
            port["recording"]["stored"] == port["journal"]["head"]
        })?;
        let ports = self.ports()?;
        let sum = |room: &str, name: &str| {
            let numbers = ports.iter().filter_map(|port| port[room][name].as_f64());
            numbers.sum::<f64>()
        };
        Ok((sum("total", "rx"), sum("recording", "lost")))
    }

    fn wait(&self, problem: &str, is_so: impl Fn(&serde_json::Value) -> bool) -> io::Result<()> {
        let give_up = Instant::now() + LIMIT;
        while !self.ports()?.iter().all(&is_so) {
            if Instant::now() > give_up {
                return Err(io::Error::other(problem));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn ports(&self) -> io::Result<Vec<serde_json::Value>> {
        let mut json = Vec::new();
        self.get("/api/v1/ports", |bytes| json.extend_from_slice(bytes))?;
        Ok(serde_json::from_slice(&json)?)
    }

    /// Asks for something; the answer comes piece by piece.
    pub fn get(&self, path: &str, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        // To version 1.0 the answer comes as it is, and ends with the connection.
        let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(request.as_bytes())?;
        let (mut head, mut buffer) = (Vec::new(), vec![0; 1 << 18]);
        let mut is_body = false;
        loop {
            let length = stream.read(&mut buffer)?;
            let bytes = &buffer[..length];
            if length == 0 {
                break;
            }
            if is_body {
                each(bytes);
                continue;
            }
            head.extend_from_slice(bytes);
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                each(&head[end + 4..]);
                head.truncate(end);
                is_body = true;
            }
        }
        let status = head.split(|byte| *byte == b' ').nth(1);
        if status == Some(b"200") {
            Ok(())
        } else {
            let head = String::from_utf8_lossy(&head).into_owned();
            Err(io::Error::other(head))
        }
    }

    /// How often the recorder has gone to sleep.
    pub fn recorder_sleeps(&self) -> io::Result<f64> {
        for thread in fs::read_dir(self.program.proc().join("task"))? {
            let thread = thread?.path();
            if fs::read_to_string(thread.join("comm"))? == RECORDER {
                return field(&thread.join("status"), "voluntary_ctxt_switches:");
            }
        }
        Err(io::Error::other("nobody records"))
    }

    /// What it has written.
    pub fn io(&self) -> io::Result<Io> {
        let file = self.program.proc().join("io");
        Ok(Io {
            handed: field(&file, "wchar:")?,
            written: field(&file, "write_bytes:")?,
        })
    }

    /// The most memory that it had since [`forget_peak`](Self::forget_peak), in MiB.
    pub fn peak(&self) -> io::Result<f64> {
        Ok(field(&self.program.proc().join("status"), "VmHWM:")? / 1024.0)
    }

    /// Lets the peak be what it has now.
    pub fn forget_peak(&self) -> io::Result<()> {
        fs::write(self.program.proc().join("clear_refs"), "5")
    }
}

/// Whether it can be seen how often a program waits for the disk.
pub fn has_strace() -> bool {
    Command::new("strace").arg("-V").output().is_ok()
}
