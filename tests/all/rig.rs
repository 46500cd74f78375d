//! The rig: the real server with devices on ptys, and clients that hold it to its word.

pub mod bootloader;
pub mod broker;
pub mod chip;
pub mod client;
pub mod device;
pub mod disk;
pub mod far;
pub mod http;
pub mod lines;
pub mod memory;
pub mod people;
pub mod program;
pub mod provider;
pub mod random;
pub mod server;
pub mod terminal;
pub mod tls;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use client::Client;
use device::Device;
use lines::Lines;
use server::{Outcome, Server, program};

/// How long anything may take that is to happen at all, on a machine that is busy with other things.
pub const DEADLINE: Duration = Duration::from_secs(20);
/// How often a condition is looked at that cannot be waited for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Waits for something that is to happen.
pub async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    timeout(DEADLINE, happens)
        .await
        .unwrap_or_else(|_| panic!("within {DEADLINE:?} it did not happen that {what}"))
}

/// Waits until something is so that has no way to tell.
pub async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !so() {
        assert!(
            Instant::now() < deadline,
            "within {DEADLINE:?} it did not happen that {what}"
        );
        sleep(LOOK_EVERY).await;
    }
}

/// A server with devices that it has open.
pub struct Rig {
    // Dropped in this order: a server that loses its devices while it ends would tell of it.
    pub server: Server,
    /// The devices, by the names of their ports.
    pub devices: BTreeMap<String, Device>,
    pub folder: TempDir,
    arguments: Vec<String>,
}

impl Rig {
    /// A server with a port of each name, fast enough for whatever a test sends.
    pub async fn start(ports: &[&str]) -> Self {
        Self::with(ports, &[]).await
    }

    /// The same with flags.
    pub async fn with(ports: &[&str], flags: &[&str]) -> Self {
        Self::within(tempfile::tempdir().expect("a folder"), ports, flags).await
    }

    /// The same in a folder that is prepared.
    pub async fn within(folder: TempDir, ports: &[&str], flags: &[&str]) -> Self {
        Self::prepared(folder, ports, flags, |_| {}).await
    }

    /// The same with modem lines, for one port. Nothing where that cannot be.
    pub async fn with_lines(folder: TempDir, port: &str, flags: &[&str]) -> Option<(Self, Lines)> {
        let (log, mut lines) = (folder.path().join("lines"), None);
        let give = |command: &mut std::process::Command| lines = Lines::given_to(command, log);
        let rig = Self::prepared(folder, &[port], flags, give).await;
        lines.map(|lines| (rig, lines))
    }

    async fn prepared(
        folder: TempDir,
        ports: &[&str],
        flags: &[&str],
        prepare: impl FnOnce(&mut std::process::Command),
    ) -> Self {
        let rig = Self::begun(folder, ports, flags, prepare);
        rig.opened().await;
        rig
    }

    /// The same where strangers are told nothing: how the ports are is not waited for.
    pub fn closed(folder: TempDir, ports: &[&str], flags: &[&str]) -> Self {
        Self::begun(folder, ports, flags, |_| {})
    }

    fn begun(
        folder: TempDir,
        ports: &[&str],
        flags: &[&str],
        prepare: impl FnOnce(&mut std::process::Command),
    ) -> Self {
        let devices: BTreeMap<_, _> = ports
            .iter()
            .map(|name| {
                (
                    (*name).to_owned(),
                    Device::plugged(folder.path().join(name)),
                )
            })
            .collect();
        let spec = |name| format!("{name}={}@4000000", devices[name].link().display());
        let specs = ports.iter().copied().map(spec);
        let flags = flags.iter().map(|flag| (*flag).to_owned());
        let arguments: Vec<_> = flags.chain(specs).collect();
        Self {
            server: start(&folder, &arguments, prepare),
            devices,
            folder,
            arguments,
        }
    }

    /// Starts the server again, once it has ended.
    pub async fn restart(&mut self) {
        self.restart_closed();
        self.opened().await;
    }

    /// The same where strangers are told nothing.
    pub fn restart_closed(&mut self) {
        self.server = start(&self.folder, &self.arguments, |_| {});
    }

    /// The same where it was before.
    pub async fn restart_at(&mut self, address: &str) {
        self.arguments
            .splice(0..0, ["--listen".to_owned(), address.to_owned()]);
        self.restart().await;
    }

    /// Waits until all ports are open.
    async fn opened(&self) {
        for name in self.devices.keys() {
            soon("the port opens", async {
                while self.state(name).await["state"] != "open" {}
            })
            .await;
        }
    }

    /// The folder with the recording of a port.
    pub fn recording(&self, name: &str) -> PathBuf {
        self.folder.path().join("data/journal").join(name)
    }

    /// Waits until everything that came in so far is on disk.
    pub async fn stored(&self, name: &str) {
        soon("it is stored", async {
            let head = self.state(name).await["journal"]["head"].clone();
            while self.state(name).await["recording"]["stored"].as_u64() < head.as_u64() {}
        })
        .await;
    }

    /// The device of a port.
    pub fn device(&self, name: &str) -> &Device {
        &self.devices[name]
    }

    /// The same, to be pulled out.
    pub fn device_mut(&mut self, name: &str) -> &mut Device {
        self.devices.get_mut(name).expect("a port of this rig")
    }

    /// A client that knows the ports as they are when all are open.
    pub async fn client(&self) -> Client {
        let mut client = Client::connect(&self.server).await;
        for name in self.devices.keys() {
            client
                .state(name, "the port is open", |port| port["state"] == "open")
                .await;
        }
        client
    }

    /// Runs a command of the program that speaks to this server, without holding up the rig.
    pub async fn shell(&self, command: &str, more: &[&str], stdin: &[u8]) -> Outcome {
        self.shell_with(None, command, more, stdin).await
    }

    /// The same with the secret of a token.
    pub async fn shell_with(
        &self,
        secret: Option<&str>,
        command: &str,
        more: &[&str],
        stdin: &[u8],
    ) -> Outcome {
        let server = format!("http://{}", self.server.address());
        let mut child = Command::from(program())
            .envs(secret.map(|secret| ("SERIALD_TOKEN", secret)))
            .args([command, "--server", &server])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        // A command that does not read its input may have ended.
        let _: std::io::Result<()> = input.write_all(stdin).await;
        drop(input);
        let ended = soon("it ends", child.wait_with_output()).await.unwrap();
        Outcome {
            code: ended.status.code(),
            stdout: String::from_utf8(ended.stdout).expect("UTF-8"),
            stderr: String::from_utf8(ended.stderr).expect("UTF-8"),
        }
    }

    /// A port's state over plain HTTP.
    pub async fn state(&self, name: &str) -> Value {
        let path = format!("/api/v1/ports/{name}");
        http::get(self.server.address(), &path).await.json()
    }
}

fn start(
    folder: &TempDir,
    arguments: &[String],
    prepare: impl FnOnce(&mut std::process::Command),
) -> Server {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    Server::start_with(folder.path(), &arguments, prepare).expect("the program starts")
}
