//! What is open ends when what let somebody in counts no more.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::client::{goodbye, open};
use crate::rig::http::begin;
use crate::rig::people::{House, bearer};
use crate::rig::random::patterns;
use crate::rig::soon;

const PEOPLE: [(&str, &str); 2] = [("root", "administer"), ("ada", "control")];
/// The code of a socket whose visitor was signed out.
const SIGNED_OUT: u16 = 4003;

/// Asks as somebody for what goes on.
async fn going(house: &House, name: &str, (method, path): (&str, &str), body: &str) -> TcpStream {
    let address = house.rig.server.address();
    let (secret, length) = (bearer(house.secret(name)), body.len());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {secret}\r\n\
         Connection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the server has closed the connection, with an end or a reset.
async fn all(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    let _ = soon("it is closed", stream.read_to_end(&mut rest)).await;
    String::from_utf8_lossy(&rest).into_owned()
}

#[tokio::test]
async fn sockets_answers_and_loans_end_with_the_rights_that_they_were_given_for() {
    let house = House::open(&["dev", "other"], &PEOPLE, "").await;
    let secret = bearer(house.secret("ada"));
    let mut client = house.client("ada").await;
    client.subscribe("dev", "now").await;
    let socket = async |path: &str| {
        let opened = open(&house.rig.server, path, &[("authorization", &secret)]).await;
        opened.expect("it is let in").0
    };
    let mut sockets = [
        socket("/api/v1/ports/dev/raw").await,
        socket("/ws?port=dev").await,
    ];
    let at = |what: &str| format!("/api/v1/ports/dev/{what}");
    let ask = async |method: &str, path: &str, body: Value| {
        going(&house, "ada", (method, path), &body.to_string()).await
    };
    let events = ask("GET", "/api/v1/events", json!({})).await;
    let mut waiting = ask("POST", &at("expect"), json!({"timeout": 3_600_000})).await;
    let steps = json!({"steps": [{"delay": 3_600_000}]});
    let running = ask("POST", &at("run"), steps).await;
    let mut watcher = house.client("root").await;
    let runs = |port: &Value| port["running"][0]["by"] == "ada";
    watcher.state("dev", "it runs", runs).await;
    let lending = going(
        &house,
        "ada",
        ("POST", "/api/v1/ports/other/lend"),
        r#"{"to": "x"}"#,
    )
    .await;
    let is_lent = |port: &Value| port["lent"]["by"] == "ada";
    watcher.state("other", "it is lent", is_lent).await;

    house
        .manage(&["user", "set", "ada", "--may", "see:other"])
        .await;
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    for socket in &mut sockets {
        assert_eq!(goodbye(socket).await, SIGNED_OUT);
    }
    for mut stream in [events, running, lending] {
        let told = all(&mut stream).await;
        assert!(told.starts_with("HTTP/1.1 200"), "{told}");
        assert!(!told.ends_with("\r\n0\r\n\r\n"), "it looks whole: {told}");
    }
    let told = all(&mut waiting).await;
    assert!(told.starts_with("HTTP/1.1 401"), "{told}");
    let is_left = |port: &Value| port["viewers"] == json!([]) && port["running"] == json!([]);
    watcher.state("dev", "nobody is there", is_left).await;
    let is_back = |port: &Value| port["state"] == "open" && port["lent"].is_null();
    watcher.state("other", "it is back", is_back).await;

    // Whoever comes again has the rights of now.
    let mut again = house.client("ada").await;
    assert_eq!(again.order, ["other"]);
    again
        .refused(
            json!({"type": "write", "port": "other", "text": "x"}),
            "forbidden",
        )
        .await;
    house.manage(&["user", "remove", "ada"]).await;
    assert_eq!(soon("it is closed", again.goodbye()).await, SIGNED_OUT);
    let headers = [("Authorization", secret.as_str())];
    let asked = begin(
        house.rig.server.address(),
        "GET",
        "/api/v1/ports",
        &headers,
        b"",
    )
    .await;
    assert_eq!(asked.status, 401);
}

#[tokio::test]
async fn a_large_download_is_cut_and_cannot_be_taken_for_whole() {
    const ALL: usize = 2 << 20;
    // So that it is under way for seconds.
    let config = "[limits]\nbandwidth_per_account = \"256KiB\"\n";
    let house = House::open(&["dev"], &PEOPLE, config).await;
    house.rig.device("dev").send(&patterns(0, ALL)).await;
    let rx = async || house.get("root", "/api/v1/ports/dev").await.json()["total"]["rx"].clone();
    soon("it came", async { while rx().await != ALL {} }).await;
    let path = "/api/v1/ports/dev/history?format=raw&from=0";
    let mut download = going(&house, "ada", ("GET", path), "").await;
    let mut begun = vec![0; 64 << 10];
    let read = soon("it begins", download.read_exact(&mut begun)).await;
    read.unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 200"));
    house.manage(&["user", "remove", "ada"]).await;
    let mut rest = Vec::new();
    let _ = soon("it is cut", download.read_to_end(&mut rest)).await;
    assert!(begun.len() + rest.len() < ALL, "all of it came");
    assert!(!rest.ends_with(b"\r\n0\r\n\r\n"), "it looks whole");
}
