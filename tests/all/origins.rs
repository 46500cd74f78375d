//! Strange pages and strange names: every route refuses them before it does anything.

use std::net::SocketAddr;

use crate::rig::Rig;
use crate::rig::http::{Answer, UPGRADE, ask, exchange};

const ROUTES: [(&str, &str); 27] = [
    ("GET", "/"),
    ("GET", "/console"),
    ("GET", "/console/"),
    ("GET", "/sdk.js"),
    ("GET", "/sdk.classic.js"),
    ("GET", "/healthz"),
    ("GET", "/nothing"),
    ("GET", "/api/v1/ports"),
    ("GET", "/api/v1/ports/dev"),
    ("HEAD", "/api/v1/ports/dev"),
    ("PATCH", "/api/v1/ports/dev"),
    ("POST", "/api/v1/ports/dev/write"),
    ("POST", "/api/v1/ports/dev/lend"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("OPTIONS", "/api/v1/ports/dev/write"),
    ("GET", "/api/v1/ports/dev/history"),
    ("GET", "/api/v1/ports/dev/moment?time=@1"),
    ("GET", "/api/v1/ports/dev/timeline"),
    ("GET", "/api/v1/ports/dev/marks"),
    ("POST", "/api/v1/ports/dev/marks"),
    ("GET", "/api/v1/pages"),
    ("GET", "/api/v1/pages/changes"),
    ("GET", "/api/v1/recording"),
    ("GET", "/api/v1/ports/dev/raw"),
    ("GET", "/api/v1/socket"),
    ("GET", "/ws"),
];

const SECURITY: [&str; 5] = [
    "content-security-policy",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-resource-policy",
];

async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut headers = headers.to_vec();
    if path == "/ws" || path.ends_with("/raw") || path.ends_with("/socket") {
        headers.extend(UPGRADE);
    }
    let body = match method {
        "PATCH" => {
            headers.push(("Content-Type", "application/json"));
            &br#"{"state": "released"}"#[..]
        }
        "POST" => b"evil",
        _ => b"",
    };
    ask(address, method, path, &headers, body).await
}

#[tokio::test]
async fn no_route_serves_a_foreign_page_or_answers_to_a_foreign_name() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let port = address.port();
    let origin = |host: &str| ("Origin", host.to_owned());
    let host = |host: &str| ("Host", host.to_owned());
    let other_port = port ^ 1;
    let strangers = [
        (403, vec![origin("http://evil.example")]),
        (403, vec![origin("null")]),
        (403, vec![origin("")]),
        (
            403,
            vec![origin(&format!("http://127.0.0.1:{port}.evil.example"))],
        ),
        (
            403,
            vec![origin(&format!("http://127.0.0.1.evil.example:{port}"))],
        ),
        (
            403,
            vec![origin(&format!("http://localhost.evil.example:{port}"))],
        ),
        (
            403,
            vec![origin(&format!(
                "http://evil.example:{port}@127.0.0.1:{port}"
            ))],
        ),
        (403, vec![origin(&format!("http://127.0.0.1:{other_port}"))]),
        (403, vec![origin(&format!("http://127.0.0.1:{port}0"))]),
        (403, vec![origin("http://127.0.0.1")]),
        (403, vec![origin(&format!("http://10.0.0.1:{port}"))]),
        (403, vec![origin(&format!("file://127.0.0.1:{port}"))]),
        (421, vec![host("evil.example")]),
        (421, vec![host(&format!("evil.example:{port}"))]),
        (421, vec![host(&format!("127.0.0.1.evil.example:{port}"))]),
        (421, vec![host(&format!("localhost.evil.example:{port}"))]),
        (421, vec![host("")]),
        // A rebound name: the page and the request agree on who we are.
        (
            421,
            vec![
                host(&format!("evil.example:{port}")),
                origin(&format!("http://evil.example:{port}")),
            ],
        ),
    ];
    for (method, path) in ROUTES {
        for (status, headers) in &strangers {
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let answer = request(address, method, path, &headers).await;
            assert_eq!(answer.status, *status, "{method} {path} {headers:?}");
            for name in SECURITY {
                assert!(answer.header(name).is_some(), "{method} {path}: no {name}");
            }
            assert!(answer.header("access-control-allow-origin").is_none());
        }
    }
    assert_eq!(
        rig.device("dev").unread(),
        b"",
        "nothing reached the device"
    );
    assert_eq!(rig.state("dev").await["state"], "open");
}

#[tokio::test]
async fn our_own_pages_are_served_by_every_name_that_we_have() {
    let rig = Rig::with(
        &["dev"],
        &[
            "--allow-host",
            "Pi.lan",
            "--allow-origin",
            "https://lab.example",
        ],
    )
    .await;
    let port = rig.server.address().port();
    let at = |host: &str| format!("{host}:{port}");
    for (host, origin) in [
        (at("127.0.0.1"), Some(format!("http://127.0.0.1:{port}"))),
        (at("127.0.0.1"), Some(format!("http://localhost:{port}"))),
        (at("localhost"), Some(format!("http://localhost:{port}"))),
        (at("[::1]"), Some(format!("http://[::1]:{port}"))),
        (at("pi.lan"), Some(format!("http://pi.lan:{port}"))),
        (at("pi.lan"), Some("https://lab.example".into())),
        (at("10.1.2.3"), Some(format!("http://10.1.2.3:{port}"))),
        (at("127.0.0.1"), None),
    ] {
        let mut headers = vec![("Host", host.as_str())];
        headers.extend(origin.as_deref().map(|origin| ("Origin", origin)));
        let state = request(rig.server.address(), "GET", "/api/v1/ports", &headers).await;
        let socket = request(rig.server.address(), "GET", "/api/v1/socket", &headers).await;
        assert_eq!((state.status, socket.status), (200, 101), "{headers:?}");
    }
}

#[tokio::test]
async fn a_form_of_a_foreign_page_changes_nothing_even_without_an_origin() {
    let rig = Rig::start(&["dev"]).await;
    let headers = [("Sec-Fetch-Site", "cross-site")];
    for (method, path) in ROUTES
        .iter()
        .filter(|(method, _)| !["GET", "HEAD"].contains(method))
    {
        let answer = request(rig.server.address(), method, path, &headers).await;
        assert_eq!(answer.status, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn a_request_without_a_host_is_refused() {
    let rig = Rig::start(&["dev"]).await;
    for request in [
        "GET /api/v1/ports HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /api/v1/ports HTTP/1.0\r\n\r\n",
    ] {
        let answer = exchange(rig.server.address(), request.as_bytes()).await;
        let status = String::from_utf8_lossy(&answer[9..12]).into_owned();
        assert!(["400", "421"].contains(&status.as_str()), "{status}");
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let rig = Rig::start(&["dev"]).await;
    for (method, path) in ROUTES {
        // Browsers send this where they take their side of it for safe: on this machine, or over TLS.
        let safe = [("Sec-Fetch-Site", "same-origin")];
        let answer = request(rig.server.address(), method, path, &safe).await;
        for name in SECURITY {
            assert!(answer.header(name).is_some(), "{method} {path}: no {name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        let opener = answer.header("cross-origin-opener-policy");
        assert_eq!(opener, Some("same-origin"), "{method} {path}");
        // Elsewhere they would ignore it, and complain.
        let plain = request(rig.server.address(), method, path, &[]).await;
        assert_eq!(plain.header("cross-origin-opener-policy"), None);
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_have_is_not_allowed() {
    let rig = Rig::start(&["dev"]).await;
    for (method, path, status) in [
        ("POST", "/api/v1/ports", 405),
        ("DELETE", "/api/v1/ports/dev", 405),
        ("PUT", "/api/v1/ports/dev", 405),
        ("POST", "/api/v1/ports/dev", 405),
        ("PUT", "/api/v1/session", 405),
        ("PUT", "/api/v1/ports/dev/write", 405),
        ("POST", "/console/", 405),
        ("POST", "/healthz", 405),
        ("POST", "/ws", 405),
        ("POST", "/api/v1/socket", 405),
        ("POST", "/api/v1/ports/dev/raw", 405),
        ("POST", "/", 404),
    ] {
        let answer = request(rig.server.address(), method, path, &[]).await;
        assert_eq!(answer.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn nothing_is_changed_by_looking() {
    let rig = Rig::start(&["dev"]).await;
    let mut before = rig.state("dev").await;
    for (_, path) in ROUTES {
        for method in ["GET", "HEAD"] {
            for query in ["", "?state=released", "?method=PATCH&data=x"] {
                request(rig.server.address(), method, &format!("{path}{query}"), &[]).await;
            }
        }
    }
    let overridden = [
        ("X-HTTP-Method-Override", "POST"),
        ("Content-Type", "text/plain"),
    ];
    let answer = ask(
        rig.server.address(),
        "GET",
        "/api/v1/ports/dev/write",
        &overridden,
        b"x",
    )
    .await;
    assert_eq!(answer.status, 405);
    assert_eq!(rig.device("dev").unread(), b"");
    let mut client = rig.client().await;
    let gone = |port: &serde_json::Value| port["viewers"] == serde_json::json!([]);
    let mut after = client.state("dev", "the sockets are gone", gone).await;
    // What the recorder does is its own affair.
    for state in [&mut before, &mut after] {
        state["recording"].take();
    }
    assert_eq!(after, before);
}
