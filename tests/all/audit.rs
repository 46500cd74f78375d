//! The audit: who did what, from where, and what came of it; and never what was typed.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::mcp::Agent;
use crate::rig::client::Client;
use crate::rig::disk::Disk;
use crate::rig::http::{Answer, Lines, ask, get};
use crate::rig::people::{make_token, manage};
use crate::rig::server::{Outcome, run};
use crate::rig::{DEADLINE, Rig, soon, until};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const BENCH: (&str, &str) = ("Seriald-Name", "bench");
/// What must stand nowhere.
const SECRET: &str = "correct-horse-battery";

/// A rig with this in its configuration.
async fn rig(config: &str, flags: &[&str]) -> Rig {
    within(tempfile::tempdir().unwrap(), config, flags).await
}

async fn within(folder: TempDir, config: &str, flags: &[&str]) -> Rig {
    let file = folder.path().join("seriald.toml");
    fs::write(&file, config).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let flags = [&["--config", file.as_str()][..], flags].concat();
    Rig::within(folder, &["dev"], &flags).await
}

fn folder(of: &TempDir) -> PathBuf {
    of.path().join("data/audit")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut all: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Everything that is written so far, oldest first.
fn entries(of: &TempDir) -> Vec<Value> {
    let texts = files(&folder(of)).into_iter().map(fs::read_to_string);
    let all: String = texts.map(Result::unwrap).collect();
    let whole = all.rfind('\n').map_or("", |end| &all[..end]);
    let lines = whole.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Waits for an entry that has all these fields.
async fn told(of: &TempDir, fields: Value) -> Value {
    let wanted = fields.as_object().unwrap();
    let fits = |entry: &Value| wanted.iter().all(|(name, value)| entry[name] == *value);
    let mut found = None;
    until(&format!("{fields} is told"), || {
        found = entries(of).into_iter().rfind(fits);
        found.is_some()
    })
    .await;
    found.unwrap()
}

async fn act(rig: &Rig, method: &str, what: &str, body: &[u8]) -> Answer {
    let path = format!("/api/v1/ports/dev{what}");
    let answer = ask(rig.server.address(), method, &path, &[JSON, BENCH], body).await;
    assert!(answer.status < 300, "{what}: {}", answer.text());
    answer
}

async fn audit(of: &TempDir, more: &[&str]) -> Outcome {
    let data = of.path().join("data");
    let arguments = ["audit", "--data", data.to_str().unwrap()];
    run(&[&arguments[..], more].concat()).await
}

#[tokio::test]
async fn every_act_is_told_with_who_from_where_by_which_door_and_on_which_port() {
    let flash = r#"
        [audit]
        [flash.cat]
        command = ["sh", "-c", "cat $1 > /dev/null", "cat", "{file}"]
    "#;
    let rig = rig(flash, &["--tcp", "dev=0", "--rfc2217", "dev=0"]).await;
    let is = |action: &str| {
        json!({"action": action, "outcome": "done", "name": "bench", "from": "127.0.0.1",
            "door": "http", "port": "dev"})
    };
    let typed = act(&rig, "POST", "/write", SECRET.as_bytes()).await.json();
    let entry = told(&rig.folder, is("type")).await;
    assert_eq!(
        (&entry["offset"], &entry["bytes"]),
        (&typed["offset"], &json!(SECRET.len()))
    );
    let until = typed["offset"].as_u64().unwrap() + SECRET.len() as u64;
    assert_eq!(entry["until"], until);
    assert!(entry["who"].is_null() && entry["client"].is_string());

    let mut agent = Agent::start(&format!("http://{}", rig.server.address()), None);
    let send = json!({"port": "dev", "text": SECRET});
    agent.done("send", send).await;
    let by_agent = json!({"action": "type", "name": "mcp", "door": "http", "port": "dev"});
    told(&rig.folder, by_agent).await;

    act(&rig, "PATCH", "", br#"{"settings": {"baud": 9600}}"#).await;
    let entry = told(&rig.folder, is("settings")).await;
    let detail = entry["detail"].as_str().unwrap();
    assert!(detail.contains("9600"), "{detail}");
    act(&rig, "POST", "/break", br#"{"ms": 1}"#).await;
    told(&rig.folder, is("break")).await;
    let mark = format!("{{\"text\": {SECRET:?}}}");
    let marked = act(&rig, "POST", "/marks", mark.as_bytes()).await.json();
    let entry = told(&rig.folder, is("mark")).await;
    assert_eq!(entry["offset"], marked["offset"]);
    act(&rig, "PUT", "/doors", br#"{"tcp": "0"}"#).await;
    told(&rig.folder, is("doors")).await;

    let steps = br#"{"steps": [{"repeat": "forever", "steps": [{"delay": 5}]}]}"#;
    let path = "/api/v1/ports/dev/run";
    let mut running = Lines::send(rig.server.address(), "POST", path, steps).await;
    let number = running.told().await["run"].as_u64().unwrap();
    let entry = told(&rig.folder, json!({"action": "macro", "port": "dev"})).await;
    assert!(entry["detail"].as_str().unwrap().contains("run"), "{entry}");
    let stop = json!({"run": number}).to_string();
    act(&rig, "POST", "/stop", stop.as_bytes()).await;
    told(&rig.folder, is("stop")).await;
    act(&rig, "POST", "/halt", b"").await;
    told(&rig.folder, is("halt")).await;

    act(&rig, "PATCH", "", br#"{"state": "released"}"#).await;
    told(&rig.folder, is("release")).await;
    act(&rig, "PATCH", "", br#"{"state": "open"}"#).await;
    told(&rig.folder, is("open")).await;
    soon("it is open", async {
        while rig.state("dev").await["state"] != "open" {}
    })
    .await;
    let path = "/flash/cat?file=blink.bin";
    act(&rig, "POST", path, b"firmware").await;
    let lent = told(&rig.folder, is("lend")).await;
    assert!(lent["detail"].as_str().unwrap().contains("cat"), "{lent}");
    let flashed = told(&rig.folder, is("flash")).await;
    let detail = flashed["detail"].as_str().unwrap();
    assert!(detail.contains("exit code 0"), "{detail}");
    told(&rig.folder, is("return")).await;
    let all = entries(&rig.folder);
    let begun = all.iter().find(|entry| entry["action"] == "flash").unwrap();
    let detail = begun["detail"].as_str().unwrap();
    assert!(
        detail.contains("blink.bin") && detail.contains("SHA-256"),
        "{detail}"
    );
    soon("it is open again", async {
        while rig.state("dev").await["state"] != "open" {}
    })
    .await;

    for (scheme, door) in [("socket", "tcp"), ("rfc2217", "rfc2217")] {
        // The address of one of them was changed above.
        let state = rig.state("dev").await;
        let address = state["doors"][door][0].as_str().unwrap().to_owned();
        let mut program = TcpStream::connect(&address).await.expect(scheme);
        program.write_all(SECRET.as_bytes()).await.unwrap();
        let by = |action: &str| json!({"action": action, "door": door, "port": "dev", "from": "127.0.0.1"});
        let came = told(&rig.folder, by("connect")).await;
        assert_eq!(
            told(&rig.folder, by("type")).await["client"],
            came["client"]
        );
        drop(program);
        // One that has ended its direction is a client until it does not answer.
        rig.device("dev").send(b"?").await;
        assert_eq!(
            told(&rig.folder, by("disconnect")).await["client"],
            came["client"]
        );
    }
    let mut client = rig.client().await;
    client.done(json!({"type": "name", "name": "anna"})).await;
    let channel = client.subscribe("dev", "now").await;
    for piece in SECRET.as_bytes().chunks(3) {
        client.write(channel, piece).await;
    }
    let by = json!({"action": "type", "door": "web", "name": "anna"});
    told(&rig.folder, by).await;
    let mine = entries(&rig.folder)
        .into_iter()
        .filter(|entry| entry["name"] == "anna");
    let bytes: u64 = mine
        .clone()
        .filter_map(|entry| entry["bytes"].as_u64())
        .sum();
    assert!(bytes <= SECRET.len() as u64 && mine.count() <= 2, "{bytes}");
    drop(client);
    told(&rig.folder, json!({"action": "disconnect", "door": "web"})).await;

    let address = rig.server.address();
    let told = [
        get(address, "/metrics").await.text(),
        get(address, "/api/v1/audit?limit=1000").await.text(),
        audit(&rig.folder, &[]).await.stdout,
        rig.server.log(),
    ];
    stand_nowhere(&rig.folder, &told, &[SECRET]);
}

/// Secrets are in the journal, perhaps, and in nothing that is told of it.
fn stand_nowhere(of: &TempDir, told: &[String], secrets: &[&str]) {
    let all = entries(of).into_iter().map(|entry| entry.to_string());
    let all: String = all.collect();
    for text in told.iter().chain([&all]) {
        assert!(!text.is_empty());
        for secret in secrets {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[tokio::test]
async fn people_are_told_by_their_accounts_and_so_is_what_they_may_not() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let send = async |who: &[(&str, &str)], method: &str, path: &str, body: Value| {
        let headers = [&[JSON], who].concat();
        ask(address, method, path, &headers, body.to_string().as_bytes()).await
    };
    let is = async |fields: Value| told(&rig.folder, fields).await;
    let by = |who: &str, action: &str, outcome: &str, detail: &str| {
        json!({"who": who, "action": action, "outcome": outcome, "detail": detail,
            "from": "127.0.0.1", "door": "http"})
    };
    let (users, session) = ("/api/v1/users", "/api/v1/session");
    // With the first account it begins by itself.
    assert!(!folder(&rig.folder).exists());
    let ada = json!({"name": "ada", "grants": ["administer"], "password": SECRET});
    assert_eq!(send(&[], "POST", users, ada).await.status, 201);
    is(json!({"action": "user", "who": null, "detail": "ada was added"})).await;
    let sign_in = async |name: &str, password: &str| {
        let wish = json!({"name": name, "password": password});
        send(&[], "POST", session, wish).await
    };
    let cookie = async |name: &str, password: &str| {
        let signed_in = sign_in(name, password).await;
        assert_eq!(signed_in.status, 204, "{}", signed_in.text());
        let cookie = signed_in.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    };
    let cookie_of_ada = cookie("ada", SECRET).await;
    is(by("ada", "sign-in", "done", "with a password")).await;
    let ada = [("Cookie", cookie_of_ada.as_str())];
    for name in ["bob", "eve"] {
        let user = json!({"name": name, "grants": ["see"], "password": SECRET});
        assert_eq!(send(&ada, "POST", users, user).await.status, 201);
        is(by("ada", "user", "done", &format!("{name} was added"))).await;
    }
    let data = rig.folder.path().join("data");
    let kim = ["user", "add", "kim", "--may", "see", "--no-password"];
    run(&[&kim[..], &["--data", data.to_str().unwrap()]].concat()).await;
    is(json!({"action": "user", "door": "shell", "detail": "kim was added"})).await;

    assert_eq!(sign_in("eve", &format!("{SECRET}!")).await.status, 401);
    is(json!({"action": "sign-in", "outcome": "refused", "who": "eve", "from": "127.0.0.1"})).await;
    // Somebody who types the password where the name belongs.
    assert_eq!(sign_in(SECRET, "eve").await.status, 401);
    is(json!({"action": "sign-in", "outcome": "refused", "who": null})).await;
    let cookie_of_eve = cookie("eve", SECRET).await;
    let eve = [("Cookie", cookie_of_eve.as_str())];
    let other = json!({"old": SECRET, "new": format!("{SECRET}?")});
    let changed = send(&eve, "POST", "/api/v1/session/password", other).await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    is(json!({"action": "password", "who": "eve", "outcome": "done"})).await;
    assert_eq!(send(&eve, "DELETE", session, Value::Null).await.status, 204);
    is(json!({"action": "sign-out", "who": "eve"})).await;

    let tokens = "/api/v1/tokens";
    let wish = json!({"title": "ci", "user": "bob"});
    let made = send(&ada, "POST", tokens, wish).await.json();
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    let (id, secret) = (text("id"), text("secret"));
    is(by(
        "ada",
        "token",
        "done",
        &format!("{id} was made for bob: ci"),
    ))
    .await;
    let bearer = format!("Bearer {secret}");
    let bob = [("Authorization", bearer.as_str())];
    let refused = send(&bob, "POST", "/api/v1/ports/dev/write", json!("x")).await;
    assert_eq!(refused.status, 403);
    let entry = json!({"action": "request", "outcome": "refused", "who": "bob", "port": "dev"});
    let entry = is(entry).await;
    let detail = entry["detail"].as_str().unwrap();
    assert!(detail.contains("not type on it"), "{detail}");
    let audit_path = "/api/v1/audit?limit=1000";
    assert_eq!(send(&bob, "GET", audit_path, Value::Null).await.status, 403);
    is(by("bob", "request", "refused", "GET /api/v1/audit")).await;
    let panel = "/api/v1/panels/oven";
    let oven = json!({"seriald": 1, "title": "Oven", "for": {"port": "dev"}, "widgets": []});
    let kept = send(&ada, "PUT", panel, oven).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    is(by("ada", "panel", "done", "oven was kept")).await;
    assert_eq!(send(&ada, "DELETE", panel, Value::Null).await.status, 204);
    is(by("ada", "panel", "done", "oven was deleted")).await;

    let client = Client::connect_with(&rig.server, &[("authorization", &bearer)]).await;
    let came = is(json!({"action": "connect", "who": "bob", "door": "web"})).await;
    drop(client);
    let left = is(json!({"action": "disconnect", "who": "bob"})).await;
    assert_eq!(left["client"], came["client"]);
    let path = format!("{tokens}/{id}");
    assert_eq!(send(&ada, "DELETE", &path, Value::Null).await.status, 204);
    is(by("ada", "token", "done", &format!("{id} was revoked"))).await;
    let late = send(&bob, "GET", "/api/v1/ports", Value::Null).await;
    assert_eq!(late.status, 401);
    let why = "without a secret that counts";
    is(json!({"action": "request", "outcome": "refused", "who": null, "detail": why})).await;

    let shown = audit(&rig.folder, &["--refused", "--who", "bob"]).await;
    assert_eq!(shown.stdout.lines().count(), 2, "{}", shown.stdout);
    let told = [
        send(&ada, "GET", "/metrics", Value::Null).await.text(),
        send(&ada, "GET", audit_path, Value::Null).await.text(),
        audit(&rig.folder, &[]).await.stdout,
        rig.server.log(),
    ];
    let secrets = [cookie_of_ada.as_str(), cookie_of_eve.as_str()];
    let secrets = secrets.map(|cookie| cookie.split_once('=').unwrap().1);
    let [ada, eve] = secrets;
    stand_nowhere(&rig.folder, &told, &[SECRET, &secret, ada, eve]);
}

#[tokio::test]
async fn accounts_that_are_made_beside_no_server_stand_in_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let add = ["user", "add", "ada", "--may", "administer"];
    manage(folder.path(), &[&add[..], &["--password-stdin"]].concat()).await;
    make_token(folder.path(), "ada", "nightly").await;
    let of_people = |folder: &TempDir| {
        let all = entries(folder).into_iter();
        let all = all.filter(|entry| entry["door"] == "shell");
        all.map(|entry| entry["detail"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let before = of_people(&folder);
    assert_eq!(before[0], "ada was added");
    assert!(
        before[1].ends_with("was made for ada: nightly"),
        "{before:?}"
    );
    let house = Rig::closed(folder, &[], &[]);
    let add = ["user", "add", "bob", "--may", "see", "--no-password"];
    manage(house.folder.path(), &add).await;
    let by_server = json!({"door": "shell", "detail": "bob was added"});
    told(&house.folder, by_server).await;
    assert_eq!(of_people(&house.folder).len(), 3);
}

#[tokio::test]
async fn it_begins_by_itself_where_others_can_come_and_is_for_its_owner_alone() {
    let mut home = Rig::start(&["dev"]).await;
    act(&home, "POST", "/write", b"x").await;
    let refused = get(home.server.address(), "/api/v1/audit").await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("[audit]"));
    assert!(home.server.stop().await.success());
    assert!(!folder(&home.folder).exists());

    let mut open = Rig::with(&["dev"], &["--listen", "0.0.0.0:0", "--no-auth"]).await;
    let begun = told(&open.folder, json!({"action": "server-start"})).await;
    let detail = begun["detail"].as_str().unwrap();
    assert!(detail.contains("0.0.0.0:"), "{detail}");
    act(&open, "POST", "/write", b"x").await;
    assert!(open.server.stop().await.success());
    let actions: Vec<_> = entries(&open.folder)
        .iter()
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(actions, ["server-start", "type", "server-stop"]);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder(&open.folder)), 0o700);
    let files = files(&folder(&open.folder));
    assert_eq!((files.len(), mode(&files[0])), (1, 0o600));

    let off = rig("[audit]\nto = []", &["--listen", "0.0.0.0:0", "--no-auth"]).await;
    act(&off, "POST", "/write", b"x").await;
    assert!(!folder(&off.folder).exists());
}

#[tokio::test]
async fn it_is_found_again_by_who_where_what_and_when_in_the_shell_and_page_by_page() {
    let rig = rig("[audit]", &[]).await;
    for n in 0..7 {
        let name = ["ada", "=bob,"][n % 2];
        let headers = [JSON, ("Seriald-Name", name)];
        let mark = json!({"text": n.to_string()}).to_string();
        let path = "/api/v1/ports/dev/marks";
        let address = rig.server.address();
        let marked = ask(address, "POST", path, &headers, mark.as_bytes()).await;
        assert_eq!(marked.status, 201);
    }
    act(&rig, "PATCH", "", br#"{"settings": {"baud": 9600}}"#).await;
    told(&rig.folder, json!({"action": "settings"})).await;

    let shown = audit(&rig.folder, &["--action", "mark", "--who", "ada"]).await;
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    assert_eq!(shown.stdout.lines().count(), 4);
    for line in shown.stdout.lines() {
        assert!(
            line.contains("ada (127.0.0.1, http): mark dev at "),
            "{line}"
        );
    }
    let json = audit(&rig.folder, &["--json", "--port", "dev", "--since", "-10m"]).await;
    let lines: Vec<Value> = json
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of_port = |entry: &Value| entry["port"] == "dev";
    let written: Vec<_> = entries(&rig.folder).into_iter().filter(of_port).collect();
    assert_eq!(lines, written);
    let table = audit(&rig.folder, &["--csv", "--action", "mark"])
        .await
        .stdout;
    let mut table = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(table.headers().unwrap().iter().next(), Some("time"));
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7);
    assert_eq!(&rows[1][4], "'=bob,", "a spreadsheet runs nothing");
    let none = audit(&rig.folder, &["--until", "-1h"]).await;
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    for (wrong, way_out) in [
        (["--action", "typing"], "`type`"),
        (["--since", "12"], "-10m"),
        (["--data", "/nowhere"], "--data"),
    ] {
        let refused = audit(&rig.folder, &wrong).await;
        assert_ne!(refused.code, Some(0));
        assert!(refused.stderr.contains(way_out), "{}", refused.stderr);
    }

    let address = rig.server.address();
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/audit?port=dev&limit=3{before}");
        let page = get(address, &path).await.json();
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 3);
        all.extend(entries.clone());
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    all.reverse();
    assert_eq!(all, written);
    let found = get(address, "/api/v1/audit?who=ada&action=mark&outcome=done").await;
    assert_eq!(found.json()["entries"].as_array().unwrap().len(), 4);
    for (wrong, way_out) in [
        ("limit=0", "1 to 1000"),
        ("limit=1001", "1 to 1000"),
        ("before=x", "next"),
        ("since=12", "-10m"),
        ("action=typing", "`type`"),
        ("whom=ada", "`who`"),
    ] {
        let refused = get(address, &format!("/api/v1/audit?{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.text().contains(way_out), "{}", refused.text());
    }
}

#[tokio::test]
async fn a_full_disk_holds_up_nobody_is_told_once_and_leaves_a_count_where_it_was_full() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mounted(&folder.path().join("data/audit"), 64) else {
        return;
    };
    let filler = disk.fill(0);
    let rig = within(folder, "[audit]", &[]).await;
    let counts = async |line: &str| {
        soon(line, async {
            let address = rig.server.address();
            while !get(address, "/metrics").await.text().contains(line) {}
        })
        .await;
    };
    counts("seriald_audit_failing 1").await;
    for _ in 0..3 {
        act(&rig, "PATCH", "", br#"{"settings": {"baud": 9600}}"#).await;
    }
    // They were tried, and not only told.
    counts("seriald_audit_lost_entries_total 4").await;
    let warned = |text: &str| rig.server.log().matches(text).count();
    assert_eq!(warned("the audit cannot be written"), 1);
    fs::remove_file(filler).unwrap();
    act(&rig, "PATCH", "", br#"{"settings": {"baud": 19200}}"#).await;
    counts("seriald_audit_failing 0").await;
    let lost = told(&rig.folder, json!({"action": "lost", "outcome": "failed"})).await;
    assert_eq!(lost["times"], 4, "the start, and three changes");
    let after = told(&rig.folder, json!({"action": "settings"})).await;
    assert!(after["detail"].as_str().unwrap().contains("19200"));
    counts("seriald_audit_lost_entries_total 4").await;
    until("it is told", || warned("the audit is written to") == 1).await;
}

#[tokio::test]
async fn a_syslog_elsewhere_gets_it_too() {
    let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
    listener.set_read_timeout(Some(DEADLINE)).unwrap();
    let address = listener.local_addr().unwrap();
    let config = format!("[audit]\nto = [\"syslog\"]\nsyslog = \"{address}\"");
    let rig = rig(&config, &[]).await;
    act(&rig, "POST", "/write", SECRET.as_bytes()).await;
    let received = tokio::task::spawn_blocking(move || {
        let mut buffer = [0; 4096];
        let receive = |_| {
            let length = listener.recv(&mut buffer).expect("a message comes");
            String::from_utf8(buffer[..length].to_vec()).unwrap()
        };
        [(), ()].map(receive)
    });
    let [start, typed] = received.await.unwrap();
    assert!(
        start.starts_with("<86>1 ") && start.contains(" server-start ["),
        "{start}"
    );
    assert!(typed.contains(" type [seriald@32473 "), "{typed}");
    assert!(typed.contains(" name=\"bench\"") && typed.contains(" port=\"dev\""));
    assert!(!typed.contains(SECRET));
    assert!(!folder(&rig.folder).exists());
}
