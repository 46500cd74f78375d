//! Trust: whose certificates are believed.

use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::tls::Fingerprint;

/// Who is believed to be who they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Whom the authorities vouch for that this machine trusts.
    #[default]
    Machine,
    /// Whom those vouch for whose certificates stand in a PEM file, and nobody else.
    File(PathBuf),
    /// Who has the certificate of this fingerprint, and nobody else.
    Fingerprint(Fingerprint),
}

/// Why nobody can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NoTrust {
    #[error("no certificates of authorities are on this machine; install its ca-certificates")]
    NoneHere,
    #[error("it holds no certificate in PEM")]
    NoneThere,
    #[error("{}: {why}", file.display())]
    File { file: PathBuf, why: String },
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

/// The authorities in the PEM file at `path`, and no others.
///
/// # Errors
/// If there are none, or the file cannot be read.
pub async fn of_path(path: &Path) -> Result<RootCertStore, NoTrust> {
    let read = tokio::fs::read(path)
        .await
        .map_err(|error| error.to_string());
    let roots = read.and_then(|pem| of_file(&pem).map_err(|error| error.to_string()));
    roots.map_err(|why| NoTrust::File {
        file: path.to_owned(),
        why,
    })
}

/// The authorities in a text in PEM, and no others.
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
