//! A broker: mosquitto on a free port of its own, and what it is told.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::sleep;

use super::{LOOK_EVERY, soon};

/// What each watcher is told first, so that it is known to listen.
const PROBE: &str = "probe";

/// A running broker.
pub struct Broker {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub topic: String,
    pub payload: String,
    /// The broker had kept it.
    pub kept: bool,
}

impl Heard {
    /// The payload as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.payload)
            .unwrap_or_else(|error| panic!("{error}: {}", self.payload))
    }
}

/// Where a program of mosquitto's is, if it is installed.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn client(name: &str) -> Command {
    let mut command = Command::new(program(name).expect("it was looked for"));
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

impl Broker {
    /// Whether there is one on this machine. Where there is none its tests say that they are skipped.
    pub fn is_here() -> bool {
        let is_here = ["mosquitto", "mosquitto_sub", "mosquitto_pub"]
            .into_iter()
            .all(|name| program(name).is_some());
        if !is_here {
            eprintln!("skipped: mosquitto and mosquitto-clients are not installed");
        }
        is_here
    }

    /// A broker that is not there yet, with more of a configuration.
    pub fn absent(more: &str) -> Self {
        let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = free.local_addr().expect("an address").port();
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!("listener {port} 127.0.0.1\nallow_anonymous true\n{more}\n");
        fs::write(folder.path().join("mosquitto.conf"), config).expect("a file");
        Self {
            folder,
            port,
            child: None,
        }
    }

    /// A broker that lets everybody in.
    pub async fn start() -> Self {
        let mut broker = Self::absent("");
        broker.begin().await;
        broker
    }

    /// Begins to run.
    pub async fn begin(&mut self) {
        let mut command = client("mosquitto");
        command
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"));
        let log = fs::File::create(self.folder.path().join("log")).expect("a file");
        let child = command.stdout(Stdio::null()).stderr(log).spawn();
        self.child = Some(child.expect("it starts"));
        let port = self.port;
        soon("the broker listens", async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                sleep(LOOK_EVERY).await;
            }
        })
        .await;
    }

    /// Ends, and forgets what it had kept.
    pub async fn end(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().await.expect("it is ours");
    }

    /// Where it is.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its folder.
    pub fn folder(&self) -> &TempDir {
        &self.folder
    }

    /// Publishes something, as mosquitto_pub has it.
    pub async fn publish(&self, topic: &str, payload: &[u8], more: &[&str]) {
        let mut command = client("mosquitto_pub");
        command
            .args(["-p", &self.port.to_string(), "-t", topic, "-s"])
            .args(more);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(payload).await.expect("it reads");
        drop(input);
        let ended = soon("it is published", child.wait())
            .await
            .expect("a child");
        assert!(ended.success());
    }

    /// Listens to everything, from now on.
    pub async fn watch(&self) -> Watcher {
        self.publish(PROBE, b"x", &["-r"]).await;
        let mut command = client("mosquitto_sub");
        let port = self.port.to_string();
        command.args(["-p", &port, "-t", "#", "-F", "%r %t %p"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut watcher = Watcher {
            output,
            _child: child,
        };
        watcher.until(PROBE).await;
        watcher
    }
}

/// Somebody who listens to everything.
pub struct Watcher {
    output: BufReader<ChildStdout>,
    _child: Child,
}

impl Watcher {
    /// What is published next.
    pub async fn next(&mut self) -> Heard {
        let mut line = Vec::new();
        let reading = self.output.read_until(b'\n', &mut line);
        let read = soon("something is published", reading).await;
        assert!(read.is_ok_and(|read| read > 0), "it listens");
        let line = String::from_utf8_lossy(line.trim_ascii_end());
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        Heard {
            kept: part() == "1",
            topic: part(),
            payload: part(),
        }
    }

    /// What is published up to a topic, with that as the last.
    pub async fn until(&mut self, topic: &str) -> Vec<Heard> {
        self.while_not(|heard| heard.topic == topic).await
    }

    /// The same, up to what is looked for.
    pub async fn while_not(&mut self, is_it: impl Fn(&Heard) -> bool) -> Vec<Heard> {
        let mut all = Vec::new();
        loop {
            let heard = self.next().await;
            all.push(heard);
            if all.last().is_some_and(&is_it) {
                return all;
            }
        }
    }

    /// The lines of the port up to this one.
    pub async fn lines(&mut self, last: &str) -> Vec<String> {
        let is_line = |heard: &Heard| heard.topic.ends_with("/line");
        let all = self
            .while_not(|heard| is_line(heard) && heard.payload == last)
            .await;
        let lines = all.into_iter().filter(is_line);
        lines.map(|heard| heard.payload).collect()
    }

    /// The payload of the next message on a topic.
    pub async fn payload(&mut self, topic: &str) -> String {
        let all = self.until(topic).await;
        all.last().expect("it was found").payload.clone()
    }
}
