//! Searching: over HTTP while everything goes on, and in the shell while the server runs and when
//! it is gone.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::http::{Answer, ask, get};
use crate::rig::server::{Outcome, run};
use crate::rig::{Rig, soon};

async fn search(rig: &Rig, query: &str) -> Answer {
    get(rig.server.address(), &format!("/api/v1/search?{query}")).await
}

/// What was found, and the last line.
async fn found(rig: &Rig, query: &str) -> (Vec<Value>, Value) {
    let answer = search(rig, query).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/x-ndjson")),
        "{}",
        answer.text()
    );
    let body = String::from_utf8(answer.unchunked()).expect("UTF-8");
    let mut lines: Vec<Value> = body
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|line: &Value| line["type"] != "progress")
        .collect();
    let end = lines.pop().expect("a last line");
    assert_eq!(end["type"], "end");
    assert_eq!(end["matches"], lines.len());
    assert!(lines.iter().all(|line| line["type"] == "match"));
    (lines, end)
}

/// Lets a device send, and waits until that came in.
async fn send(rig: &Rig, port: &str, bytes: &[u8]) {
    let head = async || rig.state(port).await["journal"]["head"].as_u64().unwrap();
    let before = head().await;
    rig.device(port).send(bytes).await;
    soon("it comes in", async {
        while head().await < before + bytes.len() as u64 {}
    })
    .await;
}

async fn post(rig: &Rig, path: &str, body: &[u8]) {
    let path = format!("/api/v1/ports/dev/{path}");
    let headers = [("Content-Type", "application/json")];
    let answer = ask(rig.server.address(), "POST", &path, &headers, body).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
}

/// Waits until everything is on the disk.
async fn stored(rig: &Rig, port: &str) {
    soon("it is recorded", async {
        loop {
            let state = rig.state(port).await;
            if state["recording"]["stored"] == state["journal"]["head"] {
                break;
            }
        }
    })
    .await;
}

fn texts(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_came_in_pieces_is_found_with_what_is_around_it() {
    let rig = Rig::start(&["dev"]).await;
    send(&rig, "dev", b"boot\r\n\x1b[31mE (31) pa").await;
    post(&rig, "write", b"help").await;
    send(&rig, "dev", b"nic:\x1b[0m stack\r\nrebooting").await;
    let (found, end) = found(&rig, "q=PANIC&context=2").await;
    let [one] = &found[..] else {
        panic!("{found:?}")
    };
    let raw = get(
        rig.server.address(),
        "/api/v1/ports/dev/history?format=jsonl",
    )
    .await;
    let records = String::from_utf8(raw.unchunked()).unwrap();
    let first: Value = records
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .find(|record: &Value| {
            record["text"]
                .as_str()
                .is_some_and(|text| text.contains(" pa"))
        })
        .expect("the record");
    let begin = first["offset"].as_u64().unwrap();
    let expected = json!({
        "type": "match", "port": "dev", "kind": "rx",
        "offset": begin + 18, "length": 9, "time": first["time"], "line": begin + 6,
        "text": "E (31) panic: stack", "start": 7, "end": 12,
        "before": ["boot"], "after": ["rebooting"],
    });
    assert_eq!(one, &expected);
    assert_eq!(end["more"], json!(null));
}

#[tokio::test]
async fn typed_lines_and_notes_are_found_where_one_asks_for_them() {
    let rig = Rig::start(&["dev"]).await;
    post(&rig, "write", b"led ").await;
    send(&rig, "dev", b"led?\n").await;
    post(&rig, "write", b"on\r").await;
    post(&rig, "marks", br#"{"text": "led is on"}"#).await;
    let (all, _) = found(&rig, "q=led&kind=rx,tx,note&order=oldest").await;
    let kinds: Vec<_> = all
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["tx", "rx", "note"]);
    assert_eq!(texts(&all), ["led ", "led?", "led is on"]);
    assert!(all[0]["author"].is_string() && all[1].get("author").is_none());
    let (rx, _) = found(&rig, "q=led").await;
    assert_eq!(texts(&rx), ["led?"]);
}

#[tokio::test]
async fn all_ports_are_searched_by_time_page_by_page() {
    let rig = Rig::start(&["a", "b"]).await;
    for number in 0..12 {
        let port = ["a", "b", "b"][number % 3];
        send(&rig, port, format!("tick {number}\n").as_bytes()).await;
    }
    let (lines, _) = found(&rig, r"q=^tick+\d%2B.?$&regex=yes&limit=1").await;
    assert_eq!(texts(&lines), ["tick 11"]);
    let words = "q=tick";
    let (newest, _) = found(&rig, words).await;
    let expected: Vec<_> = (0..12)
        .rev()
        .map(|number| format!("tick {number}"))
        .collect();
    assert_eq!(texts(&newest), expected);
    let (mut pages, mut more) = (Vec::new(), String::new());
    loop {
        let (page, end) = found(&rig, &format!("{words}&limit=5{more}")).await;
        assert!(page.len() <= 5);
        pages.extend(page);
        match end["more"].as_str() {
            Some(place) => more = format!("&more={place}"),
            None => break,
        }
        // What comes meanwhile is newer than everything that was asked for.
        send(&rig, "b", b"tick late\n").await;
    }
    assert_eq!(pages, newest);
    let (b, _) = found(&rig, "q=tick+4&port=b&order=oldest").await;
    assert_eq!(texts(&b), ["tick 4"]);
    let time = newest[5]["time"].as_u64().unwrap();
    let (since, _) = found(&rig, &format!("{words}&from=@{time}")).await;
    assert_eq!(since.len(), 6 + 2, "those that came late are newer too");
}

#[tokio::test]
async fn what_cannot_be_searched_is_a_problem_with_the_way_out() {
    let rig = Rig::start(&["dev", "gps"]).await;
    for (query, status, named) in [
        ("", 400, "`q`"),
        ("q=a(b&regex=yes", 400, "character 2: unclosed group"),
        ("q=a&port=dev,gsp", 404, "dev, gps"),
        ("q=a&limit=0", 400, "1 to 10000"),
        ("q=a&context=99", 400, "0 to 20"),
        ("q=a&from=5", 400, "one port"),
        ("q=a&port=dev&from=99999", 416, "reaches from"),
        ("q=a&port=dev&from=-0&to=-5", 400, "lies before it"),
        ("q=a&from=yesterday", 400, "-10m"),
        ("q=a&from=-1m&to=-1h", 400, "earlier time first"),
        ("q=a&more=gps", 400, "sensor:40000"),
        ("q=a&what=b", 400, "`context`"),
    ] {
        let answer = search(&rig, query).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let problem = answer.json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(named), "{query}: {detail}");
    }
}

#[tokio::test]
async fn who_does_not_read_takes_no_more_than_a_seat_and_leaves_it_when_gone() {
    let rig = Rig::start(&["dev"]).await;
    // Much more is found than fits between server and client.
    send(&rig, "dev", &b"x".repeat(100_000)).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(rig.server.address()).await.unwrap();
        let request = format!(
            "GET /api/v1/search?q=x&limit=10000 HTTP/1.1\r\nHost: {}\r\n\r\n",
            rig.server.address()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).await.unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
        idle.push(stream);
    }
    let fifth = search(&rig, "q=y").await;
    assert_eq!(
        (fifth.status, fifth.header("retry-after")),
        (503, Some("5"))
    );
    assert_eq!(fifth.json()["code"], "too-many");
    send(&rig, "dev", b"the port goes on").await;
    idle.pop();
    soon("there is a seat", async {
        while search(&rig, "q=y").await.status != 200 {}
    })
    .await;
    let (found, _) = found(&rig, "q=goes+on").await;
    assert_eq!(found.len(), 1);
}

/// The command on the data folder of a rig.
async fn shell(rig: &Rig, arguments: &[&str]) -> Outcome {
    let data = rig.folder.path().join("data");
    let data = data.to_str().expect("UTF-8");
    run(&[&["search", "--data", data], arguments].concat()).await
}

#[tokio::test]
async fn the_shell_finds_it_too_while_the_server_runs_and_when_it_is_gone() {
    let mut rig = Rig::start(&["dev", "gps"]).await;
    send(&rig, "dev", b"one\ntemp:21 \x1b[1mok\x1b[0m\ntwo\n").await;
    send(&rig, "gps", b"temp:22\n").await;
    post(&rig, "marks", br#"{"text": "temperature rises"}"#).await;
    stored(&rig, "dev").await;
    stored(&rig, "gps").await;
    for is_running in [true, false] {
        let all = shell(&rig, &["TEMP"]).await;
        assert_eq!(all.code, Some(0), "{}", all.stderr);
        let lines: Vec<Vec<&str>> = all
            .stdout
            .lines()
            .map(|line| line.splitn(3, ' ').collect())
            .collect();
        let shown: Vec<_> = lines.iter().map(|line| (line[0], line[2])).collect();
        assert_eq!(shown, [("gps", "temp:22"), ("dev", "temp:21 ok")]);
        assert!(lines[0][1] > lines[1][1] && lines[0][1].ends_with('Z'));

        let context = shell(
            &rig,
            &["-E", r"t\w+:\d", "dev", "-C", "1", "--oldest-first"],
        )
        .await;
        let around: Vec<_> = context.stdout.lines().map(|line| &line[32..]).collect();
        assert_eq!(around, ["one", "temp:21 ok", "two"]);
        let note = shell(&rig, &["rises", "--kind", "note", "--json"]).await;
        let note: Value = serde_json::from_str(&note.stdout).expect("a line of JSON");
        assert_eq!(
            (&note["port"], &note["text"]),
            (&json!("dev"), &json!("temperature rises"))
        );
        let first = shell(&rig, &["temp", "-n", "1", "--from", "-1h"]).await;
        assert!(first.stdout.starts_with("gps ") && first.stdout.lines().count() == 1);

        let none = shell(&rig, &["TEMP", "--case"]).await;
        assert_eq!(
            (none.code, none.stdout.as_str(), none.stderr.as_str()),
            (Some(1), "", "")
        );
        for (arguments, named) in [
            (&["a(", "-E"][..], "character 2: unclosed group"),
            (&["a", "gsp"], "dev, gps"),
            (&["a", "--from", "7"], "one PORT"),
            (&["a", "--data", "/nonexistent"], "/nonexistent"),
            (&["a", "-n", "0"], "1.."),
            (&["a", "-C", "21"], "0..=20"),
        ] {
            let wrong = match arguments.contains(&"--data") {
                true => run(&[&["search"], arguments].concat()).await,
                false => shell(&rig, arguments).await,
            };
            assert_eq!(wrong.code, Some(2), "{arguments:?}");
            assert!(wrong.stderr.contains(named), "{}", wrong.stderr);
        }
        if is_running {
            rig.server.stop().await;
        }
    }
}
