//! Links to an excerpt: whoever has one sees that stretch of a port's journal, and nothing else.

use std::fs;

use serde_json::{Value, json};

use crate::rig::client::{Client, open};
use crate::rig::http::{Answer, ask};
use crate::rig::people::{House, bearer};
use crate::rig::soon;

const PEOPLE: [(&str, &str); 3] = [
    ("root", "administer"),
    ("ada", "type:dev"),
    ("vera", "see:dev"),
];
const SHARES: &str = "/api/v1/shares";
const CRASH: &[u8] = b"crash\ntemp:7\ntemp:8\n";
/// What passed over the port before and after, was said and marked, and who watches.
const OUTSIDE: [&str; 4] = ["alpha", "omega", "gossip", "vera"];

async fn head(house: &House) -> u64 {
    let state = house.get("root", "/api/v1/ports/dev").await.json();
    state["journal"]["head"].as_u64().unwrap()
}

/// Has the device say something, and waits until it is there.
async fn say(house: &House, bytes: &[u8]) {
    let head_then = head(house).await + bytes.len() as u64;
    house.rig.device("dev").send(bytes).await;
    soon("it comes in", async {
        while head(house).await < head_then {}
    })
    .await;
}

async fn mark(house: &House, wish: Value) -> u64 {
    let (path, body) = ("/api/v1/ports/dev/marks", wish.to_string());
    let made = house.ask("ada", ("POST", path), &[], body.as_bytes()).await;
    made.json()["offset"].as_u64().unwrap()
}

/// A server where something crashed, and where in the journal that is.
async fn crash() -> (House, u64, u64) {
    let house = House::open(&["dev"], &PEOPLE, "").await;
    say(&house, b"alpha temp:1\n").await;
    mark(&house, json!({"text": "alpha mark"})).await;
    let from = head(&house).await;
    say(&house, CRASH).await;
    mark(&house, json!({"text": "it crashed", "at": from})).await;
    let to = head(&house).await;
    mark(&house, json!({"text": "omega mark", "at": from})).await;
    let said = json!({"text": "gossip"}).to_string();
    let path = "/api/v1/ports/dev/say";
    let said = house.ask("ada", ("POST", path), &[], said.as_bytes()).await;
    assert_eq!(said.status, 201, "{}", said.text());
    say(&house, b"omega temp:9\n").await;
    (house, from, to)
}

async fn try_share(house: &House, wish: &Value) -> Answer {
    let body = wish.to_string();
    house
        .ask("ada", ("POST", SHARES), &[], body.as_bytes())
        .await
}

/// A link of ada's, whole.
async fn share(house: &House, wish: Value) -> Value {
    let made = try_share(house, &wish).await;
    assert_eq!(made.status, 201, "{wish}: {}", made.text());
    made.json()
}

/// Whoever came by a link.
struct Guest<'a> {
    house: &'a House,
    bearer: String,
}

impl<'a> Guest<'a> {
    fn by(house: &'a House, made: &Value) -> Self {
        let bearer = bearer(made["secret"].as_str().unwrap());
        Self { house, bearer }
    }

    async fn get(&self, path: &str) -> Answer {
        let headers = [("Authorization", self.bearer.as_str())];
        ask(self.house.rig.server.address(), "GET", path, &headers, b"").await
    }

    async fn client(&self) -> Client {
        Client::connect_with(&self.house.rig.server, &[("authorization", &self.bearer)]).await
    }
}

/// Whatever a guest looks at is the excerpt.
async fn sees_only(guest: &Guest<'_>, from: u64, to: u64) {
    for more in [
        "format=text",
        "format=jsonl",
        "format=csv",
        "format=asciicast",
        "format=raw&kind=rx",
        "format=text&from=0",
        "format=text&from=-1000000",
        "format=text&from=@0&to=2100-01-01T00:00:00Z",
        "format=raw&kind=rx&from=0&gaps=skip",
    ] {
        let saved = guest
            .get(&format!("/api/v1/ports/dev/history?{more}"))
            .await;
        let (status, text) = (saved.status, String::from_utf8(saved.unchunked()).unwrap());
        assert_eq!(status, 200, "{more}: {text}");
        assert!(
            text.contains("temp:7") && text.contains("temp:8"),
            "{more}: {text}"
        );
        assert!(
            !OUTSIDE.iter().any(|word| text.contains(word)),
            "{more}: {text}"
        );
        if more.starts_with("format=raw") {
            assert_eq!(text.as_bytes(), CRASH, "{more}");
        }
    }
    let head_now = head(guest.house).await;
    for path in [
        format!("/api/v1/ports/dev/history?to={}", to + 1),
        format!("/api/v1/ports/dev/history?format=raw&from={}", from - 1),
        format!("/api/v1/ports/dev/moment?offset={}", from - 1),
        format!("/api/v1/ports/dev/moment?offset={}", to + 1),
        format!("/api/v1/ports/dev/values?to={head_now}"),
        format!("/api/v1/search?q=x&port=dev&to={head_now}"),
    ] {
        let refused = guest.get(&path).await;
        let told = refused.json();
        assert_eq!(refused.status, 416, "{path}: {told}");
        assert_eq!(
            (&told["oldest"], &told["head"]),
            (&json!(from), &json!(to)),
            "{path}"
        );
    }
    for (query, matches) in [
        ("q=temp&context=20", 2),
        ("q=alpha", 0),
        ("q=omega", 0),
        ("q=mark|crashed&regex=yes&kind=note", 1),
        ("q=temp&port=dev&from=0", 2),
    ] {
        let found = guest.get(&format!("/api/v1/search?{query}")).await;
        let text = String::from_utf8(found.unchunked()).unwrap();
        assert_eq!(
            text.matches("\"match\"").count(),
            matches,
            "{query}: {text}"
        );
        assert!(
            !OUTSIDE.iter().any(|word| text.contains(word)),
            "{query}: {text}"
        );
    }
    let values = guest
        .get("/api/v1/ports/dev/values?format=csv&from=@0")
        .await;
    let table = String::from_utf8(values.unchunked()).unwrap();
    let last: Vec<_> = table
        .lines()
        .skip(1)
        .map(|row| &row[row.len() - 1..])
        .collect();
    assert_eq!(last, ["7", "8"], "{table}");
    let chart = guest.get("/api/v1/ports/dev/values").await.json();
    assert_eq!(chart["head"], to, "{chart}");

    let points =
        guest.get("/api/v1/ports/dev/timeline?from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00Z");
    let points = points.await.json()["points"].clone();
    let of = |what: &str| {
        points
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point[what].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(
        (of("rx"), of("tx"), of("notes")),
        (CRASH.len() as u64, 0, 1),
        "{points}"
    );
    assert_eq!(points[0]["offset"], from);
    let marks = guest.get("/api/v1/ports/dev/marks").await.json();
    assert_eq!(
        (marks.as_array().unwrap().len(), &marks[0]["text"]),
        (1, &json!("it crashed"))
    );
    for (time, offset) in [("@1", from), ("2100-01-01T00:00:00Z", to)] {
        let moment = guest
            .get(&format!("/api/v1/ports/dev/moment?time={time}"))
            .await
            .json();
        assert_eq!(moment["offset"], offset, "{time}: {moment}");
        assert_eq!(moment["time"].is_null(), offset == to, "{moment}");
    }

    let listed = guest.get("/api/v1/ports").await;
    let told = listed.text();
    let device = guest.house.rig.device("dev").link().display().to_string();
    assert!(!told.contains("vera") && !told.contains(&device), "{told}");
    let port = &listed.json()[0];
    assert_eq!(
        (&port["name"], &port["may"]),
        (&json!("dev"), &json!(["see"]))
    );
    assert_eq!(
        (&port["journal"]["oldest"], &port["journal"]["head"]),
        (&json!(from), &json!(to))
    );
    for (what, is) in [
        ("state", json!("closed")),
        ("viewers", json!([])),
        ("total", json!({"rx": 0, "tx": 0})),
        ("path", Value::Null),
        ("identity", Value::Null),
        ("actual", Value::Null),
        ("doors", json!({"rfc2217": [], "tcp": []})),
    ] {
        assert_eq!(port[what], is, "{what}");
    }
}

/// The same over the socket, whatever is subscribed to.
async fn is_told_only(guest: &Guest<'_>, from: u64, to: u64) {
    let mut client = guest.client().await;
    assert_eq!(client.order, ["dev"]);
    for begin in [
        json!(0),
        json!(from - 1),
        json!(from),
        json!("oldest"),
        json!(-1_000_000),
    ] {
        let channel = client.subscribe("dev", begin.clone()).await;
        client.reach(channel, to).await;
        client.settle().await;
        let reading = client.on(channel);
        assert_eq!(
            (reading.oldest, reading.head, reading.next),
            (from, to, to),
            "{begin}"
        );
        assert_eq!(reading.rx(), CRASH, "{begin}");
        let notes: Vec<_> = reading.notes().iter().map(|note| &note["text"]).collect();
        assert_eq!(notes, ["it crashed"], "{begin}");
    }
    for wrong in [
        json!({"from": to + 1}),
        json!({"from": from, "to": to + 1}),
        json!({"from": from, "journal": 1}),
        json!({"from": (1_u64 << 53) - 1}),
    ] {
        let mut question = wrong.clone();
        question["type"] = "subscribe".into();
        question["port"] = "dev".into();
        let refused = client.refused(question, "out-of-range").await;
        assert_eq!(
            (&refused["oldest"], &refused["head"]),
            (&json!(from), &json!(to)),
            "{wrong}"
        );
    }
    let values = json!({"port": "dev", "from": from, "values": "labels"});
    let values = client.subscribe_with(values).await;
    client
        .until("both values are told", |client| {
            client.on(values).values().len() >= 2
        })
        .await;
    let live = client.subscribe("dev", "now").await;
    for question in [
        json!({"type": "moment", "port": "dev", "time": 1}),
        json!({"type": "moment", "port": "dev", "time": 4_102_444_800_000_000_u64}),
    ] {
        let offset = client.done(question).await["offset"].as_u64().unwrap();
        assert!([from, to].contains(&offset), "{offset}");
    }
    client
        .refused(
            json!({"type": "request", "port": "dev", "timeout": 1}),
            "not-open",
        )
        .await;
    for act in [
        json!({"type": "write", "text": "x"}),
        json!({"type": "open"}),
        json!({"type": "mark", "text": "x"}),
        json!({"type": "say", "text": "x"}),
        json!({"type": "halt"}),
        json!({"type": "sent"}),
    ] {
        let mut act = act;
        act["port"] = "dev".into();
        client.refused(act, "forbidden").await;
    }

    let mut vera = guest.house.client("vera").await;
    let seen = vera.subscribe("dev", "now").await;
    say(guest.house, b"omega live temp:10\n").await;
    vera.rx(seen, 19).await;
    client.settle().await;
    assert_eq!(client.on(live).records, []);
    assert_eq!(client.on(values).values().len(), 2);
    assert_eq!(client.ports["dev"]["journal"]["head"], to);
    assert_eq!(client.ports["dev"]["viewers"], json!([]));
    let state = guest.house.get("root", "/api/v1/ports/dev").await.text();
    assert!(
        state.contains("vera") && !state.contains("guest of ada"),
        "{state}"
    );
}

#[tokio::test]
async fn a_guest_of_an_excerpt_sees_it_and_nothing_else_also_after_a_restart() {
    let (mut house, from, to) = crash().await;
    let made = share(
        &house,
        json!({"port": "dev", "from": from, "to": to, "offset": from + 6}),
    )
    .await;
    let id = house.get("root", "/api/v1/ports/dev").await.json()["journal"]["id"].clone();
    let excerpt = &made["excerpt"];
    assert_eq!(
        (&excerpt["from"], &excerpt["to"]),
        (&json!(from), &json!(to))
    );
    assert_eq!(excerpt["journal"], id);
    assert!(
        excerpt["since"].as_u64() <= excerpt["until"].as_u64(),
        "{excerpt}"
    );
    {
        let guest = Guest::by(&house, &made);
        let session = guest.get("/api/v1/session").await.json();
        assert_eq!(session["leads"]["excerpt"], *excerpt);
        assert_eq!(session["expires"], made["expires"]);
        soon("it is recorded", async {
            let state = async || house.get("root", "/api/v1/ports/dev").await.json();
            while state().await["recording"]["stored"] != head(&house).await {}
        })
        .await;
        sees_only(&guest, from, to).await;
        is_told_only(&guest, from, to).await;
        for path in [
            "/ws",
            "/ws?port=dev",
            "/api/v1/ports/dev/raw?from=0",
            "/api/v1/ports/dev/raw",
        ] {
            let refused = open(&house.rig.server, path, &[("authorization", &guest.bearer)]).await;
            assert_eq!(
                refused.err().map(|status| status.as_u16()),
                Some(403),
                "{path}"
            );
        }
    }
    house.rig.server.stop().await;
    house.rig.restart_closed();
    let guest = Guest::by(&house, &made);
    sees_only(&guest, from, to).await;
    is_told_only(&guest, from, to).await;
}

#[tokio::test]
async fn where_the_recording_is_gone_the_guest_is_told_so() {
    let (mut house, from, to) = crash().await;
    let made = share(&house, json!({"port": "dev", "from": from, "to": to})).await;
    house.rig.server.stop().await;
    fs::remove_dir_all(house.rig.recording("dev")).unwrap();
    house.rig.restart_closed();
    say(&house, &[b'x'; 500]).await;
    let guest = Guest::by(&house, &made);
    let journal = guest.get("/api/v1/ports/dev").await.json()["journal"].clone();
    assert_eq!(journal["id"], made["excerpt"]["journal"]);
    assert_eq!(
        (&journal["oldest"], &journal["head"]),
        (&json!(to), &json!(to))
    );
    let mut client = guest.client().await;
    let channel = client.subscribe("dev", from).await;
    client.reach(channel, to).await;
    assert_eq!(client.on(channel).gaps(), [(from, to)]);
    assert_eq!(client.on(channel).records.len(), 1);
    let path = format!("/api/v1/ports/dev/history?from={from}");
    let text = guest.get(&path).await;
    let text = String::from_utf8(text.unchunked()).unwrap();
    assert!(text.contains("! gap of") && !text.contains("xxx"), "{text}");
}

#[tokio::test]
async fn an_excerpt_has_whole_notes_and_grows_no_more() {
    let (house, from, _) = crash().await;
    let marks = house.get("ada", "/api/v1/ports/dev/marks").await.json();
    let note = marks[1]["offset"].as_u64().unwrap();
    let within = json!({"port": "dev", "from": note + 1, "to": note + 2});
    let whole = share(&house, within).await["excerpt"].clone();
    assert_eq!(whole["from"], note);
    let end = whole["to"].as_u64().unwrap();
    let mut ada = house.client("ada").await;
    let reading = ada.read_past("dev", note, end).await;
    assert_eq!(
        (ada.on(reading).notes().len(), ada.on(reading).next),
        (1, end)
    );

    let head_then = head(&house).await;
    let open_end = json!({"port": "dev", "from": from, "to": "2100-01-01T00:00:00Z"});
    let made = share(&house, open_end).await;
    assert_eq!(made["excerpt"]["to"], head_then);
    say(&house, b"omega again\n").await;
    let guest = Guest::by(&house, &made);
    let state = guest.get("/api/v1/ports/dev").await.json();
    assert_eq!(state["journal"]["head"], head_then);
}

#[tokio::test]
async fn what_is_no_excerpt_is_refused_by_name() {
    let (house, from, to) = crash().await;
    let head = head(&house).await;
    for (wish, status, named) in [
        (
            json!({"from": from, "to": to, "may": "type"}),
            400,
            "lets see",
        ),
        (
            json!({"from": from, "to": to, "offset": to}),
            400,
            "lies within",
        ),
        (
            json!({"from": to, "to": from}),
            400,
            "nothing of dev is kept between",
        ),
        (
            json!({"from": from, "to": from}),
            400,
            "nothing of dev is kept between",
        ),
        (json!({"from": head}), 400, "nothing of dev is kept between"),
        (json!({"from": head + 1}), 416, "no such offset"),
        (json!({"from": "yesterday"}), 400, "-10m"),
    ] {
        let mut wish = wish;
        wish["port"] = "dev".into();
        let refused = try_share(&house, &wish).await;
        assert_eq!(refused.status, status, "{wish}: {}", refused.text());
        assert!(refused.text().contains(named), "{wish}: {}", refused.text());
    }
    assert_eq!(house.get("ada", SHARES).await.json(), json!([]));
}

#[tokio::test]
async fn the_shell_makes_a_link_to_an_excerpt_and_lists_what_it_shows() {
    let (house, from, to) = crash().await;
    let run = async |arguments: &[&str]| {
        let ada = Some(house.secret("ada"));
        house.rig.shell_with(ada, "share", arguments, b"").await
    };
    let [begin, end] = [from, to].map(|offset| offset.to_string());
    let stretch = ["--from", &begin, "--to", &end];
    let made = run(&[&["create", "dev"], &stretch[..]].concat()).await;
    let told = format!(
        "shows {} bytes, from offset {from} to {to}, and nothing else",
        to - from
    );
    assert!(made.stderr.contains(&told), "{}", made.stderr);
    let secret = made.stdout.trim().split_once('#').unwrap().1;
    let guest = Guest::by(&house, &json!({"secret": secret}));
    let journal = guest.get("/api/v1/ports/dev").await.json()["journal"].clone();
    assert_eq!(
        (&journal["oldest"], &journal["head"]),
        (&json!(from), &json!(to))
    );
    let ago = run(&["create", "dev", "--from", "-1h"]).await;
    assert!(ago.stderr.contains("and nothing else"), "{}", ago.stderr);
    let list = run(&["list"]).await.stdout;
    assert!(
        list.contains(&format!("\tsee from {from} to {to}\t")),
        "{list}"
    );
    let log = house
        .rig
        .shell_with(Some(secret), "log", &["dev", "--no-times"], b"")
        .await;
    assert!(
        log.stdout.contains("temp:8"),
        "{} {}",
        log.stdout,
        log.stderr
    );
    assert!(
        !OUTSIDE.iter().any(|word| log.stdout.contains(word)),
        "{}",
        log.stdout
    );
    let types = run(&[&["create", "dev", "--type"], &stretch[..]].concat()).await;
    assert_eq!(types.code, Some(2), "{}", types.stderr);
}
