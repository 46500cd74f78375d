//! The connector: a stream to an address, over TLS where it asks for that.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::address::Address;
use super::trust::{self, NoTrust};

/// What a stream can do.
pub trait Both: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// A stream, whatever it goes over.
pub type Stream = Box<dyn Both>;

/// Why there is no stream.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    NoTrust(#[from] NoTrust),
    #[error("{0:?} is no name that a certificate could have")]
    Name(String),
    #[error("{0}; SSL_CERT_FILE names a file of other authorities to trust")]
    Tls(io::Error),
    #[error(transparent)]
    Tcp(#[from] io::Error),
}

/// Opens streams. The authorities that are trusted are those of the machine, read when they are
/// first asked for.
#[derive(Default)]
pub struct Connector {
    tls: OnceCell<TlsConnector>,
}

impl Connector {
    /// Opens a stream to an address.
    ///
    /// # Errors
    /// If nobody listens there, or is not who the address says.
    pub async fn connect(&self, address: &Address) -> Result<Stream, ConnectError> {
        let stream = TcpStream::connect((address.host(), address.port())).await?;
        // What is sent is small and waited for.
        stream.set_nodelay(true)?;
        if !address.is_secret() {
            return Ok(Box::new(stream));
        }
        let name = address.host().to_owned();
        let name = ServerName::try_from(name.clone()).map_err(|_| ConnectError::Name(name))?;
        let tls = self.tls.get_or_try_init(tls).await?;
        let stream = tls.connect(name, stream).await;
        Ok(Box::new(stream.map_err(ConnectError::Tls)?))
    }
}

async fn tls() -> Result<TlsConnector, ConnectError> {
    let config = ClientConfig::builder()
        .with_root_certificates(trust::of_machine().await?)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
