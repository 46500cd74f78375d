//! `/api/v1/ports/{name}/raw`: exactly what comes in and exactly what goes out.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::client::{Socket, open};
use crate::rig::http;
use crate::rig::random::patterns;
use crate::rig::{Rig, soon};

async fn raw(rig: &Rig, query: &str) -> Socket {
    let path = format!("/api/v1/ports/dev/raw{query}");
    let (socket, _) = open(&rig.server, &path, &[]).await.expect("a socket");
    socket
}

async fn bytes(socket: &mut Socket, count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < count {
        match soon("bytes come", socket.next()).await {
            Some(Ok(Message::Binary(bytes))) => all.extend_from_slice(&bytes),
            Some(Ok(Message::Ping(_))) => {}
            other => panic!("{other:?} after {} bytes", all.len()),
        }
    }
    all
}

async fn send(socket: &mut Socket, message: Message) {
    soon("a message is taken", socket.send(message))
        .await
        .expect("an open socket");
}

#[tokio::test]
async fn bytes_of_every_value_pass_both_ways_untouched() {
    let rig = Rig::start(&["dev"]).await;
    let (mut socket, mut other) = (raw(&rig, "").await, raw(&rig, "").await);
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    rig.device("dev").send(&all).await;
    assert!(bytes(&mut socket, all.len()).await == all);
    assert!(bytes(&mut other, all.len()).await == all);
    send(&mut socket, Message::binary(all.clone())).await;
    assert!(
        rig.device("dev").read(all.len()).await == all,
        "also beyond the size of one write"
    );
    send(&mut socket, Message::text("grüße\0\r\n")).await;
    assert_eq!(rig.device("dev").read(10).await, "grüße\0\r\n".as_bytes());
    // What was typed is not what came in.
    rig.device("dev").send(b"!").await;
    assert_eq!(bytes(&mut other, 1).await, b"!");
}

#[tokio::test]
async fn reading_begins_where_it_is_asked_to() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let start = client.on(channel).head;
    rig.device("dev").send(b"0123456789").await;
    client.rx(channel, 10).await;
    assert_eq!(
        bytes(&mut raw(&rig, &format!("?from={}", start + 4)).await, 6).await,
        b"456789"
    );
    assert_eq!(
        bytes(&mut raw(&rig, "?from=0").await, 10).await,
        b"0123456789"
    );
    for (query, status) in [("?from=99999", 416), ("?from=x", 400), ("?from=-1", 400)] {
        let path = format!("/api/v1/ports/dev/raw{query}");
        assert_eq!(
            open(&rig.server, &path, &[])
                .await
                .err()
                .map(|it| it.as_u16()),
            Some(status)
        );
    }
    let unknown = open(&rig.server, "/api/v1/ports/gsp/raw", &[]).await;
    assert_eq!(unknown.err().map(|status| status.as_u16()), Some(404));
}

#[tokio::test]
async fn a_reader_that_missed_something_is_closed_with_4001_and_both_ends() {
    let rig = Rig::with(&["dev"], &["--ring", "128KiB", "--no-record"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let sent = patterns(0, 300_000);
    tokio::join!(rig.device("dev").send(&sent), async {
        while client.on(channel).next < client.on(channel).head + 300_000 {
            client.step().await;
        }
    });
    let oldest = rig.state("dev").await["journal"]["oldest"]
        .as_u64()
        .unwrap();
    let mut socket = raw(&rig, "?from=0").await;
    let Some(Ok(Message::Close(Some(frame)))) = soon("it is closed", socket.next()).await else {
        panic!("it was not closed");
    };
    assert_eq!(u16::from(frame.code), 4001);
    assert_eq!(frame.reason.as_str(), format!("gap 0-{oldest}"));
}

#[tokio::test]
async fn a_raw_viewer_is_seen_and_its_writes_have_an_author() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut socket = raw(&rig, "").await;
    let state = client
        .state("dev", "it is seen", |port| {
            port["viewers"][1]["door"] == "raw"
        })
        .await;
    send(&mut socket, Message::binary(&b"x"[..])).await;
    client.reach(channel, client.on(channel).head + 1).await;
    assert_eq!(
        client.on(channel).tx()[0].0,
        state["viewers"][1]["name"].as_str().unwrap()
    );
    send(&mut socket, Message::Close(None)).await;
    let goodbye = soon("the goodbye is answered", socket.next()).await;
    assert!(
        matches!(goodbye, Some(Ok(Message::Close(_)))),
        "{goodbye:?}"
    );
    client
        .state("dev", "it left", |port| {
            port["viewers"].as_array().unwrap().len() == 1
        })
        .await;
}

#[tokio::test]
async fn a_message_beyond_the_limit_closes_with_1009() {
    let rig = Rig::start(&["dev"]).await;
    let mut socket = raw(&rig, "").await;
    let large = Message::binary(vec![0; (1 << 20) + 1]);
    // The server may have hung up before all of it is sent.
    let _ = soon("it is sent or refused", socket.send(large)).await;
    let closed = soon("it is closed", socket.next()).await;
    let Some(Ok(Message::Close(Some(frame)))) = closed else {
        panic!("{closed:?}");
    };
    assert_eq!(u16::from(frame.code), 1009);
    assert_eq!(rig.state("dev").await["total"]["tx"], json!(0));
}

#[tokio::test]
async fn without_an_upgrade_it_says_what_it_is() {
    let rig = Rig::start(&["dev"]).await;
    let answer = http::get(rig.server.address(), "/api/v1/ports/dev/raw").await;
    assert!(matches!(answer.status, 400 | 426), "{answer:?}");
}
