//! Signing in by a reverse proxy's header: from a proxy that is named, and from nobody else.

use std::fs;
use std::net::IpAddr;

use serde_json::{Value, json};

use crate::rig::client::{Client, goodbye, open};
use crate::rig::http::{Answer, ask, ask_from};
use crate::rig::people::{bearer, make_token, manage};
use crate::rig::provider::now;
use crate::rig::server::run;
use crate::rig::{Rig, soon, until};

const CONFIG: &str = "\
trusted_proxies = [\"127.0.0.1\"]

[login.proxy]
user = \"X-Forwarded-User\"
groups = \"X-Forwarded-Groups\"
sign_out = \"/oauth2/sign_out\"

[[allow]]
who = [\"@staff\"]
right = \"control\"
ports = [\"dev\"]

[[allow]]
who = [\"bob\"]
right = \"see\"
";

const ADA: (&str, &str) = ("X-Forwarded-User", "ada");
const STAFF: (&str, &str) = ("X-Forwarded-Groups", "staff,lab");

async fn lab() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    fs::write(&file, CONFIG).unwrap();
    let rig = Rig::closed(folder, &["dev"], &["--config", file.to_str().unwrap()]);
    until("the port opens", || rig.server.log().contains("opened")).await;
    rig
}

async fn get(rig: &Rig, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(rig.server.address(), "GET", path, headers, b"").await
}

async fn session(rig: &Rig, headers: &[(&str, &str)]) -> Value {
    get(rig, "/api/v1/session", headers).await.json()
}

#[tokio::test]
async fn whom_the_proxy_names_may_what_the_rules_give_to_the_name_and_its_groups() {
    let rig = lab().await;
    assert_eq!(get(&rig, "/api/v1/ports", &[]).await.status, 401);
    let nobody = session(&rig, &[]).await;
    assert_eq!(nobody["signed_in"], false);
    let logins = json!([{"kind": "proxy", "sign_out": "/oauth2/sign_out"}]);
    assert_eq!(nobody["logins"], logins);
    for (headers, grants) in [
        (&[ADA][..], json!([])),
        (&[ADA, STAFF], json!(["control:dev"])),
        (&[ADA, ("X-Forwarded-Groups", "guests")], json!([])),
        (&[("X-Forwarded-User", "bob")], json!(["see"])),
    ] {
        let told = session(&rig, headers).await;
        assert_eq!((&told["via"], &told["grants"]), (&json!("proxy"), &grants));
        assert_eq!(
            (&told["name"], &told["signed_in"]),
            (&json!(headers[0].1), &json!(true))
        );
        let ports = get(&rig, "/api/v1/ports", headers).await.json();
        let sees = grants != json!([]);
        assert_eq!(ports.as_array().unwrap().len(), usize::from(sees));
    }
    // Groups alone are nobody.
    assert_eq!(get(&rig, "/api/v1/ports", &[STAFF]).await.status, 401);
}

#[tokio::test]
async fn an_account_of_that_name_gives_its_rights_too_and_a_token_goes_before_the_proxy() {
    let rig = lab().await;
    manage(
        rig.folder.path(),
        &["user", "add", "ada", "--password-stdin"],
    )
    .await;
    manage(
        rig.folder.path(),
        &["user", "add", "ci", "--no-password", "--may", "see"],
    )
    .await;
    soon("the account counts", async {
        while session(&rig, &[ADA]).await["administers"] != true {}
    })
    .await;
    let secret = bearer(&make_token(rig.folder.path(), "ci", "nightly").await);
    let headers = [ADA, ("Authorization", secret.as_str())];
    soon("the token counts", async {
        while session(&rig, &headers).await["name"] != "ci" {}
    })
    .await;
    let logins = session(&rig, &[]).await["logins"].clone();
    assert_eq!(logins[1], json!({"kind": "password"}));
}

#[tokio::test]
async fn from_anybody_else_the_header_is_nothing_and_the_log_says_so_once() {
    let rig = lab().await;
    let (from, address) = (IpAddr::from([127, 0, 0, 9]), rig.server.address());
    let said = [ADA, STAFF, ("X-Forwarded-For", "127.0.0.1")];
    for _ in 0..3 {
        let answer = ask_from(from, address, "GET", "/api/v1/ports", &said, b"").await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(!answer.text().contains("trusted_proxies"));
    }
    let told = "x-forwarded-user came from 127.0.0.9";
    assert_eq!(
        rig.server.log().matches(told).count(),
        1,
        "{}",
        rig.server.log()
    );
}

#[tokio::test]
async fn what_is_unclear_lets_nobody_in_whatever_else_comes_with_it() {
    let rig = lab().await;
    manage(
        rig.folder.path(),
        &["user", "add", "root", "--password-stdin"],
    )
    .await;
    let body = json!({"name": "root", "password": "correct horse"}).to_string();
    let json = [("Content-Type", "application/json")];
    let (address, path) = (rig.server.address(), "/api/v1/session");
    let cookie = soon("the account counts", async {
        loop {
            let answer = ask(address, "POST", path, &json, body.as_bytes()).await;
            if let Some(cookie) = answer.header("set-cookie") {
                return cookie.split(';').next().unwrap().to_owned();
            }
        }
    })
    .await;
    let cookie = ("Cookie", cookie.as_str());
    assert_eq!(get(&rig, "/api/v1/ports", &[cookie]).await.status, 200);
    let long = "a".repeat(65);
    for headers in [
        &[("X-Forwarded-User", ""), cookie][..],
        &[("X-Forwarded-User", "programs"), cookie],
        &[("X-Forwarded-User", "ada, root"), cookie],
        &[("X-Forwarded-User", &long), cookie],
        &[ADA, ADA, cookie],
        &[ADA, ("x-forwarded-user", "root"), cookie],
        &[ADA, STAFF, STAFF, cookie],
    ] {
        let answer = get(&rig, "/api/v1/ports", headers).await;
        assert_eq!(answer.status, 401, "{headers:?}: {}", answer.text());
    }
    let log = rig.server.log();
    assert!(
        log.contains("nobody is let in from 127.0.0.1 by x-forwarded-user"),
        "{log}"
    );
    // The proxy's word goes before a cookie that was left in the browser.
    assert_eq!(session(&rig, &[ADA, cookie]).await["name"], "ada");
}

#[tokio::test]
async fn another_word_ends_what_the_last_one_opened() {
    let rig = lab().await;
    let headers = [("x-forwarded-user", "ada"), ("x-forwarded-groups", "staff")];
    let mut client = Client::connect_with(&rig.server, &headers).await;
    assert_eq!(client.hello["name"], "ada");
    assert_eq!(client.order, ["dev"]);
    let mut of_bob = open(
        &rig.server,
        "/api/v1/socket",
        &[("x-forwarded-user", "bob")],
    )
    .await
    .unwrap()
    .0;
    // The same again changes nothing.
    get(&rig, "/api/v1/ports", &[ADA, STAFF]).await;
    client.done(json!({"type": "ping"})).await;
    get(&rig, "/api/v1/ports", &[ADA]).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, 4003);
    let again = Client::connect_with(&rig.server, &headers[..1]).await;
    assert!(again.order.is_empty());
    // Others stay, until their own account changes.
    manage(
        rig.folder.path(),
        &["user", "add", "root", "--password-stdin"],
    )
    .await;
    manage(
        rig.folder.path(),
        &["user", "add", "bob", "--no-password", "--may", "type"],
    )
    .await;
    assert_eq!(goodbye(&mut of_bob).await, 4003);
}

#[tokio::test]
async fn a_token_of_whom_the_proxy_knows_goes_by_what_it_says_last() {
    let rig = lab().await;
    let address = rig.server.address();
    let json_body = ("Content-Type", "application/json");
    let expires = (now() + 3600) * 1_000_000;
    let wish = json!({"title": "laptop", "expires": expires}).to_string();
    let path = "/api/v1/tokens";
    let made = ask(
        address,
        "POST",
        path,
        &[ADA, STAFF, json_body],
        wish.as_bytes(),
    )
    .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = bearer(made.json()["secret"].as_str().unwrap());
    // Past the proxy, which knows nobody there.
    let program = [("authorization", secret.as_str())];
    let grants = async || session(&rig, &program).await["grants"].clone();
    assert_eq!(grants().await, json!(["control:dev"]));
    // So does a link of hers, and the list says until when.
    let share = async |arguments: &[&str]| {
        let of_ada = made.json()["secret"].as_str().map(str::to_owned);
        rig.shell_with(of_ada.as_deref(), "share", arguments, b"")
            .await
    };
    // Not longer than the token that makes it.
    let created = share(&["create", "dev", "--for", "30m"]).await;
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    let listed = share(&["list"]).await.stdout;
    let (heads, link) = listed.trim_end().split_once('\n').expect("a link");
    assert!(heads.ends_with("\tUSES\tRESTS"), "{listed}");
    assert!(link.contains("\tada\t") && link.ends_with('Z'), "{listed}");
    let mut client = Client::connect_with(&rig.server, &program).await;
    assert_eq!(
        (&client.hello["name"], client.order.len()),
        (&json!("ada"), 1)
    );
    get(&rig, "/api/v1/ports", &[ADA, STAFF]).await;
    client.done(json!({"type": "ping"})).await;
    get(&rig, "/api/v1/ports", &[ADA]).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, 4003);
    assert_eq!(grants().await, json!([]));
    // It stays so without an orderly end.
    let file = rig.folder.path().join("data/sessions.json");
    until("it is written down", || {
        let all: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        all["seen"]["words"]["ada"]["groups"] == json!([])
    })
    .await;
}

#[tokio::test]
async fn a_foreign_page_does_nothing_in_the_name_of_whom_the_proxy_lets_in() {
    let rig = lab().await;
    let path = "/api/v1/ports/dev/write";
    let origin = ("Origin", "https://evil.example");
    let address = rig.server.address();
    let answer = ask(address, "POST", path, &[ADA, STAFF, origin], b"x").await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let answer = ask(address, "POST", path, &[ADA, STAFF], b"x").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn what_cannot_be_is_told_at_its_line_and_the_server_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("s.toml");
    let path = file.to_str().unwrap();
    let proxy = "[login.proxy]\nuser = \"X-Forwarded-User\"\n";
    let oidc = "[login.oidc]\nissuer = \"https://id.example\"\nclient_id = \"seriald\"\n";
    for (text, told) in [
        (
            proxy.to_owned(),
            "s.toml:2:8: error: nobody may say who asks",
        ),
        (
            format!("{oidc}client_secret = \"hunter2\""),
            "name a file with client_secret_file",
        ),
        (
            format!("{oidc}client_secret_file = \"/nowhere/secret\""),
            "s.toml:4:22: error: /nowhere/secret: ",
        ),
        (format!("{oidc}isuer = \"x\""), "did you mean `issuer`?"),
    ] {
        fs::write(&file, text).unwrap();
        let checked = run(&["check-config", path]).await;
        assert_eq!(checked.code, Some(2), "{}", checked.stderr);
        assert!(checked.stderr.contains(told), "{told}: {}", checked.stderr);
        assert!(!checked.stderr.contains("hunter2"));
    }
    fs::write(&file, oidc).unwrap();
    let checked = run(&["check-config", path]).await;
    assert_ne!(checked.code, Some(2), "{}", checked.stderr);
    assert!(
        checked.stdout.contains("asks everybody who they are"),
        "{}",
        checked.stdout
    );
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let ended = run(&["--no-auth", "--data", data, "--config", path]).await;
    assert!(ended.stderr.contains("--no-auth"), "{}", ended.stderr);
}
