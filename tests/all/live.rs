//! Live: what passes over a port reaches everybody, in order, and is answered truly.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::Rig;
use crate::rig::client::{Client, What, open};
use crate::rig::random::Random;
use crate::rig::soon;

#[tokio::test]
async fn bytes_of_every_value_arrive_as_they_were_sent() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let (mut random, mut sent) = (Random::new(1), Vec::new());
    for _ in 0..60 {
        sent.extend(0..=255);
        let length = random.below(3000) as usize;
        sent.extend(random.bytes(length));
    }
    let mut rest = sent.as_slice();
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rest.len().min(1 + random.below(9000) as usize));
        rig.device("dev").send(piece).await;
        rest = behind;
    }
    assert!(client.rx(channel, sent.len()).await == sent);
    let reading = client.on(channel);
    assert!(
        reading
            .records
            .iter()
            .all(|record| record.live && matches!(record.what, What::Rx(_)))
    );
    assert!(reading.records.is_sorted_by_key(|record| record.time));
}

#[tokio::test]
async fn what_was_there_before_is_not_live_and_begins_with_the_note_of_opening() {
    let rig = Rig::start(&["dev"]).await;
    rig.device("dev").send(b"before").await;
    let mut first = rig.client().await;
    let channel = first.subscribe("dev", "oldest").await;
    first.rx(channel, 6).await;
    let mut second = rig.client().await;
    let history = second.subscribe("dev", "oldest").await;
    let tail = second.subscribe("dev", -3).await;
    let now = second.subscribe("dev", "now").await;
    rig.device("dev").send(b"after").await;
    assert_eq!(second.rx(history, 11).await, b"beforeafter");
    assert_eq!(second.rx(tail, 8).await, b"oreafter");
    assert_eq!(second.rx(now, 5).await, b"after");
    assert_eq!(second.on(history).notes()[0]["what"], "opened");
    assert!(!second.on(history).records[0].live);
}

#[tokio::test]
async fn what_is_typed_is_told_to_all_with_its_author_in_order_with_the_echo() {
    let rig = Rig::start(&["dev"]).await;
    let (mut anna, mut ben) = (rig.client().await, rig.client().await);
    anna.done(json!({"type": "name", "name": "anna"})).await;
    ben.done(json!({"type": "name", "name": "Zoë 浩"})).await;
    let at_anna = anna.subscribe("dev", "now").await;
    let at_ben = ben.subscribe("dev", "now").await;

    let offset = anna.write(at_anna, b"led on\r\n").await;
    rig.device("dev")
        .send(&rig.device("dev").read(8).await)
        .await;
    anna.rx(at_anna, 8).await;
    let text = ben
        .ask(json!({"type": "write", "port": "dev", "text": "ü\u{0}"}))
        .await;
    let hex = ben
        .ask(json!({"type": "write", "port": "dev", "hex": "00 fF\n7e"}))
        .await;
    assert_eq!(rig.device("dev").read(6).await, b"\xc3\xbc\x00\x00\xff\x7e");
    assert_eq!(
        (&text["type"], &text["length"]),
        (&json!("written"), &json!(3))
    );
    assert_eq!(
        hex["offset"].as_u64().unwrap(),
        text["offset"].as_u64().unwrap() + 3
    );

    let end = hex["offset"].as_u64().unwrap() + 3;
    anna.reach(at_anna, end).await;
    ben.reach(at_ben, end).await;
    assert_eq!(anna.on(at_anna).records, ben.on(at_ben).records);
    let records = &anna.on(at_anna).records;
    let tx = |author: &str, bytes: &[u8]| What::Tx {
        author: author.into(),
        bytes: bytes.into(),
    };
    assert_eq!(records[0].offset, offset);
    assert_eq!(records[0].what, tx("anna", b"led on\r\n"));
    assert_eq!(anna.on(at_anna).rx(), b"led on\r\n");
    let last: Vec<_> = records[records.len() - 2..]
        .iter()
        .map(|record| &record.what)
        .collect();
    assert_eq!(
        last,
        [&tx("Zoë 浩", b"\xc3\xbc\0"), &tx("Zoë 浩", b"\0\xff\x7e")]
    );
}

#[tokio::test]
async fn the_messages_of_two_writers_are_never_mixed_and_stay_in_their_order() {
    const MESSAGES: usize = 200;
    let rig = Rig::start(&["dev"]).await;
    let message = |writer: u8, number: usize| {
        let mut random = Random::new((number * 2) as u64 + u64::from(writer));
        let mut message = format!("<{writer}:{number}:").into_bytes();
        message.resize(message.len() + random.below(400) as usize, b'a' + writer);
        message.push(b'>');
        message
    };
    let total = [0, 1].map(|writer| {
        (0..MESSAGES)
            .map(|n| message(writer, n).len())
            .sum::<usize>()
    });
    let write = async |writer: u8| {
        let mut client = rig.client().await;
        let channel = client.subscribe("dev", "now").await;
        let mut ids = Vec::new();
        for number in 0..MESSAGES {
            ids.push(client.start_write(channel, &message(writer, number)).await);
        }
        let mut ends = Vec::new();
        for id in ids {
            let answer = client.answer(id).await;
            assert_eq!(answer["type"], "written", "{answer}");
            ends.push(answer["offset"].as_u64().unwrap());
        }
        assert!(ends.is_sorted(), "the order of one writer is kept");
    };
    let (_, _, taken) = tokio::join!(
        write(0),
        write(1),
        rig.device("dev").read(total[0] + total[1])
    );
    let mut next = [0, 0];
    let mut rest = taken.as_slice();
    while !rest.is_empty() {
        let writer = rest[1] - b'0';
        let expected = message(writer, next[usize::from(writer)]);
        assert!(
            rest.starts_with(&expected),
            "mixed: {:?}",
            rest[..60].escape_ascii()
        );
        next[usize::from(writer)] += 1;
        rest = &rest[expected.len()..];
    }
    assert_eq!(next, [MESSAGES; 2]);

    let mut reader = rig.client().await;
    let channel = reader.subscribe("dev", "oldest").await;
    let head = reader.on(channel).head;
    reader.reach(channel, head).await;
    let written: Vec<_> = reader
        .on(channel)
        .tx()
        .into_iter()
        .flat_map(|(_, bytes)| bytes)
        .collect();
    assert!(
        written == taken,
        "the journal tells what the device took, in its order"
    );
}

#[tokio::test]
async fn single_bytes_never_lie_around_until_the_next_one_comes() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut random = Random::new(2);
    let sent = random.bytes(2000);
    for (place, byte) in sent.iter().enumerate() {
        rig.device("dev").send(&[*byte]).await;
        match random.below(20) {
            // Nothing more is sent until all has come.
            0 => drop(client.rx(channel, place + 1).await),
            // A device's own timing, to meet the server at every moment of its work.
            pause @ 1..4 => tokio::time::sleep(Duration::from_micros(300 * pause)).await,
            pause @ 4..10 => std::thread::sleep(Duration::from_micros(20 * pause)),
            _ => {}
        }
    }
    assert_eq!(client.rx(channel, sent.len()).await, sent);
}

#[tokio::test]
async fn each_mistake_is_answered_with_its_code_and_the_connection_goes_on() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let long = "x".repeat(64 * 1024 + 1);
    for (question, code, named) in [
        (json!({"type": "dance"}), "bad-message", "dance"),
        (json!({"port": "dev"}), "bad-message", "type"),
        (
            json!({"type": "subscribe", "port": "gsp", "from": 0}),
            "unknown-port",
            "dev",
        ),
        (
            json!({"type": "subscribe", "port": "dev", "from": "later"}),
            "bad-message",
            "now",
        ),
        (
            json!({"type": "subscribe", "port": "dev"}),
            "bad-message",
            "from",
        ),
        (
            json!({"type": "subscribe", "port": "dev", "from": 1u64 << 50}),
            "out-of-range",
            "dev",
        ),
        (
            json!({"type": "unsubscribe", "channel": 999}),
            "unknown-channel",
            "999",
        ),
        (
            json!({"type": "write", "port": "gsp", "text": "x"}),
            "unknown-port",
            "gsp",
        ),
        (
            json!({"type": "write", "port": "dev"}),
            "bad-message",
            "either \"text\" or \"hex\"",
        ),
        (
            json!({"type": "write", "port": "dev", "hex": "0g"}),
            "bad-message",
            "'g'",
        ),
        (
            json!({"type": "write", "port": "dev", "hex": "123"}),
            "bad-message",
            "odd",
        ),
        (
            json!({"type": "write", "port": "dev", "text": long}),
            "too-large",
            "65536",
        ),
        (
            json!({"type": "write", "port": "dev", "text": "x", "answer": true}),
            "forbidden",
            "answers",
        ),
        (
            json!({"type": "set", "port": "dev", "settings": {"data_bits": 9}}),
            "bad-settings",
            "9",
        ),
        (
            json!({"type": "set", "port": "dev", "settings": {"baud": 0}}),
            "bad-settings",
            "0",
        ),
        (
            json!({"type": "break", "port": "dev", "ms": 0}),
            "bad-message",
            "5000",
        ),
        (
            json!({"type": "break", "port": "dev", "ms": 5001}),
            "bad-message",
            "5001",
        ),
        (
            json!({"type": "pulse", "port": "dev", "sequence": "dance"}),
            "bad-message",
            "dance",
        ),
        (
            json!({"type": "pulse", "port": "dev", "sequence": "9s"}),
            "bad-message",
            "9s",
        ),
        (
            json!({"type": "answer", "port": "gsp"}),
            "unknown-port",
            "gsp",
        ),
        (json!({"type": "name", "name": " "}), "bad-message", "64"),
        (
            json!({"type": "name", "name": "a\u{1b}b"}),
            "bad-message",
            "visible",
        ),
        (
            json!({"type": "name", "name": "x".repeat(65)}),
            "bad-message",
            "64",
        ),
    ] {
        let error = client.refused(question, code).await;
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(named), "{named:?} is not in {message:?}");
        match code {
            "out-of-range" => assert_eq!(error["head"], client.on(channel).head),
            "too-large" => assert_eq!(error["limit"], 65536),
            _ => {}
        }
    }
    for question in [
        json!({"type": "set", "port": "dev", "settings": {"parity": "evn"}}),
        json!({"type": "set", "port": "dev", "settings": {"baudrate": 9600}}),
    ] {
        let error = client.ask(question).await;
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("evn") || message.contains("baudrate"),
            "{error}"
        );
    }
    for (message, named) in [
        (Message::text("{"), "EOF"),
        (Message::text("[]"), ""),
        (Message::binary(vec![16, 0, 1]), "3 bytes"),
        (Message::binary(vec![99; 20]), "kind 99"),
    ] {
        let before = client.errors.len();
        client.say(message).await;
        client
            .until("the mistake is told", |client| client.errors.len() > before)
            .await;
        let error = &client.errors[before];
        assert_eq!(error["code"], "bad-message");
        assert!(
            error["message"].as_str().unwrap().contains(named),
            "{error}"
        );
    }
    let id = client.start_write(77, b"x").await;
    assert_eq!(client.answer(id).await["code"], "unknown-channel");
    let id = client.start_write(channel, long.as_bytes()).await;
    assert_eq!(client.answer(id).await["code"], "too-large");
    // An unknown field is no mistake, and neither is a credit that comes too late.
    client
        .say(Message::text(
            r#"{"type": "credit", "channel": 999, "bytes": 1}"#,
        ))
        .await;
    client
        .done(json!({"type": "name", "name": "anna", "colour": "green"}))
        .await;

    client.write(channel, b"still here").await;
    assert_eq!(
        rig.device("dev").read(10).await,
        b"still here",
        "and nothing else reached the device"
    );
}

#[tokio::test]
async fn a_message_beyond_the_limit_closes_the_connection_with_1009() {
    let rig = Rig::start(&["dev"]).await;
    for binary in [false, true] {
        let mut client = rig.client().await;
        let limit = client.hello["limits"]["message"].as_u64().unwrap() as usize;
        assert_eq!(limit, 1 << 20);
        let question = |length: usize| {
            let question = r#"{"type": "name", "name": "a", "x": ""#;
            let x = "x".repeat(length - question.len() - 2);
            Message::text(format!("{question}{x}\"}}"))
        };
        client.say(question(limit)).await;
        client.settle().await;
        let large = if binary {
            Message::binary(vec![16; limit + 1])
        } else {
            question(limit + 1)
        };
        client.say_too_much(large).await;
        assert_eq!(client.goodbye().await, 1009);
    }
}

#[tokio::test]
async fn a_goodbye_is_answered_and_the_viewer_is_gone() {
    let rig = Rig::start(&["dev"]).await;
    let (mut stays, mut leaves) = (rig.client().await, rig.client().await);
    leaves.subscribe("dev", "now").await;
    stays
        .state("dev", "a viewer came", |port| {
            port["viewers"][0].is_object()
        })
        .await;
    leaves.say(Message::Close(None)).await;
    soon("the goodbye is answered", async {
        while leaves.closed.is_none() {
            leaves.step().await;
        }
    })
    .await;
    stays
        .state("dev", "the viewer left", |port| {
            port["viewers"] == json!([])
        })
        .await;
}

#[tokio::test]
async fn only_version_1_is_spoken() {
    let rig = Rig::start(&["dev"]).await;
    let offer = async |protocols: Option<&str>| {
        let header = protocols.map(|protocols| ("sec-websocket-protocol", protocols));
        let opened = open(&rig.server, "/api/v1/socket", header.as_slice()).await;
        opened
            .map(|(_, protocol)| protocol)
            .map_err(|status| status.as_u16())
    };
    assert_eq!(
        offer(Some("seriald.v1")).await,
        Ok(Some("seriald.v1".into()))
    );
    assert_eq!(
        offer(Some("seriald.v9, seriald.v1")).await,
        Ok(Some("seriald.v1".into()))
    );
    assert_eq!(
        offer(Some("seriald.v1, bearer.x")).await,
        Ok(Some("seriald.v1".into()))
    );
    assert_eq!(offer(None).await, Ok(None));
    assert_eq!(offer(Some("seriald.v9")).await, Err(400));
    let client = Client::connect_with(&rig.server, &[]).await;
    assert_eq!(client.hello["protocol"], 1);
    let may = json!(["see", "type", "control", "administer"]);
    assert_eq!(
        (&client.hello["may"], &client.ports["dev"]["may"]),
        (&may, &may)
    );
    assert_eq!(
        client.hello["limits"],
        json!({"message": 1048576, "write": 65536, "subscriptions": 256})
    );
}
