//! TLS: the server's side of it for what the program asks, and the client's side for what it serves.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion, version,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A server's side of TLS, with a certificate for `127.0.0.1`.
pub fn acceptor() -> TlsAcceptor {
    let certificate =
        CertificateDer::from_pem_slice(include_bytes!("../../tls/localhost.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../../tls/localhost.key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate], key).unwrap();
    Arc::new(config).into()
}

/// A certificate of its own for `127.0.0.1`, and its key, in two files.
pub struct Pair {
    pub cert: PathBuf,
    pub key: PathBuf,
}

impl Pair {
    /// Makes one.
    pub fn within(folder: &Path, name: &str) -> Self {
        Self::until(folder, name, SystemTime::now() + Duration::from_secs(3600))
    }

    /// Makes one that ends then.
    pub fn until(folder: &Path, name: &str, end: SystemTime) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        certificate.not_after = end.into();
        let certificate = certificate.self_signed(&key).unwrap();
        let pair = Self {
            cert: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        fs::write(&pair.cert, certificate.pem()).unwrap();
        fs::write(&pair.key, key.serialize_pem()).unwrap();
        fs::set_permissions(
            &pair.key,
            std::os::unix::fs::PermissionsExt::from_mode(0o600),
        )
        .unwrap();
        pair
    }

    /// What the program is told.
    pub fn flags(&self) -> [&str; 4] {
        let [cert, key] = [&self.cert, &self.key].map(|file| file.to_str().unwrap());
        ["--tls-cert", cert, "--tls-key", key]
    }

    /// Takes the place of another.
    pub fn replace(&self, other: &Self) {
        fs::rename(&self.key, &other.key).unwrap();
        fs::rename(&self.cert, &other.cert).unwrap();
    }
}

/// The certificate in a file.
pub fn certificate(file: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file).unwrap()
}

/// Agrees on TLS with a server that has this certificate.
pub async fn connect(
    address: SocketAddr,
    certificate: &CertificateDer<'static>,
) -> io::Result<TlsStream<TcpStream>> {
    connect_with(address, certificate, &[&version::TLS12, &version::TLS13]).await
}

/// The same in these versions only.
pub async fn connect_with(
    address: SocketAddr,
    certificate: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_protocol_versions(versions);
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(address.ip().into(), stream).await
}
