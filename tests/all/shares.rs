//! Share links: whoever has one comes in without an account, to one port, for a while.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rig::client::Client;
use crate::rig::http::{Answer, ask};
use crate::rig::people::{House, bearer};
use crate::rig::{Rig, soon, until};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const PEOPLE: [(&str, &str); 3] = [
    ("root", "administer"),
    ("ada", "type:d*"),
    ("vera", "see:dev"),
];
/// The code of a socket whose visitor was signed out.
const SIGNED_OUT: u16 = 4003;
const SESSION: &str = "/api/v1/session";
const SHARES: &str = "/api/v1/shares";

const OVEN: &str = r#"{"seriald": 1, "title": "Oven", "for": {"port": "dev"},
    "widgets": [
        {"id": "on", "type": "button", "at": [0, 0, 2, 1], "title": "On", "send": "on"},
        {"id": "bake", "type": "button", "at": [2, 0, 2, 1], "title": "Bake", "macro": "bake"},
        {"id": "reset", "type": "button", "at": [4, 0, 2, 1], "title": "Reset", "macro": "reset"},
        {"id": "stop", "type": "stop", "at": [6, 0, 2, 1], "title": "Stop", "send": "off"}],
    "macros": [
        {"id": "bake", "steps": [{"send": "bake"}, {"delay": 3600000}]},
        {"id": "reset", "steps": [{"pulse": "dtr=0"}]}],
    "triggers": [{"id": "hot", "title": "Hot", "on": true, "when": {"pattern": "hot"}, "do": [{"notify": "hot"}]}]}"#;

/// A server with a panel and two pages for `dev`.
async fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["panels", "www/oven", "www/arm"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    fs::write(at("panels/oven.json"), OVEN).unwrap();
    fs::write(at("panels/other.json"), OVEN.replace("Oven", "Other")).unwrap();
    for page in ["oven", "arm"] {
        let page = at("www").join(page);
        fs::write(page.join("index.html"), "<p>a page</p>").unwrap();
        fs::write(page.join("page.json"), r#"{"for": {"port": "dev"}}"#).unwrap();
    }
    let [panels, www] = ["panels", "www"].map(|name| at(name).display().to_string());
    let flags = ["--panels", &panels, "--www", &www];
    House::within(folder, &["dev", "other"], &PEOPLE, "", &flags).await
}

fn in_seconds(seconds: u64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_micros() as u64 + seconds * 1_000_000
}

/// Asks for a link as somebody.
async fn try_share(house: &House, by: &str, wish: Value) -> Answer {
    let body = wish.to_string();
    house.ask(by, ("POST", SHARES), &[], body.as_bytes()).await
}

/// Makes a link, as somebody who may.
async fn share(house: &House, by: &str, wish: Value) -> Value {
    let made = try_share(house, by, wish).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()
}

fn secret(made: &Value) -> &str {
    made["secret"].as_str().unwrap()
}

/// Opens a link, with these headers.
async fn open(rig: &Rig, secret: &str, more: &[(&str, &str)]) -> Answer {
    let body = json!({"share": secret}).to_string();
    let headers = [&[JSON], more].concat();
    let address = rig.server.address();
    ask(address, "POST", SESSION, &headers, body.as_bytes()).await
}

/// Opens a link; gives the cookie.
async fn come_in(rig: &Rig, secret: &str) -> String {
    let opened = open(rig, secret, &[]).await;
    assert_eq!(opened.status, 200, "{}", opened.text());
    let cookie = opened.header("set-cookie").expect("a cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

async fn get(rig: &Rig, path: &str, cookie: &str) -> Answer {
    ask(
        rig.server.address(),
        "GET",
        path,
        &[("Cookie", cookie)],
        b"",
    )
    .await
}

/// A client that comes with a cookie.
async fn guest(rig: &Rig, cookie: &str) -> Client {
    Client::connect_with(&rig.server, &[("cookie", cookie)]).await
}

#[tokio::test]
async fn a_link_leads_to_its_port_and_to_no_other_until_it_is_revoked() {
    let house = house().await;
    let made = share(&house, "ada", json!({"port": "dev", "title": "Open day"})).await;
    assert_eq!((&made["may"], &made["by"]), (&json!("see"), &json!("ada")));
    let day = made["expires"].as_u64().unwrap() - made["created"].as_u64().unwrap();
    assert!(day.abs_diff(24 * 3600 * 1_000_000) < 60_000_000, "{day}");
    assert_eq!(made["path"], format!("console/#{}", secret(&made)));
    let opened = open(&house.rig, secret(&made), &[]).await;
    assert_eq!(opened.json(), json!({"port": "dev", "may": "see"}));
    let kept = opened.header("set-cookie").unwrap();
    let seconds = kept.split("Max-Age=").nth(1).unwrap();
    let seconds: u64 = seconds.split(';').next().unwrap().parse().unwrap();
    assert!((86_000..=86_400).contains(&seconds), "{kept}");

    let cookie = come_in(&house.rig, secret(&made)).await;
    let state = get(&house.rig, SESSION, &cookie).await.json();
    assert_eq!(state["via"], "share");
    assert_eq!(state["leads"], json!({"port": "dev", "may": "see"}));
    assert_eq!(state["grants"], json!(["see:dev"]));
    assert_eq!(
        (&state["name"], &state["administers"]),
        (&Value::Null, &json!(false))
    );
    let mut client = guest(&house.rig, &cookie).await;
    assert_eq!(client.order, ["dev"]);
    assert_eq!(client.ports["dev"]["may"], json!(["see"]));
    client.subscribe("dev", "now").await;
    let mut ada = house.client("ada").await;
    let named = |port: &Value| port["viewers"][0]["name"] == "guest of ada (Open day)";
    ada.state("dev", "others see whose guest it is", named)
        .await;
    let name = json!({"type": "name", "name": "root"});
    assert_eq!(client.done(name).await["name"], "guest of ada (root)");

    let listed = house.get("ada", SHARES).await.json();
    assert_eq!(
        (&listed[0]["id"], &listed[0]["uses"]),
        (&made["id"], &json!(2))
    );
    assert!(listed[0]["last_used"].is_u64());
    assert!(listed[0]["secret"].is_null() && !listed.to_string().contains("hash"));
    assert_eq!(
        house.get("vera", SHARES).await.json(),
        json!([]),
        "hers are others"
    );
    assert_eq!(
        house
            .get("root", SHARES)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let one = format!("{SHARES}/{}", made["id"].as_str().unwrap());
    let others = house.ask("vera", ("DELETE", &one), &[], b"").await;
    assert_eq!(
        (others.status, others.code().as_str()),
        (404, "unknown-share")
    );
    assert_eq!(
        house.ask("ada", ("DELETE", &one), &[], b"").await.status,
        204
    );
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    assert_eq!(get(&house.rig, "/api/v1/ports", &cookie).await.status, 401);
    assert_eq!(open(&house.rig, secret(&made), &[]).await.status, 401);
}

#[tokio::test]
async fn a_link_that_never_was_one_has_ended_or_was_revoked_is_answered_alike() {
    let house = house().await;
    let wish = json!({"port": "dev", "expires": in_seconds(2)});
    let short = share(&house, "root", wish).await;
    let revoked = share(&house, "root", json!({"port": "dev"})).await;
    let cookie = come_in(&house.rig, secret(&short)).await;
    let mut client = guest(&house.rig, &cookie).await;
    let one = format!("{SHARES}/{}", revoked["id"].as_str().unwrap());
    house.ask("root", ("DELETE", &one), &[], b"").await;
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    assert_eq!(house.get("root", SHARES).await.json(), json!([]));

    let answers = [
        open(&house.rig, secret(&short), &[]).await,
        open(&house.rig, secret(&revoked), &[]).await,
        open(&house.rig, &format!("sh_{}", "0".repeat(64)), &[]).await,
    ];
    for answer in &answers {
        assert_eq!((answer.status, answer.text()), (401, answers[0].text()));
        assert!(answer.header("set-cookie").is_none());
    }
    assert!(answers[0].text().contains("ask whoever gave it to you"));
    let throttled = open(&house.rig, "sh_guessed", &[]).await;
    assert_eq!(
        (throttled.status, throttled.code().as_str()),
        (429, "throttled")
    );
    let other = share(&house, "root", json!({"port": "dev"})).await;
    let opened = open(&house.rig, secret(&other), &[]).await;
    assert_eq!(opened.status, 200, "whoever has one is not held up");
    let huge = open(&house.rig, &"s".repeat(1 << 20), &[]).await;
    assert_eq!(huge.status, 413);
    let both = json!({"share": secret(&short), "token": house.secret("ada")}).to_string();
    let address = house.rig.server.address();
    let both = ask(address, "POST", SESSION, &[JSON], both.as_bytes()).await;
    assert_eq!(both.status, 400);
}

#[tokio::test]
async fn a_link_gives_no_more_than_who_made_it_may_then_or_later() {
    let house = house().await;
    for (by, wish, status) in [
        ("vera", json!({"port": "dev", "may": "type"}), 403),
        ("vera", json!({"port": "dev", "panel": "oven"}), 403),
        ("vera", json!({"port": "other"}), 404),
        ("ada", json!({"port": "dev", "panel": "none"}), 404),
        (
            "ada",
            json!({"port": "dev", "panel": "oven", "may": "type"}),
            400,
        ),
        ("ada", json!({"port": "dev", "may": "use"}), 400),
        ("ada", json!({"port": "dev", "page": "none/"}), 400),
        (
            "ada",
            json!({"port": "dev", "page": "oven/", "offset": 0}),
            400,
        ),
        ("ada", json!({"port": "dev", "offset": 4711}), 416),
        ("ada", json!({"port": "dev", "title": ""}), 400),
        ("ada", json!({"port": "dev", "expires": 1}), 400),
        (
            "ada",
            json!({"port": "dev", "expires": in_seconds(31 * 24 * 3600)}),
            400,
        ),
    ] {
        let refused = try_share(&house, by, wish.clone()).await;
        assert_eq!(refused.status, status, "{wish} by {by}: {}", refused.text());
    }
    let scoped = ["token", "create", "x", "--user", "ada", "--may", "see"];
    let scoped = house.manage(&scoped).await.stdout;
    let made = share(&house, "ada", json!({"port": "dev", "may": "type"})).await;
    let address = house.rig.server.address();
    for no_owner in [scoped.trim(), secret(&made)] {
        let headers = [JSON, ("Authorization", &*bearer(no_owner))];
        for path in [SHARES, "/api/v1/tokens"] {
            let wish = br#"{"port": "dev", "title": "x"}"#;
            let refused = ask(address, "POST", path, &headers, wish).await;
            assert_eq!(refused.code(), "forbidden", "{path}: {}", refused.text());
        }
    }

    let cookie = come_in(&house.rig, secret(&made)).await;
    let mut client = guest(&house.rig, &cookie).await;
    let write = json!({"type": "write", "port": "dev", "text": "hi"});
    assert_eq!(client.ask(write).await["type"], "written");
    house.manage(&["user", "set", "ada", "--may", "see"]).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    let mut client = guest(&house.rig, &cookie).await;
    assert_eq!(client.ports["dev"]["may"], json!(["see"]));
    let write = json!({"type": "write", "port": "dev", "text": "x"});
    client.refused(write, "forbidden").await;
    house.manage(&["user", "remove", "ada"]).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    assert_eq!(
        get(&house.rig, SESSION, &cookie).await.json()["signed_in"],
        false
    );
}

#[tokio::test]
async fn a_guest_of_a_panel_uses_its_controls_and_nothing_else() {
    let house = house().await;
    let made = share(&house, "ada", json!({"port": "dev", "panel": "oven"})).await;
    let cookie = come_in(&house.rig, secret(&made)).await;
    let mut client = guest(&house.rig, &cookie).await;
    client
        .until("panels are told", |client| client.panels.is_some())
        .await;
    let panels = client.panels.clone().unwrap();
    assert_eq!((panels.len(), &panels[0]["name"]), (1, &json!("oven")));
    assert_eq!(client.ports["dev"]["may"], json!(["see"]));
    let press = |panel: &str, widget: &str| json!({"type": "use", "port": "dev", "panel": panel, "widget": widget});
    client.done(press("oven", "on")).await;
    assert_eq!(house.rig.device("dev").read(2).await, b"on");
    for refused in [
        press("other", "on"),
        json!({"type": "write", "port": "dev", "text": "x"}),
        json!({"type": "run", "port": "dev", "steps": [{"send": "x"}]}),
        json!({"type": "mark", "port": "dev", "text": "x"}),
        json!({"type": "sent", "port": "dev"}),
    ] {
        client.refused(refused, "forbidden").await;
    }
    // What it does takes more than typing.
    let reset = client.refused(press("oven", "reset"), "failed").await;
    assert!(
        reset["message"]
            .as_str()
            .unwrap()
            .contains("not control it")
    );
    let other = json!({"type": "run", "port": "dev", "panel": "other", "macro": "bake"});
    client.refused(other, "unknown-panel").await;
    assert_eq!(
        get(&house.rig, "/api/v1/panels/other", &cookie)
            .await
            .status,
        404
    );
    assert_eq!(
        get(&house.rig, "/api/v1/panels/oven", &cookie).await.status,
        200
    );
    assert_eq!(house.rig.device("dev").unread(), b"");

    let mut ada = house.client("ada").await;
    house.rig.device("dev").send(b"\nhot\n").await;
    ada.until("all panels tell of it", |ada| ada.alerts.len() == 2)
        .await;
    client.done(press("oven", "on")).await;
    assert_eq!(house.rig.device("dev").read(2).await, b"on");
    client
        .until("its own panel does", |client| !client.alerts.is_empty())
        .await;
    client.settle().await;
    let told = client.alerts.iter().map(|alert| &alert["panel"]);
    assert_eq!(told.collect::<Vec<_>>(), ["oven"]);

    let baking = client.start(press("oven", "bake")).await;
    assert_eq!(house.rig.device("dev").read(4).await, b"bake");
    let bakes = |port: &Value| port["running"][0]["by"] == "guest of ada (dev)";
    client.state("dev", "it bakes", bakes).await;
    client.done(press("oven", "stop")).await;
    assert_eq!(house.rig.device("dev").read(3).await, b"off");
    assert_eq!(client.answer(baking).await["code"], "cancelled");
    let script = json!({"type": "run", "port": "dev", "panel": "oven", "macro": "bake"});
    let (_, run) = client.start_run(script).await;
    client
        .done(json!({"type": "stop", "port": "dev", "run": run}))
        .await;
    client.done(json!({"type": "halt", "port": "dev"})).await;

    house.manage(&["user", "set", "ada", "--may", "see"]).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    let mut client = guest(&house.rig, &cookie).await;
    client.refused(press("oven", "on"), "forbidden").await;
}

#[tokio::test]
async fn a_guest_of_a_page_has_its_files_and_no_others() {
    let house = house().await;
    let made = share(&house, "ada", json!({"port": "dev", "page": "oven/"})).await;
    let of_page = come_in(&house.rig, secret(&made)).await;
    let made = share(&house, "ada", json!({"port": "dev"})).await;
    let of_port = come_in(&house.rig, secret(&made)).await;
    for (path, page, port) in [
        ("/oven/index.html", 200, 404),
        ("/oven/page.json", 200, 404),
        ("/arm/index.html", 404, 404),
        ("/oven/..%2farm/index.html", 404, 404),
        ("/", 404, 404),
    ] {
        assert_eq!(get(&house.rig, path, &of_page).await.status, page, "{path}");
        assert_eq!(get(&house.rig, path, &of_port).await.status, port, "{path}");
    }
    let pages = async |cookie: &str| get(&house.rig, "/api/v1/pages", cookie).await.json();
    assert_eq!(pages(&of_page).await[0]["path"], "oven/");
    assert_eq!(pages(&of_page).await.as_array().unwrap().len(), 1);
    assert_eq!(pages(&of_port).await, json!([]));
}

#[tokio::test]
async fn a_link_to_a_moment_says_where_it_is_and_of_which_journal() {
    let house = house().await;
    house.rig.device("dev").send(b"hello").await;
    let state = async || house.get("root", "/api/v1/ports/dev").await.json();
    soon("it came in", async {
        while state().await["total"]["rx"] != 5 {}
    })
    .await;
    let journal = state().await["journal"].clone();
    let (head, id) = (&journal["head"], &journal["id"]);
    let made = share(&house, "vera", json!({"port": "dev", "offset": head})).await;
    let opened = open(&house.rig, secret(&made), &[]).await.json();
    assert_eq!(
        opened,
        json!({"port": "dev", "may": "see", "offset": head, "journal": id})
    );
}

#[tokio::test]
async fn whoever_is_signed_in_stays_so_and_is_asked_where_the_link_gives_more() {
    let house = house().await;
    let see = share(&house, "ada", json!({"port": "dev"})).await;
    let types = share(&house, "ada", json!({"port": "dev", "may": "type"})).await;
    let as_vera = bearer(house.secret("vera"));
    let as_vera = [("Authorization", as_vera.as_str())];
    let kept = open(&house.rig, secret(&see), &as_vera).await;
    assert_eq!((kept.status, &kept.json()["port"]), (200, &json!("dev")));
    assert!(kept.header("set-cookie").is_none(), "vera stays vera");
    let asked = open(&house.rig, secret(&types), &as_vera).await;
    assert_eq!((asked.status, asked.code().as_str()), (409, "conflict"));
    assert!(asked.header("set-cookie").is_none());
    // A guest by one link is one by another.
    let cookie = come_in(&house.rig, secret(&see)).await;
    let again = open(&house.rig, secret(&types), &[("Cookie", &cookie)]).await;
    assert!(again.header("set-cookie").is_some());
    assert_eq!(house.get("ada", SHARES).await.json()[0]["uses"], 1);
}

#[tokio::test]
async fn links_survive_a_restart_and_only_hashes_are_kept() {
    let mut house = house().await;
    let made = share(&house, "ada", json!({"port": "dev", "may": "type"})).await;
    let cookie = come_in(&house.rig, secret(&made)).await;
    let file = house.rig.folder.path().join("data/people.json");
    let kept = fs::read_to_string(&file).unwrap();
    assert!(kept.contains("\"shares\"") && !kept.contains(secret(&made)));
    let uses = house.rig.folder.path().join("data/sessions.json");
    until("it is written down that it was opened", || {
        fs::read_to_string(&uses).is_ok_and(|text| text.contains("\"times\": 1"))
    })
    .await;
    house.rig.server.stop().await;
    assert!(!house.rig.server.log().contains(secret(&made)));
    house.rig.restart_closed();
    let state = get(&house.rig, SESSION, &cookie).await.json();
    assert_eq!(state["leads"], json!({"port": "dev", "may": "type"}));
    assert_eq!(house.get("ada", SHARES).await.json()[0]["uses"], 1);
}

/// A server without accounts that asks also those on its machine for its token, and that token.
async fn lab() -> (Rig, String) {
    let rig = Rig::closed(
        TempDir::new().unwrap(),
        &["dev"],
        &["--listen", "0.0.0.0:0"],
    );
    let link = rig.server.printed();
    let token = link.split_once("#token=").unwrap().1.trim().to_owned();
    until("the port opens", || rig.server.log().contains("opened")).await;
    (rig, token)
}

#[tokio::test]
async fn without_accounts_whoever_has_the_servers_token_shares_until_there_are_some() {
    let (rig, token) = lab().await;
    let (address, owner) = (rig.server.address(), bearer(&token));
    let headers = [JSON, ("Authorization", owner.as_str())];
    let wish = json!({"port": "dev", "may": "type"}).to_string();
    let made = ask(address, "POST", SHARES, &headers, wish.as_bytes()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made["by"], Value::Null);
    let cookie = come_in(&rig, secret(&made)).await;
    let mut client = guest(&rig, &cookie).await;
    assert_eq!(client.hello["name"], "guest (dev)");
    let write = json!({"type": "write", "port": "dev", "text": "hi"});
    client.ask(write).await;
    assert_eq!(rig.device("dev").read(2).await, b"hi");
    assert_eq!(get(&rig, "/api/v1/users", &cookie).await.status, 403);
    assert!(!rig.server.log().contains("there are accounts now"));
    let listed = ask(address, "GET", SHARES, &headers, b"").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);

    let ada = json!({"name": "ada", "grants": ["administer"], "password": "correct horse"});
    let first = ada.to_string();
    let first = ask(address, "POST", "/api/v1/users", &headers, first.as_bytes()).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(soon("it is closed", client.goodbye()).await, SIGNED_OUT);
    assert_eq!(open(&rig, secret(&made), &[]).await.status, 401);
}

#[tokio::test]
async fn at_home_nobody_needs_the_link_but_to_be_led() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address();
    let made = ask(address, "POST", SHARES, &[JSON], br#"{"port": "dev"}"#).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let opened = open(&rig, secret(&made.json()), &[]).await;
    assert_eq!(opened.json(), json!({"port": "dev", "may": "see"}));
    assert!(opened.header("set-cookie").is_none());
}

#[tokio::test]
async fn what_is_done_with_links_is_told_and_never_their_secrets() {
    let house = house().await;
    let made = share(
        &house,
        "ada",
        json!({"port": "dev", "panel": "oven", "title": "Open day"}),
    )
    .await;
    let cookie = come_in(&house.rig, secret(&made)).await;
    let mut client = guest(&house.rig, &cookie).await;
    let press = json!({"type": "use", "port": "dev", "panel": "oven", "widget": "on"});
    client.done(press).await;
    let write = json!({"type": "write", "port": "dev", "text": "x"});
    client.refused(write, "forbidden").await;
    open(&house.rig, "sh_forged", &[]).await;
    let id = made["id"].as_str().unwrap();
    let one = format!("{SHARES}/{id}");
    house.ask("ada", ("DELETE", &one), &[], b"").await;

    let folder = house.rig.folder.path().join("data/audit");
    let written = || {
        let files = fs::read_dir(&folder).into_iter().flatten();
        let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        texts.collect::<String>()
    };
    let entries = || {
        let all = written();
        let lines = all
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.collect::<Vec<_>>()
    };
    let guest = "guest of ada (Open day)";
    for told in [
        json!({"action": "share", "who": "ada", "detail": format!("{id} was made to use oven on dev: Open day")}),
        json!({"action": "sign-in", "outcome": "done", "detail": format!("with link {id}: Open day")}),
        json!({"action": "sign-in", "outcome": "refused"}),
        json!({"action": "connect", "name": guest}),
        json!({"action": "type", "name": guest, "port": "dev", "bytes": 2}),
        json!({"action": "request", "outcome": "refused", "name": guest}),
        json!({"action": "share", "who": "ada", "detail": format!("{id} was revoked")}),
    ] {
        let fits = |entry: &Value| {
            let fields = told.as_object().unwrap();
            fields.iter().all(|(name, value)| entry[name] == *value)
        };
        until(&format!("{told} is told"), || entries().iter().any(fits)).await;
    }
    assert!(!written().contains(&secret(&made)["sh_".len()..]));
}

#[tokio::test]
async fn the_shell_makes_lists_and_revokes_links() {
    let house = house().await;
    let run = async |arguments: &[&str]| {
        let ada = Some(house.secret("ada"));
        house.rig.shell_with(ada, "share", arguments, b"").await
    };
    let wish = [
        "create", "dev", "--panel", "oven", "--for", "2h", "--title", "Open day",
    ];
    let made = run(&[&wish[..], &["--url", "https://lab.example/serial/"]].concat()).await;
    let link = made.stdout.trim();
    let secret = link.strip_prefix("https://lab.example/serial/console/#");
    come_in(&house.rig, secret.expect(link)).await;
    assert!(made.stderr.contains("told once"), "{}", made.stderr);
    assert!(!made.stderr.contains("--url"), "{}", made.stderr);
    let here = run(&["create", "dev", "--type"]).await;
    assert!(
        here.stderr.contains("nobody else reaches"),
        "{}",
        here.stderr
    );

    let listed = run(&["list", "--json"]).await.stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let expires = listed[0]["expires"].as_u64().unwrap();
    assert!(expires.abs_diff(in_seconds(2 * 3600)) < 120_000_000);
    assert_eq!(
        (&listed[0]["title"], &listed[0]["uses"]),
        (&json!("Open day"), &json!(1))
    );
    let table = run(&["list"]).await.stdout;
    assert!(table.contains("Open day\tdev\tuse oven\t"), "{table}");
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(run(&["revoke", id]).await.code, Some(0));
    assert_eq!(open(&house.rig, secret.unwrap(), &[]).await.status, 401);
    let again = run(&["revoke", id]).await;
    assert!(
        again.code == Some(1) && again.stderr.contains(id),
        "{}",
        again.stderr
    );
    let unknown = run(&["create", "gps"]).await;
    assert!(
        unknown.stderr.contains("there is no port"),
        "{}",
        unknown.stderr
    );
}
