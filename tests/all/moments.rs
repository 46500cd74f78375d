//! Moments: from a time to an offset, and back.

use serde_json::{Value, json};

use crate::rig::Rig;
use crate::rig::http::{Answer, get};

async fn moment(rig: &Rig, query: &str) -> Answer {
    let path = format!("/api/v1/ports/dev/moment{query}");
    get(rig.server.address(), &path).await
}

async fn found(rig: &Rig, query: &str) -> Value {
    let answer = moment(rig, query).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_time_has_an_offset_and_an_offset_has_a_time() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "oldest").await;
    for count in 1..=3 {
        rig.device("dev").send(b"tick\n").await;
        client.rx(channel, 5 * count).await;
    }
    let reading = client.on(channel);
    let records = reading.records.clone();
    let head = reading.next;
    for two in records.windows(2) {
        let (before, record) = (&two[0], &two[1]);
        let time = record.time;
        for query in [
            format!("?time=@{time}"),
            format!("?time=@{}", before.time + 1),
            format!("?offset={}", record.offset),
        ] {
            let expected = json!({"offset": record.offset, "time": time});
            assert_eq!(found(&rig, &query).await, expected, "{query}");
        }
    }
    let oldest = json!({"offset": 0, "time": records[0].time});
    assert_eq!(
        found(&rig, "?time=1970-01-01T02:00:00%2B02:00").await,
        oldest
    );
    let end = json!({"offset": head, "time": null});
    assert_eq!(found(&rig, "?time=9999-01-01T00:00:00Z").await, end);
    assert_eq!(found(&rig, &format!("?offset={head}")).await, end);
    let inside = found(&rig, &format!("?offset={}", head - 1)).await;
    assert_eq!(inside["time"], records.last().unwrap().time);
}

#[tokio::test]
async fn what_is_no_moment_is_refused_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    for (query, named) in [
        ("?time=yesterday", "2026-11-22T10:00:00Z"),
        ("?time=2026-11-22T10:00:00+02:00", "%2B"),
        ("?time=@99999999999999999999", "1970"),
        ("", "?time="),
        ("?time=@1&offset=1", "?offset="),
        ("?offset=-1", "offset"),
        ("?when=@1", "`time`"),
    ] {
        let problem = moment(&rig, query).await;
        assert_eq!(
            (problem.status, &problem.json()["code"]),
            (400, &json!("bad-message")),
            "{query}"
        );
        let detail = problem.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(named), "{query}: {detail}");
    }
    let head = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
    let problem = moment(&rig, &format!("?offset={}", head + 1)).await;
    assert_eq!(
        (problem.status, &problem.json()["head"]),
        (416, &json!(head))
    );
    let unknown = get(rig.server.address(), "/api/v1/ports/gsp/moment?time=@1").await;
    assert_eq!(unknown.status, 404);
}
