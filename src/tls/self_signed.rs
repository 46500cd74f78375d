//! A self-signed certificate: the server vouches for itself, and people compare its fingerprint.

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use time::OffsetDateTime;

use super::pair::{Files, NoPair, Pair};

const A_DAY: Duration = Duration::from_secs(24 * 3600);
/// How long one holds. Each new one has to be trusted anew, but systems of Apple trust none that is
/// made for more than 825 days.
const LIFE: Duration = A_DAY.saturating_mul(730);
/// So long before its end it is made anew.
const RENEWED: Duration = A_DAY.saturating_mul(30);

/// Reads the pair. Where there is none that can be used, or it ends soon, a new one is made; that
/// the machine has got other names or addresses since is no reason, or else what people trust would
/// change with every lease of an address.
pub fn read(files: &Files, names: &[String]) -> Result<Pair, NoPair> {
    match Pair::read(files) {
        Ok(pair) if pair.until - OffsetDateTime::now_utc() > RENEWED => return Ok(pair),
        Ok(_) => tracing::info!("the self-signed certificate ends soon: a new one takes its place"),
        Err(NoPair::Unreadable { error, .. }) if error.kind() == ErrorKind::NotFound => {}
        Err(error @ NoPair::Unreadable { .. }) => return Err(error),
        Err(error) => tracing::warn!("{error}: a new one takes its place"),
    }
    let (certificate, key) = make(names).map_err(|error| NoPair::NotMade(error.to_string()))?;
    // An end between the two leaves two that do not fit, which are made anew.
    for (file, text) in [(&files.key, key), (&files.cert, certificate)] {
        write(file, &text).map_err(|error| NoPair::NotKept {
            file: file.clone(),
            error,
        })?;
    }
    Pair::read(files)
}

/// The certificate and its key, in PEM.
fn make(names: &[String]) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let known: Vec<_> = names
        .iter()
        .filter(|name| name.is_ascii())
        .cloned()
        .collect();
    let mut certificate = CertificateParams::new(known)?;
    let now = OffsetDateTime::now_utc();
    // Other clocks may be behind.
    certificate.not_before = now - A_DAY;
    certificate.not_after = now + LIFE;
    certificate.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    certificate.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let title = names.first().map_or("seriald", String::as_str);
    certificate
        .distinguished_name
        .push(DnType::CommonName, title);
    Ok((certificate.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// Writes a file for its owner alone, whole or not at all.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::client::verify_server_name;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::server::ParsedCertificate;

    use super::*;

    fn files(folder: &Path) -> Files {
        Files {
            cert: folder.join("new/own.crt"),
            key: folder.join("new/own.key"),
        }
    }

    #[test]
    fn it_is_made_once_for_every_name_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let names = ["pi", "pi.local", "192.168.1.7", "::1"].map(str::to_owned);
        let pair = read(&files, &names).unwrap();
        assert!(pair.odd.is_empty(), "{:?}", pair.odd);
        let again = read(&files, &["other".to_owned()]).unwrap();
        assert_eq!(pair.fingerprint, again.fingerprint);
        let pem = std::fs::read(&files.cert).unwrap();
        let certificate = CertificateDer::from_pem_slice(&pem).unwrap();
        let certificate = ParsedCertificate::try_from(&certificate).unwrap();
        for name in names {
            let name = ServerName::try_from(name).unwrap();
            verify_server_name(&certificate, &name)
                .unwrap_or_else(|error| panic!("{name:?}: {error}"));
        }
    }

    #[test]
    fn what_is_left_of_one_gives_way_to_a_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path());
        let first = read(&files, &[]).unwrap().fingerprint;
        std::fs::remove_file(&files.key).unwrap();
        let second = read(&files, &[]).unwrap().fingerprint;
        std::fs::write(&files.cert, "broken").unwrap();
        let third = read(&files, &[]).unwrap().fingerprint;
        assert!(first != second && second != third);
    }
}
