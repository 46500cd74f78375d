//! What people give away whom only the provider knows: tokens for their programs, and links for guests.

use std::fs;

use serde_json::{Value, json};

use super::lab::{Browser, Lab};
use crate::rig::client::Client;
use crate::rig::http::{Answer, ask};
use crate::rig::people::{bearer, manage};
use crate::rig::provider::now;
use crate::rig::server::run;
use crate::rig::{soon, until};

const DAY: u64 = 24 * 3600;
const TOKENS: &str = "/api/v1/tokens";
const SHARES: &str = "/api/v1/shares";

/// In so many seconds, in microseconds since 1970.
fn after(seconds: u64) -> u64 {
    (now() + seconds) * 1_000_000
}

impl Lab {
    /// Asks as whoever has this secret.
    async fn ask(&self, secret: &str, method: &str, path: &str, body: &[u8]) -> Answer {
        let headers = [
            ("Authorization", &*bearer(secret)),
            ("Content-Type", "application/json"),
        ];
        ask(self.rig.server.address(), method, path, &headers, body).await
    }

    /// What somebody with this secret may, as the server says it; null where it does not count.
    async fn grants(&self, secret: &str) -> Value {
        let told = self.ask(secret, "GET", "/api/v1/session", b"").await.json();
        match told["signed_in"] == true {
            true => told["grants"].clone(),
            false => Value::Null,
        }
    }

    /// A client with this secret.
    async fn client(&self, secret: &str) -> Client {
        let headers = [("authorization", &*bearer(secret))];
        Client::connect_with(&self.rig.server, &headers).await
    }

    /// A file of the server's, while it does not run.
    fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let path = self.rig.folder.path().join("data").join(name);
        let mut all: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        change(&mut all);
        fs::write(path, all.to_string()).unwrap();
    }

    /// Stops the server, and starts it again after that.
    async fn restart(&mut self, meanwhile: impl FnOnce(&Self)) {
        assert!(self.rig.server.stop().await.success());
        meanwhile(self);
        self.rig.restart_closed();
        until("the port opens", || {
            self.rig.server.log().contains("opened")
        })
        .await;
    }
}

impl Browser {
    async fn post(&self, path: &str, wish: &Value) -> Answer {
        let headers = [
            ("Cookie", &*self.cookie()),
            ("Content-Type", "application/json"),
        ];
        ask(
            self.server,
            "POST",
            path,
            &headers,
            wish.to_string().as_bytes(),
        )
        .await
    }

    /// Makes a token that counts for a month, or what else is wished.
    async fn token(&self, more: Value) -> Value {
        let mut wish = json!({"title": "laptop", "expires": after(30 * DAY)});
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        let made = self.post(TOKENS, &wish).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()
    }
}

fn secret(made: &Value) -> &str {
    made["secret"].as_str().unwrap()
}

#[tokio::test]
async fn a_token_does_what_its_owner_may_by_the_groups_of_the_last_time() {
    let lab = Lab::open().await;
    let mut ada = lab.sign_in().await;
    let made = ada.token(json!({})).await;
    assert_eq!(made["user"], "ada");
    let rests = made["elsewhere"]["until"].as_u64().unwrap();
    assert!(rests.abs_diff(after(30 * DAY)) < 60_000_000, "{made}");
    let all = secret(&made);
    let less = ada.token(json!({"grants": ["see"]})).await;
    let link = json!({"port": "dev", "may": "type"});
    let link = ada.post(SHARES, &link).await.json();
    assert_eq!(
        (&link["by"], link["elsewhere"]["until"].as_u64()),
        (&json!("ada"), Some(rests))
    );
    let write = async |secret: &str| {
        lab.ask(secret, "POST", "/api/v1/ports/dev/write", b"x")
            .await
            .status
    };
    for (secret, writes) in [(all, 200), (secret(&less), 403), (secret(&link), 200)] {
        assert_eq!(write(secret).await, writes);
    }
    let attached = lab
        .rig
        .shell_with(Some(all), "send", &["dev", "hello"], b"")
        .await;
    assert_eq!(attached.code, Some(0), "{}", attached.stderr);
    let got = lab.rig.device("dev").read(8).await;
    assert!(got.starts_with(b"xxhello"), "{}", got.escape_ascii());
    let (mut program, mut guest) = (lab.client(all).await, lab.client(secret(&link)).await);
    assert_eq!(program.hello["name"], "ada");

    // The same again ends nothing; fewer groups end all that they gave, in the other browser too.
    lab.sign_in().await;
    program.done(json!({"type": "ping"})).await;
    lab.provider.claim("groups", json!([]));
    lab.sign_in().await;
    assert_eq!(soon("it is closed", program.goodbye()).await, 4003);
    assert_eq!(soon("it is closed", guest.goodbye()).await, 4003);
    assert_eq!(lab.grants(all).await, json!([]));
    assert_eq!(lab.grants(secret(&link)).await, Value::Null);
    assert_eq!(ada.session().await["grants"], json!([]));
    lab.provider.claim("groups", json!(["staff"]));
    lab.sign_in().await;
    assert_eq!(write(all).await, 200);
    assert_eq!(write(secret(&link)).await, 200);
}

#[tokio::test]
async fn a_token_has_to_end_and_ends_and_is_revoked_by_its_owner_and_by_administrators() {
    let lab = Lab::open().await;
    let mut ada = lab.sign_in().await;
    for expires in [Value::Null, after(91 * DAY).into()] {
        let made = ada
            .post(TOKENS, &json!({"title": "x", "expires": expires}))
            .await;
        assert_eq!((made.status, made.code()), (400, "bad-message".to_owned()));
        assert!(
            made.text().contains("in 90 days at the latest"),
            "{}",
            made.text()
        );
    }
    let made = ada
        .post(TOKENS, &json!({"title": "x", "user": "root"}))
        .await;
    assert_eq!(made.status, 403, "{}", made.text());
    // None that a token makes outlives it.
    let first = ada.token(json!({})).await;
    let wish = json!({"title": "x", "expires": after(31 * DAY)}).to_string();
    let made = lab
        .ask(secret(&first), "POST", TOKENS, wish.as_bytes())
        .await;
    assert_eq!(made.status, 403, "{}", made.text());
    let wish = json!({"title": "x", "expires": after(29 * DAY)}).to_string();
    let second = lab
        .ask(secret(&first), "POST", TOKENS, wish.as_bytes())
        .await
        .json();
    assert!(second["elsewhere"].is_object(), "{second}");

    let brief = ada
        .token(json!({"title": "brief", "expires": after(5)}))
        .await;
    soon("it ends", async {
        while lab.grants(secret(&brief)).await != Value::Null {}
    })
    .await;
    ada.token(json!({"title": "desk"})).await;
    let one = |made: &Value| format!("{TOKENS}/{}", made["id"].as_str().unwrap());
    assert_eq!(ada.ask("DELETE", &one(&second), &[]).await.status, 204);
    assert_eq!(lab.grants(secret(&second)).await, Value::Null);

    // Who administers the server sees whose they are, with an account and on the machine itself.
    let folder = lab.rig.folder.path();
    lab.provider.claim("preferred_username", json!("root"));
    manage(folder, &["user", "add", "root", "--password-stdin"]).await;
    let mut root = lab.sign_in().await;
    soon("the account counts", async {
        while root.session().await["administers"] != true {}
    })
    .await;
    let listed = root.get(TOKENS).await.json();
    assert_eq!(
        (&listed[0]["user"], &listed[0]["id"]),
        (&json!("ada"), &first["id"])
    );
    assert_eq!(
        root.get("/api/v1/users")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let list = manage(folder, &["token", "list", "--user", "ada"])
        .await
        .stdout;
    assert!(list.contains("\tada\tlaptop\t"), "{list}");
    assert!(
        !list.contains("brief"),
        "what has ended is forgotten: {list}"
    );
    let id = first["id"].as_str().unwrap();
    manage(folder, &["token", "revoke", id]).await;
    soon("it counts no more", async {
        while lab.grants(secret(&first)).await != Value::Null {}
    })
    .await;
    let data = folder.join("data");
    let create = [
        "token",
        "create",
        "x",
        "--user",
        "ada",
        "--data",
        data.to_str().unwrap(),
    ];
    let refused = run(&create).await;
    assert_ne!(refused.code, Some(0));
    assert!(
        refused.stderr.contains("seriald user add ada"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn a_token_rests_where_its_owner_did_not_come_for_thirty_days() {
    let mut lab = Lab::open().await;
    let ada = lab.sign_in().await;
    let made = ada.token(json!({})).await;
    let link = ada.post(SHARES, &json!({"port": "dev"})).await.json();
    let (token, link) = (secret(&made), secret(&link));
    for (days, counts) in [(29, true), (2, false)] {
        lab.restart(|lab| {
            lab.change("sessions.json", |all| {
                let said = &mut all["seen"]["words"]["ada"]["said"];
                *said = (said.as_u64().unwrap() - days * DAY * 1_000_000).into();
            });
        })
        .await;
        for secret in [token, link] {
            assert_eq!(lab.grants(secret).await != Value::Null, counts, "{days}");
        }
    }
    let refused = lab.ask(token, "GET", "/api/v1/ports", b"").await;
    assert_eq!(refused.status, 401);
    assert!(refused.text().contains("rests"), "{}", refused.text());
    let ended = lab.rig.shell_with(Some(token), "ports", &[], b"").await;
    assert!(ended.stderr.contains("rests"), "{}", ended.stderr);
    lab.sign_in().await;
    assert_eq!(lab.grants(token).await, json!(["type:dev"]));
    assert_ne!(lab.grants(link).await, Value::Null);
}

#[tokio::test]
async fn a_token_rests_where_nobody_vouches_any_more_or_what_was_said_is_lost() {
    let mut lab = Lab::open().await;
    let folder = lab.rig.folder.path().to_owned();
    manage(&folder, &["user", "add", "root", "--password-stdin"]).await;
    let ada = lab.sign_in().await;
    let made = ada.token(json!({})).await;
    let token = secret(&made);
    lab.restart(|_| {}).await;
    assert_eq!(lab.grants(token).await, json!(["type:dev"]));

    let file = folder.join("seriald.toml");
    let config = fs::read_to_string(&file).unwrap();
    let rule = config.find("[[allow]]").unwrap();
    lab.restart(|_| fs::write(&file, &config[rule..]).unwrap())
        .await;
    assert_eq!(lab.grants(token).await, Value::Null);
    lab.restart(|_| fs::write(&file, &config).unwrap()).await;
    lab.sign_in().await;
    assert_eq!(lab.grants(token).await, json!(["type:dev"]));

    lab.restart(|_| fs::write(folder.join("data/sessions.json"), "{").unwrap())
        .await;
    assert_eq!(lab.grants(token).await, Value::Null);
    let list = manage(&folder, &["token", "list", "--user", "ada"])
        .await
        .stdout;
    assert!(list.trim_end().ends_with("\tnow"), "{list}");
    lab.sign_in().await;
    assert_eq!(lab.grants(token).await, json!(["type:dev"]));
}
