//! Brokers that do what none should: each is a socket that lets the server in, and then goes its own way.

use std::cell::Cell;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use super::{bridged, comes_to, connected, rig};
use crate::rig::soon;

/// More than the systems of both ends keep for a connection, and the server before it takes no more.
const ENDLESS: usize = 64 << 20;

/// Where a broker can be, and its TCP port. The system keeps little of what the broker does not read.
fn listener() -> (TcpListener, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(8).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Lets the server in when it comes.
async fn let_in(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = soon("it comes", listener.accept()).await.unwrap();
    let mut greeting = [0; 4];
    soon("it greets", stream.read_exact(&mut greeting))
        .await
        .unwrap();
    stream.write_all(b"\x20\x02\0\0").await.unwrap();
    stream
}

/// A message with the payload `x`. With a number it is to be confirmed.
fn message(topic: &str, number: Option<u16>) -> Vec<u8> {
    let mut body = vec![0, topic.len() as u8];
    body.extend_from_slice(topic.as_bytes());
    body.extend(number.iter().flat_map(|number| number.to_be_bytes()));
    body.push(b'x');
    let first = if number.is_some() { 0x32 } else { 0x30 };
    [&[first, body.len() as u8], body.as_slice()].concat()
}

#[tokio::test]
async fn a_broker_that_was_asked_for_no_commands_cannot_give_any() {
    let (listener, port) = listener();
    let rig = rig(port, "").await;
    let mut stream = let_in(&listener).await;
    let message = message("seriald/dev/write", None);
    stream.write_all(&message).await.unwrap();
    let mut said = Vec::new();
    soon("it is refused", async {
        let refused = b"you may see dev, but not type on it";
        while !said.windows(refused.len()).any(|part| part == refused) {
            stream.read_buf(&mut said).await.unwrap();
        }
    })
    .await;
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn a_broker_that_reads_nothing_slows_nobody_down() {
    let (listener, port) = listener();
    let rig = rig(port, "").await;
    let _stuck = let_in(&listener).await;
    connected(&rig).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let before = rig.server.process().memory("VmRSS");
    let start = client.on(channel).next;
    let lines = ("x".repeat(99) + "\n").repeat(10_000);
    for piece in 1..=20 {
        let end = start + piece * lines.len() as u64;
        let send = rig.device("dev").send(lines.as_bytes());
        tokio::join!(send, client.reach(channel, end));
    }
    let all = lines.repeat(20);
    assert!(client.rx(channel, all.len()).await == all.as_bytes());
    let grown = rig.server.process().memory("VmRSS").saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes more");
}

#[tokio::test]
async fn a_broker_that_talks_and_never_listens_is_left_and_costs_nobody_anything() {
    let (listener, port) = listener();
    let rig = rig(port, "keep_alive = \"3s\"").await;
    let mut broker = let_in(&listener).await;
    connected(&rig).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let before = rig.server.process().memory("VmRSS");
    // Each wants to be confirmed, and is refused with a reason.
    let flood = message("seriald/dev/set", Some(7)).repeat(1000);
    let is_left = Cell::new(false);
    let talking = async {
        let mut sent = 0;
        while broker.write_all(&flood).await.is_ok() {
            sent += flood.len();
            assert!(sent < ENDLESS, "{sent} bytes were taken");
        }
        is_left.set(true);
    };
    let others = async {
        while !is_left.get() {
            rig.device("dev").send(b"x").await;
            client.rx(channel, 1).await;
            client.write(channel, b"y").await;
            assert_eq!(rig.device("dev").read(1).await, b"y");
            bridged(&rig).await;
        }
    };
    soon("it is left", async { tokio::join!(talking, others) }).await;
    comes_to(&rig, "it is told", |bridged| {
        bridged["problem"] == "it has not answered for 2 s"
    })
    .await;
    let _again = let_in(&listener).await;
    connected(&rig).await;
    let grown = rig.server.process().memory("VmHWM").saturating_sub(before);
    assert!(grown < 16 << 20, "the server grew by {} KiB", grown >> 10);
    let log = rig.server.log();
    let told = "it has not answered for 2 s; it is tried again";
    assert!(log.contains(told), "{log}");
    assert_eq!(log.matches(": connected").count(), 2, "{log}");
}
