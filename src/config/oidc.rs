//! `[login.oidc]` in the configuration: the provider of OpenID Connect that vouches for people.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::login::wrong;
use super::quantity::duration;
use crate::diagnostic::{Diagnostic, Severity};

/// The longest text of a button, in characters, and the longest of all others.
const BUTTON: usize = 64;
const TEXT: usize = 512;
/// How long one is signed in: the shortest and the longest time.
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// A provider of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The provider, as it names itself.
    pub issuer: String,
    /// What it calls this server.
    pub client_id: String,
    /// The file with the secret that it gave this server; a public client has none.
    pub client_secret_file: Option<PathBuf>,
    /// It must not be here; to be told so without being shown.
    client_secret: Option<IgnoredAny>,
    /// A PEM file of the only authorities that are trusted.
    pub ca_file: Option<PathBuf>,
    /// What is asked for.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim with the name.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// The claim with the groups.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// What stands on the button.
    #[serde(default = "button")]
    pub button: String,
    /// How others reach this server, where requests do not say it.
    pub public_url: Option<String>,
    /// How long one is signed in before the provider is asked again.
    #[serde(default = "session", deserialize_with = "time")]
    pub session: Duration,
}

fn scopes() -> Vec<String> {
    ["openid", "profile"].map(str::to_owned).to_vec()
}

fn name_claim() -> String {
    "preferred_username".to_owned()
}

fn groups_claim() -> String {
    "groups".to_owned()
}

fn button() -> String {
    "Sign in with OpenID Connect".to_owned()
}

fn session() -> Duration {
    Duration::from_secs(24 * 3600)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let wrong = serde::de::Error::custom;
    let time = duration(&String::deserialize(deserializer)?).map_err(wrong)?;
    if !(SHORTEST..=LONGEST).contains(&time) {
        return Err(wrong("it can be from 5min to 720h"));
    }
    Ok(time)
}

impl Oidc {
    /// What is wrong with it.
    pub(super) fn check(&self) -> Vec<Diagnostic> {
        let mut all = Vec::new();
        if self.client_secret.is_some() {
            // Without a key: the line with the secret is not shown.
            all.push(Diagnostic {
                severity: Severity::Error,
                key: None,
                text: "[login.oidc]: client_secret does not stand here, where others may read it; name a file with \
                       client_secret_file"
                    .to_owned(),
            });
        }
        let urls = [
            ("issuer", Some(&self.issuer)),
            ("public_url", self.public_url.as_ref()),
        ];
        for (key, url) in urls {
            if let Some(url) = url.filter(|url| !is_private(url) || url.contains(['?', '#'])) {
                let text = format!(
                    "{url:?} is no address for this; give one that begins with https://, such as https://id.example \
                     (http:// is for this machine alone), without ? and #"
                );
                all.push(wrong("oidc", key, text));
            }
        }
        let texts = [
            ("client_id", &self.client_id, TEXT),
            ("name_claim", &self.name_claim, TEXT),
            ("groups_claim", &self.groups_claim, TEXT),
            ("button", &self.button, BUTTON),
        ];
        for (key, text, most) in texts {
            let length = text.chars().count();
            if !(1..=most).contains(&length) || text.chars().any(char::is_control) {
                let text = format!("give 1 to {most} visible characters");
                all.push(wrong("oidc", key, text));
            }
        }
        let is_scope =
            |scope: &String| !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic());
        if !self.scopes.iter().all(is_scope) || !self.scopes.iter().any(|scope| scope == "openid") {
            let text =
                "\"openid\" is one of them; each is a word, such as \"profile\" or \"groups\"";
            all.push(wrong("oidc", "scopes", text));
        }
        all
    }

    /// Reads the secret that the provider gave this server: the first line of its file.
    ///
    /// # Errors
    /// If there is no such file, or nothing in it.
    pub fn read_secret(&self) -> Result<Option<String>, Diagnostic> {
        let Some(path) = &self.client_secret_file else {
            return Ok(None);
        };
        let told = |why: &dyn fmt::Display| {
            wrong(
                "oidc",
                "client_secret_file",
                format!("{}: {why}", path.display()),
            )
        };
        let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
        let secret = text.lines().next().filter(|line| !line.is_empty());
        let secret = secret.ok_or_else(|| told(&"its first line is empty"))?;
        Ok(Some(secret.to_owned()))
    }
}

/// Whether nobody in between can read along or join in at that address: over TLS, or within this machine.
pub fn is_private(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let address: Option<IpAddr> = bare.unwrap_or(host).parse().ok();
    let is_here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    let is_safe = scheme == "https" || scheme == "http" && is_here;
    is_safe
        && !host.is_empty()
        && authority.bytes().all(fits)
        && url.len() <= TEXT
        && url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\\\"<>".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OIDC: &str = "issuer = \"https://id.example/realms/lab\"\nclient_id = \"seriald\"\n";

    #[test]
    fn an_issuer_and_a_name_for_this_server_are_enough() {
        let oidc: Oidc = toml::from_str(OIDC).unwrap();
        assert_eq!(oidc.check(), []);
        assert_eq!(oidc.scopes, ["openid", "profile"]);
        assert_eq!(oidc.name_claim, "preferred_username");
        assert_eq!(oidc.session.as_secs(), 24 * 3600);
        assert_eq!(oidc.read_secret(), Ok(None));
    }

    #[test]
    fn addresses_are_private_over_tls_and_within_this_machine() {
        for (url, private) in [
            ("https://id.example", true),
            ("https://id.example:8443/a/b?c=d", true),
            ("https://[2001:db8::1]/", true),
            ("http://127.0.0.1:9000/x", true),
            ("http://localhost", true),
            ("http://[::1]:1/", true),
            ("http://id.example", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://127.0.0.1@evil.example", false),
            ("http://localhost:80@evil.example", false),
            ("http://evil.example\\@127.0.0.1/", false),
            ("http://evil.example#@127.0.0.1/", false),
            ("https://", false),
            ("https:///x", false),
            ("https://:443/x", false),
            ("https://a b/", false),
            ("https://a/\n", false),
            ("ftp://127.0.0.1/", false),
            ("id.example", false),
        ] {
            assert_eq!(is_private(url), private, "{url}");
        }
    }

    #[test]
    fn the_secret_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let text = format!("{OIDC}client_secret_file = {path:?}");
        let oidc: Oidc = toml::from_str(&text).unwrap();
        let told = || oidc.read_secret().unwrap_err().to_string();
        assert!(told().contains("secret"));
        std::fs::write(&path, "\n").unwrap();
        assert!(told().contains("empty"));
        std::fs::write(&path, "hunter2\r\nmore").unwrap();
        assert_eq!(oidc.read_secret(), Ok(Some("hunter2".to_owned())));
    }
}
