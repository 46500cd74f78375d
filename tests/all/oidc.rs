//! Signing in at a provider of OpenID Connect, as browsers do it, and whatever could be tried on the way.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::rig::client::Client;
use crate::rig::http::{Answer, ask};
use crate::rig::people::manage;
use crate::rig::provider::{Provider, Signer, now};
use crate::rig::{Rig, soon, until};

const BEGIN: &str = "/api/v1/session/oidc";
const CALLBACK: &str = "/api/v1/session/oidc/callback";
const DISCOVERY: &str = "/.well-known/openid-configuration";
const RULE: &str = "[[allow]]\nwho = [\"@staff\"]\nright = \"type\"\nports = [\"dev\"]\n";

/// A server whose people sign in at a provider.
struct Lab {
    provider: Provider,
    rig: Rig,
}

impl Lab {
    async fn open() -> Self {
        Self::with("", &[]).await
    }

    /// The same with more in the configuration, below `[login.oidc]`, and flags.
    async fn with(more: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "s&cret\n").unwrap();
        let provider = Provider::start().await;
        let file = folder.path().join("seriald.toml");
        let issuer = provider.issuer();
        let config = format!(
            "[login.oidc]\nissuer = {issuer:?}\nclient_id = \"seriald\"\nclient_secret_file = {secret:?}\n\
             button = \"Sign in at the lab\"\n{more}\n{RULE}"
        );
        fs::write(&file, config).unwrap();
        let flags = [&["--config", file.to_str().unwrap()], flags].concat();
        let rig = Rig::closed(folder, &["dev"], &flags);
        until("the port opens", || rig.server.log().contains("opened")).await;
        Self { provider, rig }
    }

    fn browser(&self) -> Browser {
        Browser {
            server: self.rig.server.address(),
            cookies: BTreeMap::new(),
        }
    }

    /// Signs somebody in who is in the way that the provider says.
    async fn sign_in(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser
    }

    /// Tries that, which does not succeed; gives what the administrator finds in the log.
    async fn refused(&self, status: u16, log: &str) {
        let mut browser = self.browser();
        let answer = browser.sign_in().await;
        assert_eq!(answer.status, status, "{log}: {}", answer.text());
        assert!(answer.text().contains("You are not signed in"));
        assert!(!answer.text().contains("s&cret"));
        assert_eq!(browser.get("/api/v1/ports").await.status, 401);
        let told = self.rig.server.log();
        assert!(told.contains(log), "{log}: {told}");
        assert!(
            !told.contains("s&cret") && !told.contains("code-"),
            "{told}"
        );
    }
}

/// A browser at the server.
struct Browser {
    server: SocketAddr,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[("Accept", "text/html")]).await
    }

    async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let cookie = self.cookie();
        let headers = [headers, &[("Cookie", cookie.as_str())]].concat();
        let answer = ask(self.server, method, path, &headers, b"").await;
        for (name, value) in &answer.headers {
            if name != "set-cookie" {
                continue;
            }
            let (pair, attributes) = value.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match attributes.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    fn cookie(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    async fn session(&mut self) -> Value {
        self.get("/api/v1/session").await.json()
    }

    /// Begins, and is sent to the provider.
    async fn begin(&mut self) -> String {
        let begun = self.get(BEGIN).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        begun.header("location").unwrap().to_owned()
    }

    /// Begins, signs in at the provider, and is sent back to this path.
    async fn there(&mut self) -> String {
        let place = self.begin().await;
        self.back_from(&place).await
    }

    async fn back_from(&self, place: &str) -> String {
        let (address, path) = parted(place);
        let answer = ask(address, "GET", path, &[], b"").await;
        let back = answer.header("location").expect("a way back").to_owned();
        let (address, path) = parted(&back);
        assert_eq!(address, self.server);
        path.to_owned()
    }

    /// All of it, unless it ends before.
    async fn sign_in(&mut self) -> Answer {
        let begun = self.get(BEGIN).await;
        match begun.header("location") {
            None => begun,
            Some(place) => {
                let path = self.back_from(place).await;
                self.get(&path).await
            }
        }
    }
}

/// An address and a path.
fn parted(url: &str) -> (SocketAddr, &str) {
    let rest = url.strip_prefix("http://").expect("a URL");
    let (address, _) = rest.split_once('/').expect("a path");
    (address.parse().unwrap(), &rest[address.len()..])
}

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
