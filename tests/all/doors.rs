//! Doors that are opened, moved and closed while the server runs.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{Rig, http, soon};

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

async fn put(rig: &Rig, port: &str, wish: Value) -> http::Answer {
    let path = format!("/api/v1/ports/{port}/doors");
    let body = wish.to_string();
    http::ask(rig.server.address(), "PUT", &path, &JSON, body.as_bytes()).await
}

/// Asks for a change that works; gives the doors.
async fn change(rig: &Rig, port: &str, wish: Value) -> Value {
    let answer = put(rig, port, wish).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(rig.state(port).await["doors"], answer.json());
    answer.json()
}

fn address(door: &Value) -> SocketAddr {
    let text = door[0].as_str().expect("an address");
    text.parse().expect("an address")
}

/// Whether a client of this address reaches the device.
async fn reaches(rig: &Rig, port: &str, address: SocketAddr) -> TcpStream {
    let mut client = TcpStream::connect(address).await.expect("a door");
    client.write_all(b"hello").await.expect("a connection");
    assert_eq!(rig.device(port).read(5).await, b"hello");
    client
}

async fn is_let_go(mut client: TcpStream) {
    let mut rest = Vec::new();
    let _ = soon("the client is let go", client.read_to_end(&mut rest)).await;
}

#[tokio::test]
async fn a_door_is_opened_moved_and_closed_and_only_its_own_clients_are_let_go() {
    let rig = Rig::start(&["dev", "other"]).await;
    let none = json!({"rfc2217": [], "tcp": []});
    assert_eq!(rig.state("dev").await["doors"], none);
    let first = change(&rig, "dev", json!({"tcp": "0"})).await;
    let beside = change(&rig, "other", json!({"tcp": "127.0.0.1:0"})).await;
    let client = reaches(&rig, "dev", address(&first["tcp"])).await;
    let mut other = reaches(&rig, "other", address(&beside["tcp"])).await;

    // Where it is already, nothing happens to its clients.
    let same = json!({"tcp": first["tcp"][0]});
    assert_eq!(change(&rig, "dev", same).await, first);
    let moved = change(&rig, "dev", json!({"tcp": ":0", "rfc2217": "0"})).await;
    assert_ne!(moved["tcp"], first["tcp"]);
    is_let_go(client).await;
    assert!(TcpStream::connect(address(&first["tcp"])).await.is_err());
    let client = reaches(&rig, "dev", address(&moved["tcp"])).await;

    let closed = change(&rig, "dev", json!({"tcp": null})).await;
    assert_eq!(closed, json!({"rfc2217": moved["rfc2217"], "tcp": []}));
    is_let_go(client).await;
    // The address is free at once.
    let again = change(&rig, "dev", json!({"tcp": first["tcp"][0]})).await;
    reaches(&rig, "dev", address(&again["tcp"])).await;
    other.write_all(b"still").await.unwrap();
    assert_eq!(rig.device("other").read(5).await, b"still");

    let path = "/api/v1/ports/dev/history?format=jsonl&kind=note";
    let notes = http::get(rig.server.address(), path).await.text();
    for told in [
        "tcp door opened at 127.0.0.1:",
        "tcp door moved to",
        "tcp door closed",
    ] {
        assert!(notes.contains(told), "{told}:\n{notes}");
    }
}

#[tokio::test]
async fn a_page_opens_a_door_and_all_see_it() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut watcher) = (rig.client().await, rig.client().await);
    let wish = json!({"type": "doors", "port": "dev", "rfc2217": "0"});
    let done = client.done(wish).await;
    let doors = done["doors"].clone();
    assert_eq!(doors["tcp"], json!([]));
    let so = |port: &Value| port["doors"] == doors;
    watcher.state("dev", "the door is told", so).await;
    let path = "/api/v1/ports/dev/doors";
    assert_eq!(http::get(rig.server.address(), path).await.json(), doors);
    TcpStream::connect(address(&doors["rfc2217"]))
        .await
        .expect("a door");
}

#[tokio::test]
async fn a_door_of_the_flags_can_be_closed_and_one_without_a_name_is_of_the_first_port() {
    let rig = Rig::with(&["a", "b"], &["--tcp", "0", "--rfc2217", "b=0"]).await;
    let (a, b) = (rig.state("a").await, rig.state("b").await);
    assert_eq!(address(&a["doors"]["tcp"]), rig.server.entrance("socket"));
    assert_eq!(
        address(&b["doors"]["rfc2217"]),
        rig.server.entrance("rfc2217")
    );
    change(&rig, "a", json!({"tcp": null})).await;
    assert!(
        TcpStream::connect(rig.server.entrance("socket"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_the_way_out_and_changes_nothing() {
    let rig = Rig::start(&["dev", "other"]).await;
    let before = change(&rig, "dev", json!({"tcp": "0"})).await;
    let ours = before["tcp"][0].as_str().expect("an address");
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let theirs = taken.local_addr().unwrap().to_string();
    for (wish, status, code, told) in [
        (
            json!({"tcp": "here"}),
            400,
            "bad-message",
            "\"here\" is no address",
        ),
        (
            json!({"tcp": "127.0.0.1:70000"}),
            400,
            "bad-message",
            "127.0.0.1:4000",
        ),
        (
            json!({"tcp": "no.such.host.invalid:4000"}),
            400,
            "bad-message",
            "no.such.host",
        ),
        (
            json!({"tcp": 4000}),
            400,
            "bad-message",
            "expected a string",
        ),
        (json!({"telnet": "4000"}), 400, "bad-message", "`rfc2217`"),
        (json!({"tcp": "0.0.0.0:0"}), 403, "forbidden", "--no-auth"),
        (
            json!({"rfc2217": theirs}),
            409,
            "address",
            "another program listens there",
        ),
        (json!({"rfc2217": ours}), 409, "address", "tcp door of dev"),
        (
            json!({"tcp": null, "rfc2217": theirs}),
            409,
            "address",
            "ss -ltnp",
        ),
    ] {
        let answer = put(&rig, "dev", wish.clone()).await;
        assert_eq!(answer.status, status, "{wish}: {}", answer.text());
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{wish}");
        let detail = problem["detail"].as_str().expect("a text");
        assert!(detail.contains(told), "{wish}: {detail}");
        assert_eq!(rig.state("dev").await["doors"], before, "{wish}");
    }
    drop(taken);
    assert_eq!(put(&rig, "nobody", json!({})).await.status, 404);
    let rig = Rig::with(&["dev"], &["--no-auth"]).await;
    change(&rig, "dev", json!({"tcp": "0.0.0.0:0"})).await;
}

#[tokio::test]
async fn a_foreign_page_opens_no_door() {
    let rig = Rig::start(&["dev"]).await;
    let headers = [JSON[0], ("Origin", "https://evil.example")];
    let path = "/api/v1/ports/dev/doors";
    let body = br#"{"tcp": "0"}"#;
    let answer = http::ask(rig.server.address(), "PUT", path, &headers, body).await;
    assert_eq!(answer.status, 403);
    assert_eq!(rig.state("dev").await["doors"]["tcp"], json!([]));
}
