//! Signing in by a reverse proxy, which says in a header of each request who asks. Anybody can send
//! such a header, so it counts only from proxies that the operator has named.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName};

use super::Peer;
use crate::access::{Known, NotAName};
use crate::config::login::Proxy;

/// What is wrong with each request is told no more often.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Why a proxy is not understood.
#[derive(Debug, thiserror::Error)]
pub enum Unclear {
    #[error("it came more than once; the proxy has to take out what clients send")]
    Twice,
    #[error("it is no text")]
    NotText,
    #[error(transparent)]
    Name(#[from] NotAName),
}

/// The headers in which a proxy says who asks.
pub struct ProxyLogin {
    user: HeaderName,
    groups: Option<HeaderName>,
    /// Where one signs out.
    pub sign_out: Option<String>,
    told: Mutex<Option<Instant>>,
}

impl ProxyLogin {
    /// Those of the configuration.
    pub fn new(config: Proxy) -> Self {
        let name = |text: String| {
            let name = HeaderName::from_bytes(text.as_bytes());
            name.expect("the configuration is looked through")
        };
        Self {
            user: name(config.user),
            groups: config.groups.map(name),
            sign_out: config.sign_out,
            told: Mutex::default(),
        }
    }

    /// Who asks, as the proxy says it; none where it says nothing, or is none that is believed.
    pub fn word(&self, peer: &Peer, headers: &HeaderMap) -> Option<Result<Known, Unclear>> {
        let (user, from) = (&self.user, peer.address.ip());
        if !headers.contains_key(user) {
            return None;
        }
        if !peer.proxied {
            if self.is_news() {
                tracing::warn!(
                    "{user} came from {from}, which is none of trusted_proxies: it is ignored"
                );
            }
            return None;
        }
        let known = self.read(headers);
        if let Err(why) = &known
            && self.is_news()
        {
            tracing::warn!("nobody is let in from {from} by {user}: {why}");
        }
        Some(known)
    }

    fn read(&self, headers: &HeaderMap) -> Result<Known, Unclear> {
        let user = only(headers, &self.user)?;
        let groups = self.groups.as_ref();
        let groups = groups.map(|groups| only(headers, groups)).transpose()?;
        // Neither sign can stand in a group's name.
        let groups = groups.unwrap_or_default().split([',', '|']);
        Ok(Known::new(user.trim(), groups.map(str::trim))?)
    }

    /// Whether it was quiet for long enough.
    fn is_news(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = told.is_none_or(|told| told.elapsed() >= TOLD_EVERY);
        if is_news {
            *told = Some(Instant::now());
        }
        is_news
    }
}

/// The text of a header that is there at most once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, Unclear> {
    let mut all = headers.get_all(name).into_iter();
    let text = all.next().map(|value| value.to_str());
    match (text, all.next()) {
        (_, Some(_)) => Err(Unclear::Twice),
        (None, None) => Ok(""),
        (Some(text), None) => text.map_err(|_| Unclear::NotText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(proxied: bool, headers: &[(&'static str, &str)]) -> Option<Result<Known, Unclear>> {
        let login = ProxyLogin::new(Proxy {
            user: "X-Forwarded-User".to_owned(),
            groups: Some("Remote-Groups".to_owned()),
            sign_out: None,
        });
        let peer = Peer {
            address: ([127, 0, 0, 1], 5).into(),
            trusted: true,
            secure: false,
            proxied,
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        login.word(&peer, &map)
    }

    #[test]
    fn a_proxy_says_a_name_and_groups_in_either_way_of_writing_them() {
        for (groups, read) in [
            ("", vec![]),
            ("staff", vec!["staff"]),
            ("staff, lab,,a b", vec!["lab", "staff"]),
            ("staff|lab", vec!["lab", "staff"]),
        ] {
            let said = [("x-forwarded-user", " ada "), ("remote-groups", groups)];
            let known = word(true, &said).unwrap().unwrap();
            assert_eq!(known.name, "ada");
            assert_eq!(known.groups.iter().collect::<Vec<_>>(), read, "{groups}");
        }
        assert!(word(true, &[("remote-groups", "staff")]).is_none());
        assert!(word(false, &[("x-forwarded-user", "ada")]).is_none());
    }

    #[test]
    fn what_is_unclear_lets_nobody_in() {
        let long = "a".repeat(65);
        for headers in [
            vec![("x-forwarded-user", "")],
            vec![("x-forwarded-user", "a b")],
            vec![("x-forwarded-user", "ada,bob")],
            vec![("x-forwarded-user", "anyone")],
            vec![("x-forwarded-user", &long)],
            vec![("x-forwarded-user", "ada"), ("x-forwarded-user", "bob")],
            vec![("x-forwarded-user", "ada"), ("x-forwarded-user", "ada")],
            vec![
                ("x-forwarded-user", "ada"),
                ("remote-groups", "a"),
                ("remote-groups", "b"),
            ],
        ] {
            assert!(word(true, &headers).unwrap().is_err(), "{headers:?}");
        }
    }
}
