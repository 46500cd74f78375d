//! A house: a server with accounts, each with a token of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::client::Client;
use super::http::{Answer, ask};
use super::server::{Outcome, run_with};
use super::{Rig, soon, until};

/// A server that asks everybody who they are.
pub struct House {
    pub rig: Rig,
    /// By the names of the accounts.
    secrets: BTreeMap<String, String>,
}

impl House {
    /// A server with these ports, people with what each may do, and a configuration. The first of
    /// them administers it.
    pub async fn open(ports: &[&str], people: &[(&str, &str)], config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::within(folder, ports, people, config, &[]).await
    }

    /// The same in a folder that is prepared, with flags.
    pub async fn within(
        folder: TempDir,
        ports: &[&str],
        people: &[(&str, &str)],
        config: &str,
        flags: &[&str],
    ) -> Self {
        let file = folder.path().join("seriald.toml");
        fs::write(&file, config).expect("a file");
        let mut secrets = BTreeMap::new();
        for (name, may) in people {
            let has_password = match secrets.is_empty() {
                true => "--password-stdin",
                false => "--no-password",
            };
            manage(
                folder.path(),
                &["user", "add", name, "--may", may, has_password],
            )
            .await;
            let secret = make_token(folder.path(), name, "for tests").await;
            secrets.insert((*name).to_owned(), secret);
        }
        let file = file.to_str().expect("text").to_owned();
        let flags = [&["--config", &file], flags].concat();
        let house = Self {
            rig: Rig::closed(folder, ports, &flags),
            secrets,
        };
        let opened = || house.rig.server.log().matches("opened").count() >= ports.len();
        until("all ports open", opened).await;
        house
    }

    /// The token of an account.
    pub fn secret(&self, name: &str) -> &str {
        &self.secrets[name]
    }

    /// Whether somebody with this secret is let in.
    pub async fn lets_in(&self, secret: &str) -> bool {
        let headers = [("Authorization", &*bearer(secret))];
        let address = self.rig.server.address();
        let answer = ask(address, "GET", "/api/v1/ports", &headers, b"").await;
        answer.status == 200
    }

    /// The secrets of two tokens of an account that count no more: one has ended by itself, one was
    /// revoked. The server knows of both.
    pub async fn void_tokens(&self, name: &str) -> [String; 2] {
        let folder = self.rig.folder.path();
        let expired = make_token_with(folder, name, "brief", &["--expires", "1s"]).await;
        let revoked = make_token(folder, name, "stolen").await;
        soon("the tokens are known", async {
            while !self.lets_in(&revoked).await {}
        })
        .await;
        self.token_id(name, "brief").await;
        let id = self.token_id(name, "stolen").await;
        self.manage(&["token", "revoke", &id]).await;
        let void = [expired, revoked];
        soon("neither counts any more", async {
            while self.lets_in(&void[0]).await || self.lets_in(&void[1]).await {}
        })
        .await;
        void
    }

    /// Runs a command for accounts or tokens beside the server.
    pub async fn manage(&self, arguments: &[&str]) -> Outcome {
        manage(self.rig.folder.path(), arguments).await
    }

    /// The id of the token of this title, by which it is revoked.
    pub async fn token_id(&self, name: &str, title: &str) -> String {
        let tokens = self.get(name, "/api/v1/tokens").await.json();
        let mut tokens = tokens.as_array().expect("a list").iter();
        let token = tokens.find(|token| token["title"] == title);
        token.expect("it is listed")["id"]
            .as_str()
            .expect("text")
            .to_owned()
    }

    /// Asks as somebody.
    pub async fn ask(
        &self,
        name: &str,
        (method, path): (&str, &str),
        more: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let bearer = bearer(self.secret(name));
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        let headers = [&headers[..], more].concat();
        ask(self.rig.server.address(), method, path, &headers, body).await
    }

    /// `GET` as somebody.
    pub async fn get(&self, name: &str, path: &str) -> Answer {
        self.ask(name, ("GET", path), &[], b"").await
    }

    /// A client as somebody.
    pub async fn client(&self, name: &str) -> Client {
        let bearer = bearer(self.secret(name));
        Client::connect_with(&self.rig.server, &[("authorization", &bearer)]).await
    }
}

/// What goes into the header `Authorization`.
pub fn bearer(secret: &str) -> String {
    format!("Bearer {secret}")
}

/// A new token of an account.
pub async fn make_token(folder: &Path, name: &str, title: &str) -> String {
    make_token_with(folder, name, title, &[]).await
}

/// The same with flags.
pub async fn make_token_with(folder: &Path, name: &str, title: &str, more: &[&str]) -> String {
    let create = ["token", "create", title, "--user", name];
    let made = manage(folder, &[&create, more].concat()).await;
    made.stdout.trim().to_owned()
}

/// Runs a command for accounts or tokens; a password is on stdin for those that take one.
pub async fn manage(folder: &Path, arguments: &[&str]) -> Outcome {
    let (stdin, data) = (folder.join("password"), folder.join("data"));
    fs::write(&stdin, "correct horse\n").expect("a file");
    let data = ["--data", data.to_str().expect("text")];
    let outcome = run_with(&[arguments, &data].concat(), &stdin).await;
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
    outcome
}
