//! Whatever could be tried on the way to a provider of OpenID Connect and back, and by the provider.

use serde_json::{Value, json};

use super::lab::{BEGIN, Browser, Lab, parted};
use crate::rig::http::ask;
use crate::rig::provider::{Signer, now};

const CALLBACK: &str = "/api/v1/session/oidc/callback";
const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn what_a_token_must_not_be_lets_nobody_in() {
    let lab = Lab::open().await;
    for (name, value, log) in [
        ("iss", json!("http://127.0.0.1:1"), "it is by"),
        ("aud", json!("other"), "for another client"),
        ("aud", json!(["seriald", "other"]), "for another client"),
        ("azp", json!("other"), "for another client"),
        ("nonce", json!("other"), "of another sign-in"),
        ("nonce", Value::Null, "of another sign-in"),
        ("exp", json!(now() - 300), "clock"),
        ("iat", json!(now() + 3600), "clock"),
        ("sub", Value::Null, "who it is of"),
    ] {
        lab.provider.says().claims = [(name.to_owned(), value)].into_iter().collect();
        lab.refused(502, log).await;
    }
    lab.provider.says().claims.clear();
    let public = lab.provider.says().keys[0]["x"]
        .as_str()
        .unwrap()
        .as_bytes()
        .to_vec();
    for (signer, log) in [
        (Signer::None, "signed with \"none\""),
        (Signer::Hs256(public), "signed with \"HS256\""),
        (Signer::ed25519(66), "signature is wrong"),
        (Signer::p256(), "no key \"one\" of its kind"),
    ] {
        lab.provider.says().signer = signer;
        lab.refused(502, log).await;
    }
    lab.provider.says().signer = Signer::ed25519(1);
    for (claim, value, log) in [
        ("preferred_username", json!("a b"), "cannot be a name here"),
        (
            "preferred_username",
            json!("anyone"),
            "cannot be a name here",
        ),
        (
            "preferred_username",
            json!(7),
            "says nothing in \"preferred_username\"",
        ),
    ] {
        lab.provider.claim(claim, value);
        lab.refused(403, log).await;
    }
    lab.provider.says().claims.clear();
    lab.sign_in().await;
}

#[tokio::test]
async fn only_the_browser_that_began_ends_it_and_only_once() {
    let lab = Lab::open().await;
    lab.provider.says().careless = true;
    let (mut ada, mut eve) = (lab.browser(), lab.browser());
    let path = ada.there().await;
    let of_eve = eve.there().await;
    let state = |path: &str| {
        path.split("state=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    };
    let mixed = path.replace(&state(&path), &state(&of_eve));
    let refused = async |browser: &mut Browser, path: &str, status: u16| {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        assert_eq!(browser.get("/api/v1/ports").await.status, 401, "{path}");
    };
    for path in [
        // Another's link, none at all, and a state of nobody's.
        path.as_str(),
        CALLBACK,
        &format!("{CALLBACK}?code=x&state=x"),
        &format!("{CALLBACK}?code=x"),
    ] {
        refused(&mut eve, path, 400).await;
    }
    // What another has begun does not end with this code, whoever brings it.
    refused(&mut ada, &mixed, 400).await;
    let elsewhere = path.replace("realms%2Flab", "realms%2Fother");
    assert_ne!(elsewhere, path);
    refused(&mut ada, &elsewhere, 502).await;
    // It is used up by that.
    let cookies = ada.cookies.clone();
    refused(&mut ada, &path, 400).await;
    ada.cookies.clear();
    let path = ada.there().await;
    let attempt = ada.cookies.clone();
    assert_eq!(ada.get(&path).await.status, 200);
    let mut again = lab.browser();
    again.cookies = attempt.into_iter().chain(cookies).collect();
    refused(&mut again, &path, 400).await;
    // A code that was stolen is of no use in another attempt.
    lab.provider.says().careless = false;
    let stolen = lab.browser().there().await;
    let code = |path: &str| {
        path.split("code=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .to_owned()
    };
    let own = eve.there().await;
    refused(&mut eve, &own.replace(&code(&own), &code(&stolen)), 502).await;
}

#[tokio::test]
async fn who_is_let_in_nowhere_by_the_provider_is_told_so_on_a_page_and_in_json() {
    let lab = Lab::open().await;
    let mut browser = lab.browser();
    let path = browser.there().await;
    let denied = path.replace(
        "code=code-0",
        "error=access_denied&error_description=%3Cscript%3E",
    );
    let answer = browser.get(&denied).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(answer.text().contains("../../../../console/") && !answer.text().contains("script"));
    let answer = browser
        .ask("GET", &denied, &[("Accept", "application/json")])
        .await;
    assert_eq!(
        (answer.status, answer.code()),
        (400, "bad-message".to_owned())
    );
}

#[tokio::test]
async fn after_signing_in_one_goes_on_at_this_server_and_nowhere_else() {
    let lab = Lab::open().await;
    for (to, on) in [
        ("console/%23/dev", "console/#/dev"),
        ("board/x.html?a=b", "board/x.html?a=b"),
        ("https:%2F%2Fevil.example", "https://evil.example"),
        ("%2F%2Fevil.example", "console/"),
        ("%5C%5Cevil.example", "console/"),
        ("..%2F..%2Fx", "console/"),
        ("%22%3E%3Cscript%3E", "console/"),
    ] {
        let mut browser = lab.browser();
        let begun = browser.get(&format!("{BEGIN}?to={to}")).await;
        let place = begun.header("location").unwrap();
        let (address, path) = parted(place);
        let sent = ask(address, "GET", path, &[], b"").await;
        let (_, path) = parted(sent.header("location").unwrap());
        let answer = browser.get(path).await;
        // Behind the way up even an address is a path.
        let link = format!("url=../../../../{on}\"");
        assert!(answer.text().contains(&link), "{to}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_provider_that_is_too_large_or_another_or_open_to_others_is_not_believed() {
    let lab = Lab::open().await;
    for (name, value, log) in [
        (
            "issuer",
            json!("https://other.example"),
            "it calls itself \"https://other.example\"",
        ),
        (
            "token_endpoint",
            json!("http://id.example/token"),
            "others could read along",
        ),
        (
            "authorization_endpoint",
            json!("javascript:x"),
            "others could read along",
        ),
        (
            "jwks_uri",
            json!(format!("{}/nothing", lab.provider.issuer())),
            "it answered 404",
        ),
        ("x", json!("x".repeat(300 << 10)), "length limit exceeded"),
    ] {
        lab.provider.says().metadata = [(name.to_owned(), value)].into_iter().collect();
        lab.refused(502, log).await;
    }
    lab.provider.says().metadata.clear();
    lab.sign_in().await;
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_waited_for_and_not_for_ever() {
    let lab = Lab::open().await;
    lab.provider.says().silent = Some(DISCOVERY);
    lab.refused(502, "no whole answer came within 10 s").await;
}

#[tokio::test]
async fn attempts_without_number_cost_nothing() {
    const MANY: usize = 500;
    let lab = Lab::open().await;
    lab.sign_in().await;
    let process = lab.rig.server.process();
    let before = process.memory("VmRSS");
    for number in 0..MANY {
        let mut browser = lab.browser();
        let begun = browser
            .get(&format!("{BEGIN}?to={}", "x".repeat(1000)))
            .await;
        assert!(begun.header("location").is_some(), "{}", begun.text());
        let path = format!("{CALLBACK}?code={number}&state={number:064x}");
        assert_eq!(browser.get(&path).await.status, 400);
        // And one whose browser has forgotten that it began.
        browser.cookies.clear();
        assert_eq!(browser.get(&path).await.status, 400);
    }
    let grown = process.memory("VmRSS").saturating_sub(before);
    assert!(grown < 4 << 20, "it grew by {} KiB", grown >> 10);
    lab.sign_in().await;
}
