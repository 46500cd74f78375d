//! Server-sent events: the news of the socket, for who has none.

use serde_json::Value;

use crate::rig::Rig;
use crate::rig::http::{Lines, get};

/// Somebody who listens to events.
struct Listener(Lines);

impl Listener {
    async fn of(rig: &Rig, query: &str) -> Self {
        let path = format!("/api/v1/events{query}");
        Self(Lines::get(rig.server.address(), &path).await)
    }

    /// The next event; none when the server has said all.
    async fn next(&mut self) -> Option<(String, Value)> {
        let kind = self.0.field("event: ").await?;
        let data = self.0.field("data: ").await.expect("an event has data");
        Some((kind, serde_json::from_str(&data).expect("JSON")))
    }

    /// Waits for one.
    async fn until(&mut self, kind: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (told, data) = self.next().await.expect("the server runs");
            assert_eq!(data["type"], told.as_str());
            if told == kind && is_it(&data) {
                return data;
            }
        }
    }
}

#[tokio::test]
async fn how_everything_is_comes_first_and_then_what_changes() {
    let mut rig = Rig::start(&["dev", "other"]).await;
    let mut listener = Listener::of(&rig, "").await;
    let (kind, all) = listener.next().await.unwrap();
    assert_eq!(
        (kind.as_str(), all["ports"].as_array().unwrap().len()),
        ("ports", 2)
    );
    assert_eq!(listener.next().await.unwrap().0, "panels");
    assert_eq!(listener.next().await.unwrap().0, "pages");

    rig.device("dev").send(b"hello").await;
    let heard = |port: &Value| port["port"]["name"] == "dev" && port["port"]["total"]["rx"] == 5;
    let state = listener.until("port", heard).await;
    assert_eq!(state["port"]["state"], "open");

    rig.device_mut("other").unplug();
    let waits =
        |port: &Value| port["port"]["name"] == "other" && port["port"]["state"] == "waiting";
    listener.until("port", waits).await;

    rig.server.stop().await;
    while listener.next().await.is_some() {}
}

#[tokio::test]
async fn who_asks_for_one_port_hears_of_no_other() {
    let rig = Rig::start(&["dev", "other"]).await;
    let mut listener = Listener::of(&rig, "?port=dev").await;
    let (kind, all) = listener.next().await.unwrap();
    let ports = all["ports"].as_array().unwrap();
    assert_eq!((kind.as_str(), ports.len()), ("ports", 1));
    rig.device("other").send(b"unheard").await;
    rig.device("dev").send(b"heard").await;
    loop {
        let (kind, data) = listener.next().await.unwrap();
        assert_eq!(
            (kind.as_str(), &data["port"]["name"]),
            ("port", &"dev".into())
        );
        if data["port"]["total"]["rx"] == 5 {
            break;
        }
    }
    let unknown = get(rig.server.address(), "/api/v1/events?port=gsp").await;
    assert_eq!(
        (unknown.status, &unknown.json()["code"]),
        (404, &"unknown-port".into())
    );
}
