//! Ports over plain HTTP: list, show, change, write; errors as `application/problem+json`.

use serde_json::{Value, json};

use crate::rig::http::{Answer, ask, get};
use crate::rig::{Rig, soon};

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

async fn patch(rig: &Rig, path: &str, body: &Value) -> Answer {
    ask(
        rig.server.address(),
        "PATCH",
        path,
        &JSON,
        body.to_string().as_bytes(),
    )
    .await
}

async fn write(rig: &Rig, path: &str, body: &[u8]) -> Answer {
    ask(rig.server.address(), "POST", path, &[], body).await
}

#[track_caller]
fn is_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    assert_eq!(
        (&problem["status"], &problem["code"]),
        (&json!(status), &json!(code))
    );
    assert!(
        problem["title"].is_string() && problem["detail"].is_string(),
        "{problem}"
    );
}

#[tokio::test]
async fn ports_are_listed_and_shown_as_on_the_socket() {
    let rig = Rig::start(&["b", "a"]).await;
    let mut client = rig.client().await;
    let list = get(rig.server.address(), "/api/v1/ports").await;
    assert_eq!(
        (list.status, list.header("content-type")),
        (200, Some("application/json"))
    );
    let names: Vec<_> = list
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|port| port["name"].clone())
        .collect();
    assert_eq!(names, ["b", "a"], "in the order in which they were named");
    // A state that changes meanwhile is told to the client a moment later; how much is stored is not
    // told for itself.
    let settled = |mut state: Value| {
        for figure in ["bytes", "files", "stored"] {
            state["recording"][figure].take();
        }
        state
    };
    soon("the same on the socket", async {
        while settled(rig.state("a").await) != settled(client.ports["a"].clone()) {
            client.step().await;
        }
    })
    .await;
    let unknown = get(rig.server.address(), "/api/v1/ports/gsp").await;
    is_problem(&unknown, 404, "unknown-port");
    assert!(
        unknown.json()["detail"].as_str().unwrap().contains("b, a"),
        "it says what there is"
    );
}

#[tokio::test]
async fn a_write_is_answered_when_the_device_has_it() {
    let rig = Rig::start(&["dev"]).await;
    let body: Vec<u8> = (0..=255).collect();
    let before = rig.state("dev").await["journal"]["head"].clone();
    let answer = write(&rig, "/api/v1/ports/dev/write", &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({"offset": before, "length": 256}));
    assert_eq!(rig.device("dev").read(256).await, body);

    is_problem(
        &write(&rig, "/api/v1/ports/gsp/write", b"x").await,
        404,
        "unknown-port",
    );
    let large = write(&rig, "/api/v1/ports/dev/write", &[0; 64 * 1024 + 1]).await;
    is_problem(&large, 413, "too-large");
    assert_eq!(large.json()["limit"], 65536);
    let huge = write(&rig, "/api/v1/ports/dev/write", &vec![0; 5 << 20]).await;
    is_problem(&huge, 413, "too-large");
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn a_port_is_changed_released_and_taken_back() {
    let rig = Rig::start(&["dev"]).await;
    let path = "/api/v1/ports/dev";
    let set = patch(&rig, path, &json!({"settings": {"baud": 74880}})).await;
    assert_eq!(
        (set.status, &set.json()["actual"]["baud"]),
        (200, &json!(74880))
    );
    assert_eq!(rig.device("dev").baud(), 74880);
    let released = patch(&rig, path, &json!({"state": "released"})).await;
    assert_eq!(
        (released.status, &released.json()["state"]),
        (200, &json!("released"))
    );
    is_problem(
        &write(&rig, "/api/v1/ports/dev/write", b"x").await,
        409,
        "not-open",
    );
    assert_eq!(
        patch(&rig, path, &json!({"state": "open"})).await.status,
        200
    );
    let mut client = rig.client().await;
    client
        .state("dev", "it is open", |port| port["state"] == "open")
        .await;

    is_problem(
        &patch(&rig, "/api/v1/ports/gsp", &json!({})).await,
        404,
        "unknown-port",
    );
    is_problem(
        &patch(&rig, path, &json!({"settings": {"data_bits": 9}})).await,
        400,
        "bad-settings",
    );
    for body in [
        json!({"sate": "open"}),
        json!({"state": "ajar"}),
        json!([1]),
        json!({"settings": {"baud": -1}}),
    ] {
        is_problem(&patch(&rig, path, &body).await, 400, "bad-message");
    }
    let broken = ask(rig.server.address(), "PATCH", path, &JSON, b"{").await;
    is_problem(&broken, 400, "bad-message");
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let rig = Rig::start(&["dev"]).await;
    for path in [
        "/api/v1/nothing",
        "/api/v2/ports",
        "/nothing",
        "/console/nothing.js",
    ] {
        is_problem(&get(rig.server.address(), path).await, 404, "bad-message");
    }
    assert_eq!(get(rig.server.address(), "/healthz").await.text(), "ok\n");
}
