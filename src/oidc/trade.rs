//! Trade: a code, which a browser has brought, for tokens of the provider's.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use form_urlencoded::{Serializer, byte_serialize};
use serde::Deserialize;
use serde_json::Value;

use super::attempt::Attempt;
use super::discovery::Metadata;
use super::{Found, OidcError, Provider, short};

/// So long what is known of the provider is not doubted again, once it was: whoever fails on purpose
/// is not to have it asked each time.
const DOUBT: Duration = Duration::from_secs(60);

/// What a code is traded for.
#[derive(Deserialize)]
pub struct Traded {
    pub id_token: String,
    pub access_token: Option<String>,
}

impl Provider {
    /// Trades a code where the provider was `found` to do it. If nobody does there, it may do it
    /// elsewhere by now.
    pub(super) async fn trade(
        &self,
        found: &mut Found,
        code: &str,
        attempt: &Attempt,
        redirect: &str,
    ) -> Result<Traded, OidcError> {
        let traded = self.trade_at(&found.metadata, code, attempt, redirect);
        let error = match traded.await {
            Err(error @ (OidcError::Away { .. } | OidcError::Status { .. })) => error,
            traded => return traded,
        };
        if !self.may_doubt() {
            return Err(error);
        }
        let before = std::mem::replace(found, self.look().await?);
        if found.metadata.token_endpoint == before.metadata.token_endpoint {
            return Err(error);
        }
        self.trade_at(&found.metadata, code, attempt, redirect)
            .await
    }

    /// Whether what is known was not doubted for long enough.
    fn may_doubt(&self) -> bool {
        let mut doubted = self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        let may = doubted.is_none_or(|doubted| doubted.elapsed() >= DOUBT);
        if may {
            *doubted = Some(Instant::now());
        }
        may
    }

    async fn trade_at(
        &self,
        metadata: &Metadata,
        code: &str,
        attempt: &Attempt,
        redirect: &str,
    ) -> Result<Traded, OidcError> {
        let config = self.config.clone();
        let secret = tokio::task::spawn_blocking(move || config.read_secret()).await;
        let secret = secret.expect("a file can be read or not");
        let secret = secret.map_err(|error| OidcError::Secret(error.to_string()))?;
        let id = self.config.client_id.as_str();
        let (authorization, who) = match &secret {
            Some(secret) if metadata.takes_basic() => (Some(basic(id, secret)), None),
            _ => (None, Some(("client_id", id))),
        };
        let secret = secret.as_deref().filter(|_| authorization.is_none());
        let form = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect)
            .append_pair("code_verifier", &attempt.verifier())
            .extend_pairs(who)
            .extend_pairs(secret.map(|secret| ("client_secret", secret)))
            .finish();
        let url = &metadata.token_endpoint;
        let authorization = authorization.as_deref();
        let asked = self.fetcher.post_form(url, authorization, form).await;
        let told = asked.map_err(|why| OidcError::Away {
            url: url.clone(),
            why,
        })?;
        if told.status != 200 {
            let said: Value = serde_json::from_slice(&told.body).unwrap_or_default();
            return Err(match (told.status, said["error"].as_str()) {
                // What is said of a code (RFC 6749); all else is said of the address.
                (400 | 401 | 403, Some(said)) => OidcError::Code(short(said)),
                (status, _) => OidcError::Status {
                    url: url.clone(),
                    status,
                },
            });
        }
        let traded = serde_json::from_slice(&told.body);
        traded.map_err(|_| OidcError::Code("no ID token came".to_owned()))
    }
}

/// The header `Authorization` of a client with a secret; both are encoded as in a form.
fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    format!("Basic {}", BASE64.encode(pair.as_bytes()))
}
