//! Clients of the doors for programs that are no programs, do not listen, argue, or are many.

use std::time::Duration;

use rfc2217_server::{GREETING, Request};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::rig::Rig;
use crate::rig::program::{Telnet, closed, connect, read, seen, tcp, write};
use crate::rig::random::patterns;

const BOTH: [&str; 4] = ["--tcp", "dev=0", "--rfc2217", "0"];

async fn rig() -> Rig {
    Rig::with(&["dev"], &BOTH).await
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
async fn who_asks_and_never_hears_the_answers_is_no_longer_listened_to() {
    let rig = rig().await;
    let mut other = tcp(&rig).await;
    let before = rig.server.process().memory("VmRSS");
    let (mut signature, mut baud) = (Vec::new(), Vec::new());
    Request::Signature(Vec::new()).encode(&mut signature);
    Request::Baud(None).encode(&mut baud);
    let mut crowd = Vec::new();
    // Are you there; a timing mark; who are you; how fast.
    for question in [&[255, 246][..], &[255, 253, 6], &signature, &baud] {
        let mut stream = connect(&rig, "rfc2217").await;
        let questions = question.repeat(16 * 1024);
        while timeout(Duration::from_secs(1), stream.write_all(&questions))
            .await
            .is_ok()
        {}
        crowd.push(stream);
    }
    let after = rig.server.process().memory("VmRSS");
    assert!(after < before + (8 << 20), "from {before} to {after} bytes");
    rig.device("dev").send(b"alive").await;
    assert_eq!(read(&mut other, 5).await, b"alive");
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
