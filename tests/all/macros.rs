//! Macros: steps that the server takes on a port, for all to see and for anyone to stop.

use serde_json::{Value, json};

use crate::rig::http::{Lines, ask};
use crate::rig::{Rig, soon};

fn run(steps: Value) -> Value {
    json!({"type": "run", "port": "dev", "steps": steps})
}

/// A macro that does not end by itself.
fn endless() -> Value {
    json!([{"repeat": "forever", "steps": [{"delay": 5}]}])
}

/// The device reads what is written, and nothing else.
async fn takes(rig: &Rig, bytes: &[u8]) {
    let taken = rig.device("dev").read(bytes.len()).await;
    assert_eq!(
        taken.escape_ascii().to_string(),
        bytes.escape_ascii().to_string()
    );
}

#[tokio::test]
async fn steps_are_taken_one_after_the_other_and_told_to_all_who_watch() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    client.done(json!({"type": "name", "name": "anna"})).await;
    let watched = other.subscribe("dev", "now").await;
    let asked = client
        .start(run(json!([
            {"send": "fan 100\n"},
            {"wait": "ok: (fan) 100"},
            {"repeat": 2, "steps": [{"hex": "aa 55"}, {"wait": "a", "timeout": 10_000}]},
            {"mark": "half"},
            {"send": "fan 0\n"},
        ])))
        .await;
    takes(&rig, b"fan 100\n").await;
    let seen = other
        .state("dev", "it runs", |port| port["running"] != json!([]))
        .await;
    let seen = &seen["running"][0];
    assert_eq!(
        (&seen["by"], &seen["title"]),
        (&json!("anna"), &json!("macro"))
    );
    assert!(seen["run"].is_u64() && seen["since"].is_u64());
    rig.device("dev").send(b"what? OK: fan 100\r\n").await;
    for _ in 0..2 {
        takes(&rig, b"\xaa\x55").await;
        rig.device("dev").send(b"a").await;
    }
    takes(&rig, b"fan 0\n").await;
    assert_eq!(client.answer(asked).await["type"], "done");
    other
        .state("dev", "it has ended", |port| port["running"] == json!([]))
        .await;
    other
        .until("all is told", |other| {
            other.on(watched).tx().concat_all().ends_with(b"fan 0\n")
        })
        .await;
    assert!(
        other
            .on(watched)
            .tx()
            .iter()
            .all(|(author, _)| author == "anna")
    );
    assert!(other.on(watched).has_note("mark"));
}

/// All that was typed.
trait Typed {
    fn concat_all(&self) -> Vec<u8>;
}

impl Typed for Vec<(String, Vec<u8>)> {
    fn concat_all(&self) -> Vec<u8> {
        self.iter().flat_map(|(_, bytes)| bytes.clone()).collect()
    }
}

#[tokio::test]
async fn a_wait_finds_what_came_in_the_instant_of_the_send_and_each_thing_once() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"pong of old ").await;
    client.rx(channel, 12).await;
    let asked = client
        .start(run(json!([{"repeat": 100, "steps": [{"send": "ping\n"}, {"wait": "pong"}, {"wait": "g"}]}])))
        .await;
    for _ in 0..100 {
        takes(&rig, b"ping\n").await;
        // The g of this pong is not the one that is waited for behind it.
        rig.device("dev").send(b"pong g").await;
    }
    assert_eq!(client.answer(asked).await["type"], "done");
    let failed = client
        .start(run(
            json!([{"send": "x"}, {"wait": "pong"}, {"wait": "pong", "timeout": 50}]),
        ))
        .await;
    takes(&rig, b"x").await;
    rig.device("dev").send(b"pong").await;
    let failed = client.answer(failed).await;
    assert_eq!(
        (&failed["code"], &failed["step"]),
        (&json!("failed"), &json!("steps[2]"))
    );
}

#[tokio::test]
async fn what_does_not_come_ends_the_macro_unless_it_goes_on() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let steps = json!([
        {"wait": "never", "timeout": 20, "or": "go on"},
        {"send": "?"},
        {"repeat": 3, "steps": [{"wait": "never", "timeout": 200}]},
        {"send": "not sent"},
    ]);
    let asked = client.start(run(steps)).await;
    takes(&rig, b"?").await;
    rig.device("dev").send(b"no idea").await;
    let failed = client.answer(asked).await;
    assert_eq!(failed["code"], "failed");
    assert_eq!(
        (&failed["step"], &failed["text"]),
        (&json!("steps[2].steps[0]"), &json!("no idea"))
    );
    let message = failed["message"].as_str().unwrap();
    assert!(
        message.contains("200 ms") && message.contains("dev"),
        "{message}"
    );

    // A line that has begun when a wait gives up is seen by the next.
    let steps = json!([{"send": "!"}, {"wait": "never", "timeout": 500, "or": "go on"}, {"wait": "^done$"}]);
    let asked = client.start(run(steps)).await;
    takes(&rig, b"!").await;
    rig.device("dev").send(b"not done\r\ndo").await;
    client.settle().await;
    let channel = client.subscribe("dev", "oldest").await;
    client.rx(channel, 7 + 12).await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    rig.device("dev").send(b"ne\r\n").await;
    assert_eq!(client.answer(asked).await["type"], "done");
}

#[tokio::test]
async fn what_is_no_macro_is_refused_with_its_place() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    for (steps, at) in [
        (json!([]), "steps"),
        (json!([{"wait": "a("}]), "steps[0].wait"),
        (json!([{"delay": 1}, {"dealy": 1}]), "steps[1].dealy"),
        (
            json!([{"repeat": 2, "steps": [{"pulse": "dtr=2"}]}]),
            "steps[0].steps[0].pulse",
        ),
    ] {
        let refused = client.refused(run(steps), "bad-panel").await;
        assert_eq!(refused["at"], at, "{refused}");
    }
    client.done(json!({"type": "release", "port": "dev"})).await;
    client.refused(run(endless()), "not-open").await;
    client
        .done(json!({"type": "stop", "port": "dev", "run": 12345}))
        .await;
}

#[tokio::test]
async fn a_macro_of_a_panel_is_run_by_its_name_where_the_panel_is_for_the_port() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    for (name, port) in [("ours", "dev"), ("theirs", "other")] {
        let panel = json!({
            "seriald": 1, "title": "x", "for": {"port": port},
            "macros": [{"id": "m", "title": "Say it", "steps": [{"send": "it"}, {"wait": "ok"}]}],
        });
        let path = format!("/api/v1/panels/{name}");
        let kept = ask(
            rig.server.address(),
            "PUT",
            &path,
            &[],
            panel.to_string().as_bytes(),
        )
        .await;
        assert_eq!(kept.status, 201, "{}", kept.text());
    }
    let by_name =
        |panel: &str, id: &str| json!({"type": "run", "port": "dev", "panel": panel, "macro": id});
    let asked = client.start(by_name("ours", "m")).await;
    takes(&rig, b"it").await;
    client
        .state("dev", "it runs", |port| {
            port["running"][0]["title"] == "Say it"
        })
        .await;
    rig.device("dev").send(b"ok").await;
    assert_eq!(client.answer(asked).await["type"], "done");
    for (question, code) in [
        (by_name("ours", "n"), "bad-panel"),
        (by_name("nobody's", "m"), "unknown-panel"),
        (by_name("theirs", "m"), "forbidden"),
        (
            json!({"type": "run", "port": "dev", "panel": "ours"}),
            "bad-message",
        ),
        (
            json!({"type": "run", "port": "dev", "panel": "ours", "macro": "m", "steps": []}),
            "bad-message",
        ),
    ] {
        client.refused(question, code).await;
    }
}

#[tokio::test]
async fn anyone_can_stop_a_macro_and_what_it_wrote_is_taken_back() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    other.done(json!({"type": "name", "name": "berta"})).await;
    let (asked, number) = client.start_run(run(endless())).await;
    other
        .done(json!({"type": "stop", "port": "dev", "run": number}))
        .await;
    let stopped = client.answer(asked).await;
    assert_eq!(stopped["code"], "cancelled");
    assert!(
        stopped["message"].as_str().unwrap().contains("berta"),
        "{stopped}"
    );

    // A device that takes nothing: the write that waits goes with the macro.
    let channel = other.subscribe("dev", "now").await;
    let flood = json!([{"repeat": "forever", "steps": [{"send": "x".repeat(4096)}]}]);
    let (asked, number) = client.start_run(run(flood)).await;
    other
        .state("dev", "it is held", |port| port["held"] == true)
        .await;
    let kept = other.start_write(channel, b"kept").await;
    other
        .done(json!({"type": "stop", "port": "dev", "run": number}))
        .await;
    assert_eq!(client.answer(asked).await["code"], "cancelled");
    other
        .until("it is noted", |other| {
            other.on(channel).has_note("cancelled")
        })
        .await;
    let mut taken = Vec::new();
    soon("the device reads what is left", async {
        while !taken.ends_with(b"kept") {
            taken.extend(rig.device("dev").read_some().await);
        }
    })
    .await;
    assert_eq!(other.answer(kept).await["type"], "written");
}

#[tokio::test]
async fn a_macro_ends_with_the_connection_that_started_it() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    client.start_run(run(endless())).await;
    other
        .state("dev", "it runs", |port| port["running"] != json!([]))
        .await;
    drop(client);
    other
        .state("dev", "it has ended", |port| port["running"] == json!([]))
        .await;
}

#[tokio::test]
async fn halting_ends_all_macros_and_throws_away_what_everybody_wrote() {
    let rig = Rig::start(&["dev"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    other.done(json!({"type": "name", "name": "berta"})).await;
    let channel = client.subscribe("dev", "now").await;
    let mut writes = Vec::new();
    for _ in 0..4 {
        writes.push(client.start_write(channel, &[b'w'; 50_000]).await);
    }
    let (first, _) = client.start_run(run(json!([{"send": "more"}]))).await;
    let second = client.start(run(endless())).await;
    client
        .state("dev", "both run", |port| {
            port["running"].as_array().unwrap().len() == 2
        })
        .await;
    client
        .state("dev", "it is held", |port| port["held"] == true)
        .await;
    other.done(json!({"type": "halt", "port": "dev"})).await;
    for macros in [first, second] {
        assert_eq!(client.answer(macros).await["code"], "cancelled");
    }
    for write in writes {
        let answer = client.answer(write).await;
        assert!(
            answer["type"] == "written" || answer["code"] == "cancelled",
            "{answer}"
        );
    }
    client
        .until("it is noted", |client| client.on(channel).has_note("halt"))
        .await;
    let notes = client.on(channel).notes();
    let halt = notes.iter().find(|note| note["what"] == "halt").unwrap();
    assert_eq!(halt["by"], "berta");
    assert!(
        halt["text"].as_str().unwrap().contains("2 macros"),
        "{halt}"
    );
    // What the driver had is gone too, but for what the far end of a pty holds already.
    client.write(channel, b"stop!").await;
    let mut taken = Vec::new();
    soon("the device reads the next write", async {
        while !taken.ends_with(b"stop!") {
            taken.extend(rig.device("dev").read_some().await);
        }
    })
    .await;
    assert!(taken.len() <= 4096 + 5, "{} bytes", taken.len());
    let free = client
        .state("dev", "it is free", |port| port["queued"] == 0)
        .await;
    assert_eq!(free["running"], json!([]));
}

#[tokio::test]
async fn halting_is_possible_where_nothing_goes_on_and_no_device_is_there() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    client.done(json!({"type": "halt", "port": "dev"})).await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    let halted = ask(
        rig.server.address(),
        "POST",
        "/api/v1/ports/dev/halt",
        &[],
        b"",
    )
    .await;
    assert_eq!(halted.json(), json!({"macros": 0, "bytes": 0}));
}

#[tokio::test]
async fn a_device_that_is_pulled_out_ends_the_macro_that_needs_it() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let (asked, _) = client
        .start_run(run(
            json!([{"wait": "never", "timeout": 3_600_000, "or": "go on"}]),
        ))
        .await;
    rig.device_mut("dev").unplug();
    let failed = client.answer(asked).await;
    assert_eq!(
        (&failed["code"], &failed["step"]),
        (&json!("failed"), &json!("steps[0]"))
    );
    client
        .state("dev", "it has ended", |port| port["running"] == json!([]))
        .await;
}

#[tokio::test]
async fn a_macro_without_end_or_delay_leaves_the_server_alone() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let idle = json!([{"repeat": "forever", "steps": [
        {"delay": 0},
        {"repeat": "forever", "steps": [{"repeat": 1_000_000, "steps": [{"delay": 0}]}]},
    ]}]);
    let (_, _) = client.start_run(run(idle)).await;
    let work = rig.server.process().work();
    for _ in 0..200 {
        client.done(json!({"type": "ping"})).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let hundredths = rig.server.process().work() - work;
    assert!(
        hundredths < 100,
        "{hundredths} hundredths of a second in two seconds"
    );
}

#[tokio::test]
async fn as_many_macros_run_as_may_and_no_more() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    for _ in 0..32 {
        client.start_run(run(endless())).await;
    }
    client.refused(run(endless()), "too-many").await;
    client.done(json!({"type": "halt", "port": "dev"})).await;
    let asked = client.start(run(json!([{"send": "x"}]))).await;
    assert_eq!(client.answer(asked).await["type"], "done");
}

/// A macro over HTTP, and the lines that are told of it.
struct Http;

impl Http {
    async fn run(rig: &Rig, steps: Value) -> Lines {
        let wish = json!({"steps": steps});
        Lines::post(rig.server.address(), "/api/v1/ports/dev/run", &wish).await
    }
}

#[tokio::test]
async fn over_http_each_step_is_told() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let steps =
        json!([{"send": "v?"}, {"repeat": 2, "steps": [{"wait": "v(\\d)", "timeout": 20_000}]}]);
    let mut http = Http::run(&rig, steps).await;
    let started = http.told().await;
    assert_eq!(started["type"], "started");
    takes(&rig, b"v?").await;
    assert_eq!(
        http.told().await,
        json!({"type": "step", "step": "steps[0]"})
    );
    rig.device("dev").send(b"v7").await;
    let step = http.told().await;
    assert_eq!(
        (&step["step"], &step["match"]),
        (&json!("steps[1].steps[0]"), &json!(["v7", "7"]))
    );
    rig.device("dev").send(b" v8").await;
    assert_eq!(http.told().await["text"], " v8");
    assert_eq!(http.told().await, json!({"type": "end"}));

    let mut http = Http::run(&rig, endless()).await;
    let number = http.told().await["run"].clone();
    client
        .done(json!({"type": "stop", "port": "dev", "run": number}))
        .await;
    soon("the end is told", async {
        loop {
            let told = http.told().await;
            if told["type"] == "error" {
                assert_eq!(told["code"], "cancelled");
                return;
            }
        }
    })
    .await;

    let mut http = Http::run(&rig, endless()).await;
    http.told().await;
    client
        .state("dev", "it runs", |port| port["running"] != json!([]))
        .await;
    drop(http);
    client
        .state("dev", "it has ended", |port| port["running"] == json!([]))
        .await;

    let mut rig = rig;
    let mut http = Http::run(&rig, endless()).await;
    http.told().await;
    assert!(rig.server.stop().await.success());
}
