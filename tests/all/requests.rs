//! Requests as no client writes them: what two programs could read differently, bodies that never come, and
//! names that would be headers.

use std::fs;

use futures_util::future::join_all;

use crate::rig::Rig;
use crate::rig::http::{exchange, get};

/// What stands behind a request, and would be another one.
const NEXT: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// How many answers come to a request for `/write` with these headers and this body, and one behind it.
async fn answers(rig: &Rig, version: &str, headers: &str, body: &str) -> usize {
    let path = "/api/v1/ports/dev/write";
    let request =
        format!("POST {path} HTTP/{version}\r\nHost: localhost\r\n{headers}\r\n\r\n{body}{NEXT}");
    let told = exchange(rig.server.address(), request.as_bytes()).await;
    let told = String::from_utf8_lossy(&told);
    told.matches("HTTP/1.").count()
}

#[tokio::test]
async fn what_two_could_read_differently_is_the_last_on_its_connection() {
    let rig = Rig::start(&["dev"]).await;
    let chunked = "Transfer-Encoding: chunked";
    for (headers, body) in [("Content-Length: 1", "x"), (chunked, "1\r\nx\r\n0\r\n\r\n")] {
        assert_eq!(answers(&rig, "1.1", headers, body).await, 2, "{headers}");
        assert_eq!(rig.device("dev").read(1).await, b"x");
    }
    for (headers, body) in [
        (&*format!("Content-Length: 5\r\n{chunked}"), "0\r\n\r\n"),
        (&format!("{chunked}\r\nContent-Length: 5"), "0\r\n\r\n"),
        ("Transfer-Encoding:\r\n chunked", "0\r\n\r\n"),
        ("Transfer-Encoding : chunked", "0\r\n\r\n"),
        ("Transfer-Encoding: xchunked", "0\r\n\r\n"),
        ("Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
        (chunked, "0x0\r\n\r\n"),
        (chunked, "-1\r\n\r\n"),
        (chunked, "fffffffffffffffff\r\n\r\n"),
        ("Content-Length: 0\r\nContent-Length: 5", ""),
        ("Content-Length: 0, 5", ""),
        ("Content-Length: +0", ""),
        ("Content-Length: -0", ""),
        ("Content-Length: 0x0", ""),
        ("Content-Length : 0", ""),
    ] {
        let count = answers(&rig, "1.1", headers, body).await;
        assert!(count <= 1, "{count} answers to {headers:?} {body:?}");
    }
    let count = answers(&rig, "1.0", chunked, "0\r\n\r\n").await;
    assert!(count <= 1, "{count} answers over HTTP/1.0");
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn no_route_waits_for_a_body_that_never_comes() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("seriald.toml");
    let text = "[limits]\nbody_time = \"1s\"\n[flash.cat]\ncommand = [\"cat\", \"{file}\"]\n";
    fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap().to_owned();
    let rig = Rig::within(folder, &["dev"], &["--config", &config]).await;
    let address = rig.server.address();
    let document = get(address, "/api/v1/openapi.json").await.json();
    let mut waiting = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let content = &operation["requestBody"]["content"];
            let Some((kind, _)) = content.as_object().and_then(|kinds| kinds.iter().next()) else {
                continue;
            };
            let path = path.replace("{name}", "dev").replace("{flasher}", "cat");
            let method = method.to_uppercase();
            let request = format!(
                "{method} {path}?file=x HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\
                 Content-Length: 1000\r\n\r\n{{"
            );
            waiting.push(async move {
                let told = exchange(address, request.as_bytes()).await;
                let told = String::from_utf8_lossy(&told).into_owned();
                assert!(told.starts_with("HTTP/1.1 4"), "{method} {path}: {told}");
                told.contains("too slowly")
            });
        }
    }
    let all = join_all(waiting).await;
    let waited = all.iter().filter(|waited| **waited).count();
    assert!(waited > 20, "only {waited} of {} took a body", all.len());
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn nothing_of_an_address_becomes_a_header() {
    let www = tempfile::tempdir().unwrap();
    fs::create_dir(www.path().join("a\r\nX-Evil: 1")).unwrap();
    let rig = Rig::with(&["dev"], &["--www", www.path().to_str().unwrap()]).await;
    for path in [
        "/a%0d%0aX-Evil:%201",
        "/a%0d%0aX-Evil:%201?x=%0d%0aX-Evil:%201",
        "/api/v1/ports/a%0d%0aX-Evil:%201",
        "/api/v1/ports/dev/history?format=%0d%0aX-Evil:%201",
        "/api/v1/panels/a%0d%0aX-Evil:%201",
        "/api/v1/session/oidc?to=%0d%0aX-Evil:%201",
        "/api/v1/ports/dev/flash/a%0d%0aX-Evil:%201",
    ] {
        let answer = get(rig.server.address(), path).await;
        assert_eq!(answer.header("x-evil"), None, "{path}");
    }
}
