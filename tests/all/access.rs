//! People: accounts, sessions and tokens, from their first to their last.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::rig::http::{Answer, ask, ask_from};
use crate::rig::server::{Outcome, Server, run};
use crate::rig::{Rig, soon, until};

const PASSWORD: &str = "correct horse";
const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Runs `seriald user` or `seriald token` on the data folder.
async fn people(folder: &Path, arguments: &[&str]) -> Outcome {
    let data = folder.join("data").display().to_string();
    run(&[arguments, &["--data", &data]].concat()).await
}

/// The same with something on stdin.
async fn people_with(folder: &Path, arguments: &[&str], stdin: &str) -> Outcome {
    let (path, data) = (folder.join("stdin"), folder.join("data"));
    fs::write(&path, stdin).unwrap();
    let data = data.display().to_string();
    crate::rig::server::run_with(&[arguments, &["--data", &data]].concat(), &path).await
}

/// Adds an account with that password.
async fn add(folder: &Path, name: &str, more: &[&str]) {
    let arguments = [&["user", "add", name, "--password-stdin"], more].concat();
    let added = people_with(folder, &arguments, &format!("{PASSWORD}\n")).await;
    assert_eq!(added.code, Some(0), "{}", added.stderr);
}

/// Makes a token; gives its secret.
async fn token(folder: &Path, more: &[&str]) -> String {
    let made = people(folder, &[&["token", "create", "test"], more].concat()).await;
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    made.stdout.trim().to_owned()
}

/// A server where ada administers and bob sees.
async fn lab() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "ada", &[]).await;
    add(folder.path(), "bob", &["--may", "see"]).await;
    // With accounts it answers nobody who brings nothing, so the ports are not waited for.
    Rig::closed(folder, &["dev"], &[])
}

async fn send(rig: &Rig, method: &str, path: &str, who: &str, body: Value) -> Answer {
    let headers = [JSON, as_whom(who)];
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    ask(
        rig.server.address(),
        method,
        path,
        &headers,
        body.as_bytes(),
    )
    .await
}

/// The header for a secret, or for a cookie as it was set.
fn as_whom(who: &str) -> (&str, &str) {
    match who.contains('=') {
        true => ("Cookie", who),
        false => ("Authorization", who),
    }
}

fn bearer(secret: &str) -> String {
    format!("Bearer {secret}")
}

async fn get(rig: &Rig, path: &str, who: &str) -> Answer {
    send(rig, "GET", path, who, Value::Null).await
}

async fn try_sign_in(rig: &Rig, from: u8, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password}).to_string();
    let from = IpAddr::from([127, 0, 0, from]);
    let (address, path) = (rig.server.address(), "/api/v1/session");
    ask_from(from, address, "POST", path, &[JSON], body.as_bytes()).await
}

/// Signs in; gives the cookie.
async fn sign_in(rig: &Rig, name: &str) -> String {
    let answer = try_sign_in(rig, 1, name, PASSWORD).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

/// Waits until somebody is let in, or not any more.
async fn until_status(rig: &Rig, who: &str, status: u16) {
    soon("it is answered so", async {
        while get(rig, "/api/v1/ports", who).await.status != status {}
    })
    .await;
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_micros() as u64
}

#[tokio::test]
async fn the_first_account_is_made_with_the_printed_link_and_voids_it() {
    let rig = Rig::closed(
        tempfile::tempdir().unwrap(),
        &["dev"],
        &["--listen", "0.0.0.0:0"],
    );
    let link = rig.server.printed().to_owned();
    let secret = bearer(link.split_once("#token=").unwrap().1.trim());
    let state = get(&rig, "/api/v1/session", &secret).await.json();
    assert_eq!(
        (&state["via"], &state["accounts"]),
        (&json!("server-token"), &json!(false))
    );
    assert_eq!(
        (&state["administers"], &state["name"]),
        (&json!(true), &Value::Null)
    );

    let path = "/api/v1/users";
    let ada = json!({"name": "ada", "grants": ["administer"], "password": PASSWORD});
    let refused = |field: &str, value: Value| {
        let mut wrong = ada.clone();
        wrong[field] = value;
        wrong
    };
    for (wrong, status) in [
        (refused("grants", json!(["control"])), 409),
        (refused("password", Value::Null), 409),
        (refused("password", json!("short")), 400),
        (refused("name", json!("anyone")), 400),
        (refused("grants", json!(["read"])), 400),
    ] {
        let answer = send(&rig, "POST", path, &secret, wrong).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(!answer.text().contains(PASSWORD));
    }
    assert_eq!(get(&rig, path, &secret).await.json(), json!([]));
    let made = send(&rig, "POST", path, &secret, ada).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["grants"], json!(["administer"]));
    assert_eq!(made.json()["has_password"], true);
    assert_eq!(
        get(&rig, path, &secret).await.status,
        401,
        "the link is void"
    );
    let ada = sign_in(&rig, "ada").await;
    assert_eq!(get(&rig, path, &ada).await.json()[0]["name"], "ada");
}

#[tokio::test]
async fn at_home_the_first_account_makes_the_server_ask_there_too() {
    let rig = Rig::start(&["dev"]).await;
    let state = get(&rig, "/api/v1/session", "").await.json();
    assert_eq!(
        state,
        json!({"signed_in": true, "accounts": false, "name": null, "via": "home", "administers": true,
            "grants": ["administer"], "expires": null})
    );
    let none = try_sign_in(&rig, 1, "ada", PASSWORD).await;
    assert_eq!(none.status, 401);
    assert!(none.text().contains("no accounts"), "{}", none.text());
    let ada = json!({"name": "ada", "grants": ["administer"], "password": PASSWORD});
    let made = send(&rig, "POST", "/api/v1/users", "", ada).await;
    assert_eq!(made.status, 201, "{}", made.text());
    for who in ["", "Bearer ", "Bearer wrong", "seriald_=wrong"] {
        let answer = get(&rig, "/api/v1/ports", who).await;
        assert_eq!(answer.status, 401, "{who}");
        assert!(
            answer.text().contains("seriald token create"),
            "{}",
            answer.text()
        );
    }
    let state = get(&rig, "/api/v1/session", "").await.json();
    assert_eq!(
        (&state["signed_in"], &state["accounts"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(state["via"], Value::Null);
}

#[tokio::test]
async fn a_name_and_its_password_let_in_until_one_signs_out() {
    let rig = lab().await;
    let unknown = try_sign_in(&rig, 1, "zoe", PASSWORD).await;
    let wrong = try_sign_in(&rig, 1, "bob", "wrong horse").await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.body, unknown.body, "it tells which names there are");
    let (bob, other) = (sign_in(&rig, "bob").await, sign_in(&rig, "bob").await);
    assert_ne!(bob, other);
    let state = get(&rig, "/api/v1/session", &bob).await.json();
    for (field, value) in [
        ("signed_in", json!(true)),
        ("name", json!("bob")),
        ("via", json!("session")),
        ("administers", json!(false)),
        ("grants", json!(["see"])),
    ] {
        assert_eq!(state[field], value, "{field}");
    }
    let left = state["expires"].as_u64().unwrap() - now();
    assert!(left / 1_000_000 / 3600 / 24 == 6, "{left} us of 7 days");
    let secret = bob.split_once('=').unwrap().1;
    for who in [bob.clone(), bearer(secret)] {
        assert_eq!(get(&rig, "/api/v1/ports", &who).await.status, 200);
    }
    assert_eq!(get(&rig, "/api/v1/users", &bob).await.status, 403);
    let out = send(&rig, "DELETE", "/api/v1/session", &bob, Value::Null).await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(get(&rig, "/api/v1/ports", &bob).await.status, 401);
    assert_eq!(get(&rig, "/api/v1/ports", &other).await.status, 200);
    let log = rig.server.log();
    assert!(
        log.contains("bob: sign-in from 127.0.0.1 with a wrong password"),
        "{log}"
    );
    assert!(
        !log.contains("zoe"),
        "a password in the wrong field would stand there:\n{log}"
    );
}

#[tokio::test]
async fn whoever_guesses_waits_and_nobody_else_does() {
    let rig = lab().await;
    let throttled = soon("it is enough", async {
        loop {
            let answer = try_sign_in(&rig, 1, "bob", "wrong horse").await;
            if answer.status != 401 {
                return answer;
            }
        }
    })
    .await;
    assert_eq!(throttled.status, 429, "{}", throttled.text());
    let seconds: u64 = throttled.header("retry-after").unwrap().parse().unwrap();
    let told = throttled.json();
    assert!(
        (1..=900).contains(&seconds) && told["retry_after"] == seconds,
        "{told}"
    );
    assert_eq!(told["code"], "throttled");
    // Even who knows it waits there, but not the same person elsewhere, and no other account.
    assert_eq!(try_sign_in(&rig, 1, "bob", PASSWORD).await.status, 429);
    assert_eq!(try_sign_in(&rig, 2, "bob", PASSWORD).await.status, 204);
    assert_eq!(try_sign_in(&rig, 1, "ada", PASSWORD).await.status, 204);
    soon("the wait is over", async {
        while try_sign_in(&rig, 1, "bob", PASSWORD).await.status != 204 {}
    })
    .await;
    // A name that nobody has is no different.
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(try_sign_in(&rig, 3, "zoe", PASSWORD).await.status);
    }
    assert_eq!(answers, [401, 401, 401, 429]);
}

#[tokio::test]
async fn a_token_lets_in_within_its_scope_until_it_ends() {
    let rig = lab().await;
    let (ada, bob) = (sign_in(&rig, "ada").await, sign_in(&rig, "bob").await);
    let path = "/api/v1/tokens";
    let make = async |who: &str, wish: Value| send(&rig, "POST", path, who, wish).await;
    let made = make(&bob, json!({"title": "nightly", "grants": ["type:dev"]})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let secret = bearer(made["secret"].as_str().unwrap());
    assert!(secret.starts_with("Bearer sd_"));
    let state = get(&rig, "/api/v1/session", &secret).await.json();
    assert_eq!(
        (&state["via"], &state["name"]),
        (&json!("token"), &json!("bob"))
    );
    assert_eq!(state["grants"], json!(["type:dev"]));
    assert_eq!(get(&rig, "/api/v1/ports", &secret).await.status, 200);
    // A scope neither adds rights nor makes tokens.
    let typed = send(&rig, "POST", "/api/v1/ports/dev/write", &secret, json!({})).await;
    assert_eq!(typed.status, 403, "{}", typed.text());
    for who in [&secret, ""] {
        let refused = make(who, json!({"title": "more"})).await.status;
        assert_eq!(refused, if who.is_empty() { 401 } else { 403 });
    }
    // Nor one that outlives the one that makes it.
    let soon_over = now() + 3600 * 1_000_000;
    let short = make(&bob, json!({"title": "short", "expires": soon_over}))
        .await
        .json();
    let short = bearer(short["secret"].as_str().unwrap());
    for (expires, status) in [
        (Value::Null, 403),
        (json!(soon_over + 1), 403),
        (json!(soon_over), 201),
    ] {
        let answer = make(&short, json!({"title": "next", "expires": expires})).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    // Others see and revoke it only who administer.
    assert_eq!(
        make(&bob, json!({"title": "x", "user": "ada"}))
            .await
            .status,
        403
    );
    let of_bob = get(&rig, path, &bob).await.json();
    assert_eq!(of_bob[0]["id"], made["id"]);
    assert!(of_bob[0]["last_used"].as_u64() > Some(0) && of_bob[0]["secret"].is_null());
    assert_eq!(
        get(&rig, path, &ada).await.json().as_array().unwrap().len(),
        3
    );
    let of_ada = make(&ada, json!({"title": "ada's"})).await.json();
    let revoke = async |who: &str, token: &Value| {
        let path = format!("{path}/{}", token["id"].as_str().unwrap());
        send(&rig, "DELETE", &path, who, Value::Null).await.status
    };
    assert_eq!(revoke(&bob, &of_ada).await, 404);
    assert_eq!(revoke(&ada, &made).await, 204);
    assert_eq!(get(&rig, "/api/v1/ports", &secret).await.status, 401);
    assert_eq!(revoke(&ada, &made).await, 404);
    // One that is about to end.
    let ends = now() + 1_500_000;
    let brief = make(&bob, json!({"title": "brief", "expires": ends}))
        .await
        .json();
    let brief = bearer(brief["secret"].as_str().unwrap());
    assert_eq!(get(&rig, "/api/v1/ports", &brief).await.status, 200);
    until_status(&rig, &brief, 401).await;
    assert!(now() >= ends, "it ended too early");
    assert_eq!(
        make(&bob, json!({"title": "past", "expires": 1}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn sessions_and_tokens_survive_a_restart() {
    let mut rig = lab().await;
    let (ada, out) = (sign_in(&rig, "ada").await, sign_in(&rig, "ada").await);
    send(&rig, "DELETE", "/api/v1/session", &out, Value::Null).await;
    let secret = bearer(&token(rig.folder.path(), &["--user", "bob"]).await);
    until_status(&rig, &secret, 200).await;
    assert!(rig.server.stop().await.success());
    rig.restart_closed();
    assert_eq!(get(&rig, "/api/v1/users", &ada).await.status, 200);
    assert_eq!(get(&rig, "/api/v1/ports", &secret).await.status, 200);
    assert_eq!(get(&rig, "/api/v1/ports", &out).await.status, 401);
}

#[tokio::test]
async fn another_password_ends_all_sessions_but_the_one_that_changed_it() {
    let rig = lab().await;
    let (one, other) = (sign_in(&rig, "bob").await, sign_in(&rig, "bob").await);
    let path = "/api/v1/session/password";
    let change = async |old: &str, new: &str| {
        let body = json!({"old": old, "new": new});
        send(&rig, "POST", path, &one, body).await.status
    };
    assert_eq!(change("wrong horse", "battery staple").await, 403);
    assert_eq!(change(PASSWORD, "short").await, 400);
    assert_eq!(change(PASSWORD, "battery staple").await, 204);
    assert_eq!(get(&rig, "/api/v1/ports", &one).await.status, 200);
    assert_eq!(get(&rig, "/api/v1/ports", &other).await.status, 401);
    assert_eq!(try_sign_in(&rig, 1, "bob", PASSWORD).await.status, 401);
    assert_eq!(
        try_sign_in(&rig, 1, "bob", "battery staple").await.status,
        204
    );
    // What an administrator sets ends all.
    let ada = sign_in(&rig, "ada").await;
    let body = json!({"password": PASSWORD});
    let set = send(&rig, "PATCH", "/api/v1/users/bob", &ada, body).await;
    assert_eq!(set.status, 200, "{}", set.text());
    assert_eq!(get(&rig, "/api/v1/ports", &one).await.status, 401);
}

#[tokio::test]
async fn the_command_line_changes_a_server_that_runs() {
    let rig = Rig::start(&["dev"]).await;
    let folder = rig.folder.path();
    assert_eq!(get(&rig, "/api/v1/ports", "").await.status, 200);
    add(folder, "ada", &["--json"]).await;
    until_status(&rig, "", 401).await;
    let ada = sign_in(&rig, "ada").await;
    add(
        folder,
        "bob",
        &[
            "--may",
            "see:dev",
            "--may",
            "type:rack*",
            "--group",
            "staff",
        ],
    )
    .await;
    soon("bob is listed", async {
        while get(&rig, "/api/v1/users", &ada).await.json()[1].is_null() {}
    })
    .await;
    let secret = bearer(&token(folder, &["--user", "bob", "--expires", "90d"]).await);
    until_status(&rig, &secret, 200).await;
    let listed = people(folder, &["user", "list"]).await.stdout;
    assert!(
        listed.contains("bob\tsee:dev,type:rack*\tstaff\t1\t"),
        "{listed}"
    );
    let listed = people(folder, &["token", "list", "--user", "bob", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let token = &listed[0];
    let lasts = token["expires"].as_u64().unwrap() - token["created"].as_u64().unwrap();
    // The two are taken from the clock one after the other.
    assert_eq!((lasts + 60_000_000) / 3_600_000_000, 90 * 24);
    let revoked = people(folder, &["token", "revoke", token["id"].as_str().unwrap()]).await;
    assert_eq!(revoked.code, Some(0), "{}", revoked.stderr);
    until_status(&rig, &secret, 401).await;
    let bob = sign_in(&rig, "bob").await;
    let set = people(
        folder,
        &["user", "set", "bob", "--may", "control", "--no-group"],
    )
    .await;
    assert_eq!(
        set.stdout.split('\t').nth(1),
        Some("control"),
        "{}",
        set.stderr
    );
    soon("bob may control", async {
        while get(&rig, "/api/v1/session", &bob).await.json()["grants"] != json!(["control"]) {}
    })
    .await;
    assert_eq!(
        people(folder, &["user", "remove", "bob"]).await.code,
        Some(0)
    );
    until_status(&rig, &bob, 401).await;
    for (arguments, told) in [
        (
            &["user", "remove", "ada"][..],
            "nobody could change accounts",
        ),
        (
            &["user", "set", "ada", "--may", "see"],
            "nobody could change accounts",
        ),
        (
            &["user", "password", "zoe", "--password-stdin"],
            "there are: ada",
        ),
        (&["user", "add", "zoe"], "--password-stdin"),
        (
            &["token", "create", "x", "--user", "zoe"],
            "no account \"zoe\"",
        ),
        (&["token", "revoke", "x"], "no token \"x\""),
    ] {
        let refused = people(folder, arguments).await;
        assert_eq!(refused.code, Some(1), "{arguments:?}");
        assert!(
            refused.stderr.contains(told),
            "{arguments:?}: {}",
            refused.stderr
        );
    }
}

#[tokio::test]
async fn the_last_administrator_stays_and_the_way_out_is_told() {
    let rig = lab().await;
    let ada = sign_in(&rig, "ada").await;
    let path = "/api/v1/users/ada";
    for (method, body) in [
        ("DELETE", Value::Null),
        ("PATCH", json!({"grants": ["control"]})),
    ] {
        let refused = send(&rig, method, path, &ada, body).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert_eq!(refused.json()["code"], "conflict");
        assert!(refused.text().contains("Give another one that first"));
    }
    let grants = json!({"grants": ["administer"]});
    assert_eq!(
        send(&rig, "PATCH", "/api/v1/users/bob", &ada, grants)
            .await
            .status,
        200
    );
    assert_eq!(
        send(&rig, "DELETE", path, &ada, Value::Null).await.status,
        204
    );
    assert_eq!(get(&rig, "/api/v1/users", &ada).await.status, 401);
}

#[tokio::test]
async fn a_broken_file_keeps_a_server_from_starting_but_not_from_running() {
    let mut rig = lab().await;
    let bob = sign_in(&rig, "bob").await;
    let path = rig.folder.path().join("data/people.json");
    let right = fs::read(&path).unwrap();
    fs::write(&path, "{\n\"users\": 1}").unwrap();
    until("it says so", || {
        rig.server.log().contains("people.json: invalid type")
    })
    .await;
    assert_eq!(get(&rig, "/api/v1/ports", &bob).await.status, 200);
    let listed = people(rig.folder.path(), &["user", "list"]).await;
    assert_eq!(listed.code, Some(1));
    assert!(listed.stderr.contains("line 2"), "{}", listed.stderr);
    fs::remove_file(&path).unwrap();
    until("it says so", || rig.server.log().contains("is gone")).await;
    assert_eq!(get(&rig, "/api/v1/ports", "").await.status, 401);
    fs::write(&path, &right[..right.len() / 2]).unwrap();
    assert!(rig.server.stop().await.success());
    let data = rig.folder.path().join("data").display().to_string();
    let start = ["--data", &data, "--listen", "127.0.0.1:0"];
    let started = run(&start).await;
    assert_eq!(started.code, Some(1));
    assert!(
        started.stderr.contains("people.json") && started.stderr.contains("older copy"),
        "{}",
        started.stderr
    );
    fs::write(&path, &right).unwrap();
    rig.restart_closed();
    assert_eq!(get(&rig, "/api/v1/ports", &bob).await.status, 200);
}

#[tokio::test]
async fn letting_in_everybody_and_accounts_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--no-auth"]);
    let ada = json!({"name": "ada", "grants": ["administer"], "password": PASSWORD}).to_string();
    let (address, path) = (server.address(), "/api/v1/users");
    let refused = ask(address, "POST", path, &[JSON], ada.as_bytes()).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("--no-auth"));
    // Who has a shell makes one all the same, and is taken at their word.
    add(folder.path(), "ada", &[]).await;
    soon("everybody is asked", async {
        while ask(address, "GET", path, &[], b"").await.status != 401 {}
    })
    .await;
    drop(server);
    let data = folder.path().join("data").display().to_string();
    let start = ["--data", &data, "--listen", "127.0.0.1:0", "--no-auth"];
    let started = run(&start).await;
    assert_eq!(started.code, Some(1));
    assert!(started.stderr.contains("--no-auth"), "{}", started.stderr);
}

#[tokio::test]
async fn rules_of_the_configuration_add_to_what_accounts_may() {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "ada", &[]).await;
    add(folder.path(), "bob", &["--group", "staff"]).await;
    let config = folder.path().join("s.toml");
    let rules = "[[allow]]\nwho = [\"@staff\"]\nright = \"type\"\nports = [\"rack1-*\"]\n\
                 [[allow]]\nwho = [\"anyone\"]\nright = \"see\"\nports = [\"dev\"]\n";
    fs::write(&config, rules).unwrap();
    let config = config.display().to_string();
    let rig = Rig::closed(folder, &["dev"], &["--config", &config]);
    let bob = sign_in(&rig, "bob").await;
    let state = get(&rig, "/api/v1/session", &bob).await.json();
    assert_eq!(state["grants"], json!(["type:rack1-*", "see:dev"]));
    let state = get(&rig, "/api/v1/session", "").await.json();
    assert_eq!(
        (&state["via"], &state["signed_in"]),
        (&json!("anyone"), &json!(false))
    );
    assert_eq!(state["grants"], json!(["see:dev"]));
    assert_eq!(get(&rig, "/api/v1/ports", "").await.status, 200);
    // A browser sends what it has, be it old; whoever says something is told that it is wrong.
    assert_eq!(
        get(&rig, "/api/v1/ports", "seriald_=wrong").await.status,
        200
    );
    assert_eq!(get(&rig, "/api/v1/ports", "Bearer wrong").await.status, 401);
    assert_eq!(get(&rig, "/api/v1/users", "").await.status, 403);
    assert_eq!(get(&rig, "/api/v1/tokens", "").await.status, 403);
}

#[tokio::test]
async fn a_page_that_needs_a_name_leads_to_where_one_is_asked() {
    let rig = lab().await;
    for (path, place) in [
        ("/", "console/"),
        ("/board/", "../console/"),
        ("/board/x.html", "../console/"),
    ] {
        let headers = [("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")];
        let answer = ask(rig.server.address(), "GET", path, &headers, b"").await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some(place))
        );
        assert_eq!(get(&rig, path, "").await.status, 401);
    }
    let headers = [("Accept", "text/html")];
    let answer = ask(rig.server.address(), "GET", "/api/v1/ports", &headers, b"").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn secrets_stand_nowhere_but_with_those_who_have_them() {
    let rig = lab().await;
    let cookie = sign_in(&rig, "ada").await;
    let session = cookie.split_once('=').unwrap().1;
    let secret = token(rig.folder.path(), &["--user", "bob"]).await;
    until_status(&rig, &bearer(&secret), 200).await;
    try_sign_in(&rig, 1, PASSWORD, "whatever it is").await;
    let metrics = get(&rig, "/metrics", &cookie).await;
    assert_eq!(metrics.status, 200);
    let data = rig.folder.path().join("data");
    let kept = ["people.json", "sessions.json"].map(|name| {
        let path = data.join(name);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        fs::read_to_string(path).unwrap()
    });
    assert!(kept[0].contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    let mut all = vec![rig.server.log(), metrics.text()];
    for who in [cookie.as_str(), ""] {
        for path in ["/api/v1/users", "/api/v1/tokens", "/api/v1/session"] {
            all.push(get(&rig, path, who).await.text());
        }
    }
    for text in all.iter().chain(&kept) {
        for secret in [PASSWORD, session, &secret] {
            assert!(!text.contains(secret), "{secret} stands in\n{text}");
        }
    }
    for text in &all {
        assert!(!text.contains("argon2"), "{text}");
    }
}
