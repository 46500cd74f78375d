//! `[login]` in the configuration: who vouches for people besides their accounts.

use std::fmt;

use serde::Deserialize;

use super::oidc::Oidc;
use crate::diagnostic::{Diagnostic, Key};

/// The longest name of a header and the longest address, in bytes.
const HEADER: usize = 64;
const PLACE: usize = 512;

/// Who vouches for people.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// A reverse proxy in front of the server.
    pub proxy: Option<Proxy>,
    /// A provider of OpenID Connect.
    pub oidc: Option<Oidc>,
}

/// A reverse proxy that says who asks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// The header with the name.
    pub user: String,
    /// The header with the groups.
    pub groups: Option<String>,
    /// Where one signs out.
    pub sign_out: Option<String>,
}

impl Login {
    /// Whether anybody vouches for people.
    pub fn any(&self) -> bool {
        self.proxy.is_some() || self.oidc.is_some()
    }

    /// What is wrong with it.
    pub fn check(&self) -> Vec<Diagnostic> {
        let proxy = self.proxy.iter().flat_map(Proxy::check);
        proxy
            .chain(self.oidc.iter().flat_map(Oidc::check))
            .collect()
    }
}

pub(super) fn wrong(table: &str, key: &'static str, text: impl fmt::Display) -> Diagnostic {
    Diagnostic::error(Key::within("login", table, key), text)
}

impl Proxy {
    fn check(&self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        for (key, header) in [("user", Some(&self.user)), ("groups", self.groups.as_ref())] {
            if let Some(header) = header.filter(|header| !is_header(header)) {
                let text =
                    format!("{header:?} is no name of a header; give one such as X-Forwarded-User");
                all.push(wrong("proxy", key, text));
            }
        }
        if let Some(place) = self.sign_out.as_ref().filter(|place| !is_place(place)) {
            let text = format!(
                "{place:?} is no address; give one such as https://lab.example/oauth2/sign_out, or a path"
            );
            all.push(wrong("proxy", "sign_out", text));
        }
        all
    }
}

/// Whether a header can be called so.
fn is_header(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=HEADER).contains(&name.len()) && name.bytes().all(fits)
}

/// Whether a browser can be sent there: an address of the web, or a path.
fn is_place(text: &str) -> bool {
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_web = ["http://", "https://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    (is_path || is_web) && text.len() <= PLACE && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OIDC: &str =
        "[oidc]\nissuer = \"https://id.example/realms/lab\"\nclient_id = \"seriald\"\n";

    fn told(text: &str) -> String {
        match toml::from_str::<Login>(text) {
            Ok(login) => {
                let all = login.check();
                let all = all.iter().map(|wrong| wrong.to_string());
                all.collect::<Vec<_>>().join("\n")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_its_key_and_no_secret_is() {
        let proxy = "[proxy]\nuser = \"X-Forwarded-User\"\n";
        for (text, named) in [
            ("[proxy]\ngroups = \"x\"", "missing field `user`"),
            ("[proxy]\nuser = \"X Y\"", "[login.proxy] user \"X Y\""),
            (&format!("{proxy}groups = \"\""), "groups \"\" is no name"),
            (&format!("{proxy}sign_out = \"javascript:x\""), "sign_out"),
            (&format!("{proxy}sign_out = \"//evil.example\""), "sign_out"),
            (&format!("{proxy}header = \"x\""), "unknown field"),
            (
                &format!("{OIDC}client_secret = \"hunter2\""),
                "client_secret_file",
            ),
            (
                &format!("{OIDC}public_url = \"http://lab.example\""),
                "public_url",
            ),
            (
                &format!("{OIDC}scopes = [\"profile\"]"),
                "\"openid\" is one",
            ),
            (&format!("{OIDC}scopes = [\"openid a\"]"), "each is a word"),
            (&format!("{OIDC}button = \"\""), "button give 1 to 64"),
            (&format!("{OIDC}name_claim = \"\""), "name_claim"),
            (&format!("{OIDC}session = \"1s\""), "from 5min to 720h"),
            (&OIDC.replace("https", "http"), "issuer \"http://id.example"),
            (&OIDC.replace("lab", "lab?x"), "without ? and #"),
            (&OIDC.replace("seriald", ""), "client_id"),
        ] {
            let told = told(text);
            assert!(told.contains(named), "{text}: {told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
