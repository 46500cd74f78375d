//! The connector: a stream to an address, over TLS where it asks for that.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error};

use super::address::Address;
use super::pin::{Other, Pin};
use super::trust::{self, NoTrust, Trust};

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
    #[error(
        "its certificate is by an authority that is not trusted here; SSL_CERT_FILE names a file of others to trust"
    )]
    UnknownAuthority,
    #[error("its certificate is not to be trusted: {0}")]
    Certificate(CertificateError),
    #[error("{0}")]
    Other(Other),
    #[error("it does not speak TLS there; http:// is without")]
    NotTls,
    #[error("TLS: {0}")]
    Tls(io::Error),
    #[error(transparent)]
    Tcp(#[from] io::Error),
}

impl ConnectError {
    /// Whether another try cannot help: who is there is not who was meant.
    pub fn is_of_trust(&self) -> bool {
        !matches!(self, Self::Tls(_) | Self::Tcp(_))
    }

    fn of_tls(error: io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        match inner {
            Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
                Self::UnknownAuthority
            }
            Some(Error::InvalidCertificate(CertificateError::Other(other))) => {
                match other.0.downcast_ref() {
                    Some(other) => Self::Other(*other),
                    None => Self::Tls(error),
                }
            }
            Some(Error::InvalidCertificate(why)) => Self::Certificate(why.clone()),
            Some(Error::InvalidMessage(_)) => Self::NotTls,
            _ => Self::Tls(error),
        }
    }
}

/// Opens streams. Whom it trusts is looked up when that is first asked for.
#[derive(Default)]
pub struct Connector {
    trust: Trust,
    tls: OnceCell<TlsConnector>,
}

impl Connector {
    /// One that trusts them.
    pub fn trusting(trust: Trust) -> Self {
        Self {
            trust,
            tls: OnceCell::new(),
        }
    }

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
        let tls = self.tls.get_or_try_init(|| tls(&self.trust)).await?;
        let stream = tls.connect(name, stream).await;
        Ok(Box::new(stream.map_err(ConnectError::of_tls)?))
    }
}

async fn tls(trust: &Trust) -> Result<TlsConnector, ConnectError> {
    let config = ClientConfig::builder();
    let provider = Arc::clone(config.crypto_provider());
    let config = match trust {
        Trust::Machine => config.with_root_certificates(trust::of_machine().await?),
        Trust::File(file) => config.with_root_certificates(trust::of_path(file).await?),
        Trust::Fingerprint(fingerprint) => {
            let pin = Arc::new(Pin::new(*fingerprint, provider));
            config.dangerous().with_custom_certificate_verifier(pin)
        }
    };
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}
