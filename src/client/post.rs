//! A post to any address of the web: one question, and whether it was taken.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_util::task::AbortOnDropHandle;

use super::trust::{self, NoTrust};

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why something was not taken.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PostError {
    #[error("this is no address of the web; one begins with http:// or https:// and a name")]
    Address,
    #[error(transparent)]
    NoTrust(#[from] NoTrust),
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

/// Posts to addresses of the web. The authorities that are trusted are those of the machine, read
/// when they are first asked for.
#[derive(Default)]
pub struct Poster {
    tls: OnceCell<TlsConnector>,
}

impl Poster {
    /// Posts JSON. Where the answer sends elsewhere, nobody goes there: it may be an address that
    /// was not meant.
    ///
    /// # Errors
    /// If it was not taken, for whatever reason.
    pub async fn post(&self, address: &str, json: Bytes) -> Result<(), PostError> {
        match timeout(PATIENCE, self.ask(address, json)).await {
            Ok(Ok(status)) if status.is_success() => Ok(()),
            Ok(Ok(status)) => Err(PostError::Refused(status)),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(PostError::Late),
        }
    }

    async fn ask(&self, address: &str, json: Bytes) -> Result<StatusCode, PostError> {
        let uri: Uri = address.parse().map_err(|_| PostError::Address)?;
        let authority = uri.authority().ok_or(PostError::Address)?;
        if authority.as_str().contains('@') {
            return Err(PostError::Address);
        }
        let (is_secret, standard) = match uri.scheme_str() {
            Some("http") => (false, 80),
            Some("https") => (true, 443),
            _ => return Err(PostError::Address),
        };
        let (host, port) = (authority.host(), authority.port_u16().unwrap_or(standard));
        let stream = TcpStream::connect(format!("{host}:{port}"))
            .await
            .map_err(broken)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let request = Request::post(path)
            .header(header::HOST, authority.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                concat!("seriald/", env!("CARGO_PKG_VERSION")),
            )
            .header(header::CONNECTION, "close")
            .body(Full::new(json))
            .map_err(broken)?;
        if !is_secret {
            return send(stream, request).await;
        }
        let name = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = ServerName::try_from(name).map_err(|_| PostError::Address)?;
        let tls = self.tls.get_or_try_init(connector).await?;
        let stream = tls.connect(name, stream).await.map_err(broken)?;
        send(stream, request).await
    }
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, PostError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // It is driven until the head of the answer is here; the rest is not read.
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let answer = sender.send_request(request).await.map_err(broken)?;
    Ok(answer.status())
}

async fn connector() -> Result<TlsConnector, PostError> {
    let config = ClientConfig::builder()
        .with_root_certificates(trust::of_machine().await?)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_address_of_the_web_is_told() {
        for address in [
            "",
            "example.org",
            "ftp://example.org/",
            "http://",
            "https:///path",
            "http://anna:secret@example.org/",
        ] {
            let error = Poster::default()
                .post(address, Bytes::new())
                .await
                .unwrap_err();
            assert!(matches!(error, PostError::Address), "{address}: {error}");
        }
    }
}
