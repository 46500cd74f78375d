//! Triggers: what happens by itself when a device says something, and what would have.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::client::Client;
use crate::rig::http::{ask, get};
use crate::rig::tls::acceptor;
use crate::rig::{Rig, soon};

/// A panel for the port with these triggers and a macro that does not end by itself.
fn panel(triggers: Value) -> Value {
    json!({
        "seriald": 1,
        "title": "Watchman",
        "for": {"port": "dev"},
        "macros": [{"id": "beat", "title": "Beat", "steps": [{"repeat": "forever", "steps": [{"delay": 5}]}]}],
        "triggers": triggers,
    })
}

/// A trigger that is on and may act as often as triggers may.
fn trigger(id: &str, when: Value, deeds: Value) -> Value {
    json!({"id": id, "title": format!("The {id}"), "on": true, "when": when, "do": deeds, "every": 100})
}

/// A rig whose device stands at the beginning of a line: the first one behind an opening might be only the end of one.
async fn rig() -> Rig {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"\n").await;
    client.rx(channel, 1).await;
    rig
}

async fn keep(rig: &Rig, name: &str, triggers: Value) {
    let path = format!("/api/v1/panels/{name}");
    let body = panel(triggers).to_string();
    let answer = ask(rig.server.address(), "PUT", &path, &[], body.as_bytes()).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
}

/// Waits until a client was told so many things.
async fn alerts(client: &mut Client, count: usize) -> Vec<Value> {
    client
        .until("people are told", |client| client.alerts.len() >= count)
        .await;
    client.alerts.clone()
}

#[tokio::test]
async fn a_line_is_marked_coloured_told_and_answered() {
    let rig = rig().await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let channel = client.subscribe("dev", "now").await;
    let deeds = json!([
        {"mark": "{port}: {line}"}, {"highlight": "bad"}, {"notify": "look: {line}"}, {"send": "reset\n"}]);
    let when = json!({"pattern": "error (\\d+)"});
    keep(&rig, "w", json!([trigger("error", when, deeds)])).await;
    rig.device("dev").send(b"all well\r\n\x1b[31mERR").await;
    client.rx(channel, 18).await;
    rig.device("dev").send(b"OR 7\x1b[0m\r\n").await;
    assert_eq!(rig.device("dev").read(6).await, b"reset\n");
    for client in [&mut client, &mut other] {
        let told = &alerts(client, 1).await[0];
        assert_eq!(
            [
                &told["port"],
                &told["panel"],
                &told["trigger"],
                &told["title"],
                &told["text"]
            ],
            ["dev", "w", "error", "The error", "look: ERROR 7"]
        );
    }
    client
        .until("all is noted", |client| {
            client.on(channel).has_note("trigger") && !client.on(channel).tx().is_empty()
        })
        .await;
    assert_eq!(
        client.on(channel).tx(),
        [("The error".to_owned(), b"reset\n".to_vec())]
    );
    let notes = client.on(channel).notes();
    let note = |what: &str| *notes.iter().find(|note| note["what"] == what).unwrap();
    let (colour, mark) = (note("trigger"), note("mark"));
    assert_eq!(
        (&colour["colour"], &colour["by"]),
        (&json!("bad"), &json!("w"))
    );
    assert_eq!(
        (&mark["text"], &mark["by"]),
        (&json!("dev: ERROR 7"), &json!("The error"))
    );
    let at = colour["at"].as_u64().unwrap();
    assert_eq!(
        (&mark["at"], &client.alerts[0]["offset"]),
        (&json!(at), &json!(at))
    );
    let end = at + colour["length"].as_u64().unwrap();
    let line = client.read_past("dev", at, end).await;
    assert_eq!(client.on(line).rx(), b"\x1b[31mERROR 7\x1b[0m\r");
}

#[tokio::test]
async fn a_value_is_told_when_it_gets_there() {
    let rig = rig().await;
    let mut client = rig.client().await;
    let hot = trigger(
        "hot",
        json!({"value": "temp", "above": 40, "hysteresis": 2}),
        json!([{"notify": "{value:1} °C in {line}"}, {"send": "fan {value:0}\n"}]),
    );
    let end = trigger(
        "end",
        json!({"pattern": "^end$"}),
        json!([{"notify": "end"}]),
    );
    keep(&rig, "w", json!([hot, end])).await;
    rig.device("dev")
        .send(b"temp: 39.5 C\ntemp: 41.25 C\ntemp: 39 C\ntemp: 50 C\nend\n")
        .await;
    let told: Vec<_> = alerts(&mut client, 2)
        .await
        .iter()
        .map(|alert| alert["text"].clone())
        .collect();
    assert_eq!(told, ["41.2 °C in temp: 41.25 C", "end"]);
    assert_eq!(rig.device("dev").read(7).await, b"fan 41\n");
}

#[tokio::test]
async fn a_macro_runs_once_at_a_time_and_anyone_can_stop_it() {
    let rig = rig().await;
    let mut client = rig.client().await;
    let go = trigger(
        "go",
        json!({"pattern": "go"}),
        json!([{"macro": "beat"}, {"notify": "gone"}]),
    );
    keep(&rig, "w", json!([go])).await;
    rig.device("dev").send(b"go\n").await;
    alerts(&mut client, 1).await;
    let running = client
        .state("dev", "it runs", |port| port["running"] != json!([]))
        .await["running"]
        .clone();
    assert_eq!(
        (&running[0]["title"], &running[0]["by"]),
        (&json!("Beat"), &json!("The go"))
    );
    // Until it may act again.
    soon("it acts again", async {
        while client.alerts.len() < 2 {
            rig.device("dev").send(b"go\n").await;
            client.settle().await;
        }
    })
    .await;
    assert_eq!(rig.state("dev").await["running"], running);
    client
        .done(json!({"type": "stop", "port": "dev", "run": running[0]["run"]}))
        .await;
    // A "go" of before may begin another.
    let is_over = |port: &Value| {
        let runs = port["running"].as_array();
        runs.is_some_and(|runs| runs.iter().all(|run| run["run"] != running[0]["run"]))
    };
    client.state("dev", "it has ended", is_over).await;
}

#[tokio::test]
async fn a_trigger_that_answers_itself_keeps_to_its_pace() {
    let rig = rig().await;
    let echo = trigger(
        "echo",
        json!({"pattern": "ping"}),
        json!([{"send": "ping\n"}]),
    );
    keep(&rig, "w", json!([echo])).await;
    let begun = Instant::now();
    rig.device("dev").send(b"ping\n").await;
    let mut heard = 0;
    soon("it answers itself a few times", async {
        while heard < 5 {
            let bytes = rig.device("dev").read_some().await;
            heard += bytes.iter().filter(|byte| **byte == b'\n').count();
            // Whatever comes is said ten times, so that one is always heard when it may act again.
            for _ in 0..10 {
                rig.device("dev").send(b"ping\n").await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    })
    .await;
    let most = begun.elapsed().as_millis() / 100 + 2;
    assert!(heard as u128 <= most, "{heard} in {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_flood_of_what_is_waited_for_is_told_once_in_a_while() {
    let rig = rig().await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let hostile = "(?:[a-z ]{0,9}){0,9}!";
    let all = json!([
        trigger(
            "error",
            json!({"pattern": "error"}),
            json!([{"notify": "{line}"}, {"highlight": "warn"}])
        ),
        trigger(
            "odd",
            json!({"pattern": hostile}),
            json!([{"send": "never"}])
        ),
    ]);
    keep(&rig, "w", all).await;
    let begun = Instant::now();
    let lines = b"an error of the flood\r\n".repeat(2000);
    for _ in 0..10 {
        rig.device("dev").send(&lines).await;
        client.done(json!({"type": "ping"})).await;
    }
    rig.device("dev").send(b"the end\r\n").await;
    client.rx(channel, lines.len() * 10 + 9).await;
    alerts(&mut client, 1).await;
    // The lines came in this time, whenever they are looked through.
    let most = begun.elapsed().as_millis() / 100 + 1;
    client.settle().await;
    assert!(
        client.alerts.len() as u128 <= most,
        "{} in {:?}",
        client.alerts.len(),
        begun.elapsed()
    );
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn a_file_that_is_edited_switches_it_off_at_once() {
    let rig = rig().await;
    let mut client = rig.client().await;
    let told = |id: &str| trigger(id, json!({"pattern": "x"}), json!([{"notify": id}]));
    keep(&rig, "a", json!([told("a")])).await;
    keep(&rig, "b", json!([told("b")])).await;
    rig.device("dev").send(b"x\n").await;
    alerts(&mut client, 2).await;

    let file = rig.folder.path().join("data/panels/a.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"on\": true", "\"on\": false")).unwrap();
    client
        .until("it is off", |client| {
            let panels = client.panels.as_deref().unwrap_or_default();
            panels
                .iter()
                .any(|panel| panel["name"] == "a" && panel["triggers"] == 0)
        })
        .await;
    // What was found before may be told later.
    let off = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
    let since = |client: &Client, offset: u64| -> Vec<String> {
        let alerts = client.alerts.iter();
        let alerts = alerts.filter(|alert| alert["offset"].as_u64().unwrap() >= offset);
        alerts
            .map(|alert| alert["panel"].as_str().unwrap().to_owned())
            .collect()
    };
    soon("the other acts again", async {
        while since(&client, off).is_empty() {
            rig.device("dev").send(b"x\n").await;
            client.settle().await;
        }
    })
    .await;

    let gone = ask(rig.server.address(), "DELETE", "/api/v1/panels/b", &[], b"").await;
    assert!(gone.status < 300, "{}", gone.text());
    let deleted = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
    keep(&rig, "c", json!([told("c")])).await;
    rig.device("dev").send(b"x\n").await;
    client
        .until("the third acts", |client| {
            !since(client, deleted).is_empty()
        })
        .await;
    assert!(since(&client, off).iter().all(|panel| panel != "a"));
    assert!(since(&client, deleted).iter().all(|panel| panel == "c"));
}

#[tokio::test]
async fn triggers_work_after_a_restart_and_with_nobody_there() {
    let mut rig = rig().await;
    let mark = trigger("m", json!({"pattern": "boot"}), json!([{"mark": "booted"}]));
    keep(&rig, "w", json!([mark])).await;
    assert!(rig.server.stop().await.success());
    rig.restart().await;
    // What comes right behind the opening may be the end of a line.
    rig.device("dev").send(b"\r\nboot 1\n").await;
    soon("it is marked", async {
        while get(rig.server.address(), "/api/v1/ports/dev/marks")
            .await
            .json()
            == json!([])
        {}
    })
    .await;
    let marks = get(rig.server.address(), "/api/v1/ports/dev/marks")
        .await
        .json();
    assert_eq!(
        (&marks[0]["text"], &marks[0]["by"]),
        (&json!("booted"), &json!("The m"))
    );
}

#[tokio::test]
async fn a_trigger_of_a_device_that_comes_back_goes_on() {
    let mut rig = rig().await;
    let mut client = rig.client().await;
    keep(
        &rig,
        "w",
        json!([trigger(
            "x",
            json!({"pattern": "^x"}),
            json!([{"notify": "x"}, {"send": "y"}])
        )]),
    )
    .await;
    rig.device_mut("dev").unplug();
    client
        .state("dev", "it waits", |port| port["state"] == "waiting")
        .await;
    rig.device_mut("dev").plug();
    client
        .state("dev", "it is back", |port| port["state"] == "open")
        .await;
    // What comes right behind the opening may be the end of a line.
    rig.device("dev").send(b"\r\nx\n").await;
    alerts(&mut client, 1).await;
    assert_eq!(rig.device("dev").read(1).await, b"y");
}

/// Takes one post, answers it with this status line and more, and gives its JSON.
async fn receive(listener: &TcpListener, answer: &str) -> Value {
    let (stream, _) = soon("somebody posts", listener.accept()).await.unwrap();
    converse(stream, answer).await
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> Value {
    let mut read = Vec::new();
    let json = soon("the post comes", async {
        loop {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            assert!(length > 0, "it ended early");
            read.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && let Ok(json) = serde_json::from_str(body)
            {
                assert!(head.starts_with("POST /hook?a=1 HTTP/1.1\r\n"), "{head}");
                return json;
            }
        }
    })
    .await;
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    json
}

#[tokio::test]
async fn a_program_elsewhere_is_told_in_secret_if_it_is_who_it_says() {
    let rig = rig().await;
    let hook = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stranger = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let address =
        |listener: &TcpListener| format!("https://{}/hook?a=1", listener.local_addr().unwrap());
    let deeds = json!([{"webhook": address(&stranger)}, {"webhook": address(&hook)}]);
    keep(
        &rig,
        "w",
        json!([trigger("x", json!({"pattern": "x"}), deeds)]),
    )
    .await;
    rig.device("dev").send(b"x\n").await;
    let (stream, _) = soon("somebody posts", hook.accept()).await.unwrap();
    let stream = soon("they agree", acceptor().accept(stream)).await.unwrap();
    assert_eq!(converse(stream, "200 OK").await["text"], "The x");
    let (stream, _) = soon("somebody posts", stranger.accept()).await.unwrap();
    assert!(soon("they part", acceptor().accept(stream)).await.is_err());
}

#[tokio::test]
async fn a_program_elsewhere_is_told_three_times_if_need_be_and_never_sent_on() {
    let rig = rig().await;
    let hook = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/hook?a=1", hook.local_addr().unwrap());
    let deeds = json!([{"webhook": address}, {"notify": "It is {value} °C"}]);
    keep(
        &rig,
        "w",
        json!([trigger("hot", json!({"value": "temp", "above": 40}), deeds)]),
    )
    .await;
    let mut client = rig.client().await;
    rig.device("dev").send(b"temp: 41 C\n").await;
    let alert = alerts(&mut client, 1).await.remove(0);
    let story = json!({
        "port": "dev", "panel": "w", "trigger": "hot", "text": "It is 41 °C", "value": 41.0,
        "line": "temp: 41 C", "offset": alert["offset"], "time": alert["time"], "left_out": 0,
    });
    assert_eq!(receive(&hook, "500 Internal Server Error").await, story);
    let other = elsewhere.local_addr().unwrap();
    let onward = format!("302 Found\r\nLocation: http://{other}/");
    assert_eq!(receive(&hook, &onward).await, story);
    assert_eq!(receive(&hook, "204 No Content").await, story);
    // Whoever was sent there would have come before the third try.
    let visited = tokio::time::timeout(Duration::ZERO, elsewhere.accept()).await;
    assert!(visited.is_err());
}

#[tokio::test]
async fn programs_elsewhere_that_never_answer_hold_up_nobody() {
    let rig = rig().await;
    let hook = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let deeds =
        json!([{"webhook": format!("http://{}/", hook.local_addr().unwrap())}, {"notify": "told"}]);
    let many: Vec<_> = (0..90)
        .map(|n| trigger(&format!("t{n}"), json!({"pattern": "x"}), deeds.clone()))
        .collect();
    keep(&rig, "w", many.into()).await;
    let mut client = rig.client().await;
    rig.device("dev").send(b"x\n").await;
    let mut guests: Vec<TcpStream> = Vec::new();
    while guests.len() < 4 {
        guests.push(soon("somebody posts", hook.accept()).await.unwrap().0);
    }
    // The alerts may be more than are kept for a client; the last of them is always told.
    client
        .until("the last is told", |client| {
            client.alerts.iter().any(|alert| alert["trigger"] == "t89")
        })
        .await;
}

/// Tries a trigger on what was recorded; gives the lines of the answer without progress.
async fn attempt(rig: &Rig, wish: &Value) -> Vec<Value> {
    let address = rig.server.address();
    let kind = [("Content-Type", "application/json")];
    let answer = ask(
        address,
        "POST",
        "/api/v1/ports/dev/try",
        &kind,
        wish.to_string().as_bytes(),
    )
    .await;
    let body = String::from_utf8(answer.unchunked()).unwrap();
    let lines = body
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["type"] != "progress").collect()
}

#[tokio::test]
async fn a_trigger_is_tried_on_what_was_recorded_and_does_nothing() {
    let rig = rig().await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut sent = 0;
    for line in [
        "temp: 39 C\n",
        "temp: 41 C\n",
        "hum: 80 %\n",
        "temp: 42 C\n",
        "temp: 30 C\ntemp: 50 C\n",
    ] {
        rig.device("dev").send(line.as_bytes()).await;
        sent += line.len();
        client.rx(channel, sent).await;
    }
    let from = client.on(channel).head;
    let hot = json!({"id": "hot", "when": {"value": "temp", "above": 40}, "do": [{"mark": "x"}, {"send": "y"}], "every": 100});
    let told = attempt(&rig, &json!({"trigger": hot})).await;
    let first = &told[0];
    assert_eq!(
        (
            &first["type"],
            &first["line"],
            &first["value"],
            &first["offset"]
        ),
        (
            &json!("hit"),
            &json!("temp: 41 C"),
            &json!(41.0),
            &json!(from + 11)
        )
    );
    let end = told.last().unwrap();
    let hits = end["hits"].as_u64().unwrap() + end["left_out"].as_u64().unwrap();
    assert_eq!((&end["type"], hits), (&json!("end"), 2), "{end}");

    let any = json!({"id": "any", "when": {"pattern": "temp"}, "do": [{"highlight": "good"}], "every": 100});
    let told = attempt(&rig, &json!({"trigger": any, "from": from.to_string(), "to": (from + 12).to_string(), "limit": 1})).await;
    assert_eq!(told.len(), 2);
    let stretch = json!({"trigger": any, "from": (from + 32).to_string()});
    assert_eq!(attempt(&rig, &stretch).await[0]["line"], "temp: 42 C");
    let own = json!({"trigger": hot, "values": {"type": "regex", "pattern": "hum: (?<temp>\\d+)"}});
    assert_eq!(attempt(&rig, &own).await[0]["line"], "hum: 80 %");

    for (wish, named) in [
        (json!({}), "trigger"),
        (json!({"trigger": {"id": "x"}}), "trigger"),
        (
            json!({"trigger": {"id": "x", "when": {"pattern": "("}, "do": [{"highlight": "bad"}]}}),
            "when.pattern",
        ),
        (json!({"trigger": hot, "values": "tea leaves"}), "values"),
        (json!({"trigger": hot, "limit": 0}), "1 to 10000"),
        (json!({"trigger": hot, "from": "yesterday"}), "yesterday"),
    ] {
        let kind = [("Content-Type", "application/json")];
        let body = wish.to_string();
        let refused = ask(
            rig.server.address(),
            "POST",
            "/api/v1/ports/dev/try",
            &kind,
            body.as_bytes(),
        )
        .await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains(named), "{}", refused.text());
    }
    let far = json!({"trigger": hot, "from": "99999999"}).to_string();
    let kind = [("Content-Type", "application/json")];
    let far = ask(
        rig.server.address(),
        "POST",
        "/api/v1/ports/dev/try",
        &kind,
        far.as_bytes(),
    )
    .await;
    assert_eq!(far.status, 416, "{}", far.text());
    assert_eq!(
        get(rig.server.address(), "/api/v1/ports/dev/marks")
            .await
            .json(),
        json!([])
    );
    assert_eq!(rig.device("dev").unread(), b"");
}
