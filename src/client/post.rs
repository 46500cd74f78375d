//! A post to any address of the web: one question, and whether it was taken.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::header;
use hyper::{Request, StatusCode};
use tokio::time::timeout;

use super::address::Address;
use super::connector::Connector;
use super::fetch::send;

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
        let request = Request::post("/").header(header::CONTENT_TYPE, "application/json");
        let sent = send(&self.connector, address, request, json).await;
        // Only the head of the answer is read.
        let (answer, _connection) = sent.map_err(PostError::Broken)?;
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
