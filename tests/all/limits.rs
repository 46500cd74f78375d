//! Limits: what strangers can hold, and for how long.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::client::Client;
use crate::rig::http::{UPGRADE, ask, ask_over, exchange, get};
use crate::rig::people::{House, bearer};
use crate::rig::random::patterns;
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

/// Whether a connection is served: at the web's door it is answered, at one for programs what it writes
/// reaches the device.
async fn is_served(rig: &Rig, stream: &mut TcpStream, request: &[u8]) -> bool {
    // Whoever is refused may be closed already.
    let _ = stream.write_all(request).await;
    let is_program = request.len() == 1;
    let mut buffer = [0; 1024];
    soon("it is served or closed", async {
        loop {
            tokio::select! {
                // A program may be told what the device says before it is heard itself.
                read = stream.read(&mut buffer) => match read {
                    Ok(1..) if is_program => {}
                    read => return read.is_ok_and(|read| read > 0),
                },
                _ = rig.device("dev").read(1), if is_program => return true,
            }
        }
    })
    .await
}

#[tokio::test]
async fn one_address_has_as_many_connections_as_the_configuration_says() {
    let limits = "connections_per_address = 3\nprograms_per_address = 1\n";
    let rig = limited(limits, &["--tcp", "dev=0"]).await;
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
        let mut elsewhere = from_elsewhere(address).await;
        assert!(is_served(&rig, &mut elsewhere, request).await);
    }
}

/// A rig with limits.
async fn limited(limits: &str, flags: &[&str]) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    std::fs::write(&file, format!("[limits]\n{limits}")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Rig::within(folder, &["dev"], &[&["--config", &file], flags].concat()).await
}

/// A connection from another address of this machine.
async fn from_elsewhere(to: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

#[tokio::test]
async fn a_socket_has_its_seat_for_as_long_as_it_is_open() {
    let rig = limited("connections_per_address = 3\n", &[]).await;
    let mut sockets = Vec::new();
    let full = async |sockets: &mut Vec<_>| {
        // Who had a seat before may still be leaving it.
        soon("all seats are taken", async {
            while sockets.len() < 3 {
                let stream = TcpStream::connect(rig.server.address()).await.unwrap();
                let url = format!("ws://{}/api/v1/socket", rig.server.address());
                if let Ok((socket, _)) = tokio_tungstenite::client_async(url, stream).await {
                    sockets.push(socket);
                }
            }
        })
        .await;
    };
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for _ in 0..2 {
        full(&mut sockets).await;
        let refused = exchange(rig.server.address(), request).await;
        assert_eq!(refused.escape_ascii().to_string(), "", "a fourth");
        sockets.pop();
    }
}

#[tokio::test]
async fn an_account_has_as_many_connections_as_the_configuration_says() {
    let people = [("root", "administer"), ("bob", "see")];
    let limits = "[limits]\nconnections_per_account = 2\n";
    let house = House::open(&["dev"], &people, limits).await;
    let sockets = [house.client("bob").await, house.client("bob").await];
    let refused = house.get("bob", "/api/v1/ports").await;
    assert_eq!((refused.status, &*refused.code()), (429, "too-many"));
    assert!(refused.text().contains("connections_per_account"));
    assert_eq!(house.get("root", "/api/v1/ports").await.status, 200);
    // What everybody may have counts for nobody.
    assert_eq!(house.get("bob", "/healthz").await.status, 200);
    drop(sockets);
    soon("there is room again", async {
        while house.get("bob", "/api/v1/ports").await.status != 200 {}
    })
    .await;
}

const RATE: usize = 256 << 10;
/// What is sent in the tests of bandwidth, and the least that it takes: a second's worth may pass at once.
const MUCH: usize = 3 * RATE;
const LEAST: Duration = Duration::from_millis(1700);

#[tokio::test]
async fn an_address_gets_and_sends_no_more_than_its_bandwidth_and_nobody_else_waits() {
    let limits = format!("bandwidth_per_address = {RATE}\n");
    let rig = limited(&limits, &["--tcp", "dev=0"]).await;
    let sent = patterns(0, MUCH);
    rig.device("dev").send(&sent).await;
    let path = "/api/v1/ports/dev/history?format=raw&from=0";
    let download = async |stream: TcpStream| {
        let (start, address) = (Instant::now(), rig.server.address());
        let answer = ask_over(stream, address, "GET", path, &[], b"").await;
        assert_eq!(answer.unchunked().len(), MUCH);
        start.elapsed()
    };
    soon("it came", async {
        while rig.state("dev").await["total"]["rx"] != MUCH {}
    })
    .await;
    let near = TcpStream::connect(rig.server.address()).await.unwrap();
    let slow = download(near).await;
    assert!(slow > LEAST, "{slow:?}");
    // The same address at another door, one way and the other; and somebody else meanwhile.
    let door = rig.server.entrance("socket");
    let mut program = TcpStream::connect(door).await.unwrap();
    let start = Instant::now();
    let (_, took) = tokio::join!(program.write_all(&sent), async {
        assert!(rig.device("dev").read(MUCH).await == sent);
        start.elapsed()
    });
    assert!(took > LEAST, "{took:?}");
    let stranger = from_elsewhere(door).await;
    let mut came = vec![0; RATE];
    let start = Instant::now();
    let mut streams = [program, stranger];
    soon("both are there", async {
        while rig.state("dev").await["viewers"].as_array().unwrap().len() < 2 {}
    })
    .await;
    rig.device("dev").send(&sent[..RATE]).await;
    for stream in &mut streams {
        soon("all came", stream.read_exact(&mut came))
            .await
            .unwrap();
        assert!(came == sent[..RATE]);
    }
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_account_has_its_bandwidth_wherever_it_comes_from() {
    let limits = format!("[limits]\nbandwidth_per_account = {RATE}\n");
    let people = [("root", "administer"), ("bob", "see")];
    let house = House::open(&["dev"], &people, &limits).await;
    house.rig.device("dev").send(&patterns(0, MUCH)).await;
    let state = async || house.get("root", "/api/v1/ports/dev").await.json();
    soon("it came", async {
        while state().await["total"]["rx"] != MUCH {}
    })
    .await;
    let address = house.rig.server.address();
    let bearer = bearer(house.secret("bob"));
    let headers = [("Authorization", &*bearer)];
    let path = "/api/v1/ports/dev/history?format=raw&from=0";
    let start = Instant::now();
    let (here, there) = tokio::join!(
        async { ask(address, "GET", path, &headers, b"").await },
        async {
            let stream = from_elsewhere(address).await;
            ask_over(stream, address, "GET", path, &headers, b"").await
        }
    );
    assert_eq!(here.unchunked().len() + there.unchunked().len(), 2 * MUCH);
    let took = start.elapsed();
    assert!(took > 2 * LEAST, "{took:?}");
}

#[tokio::test]
async fn who_reads_beyond_its_bandwidth_is_told_what_it_missed() {
    let limits = "bandwidth_per_address = \"32KiB\"\n";
    let flags = ["--ring", "128KiB", "--no-record"];
    let rig = limited(limits, &flags).await;
    let mut client = Client::connect(&rig.server).await;
    let channel = client.subscribe("dev", "now").await;
    let start = client.on(channel).next;
    rig.device("dev").send(&patterns(0, 1 << 20)).await;
    while client.on(channel).gaps().is_empty() {
        client.step().await;
    }
    let gap = client.on(channel).gaps()[0];
    assert!(gap.0 >= start && gap.1 <= start + (1 << 20), "{gap:?}");
    client.done(serde_json::json!({"type": "ping"})).await;
}

#[tokio::test]
async fn headers_and_messages_may_be_as_long_as_the_configuration_says() {
    let rig = limited("header_size = \"8KiB\"\nmessage_size = \"256KiB\"\n", &[]).await;
    let address = rig.server.address();
    let mut client = rig.client().await;
    assert_eq!(client.hello["limits"]["message"], 256 << 10);
    for (length, status) in [(4 << 10, 200), (12 << 10, 431)] {
        let long = "x".repeat(length);
        let answer = ask(address, "GET", "/healthz", &[("X-Long", &long)], b"").await;
        assert_eq!(answer.status, status, "{length} bytes");
    }
    let json = [("Content-Type", "application/json")];
    let name = "x".repeat(300 << 10);
    let path = "/api/v1/ports/dev/marks";
    let body = serde_json::json!({ "text": name }).to_string();
    let refused = ask(address, "POST", path, &json, body.as_bytes()).await;
    assert_eq!(
        (refused.status, refused.json()["limit"].as_u64()),
        (413, Some(256 << 10))
    );
    client.say_too_much(Message::text(body)).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, 1009);
}

#[tokio::test]
async fn a_body_that_trickles_is_not_waited_for() {
    let rig = limited("body_time = \"1s\"\n", &[]).await;
    let head = "POST /api/v1/ports/dev/marks HTTP/1.1\r\nHost: localhost\r\n\
                Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
    let stream = TcpStream::connect(rig.server.address()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    write.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let trickle = async {
        // Whoever is given up cannot write any more.
        while write.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = trickle => {}
        _ = soon("it is given up", read.read_to_end(&mut answer)) => {}
    }
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("too slowly"), "{answer}");
}
