//! Signing in at a provider of OpenID Connect, as browsers do it.

mod given;
mod hostile;
mod lab;

use std::fs;

use serde_json::{Value, json};

use self::lab::{BEGIN, Lab, parted};
use crate::rig::client::Client;
use crate::rig::http::ask;
use crate::rig::people::manage;
use crate::rig::provider::{Provider, Signer, now};
use crate::rig::{Rig, soon};

#[tokio::test]
async fn who_signs_in_at_the_provider_may_what_the_rules_give_until_signing_out() {
    let lab = Lab::open().await;
    let mut browser = lab.browser();
    let session = browser.session().await;
    assert_eq!(
        (&session["signed_in"], &session["accounts"]),
        (&json!(false), &json!(true))
    );
    let logins = json!([{"kind": "oidc", "button": "Sign in at the lab"}]);
    assert_eq!(session["logins"], logins);
    assert_eq!(browser.get("/api/v1/ports").await.status, 401);

    let answer = browser.sign_in().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(
        answer.text().contains("url=../../../../console/\""),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let cookie = answer.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Max-Age=86400"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    // Nothing of the attempt is left.
    assert_eq!(browser.cookies.len(), 1);
    let session = browser.session().await;
    assert_eq!(
        (&session["name"], &session["via"]),
        (&json!("ada"), &json!("provider"))
    );
    assert_eq!(session["grants"], json!(["type:dev"]));
    let left = session["expires"].as_u64().unwrap() / 1_000_000 - now();
    assert!((86_000..=86_400).contains(&left), "{left}");
    let ports = browser.get("/api/v1/ports").await;
    assert_eq!(ports.status, 200);

    let cookie = browser.cookie();
    let mut client = Client::connect_with(&lab.rig.server, &[("cookie", &cookie)]).await;
    assert_eq!(client.hello["name"], "ada");
    let before = browser.cookies.clone();
    let out = browser.ask("DELETE", "/api/v1/session", &[]).await;
    assert_eq!(out.status, 204);
    assert_eq!(soon("it is closed", client.goodbye()).await, 4003);
    browser.cookies = before;
    assert_eq!(browser.get("/api/v1/ports").await.status, 401);
}

#[tokio::test]
async fn an_account_of_that_name_gives_its_rights_and_signs_in_by_itself_where_the_provider_is_away()
 {
    let lab = Lab::with("name_claim = \"name\"", &[]).await;
    manage(
        lab.rig.folder.path(),
        &["user", "add", "root", "--password-stdin"],
    )
    .await;
    lab.provider.claim("name", json!("root"));
    lab.provider.claim("groups", json!([]));
    soon("the account counts", async {
        while lab.browser().session().await["logins"]
            .as_array()
            .unwrap()
            .len()
            < 2
        {}
    })
    .await;
    let mut root = lab.sign_in().await;
    assert_eq!(root.session().await["administers"], true);
    assert_eq!(root.get("/api/v1/users").await.status, 200);

    let lab = Lab::open().await;
    manage(
        lab.rig.folder.path(),
        &["user", "add", "root", "--password-stdin"],
    )
    .await;
    lab.provider.stop();
    lab.refused(502, "Connection refused").await;
    let body = json!({"name": "root", "password": "correct horse"}).to_string();
    let headers = [("Content-Type", "application/json")];
    let address = lab.rig.server.address();
    soon("the account counts", async {
        let sign_in = async || {
            ask(
                address,
                "POST",
                "/api/v1/session",
                &headers,
                body.as_bytes(),
            )
            .await
        };
        while sign_in().await.status != 204 {}
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_signature_is_believed_that_the_provider_has_keys_for() {
    let lab = Lab::open().await;
    for signer in [Signer::rsa(), Signer::p256(), Signer::ed25519(9)] {
        {
            let mut says = lab.provider.says();
            says.keys = vec![signer.public("next")];
            says.signer = signer;
            says.key = "next".to_owned();
        }
        lab.sign_in().await;
    }
}

#[tokio::test]
async fn other_keys_are_asked_for_when_they_are_needed_and_only_then() {
    let lab = Lab::open().await;
    lab.sign_in().await;
    lab.sign_in().await;
    assert_eq!(lab.provider.says().asked["/keys"], 1);
    {
        let mut says = lab.provider.says();
        says.signer = Signer::ed25519(2);
        says.key = "two".to_owned();
    }
    lab.refused(502, "no key \"two\"").await;
    {
        let mut says = lab.provider.says();
        says.keys = vec![says.signer.public("two")];
    }
    lab.sign_in().await;
    lab.sign_in().await;
    assert_eq!(lab.provider.says().asked["/keys"], 3);
}

#[tokio::test]
async fn a_provider_that_trades_codes_elsewhere_by_now_is_asked_anew_but_not_for_each_failure() {
    let lab = Lab::open().await;
    let asked = || lab.provider.says().asked["/.well-known/openid-configuration"];
    lab.sign_in().await;
    // What strangers bring says nothing about the place.
    let mut eve = lab.browser();
    let path = eve.there().await.replace("code=code-0", "code=x");
    assert_eq!(eve.get(&path).await.status, 502);
    assert_eq!(asked(), 1);
    lab.provider.says().traded_at = "/new/token";
    lab.sign_in().await;
    assert_eq!(asked(), 2);
    lab.provider.says().traded_at = "/newer/token";
    lab.refused(502, "/new/token: it answered 404").await;
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn what_the_token_does_not_say_is_asked_for_elsewhere_of_the_same_person() {
    let lab = Lab::open().await;
    lab.sign_in().await;
    assert!(!lab.provider.says().asked.contains_key("/userinfo"));
    lab.provider.claim("groups", Value::Null);
    lab.provider.says().more =
        json!({"sub": "1", "preferred_username": "root", "groups": ["/staff"]});
    let mut ada = lab.sign_in().await;
    let session = ada.session().await;
    assert_eq!(
        (&session["name"], &session["grants"]),
        (&json!("ada"), &json!(["type:dev"]))
    );
    lab.provider.says().more["sub"] = json!("2");
    lab.refused(502, "two words on that differ").await;
}

#[tokio::test]
async fn a_client_without_a_secret_says_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::start().await;
    provider.says().secret = None;
    let file = folder.path().join("seriald.toml");
    let issuer = provider.issuer();
    let config = format!(
        "[login.oidc]\nissuer = {issuer:?}\nclient_id = \"seriald\"\npublic_url = \"https://lab.example/serial/\""
    );
    fs::write(&file, config).unwrap();
    let rig = Rig::closed(folder, &[], &["--config", file.to_str().unwrap()]);
    let lab = Lab { provider, rig };
    let mut browser = lab.browser();
    let place = browser.begin().await;
    let (address, path) = parted(&place);
    let sent = ask(address, "GET", path, &[], b"").await;
    let back = sent.header("location").unwrap();
    let path = back
        .strip_prefix("https://lab.example/serial")
        .expect("the public address");
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // Nobody gets anything by being known alone.
    assert_eq!(browser.session().await["grants"], json!([]));
    assert_eq!(browser.get("/api/v1/ports").await.json(), json!([]));
}

#[tokio::test]
async fn where_the_browser_comes_back_to_is_what_a_known_proxy_says_of_itself() {
    for (flags, redirect) in [
        (&[][..], "http%3A%2F%2Flocalhost%2Fapi"),
        (
            &["--trusted-proxies", "127.0.0.1"],
            "https%3A%2F%2Flocalhost%2Flab%2Fserial%2Fapi",
        ),
    ] {
        let lab = Lab::with("", flags).await;
        let said = [
            ("Host", "localhost"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Prefix", "/lab/serial/"),
        ];
        let begun = ask(lab.rig.server.address(), "GET", BEGIN, &said, b"").await;
        let place = begun.header("location").unwrap();
        assert!(
            place.contains(&format!("redirect_uri={redirect}")),
            "{place}"
        );
        let cookie = begun.header("set-cookie").unwrap();
        assert!(
            cookie.contains("SameSite=Lax") && cookie.contains("HttpOnly"),
            "{cookie}"
        );
        assert_eq!(cookie.contains("; Secure"), redirect.starts_with("https"));
    }
}

#[tokio::test]
async fn signed_in_survives_a_restart_and_ends_with_another_provider() {
    let mut lab = Lab::open().await;
    let mut ada = lab.sign_in().await;
    lab.rig.server.stop().await;
    lab.rig.restart_closed();
    ada.server = lab.rig.server.address();
    assert_eq!(ada.get("/api/v1/ports").await.status, 200);
    let file = lab.rig.folder.path().join("seriald.toml");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, config.replace("realms/lab", "realms/other")).unwrap();
    lab.rig.server.stop().await;
    lab.rig.restart_closed();
    ada.server = lab.rig.server.address();
    assert_eq!(ada.get("/api/v1/ports").await.status, 401);
}
