//! A device that takes nothing: what is written waits, and everything else goes on.

use serde_json::json;

use crate::rig::Rig;
use crate::rig::client::Client;
use crate::rig::random::patterns;

const WRITE: usize = 60_000;

/// Queues 240 kB, more than the kernel takes from a port whose device does not read.
async fn hold(client: &mut Client, channel: u16) -> Vec<u64> {
    let mut ids = Vec::new();
    for place in 0..4 {
        ids.push(
            client
                .start_write(channel, &patterns((place * WRITE) as u64, WRITE))
                .await,
        );
    }
    let held = client
        .state("dev", "it is held", |port| port["held"] == true)
        .await;
    assert!(held["queued"].as_u64() > Some(WRITE as u64), "{held}");
    ids
}

#[tokio::test]
async fn what_is_held_back_arrives_whole_when_the_device_reads_again() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let ids = hold(&mut client, channel).await;

    rig.device("dev").send(b"reading goes on").await;
    assert_eq!(client.rx(channel, 15).await, b"reading goes on");
    let question = json!({"type": "write", "port": "dev", "text": "x".repeat(64 * 1024)});
    let full = client.refused(question, "queue-full").await;
    assert_eq!(full["taken"], 0);
    assert!(!client.is_answered(ids[3]));

    let read = rig.device("dev").read(4 * WRITE);
    let (taken, last) = tokio::join!(read, client.answer(ids[3]));
    assert!(taken == patterns(0, 4 * WRITE));
    assert_eq!(
        (&last["type"], &last["length"]),
        (&json!("written"), &json!(WRITE))
    );
    let free = client
        .state("dev", "it is free", |port| port["queued"] == 0)
        .await;
    assert_eq!(free["held"], false);
    let end = client.on(channel).head + (4 * WRITE + 15) as u64;
    client.reach(channel, end).await;
    assert!(client.on(channel).tx()[0].1 == taken);
    client.write(channel, b"and on").await;
    assert_eq!(rig.device("dev").read(6).await, b"and on");
}

#[tokio::test]
async fn cancelling_ends_ones_own_writes_and_says_how_far_they_came() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let channel = client.subscribe("dev", "now").await;
    let others = other.subscribe("dev", "now").await;
    let ids = hold(&mut client, channel).await;
    let kept = other.start_write(others, b"from another").await;

    client.done(json!({"type": "cancel", "port": "dev"})).await;
    let mut reached = 0;
    for id in ids {
        let answer = client.answer(id).await;
        reached += match answer["type"].as_str().unwrap() {
            "written" => answer["length"].as_u64().unwrap(),
            _ => {
                assert_eq!(answer["code"], "cancelled", "{answer}");
                answer["written"].as_u64().unwrap()
            }
        } as usize;
    }
    assert!(reached < 4 * WRITE);
    client
        .until("it is noted", |client| {
            client.on(channel).has_note("cancelled")
        })
        .await;
    let taken = rig.device("dev").read(reached + 12).await;
    assert!(
        taken[..reached] == patterns(0, reached),
        "no byte of what was cancelled is missing or too much"
    );
    assert_eq!(&taken[reached..], b"from another");
    assert_eq!(other.answer(kept).await["type"], "written");
    let tx = |client: &Client| -> Vec<u8> {
        let records = client.on(others).tx().into_iter();
        records.flat_map(|(_, bytes)| bytes).collect()
    };
    other
        .until("the last record came", |client| {
            tx(client).len() >= taken.len()
        })
        .await;
    assert!(tx(&other) == taken);
    client.done(json!({"type": "cancel", "port": "dev"})).await;
}

#[tokio::test]
async fn releasing_ends_what_is_held() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let ids = hold(&mut client, channel).await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    for id in ids {
        let answer = client.answer(id).await;
        assert!(
            answer["type"] == "written" || answer["code"] == "cancelled",
            "{answer}"
        );
    }
    let state = client
        .state("dev", "it is released", |port| port["state"] == "released")
        .await;
    assert_eq!(
        (&state["held"], &state["queued"]),
        (&json!(false), &json!(0))
    );
}

#[tokio::test]
async fn the_settings_of_a_held_port_change_at_once() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    hold(&mut client, channel).await;
    client
        .done(json!({"type": "set", "port": "dev", "settings": {"baud": 9600}}))
        .await;
    assert_eq!(rig.device("dev").baud(), 9600);
}

#[tokio::test]
async fn a_client_that_leaves_leaves_its_writes_behind() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    hold(&mut client, channel).await;
    drop(client);
    let mut other = rig.client().await;
    other
        .state("dev", "it left", |port| port["viewers"] == json!([]))
        .await;
    assert!(rig.device("dev").read(4 * WRITE).await == patterns(0, 4 * WRITE));
}
