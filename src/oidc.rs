//! OpenID Connect: people sign in at a provider, which then vouches for them here. The way is that of
//! a code, with PKCE: the browser brings a code from the provider, and the server trades it there for
//! an ID token, a signed word on who it is.

mod attempt;
mod claims;
mod discovery;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod keys;
mod token;
mod trade;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use utoipa::IntoParams;

pub use attempt::{Attempt, LIFE};
pub use token::Untrue;

use crate::access::{Known, NotAName};
use crate::client::trust::Trust;
use crate::client::{FetchError, Fetched, Fetcher};
use crate::config::oidc::Oidc;
use crate::record::Time;
use discovery::{Metadata, NotAProvider};
use keys::Keys;
use token::{Expected, Token};

/// How long what is known of the provider counts, unless it signs with a key that is not known.
const FRESH: Duration = Duration::from_secs(3600);
/// So many may ask the provider at once.
const SEATS: usize = 8;
/// So many of those who came back are remembered, so that nobody comes back twice.
const USED: usize = 4096;

/// Why somebody is not signed in, as the log has it: it may name what the provider said.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum OidcError {
    #[error("{url}: {why}")]
    Away { url: String, why: FetchError },
    #[error("{url}: it answered {status}")]
    Status { url: String, status: u16 },
    #[error("{url}: {why}")]
    NotAProvider { url: String, why: NotAProvider },
    #[error("{0}")]
    Secret(String),
    #[error("too many sign in at once")]
    Busy,
    #[error("the system gives no random numbers")]
    Random,
    #[error("the sign-in was not begun in this browser, or too long ago, or has ended already")]
    NotBegun,
    #[error("the provider did not let anybody in: {0:?}")]
    Denied(String),
    #[error("the answer is by another provider, {0:?}")]
    MixedUp(String),
    #[error("the provider does not trade the code for a token: {0:?}")]
    Code(String),
    #[error("its ID token is not believed: {0}")]
    Untrue(#[from] Untrue),
    #[error("the provider says nothing in {0:?}; another claim is named with name_claim")]
    NoName(String),
    #[error("the address of {0:?} is not verified by the provider")]
    Unverified(String),
    #[error("{0}; another claim is named with name_claim")]
    Name(#[from] NotAName),
}

/// What a browser brings back from the provider.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Brought {
    /// What is traded for the token.
    pub code: Option<String>,
    /// What says which attempt it belongs to.
    pub state: Option<String>,
    /// The provider, as it names itself.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// What is known of the provider.
#[derive(Clone)]
struct Found {
    metadata: Arc<Metadata>,
    keys: Arc<Keys>,
    at: Instant,
}

/// The provider, asked when somebody signs in and not before.
pub struct Provider {
    config: Oidc,
    fetcher: Fetcher,
    found: Mutex<Option<Found>>,
    /// When that was doubted last.
    doubted: Mutex<Option<Instant>>,
    /// The states of those who came back, oldest first.
    used: Mutex<VecDeque<String>>,
    seats: Semaphore,
}

impl Provider {
    /// The one of the configuration.
    pub fn new(config: Oidc) -> Self {
        let trust = config.ca_file.clone().map_or(Trust::Machine, Trust::File);
        Self {
            config,
            fetcher: Fetcher::trusting(trust),
            found: Mutex::default(),
            doubted: Mutex::default(),
            used: Mutex::default(),
            seats: Semaphore::new(SEATS),
        }
    }

    /// As it is configured.
    pub fn config(&self) -> &Oidc {
        &self.config
    }

    /// Begins an attempt to sign in, of a browser that is to come back to `redirect` and go on at
    /// `back`: gives the address to send it to, and what the browser keeps meanwhile.
    ///
    /// # Errors
    /// If the provider cannot be asked.
    pub async fn begin(&self, redirect: &str, back: &str) -> Result<(String, Attempt), OidcError> {
        let known = self.known();
        let metadata = match known {
            Some(found) => found.metadata,
            None => {
                let _seat = self.seats.try_acquire().map_err(|_| OidcError::Busy)?;
                self.look().await?.metadata
            }
        };
        let attempt = Attempt::begin(back, Time::now()).map_err(|_| OidcError::Random)?;
        let query = Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", &self.config.scopes.join(" "))
            .append_pair("state", &attempt.state())
            .append_pair("nonce", &attempt.nonce())
            .append_pair("code_challenge", &attempt.challenge())
            .append_pair("code_challenge_method", "S256")
            .finish();
        let place = &metadata.authorization_endpoint;
        let sign = if place.contains('?') { '&' } else { '?' };
        Ok((format!("{place}{sign}{query}"), attempt))
    }

    /// Ends an attempt with what the browser brought to `redirect`: tells who it is.
    ///
    /// # Errors
    /// If the provider does not vouch for anybody, or is not believed.
    pub async fn finish(
        &self,
        attempt: &Attempt,
        brought: Brought,
        redirect: &str,
    ) -> Result<Known, OidcError> {
        let now = Time::now();
        let state = brought.state.as_deref().unwrap_or_default();
        if attempt.state() != state || attempt.is_over(now) || !self.use_up(state) {
            return Err(OidcError::NotBegun);
        }
        let _seat = self.seats.try_acquire().map_err(|_| OidcError::Busy)?;
        let mut found = match self.known() {
            Some(found) => found,
            None => self.look().await?,
        };
        let says_who = found
            .metadata
            .authorization_response_iss_parameter_supported;
        if brought.iss.is_some() || says_who {
            let iss = brought.iss.unwrap_or_default();
            if iss != self.config.issuer {
                return Err(OidcError::MixedUp(short(&iss)));
            }
        }
        let Some(code) = brought.code.filter(|_| brought.error.is_none()) else {
            let error = brought.error.unwrap_or_default();
            return Err(OidcError::Denied(short(&error)));
        };
        let traded = self.trade(&mut found, &code, attempt, redirect).await?;
        let token = Token::read(&traded.id_token)?;
        if !token.is_by_one_of(&found.keys) {
            // The provider may have other keys by now.
            found = self.look().await?;
        }
        let expected = Expected {
            issuer: &self.config.issuer,
            client: &self.config.client_id,
            nonce: &attempt.nonce(),
            now: now.0 / 1_000_000,
        };
        let mut claims = token.verified(&found.keys, &expected)?;
        let wanted = [&self.config.name_claim, &self.config.groups_claim];
        if wanted.iter().any(|name| !claims.contains_key(*name)) {
            self.ask_more(&found.metadata, traded.access_token, &mut claims)
                .await?;
        }
        claims::known(&claims, &self.config)
    }

    /// Whether this state comes for the first time.
    fn use_up(&self, state: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.iter().any(|other| other == state) {
            return false;
        }
        if used.len() >= USED {
            used.pop_front();
        }
        used.push_back(state.to_owned());
        true
    }

    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, if it still counts.
    fn known(&self) -> Option<Found> {
        let found = self.found().clone();
        found.filter(|found| found.at.elapsed() < FRESH)
    }

    /// Asks the provider what it is like, and for its keys.
    async fn look(&self) -> Result<Found, OidcError> {
        let url = discovery::place(&self.config.issuer);
        let told = self.get(&url, None).await?;
        let metadata = Metadata::read(&told.body, &self.config.issuer);
        let metadata = metadata.map_err(|why| OidcError::NotAProvider { url, why })?;
        let url = &metadata.jwks_uri;
        let told = self.get(url, None).await?;
        let keys = Keys::read(&told.body).map_err(|why| OidcError::NotAProvider {
            url: url.clone(),
            why: NotAProvider::Form(why.to_string()),
        })?;
        let found = Found {
            metadata: Arc::new(metadata),
            keys: Arc::new(keys),
            at: Instant::now(),
        };
        *self.found() = Some(found.clone());
        Ok(found)
    }

    async fn get(&self, url: &str, authorization: Option<&str>) -> Result<Fetched, OidcError> {
        let told = self.fetcher.get(url, authorization).await;
        let told = told.map_err(|why| OidcError::Away {
            url: url.to_owned(),
            why,
        })?;
        match told.status {
            200 => Ok(told),
            status => Err(OidcError::Status {
                url: url.to_owned(),
                status,
            }),
        }
    }

    /// Adds what the provider only tells at its other address, of the same person.
    async fn ask_more(
        &self,
        metadata: &Metadata,
        access: Option<String>,
        claims: &mut Map<String, Value>,
    ) -> Result<(), OidcError> {
        let Some((url, access)) = metadata.userinfo_endpoint.as_ref().zip(access) else {
            return Ok(());
        };
        let told = self.get(url, Some(&format!("Bearer {access}"))).await?;
        let more: Map<String, Value> = serde_json::from_slice(&told.body).unwrap_or_default();
        if more.get("sub") != claims.get("sub") {
            return Err(Untrue::Subject.into());
        }
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
        Ok(())
    }
}

/// What others said, as long as a log takes it.
fn short(text: &str) -> String {
    text.chars().take(100).collect()
}
