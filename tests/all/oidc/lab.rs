//! A server whose people sign in at a provider, and their browsers.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;

use serde_json::Value;

use crate::rig::http::{Answer, ask};
use crate::rig::provider::Provider;
use crate::rig::{Rig, until};

/// Where one begins.
pub const BEGIN: &str = "/api/v1/session/oidc";
const RULE: &str = "[[allow]]\nwho = [\"@staff\"]\nright = \"type\"\nports = [\"dev\"]\n";

/// A server whose people sign in at a provider.
pub struct Lab {
    pub provider: Provider,
    pub rig: Rig,
}

impl Lab {
    pub async fn open() -> Self {
        Self::with("", &[]).await
    }

    /// The same with more in the configuration, below `[login.oidc]`, and flags.
    pub async fn with(more: &str, flags: &[&str]) -> Self {
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

    pub fn browser(&self) -> Browser {
        Browser {
            server: self.rig.server.address(),
            cookies: BTreeMap::new(),
        }
    }

    /// Signs somebody in who is in the way that the provider says.
    pub async fn sign_in(&self) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        browser
    }

    /// Tries that, which does not succeed; gives what the administrator finds in the log.
    pub async fn refused(&self, status: u16, log: &str) {
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
pub struct Browser {
    pub server: SocketAddr,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[("Accept", "text/html")]).await
    }

    pub async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
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

    pub fn cookie(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    pub async fn session(&mut self) -> Value {
        self.get("/api/v1/session").await.json()
    }

    /// Begins, and is sent to the provider.
    pub async fn begin(&mut self) -> String {
        let begun = self.get(BEGIN).await;
        assert_eq!(begun.status, 303, "{}", begun.text());
        begun.header("location").unwrap().to_owned()
    }

    /// Begins, signs in at the provider, and is sent back to this path.
    pub async fn there(&mut self) -> String {
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
    pub async fn sign_in(&mut self) -> Answer {
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
pub fn parted(url: &str) -> (SocketAddr, &str) {
    let rest = url.strip_prefix("http://").expect("a URL");
    let (address, _) = rest.split_once('/').expect("a path");
    (address.parse().unwrap(), &rest[address.len()..])
}
