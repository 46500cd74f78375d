//! Lending: a program has the device for a while, viewers stay, and it comes back by itself.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::rig::http::{Lines, ask};
use crate::rig::server::{Outcome, program, run};
use crate::rig::{Rig, soon};

/// A borrower over HTTP, and the lines that it is told.
struct Borrower;

impl Borrower {
    async fn of(rig: &Rig, wish: Value) -> Lines {
        Lines::post(rig.server.address(), "/api/v1/ports/dev/lend", &wish).await
    }
}

fn is(state: &'static str, lent: bool) -> impl Fn(&Value) -> bool {
    move |port| port["state"] == state && port["lent"].is_object() == lent
}

async fn lend(rig: &Rig, more: &[&str]) -> Outcome {
    rig.shell("lend", more, b"").await
}

#[tokio::test]
async fn a_program_has_the_device_for_itself_and_its_exit_code_is_kept() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let path = rig.state("dev").await["path"].as_str().unwrap().to_owned();
    let script =
        "test \"$SERIALD_DEVICE\" = \"$0\" && printf flashed > \"$0\" && echo well done && exit 7";
    let ran = lend(&rig, &["dev", "--", "sh", "-c", script, "{}"]).await;
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(7), "well done\n"),
        "{}",
        ran.stderr
    );
    let state = rig.state("dev").await;
    assert!(is("open", false)(&state), "the next command finds {state}");
    assert!(
        rig.device("dev").unread().ends_with(b"flashed"),
        "it had {path}"
    );
    rig.device("dev").send(b"hello again").await;
    assert_eq!(
        client.rx(channel, 11).await,
        b"hello again",
        "whoever watches stayed"
    );
    let notes = client.on(channel).notes();
    let told = |text: &str| {
        notes
            .iter()
            .any(|note| note["text"].as_str().unwrap().contains(text))
    };
    assert!(told("is lent to sh") && told("opened"), "{notes:?}");
}

#[tokio::test]
async fn a_program_that_is_killed_gives_its_signal_and_the_device_comes_back() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let ran = lend(&rig, &["dev", "--", "sh", "-c", "kill -9 $$"]).await;
    assert_eq!(ran.code, Some(128 + 9));
    client.state("dev", "it is back", is("open", false)).await;
}

#[tokio::test]
async fn who_is_asked_to_end_ends_the_program_before_the_device_comes_back() {
    let rig = Rig::start(&["dev"]).await;
    let server = format!("http://{}", rig.server.address());
    let script = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done";
    let mut lending = Command::from(program())
        .args([
            "lend", "--server", &server, "dev", "--", "sh", "-c", script, "{}",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    let mut ready = [0; 6];
    let out = lending.stdout.as_mut().expect("a pipe");
    let read = soon("it runs", out.read_exact(&mut ready)).await;
    read.expect("a word of the program");
    let id = lending.id().expect("it runs");
    // SAFETY: the child is ours and not yet waited for, so the number is still its own.
    assert_eq!(unsafe { libc::kill(id as i32, libc::SIGTERM) }, 0);
    let ended = soon("it ends", lending.wait()).await.expect("a child");
    assert_eq!(ended.code(), Some(5));
    let state = rig.state("dev").await;
    assert!(is("open", false)(&state), "{state}");
}

#[tokio::test]
async fn a_borrower_that_vanishes_gives_the_device_back() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let path = rig.state("dev").await["path"].clone();
    let mut borrower = Borrower::of(&rig, json!({"to": "esptool"})).await;
    let told = borrower.told().await;
    assert_eq!(told["path"], path);
    let lent = client
        .state("dev", "it is lent", is("released", true))
        .await;
    assert_eq!(
        (&lent["lent"]["to"], &lent["lent"]["until"]),
        (&json!("esptool"), &told["until"])
    );
    drop(borrower);
    client.state("dev", "it is back", is("open", false)).await;
}

#[tokio::test]
async fn what_is_lent_can_be_taken_back_and_the_borrower_is_told() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let mut borrower = Borrower::of(&rig, json!({"to": "esptool"})).await;
    borrower.told().await;
    client.done(json!({"type": "open", "port": "dev"})).await;
    assert_eq!(borrower.told().await, json!({"ended": "taken-back"}));
    client.state("dev", "it is back", is("open", false)).await;
}

#[tokio::test]
async fn a_loan_ends_when_its_time_is_over() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let mut borrower = Borrower::of(&rig, json!({"to": "esptool", "seconds": 1})).await;
    borrower.told().await;
    assert_eq!(borrower.told().await, json!({"ended": "time"}));
    client.state("dev", "it is back", is("open", false)).await;
}

#[tokio::test]
async fn what_cannot_be_lent_is_refused_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    for (wish, named) in [
        (json!({"to": ""}), "to: a name has 1 to 64"),
        (json!({"to": "x\u{1b}"}), "visible"),
        (json!({"to": "x", "seconds": 0}), "1 to 86400"),
        (json!({"seconds": 5}), "`to`"),
    ] {
        let headers = [("Content-Type", "application/json")];
        let path = "/api/v1/ports/dev/lend";
        let refused = ask(
            rig.server.address(),
            "POST",
            path,
            &headers,
            wish.to_string().as_bytes(),
        )
        .await;
        assert!((400..500).contains(&refused.status), "{wish}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{wish}: {detail}");
    }
    let mut borrower = Borrower::of(&rig, json!({"to": "first"})).await;
    borrower.told().await;
    let second = lend(&rig, &["dev", "--", "true"]).await;
    assert_eq!(second.code, Some(1));
    assert!(
        second.stderr.contains("it is released"),
        "{}",
        second.stderr
    );
    drop(borrower);
    let unknown = lend(&rig, &["gsp", "--", "true"]).await;
    assert!(
        unknown.stderr.contains("there are: dev"),
        "{}",
        unknown.stderr
    );
    let missing = run(&["lend", "dev"]).await;
    assert_eq!(missing.code, Some(2));
}

#[tokio::test]
async fn a_program_that_does_not_exist_is_named_and_the_device_comes_back() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let ran = lend(&rig, &["dev", "--", "no-such-flasher", "{}"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("no-such-flasher cannot be run"),
        "{}",
        ran.stderr
    );
    client.state("dev", "it is back", is("open", false)).await;
}
