//! Values: readings instead of bytes, live and from the past, for clients that come and go.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::rig::Rig;
use crate::rig::client::{Client, What};
use crate::rig::http::{Answer, get};

/// Sends bytes and waits until the journal has them; gives the offset of the first.
async fn record(rig: &Rig, bytes: &[u8]) -> u64 {
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let first = client.on(channel).next;
    rig.device("dev").send(bytes).await;
    client.rx(channel, bytes.len()).await;
    first
}

/// Subscribes to the values of the port.
async fn values(client: &mut Client, from: impl Into<Value>) -> u16 {
    values_with(client, json!({"from": from.into(), "values": "auto"})).await
}

async fn values_with(client: &mut Client, mut question: Value) -> u16 {
    question["port"] = "dev".into();
    client.subscribe_with(question).await
}

/// Waits for so many readings; gives them without their offsets.
async fn readings(client: &mut Client, channel: u16, count: usize) -> Vec<String> {
    client
        .until("the readings come", |client| {
            client.on(channel).values().len() >= count
        })
        .await;
    let all = client.on(channel).values().into_iter();
    all.map(|(_, values)| values).collect()
}

#[tokio::test]
async fn values_come_as_the_device_prints_them_and_carry_names_and_units() {
    let rig = Rig::start(&["dev"]).await;
    let first = record(&rig, b"\n").await;
    let mut client = rig.client().await;
    let channel = values(&mut client, "now").await;
    let device = rig.device("dev");
    device.send(b"booting\ntemp: 21.5 C, hu").await;
    device.send(b"m: 40\r\n>t:3\xc2\xa7s\n").await;
    device.send(b"temp: nan, hum: 41 %\n").await;
    assert_eq!(
        readings(&mut client, channel, 3).await,
        ["temp=21.5C hum=40%", "t=3s", "temp=NaNC hum=41%"]
    );
    let offsets: Vec<_> = client
        .on(channel)
        .values()
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(offsets, [first + 9, first + 32, first + 40]);
    // A unit that is told later is told again, and nothing else is.
    let told = &client.on(channel).records;
    let told = told
        .iter()
        .filter(|record| matches!(record.what, What::Series(_)));
    assert_eq!(told.count(), 4);
}

#[tokio::test]
async fn columns_have_the_names_that_stand_far_above_them() {
    let rig = Rig::start(&["dev"]).await;
    let rows = "1,2\n".repeat(50_000);
    let table = async |names: &str| record(&rig, format!("\n{names}\n{rows}").as_bytes()).await;
    let mut client = rig.client().await;
    let next = async |client: &mut Client, line: &[u8]| {
        let channel = values(client, "now").await;
        rig.device("dev").send(line).await;
        readings(client, channel, 1).await
    };
    let names = async |question: &str| {
        let drawn = chart(&rig, question).await.json();
        let series = drawn["series"].as_array().unwrap().iter();
        series.map(|each| each["name"].clone()).collect::<Vec<_>>()
    };
    let begin = table("temp,hum").await;
    table("a,b").await;
    assert_eq!(next(&mut client, b"3,4\n").await, ["a=3 b=4"]);
    assert_eq!(names("from=-40").await, ["a", "b"]);
    let middle = begin + 100_000;
    let earlier = format!("from={middle}&to={}", middle + 40);
    assert_eq!(names(&earlier).await, ["temp", "hum"]);
    table("x,y").await;
    assert_eq!(next(&mut client, b"5,6\n").await, ["x=5 y=6"]);
}

#[tokio::test]
async fn whoever_resumes_behind_the_last_line_misses_nothing_and_gets_nothing_twice() {
    let rig = Rig::start(&["dev"]).await;
    record(&rig, b"\n").await;
    let first = record(&rig, b"a,b\n1,2\r\n3,4\r\n").await;
    let rest = record(&rig, b"noise\n5,6\n7,").await;
    let mut client = rig.client().await;
    let channel = values(&mut client, first).await;
    let all = ["a=1 b=2", "a=3 b=4", "a=5 b=6"];
    assert_eq!(readings(&mut client, channel, 3).await, all);
    let records = client.on(channel).records.clone();
    let ends = records.iter().filter_map(|record| match record.what {
        What::Values { length, .. } => Some(record.offset + length),
        _ => None,
    });
    for (end, left) in ends.zip([&all[1..], &all[2..], &[]]) {
        // The names of the columns stand before the place where it goes on.
        let next = values(&mut client, end).await;
        client.settle().await;
        assert_eq!(readings(&mut client, next, left.len()).await, left);
    }
    // A line that has begun before is one of those that end behind.
    let now = values(&mut client, "now").await;
    let within = values(&mut client, rest + 11).await;
    rig.device("dev").send(b"8\n").await;
    for channel in [now, within] {
        assert_eq!(readings(&mut client, channel, 1).await, ["a=7 b=8"]);
        assert_eq!(client.on(channel).values()[0].0, rest + 10);
    }
}

#[tokio::test]
async fn a_stretch_has_the_lines_that_end_in_it() {
    let rig = Rig::start(&["dev"]).await;
    let first = record(&rig, b"\n1\n22\n333\n4444\n").await + 1;
    let mut client = rig.client().await;
    for (from, to, expected) in [
        (0, 14, &["1", "22", "333", "4444"][..]),
        (0, 4, &["1"]),
        (2, 9, &["22", "333"]),
        (3, 9, &["22", "333"]),
        (5, 5, &[]),
        (5, 13, &["333"]),
        (9, 14, &["4444"]),
    ] {
        let question = json!({"from": first + from, "to": first + to, "values": "columns"});
        let channel = values_with(&mut client, question).await;
        client.end(channel).await;
        let found: Vec<_> = client.on(channel).values();
        let found: Vec<_> = found.iter().map(|(_, values)| &values[8..]).collect();
        assert_eq!(found, expected, "{from} to {to}");
    }
}

#[tokio::test]
async fn what_has_left_memory_comes_from_the_disk() {
    let mut rig = Rig::start(&["dev"]).await;
    let lines: String = (0..60_000).map(|number| format!("n: {number}\n")).collect();
    let first = record(&rig, format!("\n{lines}").as_bytes()).await;
    assert!(rig.server.stop().await.success());
    rig.restart().await;
    let mut client = rig.client().await;
    let channel = values(&mut client, first).await;
    let found = readings(&mut client, channel, 60_000).await;
    assert_eq!(found.len(), 60_000);
    assert_eq!((&*found[0], &*found[59_999]), ("n=0", "n=59999"));
    assert_eq!(client.on(channel).gaps(), []);
}

#[tokio::test]
async fn where_bytes_are_missing_a_gap_is_told_and_no_line_goes_across() {
    let rig = Rig::with(&["dev"], &["--ring", "128KiB", "--no-record"]).await;
    let lines = "n: 123456\n".repeat(40_000);
    let first = record(&rig, format!("\n{lines}").as_bytes()).await;
    let mut client = rig.client().await;
    let channel = values(&mut client, first).await;
    let found = readings(&mut client, channel, 100).await;
    assert!(found.iter().all(|values| values == "n=123456"));
    let gaps = client.on(channel).gaps();
    assert_eq!((gaps.len(), gaps[0].0), (1, first));
}

#[tokio::test]
async fn no_more_is_sent_than_there_is_credit_for() {
    let rig = Rig::start(&["dev"]).await;
    let first = record(&rig, format!("\n{}", "1\n".repeat(20_000)).as_bytes()).await;
    let mut client = rig.client().await;
    let question = json!({"from": first, "values": "auto", "credit": 1000});
    let channel = values_with(&mut client, question).await;
    let mut granted = 1000;
    for _ in 0..20 {
        client.settle().await;
        let wire = client.on(channel).wire;
        assert!(
            (granted..granted + 38).contains(&wire),
            "{wire} of {granted}"
        );
        granted += 5000;
        let credit = json!({"type": "credit", "channel": channel, "bytes": 5000});
        client.say(Message::text(credit.to_string())).await;
    }
    let credit = json!({"type": "credit", "channel": channel, "bytes": 1 << 30});
    client.say(Message::text(credit.to_string())).await;
    assert_eq!(readings(&mut client, channel, 20_000).await.len(), 20_000);
}

#[tokio::test]
async fn a_long_stretch_without_values_holds_up_nobody() {
    let rig = Rig::start(&["dev"]).await;
    let line = "nothing to be seen here, move along\n";
    let first = record(&rig, line.repeat(100_000).as_bytes()).await;
    let last = record(&rig, b"temp: 5\n").await;
    let mut client = rig.client().await;
    let channel = values(&mut client, first).await;
    // It is answered while the others look.
    client.settle().await;
    assert_eq!(readings(&mut client, channel, 1).await, ["temp=5"]);
    assert_eq!(client.on(channel).values()[0].0, last);
}

#[tokio::test]
async fn hostile_lines_stay_within_bounds_and_hide_no_others() {
    let rig = Rig::start(&["dev"]).await;
    record(&rig, b"\n").await;
    let mut client = rig.client().await;
    let channel = values(&mut client, "now").await;
    let mut sent = b"<img src=x onerror=alert(1)>: 5\n\x1b]0;x: 5\x07\n".to_vec();
    sent.extend((0..500).flat_map(|name| format!("s{name}: 1\n").into_bytes()));
    sent.extend(vec![b'9'; 100_000]);
    sent.extend(
        b"\n{\"a\":1e999,\"b\":{\"b\":{\"b\":{\"b\":{\"b\":{}}}}}}\n\xff\xfe: 1\n\0\0s1: 2\n",
    );
    record(&rig, &sent).await;
    let found = readings(&mut client, channel, 257).await;
    assert_eq!(found.last().unwrap(), "s1=2");
    assert_eq!(client.on(channel).series.len(), 256);
}

#[tokio::test]
async fn a_parser_that_cannot_be_meant_is_refused_with_its_place() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    for (parser, named) in [
        (json!("magic"), "values.type: \"magic\" is not known"),
        (
            json!(["auto", {"type": "regex", "pattern": "("}]),
            "values[1].pattern: the expression is broken",
        ),
        (
            json!({"type": "binary", "frame": {"type": "fixed", "length": 9999}, "fields": [{"name": "a", "type": "u8"}]}),
            "values.frame.length: 9999 bytes",
        ),
        (json!(7), "values: a parser is a word"),
    ] {
        let question = json!({"type": "subscribe", "port": "dev", "from": "now", "values": parser});
        let error = client.refused(question, "bad-message").await;
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(named), "{message}");
    }
}

#[tokio::test]
async fn binary_records_come_live_too() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let parser = json!({"type": "binary", "frame": {"type": "fixed", "length": 5, "sync": "aa 55"},
        "fields": [{"name": "temp", "type": "i16", "scale": 0.5, "unit": "°C"}], "checksum": {"type": "xor8"}});
    let channel = values_with(&mut client, json!({"from": "now", "values": parser})).await;
    let first = record(&rig, b"junk\xaa\x55\x2b\x00\xd4\xaa\x55\xfe\xff\xfe").await;
    assert_eq!(
        readings(&mut client, channel, 2).await,
        ["temp=21.5°C", "temp=-1°C"]
    );
    assert_eq!(client.on(channel).values()[1].0, first + 9);
}

async fn chart(rig: &Rig, query: &str) -> Answer {
    let path = format!("/api/v1/ports/dev/values?{query}");
    get(rig.server.address(), &path).await
}

#[tokio::test]
async fn a_chart_has_the_past_and_a_subscription_goes_on_where_it_ends() {
    let mut rig = Rig::start(&["dev"]).await;
    let lines: String = (0..30_000)
        .map(|number| format!("temp={number} hum={}\n", number % 100))
        .collect();
    let first = record(&rig, format!("\n{lines}").as_bytes()).await + 1;
    assert!(rig.server.stop().await.success());
    rig.restart().await;
    record(&rig, b"\ntemp=30000 hum").await;
    let drawn = chart(&rig, "points=10&series=temp").await.json();
    let [series] = drawn["series"].as_array().unwrap().as_slice() else {
        panic!("{drawn}");
    };
    assert_eq!(
        (&series["name"], &series["count"]),
        (&json!("temp"), &json!(30_000))
    );
    assert_eq!(
        (&series["low"][0], &series["low_at"][0]),
        (&json!(0.0), &json!(first))
    );
    assert_eq!(
        series["high"].as_array().unwrap().last(),
        Some(&json!(29_999.0))
    );
    assert_eq!(
        (&drawn["readings"], &drawn["breaks"]),
        (&json!(30_000), &json!([]))
    );
    let mut client = rig.client().await;
    let channel = values(&mut client, drawn["head"].clone()).await;
    rig.device("dev").send(b"=0\n").await;
    assert_eq!(
        readings(&mut client, channel, 1).await,
        ["temp=30000 hum=0"]
    );
}

#[tokio::test]
async fn a_table_has_every_reading() {
    let rig = Rig::start(&["dev"]).await;
    let lines: String = (0..20_000)
        .map(|number| format!("a: {number}, b: {}\n", -number))
        .collect();
    let first = record(&rig, format!("\n{lines}").as_bytes()).await;
    let answer = chart(
        &rig,
        &format!("format=csv&from={first}&parser=%22labels%22"),
    )
    .await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let body = answer.unchunked();
    let mut table = csv::Reader::from_reader(body.as_slice());
    let names: Vec<_> = table.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(names, ["time", "offset", "a", "b"]);
    for (number, row) in table.records().enumerate() {
        let row = row.unwrap();
        assert_eq!(
            (&row[2], &row[3]),
            (&*number.to_string(), &*(-(number as i64)).to_string())
        );
    }
    let rows = csv::Reader::from_reader(body.as_slice())
        .into_records()
        .count();
    assert_eq!(rows, 20_000);
}

#[tokio::test]
async fn what_cannot_be_drawn_is_a_problem_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    for (query, status, named) in [
        ("points=0", 400, "1 to 10000"),
        (
            "parser=%5B%22auto%22,%22x%22%5D",
            400,
            "parser[1].type: \"x\" is not known",
        ),
        ("from=999999", 416, "reaches from"),
        ("form=csv", 400, "unknown field `form`"),
    ] {
        let answer = chart(&rig, query).await;
        let problem = answer.json();
        assert_eq!(answer.status, status, "{query}: {problem}");
        assert!(
            problem["detail"].as_str().unwrap().contains(named),
            "{problem}"
        );
    }
}
