//! A fingerprint: the SHA-256 of a certificate, by which people know it that nobody vouches for.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use tokio_rustls::rustls::pki_types::CertificateDer;

use crate::hex;

/// The fingerprint of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// Why something is not a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no SHA-256 fingerprint; one is 64 hex digits, with or without colons, such as \
     SHA256:AB:CD:…, as the server printed it at its start"
)]
pub struct NotAFingerprint;

impl Fingerprint {
    /// That of a certificate.
    pub fn of(certificate: &CertificateDer<'_>) -> Self {
        Self(Sha256::digest(certificate).into())
    }
}

impl fmt::Display for Fingerprint {
    /// As browsers and openssl show it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SHA256")?;
        self.0.iter().try_for_each(|byte| write!(f, ":{byte:02X}"))
    }
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Reads it as this program, a browser or `openssl x509 -fingerprint -sha256` shows it.
    fn from_str(text: &str) -> Result<Self, NotAFingerprint> {
        let text = text.rsplit_once('=').map_or(text, |(_, digits)| digits);
        let known = text
            .get(..7)
            .filter(|name| name.eq_ignore_ascii_case("sha256:"));
        let digits = &text[known.map_or(0, str::len)..];
        let bytes = hex::decode(&digits.replace(':', " ")).map_err(|_| NotAFingerprint)?;
        bytes.try_into().map(Self).map_err(|_| NotAFingerprint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_in_every_form_in_which_it_is_shown() {
        let fingerprint = Fingerprint([0xab; 32]);
        let shown = fingerprint.to_string();
        assert_eq!(shown, format!("SHA256{}", ":AB".repeat(32)));
        let bare = "ab".repeat(32);
        let openssl = shown.replace("SHA256:", "sha256 Fingerprint=");
        for text in [&shown, &shown.to_lowercase(), &bare, &openssl] {
            assert_eq!(text.parse(), Ok(fingerprint), "{text}");
        }
        for text in [
            "",
            "SHA256:",
            "SHA1:AB",
            &bare[1..],
            &format!("{bare}ab"),
            "é",
        ] {
            assert_eq!(text.parse::<Fingerprint>(), Err(NotAFingerprint), "{text}");
        }
    }
}
