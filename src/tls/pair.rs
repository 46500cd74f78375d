//! A pair: a certificate and its key, as they stand in two files, and why they are of no use.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{Error, InconsistentKeys, ServerConfig};
use yasna::tags::{TAG_GENERALIZEDTIME, TAG_UTCTIME};
use yasna::{ASN1Error, ASN1ErrorKind, BERReader, BERReaderSeq, Tag};

use super::Fingerprint;

/// The files of a pair, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The server's own certificate first, then those of its authorities.
    pub cert: PathBuf,
    /// The key of the first.
    pub key: PathBuf,
}

/// A certificate and its key.
pub struct Pair {
    /// What serves it.
    pub config: Arc<ServerConfig>,
    /// The certificate's.
    pub fingerprint: Fingerprint,
    /// When the certificate ends.
    pub until: OffsetDateTime,
    /// Of both files.
    pub(super) digest: [u8; 32],
    /// What is odd about it, and the way out.
    pub odd: Vec<String>,
}

/// Why there is no pair.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NoPair {
    #[error("{}: {error}; whoever runs seriald must be able to read it", file.display())]
    Unreadable { file: PathBuf, error: io::Error },
    #[error(
        "{}: no certificate in PEM stands there, which begins with -----BEGIN CERTIFICATE-----; out of DER \
         comes one by: openssl x509 -inform DER -in {} -out cert.pem", .0.display(), .0.display()
    )]
    NoCertificate(PathBuf),
    #[error("{}: this is no certificate that can be used: {error}", file.display())]
    Unfit { file: PathBuf, error: String },
    #[error(
        "{}: no private key in PEM stands there, which begins with -----BEGIN PRIVATE KEY-----; out of DER \
         comes one by: openssl pkey -inform DER -in {} -out key.pem", .0.display(), .0.display()
    )]
    NoKey(PathBuf),
    #[error(
        "{}: this key is encrypted, and nobody is there to type its password; without one it is written by: \
         openssl pkey -in {} -out key.pem", .0.display(), .0.display()
    )]
    Encrypted(PathBuf),
    #[error(
        "{}: this is not the key of the certificate in {}; the server's own comes first there, and those of its \
         authorities behind it", .0.key.display(), .0.cert.display()
    )]
    Mismatch(Files),
    #[error("a self-signed certificate has to be kept in a folder; name one with --data")]
    NoFolder,
    #[error("{}: the self-signed certificate cannot be kept: {error}", file.display())]
    NotKept { file: PathBuf, error: io::Error },
    #[error("no certificate could be made: {0}")]
    NotMade(String),
}

impl NoPair {
    /// Whether it is the key that is of no use.
    pub fn is_of_key(&self, files: &Files) -> bool {
        match self {
            Self::NoKey(_) | Self::Encrypted(_) | Self::Mismatch(_) => true,
            Self::Unreadable { file, .. } => *file == files.key,
            _ => false,
        }
    }
}

impl Files {
    /// The folders in which something changes when the pair does: links are followed.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let named = [&self.cert, &self.key].into_iter();
        let meant = named.clone().filter_map(|file| file.canonicalize().ok());
        let files = named.cloned().chain(meant);
        let folder = |file: PathBuf| match file.parent() {
            Some(folder) if folder != Path::new("") => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        files.map(folder).collect()
    }

    fn read(file: &Path) -> Result<Vec<u8>, NoPair> {
        let file = file.to_owned();
        std::fs::read(&file).map_err(|error| NoPair::Unreadable { file, error })
    }
}

impl Pair {
    /// Reads the files.
    ///
    /// # Errors
    /// If they are not there, or of no use.
    pub fn read(files: &Files) -> Result<Self, NoPair> {
        let (cert, key) = (Files::read(&files.cert)?, Files::read(&files.key)?);
        let chain = CertificateDer::pem_slice_iter(&cert).collect::<Result<Vec<_>, _>>();
        let chain = chain.unwrap_or_default();
        let Some(own) = chain.first() else {
            return Err(NoPair::NoCertificate(files.cert.clone()));
        };
        let unfit = |error: String| NoPair::Unfit {
            file: files.cert.clone(),
            error,
        };
        let until = end_of(own).map_err(|error| unfit(error.to_string()))?;
        let fingerprint = Fingerprint::of(own);
        let secret = PrivateKeyDer::from_pem_slice(&key).map_err(|_| {
            let is_encrypted = key.windows(9).any(|word| word == b"ENCRYPTED");
            match is_encrypted {
                true => NoPair::Encrypted(files.key.clone()),
                false => NoPair::NoKey(files.key.clone()),
            }
        })?;
        let config = ServerConfig::builder().with_no_client_auth();
        let mut config = config
            .with_single_cert(chain, secret)
            .map_err(|error| match error {
                Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                    NoPair::Mismatch(files.clone())
                }
                Error::General(_) => NoPair::NoKey(files.key.clone()),
                error => unfit(error.to_string()),
            })?;
        // A WebSocket over HTTP/2 would be another way in, for nothing that is faster.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut odd = Vec::new();
        if until < OffsetDateTime::now_utc() {
            odd.push(format!(
                "{}: this certificate ended on {}, so that browsers warn of it and programs refuse it; renew it",
                files.cert.display(),
                until.date()
            ));
        }
        if is_open(&files.key) {
            odd.push(format!(
                "{0}: every user of this machine can read this key; chmod 600 {0}",
                files.key.display()
            ));
        }
        Ok(Self {
            config: Arc::new(config),
            fingerprint,
            until,
            digest: Sha256::new()
                .chain_update(&cert)
                .chain_update(&key)
                .finalize()
                .into(),
            odd,
        })
    }

    /// Logs what is odd.
    pub(super) fn warn(&self) {
        for odd in &self.odd {
            tracing::warn!("{odd}");
        }
    }
}

#[cfg(unix)]
fn is_open(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
}

/// Elsewhere it is not a matter of a few bits.
#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}

/// When a certificate ends.
fn end_of(certificate: &[u8]) -> Result<OffsetDateTime, ASN1Error> {
    yasna::parse_der(certificate, |certificate| {
        certificate.read_sequence(|parts| {
            let until = parts.next().read_sequence(|parts| {
                // The version, the serial number, the algorithm and the issuer come before.
                parts.read_optional(|version| {
                    version.read_tagged(Tag::context(0), |version| version.read_u8())
                })?;
                for _ in 0..3 {
                    parts.next().read_der()?;
                }
                let until = parts.next().read_sequence(|times| {
                    times.next().read_der()?;
                    read_time(times.next())
                })?;
                skip(parts)?;
                Ok(until)
            })?;
            skip(parts)?;
            Ok(until)
        })
    })
}

fn read_time(time: BERReader<'_, '_>) -> Result<OffsetDateTime, ASN1Error> {
    match time.lookahead_tag()? {
        TAG_UTCTIME => Ok(*time.read_utctime()?.datetime()),
        TAG_GENERALIZEDTIME => Ok(*time.read_generalized_time()?.datetime()),
        _ => Err(ASN1Error::new(ASN1ErrorKind::Invalid)),
    }
}

fn skip(parts: &mut BERReaderSeq<'_, '_>) -> Result<(), ASN1Error> {
    while parts.read_optional(|part| part.read_der())?.is_some() {}
    Ok(())
}
