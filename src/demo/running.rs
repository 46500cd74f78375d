//! Running: a demo device in a process of its own.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::Kind;

/// A demo device that lives until this is dropped, or until this process ends in whatever way: the
/// device watches its stdin, whose other end is held here.
pub struct Running {
    device: Child,
    path: PathBuf,
}

impl Running {
    /// The port to open.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.device.kill();
        let _ = self.device.wait();
    }
}

/// Starts `exe demo-device KIND` and learns the path of its port.
pub fn spawn(kind: Kind, exe: &Path) -> anyhow::Result<Running> {
    let device = Command::new(exe)
        .args(["demo-device", kind.as_str()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Ctrl-C at the terminal is for the server, which then ends its devices.
        .process_group(0)
        .spawn()
        .with_context(|| format!("{}: cannot start the demo device {kind}", exe.display()))?;
    let mut running = Running {
        device,
        path: PathBuf::new(),
    };

    let stdout = running
        .device
        .stdout
        .take()
        .expect("stdout was asked for as a pipe");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .with_context(|| format!("cannot read the port of the demo device {kind}"))?;
    let Some(path) = line.strip_suffix('\n') else {
        let status = running.device.wait()?;
        bail!("the demo device {kind} ended before it named its port: {status}");
    };
    running.path = PathBuf::from(path);
    Ok(running)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_the_device_prints_is_its_path() {
        let echo = spawn(Kind::Sensor, Path::new("/bin/echo")).expect("echo names a port");
        assert_eq!(echo.path(), Path::new("demo-device sensor"));
    }

    #[test]
    fn a_device_that_names_no_port_is_told_with_its_status() {
        let error = spawn(Kind::Login, Path::new("/bin/false"))
            .err()
            .expect("no port");
        assert!(error.to_string().contains("exit status: 1"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = spawn(Kind::Login, Path::new("/no/such/program"))
            .err()
            .expect("no program");
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }
}
