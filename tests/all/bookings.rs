//! Bookings: a port that is somebody's for a time, by every door, with accounts and without.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use seriald::clock::minute;
use seriald::record::Time;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::rig::client::Client;
use crate::rig::http::{Answer, Lines, ask, get};
use crate::rig::people::House;
use crate::rig::server::Outcome;
use crate::rig::{Rig, soon, until};

const PATH: &str = "/api/v1/bookings";
const PEOPLE: [(&str, &str); 4] = [
    ("root", "administer"),
    ("ada", "type"),
    ("bob", "control"),
    ("eve", "see:dev"),
];

async fn house(ports: &[&str]) -> House {
    House::open(ports, &PEOPLE, "").await
}

async fn book(house: &House, name: &str, wish: Value) -> Answer {
    let wish = wish.to_string();
    house.ask(name, ("POST", PATH), &[], wish.as_bytes()).await
}

/// Books what is free; gives the booking.
async fn booked(house: &House, name: &str, wish: Value) -> Value {
    let answer = book(house, name, wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

async fn end(house: &House, name: &str, booking: &Value) -> Answer {
    let path = format!("{PATH}/{}", booking["id"]);
    house.ask(name, ("DELETE", &path), &[], b"").await
}

async fn list(house: &House, name: &str) -> Vec<Value> {
    let listed = house.get(name, PATH).await.json();
    listed.as_array().unwrap().clone()
}

async fn write(house: &House, name: &str, job: Option<&str>) -> Answer {
    let job = job.map(|job| ("Seriald-Name", job));
    let path = "/api/v1/ports/dev/write";
    house.ask(name, ("POST", path), job.as_slice(), b"x").await
}

#[track_caller]
fn is_refused(answer: &Answer, status: u16, code: &str) -> Value {
    let text = answer.text();
    assert_eq!((answer.status, &*answer.code()), (status, code), "{text}");
    answer.json()
}

/// Microseconds since 1970, so much later.
fn later(seconds: f64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    ((now.as_secs_f64() + seconds) * 1e6) as u64
}

#[tokio::test]
async fn a_port_that_is_booked_is_its_bookers_alone_at_every_door_and_seen_by_all() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "[[allow]]\nwho = [\"programs\"]\nright = \"control\"\n";
    let doors = ["--tcp", "dev=0"];
    let house = House::within(folder, &["dev"], &PEOPLE, rule, &doors).await;
    let (mut bob, mut eve) = (house.client("bob").await, house.client("eve").await);
    let channel = bob.subscribe("dev", "now").await;
    let mut program = TcpStream::connect(house.rig.server.entrance("socket"))
        .await
        .unwrap();
    let booking = json!({"ports": ["dev"], "for": "2h", "title": "burn-in"});
    let booking = booked(&house, "ada", booking).await;
    let is_hers = |port: &Value| {
        let known = &port["booked"];
        known["by"] == "ada" && known["title"] == "burn-in" && known["until"] == booking["until"]
    };
    eve.state("dev", "all are told", is_hers).await;

    // By HTTP, the socket, the shell and a door for programs.
    let told = is_refused(&write(&house, "bob", None).await, 409, "booked");
    assert_eq!(
        (&told["by"], &told["until"]),
        (&json!("ada"), &booking["until"])
    );
    let message = told["detail"].as_str().unwrap();
    assert!(
        message.contains("dev is booked by ada until 2"),
        "{message}"
    );
    let way_out = "or ask ada, or who administers its ports, to end it";
    assert!(message.ends_with(way_out), "{message}");
    for request in [
        json!({"type": "write", "port": "dev", "text": "x"}),
        json!({"type": "set", "port": "dev", "settings": {"baud": 9600}}),
        json!({"type": "run", "port": "dev", "steps": [{"send": "x"}]}),
        json!({"type": "release", "port": "dev"}),
    ] {
        bob.refused(request, "booked").await;
    }
    for (command, more) in [
        ("send", &["dev", "x"][..]),
        ("lend", &["dev", "--", "true"]),
    ] {
        let secret = Some(house.secret("root"));
        let ended = house.rig.shell_with(secret, command, more, b"").await;
        assert!(ended.code != Some(0), "{command}");
        assert!(ended.stderr.contains("booked by ada"), "{}", ended.stderr);
    }
    program.write_all(b"from a program").await.unwrap();
    let audit = || {
        let files = fs::read_dir(house.rig.folder.path().join("data/audit")).unwrap();
        let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        texts.collect::<String>()
    };
    let entry = |of: &[&str]| {
        let all = audit();
        all.lines()
            .any(|line| of.iter().all(|part| line.contains(part)))
    };
    until("the program is refused", || {
        entry(&["\"refused\"", "\"tcp\"", "booked by ada"])
    })
    .await;

    // Seeing goes on, and whoever may type may stop a machine.
    house.rig.device("dev").send(b"hello").await;
    assert_eq!(bob.rx(channel, 5).await, b"hello");
    bob.done(json!({"type": "halt", "port": "dev"})).await;
    assert_eq!(write(&house, "ada", None).await.status, 200);

    // Only she and who administers the port may end it.
    is_refused(&end(&house, "bob", &booking).await, 403, "forbidden");
    assert_eq!(end(&house, "root", &booking).await.status, 204);
    let is_free = |port: &Value| port.get("booked").is_none();
    eve.state("dev", "all are told", is_free).await;
    program.write_all(b"y").await.unwrap();
    assert_eq!(house.rig.device("dev").read(2).await, b"xy");
    for (who, what) in [("ada", "dev for ada"), ("root", "ada's was ended")] {
        let who = format!("\"who\":\"{who}\"");
        until("the audit tells", || entry(&["\"book\"", &who, what])).await;
    }
}

#[tokio::test]
async fn the_journal_tells_whose_the_port_was() {
    let house = house(&["dev"]).await;
    let wish = json!({"ports": ["dev"], "for": "2h", "title": "burn-in"});
    let first = booked(&house, "ada", wish).await;
    let wish = json!({"ports": ["dev"], "for": "1h", "from": later(4.0 * 3600.0)});
    let next = booked(&house, "bob", wish).await;
    let path = format!("{PATH}/{}", first["id"]);
    let longer = json!({"for": "3h"}).to_string();
    let patch = house.ask("ada", ("PATCH", &path), &[], longer.as_bytes());
    let extended = patch.await.json();
    for (who, booking) in [("ada", &first), ("bob", &next)] {
        assert_eq!(end(&house, who, booking).await.status, 204);
    }
    let past = "/api/v1/ports/dev/history?kind=note&times=no";
    let notes = house.get("eve", past).await.text();
    let notes: Vec<_> = notes.lines().filter(|line| line.contains("book")).collect();
    let until = |booking: &Value| minute(Time(booking["until"].as_u64().unwrap()));
    let begins = format!("* booked by ada until {} (burn-in)", until(&first));
    let goes_on = format!("* booked by ada until {} (burn-in)", until(&extended));
    assert_eq!(notes, [&*begins, &goes_on, "* ada's booking is over"]);
}

#[tokio::test]
async fn programs_may_type_where_who_books_lets_them() {
    let folder = tempfile::tempdir().unwrap();
    let doors = ["--tcp", "dev=0"];
    let rig = Rig::within(folder, &["dev"], &doors).await;
    let mut program = TcpStream::connect(rig.server.entrance("socket"))
        .await
        .unwrap();
    let wish = json!({"ports": ["dev"], "for": "1h", "programs": true});
    let named = [
        ("Content-Type", "application/json"),
        ("Seriald-Name", "ada"),
    ];
    let address = rig.server.address();
    let wish = wish.to_string();
    let answer = ask(address, "POST", PATH, &named, wish.as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let refused = ask(address, "POST", "/api/v1/ports/dev/write", &[], b"x").await;
    let told = is_refused(&refused, 409, "booked");
    // Without accounts there is nobody to ask: anybody may.
    let message = told["detail"].as_str().unwrap();
    assert!(
        message.ends_with("or end booking 1, which you may"),
        "{message}"
    );
    let metrics = get(address, "/metrics").await.text();
    assert!(
        metrics.contains("seriald_port_booked{port=\"dev\"} 1"),
        "{metrics}"
    );
    program.write_all(b"program").await.unwrap();
    assert_eq!(rig.device("dev").read(7).await, b"program");
}

#[tokio::test]
async fn who_has_booked_a_port_needs_no_turn_there() {
    let house = house(&["dev"]).await;
    let mut bob = house.client("bob").await;
    let turn = |act: &str| json!({"type": "turn", "port": "dev", "act": act});
    bob.subscribe("dev", "now").await;
    bob.done(turn("on")).await;
    bob.done(turn("take")).await;
    is_refused(&write(&house, "ada", None).await, 409, "turn-taken");
    let booking = booked(&house, "ada", json!({"ports": ["dev"], "for": "1h"})).await;
    assert_eq!(write(&house, "ada", None).await.status, 200);
    bob.refused(turn("force"), "booked").await;
    assert_eq!(end(&house, "ada", &booking).await.status, 204);
    is_refused(&write(&house, "ada", None).await, 409, "turn-taken");
}

#[tokio::test]
async fn the_terminal_of_who_has_booked_the_port_answers_the_device() {
    let house = house(&["dev"]).await;
    let (mut ada, mut bob) = (house.client("ada").await, house.client("bob").await);
    for client in [&mut ada, &mut bob] {
        let answering = json!({"port": "dev", "from": "now", "answers": true});
        client.subscribe_with(answering).await;
    }
    let answerer = |client: &Client| {
        let client = client.client.clone();
        move |port: &Value| port["answerer"] == client.as_str()
    };
    let (adas, bobs) = (answerer(&ada), answerer(&bob));
    ada.state("dev", "the last one answers", &bobs).await;
    let booking = booked(&house, "ada", json!({"ports": ["dev"], "for": "1h"})).await;
    ada.state("dev", "hers does", adas).await;
    assert_eq!(end(&house, "ada", &booking).await.status, 204);
    ada.state("dev", "the last one does again", bobs).await;
}

#[tokio::test]
async fn what_is_booked_for_a_job_is_no_other_jobs_of_the_same_account() {
    let house = house(&["dev"]).await;
    let wish = json!({"ports": ["dev"], "for": "1h", "job": "nightly-7"});
    let booking = booked(&house, "ada", wish).await;
    assert_eq!(booking["by"], "ada (nightly-7)");
    assert_eq!(booking["job"], "nightly-7");
    for job in [None, Some("nightly-8"), Some("ada")] {
        let told = is_refused(&write(&house, "ada", job).await, 409, "booked");
        let message = told["detail"].as_str().unwrap();
        assert!(
            message.ends_with("or end booking 1, which you may"),
            "{message}"
        );
    }
    is_refused(
        &write(&house, "bob", Some("nightly-7")).await,
        409,
        "booked",
    );
    assert_eq!(write(&house, "ada", Some("nightly-7")).await.status, 200);
    // It is the account's to end.
    assert_eq!(end(&house, "ada", &booking).await.status, 204);
    assert_eq!(write(&house, "bob", None).await.status, 200);
}

#[tokio::test]
async fn all_ports_are_booked_or_none_and_of_any_one_that_is_free() {
    let house = house(&["dev", "rack-1", "rack-2", "rack-3"]).await;
    let first = booked(&house, "ada", json!({"ports": ["rack-2"], "for": "1h"})).await;
    let all = json!({"ports": ["rack-*"], "for": "1h"});
    let told = is_refused(&book(&house, "bob", all.clone()).await, 409, "booked");
    assert_eq!(
        (&told["port"], &told["by"], &told["free_from"]),
        (&json!("rack-2"), &json!("ada"), &first["until"])
    );
    assert!(
        told["detail"]
            .as_str()
            .unwrap()
            .contains("rack-2 is booked by ada")
    );
    let any = |count: usize| json!({"ports": ["rack-2", "rack-*"], "count": count, "for": "10m"});
    let one = booked(&house, "bob", any(1)).await;
    assert_eq!(one["ports"], json!(["rack-1"]));
    is_refused(&book(&house, "root", any(2)).await, 409, "booked");
    let last = booked(&house, "root", any(1)).await;
    assert_eq!(last["ports"], json!(["rack-3"]));
    // A group for afterwards, as the answer said.
    let after = json!({"ports": ["rack-*"], "from": first["until"], "for": "1h"});
    let after = booked(&house, "bob", after).await;
    assert_eq!(after["ports"], json!(["rack-1", "rack-2", "rack-3"]));
    let state = house.get("eve", "/api/v1/ports/dev").await.json();
    assert!(state.get("booked").is_none());
    let state = house.get("root", "/api/v1/ports/rack-2").await.json();
    assert_eq!(state["booked"]["id"], first["id"]);
    assert_eq!(state["booked_next"]["id"], after["id"]);
    // Up to there, and no further.
    let path = format!("{PATH}/{}", first["id"]);
    let change = async |name: &str, change: Value| {
        let change = change.to_string();
        house
            .ask(name, ("PATCH", &path), &[], change.as_bytes())
            .await
    };
    is_refused(&change("ada", json!({"for": "61m"})).await, 409, "booked");
    is_refused(&change("bob", json!({"for": "5m"})).await, 403, "forbidden");
    let shorter = change("ada", json!({"for": "5m"})).await;
    assert_eq!(shorter.status, 200, "{}", shorter.text());
    assert!(shorter.json()["until"].as_u64() < first["until"].as_u64());
}

#[tokio::test]
async fn what_cannot_be_booked_is_answered_with_what_can() {
    let house = house(&["dev", "other"]).await;
    let times = |from: f64, until: f64| json!({"ports": ["dev"], "from": later(from), "until": later(until)});
    for (name, wish, status, said) in [
        (
            "ada",
            json!({"ports": ["gsp"], "for": "1h"}),
            404,
            "there are: dev, other",
        ),
        (
            "ada",
            json!({"ports": ["rack-*"], "for": "1h"}),
            404,
            "there are: dev, other",
        ),
        (
            "eve",
            json!({"ports": ["other"], "for": "1h"}),
            404,
            "there are: dev",
        ),
        (
            "eve",
            json!({"ports": ["dev"], "for": "1h"}),
            403,
            "not type on it",
        ),
        (
            "eve",
            json!({"ports": ["*"], "count": 1, "for": "1h"}),
            403,
            "not type on it",
        ),
        (
            "ada",
            json!({"ports": [], "for": "1h"}),
            400,
            "names no port",
        ),
        (
            "ada",
            json!({"ports": ["*"], "count": 3, "for": "1h"}),
            400,
            "names 2",
        ),
        (
            "ada",
            json!({"ports": ["*"], "count": 0, "for": "1h"}),
            400,
            "names 2",
        ),
        (
            "ada",
            json!({"ports": vec!["dev"; 101], "for": "1h"}),
            400,
            "more than the 100",
        ),
        ("ada", json!({"ports": ["dev"]}), 400, "either \"for\""),
        ("ada", json!({"ports": ["dev"], "for": "long"}), 400, "90m"),
        ("ada", json!({"ports": ["dev"], "for": "25h"}), 400, "24 h"),
        (
            "ada",
            json!({"ports": ["dev"], "for": "1h", "wait": 86_401}),
            400,
            "86400",
        ),
        (
            "ada",
            json!({"ports": ["dev"], "for": "1h", "job": "a\nb"}),
            400,
            "visible",
        ),
        ("ada", times(-60.0, 60.0), 400, "lies in the past"),
        ("ada", times(60.0, 30.0), 400, "ends after it begins"),
        ("ada", times(4e7, 4e7 + 60.0), 400, "a year ahead"),
    ] {
        let answer = book(&house, name, wish.clone()).await;
        assert_eq!(answer.status, status, "{wish}: {}", answer.text());
        assert!(
            answer.text().replace("\\\"", "\"").contains(said),
            "{}",
            answer.text()
        );
    }
    for path in [format!("{PATH}/1"), format!("{PATH}/x")] {
        for method in ["PATCH", "DELETE"] {
            let body = br#"{"for": "1h"}"#;
            let answer = house.ask("root", (method, &path), &[], body).await;
            is_refused(&answer, 404, "unknown-booking");
        }
    }
    assert_eq!(list(&house, "root").await, [] as [Value; 0]);
}

#[tokio::test]
async fn nobody_books_so_much_that_nothing_is_left_for_others() {
    let house = house(&["dev"]).await;
    let wish = |hour: u32| {
        let from = later(f64::from(hour) * 3600.0);
        json!({"ports": ["dev"], "from": from, "for": "1m", "job": hour.to_string()})
    };
    for hour in 1..=100 {
        booked(&house, "ada", wish(hour)).await;
    }
    let told = is_refused(&book(&house, "ada", wish(101)).await, 409, "too-many");
    assert!(told["detail"].as_str().unwrap().contains("100 bookings"));
    booked(&house, "bob", wish(101)).await;
}

#[tokio::test]
async fn who_does_not_see_a_port_does_not_see_whose_it_is() {
    let house = house(&["dev", "other"]).await;
    let both = booked(&house, "ada", json!({"ports": ["*"], "for": "1h"})).await;
    let wish = json!({"ports": ["other"], "from": later(7200.0), "for": "1h"});
    let hidden = booked(&house, "bob", wish).await;
    let seen = list(&house, "eve").await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen[0]["ports"], json!(["dev"]));
    for (name, may) in [
        ("eve", false),
        ("bob", false),
        ("ada", true),
        ("root", true),
    ] {
        let first = &list(&house, name).await[0];
        assert_eq!(first["id"], both["id"]);
        assert_eq!(first["may_change"], may, "{name}");
    }
    is_refused(&end(&house, "eve", &hidden).await, 404, "unknown-booking");
    is_refused(&end(&house, "eve", &both).await, 403, "forbidden");
}

/// Waits until somebody waits for `other`, which is free: then nobody gets in before.
async fn queued(house: &House) {
    let now = json!({"ports": ["other"], "for": "1h"});
    soon("nobody gets in before", async {
        loop {
            let answer = book(house, "root", now.clone()).await;
            if answer.status == 409 {
                let said = answer.text();
                assert!(said.contains("others wait for that already"), "{said}");
                break;
            }
            assert_eq!(end(house, "root", &answer.json()).await.status, 204);
        }
    })
    .await;
}

#[tokio::test]
async fn who_waits_gets_it_when_it_is_free_and_who_came_first_comes_first() {
    let house = house(&["dev", "other"]).await;
    let first = booked(&house, "ada", json!({"ports": ["dev"], "for": "1h"})).await;
    let second = async {
        let both = json!({"ports": ["*"], "for": "1h", "wait": 600});
        let second = booked(&house, "bob", both).await;
        assert_eq!(second["ports"], json!(["dev", "other"]));
        assert_eq!(end(&house, "bob", &second).await.status, 204);
    };
    let third = async {
        queued(&house).await;
        let other = json!({"ports": ["other"], "for": "1h", "wait": 600});
        let freed = async { assert_eq!(end(&house, "ada", &first).await.status, 204) };
        tokio::join!(freed, booked(&house, "root", other)).1
    };
    let ((), third) = soon("both get it", async { tokio::join!(second, third) }).await;
    assert_eq!(list(&house, "root").await, [third]);
    let late = json!({"ports": ["other"], "for": "1h", "wait": 1});
    is_refused(&book(&house, "bob", late).await, 409, "booked");
}

#[tokio::test]
async fn whoever_goes_away_leaves_the_queue() {
    let house = house(&["dev", "other"]).await;
    booked(&house, "ada", json!({"ports": ["dev"], "for": "1h"})).await;
    let both = json!({"ports": ["*"], "for": "1h", "wait": 600});
    tokio::select! {
        answer = book(&house, "bob", both) => panic!("dev is ada's: {}", answer.text()),
        () = queued(&house) => {}
    }
    let other = json!({"ports": ["other"], "for": "1h"});
    soon("the other is free for all", async {
        while book(&house, "root", other.clone()).await.status != 201 {}
    })
    .await;
}

#[tokio::test]
async fn a_booking_begins_and_ends_by_itself_and_all_are_told() {
    let house = house(&["dev"]).await;
    let mut bob = house.client("bob").await;
    let wish = json!({"ports": ["dev"], "from": later(1.5), "until": later(3.0)});
    let booking = booked(&house, "ada", wish).await;
    bob.state("dev", "it is to come", |port| {
        port.get("booked").is_none() && port["booked_next"]["id"] == booking["id"]
    })
    .await;
    assert_eq!(write(&house, "bob", None).await.status, 200, "not yet");
    bob.state("dev", "it begins", |port| {
        port["booked"]["id"] == booking["id"] && port.get("booked_next").is_none()
    })
    .await;
    assert!(later(0.0) >= booking["from"].as_u64().unwrap());
    is_refused(&write(&house, "bob", None).await, 409, "booked");
    let waits = json!({"ports": ["dev"], "for": "1h", "wait": 60});
    let next = booked(&house, "bob", waits).await;
    assert!(next["from"].as_u64() >= booking["until"].as_u64(), "{next}");
    assert_eq!(list(&house, "ada").await.len(), 1, "the first is over");
    assert_eq!(write(&house, "bob", None).await.status, 200);
}

#[tokio::test]
async fn bookings_outlive_the_server() {
    let mut house = house(&["dev"]).await;
    let over = booked(
        &house,
        "ada",
        json!({"ports": ["dev"], "until": later(0.5)}),
    )
    .await;
    let kept =
        json!({"ports": ["dev"], "from": over["until"], "for": "1h", "job": "x", "title": "y"});
    let kept = booked(&house, "ada", kept).await;
    let file = house.rig.folder.path().join("data/bookings.json");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    house.rig.server.kill();
    until("the first is over", || {
        later(0.0) > over["until"].as_u64().unwrap()
    })
    .await;
    house.rig.restart_closed();
    let is_open = async || house.get("root", "/api/v1/ports/dev").await.json()["state"] == "open";
    soon("the port opens", async { while !is_open().await {} }).await;
    assert_eq!(list(&house, "ada").await, std::slice::from_ref(&kept));
    is_refused(&write(&house, "bob", None).await, 409, "booked");
    assert_eq!(write(&house, "ada", Some("x")).await.status, 200);
    assert_eq!(end(&house, "ada", &kept).await.status, 204);
    let next = booked(&house, "bob", json!({"ports": ["dev"], "for": "1h"})).await;
    assert!(
        next["id"].as_u64() > kept["id"].as_u64(),
        "no number comes twice"
    );
}

#[tokio::test]
async fn without_accounts_a_booking_is_a_names_and_anyone_may_end_it() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let asked = async |method: &str, path: &str, name: &str, body: &str| {
        let headers = [("Content-Type", "application/json"), ("Seriald-Name", name)];
        let headers = &headers[..1 + usize::from(!name.is_empty())];
        ask(address, method, path, headers, body.as_bytes()).await
    };
    let wish = r#"{"ports": ["dev"], "for": "1h"}"#;
    let nameless = asked("POST", PATH, "", wish).await;
    let said = is_refused(&nameless, 400, "bad-message");
    assert!(said["detail"].as_str().unwrap().contains("Seriald-Name"));
    let booking = asked("POST", PATH, "ada", wish).await;
    assert_eq!(booking.status, 201, "{}", booking.text());
    assert_eq!(booking.json()["by"], "ada");
    let path = "/api/v1/ports/dev/write";
    for (name, status) in [("", 409), ("bob", 409), ("ada", 200)] {
        assert_eq!(
            asked("POST", path, name, "x").await.status,
            status,
            "{name}"
        );
    }
    let mut client = rig.client().await;
    let request = json!({"type": "write", "port": "dev", "text": "y"});
    client.refused(request.clone(), "booked").await;
    client.done(json!({"type": "name", "name": "ada"})).await;
    assert_eq!(client.ask(request).await["type"], "written");
    let path = format!("{PATH}/{}", booking.json()["id"]);
    assert_eq!(asked("DELETE", &path, "bob", "").await.status, 204);
}

#[tokio::test]
async fn what_others_have_begun_ends_with_their_next_step_and_a_loan_when_it_is_over() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let steps = json!([{"wait": "go", "timeout": 20_000}, {"send": "x"}]);
    let run = json!({"type": "run", "port": "dev", "steps": steps});
    let (asked, _) = client.start_run(run).await;
    let headers = [
        ("Content-Type", "application/json"),
        ("Seriald-Name", "ada"),
    ];
    let wish = br#"{"ports": ["dev"], "for": "1h"}"#;
    let booking = async || {
        let answer = ask(rig.server.address(), "POST", PATH, &headers, wish).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        format!("{PATH}/{}", answer.json()["id"])
    };
    let path = booking().await;
    rig.device("dev").send(b"go\n").await;
    let ended = client.answer(asked).await;
    assert_eq!(ended["code"], "failed", "{ended}");
    assert!(
        ended["message"].as_str().unwrap().contains("booked by ada"),
        "{ended}"
    );
    assert_eq!(rig.device("dev").unread(), b"");
    let freed = ask(rig.server.address(), "DELETE", &path, &[], b"").await;
    assert_eq!(freed.status, 204);

    let wish = json!({"to": "esptool"});
    let mut loan = Lines::post(rig.server.address(), "/api/v1/ports/dev/lend", &wish).await;
    loan.told().await;
    booking().await;
    let is_lent = |port: &Value| port["lent"].is_object() && port["booked"]["by"] == "ada";
    client
        .state("dev", "a flasher is not broken off", is_lent)
        .await;
    drop(loan);
    let is_back = |port: &Value| port["state"] == "open" && port["booked"]["by"] == "ada";
    client.state("dev", "the device is back", is_back).await;
}

#[tokio::test]
async fn an_emergency_stop_waits_for_nobodys_booking() {
    let folder = tempfile::tempdir().unwrap();
    let panels = folder.path().join("panels");
    fs::create_dir(&panels).unwrap();
    let board = r#"{"seriald": 1, "title": "Oven", "for": {"port": "dev"}, "widgets": [
        {"id": "on", "type": "button", "at": [0, 0, 2, 1], "title": "On", "send": "heat"},
        {"id": "off", "type": "stop", "at": [2, 0, 2, 2], "send": "cool"}]}"#;
    fs::write(panels.join("oven.json"), board).unwrap();
    let flags = ["--panels", panels.to_str().unwrap()];
    let house = House::within(folder, &["dev"], &PEOPLE, "", &flags).await;
    booked(&house, "ada", json!({"ports": ["dev"], "for": "1h"})).await;
    let touch = async |widget: &str| {
        let touch = json!({"panel": "oven", "widget": widget}).to_string();
        let path = "/api/v1/ports/dev/use";
        house
            .ask("bob", ("POST", path), &[], touch.as_bytes())
            .await
    };
    is_refused(&touch("on").await, 409, "booked");
    assert_eq!(touch("off").await.status, 204);
    assert_eq!(house.rig.device("dev").read(4).await, b"cool");
}

async fn shell(house: &House, name: &str, more: &[&str]) -> Outcome {
    let secret = Some(house.secret(name));
    house.rig.shell_with(secret, "book", more, b"").await
}

#[tokio::test]
async fn a_command_has_ports_for_as_long_as_it_runs_and_its_exit_code_is_kept() {
    let house = house(&["dev", "other"]).await;
    let server = format!("http://{}", house.rig.server.address());
    let program = env!("CARGO_BIN_EXE_seriald");
    let script = format!(
        "test \"$SERIALD_PORT $SERIALD_JOB $1\" = 'dev nightly-7 dev' || exit 9
         {program} send --server {server} dev --end none x || exit 8
         {program} book list --server {server}
         exit 7"
    );
    let command = [
        "--job",
        "nightly-7",
        "d*",
        "--for",
        "30m",
        "--",
        "sh",
        "-c",
        &script,
        "sh",
        "{}",
    ];
    let ran = shell(&house, "ada", &command).await;
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("\tdev\tada (nightly-7)\t"),
        "{}",
        ran.stdout
    );
    assert_eq!(house.rig.device("dev").read(1).await, b"x");
    assert_eq!(
        list(&house, "root").await,
        [] as [Value; 0],
        "it is free again"
    );
    let ran = shell(&house, "ada", &["dev", "--", "/nowhere/test"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("/nowhere/test"), "{}", ran.stderr);
    assert_eq!(list(&house, "root").await, [] as [Value; 0]);
    let ran = shell(&house, "ada", &["dev", "--", "sh", "-c", "kill -9 $$"]).await;
    assert_eq!(ran.code, Some(128 + 9));
    // stdout is the command's.
    let ran = shell(&house, "ada", &["dev", "--json", "--", "true"]).await;
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--json"), "{}", ran.stderr);
}

#[tokio::test]
async fn bookings_are_made_listed_extended_and_ended_in_the_shell() {
    let house = house(&["dev", "other"]).await;
    let made = shell(
        &house,
        "ada",
        &[
            "dev", "--for", "10m", "--title", "burn-in", "--job", "", "--json",
        ],
    )
    .await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(made["job"], Value::Null, "a job without a name is none");
    assert_eq!(
        (&made["by"], &made["title"]),
        (&json!("ada"), &json!("burn-in"))
    );
    let id = made["id"].to_string();
    let taken = shell(&house, "bob", &["dev", "other"]).await;
    assert_eq!(taken.code, Some(75));
    assert!(
        taken.stderr.contains("dev is booked by ada until 2"),
        "{}",
        taken.stderr
    );
    let any = shell(&house, "bob", &["*", "--count", "1", "--for", "5m"]).await;
    assert_eq!(any.code, Some(0), "{}", any.stderr);
    assert!(any.stdout.contains("\tother\tbob\t"), "{}", any.stdout);
    let ports = house
        .rig
        .shell_with(Some(house.secret("eve")), "ports", &[], b"");
    let ports = ports.await.stdout;
    assert!(ports.contains("open; booked by ada until 2"), "{ports}");
    let longer = shell(&house, "ada", &["extend", &id, "--for", "20m", "--json"]).await;
    let longer: Value = serde_json::from_str(&longer.stdout).unwrap();
    assert!(longer["until"].as_u64() > made["until"].as_u64());
    let listed = shell(&house, "eve", &["list", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let refused = shell(&house, "bob", &["end", &id]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("is ada's"), "{}", refused.stderr);
    assert_eq!(shell(&house, "ada", &["end", &id]).await.code, Some(0));
    assert_eq!(list(&house, "root").await.len(), 1);
    let wrong = shell(&house, "ada", &[]).await;
    assert_eq!(wrong.code, Some(2), "{}", wrong.stdout);
}

#[tokio::test]
async fn a_file_of_bookings_that_is_broken_keeps_the_server_from_starting() {
    let mut rig = Rig::start(&["dev"]).await;
    assert_eq!(get(rig.server.address(), PATH).await.json(), json!([]));
    rig.server.stop().await;
    let data = rig.folder.path().join("data");
    fs::write(data.join("bookings.json"), "{").unwrap();
    let ended =
        crate::rig::server::run(&["--data", data.to_str().unwrap(), "--listen", "127.0.0.1:0"])
            .await;
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stderr.contains("bookings.json; repair or delete it"),
        "{}",
        ended.stderr
    );
}
