//! TLS: what it is spoken with and by whom, what becomes of those who do not, and certificates that
//! come and go.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use seriald::tls::Fingerprint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::version;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::rig::http::{self, Answer, ask_over, exchange, get};
use crate::rig::server::{Server, run};
use crate::rig::tls::{Pair, certificate, connect, connect_with};
use crate::rig::{Rig, soon, until};

/// For the rig, and over TLS.
const BOTH: [&str; 4] = ["--listen", "127.0.0.1:0", "--listen", "https://127.0.0.1:0"];

/// A server with a certificate.
struct Lab {
    rig: Rig,
    pair: Pair,
    certificate: CertificateDer<'static>,
}

impl Lab {
    async fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pair = Pair::within(folder.path(), "pair");
        let certificate = certificate(&pair.cert);
        let flags = [&BOTH[..], &pair.flags(), flags].concat();
        let rig = Rig::within(folder, &["dev"], &flags).await;
        Self {
            rig,
            pair,
            certificate,
        }
    }

    fn address(&self) -> SocketAddr {
        self.rig.server.secure()
    }

    async fn get(&self, path: &str) -> Answer {
        let stream = connect(self.address(), &self.certificate).await.unwrap();
        ask_over(stream, self.address(), "GET", path, &[], b"").await
    }

    /// Another certificate, beside the one that is served.
    fn another(&self, name: &str) -> Pair {
        Pair::within(self.rig.folder.path(), name)
    }

    async fn told(&self, text: &str) {
        until(text, || self.rig.server.log().contains(text)).await;
    }
}

/// Everything until the other end closes.
async fn rest(mut stream: impl AsyncReadExt + Unpin) -> Vec<u8> {
    let mut all = Vec::new();
    let _: std::io::Result<_> = soon("it closes", stream.read_to_end(&mut all)).await;
    all
}

/// One answer of a socket.
async fn ping<S>(socket: &mut WebSocketStream<S>, id: u64)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let question = json!({"type": "ping", "id": id}).to_string();
    socket.send(Message::text(question)).await.unwrap();
    soon("it is answered", async {
        loop {
            let Message::Text(text) = socket.next().await.expect("a message").unwrap() else {
                continue;
            };
            let told: Value = serde_json::from_str(&text).unwrap();
            if told["id"] == id {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken_and_nothing_older() {
    let lab = Lab::start(&[]).await;
    for version in [&version::TLS12, &version::TLS13] {
        let stream = connect_with(lab.address(), &lab.certificate, &[version]).await;
        let stream = stream.expect("it is spoken");
        assert_eq!(stream.get_ref().1.alpn_protocol(), None);
        let answer = ask_over(stream, lab.address(), "GET", "/healthz", &[], b"").await;
        assert_eq!(answer.text(), "ok\n", "{version:?}");
    }
    // A hello of TLS 1.1 with one suite: 32 random bytes, no session, no compression, no extensions.
    let body = [&[3, 2][..], &[7; 32], &[0, 0, 2, 0xc0, 0x13, 1, 0]].concat();
    let hello = [
        &[22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8][..],
        &body,
    ]
    .concat();
    let answer = exchange(lab.address(), &hello).await;
    // A fatal alert: there is no such version, or it came without what is asked for since.
    assert_eq!((answer[0], answer[5]), (21, 2), "{answer:?}");
    assert!(
        answer.len() == 7 && [70, 40].contains(&answer[6]),
        "{answer:?}"
    );
}

#[tokio::test]
async fn loopback_stays_plain_and_all_other_addresses_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::within(folder.path(), "pair");
    let everywhere = ["--listen", "0.0.0.0:0", "--listen", "127.0.0.1:0"];
    let plain = ["--listen", "http://0.0.0.0:0", "--no-auth"];
    let flags = [&everywhere[..], &plain, &pair.flags()].concat();
    let server = Server::start(folder.path(), &flags);
    let links: Vec<_> = server
        .links()
        .iter()
        .map(|link| link.split_once("://").unwrap().0)
        .collect();
    assert_eq!(
        links,
        [
            "seriald is at https",
            "seriald is at http",
            "seriald is at http"
        ]
    );
    let stream = connect(server.secure(), &certificate(&pair.cert))
        .await
        .unwrap();
    let answer = ask_over(stream, server.secure(), "GET", "/healthz", &[], b"").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn whoever_comes_without_tls_is_sent_to_the_same_place_with_it() {
    let lab = Lab::start(&["--tls-redirect", "127.0.0.1:0"]).await;
    lab.told("sends browsers to").await;
    let log = lab.rig.server.log();
    let (before, _) = log.split_once(" sends browsers to").unwrap();
    let redirect: SocketAddr = before.rsplit(' ').next().unwrap().parse().unwrap();
    for address in [lab.address(), redirect] {
        let answer = get(address, "/console/?a=b").await;
        let place = format!("https://{}/console/?a=b", lab.address());
        assert_eq!(answer.status, 308);
        assert_eq!(answer.header("location"), Some(place.as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let refused = http::ask(address, "POST", "/api/v1/session", &[], b"{}").await;
        assert_eq!(refused.status, 400);
        assert!(refused.text().contains("https://"), "{}", refused.text());
    }
    let shell = format!("http://{}", lab.address());
    for (command, told) in [
        (&["ports"][..], "sends to https://"),
        (&["send", "dev", "x"], "begins with https://"),
    ] {
        let ended = run(&[command, &["--server", &shell]].concat()).await;
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_socket_lives_on_while_the_certificate_is_replaced() {
    let lab = Lab::start(&[]).await;
    let stream = connect(lab.address(), &lab.certificate).await.unwrap();
    let url = format!("wss://{}/api/v1/socket", lab.address());
    let (mut socket, _) = client_async(url, stream).await.unwrap();
    ping(&mut socket, 1).await;

    let second = lab.another("second");
    let of_second = certificate(&second.cert);
    second.replace(&lab.pair);
    lab.told("this certificate is served now").await;
    connect(lab.address(), &of_second)
        .await
        .expect("the new one is served");
    assert!(
        connect(lab.address(), &lab.certificate).await.is_err(),
        "the old one is not"
    );
    ping(&mut socket, 2).await;

    // Half of another pair is none.
    let third = lab.another("third");
    let of_third = certificate(&third.cert);
    fs::rename(&third.cert, &lab.pair.cert).unwrap();
    lab.told("is not the key of the certificate").await;
    connect(lab.address(), &of_second)
        .await
        .expect("the one from before is served");
    fs::rename(&third.key, &lab.pair.key).unwrap();
    soon("the third is served", async {
        while connect(lab.address(), &of_third).await.is_err() {}
    })
    .await;
    ping(&mut socket, 3).await;
}

#[tokio::test]
async fn a_hangup_asks_for_the_files_to_be_read() {
    let lab = Lab::start(&[]).await;
    // SAFETY: the server is ours and runs.
    let sent = unsafe { libc::kill(lab.rig.server.process().id() as i32, libc::SIGHUP) };
    assert_eq!(sent, 0);
    lab.told("this certificate is served now").await;
    assert_eq!(lab.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_certificate_that_the_server_makes_is_known_by_its_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let flags = [&BOTH[..], &["--tls-self-signed"]].concat();
    let mut rig = Rig::within(folder, &["dev"], &flags).await;
    let own = rig.folder.path().join("data/self-signed.crt");
    let fingerprint = Fingerprint::of(&certificate(&own)).to_string();
    let told = |server: &Server| server.log().contains(&fingerprint);
    assert!(told(&rig.server), "{}", rig.server.log());
    let stream = connect(rig.server.secure(), &certificate(&own))
        .await
        .unwrap();
    let served = &stream.get_ref().1.peer_certificates().unwrap()[0];
    assert_eq!(Fingerprint::of(served).to_string(), fingerprint);
    let key = fs::metadata(own.with_extension("key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);

    let server = format!("https://{}", rig.server.secure());
    let ports = async |more: &[&str]| run(&[&["ports", "--server", &server], more].concat()).await;
    let other = format!("SHA256:{}", "AB".repeat(32));
    for (flags, told) in [
        (["--fingerprint", fingerprint.as_str()], Ok("dev")),
        (["--ca", own.to_str().unwrap()], Ok("dev")),
        (["--fingerprint", other.as_str()], Err(fingerprint.as_str())),
        (
            [
                "--ca",
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/localhost.crt"),
            ],
            Err("--fingerprint"),
        ),
        (["--ca", "/nonexistent"], Err("/nonexistent")),
    ] {
        let ended = ports(&flags).await;
        match told {
            Ok(told) => assert!(ended.stdout.contains(told), "{flags:?}: {}", ended.stderr),
            Err(told) => assert!(ended.stderr.contains(told), "{flags:?}: {}", ended.stderr),
        }
        assert_eq!(ended.code == Some(0), told.is_ok(), "{flags:?}");
    }
    let unknown = ports(&[]).await.stderr;
    assert!(
        unknown.contains("--fingerprint") && unknown.contains("--ca"),
        "{unknown}"
    );

    assert!(rig.server.stop().await.success());
    rig.restart().await;
    assert!(told(&rig.server), "it is kept");
}

#[tokio::test]
async fn half_a_handshake_holds_up_nobody_and_not_for_ever() {
    let lab = Lab::start(&[]).await;
    let mut halves = Vec::new();
    for _ in 0..100 {
        let mut half = TcpStream::connect(lab.address()).await.unwrap();
        half.write_all(&[22, 3, 1, 2, 0]).await.unwrap();
        halves.push(half);
    }
    let silent = TcpStream::connect(lab.address()).await.unwrap();
    assert_eq!(lab.get("/healthz").await.status, 200);
    for half in halves.into_iter().chain([silent]) {
        rest(half).await;
    }
}

#[tokio::test]
async fn programs_use_a_port_within_tls() {
    let lab = Lab::start(&["--tcp", "tls://127.0.0.1:0"]).await;
    let door = lab.rig.server.entrance("tls");
    let mut client = connect(door, &lab.certificate).await.unwrap();
    client.write_all(b"measure").await.unwrap();
    assert_eq!(lab.rig.device("dev").read(7).await, b"measure");
    // Who has said everything still gets its answer, and a goodbye behind it.
    client.shutdown().await.unwrap();
    lab.rig.device("dev").send(b"21.5").await;
    let mut answer = [0; 4];
    soon("the answer", client.read_exact(&mut answer))
        .await
        .unwrap();
    assert_eq!(&answer, b"21.5");
    drop(client);

    let plain = TcpStream::connect(door).await.unwrap();
    let (mut reader, mut writer) = plain.into_split();
    writer.write_all(b"evil evil evil").await.unwrap();
    rest(&mut reader).await;
    assert_eq!(lab.rig.device("dev").unread(), b"");

    let tcp = json!([format!("tls://{door}")]);
    assert_eq!(lab.rig.state("dev").await["doors"]["tcp"], tcp);
}

#[tokio::test]
async fn a_door_within_tls_is_opened_and_moved_while_the_server_runs() {
    let lab = Lab::start(&[]).await;
    let path = "/api/v1/ports/dev/doors";
    let put = async |wish: Value| {
        let headers = [("Content-Type", "application/json")];
        let body = wish.to_string();
        http::ask(
            lab.rig.server.address(),
            "PUT",
            path,
            &headers,
            body.as_bytes(),
        )
        .await
    };
    let doors = put(json!({"rfc2217": "tls://127.0.0.1:0"})).await.json();
    let address = doors["rfc2217"][0].as_str().unwrap().strip_prefix("tls://");
    let address = address.expect("within TLS").parse().unwrap();
    let mut client = connect(address, &lab.certificate).await.unwrap();
    let mut greeting = [0; 3];
    soon("a greeting", client.read_exact(&mut greeting))
        .await
        .unwrap();
    assert_eq!(greeting[0], 255, "an order of telnet");
    put(json!({"rfc2217": null})).await;
    let mut last = Vec::new();
    let goodbye = soon("a goodbye", client.read_to_end(&mut last)).await;
    assert!(goodbye.is_ok(), "it ended as TLS has it: {goodbye:?}");

    let plain = Rig::start(&["dev"]).await;
    let headers = [("Content-Type", "application/json")];
    let wish = br#"{"tcp": "tls://127.0.0.1:0"}"#;
    let refused = http::ask(plain.server.address(), "PUT", path, &headers, wish).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("--tls-cert"), "{}", refused.text());
}

#[tokio::test]
async fn a_page_from_without_tls_is_not_ours() {
    let lab = Lab::start(&[]).await;
    for (scheme, status) in [("https", 200), ("http", 403)] {
        let origin = format!("{scheme}://{}", lab.address());
        let stream = connect(lab.address(), &lab.certificate).await.unwrap();
        let headers = [("Origin", origin.as_str())];
        let answer = ask_over(stream, lab.address(), "GET", "/api/v1/ports", &headers, b"").await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

#[tokio::test]
async fn a_browser_keeps_its_cookie_for_tls_alone() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--listen", "0.0.0.0:0", "--tls-self-signed"];
    let server = Server::start(folder.path(), &flags);
    let (link, secret) = server.printed().split_once("#token=").expect("a token");
    assert!(link.contains("https://"), "{link}");
    let own = certificate(&folder.path().join("data/self-signed.crt"));
    let stream = connect(server.secure(), &own).await.unwrap();
    let body = json!({"token": secret.trim()}).to_string();
    let headers = [("Content-Type", "application/json")];
    let path = "/api/v1/session";
    let answer = ask_over(
        stream,
        server.secure(),
        "POST",
        path,
        &headers,
        body.as_bytes(),
    )
    .await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("; Secure"), "{cookie}");
}

/// What is said at a start with these files.
async fn refused(cert: &Path, key: &Path) -> String {
    let [cert, key] = [cert, key].map(|file| file.to_str().unwrap());
    let ended = run(&[
        "--listen",
        "https://127.0.0.1:0",
        "--tls-cert",
        cert,
        "--tls-key",
        key,
    ])
    .await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    ended.stderr
}

#[tokio::test]
async fn what_is_of_no_use_is_told_with_its_file_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| Pair::within(folder.path(), name));
    let text = folder.path().join("text");
    fs::write(&text, "no PEM").unwrap();
    let encrypted = folder.path().join("encrypted");
    let key = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    fs::write(&encrypted, key).unwrap();
    let absent = folder.path().join("absent");
    for (cert, key, flag, file, told) in [
        (&absent, &one.key, "--tls-cert", &absent, "No such file"),
        (&one.cert, &absent, "--tls-key", &absent, "No such file"),
        (&text, &one.key, "--tls-cert", &text, "openssl x509"),
        (
            &one.key,
            &one.cert,
            "--tls-cert",
            &one.key,
            "no certificate",
        ),
        (&one.cert, &text, "--tls-key", &text, "openssl pkey"),
        (
            &one.cert,
            &encrypted,
            "--tls-key",
            &encrypted,
            "is encrypted",
        ),
        (
            &one.cert,
            &other.key,
            "--tls-key",
            &other.key,
            "is not the key",
        ),
    ] {
        let said = refused(cert, key).await;
        let file = format!("{flag} {}", file.display());
        assert!(
            said.contains(told) && said.contains(&file),
            "{told}: {said}"
        );
    }
    for (flags, told) in [
        (
            &["--listen", "https://127.0.0.1:0"][..],
            "--tls-self-signed",
        ),
        (&["--tcp", "tls://127.0.0.1:0"], "--tls-self-signed"),
        (&["--tls-redirect", "127.0.0.1:0"], "no listener speaks TLS"),
        (&["--tls-cert", "a"], "--tls-key"),
    ] {
        let ended = run(flags).await;
        assert_ne!(ended.code, Some(0));
        assert!(ended.stderr.contains(told), "{flags:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn what_is_odd_about_a_certificate_is_told_and_does_not_keep_the_server_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 3600);
    let pair = Pair::until(folder.path(), "old", yesterday);
    fs::set_permissions(&pair.key, PermissionsExt::from_mode(0o644)).unwrap();
    let file = folder.path().join("s.toml");
    let text = format!(
        "listen = [\"127.0.0.1:0\"]\n[tls]\ncert = {:?}\nkey = {:?}\n",
        pair.cert, pair.key
    );
    fs::write(&file, text).unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let checked = run(&["check-config", "--data", data, file.to_str().unwrap()]).await;
    assert_eq!(checked.code, Some(1), "{}", checked.stderr);
    for told in [
        "s.toml:3:8: warning",
        "this certificate ended on",
        "chmod 600",
        "nobody speaks TLS",
    ] {
        assert!(checked.stderr.contains(told), "{told}: {}", checked.stderr);
    }
    let server = Server::start(folder.path(), &["--config", file.to_str().unwrap()]);
    assert!(
        server.log().contains("this certificate ended on"),
        "{}",
        server.log()
    );
}

#[tokio::test]
async fn what_would_be_served_is_told_with_its_scheme() {
    let folder = tempfile::tempdir().unwrap();
    let pair = Pair::within(folder.path(), "pair");
    let file = folder.path().join("s.toml");
    let text = format!(
        "listen = [\"0.0.0.0:4443\", \"127.0.0.1:4480\"]\n[tls]\ncert = {:?}\nkey = {:?}\n[port.a]\n\
         device = \"/dev/null\"\ntcp = \"tls://127.0.0.1:4481\"\n",
        pair.cert, pair.key
    );
    fs::write(&file, text).unwrap();
    let checked = run(&["check-config", file.to_str().unwrap()]).await;
    for told in [
        "at https://0.0.0.0:4443/",
        "at http://127.0.0.1:4480/",
        "tls://127.0.0.1:4481",
    ] {
        assert!(
            checked.stdout.contains(told),
            "{told}: {}{}",
            checked.stdout,
            checked.stderr
        );
    }
}
