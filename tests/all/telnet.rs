//! The telnet door: raw TCP and RFC 2217, as programs use them.

use rfc2217_server::{Answer, Control, GREETING, Parity, Purge, Request, StopSize, client, escape};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::random::patterns;
use crate::rig::server::run;
use crate::rig::{Rig, http, soon};

const BOTH: [&str; 4] = ["--tcp", "dev=0", "--rfc2217", "0"];

async fn rig() -> Rig {
    Rig::with(&["dev"], &BOTH).await
}

/// A raw TCP client, once the port knows it.
async fn tcp(rig: &Rig) -> TcpStream {
    connect(rig, "socket").await
}

async fn connect(rig: &Rig, scheme: &str) -> TcpStream {
    let before = viewers(rig).await;
    let stream = TcpStream::connect(rig.server.entrance(scheme)).await;
    seen(rig, before + 1).await;
    stream.expect("a connection")
}

async fn viewers(rig: &Rig) -> usize {
    let state = rig.state("dev").await;
    state["viewers"].as_array().expect("a list").len()
}

async fn seen(rig: &Rig, count: usize) {
    soon("the port knows who is there", async {
        while viewers(rig).await != count {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

async fn read(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let what = format!("{count} bytes come");
    let read = soon(&what, stream.read_exact(&mut bytes)).await;
    read.expect("an open connection");
    bytes
}

async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    let written = soon("bytes are taken", stream.write_all(bytes)).await;
    written.expect("an open connection");
}

/// Waits until the server has closed the connection.
async fn closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // With an end or with a reset.
    let _ = soon("it is closed", stream.read_to_end(&mut rest)).await;
}

/// An RFC 2217 client that has said what it can.
struct Telnet(TcpStream);

impl Telnet {
    async fn open(rig: &Rig) -> Self {
        let mut stream = connect(rig, "rfc2217").await;
        assert_eq!(read(&mut stream, GREETING.len()).await, GREETING);
        write(&mut stream, &client::GREETING).await;
        let mut telnet = Self(stream);
        telnet.expect(Answer::ModemState(0)).await;
        telnet
    }

    async fn expect(&mut self, answer: Answer) {
        let mut bytes = Vec::new();
        answer.encode(&mut bytes);
        assert_eq!(read(&mut self.0, bytes.len()).await, bytes, "{answer:?}");
    }

    async fn ask(&mut self, request: Request) {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        write(&mut self.0, &bytes).await;
    }
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
async fn a_client_that_does_not_read_is_closed_when_its_bytes_are_no_longer_kept() {
    let flags = [&BOTH[..], &["--ring", "128KiB", "--no-record"]].concat();
    let rig = Rig::with(&["dev"], &flags).await;
    let (mut stalled, mut reader) = (tcp(&rig).await, tcp(&rig).await);
    // More than the system keeps of a connection on its way.
    let (total, piece) = (24 << 20, 64 * 1024);
    let mut sent = 0;
    while sent < total {
        let bytes = patterns(sent as u64, piece);
        tokio::join!(rig.device("dev").send(&bytes), async {
            assert!(read(&mut reader, piece).await == bytes);
        });
        sent += piece;
    }
    seen(&rig, 1).await;
    closed(&mut stalled).await;
}

#[tokio::test]
async fn a_web_page_cannot_type() {
    let rig = rig().await;
    for scheme in ["socket", "rfc2217"] {
        let mut stream = connect(&rig, scheme).await;
        write(
            &mut stream,
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nreboot\n",
        )
        .await;
        closed(&mut stream).await;
    }
    assert_eq!(rig.device("dev").unread(), b"");
    assert_eq!(rig.state("dev").await["total"]["tx"], 0);
}

#[tokio::test]
async fn hostile_telnet_harms_nobody() {
    let rig = rig().await;
    let mut other = tcp(&rig).await;
    let before = rig.server.process().memory("VmRSS");
    let mut endless = vec![255, 250, 44, 0];
    endless.resize(4 << 20, b'x');
    let asking: Vec<u8> = (0..100_000).flat_map(|n| [255, 251, n as u8]).collect();
    for bytes in [endless, asking] {
        let mut stream = connect(&rig, "rfc2217").await;
        write(&mut stream, &bytes).await;
    }
    let after = rig.server.process().memory("VmRSS");
    assert!(after < before + (8 << 20), "from {before} to {after} bytes");
    rig.device("dev").send(b"alive").await;
    assert_eq!(read(&mut other, 5).await, b"alive");
}

#[tokio::test]
async fn a_crowd_that_says_nothing_keeps_nobody_else_out() {
    let rig = rig().await;
    let (door, seats) = (rig.server.entrance("rfc2217"), 256);
    let mut early = tcp(&rig).await;
    let mut crowd = Vec::new();
    for _ in 0..seats + 44 {
        crowd.push(TcpStream::connect(door).await.expect("a connection"));
    }
    // Those that found no seat are closed without a word.
    for stream in crowd.drain(seats - 1..) {
        let mut stream = stream;
        closed(&mut stream).await;
    }
    seen(&rig, seats).await;
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(door).await.expect("a connection");
    assert_eq!(read(&mut other, GREETING.len()).await, GREETING);
    rig.device("dev").send(b"alive").await;
    assert_eq!(read(&mut early, 5).await, b"alive");
    drop(crowd);
    seen(&rig, 2).await;
    Telnet::open(&rig).await;
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
