//! Trust: the authorities whose certificates are believed.

use tokio::task::spawn_blocking;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

/// Why nobody can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NoTrust {
    #[error("no certificates of authorities are on this machine; install its ca-certificates")]
    NoneHere,
    #[error("it holds no certificate in PEM")]
    NoneThere,
}

/// The authorities that this machine trusts.
///
/// # Errors
/// If there are none.
pub async fn of_machine() -> Result<RootCertStore, NoTrust> {
    let found = spawn_blocking(rustls_native_certs::load_native_certs).await;
    let found = found.map_err(|_| NoTrust::NoneHere)?;
    store(found.certs).ok_or(NoTrust::NoneHere)
}

/// The authorities in a PEM file, and no others.
///
/// # Errors
/// If there are none.
pub fn of_file(pem: &[u8]) -> Result<RootCertStore, NoTrust> {
    let found = CertificateDer::pem_slice_iter(pem).filter_map(Result::ok);
    store(found.collect()).ok_or(NoTrust::NoneThere)
}

fn store(certificates: Vec<CertificateDer<'static>>) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let (known, _) = roots.add_parsable_certificates(certificates);
    (known > 0).then_some(roots)
}
