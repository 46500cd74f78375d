//! The past: subscriptions that end.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::Rig;
use crate::rig::client::{Client, What};
use crate::rig::random::{Random, patterns};

/// Sends bytes and waits until the journal has them; gives the offset of the first.
async fn record(rig: &Rig, bytes: &[u8]) -> u64 {
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let first = client.on(channel).next;
    rig.device("dev").send(bytes).await;
    client.rx(channel, bytes.len()).await;
    first
}

#[tokio::test]
async fn any_stretch_is_read_to_the_byte_while_the_port_goes_on() {
    let rig = Rig::start(&["dev"]).await;
    let sent = patterns(0, 300_000);
    let first = record(&rig, &sent).await;
    let mut client = rig.client().await;
    let live = client.subscribe("dev", "now").await;
    let mut random = Random::new(7);
    let mut more = 0;
    for _ in 0..20 {
        let from = random.below(sent.len() as u64);
        let to = from + random.below(sent.len() as u64 - from + 1);
        rig.device("dev").send(b"more").await;
        more += 4;
        let channel = client.read_past("dev", first + from, first + to).await;
        assert!(client.on(channel).rx() == sent[from as usize..to as usize]);
        assert_eq!(client.on(channel).next, first + to);
    }
    assert_eq!(client.rx(live, more).await, b"more".repeat(20));
}

#[tokio::test]
async fn a_note_that_reaches_beyond_the_end_comes_whole() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let all = client.subscribe("dev", "oldest").await;
    client
        .until("it was opened", |client| client.on(all).has_note("opened"))
        .await;
    let opened = client.on(all).records[0].clone();
    assert!(matches!(opened.what, What::Note(_)));
    let channel = client
        .read_past("dev", opened.offset, opened.offset + 1)
        .await;
    assert_eq!(client.on(channel).records, [opened]);
}

#[tokio::test]
async fn who_reads_the_past_is_no_viewer_and_uses_up_no_channel() {
    let rig = Rig::start(&["dev"]).await;
    let first = record(&rig, b"past").await;
    let mut client = rig.client().await;
    let limit = client.hello["limits"]["subscriptions"].as_u64().unwrap();
    for _ in 0..limit + 10 {
        let channel = client.read_past("dev", first + 1, first + 3).await;
        assert_eq!(client.on(channel).rx(), b"as");
    }
    let question =
        json!({"port": "dev", "from": first, "to": first + 4, "answers": true, "credit": 0});
    let held = client.subscribe_with(question).await;
    let ended = client.read_past("dev", first, first).await;
    client
        .refused(
            json!({"type": "unsubscribe", "channel": ended}),
            "unknown-channel",
        )
        .await;
    let state = rig.state("dev").await;
    assert_eq!(
        (&state["viewers"], &state["answerer"]),
        (&json!([]), &json!(null))
    );

    let live = client.subscribe("dev", "now").await;
    client
        .done(json!({"type": "unsubscribe", "channel": held}))
        .await;
    assert_eq!(
        rig.state("dev").await["viewers"].as_array().unwrap().len(),
        1
    );
    let held =
        client.subscribe_with(json!({"port": "dev", "from": first, "to": first + 4, "credit": 0}));
    held.await;
    client
        .done(json!({"type": "unsubscribe", "channel": live}))
        .await;
    assert_eq!(rig.state("dev").await["viewers"], json!([]));
}

#[tokio::test]
async fn with_credit_it_ends_when_all_of_it_was_paid_for() {
    let rig = Rig::start(&["dev"]).await;
    let sent = patterns(0, 100_000);
    let first = record(&rig, &sent).await;
    let mut client = rig.client().await;
    let question = json!({"port": "dev", "from": first, "to": first + 90_000, "credit": 1000});
    let channel = client.subscribe_with(question).await;
    client.settle().await;
    assert!(!client.on(channel).ended && client.on(channel).wire < 80_000);
    let credit = json!({"type": "credit", "channel": channel, "bytes": 1 << 20});
    client.say(Message::text(credit.to_string())).await;
    client.end(channel).await;
    assert!(client.on(channel).rx() == sent[..90_000]);
    let empty = json!({"port": "dev", "from": first, "to": first, "credit": 0});
    let empty = client.subscribe_with(empty).await;
    client.end(empty).await;
    assert_eq!(client.on(empty).records, []);
}

#[tokio::test]
async fn an_end_that_cannot_be_is_refused_with_those_that_can() {
    let rig = Rig::start(&["dev"]).await;
    let first = record(&rig, b"0123456789").await;
    let mut client = rig.client().await;
    let head = first + 10;
    for (from, to) in [
        (json!(first + 5), first + 4),
        (json!(first), head + 1),
        (json!(-2), first),
        (json!("now"), first),
    ] {
        let question = json!({"type": "subscribe", "port": "dev", "from": from, "to": to});
        let refusal = client.refused(question, "out-of-range").await;
        assert_eq!(refusal["head"], head);
        assert!(refusal["oldest"].is_u64());
        let message = refusal["message"].as_str().unwrap();
        assert!(
            message.contains(&to.to_string()) && message.contains(&head.to_string()),
            "{message}"
        );
    }
    for to in [json!(-1), json!("now"), json!(1.5)] {
        let question = json!({"type": "subscribe", "port": "dev", "from": first, "to": to});
        client.refused(question, "bad-message").await;
    }
    let question =
        json!({"type": "subscribe", "port": "dev", "from": first, "to": head, "journal": 0});
    client.refused(question, "out-of-range").await;
}

#[tokio::test]
async fn several_readers_of_the_past_and_a_live_one_share_a_socket_fairly() {
    const LENGTH: u64 = 3 << 20;
    let rig = Rig::start(&["dev"]).await;
    let first = record(&rig, &patterns(0, LENGTH as usize)).await;
    let mut client = rig.client().await;
    let live = client.subscribe("dev", "now").await;
    let mut channels = Vec::new();
    for _ in 0..4 {
        let question = json!({"port": "dev", "from": first, "to": first + LENGTH, "credit": 0});
        channels.push(client.subscribe_with(question).await);
    }
    for channel in &channels {
        let credit = json!({"type": "credit", "channel": channel, "bytes": 1 << 30});
        client.say(Message::text(credit.to_string())).await;
    }
    // While this client does not read, the server cannot send all of it.
    record(&rig, b"live").await;
    assert_eq!(client.rx(live, 4).await, b"live");
    assert!(channels.iter().all(|channel| !client.on(*channel).ended));
    // Their credits came one after the other, so the first may have a start.
    let has_begun = |client: &Client| channels.iter().all(|channel| client.on(*channel).wire > 0);
    client.until("all have begun", has_begun).await;
    let sent = |client: &Client| -> Vec<_> {
        let wires = channels.iter().map(|channel| client.on(*channel).wire);
        wires.collect()
    };
    let before = sent(&client);
    let has_ended = |client: &Client| channels.iter().any(|channel| client.on(*channel).ended);
    client.until("one has ended", has_ended).await;
    let since = sent(&client).into_iter().zip(before);
    let since: Vec<_> = since.map(|(now, before)| now - before).collect();
    let (least, most) = (*since.iter().min().unwrap(), *since.iter().max().unwrap());
    assert!(most as u64 > LENGTH / 2, "{since:?}");
    assert!(least > most * 9 / 10, "{since:?}");
    for channel in channels {
        client.end(channel).await;
    }
}
