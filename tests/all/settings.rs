//! Settings change while the port is open and people watch.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::rig::Rig;
use crate::rig::client::Client;

async fn set(client: &mut Client, settings: serde_json::Value) -> serde_json::Value {
    let question = json!({"type": "set", "port": "dev", "settings": settings});
    client.done(question).await["actual"].clone()
}

#[tokio::test]
async fn settings_change_without_dropping_anybody() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let channel = client.subscribe("dev", "now").await;
    let others = other.subscribe("dev", "now").await;
    for baud in [74880, 1200, 12_000_000, 31_250, 115_200] {
        let actual = set(&mut client, json!({"baud": baud})).await;
        assert_eq!(actual["baud"], baud);
        assert_eq!(rig.device("dev").baud(), baud);
    }
    let asked = json!({"data_bits": 7, "parity": "even", "stop_bits": "2", "flow": "xonxoff", "hangup": true});
    let actual = set(&mut client, asked).await;
    // A pty has 8 bits and no parity whatever it is asked for: what is reported is the driver's word.
    let expected = json!({"baud": 115_200, "data_bits": 8, "parity": "none", "stop_bits": "2", "flow": "xonxoff"});
    assert_eq!(actual, expected);
    let state = other
        .state("dev", "it is told", |port| {
            port["settings"]["parity"] == "even"
        })
        .await;
    assert_eq!(
        state["settings"],
        json!({
            "baud": 115_200, "data_bits": 7, "parity": "even", "stop_bits": "2", "flow": "xonxoff",
            "dtr": "leave", "rts": "leave", "hangup": true,
        })
    );
    assert_eq!(state["actual"], expected);
    assert_eq!(state["viewers"].as_array().unwrap().len(), 2);
    set(&mut client, json!({"flow": "none"})).await;
    rig.device("dev").send(b"\x11\x13 on").await;
    assert_eq!(other.rx(others, 5).await, b"\x11\x13 on");
    client.rx(channel, 5).await;
    let notes = client.on(channel).notes();
    assert_eq!(notes.len(), 7);
    assert!(
        notes
            .iter()
            .all(|note| note["what"] == "settings" && note["by"].is_string())
    );
}

#[tokio::test]
async fn settings_that_are_not_possible_change_nothing() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let before = client.ports["dev"]["settings"].clone();
    for (settings, code, named) in [
        (json!({"baud": 0}), "bad-settings", "baud"),
        (json!({"data_bits": 4}), "bad-settings", "4 data bits"),
        (
            json!({"baud": 9600, "data_bits": 9}),
            "bad-settings",
            "9 data bits",
        ),
        (
            json!({"stop_bits": "1.5"}),
            "not-supported",
            "1.5 stop bits",
        ),
    ] {
        let error = client
            .refused(
                json!({"type": "set", "port": "dev", "settings": settings}),
                code,
            )
            .await;
        assert!(
            error["message"].as_str().unwrap().contains(named),
            "{error}"
        );
    }
    assert_eq!(rig.state("dev").await["settings"], before);
    assert_eq!(rig.device("dev").baud(), 4_000_000);
}

#[tokio::test]
async fn settings_made_while_released_hold_from_the_next_opening() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    assert_eq!(set(&mut client, json!({"baud": 9600})).await, json!(null));
    client.done(json!({"type": "open", "port": "dev"})).await;
    let open = client
        .state("dev", "it is open again", |port| {
            port["actual"]["baud"] == 9600
        })
        .await;
    assert_eq!(open["state"], "open");
    assert_eq!(rig.device("dev").baud(), 9600);
}

#[tokio::test]
async fn lines_that_a_device_does_not_have_are_refused_and_nothing_hangs() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    assert_eq!(client.ports["dev"]["lines"], json!(null));
    assert_eq!(client.ports["dev"]["errors"], json!(null));
    for question in [
        json!({"type": "lines", "port": "dev", "dtr": true}),
        json!({"type": "lines", "port": "dev", "dtr": false, "rts": true}),
        json!({"type": "pulse", "port": "dev", "sequence": "arduino-reset"}),
        json!({"type": "pulse", "port": "dev", "sequence": "1ms,rts=1"}),
    ] {
        let error = client.refused(question, "not-supported").await;
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("the device cannot do that"),
            "{error}"
        );
    }
    client
        .done(json!({"type": "pulse", "port": "dev", "sequence": "20ms"}))
        .await;
    client
        .until("it is noted", |client| client.on(channel).has_note("pulse"))
        .await;
}

#[tokio::test]
async fn a_break_is_answered_when_it_has_ended_and_reading_goes_on() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let start = Instant::now();
    let id = client
        .start(json!({"type": "break", "port": "dev", "ms": 400}))
        .await;
    client
        .refused(json!({"type": "break", "port": "dev"}), "too-many")
        .await;
    rig.device("dev").send(b"meanwhile").await;
    assert_eq!(client.rx(channel, 9).await, b"meanwhile");
    assert!(!client.is_answered(id));
    assert_eq!(client.answer(id).await["type"], "done");
    assert!(start.elapsed() >= Duration::from_millis(400));
    client
        .until("it is noted", |client| {
            client.on(channel).has_note("break-sent")
        })
        .await;
}
