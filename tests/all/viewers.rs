//! Viewers: who watches, and whose terminal answers the device.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::client::Client;

async fn subscribe_answering(client: &mut Client) -> u16 {
    client
        .subscribe_with(json!({"port": "dev", "from": "now", "answers": true}))
        .await
}

async fn answerer_is(client: &mut Client, expected: &Value) {
    let so = |port: &Value| port["answerer"] == *expected;
    client.state("dev", "the answerer is told", so).await;
}

#[tokio::test]
async fn everybody_sees_who_watches() {
    let rig = Rig::start(&["dev"]).await;
    let (mut anna, mut ben) = (rig.client().await, rig.client().await);
    assert_ne!(anna.client, ben.client);
    anna.subscribe("dev", "now").await;
    ben.subscribe("dev", "now").await;
    ben.subscribe("dev", "now").await;
    ben.done(json!({"type": "name", "name": " ben "})).await;
    let so = |port: &Value| {
        port["viewers"].as_array().unwrap().len() == 2 && port["viewers"][1]["name"] == "ben"
    };
    let state = anna.state("dev", "both are told, each once", so).await;
    let viewers = json!([
        {"client": anna.client, "name": anna.hello["name"], "from": "127.0.0.1", "door": "web"},
        {"client": ben.client, "name": "ben", "from": "127.0.0.1", "door": "web"},
    ]);
    assert_eq!(state["viewers"], viewers);
    drop(ben);
    anna.state("dev", "one left", |port| {
        port["viewers"].as_array().unwrap().len() == 1
    })
    .await;
}

#[tokio::test]
async fn the_newest_terminal_answers_until_another_takes_over_or_it_leaves() {
    let rig = Rig::start(&["dev"]).await;
    let (mut anna, mut ben, mut watcher) =
        (rig.client().await, rig.client().await, rig.client().await);
    let (a, b) = (json!(anna.client), json!(ben.client));
    watcher.subscribe("dev", "now").await;
    answerer_is(&mut watcher, &json!(null)).await;
    subscribe_answering(&mut anna).await;
    answerer_is(&mut watcher, &a).await;
    let channel = subscribe_answering(&mut ben).await;
    answerer_is(&mut watcher, &b).await;
    anna.done(json!({"type": "answer", "port": "dev"})).await;
    answerer_is(&mut watcher, &a).await;
    ben.done(json!({"type": "answer", "port": "dev"})).await;
    answerer_is(&mut watcher, &b).await;
    ben.done(json!({"type": "unsubscribe", "channel": channel}))
        .await;
    answerer_is(&mut watcher, &a).await;
    drop(anna);
    answerer_is(&mut watcher, &json!(null)).await;
}

#[tokio::test]
async fn only_the_answerers_answers_reach_the_device() {
    let rig = Rig::start(&["dev"]).await;
    let (mut anna, mut ben) = (rig.client().await, rig.client().await);
    let first = subscribe_answering(&mut anna).await;
    subscribe_answering(&mut ben).await;
    let answer = |text: &str| json!({"type": "write", "port": "dev", "text": text, "answer": true});
    anna.refused(answer("no"), "forbidden").await;
    let mut binary = vec![16, 1];
    binary.extend(first.to_le_bytes());
    binary.extend(4000u32.to_le_bytes());
    binary.extend(b"no");
    anna.say(tokio_tungstenite::tungstenite::Message::binary(binary))
        .await;
    assert_eq!(anna.answer(4000).await["code"], "forbidden");
    assert_eq!(ben.ask(answer("\u{1b}[24;80R")).await["type"], "written");
    anna.write(first, b"typed").await;
    assert_eq!(rig.device("dev").read(13).await, b"\x1b[24;80Rtyped");
}

#[tokio::test]
async fn what_was_sent_is_remembered_for_all() {
    let rig = Rig::start(&["dev"]).await;
    let (mut anna, mut ben) = (rig.client().await, rig.client().await);
    for typed in ["led on", "led on", "help"] {
        let question = json!({"type": "write", "port": "dev", "text": format!("{typed}\r"), "remember": typed});
        assert_eq!(anna.ask(question).await["type"], "written");
    }
    let entries = ben.done(json!({"type": "sent", "port": "dev"})).await["entries"].clone();
    assert_eq!(entries, json!(["led on", "help"]));
    for number in 0..210 {
        let question =
            json!({"type": "write", "port": "dev", "text": "", "remember": number.to_string()});
        ben.ask(question).await;
    }
    let entries = ben.done(json!({"type": "sent", "port": "dev"})).await["entries"].clone();
    assert_eq!(entries.as_array().unwrap().len(), 200);
    assert_eq!((&entries[0], &entries[199]), (&json!("10"), &json!("209")));
    assert_eq!(rig.device("dev").read(19).await, b"led on\rled on\rhelp\r");
}
