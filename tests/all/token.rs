//! The token: whoever comes from elsewhere needs it, everywhere.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::rig::client::{Client, open};
use crate::rig::device::Device;
use crate::rig::http::{Answer, UPGRADE, ask, get};
use crate::rig::server::Server;
use crate::rig::until;

/// Not a loopback address, so that it asks for the token also those who come over loopback.
const EVERYWHERE: [&str; 2] = ["--listen", "0.0.0.0:0"];

/// The ones that need the token, and what they say to one who has it.
const GUARDED: [(&str, &str, u16); 9] = [
    ("GET", "/", 307),
    ("GET", "/nothing", 404),
    ("GET", "/api/v1/ports", 200),
    ("GET", "/api/v1/ports/dev", 200),
    ("POST", "/api/v1/ports/dev/write", 200),
    ("DELETE", "/api/v1/session", 204),
    ("GET", "/api/v1/socket", 101),
    ("GET", "/api/v1/ports/dev/raw", 101),
    ("GET", "/ws", 101),
];

struct Lab {
    server: Server,
    _device: Device,
    folder: tempfile::TempDir,
}

impl Lab {
    async fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let device = Device::plugged(folder.path().join("tty"));
        let port = format!("dev={}", device.link().display());
        let flags: Vec<_> = EVERYWHERE
            .iter()
            .chain(flags)
            .copied()
            .chain([port.as_str()])
            .collect();
        let server = Server::start(folder.path(), &flags);
        until("the port opens", || server.log().contains("opened")).await;
        Self {
            server,
            _device: device,
            folder,
        }
    }

    fn secret(&self) -> String {
        let link = self.server.printed();
        link.split_once("#token=")
            .expect("the link has the token")
            .1
            .trim()
            .to_owned()
    }

    async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut headers = headers.to_vec();
        if path == "/ws" || path.ends_with("/raw") || path.ends_with("/socket") {
            headers.extend(UPGRADE);
        }
        ask(self.server.address(), method, path, &headers, b"").await
    }
}

#[tokio::test]
async fn from_elsewhere_nothing_is_served_without_the_token() {
    let lab = Lab::start(&[]).await;
    let secret = lab.secret();
    assert_eq!(secret.len(), 48);
    let (bearer, cookie) = (
        format!("Bearer {secret}"),
        format!("a=b; seriald_8080={secret}; c=d"),
    );
    let protocols = format!("seriald.v1, bearer.{secret}");
    let (short, wrong_cookie) = (
        format!("Bearer {}", &secret[1..]),
        format!("seriald_8080={secret}0"),
    );
    let others_cookie = format!("notseriald_8080={secret}");
    let wrong_protocol = format!("seriald.v1, {secret}");
    let query = format!("?token={secret}");
    for (method, path, status) in GUARDED {
        for refused in [
            vec![],
            vec![("Authorization", "Bearer ")],
            vec![("Authorization", "Bearer wrong")],
            vec![("Authorization", short.as_str())],
            vec![("Authorization", secret.as_str())],
            vec![("Cookie", "seriald_8080=")],
            vec![("Cookie", wrong_cookie.as_str())],
            vec![("Cookie", others_cookie.as_str())],
            vec![("Sec-WebSocket-Protocol", wrong_protocol.as_str())],
            vec![("X-Forwarded-For", "127.0.0.1"), ("Host", "localhost")],
        ] {
            let answer = lab.request(method, path, &refused).await;
            assert_eq!(answer.status, 401, "{method} {path} {refused:?}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert!(!answer.text().contains(&secret));
        }
        let answer = lab.request(method, &format!("{path}{query}"), &[]).await;
        assert_eq!(
            answer.status, 401,
            "a link with the token would stand in every log"
        );
        for let_in in [
            ("Authorization", bearer.as_str()),
            ("Cookie", cookie.as_str()),
            ("Sec-WebSocket-Protocol", protocols.as_str()),
        ] {
            let answer = lab.request(method, path, &[let_in]).await;
            assert_eq!(answer.status, status, "{method} {path} {let_in:?}");
            // The secret is never said back, not even as a chosen subprotocol.
            assert!(
                answer
                    .headers
                    .iter()
                    .all(|(_, value)| !value.contains(&secret))
            );
        }
    }
    // The console itself holds no data, and has to be there for signing in.
    for path in ["/console/", "/healthz"] {
        assert_eq!(get(lab.server.address(), path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_browser_signs_in_once_and_out_again() {
    let lab = Lab::start(&[]).await;
    let sign_in = async |token: &str| {
        let body = json!({"token": token}).to_string();
        let headers = [("Content-Type", "application/json")];
        ask(
            lab.server.address(),
            "POST",
            "/api/v1/session",
            &headers,
            body.as_bytes(),
        )
        .await
    };
    assert_eq!(sign_in("wrong").await.status, 401);
    let answer = sign_in(&lab.secret()).await;
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    let mut client = Client::connect_with(&lab.server, &[("cookie", pair)]).await;
    client.subscribe("dev", "oldest").await;
    let out = ask(
        lab.server.address(),
        "DELETE",
        "/api/v1/session",
        &[("Cookie", pair)],
        b"",
    )
    .await;
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn the_token_is_printed_once_and_kept_as_a_hash() {
    let mut lab = Lab::start(&[]).await;
    let secret = lab.secret();
    let file = lab.folder.path().join("data/token.sha256");
    let kept = fs::read_to_string(&file).unwrap();
    assert!(!kept.contains(&secret) && kept.trim().len() == 64, "{kept}");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(lab.server.stop().await.success());
    assert!(!lab.server.log().contains(&secret));

    let folder = lab.folder.path();
    let bearer = format!("Bearer {secret}");
    let mut again = Server::start(folder, &EVERYWHERE);
    assert!(!again.printed().contains("token"), "{}", again.printed());
    until("it says so", || again.log().contains("--new-token")).await;
    let header = [("Authorization", bearer.as_str())];
    let ports = async |server: &Server| {
        ask(server.address(), "GET", "/api/v1/ports", &header, b"")
            .await
            .status
    };
    assert_eq!(ports(&again).await, 200, "the same token holds");
    assert!(again.stop().await.success());

    let renewed = Server::start(folder, &[&EVERYWHERE[..], &["--new-token"]].concat());
    assert!(renewed.printed().contains("#token="));
    assert_eq!(ports(&renewed).await, 401, "the old one is void");
}

#[tokio::test]
async fn asking_nobody_has_to_be_asked_for() {
    let lab = Lab::start(&["--no-auth"]).await;
    assert!(!lab.server.printed().contains("token"));
    for (method, path, status) in GUARDED {
        assert_eq!(
            lab.request(method, path, &[]).await.status,
            status,
            "{method} {path}"
        );
    }
    // Foreign pages stay out.
    let foreign = [("Origin", "http://evil.example")];
    assert_eq!(
        lab.request("GET", "/api/v1/ports", &foreign).await.status,
        403
    );
    assert!(
        open(&lab.server, "/api/v1/socket", &[("host", "evil.example")])
            .await
            .is_err()
    );
}
