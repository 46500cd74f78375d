//! Panels: kept on the server as files, told to everybody, and used through the server, which lets nothing pass that a
//! widget does not send.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use seriald::panel::Panel;

use crate::rig::client::Client;
use crate::rig::disk::Disk;
use crate::rig::http::{Answer, Lines, ask, get};
use crate::rig::{Rig, soon};

/// One of each control, and a macro.
fn panel() -> Value {
    json!({
        "seriald": 1,
        "title": "Weather station",
        "for": {"port": "dev"},
        "widgets": [
            {"id": "fan", "at": [0, 0, 6, 2], "type": "slider", "send": "fan {value}\n", "min": 0, "max": 100},
            {"id": "led", "at": [0, 2, 3, 2], "type": "toggle", "on": "led on\n", "off": "led off\n"},
            {"id": "rate", "at": [3, 2, 3, 2], "type": "number", "send": "{{{value:2}}}", "min": 1},
            {"id": "say", "at": [0, 4, 6, 2], "type": "text", "send": "say {value}\n"},
            {"id": "mode", "at": [6, 4, 6, 2], "type": "choice", "options": [
                {"title": "a", "send": "mode a\n"}, {"title": "b", "hex": "aa 55"}]},
            {"id": "cool", "at": [6, 0, 3, 2], "title": "Cool it", "type": "button", "macro": "cool"},
            {"id": "beat", "at": [9, 0, 3, 2], "title": "Beat", "type": "button", "send": "!", "every": 100},
            {"id": "off", "at": [9, 2, 3, 2], "type": "stop", "send": "fan 0\n"},
            {"id": "t", "at": [0, 6, 3, 2], "type": "value", "follow": "temp"},
        ],
        "macros": [{"id": "cool", "title": "Cool down", "steps": [{"send": "fan 100\n"}, {"wait": "ok"}, {"send": "fan 0\n"}]}],
    })
}

fn folder(rig: &Rig) -> PathBuf {
    rig.folder.path().join("data/panels")
}

async fn put(rig: &Rig, name: &str, headers: &[(&str, &str)], panel: &Value) -> Answer {
    let path = format!("/api/v1/panels/{name}");
    ask(
        rig.server.address(),
        "PUT",
        &path,
        headers,
        panel.to_string().as_bytes(),
    )
    .await
}

/// Keeps a panel that is right, and gives its version.
async fn keep(rig: &Rig, name: &str, panel: &Value) -> String {
    let answer = put(rig, name, &[], panel).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    let version = answer.json()["version"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("etag").unwrap(), format!("\"{version}\""));
    version
}

/// Waits until a client knows the panels like that.
async fn told(client: &mut Client, what: &str, so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    client
        .until(what, |client| client.panels.as_deref().is_some_and(&so))
        .await;
    client.panels.clone().unwrap()
}

fn problem(answer: &Answer, status: u16, code: &str) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{problem}");
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_panel_that_is_kept_is_told_to_everybody_and_is_there_after_a_restart() {
    let mut rig = Rig::start(&["dev", "other"]).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    told(&mut client, "there is none", <[Value]>::is_empty).await;
    assert!(!folder(&rig).exists(), "nobody needed it");
    let version = keep(&rig, "Weather%20station", &panel()).await;
    let expected = json!({
        "name": "Weather station", "title": "Weather station", "for": {"port": "dev"}, "ports": ["dev"],
        "version": version, "stop": true, "triggers": 0, "problem": null,
    });
    for client in [&mut client, &mut other] {
        let all = told(client, "it is told", |all| !all.is_empty()).await;
        assert_eq!(all, std::slice::from_ref(&expected));
    }
    let file = get(rig.server.address(), "/api/v1/panels/Weather%20station").await;
    assert_eq!(file.json(), panel());
    assert_eq!(
        file.body,
        fs::read(folder(&rig).join("Weather station.json")).unwrap()
    );
    let path = "/api/v1/panels/Weather%20station/export";
    let exported = get(rig.server.address(), path).await;
    let disposition = exported.header("content-disposition").unwrap();
    assert_eq!(disposition, "attachment; filename=\"Weather station.json\"");
    assert_eq!(exported.body, file.body);

    drop((client, other));
    rig.server.stop().await;
    rig.restart().await;
    let list = get(rig.server.address(), "/api/v1/panels").await.json();
    assert_eq!(list, json!([expected]));
    let path = "/api/v1/panels/Weather%20station";
    let deleted = ask(rig.server.address(), "DELETE", path, &[], b"").await;
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    problem(&get(rig.server.address(), path).await, 404, "unknown-panel");
    assert_eq!(fs::read_dir(folder(&rig)).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_is_changed_by_hand_is_told_at_once_and_a_broken_one_stays_as_it_is() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    keep(&rig, "weather", &panel()).await;
    let mut edited = panel();
    edited["title"] = json!("By hand");
    fs::write(folder(&rig).join("weather.json"), edited.to_string()).unwrap();
    told(&mut client, "the edited one is told", |all| {
        all.first().is_some_and(|panel| panel["title"] == "By hand")
    })
    .await;
    let broken = "{\"seriald\": 1,\n \"title\": \"x\",\n \"widgets\" []}";
    fs::write(folder(&rig).join("weather.json"), broken).unwrap();
    fs::write(folder(&rig).join("README.md"), "none of ours").unwrap();
    let all = told(&mut client, "the problem is told", |all| {
        all.first()
            .is_some_and(|panel| panel["problem"].is_string())
    })
    .await;
    let listed = &all[0];
    assert!(
        listed["problem"].as_str().unwrap().contains("line 3"),
        "{listed}"
    );
    assert_eq!((all.len(), &listed["ports"]), (1, &json!([])));
    let touch =
        json!({"type": "use", "port": "dev", "panel": "weather", "widget": "fan", "value": 1});
    client.refused(touch, "bad-panel").await;
    let file = get(rig.server.address(), "/api/v1/panels/weather").await;
    assert_eq!((file.status, file.text().as_str()), (200, broken));
    assert_eq!(
        fs::read_to_string(folder(&rig).join("weather.json")).unwrap(),
        broken
    );
    fs::remove_dir_all(folder(&rig)).unwrap();
    told(&mut client, "there is none any more", <[Value]>::is_empty).await;
}

#[tokio::test]
async fn who_replaces_what_was_changed_meanwhile_is_told() {
    let rig = Rig::start(&["dev"]).await;
    let first = keep(&rig, "weather", &panel()).await;
    let there = put(&rig, "weather", &[("If-None-Match", "*")], &panel()).await;
    problem(&there, 412, "changed");
    let mut other = panel();
    other["title"] = json!("Other");
    let known = format!("\"{first}\"");
    let replaced = put(&rig, "weather", &[("If-Match", &known)], &other).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text());
    let late = put(&rig, "weather", &[("If-Match", &known)], &panel()).await;
    problem(&late, 412, "changed");
    let path = "/api/v1/panels/weather";
    let headers = [("If-Match", known.as_str())];
    let late = ask(rig.server.address(), "DELETE", path, &headers, b"").await;
    problem(&late, 412, "changed");
    assert_eq!(
        get(rig.server.address(), path).await.json()["title"],
        "Other"
    );
    let absent = put(&rig, "none", &[("If-Match", "*")], &panel()).await;
    problem(&absent, 412, "changed");
    let current = replaced.header("etag").unwrap();
    let headers = [("If-None-Match", current)];
    let known = ask(rig.server.address(), "GET", path, &headers, b"").await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let nonsense = put(&rig, "weather", &[("If-Match", "abc")], &panel()).await;
    problem(&nonsense, 400, "bad-message");
}

#[tokio::test]
async fn what_is_no_panel_or_no_name_is_refused_and_nothing_is_written() {
    let rig = Rig::start(&["dev"]).await;
    for name in [
        "..%2f..%2ftoken",
        "..",
        ".hidden",
        "a%2Fb",
        "a%5Cb",
        "a%00",
        "%C3%A9",
        "%20a",
        "a%0A",
        &"a".repeat(65),
    ] {
        let answer = put(&rig, name, &[], &panel()).await;
        assert!(
            [400, 404, 405].contains(&answer.status),
            "{name}: {}",
            answer.text()
        );
        let answer = get(
            rig.server.address(),
            &format!("/api/v1/panels/{name}/export"),
        )
        .await;
        assert!(
            [400, 404].contains(&answer.status),
            "{name}: {}",
            answer.text()
        );
    }
    for (change, at) in [
        (
            json!({"widgets": [{"id": "a", "type": "knob", "at": [0, 0, 1, 1]}]}),
            "widgets[0].type",
        ),
        (
            json!({"widgets": [{"id": "a", "type": "button", "at": [0, 0, 1, 1], "send": "{\u{1b}"}]}),
            "widgets[0].send",
        ),
        (
            json!({"macros": [{"id": "cool", "steps": [{"wait": "("}]}]}),
            "macros[0].steps[0].wait",
        ),
        (json!({"values": "guess"}), "values"),
        (json!({"title": "a\u{202e}\u{7}b"}), "title"),
        (json!({"seriald": 2}), "seriald"),
    ] {
        let mut panel = panel();
        panel
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let answer = put(&rig, "bad", &[], &panel).await;
        problem(&answer, 400, "bad-panel");
        let told = answer.json()["at"].as_str().unwrap().to_owned();
        assert!(told.starts_with(at), "{at}: {told}");
    }
    for body in [
        &b"\xff\xfe"[..],
        b"",
        &[b'['; 200_000],
        &[b' '; 300_000],
        &[b' '; 3_000_000],
    ] {
        let answer = ask(rig.server.address(), "PUT", "/api/v1/panels/bad", &[], body).await;
        assert!([400, 413].contains(&answer.status), "{}", answer.text());
    }
    assert!(!folder(&rig).exists(), "nothing was written");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let flag = file.join("panels").display().to_string();
    let rig = Rig::within(folder, &["dev"], &["--no-record", "--panels", &flag]).await;
    let detail = problem(&put(&rig, "a", &[], &panel()).await, 507, "device");
    assert!(
        detail.contains(&flag) && detail.contains("--panels"),
        "{detail}"
    );
    assert_eq!(
        get(rig.server.address(), "/api/v1/panels").await.json(),
        json!([])
    );
}

#[tokio::test]
async fn on_a_full_disk_the_old_panel_stays_and_the_new_one_is_refused() {
    const SIZE: usize = 128;
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("small");
    let Some(disk) = Disk::mounted(&small, SIZE) else {
        return;
    };
    let flag = small.join("panels").display().to_string();
    let rig = Rig::within(folder, &["dev"], &["--panels", &flag]).await;
    keep(&rig, "a", &panel()).await;
    let old = fs::read(small.join("panels/a.json")).unwrap();
    disk.fill(0);
    let mut large = panel();
    let text = "x".repeat(1000);
    for number in 0..40 {
        let label =
            json!({"id": format!("l{number}"), "type": "label", "at": [0, 0, 1, 1], "text": text});
        large["widgets"].as_array_mut().unwrap().push(label);
    }
    for name in ["a", "b"] {
        let detail = problem(&put(&rig, name, &[], &large).await, 507, "device");
        assert!(detail.contains("make room"), "{detail}");
    }
    assert_eq!(fs::read(small.join("panels/a.json")).unwrap(), old);
    assert_eq!(
        fs::read_dir(small.join("panels")).unwrap().count(),
        1,
        "nothing is left over"
    );
    disk.resize(2 * SIZE);
    keep(&rig, "b", &large).await;
}

#[tokio::test]
async fn a_folder_of_thousands_of_panels_is_cut_and_nothing_stops() {
    let folder = tempfile::tempdir().unwrap();
    let panels = folder.path().join("data/panels");
    fs::create_dir_all(&panels).unwrap();
    for number in 0..10_000 {
        fs::write(
            panels.join(format!("{number:05}.json")),
            "{\"seriald\": 1, \"title\": \"x\"}",
        )
        .unwrap();
    }
    let rig = Rig::within(folder, &["dev"], &[]).await;
    let list = get(rig.server.address(), "/api/v1/panels").await.json();
    assert_eq!(list.as_array().unwrap().len(), 500);
    let log = rig.server.log();
    assert!(
        log.contains("there are 10000 panels; only the first 500 are used"),
        "{log}"
    );
    let detail = problem(&put(&rig, "a", &[], &panel()).await, 409, "too-many");
    assert!(detail.contains("delete one first"), "{detail}");
    // One that is there is replaced all the same.
    keep(&rig, "00000", &panel()).await;
    let mut client = rig.client().await;
    client
        .done(json!({"type": "use", "port": "dev", "panel": "00000", "widget": "fan", "value": 1}))
        .await;
    assert_eq!(rig.device("dev").read(6).await, b"fan 1\n");
}

#[tokio::test]
async fn a_port_has_its_panels_in_any_folder_also_without_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let panels = folder.path().join("lab/panels");
    fs::create_dir_all(&panels).unwrap();
    for (name, bound) in [("a", "d*"), ("b", "?ev2"), ("c", "x")] {
        let mut panel = panel();
        panel["for"]["port"] = json!(bound);
        fs::write(panels.join(format!("{name}.json")), panel.to_string()).unwrap();
    }
    let flag = panels.display().to_string();
    let rig = Rig::within(
        folder,
        &["dev", "dev2"],
        &["--no-record", "--panels", &flag],
    )
    .await;
    let mut client = rig.client().await;
    let all = told(&mut client, "they are told", |all| all.len() == 3).await;
    let ports: Vec<_> = all.iter().map(|panel| panel["ports"].clone()).collect();
    assert_eq!(ports, [json!(["dev", "dev2"]), json!(["dev2"]), json!([])]);
    assert!(!rig.folder.path().join("data").exists());
}

#[test]
fn the_example_of_the_documentation_is_a_panel_as_the_server_writes_it() {
    let page = include_str!("../../docs/panels.md");
    let example = page
        .split("```json\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert_eq!(Panel::parse(example).unwrap().to_text(), example);
}

/// A touch of a widget of the panel.
fn touch(widget: &str, value: Value) -> Value {
    json!({"type": "use", "port": "dev", "panel": "weather", "widget": widget, "value": value})
}

#[tokio::test]
async fn a_touch_sends_what_the_widget_says_and_nothing_else() {
    let rig = Rig::start(&["dev", "other"]).await;
    keep(&rig, "weather", &panel()).await;
    let mut client = rig.client().await;
    client.done(json!({"type": "name", "name": "anna"})).await;
    let channel = client.subscribe("dev", "now").await;
    let mut sent = Vec::new();
    for (widget, value, text) in [
        ("fan", json!(21.5), "fan 21.5\n"),
        ("fan", json!(100), "fan 100\n"),
        ("led", json!(true), "led on\n"),
        ("led", json!(false), "led off\n"),
        ("rate", json!(3), "{3.00}"),
        (
            "say",
            json!("a\u{1b}[31m\nreboot\r{value}"),
            "say a[31mreboot{value}\n",
        ),
        ("mode", json!(0), "mode a\n"),
    ] {
        client.done(touch(widget, value)).await;
        assert_eq!(rig.device("dev").read(text.len()).await, text.as_bytes());
        sent.extend_from_slice(text.as_bytes());
    }
    for (widget, value, code) in [
        ("fan", json!(100.5), "bad-message"),
        ("fan", json!("0\nreboot"), "bad-message"),
        ("fan", json!(null), "bad-message"),
        ("led", json!("on"), "bad-message"),
        ("rate", json!(0), "bad-message"),
        ("say", json!(7), "bad-message"),
        ("say", json!("x".repeat(5000)), "bad-message"),
        ("mode", json!(2), "bad-message"),
        ("t", json!(1), "bad-message"),
        ("none", json!(1), "unknown-panel"),
    ] {
        client.refused(touch(widget, value), code).await;
    }
    let mut elsewhere = touch("fan", json!(1));
    elsewhere["port"] = json!("other");
    client.refused(elsewhere, "forbidden").await;
    let mut unknown = touch("fan", json!(1));
    unknown["panel"] = json!("../weather");
    client.refused(unknown, "unknown-panel").await;
    client.done(touch("mode", json!(1))).await;
    assert_eq!(rig.device("dev").read(2).await, b"\xaa\x55");
    sent.extend(b"\xaa\x55");
    client
        .until("all stands in the journal", |client| {
            client
                .on(channel)
                .tx()
                .iter()
                .map(|(_, bytes)| bytes.len())
                .sum::<usize>()
                >= sent.len()
        })
        .await;
    let typed = client.on(channel).tx();
    assert!(typed.iter().all(|(author, _)| author == "anna"));
    assert_eq!(
        typed
            .into_iter()
            .flat_map(|(_, bytes)| bytes)
            .collect::<Vec<_>>(),
        sent
    );
    assert_eq!(rig.device("other").unread(), b"");
}

#[tokio::test]
async fn a_slider_that_moves_arrives_in_its_order() {
    let rig = Rig::start(&["dev"]).await;
    keep(&rig, "weather", &panel()).await;
    let mut client = rig.client().await;
    let mut asked = Vec::new();
    for value in 0..=100 {
        asked.push(client.start(touch("fan", json!(value))).await);
    }
    let expected: String = (0..=100).map(|value| format!("fan {value}\n")).collect();
    let taken = rig.device("dev").read(expected.len()).await;
    assert_eq!(String::from_utf8(taken).unwrap(), expected);
    for id in asked {
        assert_eq!(client.answer(id).await["type"], "done");
    }
}

#[tokio::test]
async fn a_button_runs_its_macro_and_the_stop_ends_everything() {
    let rig = Rig::start(&["dev"]).await;
    keep(&rig, "weather", &panel()).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let press = json!({"type": "use", "port": "dev", "panel": "weather", "widget": "cool"});
    let asked = client.start(press.clone()).await;
    assert_eq!(rig.device("dev").read(8).await, b"fan 100\n");
    let port = other
        .state("dev", "it is seen to run", |port| {
            port["running"] != json!([])
        })
        .await;
    let running = &port["running"][0];
    let expected = ("Cool it", "weather", "cool");
    let seen = ["title", "panel", "widget"].map(|field| running[field].as_str().unwrap());
    assert_eq!((seen[0], seen[1], seen[2]), expected);
    rig.device("dev").send(b"ok\n").await;
    assert_eq!(rig.device("dev").read(6).await, b"fan 0\n");
    assert_eq!(client.answer(asked).await["type"], "done");

    let asked = client.start(press).await;
    assert_eq!(rig.device("dev").read(8).await, b"fan 100\n");
    let stop = json!({"panel": "weather", "widget": "off"}).to_string();
    let headers = [("Content-Type", "application/json")];
    let path = "/api/v1/ports/dev/use";
    let stopped = ask(
        rig.server.address(),
        "POST",
        path,
        &headers,
        stop.as_bytes(),
    )
    .await;
    assert_eq!(stopped.status, 204, "{}", stopped.text());
    assert_eq!(rig.device("dev").read(6).await, b"fan 0\n");
    assert_eq!(client.answer(asked).await["code"], "cancelled");
    other
        .state("dev", "nothing runs", |port| port["running"] == json!([]))
        .await;
}

#[tokio::test]
async fn a_switch_sends_again_and_again_until_somebody_switches_it_off_or_its_client_leaves() {
    let rig = Rig::start(&["dev"]).await;
    keep(&rig, "weather", &panel()).await;
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    for leaves in [false, true] {
        client.done(touch("beat", json!(true))).await;
        client.done(touch("beat", json!(true))).await;
        let port = other
            .state("dev", "it is on", |port| port["running"] != json!([]))
            .await;
        assert_eq!(
            port["running"].as_array().unwrap().len(),
            1,
            "it is on once"
        );
        assert_eq!(rig.device("dev").read(3).await, b"!!!");
        if leaves {
            drop(client);
            soon("it is off", async {
                other
                    .state("dev", "it is off", |port| port["running"] == json!([]))
                    .await
            })
            .await;
            return;
        }
        other.done(touch("beat", json!(false))).await;
        other
            .state("dev", "it is off", |port| port["running"] == json!([]))
            .await;
        other.done(touch("beat", json!(false))).await;
        rig.device("dev").unread();
    }
}

#[tokio::test]
async fn over_http_a_widget_is_used_too() {
    let rig = Rig::start(&["dev"]).await;
    keep(&rig, "weather", &panel()).await;
    let post = async |body: Value| {
        let headers = [("Content-Type", "application/json")];
        let path = "/api/v1/ports/dev/use";
        ask(
            rig.server.address(),
            "POST",
            path,
            &headers,
            body.to_string().as_bytes(),
        )
        .await
    };
    let used = post(json!({"panel": "weather", "widget": "fan", "value": 7})).await;
    assert_eq!(used.status, 204, "{}", used.text());
    assert_eq!(rig.device("dev").read(6).await, b"fan 7\n");
    let detail = problem(
        &post(json!({"panel": "weather", "widget": "fan", "value": 101})).await,
        400,
        "bad-message",
    );
    assert!(detail.contains("a number from 0 to 100"), "{detail}");
    problem(&post(json!({"panel": "weather"})).await, 400, "bad-message");
    assert_eq!(rig.state("dev").await["running"], json!([]));
}

#[tokio::test]
async fn over_http_a_switch_is_on_until_somebody_switches_it_off_or_the_answer_is_broken_off() {
    let rig = Rig::start(&["dev"]).await;
    keep(&rig, "weather", &panel()).await;
    let mut client = rig.client().await;
    let (address, path) = (rig.server.address(), "/api/v1/ports/dev/use");
    let switch = |on: bool| json!({"panel": "weather", "widget": "beat", "value": on});
    let post = async |on: bool| {
        let headers = [("Content-Type", "application/json")];
        let body = switch(on).to_string();
        let done = ask(address, "POST", path, &headers, body.as_bytes()).await;
        assert_eq!(done.status, 204, "{}", done.text());
    };
    for broken_off in [false, true] {
        let mut on = Lines::post(address, path, &switch(true)).await;
        let run = on.told().await["run"].clone();
        let port = client
            .state("dev", "it is on", |port| port["running"] != json!([]))
            .await;
        let running = &port["running"][0];
        assert_eq!(
            (&running["run"], &running["widget"]),
            (&run, &json!("beat"))
        );
        // It is on already, and stays whose it is.
        post(true).await;
        assert_eq!(rig.device("dev").read(3).await, b"!!!");
        assert_eq!(on.told().await["type"], "step");
        if broken_off {
            drop(on);
        } else {
            post(false).await;
            let mut last = on.told().await;
            while last["type"] == "step" {
                last = on.told().await;
            }
            assert_eq!(last["code"], "cancelled", "{last}");
        }
        client
            .state("dev", "it is off", |port| port["running"] == json!([]))
            .await;
        rig.device("dev").unread();
    }
}

#[tokio::test]
async fn a_device_that_was_away_has_its_panel_when_it_is_back() {
    let mut rig = Rig::start(&["dev"]).await;
    keep(&rig, "weather", &panel()).await;
    let mut client = rig.client().await;
    rig.device_mut("dev").unplug();
    client
        .state("dev", "it is away", |port| port["state"] == "waiting")
        .await;
    client.refused(touch("fan", json!(1)), "not-open").await;
    rig.device_mut("dev").plug();
    client
        .state("dev", "it is back", |port| port["state"] == "open")
        .await;
    client.done(touch("fan", json!(1))).await;
    assert_eq!(rig.device("dev").read(6).await, b"fan 1\n");
}
