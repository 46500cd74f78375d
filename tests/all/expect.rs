//! Exchanges: something is written and the reply is waited for, over the socket and over HTTP.

use serde_json::{Value, json};

use crate::rig::client::Client;
use crate::rig::http::{Answer, Lines, ask};
use crate::rig::{Rig, soon};

/// Longer than any test takes.
const LONG: u64 = 600_000;

/// Asks over HTTP.
async fn expect(rig: &Rig, wish: Value) -> Answer {
    let path = "/api/v1/ports/dev/expect";
    let kind = [("Content-Type", "application/json")];
    ask(
        rig.server.address(),
        "POST",
        path,
        &kind,
        wish.to_string().as_bytes(),
    )
    .await
}

/// The same on the socket, with more to say.
fn request(more: Value) -> Value {
    let mut question = json!({"type": "request", "port": "dev", "timeout": LONG});
    let fields = more.as_object().unwrap().clone();
    question.as_object_mut().unwrap().extend(fields);
    question
}

/// The device reads `asked`, and answers in the same instant.
async fn answers(rig: &Rig, asked: &[u8], reply: &[u8]) {
    let read = rig.device("dev").read(asked.len()).await;
    assert_eq!(read, asked);
    rig.device("dev").send(reply).await;
}

#[tokio::test]
async fn the_reply_is_what_came_behind_the_write_up_to_the_end_of_the_match() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"v = 1 of old\n").await;
    client.rx(channel, 13).await;

    let question = request(json!({"text": "v?\n", "until": "v = ([0-9.]+)(x)? V"}));
    let asked = client.start(question).await;
    answers(&rig, b"v?\n", b"\xffone moment\r\nV = 4.8 V\r\nmore\r\n").await;
    let reply = client.answer(asked).await;
    assert_eq!(reply["text"], "\u{fffd}one moment\r\nV = 4.8 V");
    assert_eq!(reply["match"], json!(["V = 4.8 V", "4.8", null]));
    assert_eq!(reply["length"], 9);
    let offset = reply["offset"].as_u64().unwrap();
    let found = client.read_past("dev", offset, offset + 9).await;
    client.end(found).await;
    assert_eq!(client.on(found).rx(), b"V = 4.8 V");
}

#[tokio::test]
async fn a_thousand_replies_in_the_same_instant_are_all_seen_by_whom_they_are_for() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    for number in 0..1000 {
        let asked = client
            .start(request(json!({"text": format!("ask {number:03}\n")})))
            .await;
        let (line, reply) = (format!("ask {number:03}\n"), format!("got {number:03}\r\n"));
        answers(&rig, line.as_bytes(), reply.as_bytes()).await;
        let told = client.answer(asked).await;
        assert_eq!(told["match"][1], reply.trim_end(), "{told}");
    }
}

#[tokio::test]
async fn a_reply_in_pieces_is_put_together_whatever_lies_between() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let only_heard = client
        .start(request(json!({"until": "abc+;", "case": true})))
        .await;
    client.settle().await;
    for piece in [&b"abc ABC; a"[..], b"b", b"c", b"c"] {
        let before = client.on(channel).rx().len();
        rig.device("dev").send(piece).await;
        client.rx(channel, before + piece.len()).await;
        client.write(channel, b"typed by somebody").await;
        client
            .done(json!({"type": "mark", "port": "dev", "text": "meanwhile"}))
            .await;
        client.settle().await;
        assert!(!client.is_answered(only_heard));
    }
    rig.device("dev").send(b";;").await;
    let reply = client.answer(only_heard).await;
    assert_eq!(reply["text"], "abc ABC; abcc;");
    assert_eq!(reply["match"], json!(["abcc;"]));
    let (offset, length) = (reply["offset"].as_u64(), reply["length"].as_u64());
    let from = client
        .read_past("dev", offset.unwrap(), offset.unwrap() + length.unwrap())
        .await;
    client.end(from).await;
    assert_eq!(client.on(from).rx(), b"abcc;");
}

#[tokio::test]
async fn what_does_not_come_in_time_is_told_with_what_came() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let asked = client
        .start(request(
            json!({"text": "?", "until": "never", "timeout": 300}),
        ))
        .await;
    answers(&rig, b"?", b"something else").await;
    let late = client.answer(asked).await;
    assert_eq!(
        (&late["code"], &late["text"]),
        (&json!("timed-out"), &json!("something else"))
    );
    let message = late["message"].as_str().unwrap();
    assert!(
        message.contains("dev") && message.contains("300 ms"),
        "{message}"
    );

    let late = expect(&rig, json!({"hex": "3f 0a", "timeout": 1})).await;
    assert_eq!(late.status, 504, "{}", late.text());
    assert_eq!(
        (&late.json()["code"], &late.json()["text"]),
        (&json!("timed-out"), &json!(""))
    );
    assert_eq!(rig.device("dev").read(2).await, b"?\n");
    client.rx(channel, 14).await;
}

#[tokio::test]
async fn http_asks_as_the_socket_does() {
    let rig = Rig::start(&["dev"]).await;
    let wish = json!({"text": "id?\r\n", "until": r"id (\d+)", "timeout": LONG});
    let (reply, ()) = tokio::join!(expect(&rig, wish), answers(&rig, b"id?\r\n", b"id 42;"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let reply = reply.json();
    assert_eq!(
        (&reply["text"], &reply["match"]),
        (&json!("id 42"), &json!(["id 42", "42"]))
    );
    assert_eq!(reply["length"], 5);
    for (wish, status, named) in [
        (json!({"text": "a", "hex": "00"}), 400, "either"),
        (json!({"until": "a("}), 400, "character 2"),
        (json!({"timeout": 0}), 400, "1 to 3600000"),
        (json!({"wait": "x"}), 400, "until"),
        (json!({"text": "x".repeat(65_537)}), 413, "65536"),
    ] {
        let refused = expect(&rig, wish).await;
        assert_eq!(refused.status, status, "{}", refused.text());
        assert!(refused.text().contains(named), "{}", refused.text());
    }
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn two_who_ask_at_once_both_hear_what_comes() {
    let rig = Rig::start(&["dev"]).await;
    let (mut one, mut other) = (rig.client().await, rig.client().await);
    let first = one
        .start(request(json!({"text": "a", "until": "b!"})))
        .await;
    assert_eq!(rig.device("dev").read(1).await, b"a");
    let second = other
        .start(request(json!({"text": "b", "until": "a!"})))
        .await;
    assert_eq!(rig.device("dev").read(1).await, b"b");
    other.settle().await;
    rig.device("dev").send(b"a! b!").await;
    assert_eq!(one.answer(first).await["text"], "a! b!");
    assert_eq!(other.answer(second).await["text"], "a!");
}

#[tokio::test]
async fn a_device_that_is_away_is_told_at_once_and_one_that_goes_as_soon_as_it_went() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let asked = client
        .start(request(json!({"text": "?", "until": "never"})))
        .await;
    answers(&rig, b"?", b"I am goi").await;
    let channel = client.subscribe("dev", "oldest").await;
    client.rx(channel, 8).await;
    rig.device_mut("dev").unplug();
    let gone = client.answer(asked).await;
    assert_eq!(
        (&gone["code"], &gone["text"]),
        (&json!("device"), &json!("I am goi"))
    );

    client
        .state("dev", "it waits", |port| port["state"] == "waiting")
        .await;
    for question in [json!({"text": "?"}), json!({})] {
        client.refused(request(question), "not-open").await;
    }
    let away = expect(&rig, json!({"timeout": LONG})).await;
    assert_eq!(
        (away.status, &away.json()["code"]),
        (409, &json!("not-open"))
    );

    rig.device_mut("dev").plug();
    client
        .state("dev", "it is back", |port| port["state"] == "open")
        .await;
    let asked = client.start(request(json!({}))).await;
    client.settle().await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    assert_eq!(client.answer(asked).await["code"], "device");
}

#[tokio::test]
async fn a_device_that_takes_nothing_makes_a_request_end_in_time() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    for _ in 0..3 {
        client.start_write(channel, &[b'x'; 60_000]).await;
    }
    client
        .state("dev", "it is held", |port| port["held"] == true)
        .await;
    let late = client
        .refused(request(json!({"text": "?", "timeout": 200})), "timed-out")
        .await;
    assert!(
        late["message"]
            .as_str()
            .unwrap()
            .contains("waits in the queue"),
        "{late}"
    );
}

#[tokio::test]
async fn whoever_leaves_waits_for_nothing_any_more() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    for _ in 0..64 {
        client.start(request(json!({"until": "never"}))).await;
    }
    client.refused(request(json!({})), "too-many").await;
    let full = expect(&rig, json!({"timeout": 1})).await;
    assert_eq!(full.status, 503, "{}", full.text());
    drop(client);
    soon("the seats are free", async {
        while other.ask(request(json!({"timeout": 1}))).await["code"] == "too-many" {}
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_aborted_waits_no_longer_and_gives_its_place_back() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let mut waiting = Vec::new();
    for _ in 0..64 {
        waiting.push(client.start(request(json!({"until": "never"}))).await);
    }
    client.refused(request(json!({})), "too-many").await;
    let abort = |id: u64| json!({"type": "abort", "request": id});
    // Nobody ends what somebody else waits for.
    other.done(abort(waiting[0])).await;
    client.settle().await;
    assert!(!client.is_answered(waiting[0]));
    client.done(abort(waiting[0])).await;
    assert_eq!(client.answer(waiting[0]).await["code"], "cancelled");
    // One that has ended, or that is no request, is as good.
    client.done(abort(waiting[0])).await;
    client.done(abort(4_000_000_000)).await;
    other
        .refused(request(json!({"timeout": 1})), "timed-out")
        .await;
    client.settle().await;
    assert!(!client.is_answered(waiting[1]));
}

#[tokio::test]
async fn whoever_breaks_off_over_http_waits_for_nothing_any_more() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let path = "/api/v1/ports/dev/expect";
    let wish = json!({"text": "?", "until": "never", "timeout": LONG});
    let mut waiting = Vec::new();
    for _ in 0..64 {
        waiting.push(Lines::post(rig.server.address(), path, &wish).await);
    }
    assert_eq!(rig.device("dev").read(64).await, [b'?'; 64]);
    client.refused(request(json!({})), "too-many").await;
    drop(waiting);
    soon("the places are free", async {
        while client.ask(request(json!({"timeout": 1}))).await["code"] == "too-many" {}
    })
    .await;
}

#[tokio::test]
async fn what_the_device_has_not_taken_is_thrown_away_with_a_request_that_is_broken_off() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    for _ in 0..3 {
        client.start_write(channel, &[b'x'; 60_000]).await;
    }
    let held = |port: &Value| port["held"] == true;
    client.state("dev", "it is held", held).await;
    let waiting = async || rig.state("dev").await["queued"].as_u64().unwrap();
    let before = waiting().await;
    for (path, body) in [("write", "unsent"), ("expect", r#"{"text": "unsent"}"#)] {
        let path = format!("/api/v1/ports/dev/{path}");
        let asked = Lines::send(rig.server.address(), "POST", &path, body.as_bytes()).await;
        soon("it waits", async { while waiting().await != before + 6 {} }).await;
        drop(asked);
        soon("it is gone", async { while waiting().await != before {} }).await;
    }
    assert_eq!(rig.device("dev").read(180_000).await, [b'x'; 180_000]);
    client.start_write(channel, b"end").await;
    assert_eq!(rig.device("dev").read(3).await, b"end");
}

/// Sends more than is waited through, and answers pings meanwhile.
async fn flood(rig: &Rig, client: &mut Client) {
    let flood = rig.device("dev");
    for _ in 0..20 {
        flood.send(&[b'a'; 64 * 1024]).await;
        client.done(json!({"type": "ping"})).await;
    }
}

#[tokio::test]
async fn a_flood_and_a_hostile_pattern_end_and_hold_up_nobody() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let mut asked = Vec::new();
    for until in ["never", "(a*)*b", "(?:a{0,6}){0,6}c", "((((a+))))x?never"] {
        asked.push(client.start(request(json!({"until": until}))).await);
    }
    client.settle().await;
    flood(&rig, &mut other).await;
    for asked in asked {
        let much = client.answer(asked).await;
        assert_eq!(
            (&much["code"], &much["limit"]),
            (&json!("too-large"), &json!(1 << 20)),
            "{much}"
        );
    }
    // Groups that stand in groups would be told many times over.
    let nested = format!("{}a[^!]*{}!", "(".repeat(20), ")".repeat(20));
    let all = client.start(request(json!({"until": nested}))).await;
    client.settle().await;
    rig.device("dev").send(&[b'a'; 64 * 1024]).await;
    rig.device("dev").send(b"!").await;
    assert_eq!(client.answer(all).await["code"], "too-large");
}

#[tokio::test]
async fn a_moment_is_asked_for_on_the_socket_too() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    for word in [b"one", b"two"] {
        let before = client.on(channel).rx().len();
        rig.device("dev").send(word).await;
        client.rx(channel, before + 3).await;
    }
    let second = client.on(channel).records.last().unwrap().clone();
    let ask = |time: u64| json!({"type": "moment", "port": "dev", "time": time});
    assert_eq!(client.done(ask(0)).await["offset"], 0);
    assert_eq!(client.done(ask(second.time)).await["offset"], second.offset);
    let head = client.on(channel).next;
    assert_eq!(
        client.done(ask(second.time + 1_000_000_000)).await["offset"],
        head
    );
    client
        .refused(
            json!({"type": "moment", "port": "dew", "time": 0}),
            "unknown-port",
        )
        .await;
}
