//! The telnet door: raw TCP and RFC 2217, as programs use them.

use rfc2217_server::{Answer, Control, GREETING, Parity, Purge, Request, StopSize, escape};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::rig::program::{Telnet, closed, connect, read, seen, tcp, write};
use crate::rig::server::run;
use crate::rig::{Rig, http, soon};

const BOTH: [&str; 4] = ["--tcp", "dev=0", "--rfc2217", "0"];

async fn rig() -> Rig {
    Rig::with(&["dev"], &BOTH).await
}

#[tokio::test]
async fn bytes_of_every_value_pass_both_ways_between_several_clients() {
    let rig = rig().await;
    let (mut one, mut other) = (tcp(&rig).await, tcp(&rig).await);
    let mut telnet = Telnet::open(&rig).await;
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let mut escaped = Vec::new();
    escape(&all, &mut escaped);
    tokio::join!(rig.device("dev").send(&all), async {
        assert!(read(&mut one, all.len()).await == all);
        assert!(read(&mut other, all.len()).await == all);
        assert!(read(&mut telnet.0, escaped.len()).await == escaped);
    });
    let got = tokio::join!(rig.device("dev").read(all.len()), write(&mut one, &all)).0;
    assert!(got == all);
    let device = rig.device("dev");
    let got = tokio::join!(device.read(all.len()), write(&mut telnet.0, &escaped)).0;
    assert!(got == all);
}

#[tokio::test]
async fn what_a_client_types_has_its_name() {
    let rig = rig().await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut stream = tcp(&rig).await;
    let state = rig.state("dev").await;
    let viewer = &state["viewers"][1];
    assert_eq!(
        (&viewer["door"], &viewer["from"]),
        (&json!("tcp"), &json!("127.0.0.1"))
    );
    write(&mut stream, b"x").await;
    client.reach(channel, client.on(channel).head + 1).await;
    assert_eq!(
        client.on(channel).tx()[0].0,
        viewer["name"].as_str().unwrap()
    );
}

#[tokio::test]
async fn a_half_closed_client_gets_its_answer_and_a_closed_one_leaves() {
    let rig = rig().await;
    let mut stream = tcp(&rig).await;
    write(&mut stream, b"measure\n").await;
    stream.shutdown().await.expect("half closed");
    assert_eq!(rig.device("dev").read(8).await, b"measure\n");
    rig.device("dev").send(b"21.4\n").await;
    assert_eq!(read(&mut stream, 5).await, b"21.4\n");
    drop(stream);
    // Without a byte from the device.
    seen(&rig, 0).await;
    let telnet = Telnet::open(&rig).await;
    drop(telnet);
    seen(&rig, 0).await;
}

#[tokio::test]
async fn clients_stay_while_the_device_is_away() {
    let mut rig = rig().await;
    let (mut stream, mut telnet) = (tcp(&rig).await, Telnet::open(&rig).await);
    rig.device_mut("dev").unplug();
    soon("the port waits", async {
        while rig.state("dev").await["state"] != "waiting" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    telnet.ask(Request::Baud(Some(57_600))).await;
    telnet.expect(Answer::Baud(57_600)).await;
    telnet.ask(Request::Control(Control::RtsOn)).await;
    telnet.expect(Answer::Control(Control::RtsOn)).await;
    rig.device_mut("dev").plug();
    soon("the port is open", async {
        while rig.state("dev").await["state"] != "open" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(rig.device("dev").baud(), 57_600);
    rig.device("dev").send(b"back").await;
    assert_eq!(read(&mut stream, 4).await, b"back");
    assert_eq!(read(&mut telnet.0, 4).await, b"back");
    write(&mut stream, b"yes").await;
    assert_eq!(rig.device("dev").read(3).await, b"yes");
}

#[tokio::test]
async fn requests_are_answered_with_what_is_in_force_also_without_modem_lines() {
    let rig = rig().await;
    let mut telnet = Telnet::open(&rig).await;
    for (request, answer) in [
        (Request::Baud(Some(9600)), Answer::Baud(9600)),
        (Request::Baud(None), Answer::Baud(9600)),
        (Request::DataSize(Some(8)), Answer::DataSize(8)),
        // A pty can do nothing else, and says so.
        (
            Request::Parity(Some(Parity::Even)),
            Answer::Parity(Parity::None),
        ),
        (
            Request::StopSize(Some(StopSize::Two)),
            Answer::StopSize(StopSize::Two),
        ),
        (
            Request::Control(Control::FlowXonXoff),
            Answer::Control(Control::FlowXonXoff),
        ),
        (
            Request::Control(Control::FlowNone),
            Answer::Control(Control::FlowNone),
        ),
        (
            Request::Control(Control::AskFlowInbound),
            Answer::Control(Control::FlowInboundNone),
        ),
        (
            Request::Control(Control::DtrOn),
            Answer::Control(Control::DtrOn),
        ),
        (
            Request::Control(Control::AskDtr),
            Answer::Control(Control::DtrOn),
        ),
        (
            Request::Control(Control::AskRts),
            Answer::Control(Control::RtsOff),
        ),
        (
            Request::Control(Control::BreakOn),
            Answer::Control(Control::BreakOn),
        ),
        (
            Request::Control(Control::BreakOff),
            Answer::Control(Control::BreakOff),
        ),
        (Request::Purge(Purge::Both), Answer::Purge(Purge::Both)),
        (Request::ModemStateMask(16), Answer::ModemStateMask(16)),
        (Request::LineStateMask(8), Answer::LineStateMask(8)),
        (Request::ModemState, Answer::ModemState(0)),
        (Request::LineState, Answer::LineState(0x60)),
    ] {
        telnet.ask(request).await;
        telnet.expect(answer).await;
    }
    assert_eq!(rig.device("dev").baud(), 9600);
    let notes = notes(&rig).await;
    for note in ["now 9600 8N1", "BREAK on", "BREAK for"] {
        let by_telnet = |line: &&str| line.contains(note) && line.contains("telnet 1");
        assert!(
            notes.lines().any(|line| by_telnet(&line)),
            "{note}:\n{notes}"
        );
    }
}

#[tokio::test]
async fn the_break_of_a_telnet_user_has_the_usual_length() {
    let rig = rig().await;
    let mut telnet = Telnet::open(&rig).await;
    write(&mut telnet.0, &[255, 243]).await;
    soon("it is sent", async {
        while !notes(&rig).await.contains("BREAK for 250 ms") {}
    })
    .await;
}

#[tokio::test]
async fn the_system_asks_a_silent_client_whether_it_is_there() {
    let rig = rig().await;
    let stream = tcp(&rig).await;
    let ends = [stream.peer_addr(), stream.local_addr()].map(|end| end.unwrap().port());
    let ends = ends.map(|port| format!("0100007F:{port:04X}"));
    let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let fields = sockets.lines().map(|line| line.split_whitespace());
    let mut ours = fields.filter(|fields| fields.clone().skip(1).take(2).eq(&ends));
    // Behind both ends stand the state, the queues, and which timer runs, for how many hundredths of a second.
    let timer = ours.next().and_then(|mut fields| fields.nth(5));
    let (kind, left) = timer
        .and_then(|timer| timer.split_once(':'))
        .expect("a timer");
    assert_eq!(kind, "02", "that of keepalive");
    assert!(u32::from_str_radix(left, 16).unwrap() <= 20 * 100);
}

/// The notes of the port so far, a JSON object in each line.
async fn notes(rig: &Rig) -> String {
    let path = "/api/v1/ports/dev/history?format=jsonl&kind=note";
    let answer = http::get(rig.server.address(), path).await;
    String::from_utf8(answer.body).expect("JSON is UTF-8")
}

#[tokio::test]
async fn a_client_that_uses_the_option_without_a_word_has_agreed_to_it() {
    let rig = rig().await;
    let mut telnet = Telnet(connect(&rig, "rfc2217").await);
    read(&mut telnet.0, GREETING.len()).await;
    telnet.ask(Request::Baud(None)).await;
    telnet.expect(Answer::ModemState(0)).await;
    telnet.expect(Answer::Baud(4_000_000)).await;
    write(&mut telnet.0, b"\r\0").await;
    assert_eq!(rig.device("dev").read(2).await, b"\r\0");
}

#[tokio::test]
async fn a_request_behind_data_waits_for_the_data_and_a_purge_throws_it_away() {
    let rig = rig().await;
    let mut telnet = Telnet::open(&rig).await;
    telnet.ask(Request::Control(Control::FlowXonXoff)).await;
    telnet.expect(Answer::Control(Control::FlowXonXoff)).await;
    // A device that reads nothing: its buffer fills up, and the rest is held back.
    write(&mut telnet.0, &[b'x'; 16_000]).await;
    telnet.ask(Request::Baud(None)).await;
    telnet.expect(Answer::Baud(4_000_000)).await;
    telnet.ask(Request::Purge(Purge::Transmit)).await;
    telnet.expect(Answer::Purge(Purge::Transmit)).await;
    write(&mut telnet.0, b"!").await;
    let mut got = Vec::new();
    while got.last() != Some(&b'!') {
        got.extend(soon("the rest comes", rig.device("dev").read_some()).await);
    }
    assert!(got.len() < 16_000, "{} bytes came", got.len());
}

#[tokio::test]
async fn a_suspended_client_is_sent_nothing_until_it_resumes() {
    let rig = rig().await;
    let (mut telnet, mut other) = (Telnet::open(&rig).await, tcp(&rig).await);
    telnet.ask(Request::Suspend).await;
    telnet.ask(Request::Baud(None)).await;
    telnet.expect(Answer::Baud(4_000_000)).await;
    rig.device("dev").send(b"data").await;
    assert_eq!(read(&mut other, 4).await, b"data");
    // Answers still come, and the data does not overtake them.
    telnet.ask(Request::DataSize(None)).await;
    telnet.expect(Answer::DataSize(8)).await;
    telnet.ask(Request::Resume).await;
    assert_eq!(read(&mut telnet.0, 4).await, b"data");
}

#[tokio::test]
async fn only_this_machine_is_let_in_unless_nobody_is_asked_for_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("none");
    let spec = format!("dev={}", device.display());
    let common = ["--no-discover", "--listen", "127.0.0.1:0"];
    for (flags, told) in [
        (["--tcp", "0.0.0.0:0"], "--no-auth"),
        (["--rfc2217", "gsp=0"], "there is: dev"),
    ] {
        let arguments = [&common[..], &flags, &[spec.as_str()]].concat();
        let outcome = run(&arguments).await;
        assert_eq!(outcome.code, Some(1));
        assert!(outcome.stderr.contains(told), "{}", outcome.stderr);
    }
    let rig = Rig::with(&["dev"], &["--no-auth", "--tcp", "0.0.0.0:0"]).await;
    assert!(rig.server.entrance("socket").ip().is_unspecified());
}

#[tokio::test]
async fn the_entrances_close_with_the_server() {
    let mut rig = rig().await;
    let mut stream = tcp(&rig).await;
    assert!(rig.server.stop().await.success());
    closed(&mut stream).await;
}
