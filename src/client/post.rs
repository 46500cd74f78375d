//! A post to any address of the web: one question, and whether it was taken.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::address::Address;
use super::connector::Connector;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something was not taken.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PostError {
    #[error("this is no address of the web; one begins with http:// or https:// and a name")]
    Address,
    #[error("no answer came within {} s", PATIENCE.as_secs())]
    Late,
    #[error("the answer was {0}")]
    Refused(StatusCode),
    #[error("{0}")]
    Broken(String),
}

fn broken(error: impl ToString) -> PostError {
    PostError::Broken(error.to_string())
}

/// Posts to addresses of the web.
#[derive(Default)]
pub struct Poster {
    connector: Connector,
}

impl Poster {
    /// Posts JSON. Where the answer sends elsewhere, nobody goes there: it may be an address that
    /// was not meant.
    ///
    /// # Errors
    /// If it was not taken, for whatever reason.
    pub async fn post(&self, address: &str, json: Bytes) -> Result<(), PostError> {
        let address = Address::parse(address).ok_or(PostError::Address)?;
        match timeout(PATIENCE, self.ask(&address, json)).await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            Ok(Ok(status)) => Err(PostError::Refused(status)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(PostError::Late),
        }
    }

    async fn ask(&self, address: &Address, json: Bytes) -> Result<StatusCode, PostError> {
        let stream = self.connector.connect(address).await.map_err(broken)?;
        let request = Request::post(address.path())
            .header(header::HOST, address.authority())
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                concat!("seriald/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::CONNECTION, "close")
            .body(Full::new(json))
            .map_err(broken)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        // It is driven until the head of the answer is here; the rest is not read.
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let answer = sender.send_request(request).await.map_err(broken)?;
        Ok(answer.status())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_address_of_the_web_is_told() {
        let posted = Poster::default().post("example.org", Bytes::new()).await;
        assert!(matches!(posted, Err(PostError::Address)), "{posted:?}");
    }
}
