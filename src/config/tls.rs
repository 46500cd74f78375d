//! `[tls]` in the configuration: which certificate, and where those are sent on who come without TLS.

use std::path::PathBuf;

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Key};
use crate::tls::{Certificate, Files};

/// What the file says, or the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The certificate's file.
    pub cert: Option<PathBuf>,
    /// The file of its key.
    pub key: Option<PathBuf>,
    /// Whether the server makes its own.
    #[serde(default)]
    pub self_signed: bool,
    /// Where to listen for those who come without TLS.
    pub redirect: Option<String>,
}

impl Written {
    /// The certificate, if there is to be one.
    ///
    /// # Errors
    /// If it is half of one, or two.
    pub fn certificate(&self) -> Result<Option<Certificate>, Diagnostic> {
        let wrong = |key, text: &str| Err(Diagnostic::error(Key::of_tls(key), text));
        match (&self.cert, &self.key, self.self_signed) {
            (Some(cert), Some(key), false) => Ok(Some(Certificate::Files(Files {
                cert: cert.clone(),
                key: key.clone(),
            }))),
            (None, None, true) => Ok(Some(Certificate::SelfSigned)),
            (None, None, false) => Ok(None),
            (Some(_), None, _) => wrong("cert", "its key is missing; name the file in key"),
            (None, Some(_), _) => wrong("key", "its certificate is missing; name the file in cert"),
            (Some(_), Some(_), true) => wrong(
                "self_signed",
                "there is a certificate in cert already; leave out one of the two",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_two_files_or_made_by_the_server() {
        let files = Certificate::Files(Files {
            cert: "c.pem".into(),
            key: "k.pem".into(),
        });
        for (text, expected) in [
            ("", Ok(None)),
            ("self_signed = true", Ok(Some(Certificate::SelfSigned))),
            ("cert = 'c.pem'\nkey = 'k.pem'", Ok(Some(files))),
            ("cert = 'c.pem'", Err("cert")),
            ("key = 'k.pem'\nself_signed = true", Err("key")),
            (
                "cert = 'c'\nkey = 'k'\nself_signed = true",
                Err("self_signed"),
            ),
        ] {
            let written: Written = toml::from_str(text).expect(text);
            let found = written.certificate();
            let found = found.map_err(|wrong| wrong.key.and_then(|key| key.table).unwrap().1);
            assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        }
    }
}
