//! Subscriptions: many on one socket, each with its own place and its own credit.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::Rig;
use crate::rig::client::Client;
use crate::rig::random::patterns;

const HEADER: usize = 24;

fn credit(channel: u16, bytes: usize) -> Message {
    let credit = json!({"type": "credit", "channel": channel, "bytes": bytes});
    Message::text(credit.to_string())
}

/// Sends single bytes until they are at least so many records to a client that asks for nothing but `now`;
/// gives them. What the server reads at once is one record, so nobody knows how many it takes.
async fn send_singly(rig: &Rig, records: usize) -> Vec<u8> {
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut sent = Vec::new();
    while client.on(channel).records.len() < records {
        for byte in patterns(sent.len() as u64, 500) {
            rig.device("dev").send(&[byte]).await;
            std::thread::sleep(Duration::from_micros(50));
            sent.push(byte);
        }
        assert_eq!(client.rx(channel, sent.len()).await, sent);
    }
    sent
}

/// Takes all that may come, and no more.
async fn drain(client: &mut Client, channel: u16, granted: usize) {
    client.settle().await;
    let reading = client.on(channel);
    let last = reading.records.last().map_or(0, |last| match &last.what {
        crate::rig::client::What::Rx(bytes) => HEADER + bytes.len(),
        _ => HEADER + 200,
    });
    assert!(
        reading.wire <= granted + last,
        "{} bytes came in {} records, {granted} were granted",
        reading.wire,
        reading.records.len(),
    );
    assert!(
        reading.wire >= granted,
        "only {} of {granted} came",
        reading.wire
    );
}

#[tokio::test]
async fn no_more_is_sent_than_there_is_credit_for() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let question = json!({"port": "dev", "from": "now", "credit": 10_000});
    let channel = client.subscribe_with(question).await;
    let sent = patterns(0, 200_000);
    let mut watcher = rig.client().await;
    let watching = watcher.subscribe("dev", "now").await;
    rig.device("dev").send(&sent).await;
    watcher.rx(watching, sent.len()).await;
    drain(&mut client, channel, 10_000).await;
    client.say(credit(channel, 30_000)).await;
    drain(&mut client, channel, 40_000).await;
    client.say(credit(channel, 1 << 20)).await;
    assert!(client.rx(channel, sent.len()).await == sent);
}

#[tokio::test]
async fn the_headers_of_small_records_are_counted_too() {
    let rig = Rig::start(&["dev"]).await;
    // Their headers alone are more than what is granted below, before the last.
    let sent = send_singly(&rig, 16_000 / HEADER).await;
    let mut client = rig.client().await;
    let from = -(sent.len() as i64);
    let question = json!({"port": "dev", "from": from, "credit": 10_000});
    let channel = client.subscribe_with(question).await;
    drain(&mut client, channel, 10_000).await;
    client.say(credit(channel, 5000)).await;
    drain(&mut client, channel, 15_000).await;
    client.say(credit(channel, 1 << 20)).await;
    assert_eq!(client.rx(channel, sent.len()).await, sent);
}

#[tokio::test]
async fn without_credit_nothing_is_sent() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client
        .subscribe_with(json!({"port": "dev", "from": "oldest", "credit": 0}))
        .await;
    let mut watcher = rig.client().await;
    let watching = watcher.subscribe("dev", "now").await;
    rig.device("dev").send(b"waits").await;
    watcher.rx(watching, 5).await;
    client.settle().await;
    assert_eq!(client.on(channel).records, []);
    client.say(credit(channel, 1000)).await;
    assert_eq!(client.rx(channel, 5).await, b"waits");
}

#[tokio::test]
async fn many_ports_share_one_socket_without_mixing() {
    const PORTS: [&str; 4] = ["a", "b", "c", "d"];
    let rig = Rig::start(&PORTS).await;
    let mut client = rig.client().await;
    assert_eq!(client.order, PORTS);
    let mut channels = Vec::new();
    for port in PORTS {
        channels.push(client.subscribe(port, "now").await);
    }
    let sent: Vec<_> = (0..4u64)
        .map(|port| patterns(port << 32, 300_000))
        .collect();
    let send = async |place: usize| {
        for piece in sent[place].chunks(1000 + place) {
            rig.device(PORTS[place]).send(piece).await;
        }
    };
    let read = async {
        for (channel, sent) in channels.iter().zip(&sent) {
            assert!(client.rx(*channel, sent.len()).await == *sent);
        }
    };
    tokio::join!(send(0), send(1), send(2), send(3), read);
    client.write(channels[2], b"for c").await;
    assert_eq!(rig.device("c").read(5).await, b"for c");
    for port in ["a", "b", "d"] {
        assert_eq!(rig.device(port).unread(), b"");
    }
}

#[tokio::test]
async fn nothing_comes_any_more_after_unsubscribing() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let (ends, stays) = (
        client.subscribe("dev", "now").await,
        client.subscribe("dev", "now").await,
    );
    rig.device("dev").send(b"one").await;
    client.rx(ends, 3).await;
    client
        .done(json!({"type": "unsubscribe", "channel": ends}))
        .await;
    let before = client.on(ends).records.len();
    rig.device("dev").send(b"two").await;
    client.rx(stays, 6).await;
    assert_eq!(client.on(ends).records.len(), before);
    client
        .refused(
            json!({"type": "unsubscribe", "channel": ends}),
            "unknown-channel",
        )
        .await;
    let id = client.start_write(ends, b"x").await;
    assert_eq!(client.answer(id).await["code"], "unknown-channel");
    let still = |port: &serde_json::Value| port["viewers"].as_array().unwrap().len() == 1;
    client.state("dev", "it still watches", still).await;
}

#[tokio::test]
async fn more_subscriptions_than_the_limit_are_refused() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let limit = client.hello["limits"]["subscriptions"].as_u64().unwrap();
    let mut channels = Vec::new();
    for _ in 0..limit {
        channels.push(client.subscribe("dev", "now").await);
    }
    client
        .refused(
            json!({"type": "subscribe", "port": "dev", "from": "now"}),
            "too-many",
        )
        .await;
    client
        .done(json!({"type": "unsubscribe", "channel": channels[7]}))
        .await;
    let again = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"x").await;
    for channel in [channels[0], channels[255], again] {
        assert_eq!(client.rx(channel, 1).await, b"x");
    }
}
