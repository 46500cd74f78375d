//! TLS on the command line: which certificate, and where those are sent on who come without.

use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;
use seriald::config::tls::Written;
use seriald::diagnostic::Key;

/// The flags.
#[derive(Args, Default)]
pub struct TlsWish {
    /// Speak TLS with the certificate in this PEM file: the server's own first, then its authorities.
    /// It is read again when it changes.
    #[arg(
        long,
        value_name = "FILE",
        env = "SERIALD_TLS_CERT",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// The PEM file with the key of that certificate.
    #[arg(
        long,
        value_name = "FILE",
        env = "SERIALD_TLS_KEY",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
    /// Speak TLS with a certificate that the server makes by itself, and print its fingerprint.
    #[arg(
        long,
        env = "SERIALD_TLS_SELF_SIGNED",
        value_parser = BoolishValueParser::new(),
        conflicts_with = "tls_cert"
    )]
    tls_self_signed: bool,
    /// Listen here too, without TLS, only to send browsers to where it is spoken.
    #[arg(long, value_name = "HOST:PORT", env = "SERIALD_TLS_REDIRECT")]
    tls_redirect: Option<String>,
}

impl TlsWish {
    /// The keys of the file that these go before.
    pub fn given(&self) -> impl Iterator<Item = Key> {
        let is_given = self.tls_cert.is_some() || self.tls_self_signed;
        let certificate = ["cert", "key", "self_signed"].into_iter();
        let redirect = self.tls_redirect.as_ref().map(|_| "redirect");
        let keys = certificate.filter(move |_| is_given).chain(redirect);
        keys.map(Key::of_tls)
    }

    /// These, then what the file says.
    pub fn over(self, file: Written) -> Written {
        let redirect = self.tls_redirect.or(file.redirect);
        if self.tls_cert.is_none() && !self.tls_self_signed {
            return Written { redirect, ..file };
        }
        Written {
            cert: self.tls_cert,
            key: self.tls_key,
            self_signed: self.tls_self_signed,
            redirect,
        }
    }
}
