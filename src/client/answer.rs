//! An answer of a server, as a whole or line by line as it comes.

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;

use super::ClientError;

/// The longest answer, in bytes.
const MOST: usize = 16 << 20;

/// An answer that goes on. Dropping it tells the server that nobody listens any more.
pub struct Answer {
    server: String,
    body: Limited<Incoming>,
    /// A line that has not ended.
    begun: Vec<u8>,
    _connection: AbortOnDropHandle<()>,
}

impl Answer {
    /// One that begins to come over this connection.
    pub(super) fn new(server: String, body: Incoming, connection: AbortOnDropHandle<()>) -> Self {
        Self {
            server,
            body: Limited::new(body, MOST),
            begun: Vec::new(),
            _connection: connection,
        }
    }

    /// The next line that says something; none where the answer has ended.
    ///
    /// # Errors
    /// If the connection is lost.
    pub async fn line(&mut self) -> Result<Option<Value>, ClientError> {
        loop {
            if let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.begun.drain(..=end).collect();
                match serde_json::from_slice(&line) {
                    Ok(said) => return Ok(Some(said)),
                    // An empty one only says that the server is there.
                    Err(_) => continue,
                }
            }
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| ClientError::away(&self.server, error))?;
            self.begun
                .extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
        }
    }

    /// All of it.
    pub(super) async fn rest(&mut self) -> Result<Value, ClientError> {
        Ok(serde_json::from_slice(&self.bytes().await?).unwrap_or_default())
    }

    /// All of it, as it is.
    pub(super) async fn bytes(&mut self) -> Result<Bytes, ClientError> {
        let all = (&mut self.body).collect().await;
        let all = all.map_err(|error| ClientError::away(&self.server, error))?;
        Ok(all.to_bytes())
    }
}
