//! Flashing: a file is sent, a command of the user's writes it to the device, and everybody can follow that.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::rig::http::{Answer, Lines, ask, get};
use crate::rig::{Rig, soon, until};

/// A rig with flashers that are shell scripts. They find the device in `$1` and the file in `$2`.
async fn rig(scripts: &[(&str, &str, &str)]) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let mut config = String::new();
    for (name, more, script) in scripts {
        let command = ["sh", "-c", script, "flasher", "{}", "{file}"];
        config += &format!("[flash.{name}]\ncommand = {command:?}\n{more}\n");
    }
    let file = folder.path().join("seriald.toml");
    fs::write(&file, config).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Rig::within(folder, &["dev"], &["--config", &file]).await
}

/// The way to a command.
fn path(command: &str) -> String {
    format!("/api/v1/ports/dev/flash/{command}")
}

async fn flash(rig: &Rig, command: &str, file: &[u8]) -> Lines {
    let path = format!("{}?file=blink.bin", path(command));
    Lines::send(rig.server.address(), "POST", &path, file).await
}

async fn post(rig: &Rig, to: &str, file: &[u8]) -> Answer {
    ask(rig.server.address(), "POST", to, &[], file).await
}

/// What is told up to the end, with all output in one.
async fn story(lines: &mut Lines) -> (Value, String, Value) {
    let started = lines.told().await;
    assert_eq!(started["type"], "started");
    let mut output = String::new();
    loop {
        let told = lines.told().await;
        match told["type"].as_str() {
            Some("output") => output += told["text"].as_str().unwrap(),
            Some("gap") => {}
            _ => return (started, output, told),
        }
    }
}

/// Waits for a text in the output.
async fn hears(lines: &mut Lines, text: &str) {
    let mut output = String::new();
    while !output.contains(text) {
        output += lines.told().await["text"].as_str().unwrap_or_default();
    }
}

fn is_refused(answer: &Answer, status: u16, code: &str, named: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let problem = answer.json();
    assert_eq!(problem["code"], code);
    assert!(
        problem["detail"].as_str().unwrap().contains(named),
        "{problem}"
    );
}

fn is(state: &'static str, flash: Value) -> impl Fn(&Value) -> bool {
    move |port| port["state"] == state && port["lent"]["flash"] == flash
}

/// The process whose number a script has written to a file.
fn runs(file: &PathBuf) -> bool {
    let number = fs::read_to_string(file).unwrap_or_default();
    // A process that has ended and was not waited for has no command line.
    let line = fs::read(format!("/proc/{}/cmdline", number.trim()));
    line.is_ok_and(|line| !line.is_empty())
}

#[tokio::test]
async fn a_file_is_written_while_viewers_stay_and_its_story_is_told_and_kept() {
    let script = "printf 'at %s\\r' \"$1\"; ls -l \"$2\" >&2; cat \"$2\" > \"$1\"; printf '\\303'; sleep 0.1; printf '\\244\\n'; env | grep SERIALD_; true";
    let rig = rig(&[("cat", "title = \"The cat\"\nfiles = [\".bin\"]", script)]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let device = rig.state("dev").await["path"].as_str().unwrap().to_owned();
    let mut lines = flash(&rig, "cat", b"firmware").await;
    let (started, output, ended) = story(&mut lines).await;
    assert_eq!(
        json!([
            started["command"],
            started["title"],
            started["file"],
            started["size"],
            started["path"]
        ]),
        json!(["cat", "The cat", "blink.bin", 8, device])
    );
    let sha256 = "c3bf47ea1f4a4a605470313cacb3a44f4a461f68c6faeab07e737610cb5ac835";
    assert_eq!(started["sha256"], sha256);
    assert!(
        output.starts_with(&format!("at {device}\r-rw-------")),
        "{output:?}"
    );
    assert!(
        output.contains("ä\n") && !output.contains('\u{fffd}'),
        "{output:?}"
    );
    assert!(
        output.ends_with(&format!("SERIALD_DEVICE={device}\n")),
        "{output:?}"
    );
    assert_eq!(json!([ended["why"], ended["code"]]), json!(["exit", 0]));
    client
        .state("dev", "it is back", is("open", Value::Null))
        .await;
    assert!(rig.device("dev").unread().ends_with(b"firmware"));
    rig.device("dev").send(b"booted").await;
    assert_eq!(client.rx(channel, 6).await, b"booted");
    let notes = client.on(channel).notes();
    let told = |text: &str| {
        notes
            .iter()
            .any(|note| note["what"] == "flash" && note["text"].as_str().unwrap().contains(text))
    };
    assert!(
        told("The cat writes blink.bin (8 bytes, SHA-256 ") && told("with exit code 0"),
        "{notes:?}"
    );
    let again = story(&mut Lines::send(rig.server.address(), "GET", &path("cat"), b"").await).await;
    assert_eq!(
        again,
        (started.clone(), output, ended),
        "whoever comes later is told the same"
    );
    let list = get(rig.server.address(), "/api/v1/ports/dev/flash")
        .await
        .json();
    assert_eq!(
        list["commands"],
        json!([{"command": "cat", "title": "The cat", "files": [".bin"], "size": 64 << 20, "seconds": 600}])
    );
    assert_eq!(
        json!([list["latest"]["sha256"], list["latest"]["ended"]["code"]]),
        json!([started["sha256"], 0])
    );
}

#[tokio::test]
async fn the_file_is_gone_afterwards_and_its_name_leads_nowhere() {
    let rig = rig(&[("show", "", "echo \"$2\"; exit 7")]).await;
    let to = format!("{}?file=..%2f..%2fetc%2fpasswd%0a", path("show"));
    let mut lines = Lines::send(rig.server.address(), "POST", &to, b"x").await;
    let (started, output, ended) = story(&mut lines).await;
    assert_eq!(started["file"], "../../etc/passwd");
    assert!(
        !output.contains("passwd") && output.contains("seriald-"),
        "{output}"
    );
    assert!(!PathBuf::from(output.trim()).exists());
    assert_eq!(json!([ended["why"], ended["code"]]), json!(["exit", 7]));
}

#[tokio::test]
async fn whoever_started_it_may_leave_and_others_follow_and_end_it() {
    let rig = rig(&[("long", "", "trap '' TERM; echo begun; sleep 300")]).await;
    let mut client = rig.client().await;
    let mut first = flash(&rig, "long", b"x").await;
    assert_eq!(first.told().await["type"], "started");
    drop(first);
    client
        .state("dev", "it goes on", is("released", json!("long")))
        .await;
    let mut second = Lines::send(rig.server.address(), "GET", &path("long"), b"").await;
    hears(&mut second, "begun").await;
    is_refused(
        &post(&rig, &path("long"), b"y").await,
        409,
        "too-many",
        "long writes",
    );
    let ended = ask(rig.server.address(), "DELETE", &path("long"), &[], b"").await;
    assert_eq!(ended.status, 204);
    let (why, by) = loop {
        let told = second.told().await;
        if told["type"] == "ended" {
            break (told["why"].clone(), told["by"].clone());
        }
    };
    assert_eq!(why, "stopped");
    assert!(by.as_str().unwrap().starts_with("http "), "{by}");
    client
        .state("dev", "it is back", is("open", Value::Null))
        .await;
    let twice = ask(rig.server.address(), "DELETE", &path("long"), &[], b"").await;
    assert_eq!(twice.status, 204);
}

#[tokio::test]
async fn a_time_limit_ends_all_that_the_command_started() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child");
    let script = format!("sleep 300 & echo $! > {}; wait", child.display());
    let rig = rig(&[("slow", "time = \"1s\"", &script)]).await;
    let (_, _, ended) = story(&mut flash(&rig, "slow", b"x").await).await;
    assert_eq!(ended["why"], "time");
    until("its child has ended", || !runs(&child)).await;
}

#[tokio::test]
async fn what_a_command_leaves_behind_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child");
    let script = format!("sleep 300 & echo $! > {}; exit 3", child.display());
    let rig = rig(&[("careless", "", &script)]).await;
    let (_, _, ended) = story(&mut flash(&rig, "careless", b"x").await).await;
    assert_eq!(json!([ended["why"], ended["code"]]), json!(["exit", 3]));
    until("its child has ended", || !runs(&child)).await;
}

#[tokio::test]
async fn taking_the_device_back_ends_the_command() {
    let rig = rig(&[("long", "", "echo begun; sleep 300")]).await;
    let mut client = rig.client().await;
    let mut lines = flash(&rig, "long", b"x").await;
    hears(&mut lines, "begun").await;
    client.done(json!({"type": "open", "port": "dev"})).await;
    assert_eq!(lines.told().await["why"], "taken-back");
    client
        .state("dev", "it is back", is("open", Value::Null))
        .await;
}

#[tokio::test]
async fn a_command_that_is_killed_gives_its_signal() {
    let rig = rig(&[("dies", "", "kill -9 $$")]).await;
    let (_, _, ended) = story(&mut flash(&rig, "dies", b"x").await).await;
    assert_eq!(
        json!([ended["why"], ended["code"], ended["signal"]]),
        json!(["signal", null, 9])
    );
}

#[tokio::test]
async fn a_flood_of_output_is_bounded_and_holds_up_nobody() {
    let script = "head -c 20000000 /dev/zero | tr '\\0' x; printf '\\nlast words'";
    let rig = rig(&[("flood", "", script)]).await;
    let mut deaf = flash(&rig, "flood", b"x").await;
    assert_eq!(deaf.told().await["type"], "started");
    let mut late = Lines::send(rig.server.address(), "GET", &path("flood"), b"").await;
    let (_, output, ended) = story(&mut late).await;
    assert_eq!(ended["code"], 0);
    assert!(output.ends_with("\nlast words"));
    let mut kept = Lines::send(rig.server.address(), "GET", &path("flood"), b"").await;
    kept.told().await;
    let gap = kept.told().await;
    assert_eq!(gap["type"], "gap");
    assert!(
        gap["bytes"].as_u64().unwrap() >= 20_000_000 - (256 << 10),
        "{gap}"
    );
}

#[tokio::test]
async fn a_server_that_stops_ends_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    let script = format!("echo $$ > {}; echo begun; sleep 300", own.display());
    let mut rig = rig(&[("long", "", &script)]).await;
    let mut lines = flash(&rig, "long", b"x").await;
    hears(&mut lines, "begun").await;
    assert!(runs(&own));
    assert!(rig.server.stop().await.success());
    until("it has ended", || !runs(&own)).await;
}

#[tokio::test]
async fn what_cannot_be_written_is_refused_with_the_way_out_and_the_port_stays() {
    let rig = rig(&[
        (
            "some",
            "files = [\".bin\", \".hex\"]\nsize = \"1KiB\"",
            "true",
        ),
        ("other", "ports = [\"elsewhere\"]", "true"),
    ])
    .await;
    let some = |file: &str| format!("{}?file={file}", path("some"));
    for (to, file, status, code, named) in [
        (some("a.txt"), &b"x"[..], 400, "bad-message", ".bin or .hex"),
        (path("some"), b"x", 400, "bad-message", ".bin or .hex"),
        (some("a.BIN"), b"", 400, "bad-message", "empty"),
        (some("a.bin"), &[0; 1025], 413, "too-large", "1024 bytes"),
        (some("a.bin&x=1"), b"x", 400, "bad-message", "unknown field"),
        (
            path("other"),
            b"x",
            404,
            "unknown-command",
            "there are: some",
        ),
        (
            path("nothing"),
            b"x",
            404,
            "unknown-command",
            "there are: some",
        ),
    ] {
        is_refused(&post(&rig, &to, file).await, status, code, named);
    }
    let chunked = "POST /api/v1/ports/dev/flash/some?file=a.bin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = format!("{chunked}401\r\n{}\r\n0\r\n\r\n", "x".repeat(1025));
    let answer = crate::rig::http::exchange(rig.server.address(), body.as_bytes()).await;
    assert!(
        answer.starts_with(b"HTTP/1.1 413"),
        "its length is not told before"
    );
    let not_run = get(rig.server.address(), &path("some")).await;
    is_refused(&not_run, 404, "not-running", "has not run");
    assert_eq!(rig.state("dev").await["state"], "open");
    let list = get(rig.server.address(), "/api/v1/ports/dev/flash")
        .await
        .json();
    assert_eq!(list["commands"].as_array().unwrap().len(), 1);
    assert_eq!(list["latest"], Value::Null);
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named_and_the_port_is_open_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    fs::write(
        &file,
        "[flash.a]\ncommand = [\"no-such-flasher\", \"{file}\"]",
    )
    .unwrap();
    let file = file.to_str().unwrap().to_owned();
    let rig = Rig::within(folder, &["dev"], &["--config", &file]).await;
    is_refused(
        &post(&rig, &path("a"), b"x").await,
        502,
        "failed",
        "no-such-flasher",
    );
    soon("the port is open again", async {
        while rig.state("dev").await["state"] != "open" {}
    })
    .await;
}

#[tokio::test]
async fn a_device_that_somebody_else_has_is_not_written_to() {
    let rig = rig(&[("cat", "", "cat \"$2\" > \"$1\"")]).await;
    let wish = json!({"to": "other"});
    let mut borrower = Lines::post(rig.server.address(), "/api/v1/ports/dev/lend", &wish).await;
    borrower.told().await;
    is_refused(
        &post(&rig, &path("cat"), b"x").await,
        409,
        "not-open",
        "released",
    );
    assert_eq!(rig.device("dev").unread(), b"");
}
