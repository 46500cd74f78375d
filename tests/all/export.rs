//! Taking recordings home: over HTTP, and in the shell while the server runs and when it is gone.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use crate::rig::http::{Answer, get};
use crate::rig::random::Random;
use crate::rig::server::{Outcome, Server, program, run};
use crate::rig::{DEADLINE, Rig, soon, until};

/// A line whose end is not what its beginning makes one expect.
const LINE: &[u8] = b"temp:21.4 \x1b[1m\xc3\xa4\xff\x1b[0m\r\n";

async fn history(rig: &Rig, query: &str) -> Answer {
    let path = format!("/api/v1/ports/dev/history?{query}");
    get(rig.server.address(), &path).await
}

/// A command on the data folder of a rig.
async fn shell(rig: &Rig, arguments: &[&str]) -> Outcome {
    let data = rig.folder.path().join("data");
    let data = ["--data", data.to_str().expect("UTF-8")];
    run(&[&arguments[..1], &data, &arguments[1..]].concat()).await
}

/// A rig whose device has sent these bytes, when all of them are on the disk.
async fn recorded(bytes: &[u8]) -> Rig {
    let rig = Rig::start(&["dev"]).await;
    send(&rig, bytes).await;
    rig
}

/// Lets the device send, and waits until all that came is on the disk.
async fn send(rig: &Rig, bytes: &[u8]) {
    rig.device("dev").send(bytes).await;
    soon("it comes in", async {
        while !history(rig, "format=raw")
            .await
            .unchunked()
            .ends_with(bytes)
        {}
    })
    .await;
    soon("it is recorded", async {
        loop {
            let port = rig.state("dev").await;
            if port["recording"]["stored"] == port["journal"]["head"] {
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_download_says_how_long_its_stretch_is_and_takes_times() {
    let rig = recorded(&LINE.repeat(1000)).await;
    let all = LINE.repeat(1000);
    let raw = history(&rig, "format=raw").await;
    let head = rig.state("dev").await["journal"]["head"].to_string();
    assert_eq!(raw.header("x-seriald-bytes"), Some(&*head));
    assert_eq!(raw.unchunked(), all);
    let recent = history(&rig, "format=raw&from=-10m&to=2999-01-01T00:00:00Z").await;
    assert_eq!(recent.unchunked(), all);
    let none = history(&rig, "format=raw&from=2999-01-01T00:00:00Z").await;
    assert_eq!(
        (none.status, none.header("x-seriald-bytes")),
        (200, Some("0"))
    );
    let wrong = history(&rig, "from=2026-11-22").await;
    assert_eq!(
        (wrong.status, &wrong.json()["code"]),
        (400, &"bad-message".into())
    );
}

#[tokio::test]
async fn what_the_shell_saves_is_what_the_device_sent_with_a_server_and_without() {
    let noise = Random::new(7).bytes(600_000);
    let mut rig = recorded(&noise).await;
    send(&rig, LINE).await;
    let head = rig.state("dev").await["journal"]["head"].to_string();
    let all = [&noise, LINE].concat();
    for is_running in [true, false] {
        for (format, ending) in [
            ("raw", "bin"),
            ("text", "txt"),
            ("jsonl", "jsonl"),
            ("csv", "csv"),
            ("asciicast", "cast"),
        ] {
            let file = rig.folder.path().join(format!("{is_running}.{ending}"));
            let arguments = ["export", "dev", "--to", &head, "-o", file.to_str().unwrap()];
            let saved = shell(&rig, &arguments).await;
            assert_eq!(
                (saved.code, &*saved.stderr, &*saved.stdout),
                (Some(0), "", "")
            );
            let written = fs::read(&file).unwrap();
            if format == "raw" {
                assert!(written == all, "{} of {} bytes", written.len(), all.len());
            }
            if is_running {
                // The others show the pieces in which it was read.
                if !["raw", "text", "csv"].contains(&format) {
                    continue;
                }
                let query = format!("format={format}&to={head}");
                assert!(
                    history(&rig, &query).await.unchunked() == written,
                    "{format}"
                );
            } else {
                let before = rig.folder.path().join(format!("true.{ending}"));
                assert!(fs::read(before).unwrap() == written, "{format}");
            }
        }
        if is_running {
            assert!(rig.server.stop().await.success());
        }
    }
    let cast = fs::read_to_string(rig.folder.path().join("false.cast")).unwrap();
    let lines = cast
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let played: String = lines
        .filter(|event| event[1] == "o")
        .map(|event| event[2].as_str().unwrap().to_owned())
        .collect();
    assert!(played == String::from_utf8_lossy(&all));
}

#[tokio::test]
async fn a_crash_is_told_and_raw_goes_on_behind_it_only_if_it_may() {
    let mut rig = recorded(b"before\n").await;
    let port = format!("dev={}@4000000", rig.device("dev").link().display());
    let folder = rig.folder.path().to_owned();
    drop(rig.server);
    rig.server = Server::start(&folder, &[&port]);
    soon("the port opens", async {
        while rig.state("dev").await["state"] != "open" {}
    })
    .await;
    rig.device("dev").send(b"after\n").await;
    let follow = Tail::start(&rig, &["-n", "9", "--no-times"]);
    while follow.line() != "after\n" {}

    let whole = shell(&rig, &["export", "dev", "--format", "raw"]).await;
    assert_eq!((whole.code, &*whole.stdout), (Some(1), "before\n"));
    assert!(whole.stderr.contains("--skip-gaps"), "{}", whole.stderr);
    let behind = whole.stderr.split_once("--from ").expect("the way out").1;
    let behind = behind.split(' ').next().unwrap();
    let rest = shell(
        &rig,
        &["export", "dev", "--format", "raw", "--from", behind],
    )
    .await;
    assert_eq!((rest.code, &*rest.stdout), (Some(0), "after\n"));
    let all = shell(&rig, &["export", "dev", "--format", "raw", "--skip-gaps"]).await;
    assert_eq!((all.code, &*all.stdout), (Some(0), "before\nafter\n"));
    assert!(all.stderr.contains("left out"), "{}", all.stderr);
    let text = shell(&rig, &["export", "dev", "--no-times", "--kind", "rx"]).await;
    let lines: Vec<_> = text.stdout.lines().collect();
    assert_eq!((lines[0], lines[2], lines.len()), ("before", "after", 3));
    assert!(lines[1].starts_with("! gap of "), "{}", lines[1]);
    assert_eq!((text.code, &*text.stderr), (Some(0), ""));
}

#[tokio::test]
async fn the_last_lines_are_shown_and_what_comes_follows_until_it_is_interrupted() {
    let rig = recorded(b"one\ntwo\nthree\n\x1b[1mfour").await;
    let log = shell(
        &rig,
        &["log", "dev", "-n", "2", "--no-times", "--kind", "rx"],
    )
    .await;
    assert_eq!((log.code, &*log.stdout), (Some(0), "three\nfour\n"));
    let log = shell(&rig, &["log", "dev", "-n1", "--no-times", "--escapes"]).await;
    assert_eq!(log.stdout, "\x1b[1mfour\n");

    let mut tail = Tail::start(&rig, &["-n", "1", "--no-times", "--kind", "rx"]);
    assert_eq!(tail.line(), "three\n");
    rig.device("dev").send(b" and\r\nfive\n").await;
    assert_eq!((&*tail.line(), &*tail.line()), ("four and\n", "five\n"));
    send(&rig, b"login: ").await;
    // SAFETY: the child is ours and not yet waited for, so the number is still its own.
    assert_eq!(
        unsafe { libc::kill(tail.child.id() as i32, libc::SIGINT) },
        0
    );
    let (code, stderr) = tail.end().await;
    assert_eq!((code, &*stderr), (Some(0), ""));
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_ends_the_command_without_a_word() {
    let rig = recorded(b"one\n").await;
    let mut tail = Tail::start(&rig, &["-n", "1", "--kind", "rx"]);
    tail.line();
    drop(tail.lines.take());
    // The pipe breaks at the second line: the first may find the reader on its way out.
    while tail.child.try_wait().unwrap().is_none() {
        rig.device("dev").send(b"more\n").await;
    }
    let (code, stderr) = tail.end().await;
    assert_eq!((code, &*stderr), (Some(0), ""));
}

#[tokio::test]
async fn what_cannot_be_exported_is_told_with_the_way_out() {
    let rig = recorded(b"one\n").await;
    let file = rig.folder.path().join("x.txt");
    let file = file.to_str().unwrap();
    let head = &rig.state("dev").await["journal"]["head"];
    for (arguments, code, told) in [
        (&["export", "gsp"][..], 1, "of: dev"),
        (&["export", "../dev"], 1, "of: dev"),
        (&["log", "gsp"], 1, "of: dev"),
        (
            &["export", "dev", "--from", "9999999"],
            1,
            &*format!("from 0 to {head}"),
        ),
        (
            &["export", "dev", "--from", "3", "--to", "2"],
            1,
            "--from or --to",
        ),
        (&["export", "dev", "--from", "start"], 2, "-10m"),
        (&["export", "dev", "--format", "xml"], 2, "asciicast"),
        (&["export", "dev", "--kind", "rx,ty"], 2, "rx, tx, note"),
        (&["export"], 2, "<PORT>"),
        (&["log", "dev", "-f", "--to", "3"], 2, "--to"),
        (
            &["export", "dev", "-o", "/nonexistent/x"],
            1,
            "/nonexistent/x",
        ),
    ] {
        let outcome = shell(&rig, arguments).await;
        assert_eq!(
            (outcome.code, &*outcome.stdout),
            (Some(code), ""),
            "{arguments:?}"
        );
        assert!(
            outcome.stderr.contains(told),
            "{arguments:?}: {}",
            outcome.stderr
        );
        assert!(!std::path::Path::new(file).exists());
    }
    let save = ["export", "dev", "--no-times", "--kind", "rx", "-o", file];
    assert_eq!(shell(&rig, &save).await.code, Some(0));
    let again = shell(&rig, &save).await;
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    let forced = shell(&rig, &[&save[..], &["--force"]].concat()).await;
    assert_eq!(
        (forced.code, fs::read(file).unwrap()),
        (Some(0), b"one\n".to_vec())
    );
    for (command, code, what) in [
        ("export", 1, "are no recordings in /nonexistent"),
        ("log", 1, "are no recordings in /nonexistent"),
        ("search", 2, "are no recordings in /nonexistent"),
        ("audit", 1, "is no audit in /nonexistent/audit"),
    ] {
        let words = if command == "audit" {
            &[][..]
        } else {
            &["dev"]
        };
        let nowhere = run(&[&[command, "--data", "/nonexistent"], words].concat()).await;
        let told = format!("seriald: there {what}; --data names another folder\n");
        assert_eq!((nowhere.code, nowhere.stderr), (Some(code), told));
    }
}

/// `seriald tail -f`, killed on drop.
struct Tail {
    child: Child,
    lines: Option<mpsc::Receiver<String>>,
}

impl Tail {
    fn start(rig: &Rig, arguments: &[&str]) -> Self {
        let mut child = program()
            .args(["tail", "-f", "dev", "--data"])
            .arg(rig.folder.path().join("data"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            while out.read_line(&mut line).is_ok_and(|read| read > 0) {
                if tell.send(std::mem::take(&mut line)).is_err() {
                    break;
                }
            }
        });
        let lines = Some(told);
        Self { child, lines }
    }

    fn line(&self) -> String {
        let lines = self.lines.as_ref().unwrap();
        lines.recv_timeout(DEADLINE).expect("a line comes")
    }

    /// How it ended, and what it said on stderr.
    async fn end(&mut self) -> (Option<i32>, String) {
        until("it ends", || self.child.try_wait().unwrap().is_some()).await;
        let mut said = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
