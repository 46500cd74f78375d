//! A client of a server that runs, here or elsewhere: a question over HTTP and its answer, or a
//! [`socket`] that brings what passes over the ports.

mod address;
mod answer;
mod connector;
mod error;
mod fetch;
pub mod link;
mod pin;
mod post;
pub mod socket;
pub mod tap;
pub mod told;
pub mod trust;

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header;
use hyper::http::response::Parts;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use address::Address;
use connector::{ConnectError, Connector, Stream};
use trust::Trust;

pub use answer::Answer;
pub use error::ClientError;
pub use fetch::{FetchError, Fetched, Fetcher};
pub use post::{PostError, Poster};

use crate::access;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is said where nobody here vouches for a server.
const UNKNOWN: &str = "its certificate is by an authority that is not trusted here; compare the fingerprint that the \
    server printed at its start and give it with --fingerprint SHA256:…, or name the authority's file with --ca FILE";

/// What can go wrong on the way.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A server, by its address.
#[derive(Clone)]
pub struct Client {
    server: String,
    address: Address,
    token: Option<String>,
    connector: Arc<Connector>,
    /// What others see beside what is done.
    name: Option<String>,
    /// By which the server knows this program again on another connection.
    key: Option<String>,
}

impl Client {
    /// The server at `url`; `token` is for one that asks for it.
    ///
    /// # Errors
    /// If that is no address of a server.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, ClientError> {
        let address = Address::parse(url).ok_or_else(|| ClientError::Address(url.to_owned()))?;
        Ok(Self {
            server: url.to_owned(),
            address,
            token,
            connector: Arc::default(),
            name: None,
            // Without one the program is only not known again.
            key: access::make::<16>("").ok().map(|(key, _)| key),
        })
    }

    /// The same where others are trusted than those whom the machine trusts.
    pub fn trusting(self, trust: Trust) -> Self {
        Self {
            connector: Arc::new(Connector::trusting(trust)),
            ..self
        }
    }

    /// The same under a name, which others see beside what is done.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Where the server is, as it was named.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Gets what a path of the server answers with.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn get(&self, path: &str) -> Result<Bytes, ClientError> {
        let asking = async {
            let mut answer = self.ask_for(Method::GET, path, "", Vec::new()).await?;
            answer.bytes().await
        };
        timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| Err(self.away("no answer came")))
    }

    /// The same, where the answer goes on: line by line.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn follow_get(&self, path: &str) -> Result<Answer, ClientError> {
        self.ask_for(Method::GET, path, "", Vec::new()).await
    }

    /// Asks a path of the server for a change.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn patch(&self, path: &str, change: &impl Serialize) -> Result<Value, ClientError> {
        let body = serde_json::to_vec(change).expect("a change is plain data");
        let asking = self.ask_for(Method::PATCH, path, "application/json", body);
        self.whole(PATIENCE, asking).await
    }

    /// Asks to delete what is at a path of the server.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn delete(&self, path: &str) -> Result<(), ClientError> {
        let asking = self.ask_for(Method::DELETE, path, "", Vec::new());
        self.whole(PATIENCE, asking).await.map(drop)
    }

    /// Posts a question to a path of the server, such as `api/v1/ports/arduino/marks`.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn post(&self, path: &str, question: &impl Serialize) -> Result<Value, ClientError> {
        self.post_within(Duration::ZERO, path, question).await
    }

    /// The same, where the server itself may take so long.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn post_within(
        &self,
        time: Duration,
        path: &str,
        question: &impl Serialize,
    ) -> Result<Value, ClientError> {
        self.whole(PATIENCE + time, self.follow(path, question))
            .await
    }

    /// Posts bytes as they are.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn post_bytes(&self, path: &str, bytes: Vec<u8>) -> Result<Value, ClientError> {
        let asking = self.ask_for(Method::POST, path, "application/octet-stream", bytes);
        self.whole(PATIENCE, asking).await
    }

    async fn whole(
        &self,
        patience: Duration,
        asking: impl Future<Output = Result<Answer, ClientError>>,
    ) -> Result<Value, ClientError> {
        match timeout(patience, async { asking.await?.rest().await }).await {
            Ok(answered) => answered,
            Err(_) => Err(self.away("no answer came")),
        }
    }

    /// The same, where the answer goes on: line by line.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn follow(
        &self,
        path: &str,
        question: &impl Serialize,
    ) -> Result<Answer, ClientError> {
        let body = serde_json::to_vec(question).expect("a question is plain data");
        self.ask_for(Method::POST, path, "application/json", body)
            .await
    }

    async fn ask_for(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<Answer, ClientError> {
        let stream = self.connect().await?;
        let (head, mut answer) = self
            .ask(stream, method, path, kind, body)
            .await
            .map_err(|error| self.away(error))?;
        let status = head.status;
        if status == StatusCode::UNAUTHORIZED {
            return Err(ClientError::Token(self.server.clone()));
        }
        if let Some(elsewhere) = elsewhere(&self.server, status, &head.headers) {
            return Err(elsewhere);
        }
        if !status.is_success() {
            let told = answer.rest().await.unwrap_or_default();
            let detail = told["detail"].as_str().map(str::to_owned);
            let said = detail.unwrap_or_else(|| format!("{} answered {status}", self.server));
            let code = told["code"].as_str().unwrap_or_default().to_owned();
            return Err(ClientError::Refused { said, code, told });
        }
        Ok(answer)
    }

    async fn connect(&self) -> Result<Stream, ClientError> {
        let stream = self.connector.connect(&self.address).await;
        stream.map_err(|error| {
            let reason = match error {
                ConnectError::UnknownAuthority => UNKNOWN.to_owned(),
                error if error.is_of_trust() => error.to_string(),
                error => return self.away(error),
            };
            let server = self.server.clone();
            ClientError::Untrusted { server, reason }
        })
    }

    async fn ask(
        &self,
        stream: Stream,
        method: Method,
        path: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> Result<(Parts, Answer), Failure> {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // It has to be driven as long as the answer goes on.
        let connection = AbortOnDropHandle::new(tokio::spawn(async {
            if let Err(error) = connection.await {
                tracing::debug!("{error}");
            }
        }));
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.address.prefix()))
            .header(header::HOST, self.address.authority());
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if let Some(name) = &self.name {
            request = request.header("seriald-name", name);
        }
        if let Some(key) = &self.key {
            request = request.header("seriald-key", key);
        }
        if let Some(token) = self.bearer() {
            request = request.header(header::AUTHORIZATION, token);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let (head, body) = sender.send_request(request).await?.into_parts();
        let answer = Answer::new(self.server.clone(), body, connection);
        Ok((head, answer))
    }

    /// What goes into the header `Authorization`.
    fn bearer(&self) -> Option<String> {
        self.token.as_ref().map(|token| format!("Bearer {token}"))
    }

    fn away(&self, reason: impl ToString) -> ClientError {
        ClientError::away(&self.server, reason)
    }
}

/// What is said where a server sends elsewhere, as to where TLS is spoken: nobody goes there unasked,
/// who may have a token in hand.
fn elsewhere(server: &str, status: StatusCode, headers: &HeaderMap) -> Option<ClientError> {
    let place = headers
        .get(header::LOCATION)
        .filter(|_| status.is_redirection());
    let place = place?.to_str().ok()?;
    let said = format!("{server} sends to {place}; name that server with --server");
    Some(ClientError::refused(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_told_with_one_that_is() {
        let error = Client::new("localhost:8080", None)
            .err()
            .expect("no address");
        assert!(
            error.to_string().contains("http://127.0.0.1:8080"),
            "{error}"
        );
    }
}
