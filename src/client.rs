//! A client of a server that runs, here or elsewhere: one question over HTTP, one answer.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer, in bytes.
const MOST: usize = 16 << 20;

/// Why a server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No address of a server.
    #[error("{0:?} is no address of a server; give one such as http://127.0.0.1:8080")]
    Address(String),
    /// TLS is not spoken.
    #[error("{0}: only http is spoken; for a server elsewhere: ssh -L 8080:127.0.0.1:8080 HOST")]
    Tls(String),
    /// Nobody is there.
    #[error("{server}: {reason}; is seriald running there? Name another address with --server")]
    #[expect(missing_docs, reason = "the message says it")]
    Away { server: String, reason: String },
    /// It is a stranger's question.
    #[error("{0} asks for its token; put it into SERIALD_TOKEN")]
    Token(String),
    /// It said no.
    #[error("{0}")]
    Refused(String),
}

/// A server, by its address.
pub struct Client {
    server: String,
    authority: String,
    prefix: String,
    token: Option<String>,
}

impl Client {
    /// The server at `url`; `token` is for one that asks for it.
    ///
    /// # Errors
    /// If that is no address of a server.
    pub fn new(url: &str, token: Option<String>) -> Result<Self, ClientError> {
        let address = || ClientError::Address(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| address())?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => return Err(ClientError::Tls(url.to_owned())),
            _ => return Err(address()),
        }
        let authority = uri.authority().ok_or_else(address)?;
        Ok(Self {
            server: url.to_owned(),
            authority: authority.to_string(),
            prefix: uri.path().trim_end_matches('/').to_owned(),
            token,
        })
    }

    /// Posts a question to a path of the server, such as `api/v1/ports/arduino/marks`.
    ///
    /// # Errors
    /// If nobody answers, or the answer is no.
    pub async fn post(&self, path: &str, question: &impl Serialize) -> Result<Value, ClientError> {
        let body = serde_json::to_vec(question).expect("a question is plain data");
        let asking = timeout(PATIENCE, self.ask(Method::POST, path, body));
        let (status, answer) = match asking.await {
            Ok(answered) => answered.map_err(|error| self.away(error))?,
            Err(_) => return Err(self.away("no answer came")),
        };
        let told: Value = serde_json::from_slice(&answer).unwrap_or_default();
        if status == StatusCode::UNAUTHORIZED {
            return Err(ClientError::Token(self.server.clone()));
        }
        if !status.is_success() {
            let detail = told["detail"].as_str().map(str::to_owned);
            let said = detail.unwrap_or_else(|| format!("{} answered {status}", self.server));
            return Err(ClientError::Refused(said));
        }
        Ok(told)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<(StatusCode, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        let with_port = match self.authority.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.authority.clone()
            }
            _ => format!("{}:80", self.authority),
        };
        let stream = TcpStream::connect(with_port).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.prefix))
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let asking = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, MOST).collect().await?.to_bytes();
            Ok((head.status, body))
        };
        // The connection has to be driven until the answer is there.
        tokio::select! {
            answered = asking => answered,
            Err(error) = connection => Err(error.into()),
        }
    }

    fn away(&self, reason: impl ToString) -> ClientError {
        ClientError::Away {
            server: self.server.clone(),
            reason: reason.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_told_with_one_that_is() {
        for (url, named) in [
            ("", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://127.0.0.1:8080"),
            ("ftp://pi/", "http://127.0.0.1:8080"),
            ("http://", "http://127.0.0.1:8080"),
            ("https://pi.lan/", "ssh -L"),
        ] {
            let error = Client::new(url, None).err().expect(url).to_string();
            assert!(error.contains(named), "{url}: {error}");
        }
    }

    #[test]
    fn a_prefix_of_a_proxy_stays() {
        for (url, authority, prefix) in [
            ("http://pi.lan", "pi.lan", ""),
            ("http://[::1]:9/", "[::1]:9", ""),
            ("http://lab.example:80/serial/", "lab.example:80", "/serial"),
        ] {
            let client = Client::new(url, None).unwrap();
            assert_eq!(
                (client.authority.as_str(), client.prefix.as_str()),
                (authority, prefix)
            );
        }
    }
}
