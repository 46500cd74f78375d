//! A fetch from any address of the web: one question, and a short answer as a whole.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::http::request::Builder;
use hyper::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::address::Address;
use super::connector::Connector;
use super::trust::Trust;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer, in bytes.
const MOST: usize = 256 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum FetchError {
    #[error("this is no address of the web; one begins with http:// or https:// and a name")]
    Address,
    #[error("no whole answer came within {} s", PATIENCE.as_secs())]
    Late,
    #[error("{0}")]
    Broken(String),
}

fn broken(error: impl ToString) -> FetchError {
    FetchError::Broken(error.to_string())
}

/// An answer.
#[derive(Debug)]
pub struct Fetched {
    /// The status of HTTP.
    pub status: u16,
    /// All of it.
    pub body: Bytes,
}

/// Fetches from addresses of the web. Where an answer sends elsewhere, nobody goes there: it may be an
/// address that was not meant.
pub struct Fetcher {
    connector: Connector,
}

impl Fetcher {
    /// One that trusts them.
    pub fn trusting(trust: Trust) -> Self {
        Self {
            connector: Connector::trusting(trust),
        }
    }

    /// Gets what is at an address; `authorization` goes into the header of that name.
    ///
    /// # Errors
    /// If no answer comes, or a long one.
    pub async fn get(
        &self,
        address: &str,
        authorization: Option<&str>,
    ) -> Result<Fetched, FetchError> {
        let request = Request::get("/");
        self.fetch(address, request, authorization, String::new())
            .await
    }

    /// Posts the fields of a form.
    ///
    /// # Errors
    /// If no answer comes, or a long one.
    pub async fn post_form(
        &self,
        address: &str,
        authorization: Option<&str>,
        form: String,
    ) -> Result<Fetched, FetchError> {
        let kind = "application/x-www-form-urlencoded";
        let request = Request::post("/").header(header::CONTENT_TYPE, kind);
        self.fetch(address, request, authorization, form).await
    }

    async fn fetch(
        &self,
        address: &str,
        mut request: Builder,
        authorization: Option<&str>,
        body: String,
    ) -> Result<Fetched, FetchError> {
        let address = Address::parse(address).ok_or(FetchError::Address)?;
        request = request.header(header::ACCEPT, "application/json");
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let asking = async {
            let sent = send(&self.connector, &address, request, body.into()).await;
            let (answer, _connection) = sent.map_err(FetchError::Broken)?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MOST).collect().await;
            let body = body.map_err(broken)?.to_bytes();
            Ok(Fetched { status, body })
        };
        let answered = timeout(PATIENCE, asking).await;
        answered.unwrap_or(Err(FetchError::Late))
    }
}

/// Sends a request to an address over a connection of its own, which lasts as long as what is given
/// beside the answer.
pub(super) async fn send(
    connector: &Connector,
    address: &Address,
    request: Builder,
    body: Bytes,
) -> Result<(Response<Incoming>, AbortOnDropHandle<hyper::Result<()>>), String> {
    let told = |error: hyper::Error| error.to_string();
    let stream = connector.connect(address).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let request = request
        .uri(address.path())
        .header(header::HOST, address.authority())
        .header(
            header::USER_AGENT,
            concat!("seriald/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::CONNECTION, "close")
        .body(Full::new(body))
        .map_err(|error| error.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender.send_request(request).await.map_err(told)?;
    Ok((answer, connection))
}
