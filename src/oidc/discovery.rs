//! Discovery: what a provider says of itself, at a place that everybody knows.

use serde::Deserialize;

use crate::config::oidc::is_private;

/// Where a provider says it.
pub fn place(issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    format!("{issuer}/.well-known/openid-configuration")
}

/// What it says, as far as it matters here.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    /// What it calls itself.
    pub issuer: String,
    /// Where browsers go to sign in.
    pub authorization_endpoint: String,
    /// Where codes are traded for tokens.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where it tells more of who signed in.
    pub userinfo_endpoint: Option<String>,
    /// How a client may show who it is.
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Whether browsers bring back which provider sent them.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Why that is no provider.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAProvider {
    #[error("what it says cannot be read: {0}")]
    Form(String),
    #[error("it calls itself {0:?}; give that as issuer, if it is meant")]
    Issuer(String),
    #[error("it names {0:?}, where others could read along; https is needed")]
    Open(String),
}

impl Metadata {
    /// Reads what the provider `issuer` says.
    ///
    /// # Errors
    /// If it is another, or others could read along.
    pub fn read(json: &[u8], issuer: &str) -> Result<Self, NotAProvider> {
        let read: Result<Self, _> = serde_json::from_slice(json);
        let metadata = read.map_err(|error| NotAProvider::Form(error.to_string()))?;
        if metadata.issuer != issuer {
            return Err(NotAProvider::Issuer(super::short(&metadata.issuer)));
        }
        let places = [
            &metadata.authorization_endpoint,
            &metadata.token_endpoint,
            &metadata.jwks_uri,
        ];
        let all = places.into_iter().chain(&metadata.userinfo_endpoint);
        for place in all {
            if !is_private(place) || place.contains('#') {
                return Err(NotAProvider::Open(super::short(place)));
            }
        }
        Ok(metadata)
    }

    /// Whether a secret goes into a header; that is so where nothing is said.
    pub fn takes_basic(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_ref();
        methods.is_none_or(|all| all.iter().any(|method| method == "client_secret_basic"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_provider_says_who_it_is_and_where_all_is_over_tls() {
        let issuer = "https://id.example/lab/";
        let said = json!({
            "issuer": issuer,
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "scopes_supported": ["openid"],
        });
        let with = |name: &str, value: serde_json::Value| {
            let mut said = said.clone();
            said[name] = value;
            Metadata::read(said.to_string().as_bytes(), issuer)
        };
        let plain = with("x", json!(1)).unwrap();
        assert!(plain.takes_basic());
        let methods = "token_endpoint_auth_methods_supported";
        assert!(
            !with(methods, json!(["client_secret_post"]))
                .unwrap()
                .takes_basic()
        );
        assert!(matches!(
            with("issuer", json!("https://id.example/lab")),
            Err(NotAProvider::Issuer(_))
        ));
        for place in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
        ] {
            let open = with(place, json!("http://id.example/x"));
            assert!(matches!(open, Err(NotAProvider::Open(_))), "{place}");
        }
        assert!(matches!(
            with("jwks_uri", json!(7)),
            Err(NotAProvider::Form(_))
        ));
        assert!(matches!(
            Metadata::read(b"<html>", issuer),
            Err(NotAProvider::Form(_))
        ));
        let place = "https://id.example/lab/.well-known/openid-configuration";
        assert_eq!(super::place(issuer), place);
    }
}
