//! Marks: texts pinned to moments, on the socket and over plain HTTP.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::client::What;
use crate::rig::http::{Answer, ask, get};
use crate::rig::server::run;

const PATH: &str = "/api/v1/ports/dev/marks";

async fn post(rig: &Rig, path: &str, body: &Value) -> Answer {
    let json = [("Content-Type", "application/json")];
    let body = body.to_string();
    ask(rig.server.address(), "POST", path, &json, body.as_bytes()).await
}

async fn marks(rig: &Rig) -> Value {
    get(rig.server.address(), PATH).await.json()
}

#[tokio::test]
async fn a_mark_is_a_note_that_everybody_sees_and_it_is_listed() {
    let rig = Rig::start(&["dev"]).await;
    assert_eq!(marks(&rig).await, json!([]));
    let (mut anna, mut ben) = (rig.client().await, rig.client().await);
    anna.done(json!({"type": "name", "name": "anna"})).await;
    let channel = ben.subscribe("dev", "now").await;
    let first = ben.on(channel).next;
    rig.device("dev").send(b"boot\n").await;
    ben.rx(channel, 5).await;
    let time = ben.on(channel).records[0].time;

    let now = json!({"type": "mark", "port": "dev", "text": "test 7 begins"});
    let now = anna.done(now).await["offset"].as_u64().unwrap();
    let pinned = json!({"type": "mark", "port": "dev", "text": "first failure", "at": first + 2});
    let pinned = anna.done(pinned).await["offset"].as_u64().unwrap();
    ben.reach(channel, pinned + 1).await;
    let notes = ben.on(channel).notes();
    assert_eq!(
        *notes[0],
        json!({"what": "mark", "text": "test 7 begins", "by": "anna"})
    );
    let expected = json!({"what": "mark", "text": "first failure", "by": "anna", "at": first + 2, "time": time});
    assert_eq!(*notes[1], expected);
    let own = ben
        .on(channel)
        .records
        .iter()
        .find(|record| record.offset == now);
    let own = own.expect("it stands where the answer says");
    assert!(matches!(own.what, What::Note(_)));

    let made = post(&rig, PATH, &json!({"text": "from a script"})).await;
    assert_eq!(made.status, 201);
    let made = made.json()["offset"].as_u64().unwrap();
    let list = marks(&rig).await;
    assert_eq!(
        list[0],
        json!({"offset": now, "at": now, "time": own.time, "text": "test 7 begins", "by": "anna"})
    );
    assert_eq!(
        list[1],
        json!({"offset": pinned, "at": first + 2, "time": time, "text": "first failure", "by": "anna"})
    );
    assert_eq!(
        (&list[2]["offset"], &list[2]["text"]),
        (&json!(made), &json!("from a script"))
    );
    assert!(list[2]["by"].as_str().unwrap().starts_with("http "));
    assert_eq!(list.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_port_without_its_device_is_marked_too() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    client
        .state("dev", "it is released", |port| port["state"] == "released")
        .await;
    let mark = json!({"type": "mark", "port": "dev", "text": "flashing"});
    let offset = client.done(mark).await["offset"].as_u64().unwrap();
    let told = |port: &Value| port["journal"]["head"].as_u64() > Some(offset);
    client
        .state("dev", "the journal is told to have grown", told)
        .await;

    rig.device_mut("dev").unplug();
    client.done(json!({"type": "open", "port": "dev"})).await;
    client
        .state("dev", "it is waiting", |port| port["state"] == "waiting")
        .await;
    assert_eq!(
        post(&rig, PATH, &json!({"text": "pulled"})).await.status,
        201
    );
    let list = marks(&rig).await;
    let texts: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| &mark["text"])
        .collect();
    assert_eq!(texts, ["flashing", "pulled"]);
}

#[tokio::test]
async fn what_cannot_be_a_mark_is_refused_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let head = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
    let long = "x".repeat(1001);
    for (text, named) in [
        ("", "1000"),
        ("  ", "1000"),
        (&long, "1001"),
        ("two\nlines", "one line"),
    ] {
        let question = json!({"type": "mark", "port": "dev", "text": text});
        let refusal = client.refused(question, "bad-message").await;
        assert!(
            refusal["message"].as_str().unwrap().contains(named),
            "{refusal}"
        );
        let problem = post(&rig, PATH, &json!({"text": text})).await;
        assert_eq!(
            (problem.status, &problem.json()["code"]),
            (400, &json!("bad-message"))
        );
    }
    let question = json!({"type": "mark", "port": "dev", "text": "x", "at": head + 1});
    let refusal = client.refused(question, "out-of-range").await;
    assert_eq!(
        (&refusal["oldest"], &refusal["head"]),
        (&json!(0), &json!(head))
    );
    let problem = post(&rig, PATH, &json!({"text": "x", "at": head + 1})).await;
    assert_eq!(
        (problem.status, &problem.json()["head"]),
        (416, &json!(head))
    );
    for body in [
        json!({"text": "x", "at": -1}),
        json!({"txt": "x"}),
        json!({}),
        json!([]),
    ] {
        let problem = post(&rig, PATH, &body).await;
        assert_eq!(
            (problem.status, &problem.json()["code"]),
            (400, &json!("bad-message"))
        );
    }
    client
        .refused(
            json!({"type": "mark", "port": "gsp", "text": "x"}),
            "unknown-port",
        )
        .await;
    assert_eq!(
        post(&rig, "/api/v1/ports/gsp/marks", &json!({"text": "x"}))
            .await
            .status,
        404
    );
    assert_eq!(
        get(rig.server.address(), "/api/v1/ports/gsp/marks")
            .await
            .status,
        404
    );
    assert_eq!(marks(&rig).await, json!([]));
    assert_eq!(rig.state("dev").await["journal"]["head"], head);

    let longest = json!({"text": "\u{1f50c}".repeat(1000), "at": head});
    assert_eq!(post(&rig, PATH, &longest).await.status, 201);
    assert_eq!(marks(&rig).await[0]["at"], head);
}

#[tokio::test]
async fn the_shell_marks_a_moment() {
    let rig = Rig::start(&["dev"]).await;
    let server = format!("http://{}", rig.server.address());
    let mark = |port: &'static str, more: &'static [&'static str]| {
        let server = server.clone();
        async move {
            let arguments = ["mark", "--server", &server, port, "test 7 begins"];
            run(&[&arguments[..], more].concat()).await
        }
    };
    let made = mark("dev", &[]).await;
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    let pinned = mark("dev", &["--at", "0"]).await;
    let all = get(rig.server.address(), "/api/v1/ports/dev/marks")
        .await
        .json();
    for (place, (outcome, at)) in [(&made, &made.stdout), (&pinned, &"0".to_owned())]
        .iter()
        .enumerate()
    {
        assert_eq!(all[place]["offset"].to_string(), outcome.stdout.trim());
        assert_eq!(all[place]["at"].to_string(), at.trim());
        assert_eq!(all[place]["text"], "test 7 begins");
    }
    let told = mark("dev", &["--at", "0", "--json"]).await;
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let history = "/api/v1/ports/dev/history?format=jsonl&kind=note";
    let history = get(rig.server.address(), history).await.unchunked();
    let history = String::from_utf8(history).unwrap();
    let note: Value = serde_json::from_str(history.lines().next_back().unwrap()).unwrap();
    assert_eq!(
        (&told["offset"], &told["time"]),
        (&note["offset"], &note["time"])
    );
    let journal = &rig.state("dev").await["journal"]["id"];
    assert_eq!(told["journal"], *journal);
    for (port, more, named) in [
        ("gsp", &[][..], "dev"),
        ("a b", &[], "\"a b\""),
        ("dev", &["--at", "999999999"], "reaches from"),
    ] {
        let refused = mark(port, more).await;
        assert_eq!(refused.code, Some(1), "{port}");
        assert!(refused.stderr.contains(named), "{}", refused.stderr);
    }
    let nobody = run(&["mark", "--server", "http://127.0.0.1:9", "dev", "x"]).await;
    assert_eq!(nobody.code, Some(1));
    assert!(
        nobody.stderr.contains("is seriald running there?"),
        "{}",
        nobody.stderr
    );
}
