//! The commands that look at a server: `log` and `ports` with `--server`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::server::program;
use crate::rig::{DEADLINE, Rig};

/// A command that goes on; ended on drop.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(rig: &Rig, command: &str, more: &[&str]) -> Self {
        let server = format!("http://{}", rig.server.address());
        let mut command_line = program();
        command_line.args([command, "--server", &server]).args(more);
        let mut child = command_line.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line that has this in it.
    async fn until(&self, text: &str) -> String {
        let deadline = std::time::Instant::now() + DEADLINE;
        while std::time::Instant::now() < deadline {
            match self.lines.try_recv() {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
        panic!("no line came with {text:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_log_of_a_port_elsewhere_is_that_of_its_recording() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    for number in 0..3000 {
        let line = format!("line {number} of many that fill more than one window\r\n");
        rig.device("dev").send(line.as_bytes()).await;
    }
    rig.device("dev").send(b"login: ").await;
    client.write(channel, b"root\r").await;
    client
        .done(json!({"type": "mark", "port": "dev", "text": "here"}))
        .await;
    rig.stored("dev").await;
    let head = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
    client
        .state("dev", "all of it is told", |port| {
            port["journal"]["head"].as_u64() >= Some(head)
        })
        .await;
    let data = rig.folder.path().join("data");
    for more in [
        &[][..],
        &["-n", "2900"],
        &["--from", "0"],
        &["--from", "-300", "--to", "-20"],
        &["--from", "-1h", "-n", "3", "--kind", "rx", "--no-times"],
        &["-n", "0"],
        &["--json", "--from", "0", "--kind", "tx,note"],
    ] {
        let elsewhere = rig.shell("log", &[&["dev"], more].concat(), b"").await;
        let mut local = program();
        local.args(["log", "dev", "--data"]).arg(&data).args(more);
        let local = local.output().unwrap();
        assert_eq!(elsewhere.code, Some(0), "{more:?}: {}", elsewhere.stderr);
        let local = String::from_utf8(local.stdout).unwrap();
        assert!(elsewhere.stdout == local, "{more:?}: {}", elsewhere.stdout);
    }
    let json = rig
        .shell(
            "log",
            &["dev", "--json", "-n", "2", "--kind", "tx,note"],
            b"",
        )
        .await;
    let json: Vec<Value> = json
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert_eq!(
        (&json[0]["kind"], &json[0]["text"]),
        (&json!("tx"), &json!("root\r"))
    );
    assert_eq!(json[1]["kind"], "note", "{json:?}");
    for (more, says) in [
        (&["gps"][..], "there are: dev"),
        (&["dev", "--from", "99999999"], "has no offset"),
        (&["dev", "--from", "9", "--to", "3"], "before it begins"),
    ] {
        let ran = rig.shell("log", more, b"").await;
        assert_eq!(ran.code, Some(1), "{more:?}");
        assert!(ran.stderr.contains(says), "{more:?}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_log_that_is_followed_goes_on_behind_what_was_shown_and_over_a_restart() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"one\r\nlogin: ").await;
    client.rx(channel, 12).await;
    client
        .state("dev", "it is told", |port| port["total"]["rx"] == 12)
        .await;
    let log = Running::start(&rig, "log", &["-f", "dev", "--no-times"]);
    assert_eq!(log.until("one").await, "one");
    rig.device("dev").send(b"root\r\n").await;
    assert_eq!(log.until("root").await, "login: root");
    rig.stored("dev").await;
    let address = rig.server.address().to_string();
    rig.server.stop().await;
    rig.restart_at(&address).await;
    rig.device("dev").send(b"back\r\n").await;
    assert_eq!(log.until("back").await, "back");
}

#[tokio::test]
async fn the_ports_of_a_server_are_listed_with_what_they_do() {
    let mut rig = Rig::start(&["dev"]).await;
    let listed = rig.shell("ports", &[], b"").await;
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(
        listed.stdout.starts_with("dev (") && listed.stdout.ends_with(" is open\n"),
        "{}",
        listed.stdout
    );
    let json = rig.shell("ports", &["--json"], b"").await;
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    let rest = crate::rig::http::get(rig.server.address(), "/api/v1/ports").await;
    assert_eq!(json[0]["identity"], rest.json()[0]["identity"]);
    assert_eq!(
        (&json[0]["name"], &json[0]["state"]),
        (&json!("dev"), &json!("open"))
    );

    let following = Running::start(&rig, "ports", &["--follow"]);
    following.until("is open").await;
    rig.device_mut("dev").unplug();
    following.until("dev (").await;
    following.until("is waiting: ").await;
    rig.device_mut("dev").plug();
    following.until("is open").await;
}
