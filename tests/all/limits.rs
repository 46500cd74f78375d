//! Limits: what strangers can hold, and for how long.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::http::{UPGRADE, ask, exchange, get};
use crate::rig::{Rig, soon};

const HEADER_LIMIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_header_that_never_ends_is_not_waited_for() {
    let rig = Rig::start(&["dev"]).await;
    let start = Instant::now();
    let mut slow = Vec::new();
    for request in ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(rig.server.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    for mut stream in slow {
        let mut rest = Vec::new();
        // It may be said or not; what counts is the end.
        let _ = soon("it is closed", stream.read_to_end(&mut rest)).await;
    }
    let took = start.elapsed();
    assert!(
        took > HEADER_LIMIT / 2 && took < HEADER_LIMIT + Duration::from_secs(4),
        "{took:?}"
    );
    assert_eq!(get(rig.server.address(), "/healthz").await.status, 200);
}

#[tokio::test]
async fn a_giant_header_is_refused() {
    let rig = Rig::start(&["dev"]).await;
    let giant = "x".repeat(200 * 1024);
    for headers in [vec![("X-Giant", giant.as_str())], vec![("X", "y"); 500]] {
        let answer = ask(rig.server.address(), "GET", "/healthz", &headers, b"").await;
        assert_eq!(answer.status, 431);
    }
    let answer = get(rig.server.address(), &format!("/{giant}")).await;
    assert!(matches!(answer.status, 414 | 431), "{}", answer.status);
}

#[tokio::test]
async fn a_frame_that_claims_to_be_giant_is_refused_before_it_is_there() {
    let rig = Rig::start(&["dev"]).await;
    for path in ["/api/v1/socket", "/api/v1/ports/dev/raw", "/ws"] {
        let mut request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in UPGRADE {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(rig.server.address()).await.unwrap();
        stream
            .write_all(format!("{request}\r\n").as_bytes())
            .await
            .unwrap();
        // Masked, binary, and 2^40 bytes long.
        let frame = [0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4];
        stream.write_all(&frame).await.unwrap();
        let mut all = Vec::new();
        let _ = soon("it is closed", stream.read_to_end(&mut all)).await;
        let close = [0x88, 1009u16.to_be_bytes()[0], 1009u16.to_be_bytes()[1]];
        let found = all
            .windows(4)
            .any(|four| four[0] == close[0] && four[2..] == close[1..]);
        assert!(found, "{path}: {:?}", all.escape_ascii().to_string());
    }
}

#[tokio::test]
async fn nonsense_is_answered_and_forgotten() {
    let rig = Rig::start(&["dev"]).await;
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"SSH-2.0-x\r\n\r\n",
        &[0; 4096],
    ] {
        let answer = exchange(rig.server.address(), nonsense).await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"),
            "{}",
            answer.escape_ascii()
        );
    }
    assert_eq!(get(rig.server.address(), "/healthz").await.status, 200);
}

/// Whether a connection is served: it is answered, or what it writes reaches the device.
async fn is_served(rig: &Rig, stream: &mut TcpStream, request: &[u8]) -> bool {
    // Whoever is refused may be closed already.
    let _ = stream.write_all(request).await;
    let mut buffer = [0; 1024];
    soon("it is served or closed", async {
        tokio::select! {
            read = stream.read(&mut buffer) => read.is_ok_and(|read| read > 0),
            _ = rig.device("dev").read(request.len()) => true,
        }
    })
    .await
}

#[tokio::test]
async fn one_address_has_as_many_connections_as_the_configuration_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    let limits = "[limits]\nconnections_per_address = 3\nprograms_per_address = 1\n";
    std::fs::write(&file, limits).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let flags = ["--config", file.as_str(), "--tcp", "dev=0"];
    let rig = Rig::within(folder, &["dev"], &flags).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (address, most, request) in [
        (rig.server.address(), 3, &request[..]),
        (rig.server.entrance("socket"), 1, b"x"),
    ] {
        let connect = async || TcpStream::connect(address).await.expect("it listens");
        let mut held = Vec::new();
        for _ in 0..2 {
            // Who had a seat before may still be leaving it.
            soon("all seats are taken", async {
                while held.len() < most {
                    let mut stream = connect().await;
                    if is_served(&rig, &mut stream, request).await {
                        held.push(stream);
                    }
                }
            })
            .await;
            assert!(!is_served(&rig, &mut connect().await, request).await);
            held.pop();
            // A program that has ended its direction has its seat until it does not answer.
            rig.device("dev").send(b"?").await;
        }
        // Other addresses have seats of their own.
        let elsewhere = tokio::net::TcpSocket::new_v4().unwrap();
        elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut elsewhere = elsewhere.connect(address).await.unwrap();
        assert!(is_served(&rig, &mut elsewhere, request).await);
    }
}
