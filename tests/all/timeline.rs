//! The timeline, and what is said of all recordings.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::http::get;

const MINUTE: u64 = 60_000_000;

async fn timeline(rig: &Rig, query: &str) -> Value {
    let path = format!("/api/v1/ports/dev/timeline{query}");
    let answer = get(rig.server.address(), &path).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

fn sum(timeline: &Value, field: &str) -> u64 {
    let points = timeline["points"].as_array().unwrap().iter();
    points.map(|point| point[field].as_u64().unwrap()).sum()
}

/// Everything that has come in is on disk.
async fn stored(rig: &Rig) -> u64 {
    loop {
        let state = rig.state("dev").await;
        let head = &state["journal"]["head"];
        if state["recording"]["stored"] == *head {
            return head.as_u64().unwrap();
        }
    }
}

async fn what_happened_is_counted(flags: &[&str], is_recorded: bool) {
    let rig = Rig::with(&["dev"], flags).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(&[b'x'; 1000]).await;
    client.rx(channel, 1000).await;
    client.write(channel, b"led on\n").await;
    if is_recorded {
        stored(&rig).await;
    }
    let all = timeline(&rig, "").await;
    let counted = (sum(&all, "rx"), sum(&all, "tx"), sum(&all, "notes"));
    assert_eq!(counted, (1000, 7, 1), "{all}");
    assert_eq!(all["points"][0]["offset"], 0);
    assert_eq!(all["step"], MINUTE);
    let from = all["from"].as_u64().unwrap();
    assert_eq!(from % MINUTE, 0);
    let before = timeline(
        &rig,
        &format!("?from=@{}&to=@{}", from - 90 * MINUTE, from - 1),
    )
    .await;
    assert_eq!(before["points"], json!([]));
    let coarse = timeline(&rig, &format!("?from=@{}&points=10", from - 95 * MINUTE)).await;
    assert!(coarse["step"].as_u64().unwrap() >= 9 * MINUTE, "{coarse}");
    assert_eq!(sum(&coarse, "rx"), 1000);
}

#[tokio::test]
async fn what_happened_is_counted_on_disk() {
    what_happened_is_counted(&[], true).await;
}

#[tokio::test]
async fn what_happened_is_counted_in_memory() {
    what_happened_is_counted(&["--no-record"], false).await;
}

#[tokio::test]
async fn a_stretch_that_is_none_is_refused_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    for (query, named) in [
        ("?from=yesterday", "2026-11-22T10:00:00Z"),
        ("?from=@2&to=@1", "earlier"),
        ("?points=0", "1 to 2000"),
        ("?points=2001", "1 to 2000"),
        ("?point=1", "`points`"),
    ] {
        let path = format!("/api/v1/ports/dev/timeline{query}");
        let problem = get(rig.server.address(), &path).await;
        assert_eq!(problem.status, 400, "{query}");
        let detail = problem.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{query}: {detail}");
    }
}

#[tokio::test]
async fn all_recordings_are_listed_also_those_whose_ports_are_not() {
    let rig = Rig::start(&["dev"]).await;
    let old = rig.folder.path().join("data/journal/old");
    std::fs::create_dir_all(&old).unwrap();
    let head = "seriald journal 0000000007, unused offsets from 00000000000000000099\n";
    std::fs::write(old.join("head"), head).unwrap();
    std::fs::create_dir_all(old.with_file_name("not one")).unwrap();
    let head = stored(&rig).await;
    let all = get(rig.server.address(), "/api/v1/recording").await.json();
    let ports = all["ports"].as_array().unwrap();
    let names: Vec<_> = ports
        .iter()
        .map(|port| (&port["name"], &port["listed"]))
        .collect();
    assert_eq!(
        names,
        [
            (&json!("dev"), &json!(true)),
            (&json!("old"), &json!(false))
        ]
    );
    assert_eq!(
        (&ports[0]["head"], &ports[0]["files"]),
        (&json!(head), &json!(1))
    );
    assert_eq!(all["bytes"], ports[0]["bytes"]);
    assert!(all["bytes"].as_u64().unwrap() > 0 && all["free"].as_u64().unwrap() > 0);
    assert_eq!(all["limit"], 1 << 30);
    assert!(all["folder"].as_str().unwrap().ends_with("data/journal"));
}

#[tokio::test]
async fn without_recording_there_is_no_folder() {
    let rig = Rig::with(&["dev"], &["--no-record"]).await;
    rig.device("dev").send(b"nothing stays").await;
    let all = get(rig.server.address(), "/api/v1/recording").await.json();
    assert_eq!((&all["folder"], &all["ports"]), (&Value::Null, &json!([])));
    assert_eq!(rig.state("dev").await["recording"]["state"], "off");
    assert!(!rig.folder.path().join("data/journal").exists());
}
