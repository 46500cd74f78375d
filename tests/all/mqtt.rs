//! MQTT: what a broker is told of ports, and what ports do that are told something there.

mod hostile;

use std::fs;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::rig::broker::{Broker, Heard};
use crate::rig::client::{Client, What};
use crate::rig::http::get;
use crate::rig::{DEADLINE, Rig, soon};

/// A server with one port that tells a broker on this TCP port.
async fn rig(port: u16, more: &str) -> Rig {
    of(&format!("mqtt://127.0.0.1:{port}"), more).await
}

async fn of(broker: &str, more: &str) -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    fs::write(&file, format!("[mqtt]\nbroker = {broker:?}\n{more}\n")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Rig::within(folder, &["dev"], &["--config", &file]).await
}

async fn bridged(rig: &Rig) -> Value {
    get(rig.server.address(), "/api/v1/mqtt").await.json()
}

/// Waits until the bridge has come to this.
async fn comes_to(rig: &Rig, what: &str, so: impl Fn(&Value) -> bool) {
    let mut now = bridged(rig).await;
    let comes = timeout(DEADLINE, async {
        while !so(&now) {
            now = bridged(rig).await;
        }
    });
    assert!(comes.await.is_ok(), "it did not happen that {what}: {now}");
}

async fn connected(rig: &Rig) {
    comes_to(rig, "there is a connection", |bridged| {
        bridged["connected"] == true
    })
    .await;
}

fn heard(topic: &str, payload: &str, kept: bool) -> Heard {
    Heard {
        topic: topic.into(),
        payload: payload.into(),
        kept,
    }
}

fn shown(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

#[tokio::test]
async fn lines_and_values_are_told_in_order_and_the_newest_are_kept() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let rig = rig(
        broker.port(),
        "every = \"0s\"\ndiscovery = \"homeassistant\"",
    )
    .await;
    assert_eq!(
        watcher.next().await,
        heard("seriald/status", "online", false)
    );
    watcher.until("seriald/dev/state").await;
    rig.device("dev")
        .send(b"\nhello \x1b[1mworld\x1b[0m\r\ntemp:21.5C hum:40 bad/name:1\n")
        .await;
    assert_eq!(
        watcher.lines("temp:21.5C hum:40 bad/name:1").await,
        ["hello world", "temp:21.5C hum:40 bad/name:1"]
    );
    let found = watcher
        .payload("homeassistant/sensor/seriald_dev/temp/config")
        .await;
    assert!(found.contains("\"unit_of_measurement\":\"°C\""), "{found}");
    assert_eq!(watcher.payload("seriald/dev/value/temp").await, "21.5");
    assert_eq!(watcher.payload("seriald/dev/value/bad%2fname").await, "1");
    let values = watcher.payload("seriald/dev/values").await;
    assert_eq!(values, r#"{"bad/name":1.0,"hum":40.0,"temp":21.5}"#);
    for n in 0..1000 {
        rig.device("dev")
            .send(format!("line {n}\n").as_bytes())
            .await;
    }
    let lines = watcher.lines("line 999").await;
    assert_eq!(
        lines,
        (0..1000).map(|n| format!("line {n}")).collect::<Vec<_>>()
    );
    let mut late = broker.watch().await;
    broker.publish("end", b"x", &[]).await;
    let kept = late.until("end").await;
    let has = |topic: &str, payload: &str| kept.contains(&heard(topic, payload, true));
    assert!(
        has("seriald/status", "online") && has("seriald/dev/value/hum", "40"),
        "{kept:?}"
    );
    let state = kept
        .iter()
        .find(|heard| heard.topic == "seriald/dev/state")
        .unwrap()
        .json();
    assert_eq!(
        (&state["state"], &state["settings"]["baud"]),
        (&json!("open"), &json!(4_000_000))
    );
    assert!(
        !kept.iter().any(|heard| heard.topic == "seriald/dev/line"),
        "{kept:?}"
    );
}

#[tokio::test]
async fn what_looks_like_a_value_among_other_bytes_makes_no_sensor() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let rig = rig(
        broker.port(),
        "every = \"0s\"\ndiscovery = \"homeassistant\"",
    )
    .await;
    watcher.until("seriald/dev/state").await;
    let device = rig.device("dev");
    device
        .send(b"\n\x91\xff\xa5\x80\xfe\x03\xb1\xd7\xff\nnSj:3\n")
        .await;
    // It was noise, and what comes now is text.
    for n in 0..10 {
        device.send(format!("temp: {n} C\n").as_bytes()).await;
    }
    let heard = watcher.until("seriald/dev/value/temp").await;
    assert!(
        !heard.iter().any(|heard| heard.topic.contains("nSj")),
        "{heard:?}"
    );
    broker.publish("end", b"x", &[]).await;
    let told = watcher.until("end").await;
    assert!(
        !told.iter().any(|heard| heard.topic.contains("nSj")),
        "{told:?}"
    );
}

#[tokio::test]
async fn everybody_is_told_when_the_server_ends_with_warning_and_without() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let mut rig = rig(broker.port(), "").await;
    assert_eq!(watcher.payload("seriald/status").await, "online");
    rig.server.kill();
    assert_eq!(watcher.payload("seriald/status").await, "offline");
    rig.restart().await;
    assert_eq!(watcher.payload("seriald/status").await, "online");
    assert!(rig.server.stop().await.success());
    assert_eq!(watcher.payload("seriald/status").await, "offline");
}

#[tokio::test]
async fn a_port_tells_when_its_device_goes_and_comes() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let mut rig = rig(broker.port(), "").await;
    let is = |state: &'static str| {
        move |heard: &Heard| heard.topic == "seriald/dev/state" && heard.json()["state"] == state
    };
    watcher.while_not(is("open")).await;
    rig.device_mut("dev").unplug();
    let told = watcher.while_not(is("waiting")).await;
    assert_eq!(told.last().unwrap().json()["error"]["code"], "lost");
    rig.device_mut("dev").plug();
    watcher.while_not(is("open")).await;
}

#[tokio::test]
async fn a_port_does_what_it_is_told_where_that_is_allowed() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let rig = rig(
        broker.port(),
        "commands = \"control\"\nline_end = \"crlf\"\nqos = 1",
    )
    .await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    connected(&rig).await;
    // Whether it listens is seen by what it answers.
    soon("it listens", async {
        loop {
            broker.publish("seriald/dev/set", b"x", &["-q", "1"]).await;
            if bridged(&rig).await["published"].as_u64().unwrap() > 2 {
                break;
            }
        }
    })
    .await;
    broker.publish("seriald/dev/send", b"measure", &[]).await;
    assert_eq!(rig.device("dev").read(9).await, b"measure\r\n");
    broker
        .publish("seriald/dev/write", b"\0\xff\r", &["-q", "1"])
        .await;
    assert_eq!(rig.device("dev").read(3).await, b"\0\xff\r");
    let is_typed = |what: &What| matches!(what, What::Tx { author, .. } if author == "mqtt");
    let has_typed = |client: &Client| {
        let mut records = client.on(channel).records.iter();
        records.any(|record| is_typed(&record.what))
    };
    client.until("it stands in the journal", has_typed).await;
    let set = br#"{"settings": {"baud": 9600}}"#;
    broker.publish("seriald/dev/set", set, &[]).await;
    client
        .state("dev", "it is set", |port| port["settings"]["baud"] == 9600)
        .await;
    broker
        .publish("seriald/dev/set", br#"{"state": "released"}"#, &[])
        .await;
    client
        .state("dev", "it is released", |port| port["state"] == "released")
        .await;
    broker.publish("seriald/dev/send", b"x", &[]).await;
    let refused = watcher
        .while_not(|heard| heard.topic == "seriald/dev/error" && heard.payload.contains("not open"))
        .await;
    assert_eq!(refused.last().unwrap().json()["topic"], "seriald/dev/send");
}

#[tokio::test]
async fn hostile_messages_are_refused_and_harm_nobody() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    broker.publish("seriald/dev/send", b"kept", &["-r"]).await;
    let mut watcher = broker.watch().await;
    let rig = rig(broker.port(), "commands = true").await;
    let mut refused = async |named: &str| {
        let is_it =
            |heard: &Heard| heard.topic == "seriald/dev/error" && heard.payload.contains(named);
        watcher.while_not(is_it).await;
    };
    refused("without retain").await;
    broker
        .publish("seriald/dev/send", &vec![b'x'; 1 << 20], &[])
        .await;
    refused("at most 65536 bytes").await;
    broker
        .publish("seriald/dev/write", &vec![b'x'; 65_537], &[])
        .await;
    refused("at most 65536 bytes").await;
    for (payload, named) in [
        (&b"\xff\0"[..], "cannot be set"),
        (b"{\"stat\": \"open\"}", "unknown field"),
        (b"{\"break\": 0}", "1 to 5000 ms"),
        (b"{\"settings\": {\"data_bits\": 9}}", "9 data bits"),
        (b"{\"pulse\": \"x\"}", "not a step"),
    ] {
        broker.publish("seriald/dev/set", payload, &[]).await;
        refused(named).await;
    }
    for topic in [
        "seriald/nobody/send",
        "seriald/$x y/write",
        "seriald/dev/x/send",
        "seriald//set",
    ] {
        broker.publish(topic, b"x", &[]).await;
    }
    broker.publish("seriald/dev/write", b"the end", &[]).await;
    assert_eq!(rig.device("dev").read(7).await, b"the end");
    assert!(rig.device("dev").unread().is_empty());
}

#[tokio::test]
async fn who_may_type_there_changes_nothing() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let rig = rig(broker.port(), "commands = \"type\"").await;
    connected(&rig).await;
    let refused = |heard: &Heard| {
        heard.topic == "seriald/dev/error" && heard.payload.contains("but not control")
    };
    for payload in [
        &b"{\"settings\": {\"baud\": 9600}}"[..],
        b"{\"state\": \"released\"}",
        b"{\"break\": 250}",
    ] {
        broker
            .publish("seriald/dev/set", payload, &["-q", "1"])
            .await;
        watcher.while_not(refused).await;
    }
    let state = rig.state("dev").await;
    assert_eq!(
        (&state["state"], &state["settings"]["baud"]),
        (&json!("open"), &json!(4_000_000))
    );
    broker
        .publish("seriald/dev/write", b"typed", &["-q", "1"])
        .await;
    assert_eq!(rig.device("dev").read(5).await, b"typed");
}

#[tokio::test]
async fn a_port_that_a_broker_is_not_told_of_is_not_there_for_it() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    let mqtt = format!(
        "[mqtt]\nbroker = \"mqtt://127.0.0.1:{}\"\nports = [\"d*\"]\ncommands = true\n",
        broker.port()
    );
    fs::write(&file, mqtt).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let rig = Rig::within(folder, &["other", "dev"], &["--config", &file]).await;
    let mut told = watcher.until("seriald/status").await;
    rig.device("other").send(b"\nunheard\n").await;
    for (topic, payload) in [("send", &b"x"[..]), ("set", b"{\"state\": \"released\"}")] {
        let topic = format!("seriald/other/{topic}");
        broker.publish(&topic, payload, &["-q", "1"]).await;
        told.extend(watcher.until("seriald/other/error").await);
        let refused = told.pop().unwrap().json();
        assert_eq!(refused["message"], "there is no port \"other\" here");
    }
    broker.publish("seriald/dev/send", b"x", &[]).await;
    assert_eq!(rig.device("dev").read(2).await, b"x\n");
    rig.device("dev").send(b"\nheard\n").await;
    told.extend(watcher.until("seriald/dev/line").await);
    let is_told = |heard: &&Heard| {
        let orders = ["seriald/other/send", "seriald/other/set"];
        heard.topic.starts_with("seriald/other/") && !orders.contains(&&*heard.topic)
    };
    assert_eq!(told.iter().find(is_told), None);
    assert_eq!(rig.state("other").await["state"], "open");
    assert_eq!(rig.device("other").unread(), b"");
}

#[tokio::test]
async fn nobody_types_where_it_was_not_allowed() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let rig = rig(broker.port(), "").await;
    watcher.until("seriald/dev/state").await;
    broker.publish("seriald/dev/send", b"x", &["-q", "1"]).await;
    rig.device("dev").send(b"\nlater\n").await;
    watcher.lines("later").await;
    let mut client = rig.client().await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    assert!(rig.device("dev").unread().is_empty());
}

#[tokio::test]
async fn lines_that_came_while_the_broker_was_away_are_told_when_it_is_back() {
    if !Broker::is_here() {
        return;
    }
    for qos in [0, 1] {
        let mut broker = Broker::start().await;
        let mut watcher = broker.watch().await;
        let rig = rig(broker.port(), &format!("qos = {qos}")).await;
        rig.device("dev").send(b"\ntemp:20\nbefore\n").await;
        assert_eq!(watcher.lines("before").await, ["temp:20", "before"]);
        broker.end().await;
        comes_to(&rig, "it is seen", |bridged| bridged["connected"] == false).await;
        rig.device("dev").send(b"one\ntwo\n").await;
        broker.begin().await;
        let mut watcher = broker.watch().await;
        connected(&rig).await;
        rig.device("dev").send(b"after\n").await;
        let lines = watcher.lines("after").await;
        // The bridge may have told some before anybody listened, and at qos 1 tells again what was
        // not confirmed.
        let known = ["temp:20", "before", "one", "two", "after"];
        let known = &known[if qos == 0 { 2 } else { 0 }..];
        assert!(known.ends_with(&shown(&lines)), "{lines:?}");
        let now = bridged(&rig).await;
        assert_eq!((&now["missed"], &now["problem"]), (&json!(0), &Value::Null));
        let mut late = broker.watch().await;
        broker.publish("end", b"x", &[]).await;
        let kept = late.until("end").await;
        let temp = kept
            .iter()
            .find(|heard| heard.topic == "seriald/dev/value/temp");
        assert_eq!(
            temp.unwrap().payload,
            "20",
            "a broker that has forgotten it is told again"
        );
    }
}

#[tokio::test]
async fn what_is_too_old_is_passed_over_and_told() {
    if !Broker::is_here() {
        return;
    }
    let mut broker = Broker::absent("");
    let rig = {
        broker.begin().await;
        let mut watcher = broker.watch().await;
        let rig = rig(broker.port(), "catch_up = \"0s\"").await;
        watcher.until("seriald/dev/state").await;
        rig.device("dev").send(b"\nbefore\n").await;
        watcher.lines("before").await;
        rig
    };
    broker.end().await;
    comes_to(&rig, "it is seen", |bridged| bridged["connected"] == false).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"old\n").await;
    assert_eq!(client.rx(channel, 4).await, b"old\n");
    broker.begin().await;
    let mut watcher = broker.watch().await;
    comes_to(&rig, "it is told", |bridged| {
        bridged["missed"].as_u64() >= Some(4)
    })
    .await;
    rig.device("dev").send(b"new\n").await;
    assert_eq!(watcher.lines("new").await, ["new"]);
    assert!(rig.server.log().contains("bytes were passed over"));
}

#[tokio::test]
async fn a_broker_that_is_away_at_the_start_is_told_once_and_found_when_it_comes() {
    if !Broker::is_here() {
        return;
    }
    let mut broker = Broker::absent("");
    let rig = rig(broker.port(), "").await;
    let is_told = |bridged: &Value| {
        bridged["problem"]
            .as_str()
            .is_some_and(|problem| problem.contains("is a broker running there?"))
    };
    comes_to(&rig, "it is told", is_told).await;
    rig.device("dev").send(b"\nfirst words\n").await;
    broker.begin().await;
    let mut watcher = broker.watch().await;
    connected(&rig).await;
    rig.device("dev").send(b"second words\n").await;
    let lines = watcher.lines("second words").await;
    assert!(
        ["first words", "second words"].ends_with(&shown(&lines)),
        "{lines:?}"
    );
    let log = rig.server.log();
    assert_eq!(
        log.matches("is a broker running there?").count(),
        1,
        "{log}"
    );
    assert_eq!(log.matches(": connected").count(), 1, "{log}");
    let metrics = get(rig.server.address(), "/metrics").await.text();
    assert!(metrics.contains("seriald_mqtt_connected 1\n"), "{metrics}");
}

#[tokio::test]
async fn a_wrong_password_is_told_and_never_shown() {
    if !Broker::is_here() {
        return;
    }
    let mut broker = Broker::absent("");
    let users = broker.folder().path().join("users");
    let config = broker.folder().path().join("mosquitto.conf");
    let made = std::process::Command::new("mosquitto_passwd")
        .args(["-b", "-c"])
        .arg(&users)
        .args(["anna", "right-secret"])
        .status();
    assert!(made.unwrap().success());
    let lines = fs::read_to_string(&config).unwrap();
    let lines = lines.replace("allow_anonymous true", "allow_anonymous false");
    fs::write(
        &config,
        format!("{lines}\nuser root\npassword_file {}\n", users.display()),
    )
    .unwrap();
    broker.begin().await;
    let secret = broker.folder().path().join("secret");
    fs::write(&secret, "wrong-secret\n").unwrap();
    let mut rig = rig(
        broker.port(),
        &format!("user = \"anna\"\npassword_file = {secret:?}"),
    )
    .await;
    comes_to(&rig, "it is told", |bridged| {
        bridged["problem"] == "it does not accept the user \"anna\" with this password"
    })
    .await;
    assert!(!rig.server.log().contains("secret"), "{}", rig.server.log());
    fs::write(&secret, "right-secret\n").unwrap();
    assert!(rig.server.stop().await.success());
    rig.restart().await;
    connected(&rig).await;
}

#[tokio::test]
async fn tls_is_spoken_with_brokers_that_are_trusted() {
    if !Broker::is_here() {
        return;
    }
    let tls = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls");
    let mut broker = Broker::absent(&format!(
        "certfile {tls}/localhost.crt\nkeyfile {tls}/localhost.key\nuser root"
    ));
    broker.begin().await;
    let address = format!("mqtts://localhost:{}", broker.port());
    let trusting = of(&address, &format!("ca_file = \"{tls}/localhost.crt\"")).await;
    connected(&trusting).await;
    let stranger = rcgen::generate_simple_self_signed(["lab.example".to_owned()]).unwrap();
    let other = broker.folder().path().join("other.crt");
    fs::write(&other, stranger.cert.pem()).unwrap();
    let unknown = of(&address, &format!("ca_file = {other:?}")).await;
    comes_to(&unknown, "it is told", |bridged| {
        bridged["problem"].as_str().is_some_and(|problem| {
            problem.contains("name a file with that authority's certificate in ca_file")
        })
    })
    .await;
    let plain = rig(broker.port(), "").await;
    comes_to(&plain, "it is told", |bridged| {
        bridged["problem"]
            .as_str()
            .is_some_and(|problem| problem.contains("mqtts://"))
    })
    .await;
    let absent = of(&address, "ca_file = \"/no/such/file\"").await;
    comes_to(&absent, "it is told", |bridged| {
        bridged["problem"]
            .as_str()
            .is_some_and(|problem| problem.starts_with("ca_file /no/such/file: "))
    })
    .await;
}

#[tokio::test]
async fn of_values_that_come_too_fast_only_the_first_and_the_last_are_told() {
    if !Broker::is_here() {
        return;
    }
    let broker = Broker::start().await;
    let mut watcher = broker.watch().await;
    let rig = rig(broker.port(), "every = \"2s\"").await;
    rig.device("dev").send(b"\nn:0\n").await;
    let told = |topic: &'static str| move |heard: &Heard| heard.topic == topic;
    watcher.while_not(told("seriald/dev/value/n")).await;
    for n in 1..200 {
        rig.device("dev").send(format!("n:{n}\n").as_bytes()).await;
    }
    let last = watcher
        .while_not(|heard| heard.topic == "seriald/dev/value/n" && heard.payload == "199")
        .await;
    let between = last
        .iter()
        .filter(|heard| heard.topic == "seriald/dev/value/n")
        .count();
    // On a slow machine the lines may take longer than the two seconds.
    assert!(between < 20, "{between} were told");
}
