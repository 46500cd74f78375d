//! Turns: one at a time types on a port, whatever way they come in; and what people say to each other.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::rig::client::Client;
use crate::rig::device::Device;
use crate::rig::http::{Answer, ask};
use crate::rig::people::House;
use crate::rig::server::{Outcome, program};
use crate::rig::terminal::Terminal;
use crate::rig::{Rig, soon};

/// A turn waits so long for a holder that is gone.
const PATIENCE: Duration = Duration::from_secs(10);

fn turn(act: &str) -> Value {
    json!({"type": "turn", "port": "dev", "act": act})
}

fn text(text: &str) -> Value {
    json!({"type": "write", "port": "dev", "text": text})
}

/// Who has the turn, as the state tells it.
fn holder(port: &Value) -> &str {
    port["turn"]["holder"]["client"]
        .as_str()
        .unwrap_or_default()
}

async fn holds(client: &mut Client, holding: &str) -> Value {
    let so = |port: &Value| port["turn"].is_object() && holder(port) == holding;
    client.state("dev", "the turn is told", so).await
}

/// Somebody at the port, under a name and with a secret of its own.
async fn person(rig: &Rig, name: &str) -> Client {
    let mut client = rig.client().await;
    client.done(json!({"type": "name", "name": name})).await;
    client.done(key_of(name)).await;
    client.subscribe("dev", "now").await;
    client
}

fn key_of(name: &str) -> Value {
    json!({"type": "key", "key": name.repeat(16)})
}

/// Two people at a port where one at a time may type.
async fn two(flags: &[&str]) -> (Rig, Client, Client) {
    let rig = Rig::with(&["dev"], flags).await;
    let mut ada = person(&rig, "ada").await;
    let ben = person(&rig, "ben").await;
    ada.done(turn("on")).await;
    (rig, ada, ben)
}

async fn post(rig: &Rig, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let path = format!("/api/v1/ports/dev/{path}");
    let headers = [headers, &[("Content-Type", "application/json")]].concat();
    let body = body.to_string();
    ask(
        rig.server.address(),
        "POST",
        &path,
        &headers,
        body.as_bytes(),
    )
    .await
}

#[tokio::test]
async fn without_turns_all_who_may_type_do_and_the_state_says_nothing_of_them() {
    let rig = Rig::start(&["dev"]).await;
    let (mut ada, mut ben) = (person(&rig, "ada").await, person(&rig, "ben").await);
    ada.ask(text("a")).await;
    ben.ask(text("b")).await;
    assert_eq!(rig.device("dev").read(2).await, b"ab");
    assert!(rig.state("dev").await.get("turn").is_none());
    let told = ben.refused(turn("take"), "conflict").await;
    let told = told["message"].as_str().unwrap();
    assert!(told.contains("there are no turns"), "{told}");
}

#[tokio::test]
async fn who_types_first_has_the_turn_and_all_others_are_refused_by_name() {
    let (rig, mut ada, mut ben) = two(&["--tcp", "dev=127.0.0.1:0"]).await;
    let (a, b) = (ada.client.clone(), ben.client.clone());
    holds(&mut ben, "").await;
    assert_eq!(ada.ask(text("a")).await["type"], "written");
    let port = holds(&mut ben, &a).await;
    assert_eq!(port["turn"]["holder"]["name"], "ada");
    for request in [
        text("b"),
        json!({"type": "write", "port": "dev", "text": "", "remember": "b"}),
        json!({"type": "request", "port": "dev", "text": "b", "timeout": 1}),
        json!({"type": "run", "port": "dev", "steps": [{"send": "b"}]}),
        json!({"type": "set", "port": "dev", "settings": {"baud": 9600}}),
        json!({"type": "lines", "port": "dev", "dtr": true}),
        json!({"type": "break", "port": "dev", "ms": 1}),
        json!({"type": "pulse", "port": "dev", "sequence": "dtr=0"}),
        json!({"type": "release", "port": "dev"}),
        json!({"type": "open", "port": "dev"}),
    ] {
        let told = ben.refused(request.clone(), "turn-taken").await;
        let message = told["message"].as_str().unwrap();
        assert!(
            message.contains("ada has the turn on dev"),
            "{request}: {message}"
        );
        assert_eq!(told["holder"], "ada");
    }
    let told = post(&rig, "expect", &[], &json!({"text": "b", "timeout": 1})).await;
    assert_eq!((told.status, told.code().as_str()), (409, "turn-taken"));
    // What a program sends is lost, as that of who may only look.
    let mut program = TcpStream::connect(rig.server.entrance("socket"))
        .await
        .unwrap();
    program.write_all(b"program").await.unwrap();
    ada.state("dev", "it is there", |port| {
        port["viewers"].as_array().unwrap().len() == 3
    })
    .await;
    // None of that keeps anybody from looking, marking a moment, or stopping what goes wrong.
    ben.done(json!({"type": "mark", "port": "dev", "text": "here"}))
        .await;
    ben.done(json!({"type": "halt", "port": "dev"})).await;
    ben.done(json!({"type": "stop", "port": "dev", "run": 4711}))
        .await;
    ada.ask(text("!")).await;
    assert_eq!(rig.device("dev").read(2).await, b"a!");
    assert_eq!(rig.device("dev").unread(), b"");
    // A page is the same to the socket and over HTTP.
    let (own, foreign) = ("ada".repeat(16), "ben".repeat(16));
    for (key, status) in [(own, 200), (foreign, 409)] {
        let told = post(&rig, "write", &[("Seriald-Key", &key)], &json!("")).await;
        assert_eq!(told.status, status, "{}", told.text());
    }
    ada.done(turn("leave")).await;
    holds(&mut ben, "").await;
    ben.ask(text("b")).await;
    holds(&mut ada, &b).await;
}

#[tokio::test]
async fn who_asks_gets_the_turn_when_it_is_handed_over_or_given_back() {
    let (_rig, mut ada, mut ben) = two(&[]).await;
    let (a, b) = (ada.client.clone(), ben.client.clone());
    let mut give = turn("give");
    give["to"] = b.as_str().into();
    ada.done(turn("ask")).await;
    ada.refused(give.clone(), "conflict").await;
    ben.done(turn("ask")).await;
    let asks = |port: &Value| port["turn"]["asking"] == json!([{"client": b, "name": "ben"}]);
    ada.state("dev", "ben asks", asks).await;
    ben.refused(give.clone(), "conflict").await;
    ada.done(give).await;
    let port = holds(&mut ada, &b).await;
    assert_eq!(port["turn"]["asking"], json!([]));
    ada.refused(text("a"), "turn-taken").await;
    ada.done(turn("ask")).await;
    ben.done(turn("leave")).await;
    holds(&mut ben, &a).await;
    let notes = ben.history("dev", 0).await;
    let notes = format!("{notes:?}");
    assert!(notes.contains("the turn went from ada to ben"), "{notes}");
}

#[tokio::test]
async fn a_turn_is_taken_by_force_with_what_the_other_had_begun() {
    let (_rig, mut ada, mut ben) = two(&[]).await;
    let b = ben.client.clone();
    let steps = json!([{"delay": 3_600_000}]);
    let run = json!({"type": "run", "port": "dev", "steps": steps});
    let (id, _) = ada.start_run(run).await;
    holds(&mut ben, &ada.client).await;
    let channel = ada.subscribe("dev", "now").await;
    ben.done(turn("force")).await;
    let ended = ada.answer(id).await;
    assert_eq!(ended["code"], "cancelled");
    assert!(
        ended["message"].as_str().unwrap().contains("ben"),
        "{ended}"
    );
    holds(&mut ada, &b).await;
    ada.until("it is told", |ada| ada.on(channel).has_note("turn"))
        .await;
    let note = ada.on(channel).notes()[0];
    assert_eq!(note["by"], "ben");
    assert_eq!(note["text"], "the turn went from ada to ben, by force");
    ada.refused(text("a"), "turn-taken").await;
    ben.ask(text("b")).await;
}

#[tokio::test]
async fn nothing_of_who_lost_the_turn_comes_behind_what_its_new_holder_writes() {
    let (rig, mut ada, _ben) = two(&["--tcp", "dev=127.0.0.1:0"]).await;
    let address = rig.server.entrance("socket");
    let program = tokio::spawn(async move {
        let mut program = TcpStream::connect(address).await.unwrap();
        // More than the device takes.
        program.write_all(&[b'x'; 2 << 20]).await.unwrap();
        // A program that only ends what it says could still listen.
        program.set_zero_linger().unwrap();
    });
    let waits = |port: &Value| port["held"] == true && port["queued"] != 0;
    ada.state("dev", "some of it waits", waits).await;
    ada.done(turn("force")).await;
    let written = ada.start(text("!")).await;
    let mut heard = Vec::new();
    while !heard.contains(&b'!') {
        heard.extend(soon("the device is read", rig.device("dev").read_some()).await);
    }
    assert_eq!(ada.answer(written).await["type"], "written");
    soon("the rest is thrown away", program).await.unwrap();
    let has_left = |port: &Value| port["viewers"].as_array().unwrap().len() == 2;
    ada.state("dev", "the program has left", has_left).await;
    heard.extend(rig.device("dev").unread());
    assert!(heard.ends_with(b"x!"), "{} bytes", heard.len());
}

#[tokio::test]
async fn a_holder_that_comes_back_in_time_has_the_turn_again_and_nobody_else_does() {
    let (rig, mut ada, mut ben) = two(&[]).await;
    ada.done(turn("take")).await;
    drop(ada);
    let is_away = |port: &Value| port["turn"]["holder"]["away"] == true;
    ben.state("dev", "ada is away", is_away).await;
    ben.refused(text("b"), "turn-taken").await;
    // A name proves nothing, and neither does a number.
    let mut mallory = rig.client().await;
    mallory.done(json!({"type": "name", "name": "ada"})).await;
    mallory.subscribe("dev", "now").await;
    mallory.refused(text("m"), "turn-taken").await;
    mallory.refused(key_of("ada"), "bad-message").await;
    let mut again = person(&rig, "ada").await;
    let port = holds(&mut ben, &again.client).await;
    assert_eq!(port["turn"]["holder"]["away"], false);
    again.ask(text("a")).await;
    assert_eq!(rig.device("dev").read(1).await, b"a");

    drop(again);
    ben.state("dev", "ada is away again", is_away).await;
    let left = Instant::now();
    let waiting = async {
        while !holder(&ben.ports["dev"]).is_empty() {
            ben.step().await;
        }
    };
    let freed = tokio::time::timeout(PATIENCE * 3, waiting).await;
    freed.expect("the turn is free again");
    assert!(left.elapsed() > PATIENCE - Duration::from_secs(1));
    ben.ask(text("b")).await;
}

#[tokio::test]
async fn programs_have_the_turn_from_their_first_byte_until_they_leave() {
    let (rig, mut ada, _ben) = two(&["--tcp", "dev=127.0.0.1:0"]).await;
    let mut program = TcpStream::connect(rig.server.entrance("socket"))
        .await
        .unwrap();
    ada.state("dev", "it is there", |port| {
        port["viewers"].as_array().unwrap().len() == 3
    })
    .await;
    assert_eq!(holder(&rig.state("dev").await), "");
    program.write_all(b"G28\n").await.unwrap();
    assert_eq!(rig.device("dev").read(4).await, b"G28\n");
    let state = rig.state("dev").await;
    assert!(holder(&state).starts_with('t'), "{}", state["turn"]);
    ada.refused(text("a"), "turn-taken").await;
    drop(program);
    holds(&mut ada, "").await;
    ada.ask(text("a")).await;
}

#[tokio::test]
async fn a_request_types_in_between_and_keeps_no_turn() {
    let (rig, mut ada, mut ben) = two(&[]).await;
    assert_eq!(post(&rig, "write", &[], &json!(1)).await.status, 200);
    assert_eq!(holder(&rig.state("dev").await), "");
    assert_eq!(
        post(&rig, "turn", &[], &json!({"act": "take"}))
            .await
            .status,
        409
    );
    // A macro is one piece: nobody types into it.
    let steps = json!({"steps": [{"delay": 3_600_000}]});
    let running = post(&rig, "run", &[], &steps);
    tokio::select! {
        ended = running => panic!("{}", ended.text()),
        state = ada.state("dev", "it runs", |port| !holder(port).is_empty()) => {
            assert!(holder(&state).starts_with("run "), "{}", state["turn"]);
        }
    }
    holds(&mut ben, "").await;
}

#[tokio::test]
async fn the_configuration_turns_turns_on_and_only_a_terminal_of_the_holder_answers() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::plugged(folder.path().join("dev"));
    let file = folder.path().join("seriald.toml");
    let config = format!("[port.dev]\ndevice = {:?}\nturns = true\n", device.link());
    std::fs::write(&file, config).unwrap();
    let mut rig = Rig::within(folder, &[], &["--config", file.to_str().unwrap()]).await;
    rig.devices.insert("dev".to_owned(), device);
    let answering = json!({"port": "dev", "from": "now", "answers": true});
    let (mut ada, mut ben) = (rig.client().await, rig.client().await);
    for client in [&mut ada, &mut ben] {
        client.subscribe_with(answering.clone()).await;
    }
    let (a, b) = (ada.client.clone(), ben.client.clone());
    let answers = |client: String| move |port: &Value| port["answerer"] == client.as_str();
    ada.state("dev", "the last one answers", answers(b)).await;
    // What a terminal says by itself is no typing.
    let answer = json!({"type": "write", "port": "dev", "text": "\u{1b}[0n", "answer": true});
    ben.ask(answer.clone()).await;
    assert_eq!(rig.device("dev").read(4).await, b"\x1b[0n");
    assert_eq!(holder(&rig.state("dev").await), "");
    ada.ask(text("a")).await;
    ben.state("dev", "the holder's does", answers(a)).await;
    ben.refused(answer, "forbidden").await;
}

const PEOPLE: [(&str, &str); 3] = [("root", "administer"), ("ada", "type"), ("eve", "see")];

#[tokio::test]
async fn a_turn_is_the_persons_and_force_is_for_who_controls_the_port() {
    let house = House::open(&["dev"], &PEOPLE, "").await;
    let mut root = house.client("root").await;
    let (mut ada, mut eve) = (house.client("ada").await, house.client("eve").await);
    for client in [&mut root, &mut ada, &mut eve] {
        client.subscribe("dev", "now").await;
    }
    ada.refused(turn("on"), "forbidden").await;
    root.done(turn("on")).await;
    eve.refused(turn("ask"), "forbidden").await;
    ada.done(turn("take")).await;
    // Her script is hers.
    let path = "/api/v1/ports/dev/write";
    let script = house.ask("ada", ("POST", path), &[], b"a").await;
    assert_eq!(script.status, 200, "{}", script.text());
    let mut other = house.client("ada").await;
    other.subscribe("dev", "now").await;
    other.ask(text("b")).await;
    assert_eq!(house.rig.device("dev").read(2).await, b"ab");
    root.refused(text("c"), "turn-taken").await;
    root.done(turn("force")).await;
    ada.refused(turn("force"), "forbidden").await;
    // The audit is written behind what it tells.
    soon("it stands in the audit", async {
        let (who, what) = (
            json!("root"),
            json!("the turn went from ada to root, by force"),
        );
        let is_it = |entry: &Value| entry["who"] == who && entry["detail"] == what;
        let is_told = async || {
            let audit = house.get("root", "/api/v1/audit?action=turn").await.json();
            audit["entries"]
                .as_array()
                .expect("a list")
                .iter()
                .any(is_it)
        };
        while !is_told().await {}
    })
    .await;
}

#[tokio::test]
async fn what_is_said_stands_in_the_journal_and_nobody_floods_it() {
    let house = House::open(&["dev"], &PEOPLE, "").await;
    let (mut ada, mut eve) = (house.client("ada").await, house.client("eve").await);
    let channel = eve.subscribe("dev", "now").await;
    let say = |text: &str| json!({"type": "say", "port": "dev", "text": text});
    ada.done(say("I power-cycle it now")).await;
    eve.until("it is told", |eve| eve.on(channel).has_note("said"))
        .await;
    let note = eve.on(channel).notes()[0];
    assert_eq!(
        (&note["by"], &note["text"]),
        (&json!("ada"), &json!("I power-cycle it now"))
    );
    eve.refused(say("hello"), "forbidden").await;
    for text in ["", " ", "two\nlines", "\u{1b}[2J", &"x".repeat(501)] {
        ada.refused(say(text), "bad-message").await;
    }
    for _ in 1..10 {
        ada.done(say("again")).await;
    }
    let told = ada.refused(say("again"), "throttled").await;
    assert!(
        told["retry_after"].as_u64().is_some_and(|wait| wait <= 11),
        "{told}"
    );
    assert_eq!(house.rig.device("dev").unread(), b"");
    let path = "/api/v1/ports/dev/say";
    let body = json!({"text": "hello"}).to_string();
    let headers = [("Content-Type", "application/json")];
    let told = house
        .ask("ada", ("POST", path), &headers, body.as_bytes())
        .await;
    assert_eq!(told.status, 429);
    assert!(told.header("retry-after").is_some());
}

#[tokio::test]
async fn the_shell_says_whose_turn_it_is_asks_and_takes_it_over() {
    let (rig, mut ada, _ben) = two(&[]).await;
    let shown = rig.shell("turn", &["dev"], b"").await;
    assert!(
        shown.stdout.starts_with("nobody has the turn"),
        "{}",
        shown.stdout
    );
    ada.done(turn("take")).await;
    let told = rig
        .shell("attach", &["dev", "--wait", "100"], b"reboot\n")
        .await;
    assert_eq!(told.code, Some(1));
    assert!(
        told.stderr.contains("ada has the turn on dev"),
        "{}",
        told.stderr
    );
    let forced = rig.shell("attach", &["dev", "--force"], b"reboot\n").await;
    assert_eq!(forced.code, Some(0), "{}", forced.stderr);
    assert_eq!(rig.device("dev").read(7).await, b"reboot\n");
    // It leaves for good, and so gives the turn back at once.
    ada.done(turn("ask")).await;
    let client = ada.client.clone();
    holds(&mut ada, &client).await;
    let said = rig
        .shell("say", &["dev", "the shell was here", "--json"], b"")
        .await;
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let (said, state) = (json_of(&said), rig.state("dev").await);
    assert_eq!(said["journal"], state["journal"]["id"]);
    assert!(said["offset"].as_u64() < state["journal"]["head"].as_u64());
    let shown = rig.shell("turn", &["dev", "--json"], b"").await;
    assert_eq!(
        json_of(&shown),
        json!({"port": "dev", "turn": state["turn"], "booked": null})
    );

    let mut command = program();
    let server = format!("http://{}", rig.server.address());
    command.args(["attach", "--server", &server, "--take", "dev"]);
    let mut terminal = Terminal::run(command, 100, 24);
    terminal.until("asks for it").await;
    terminal.press("x");
    terminal.until("ada has the turn on dev; ask for it").await;
    ada.done(json!({"type": "say", "port": "dev", "text": "one moment"}))
        .await;
    terminal.until("ada: one moment").await;
    terminal.press("\x1df");
    terminal.until("the turn went from ada to").await;
    terminal.press("y");
    assert_eq!(rig.device("dev").read(1).await, b"y");
    // Whoever is asked hands it over with a key.
    ada.done(turn("ask")).await;
    terminal.until("ada asks for it").await;
    terminal.press("\x1dw");
    soon("it is ada's", async {
        while holder(&rig.state("dev").await) != ada.client {}
    })
    .await;
    terminal.press("\x1dq");
    terminal.until("seriald: left dev").await;
    let shown = rig.shell("turn", &["dev", "off"], b"").await;
    assert_ne!(shown.code, Some(0));
    ada.done(turn("leave")).await;
    let shown = rig.shell("turn", &["dev", "off"], b"").await;
    assert_eq!(shown.stdout, "all who may type can\n", "{}", shown.stderr);
    let shown = rig.shell("turn", &["dev", "--json"], b"").await;
    assert_eq!(json_of(&shown)["turn"], Value::Null);
}

#[track_caller]
fn json_of(ended: &Outcome) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr))
}
