//! TLS: what passes between this server and others is kept from those in between. The certificate
//! is the operator's, in two files that are read again when they change, or one that the server
//! makes by itself.

mod fingerprint;
mod hangups;
mod pair;
mod self_signed;

use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub use fingerprint::{Fingerprint, NotAFingerprint};
pub use pair::{Files, NoPair, Pair};

use crate::hints::{Hints, Interest};
use hangups::Hangups;

/// The certificate that the server makes, and its key, in the data folder.
const OWN: [&str; 2] = ["self-signed.crt", "self-signed.key"];

/// A connection over TLS.
pub type Stream = tokio_rustls::server::TlsStream<TcpStream>;

/// Where the certificate is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// The operator has it.
    Files(Files),
    /// The server makes it by itself.
    SelfSigned,
}

/// The server's side of TLS.
pub struct Tls {
    files: Files,
    /// What the server's own certificate is for; none where the certificate is the operator's.
    names: Option<Vec<String>>,
    /// What is served. Each pair has a configuration of its own, so that no session is resumed that was
    /// begun under another certificate.
    pair: RwLock<Arc<Pair>>,
}

impl Tls {
    /// Reads the certificate. One that the server makes is kept in the folder `data`, and is for
    /// `names`: of hosts, and addresses.
    ///
    /// # Errors
    /// If there is none, or it is of no use.
    pub fn open(
        certificate: Certificate,
        data: Option<&Path>,
        names: Vec<String>,
    ) -> Result<Arc<Self>, NoPair> {
        let (files, names) = match certificate {
            Certificate::Files(files) => (files, None),
            Certificate::SelfSigned => {
                let data = data.ok_or(NoPair::NoFolder)?;
                let [cert, key] = OWN.map(|name| data.join(name));
                (Files { cert, key }, Some(names))
            }
        };
        let pair = read(&files, names.as_deref())?;
        Ok(Arc::new(Self {
            files,
            names,
            pair: RwLock::new(Arc::new(pair)),
        }))
    }

    /// The fingerprint of a certificate that nobody else vouches for.
    pub fn own_fingerprint(&self) -> Option<Fingerprint> {
        self.names.is_some().then(|| self.pair().fingerprint)
    }

    /// Agrees on TLS with a client.
    ///
    /// # Errors
    /// If that does not come about `within` this time.
    pub async fn accept(&self, stream: TcpStream, within: Duration) -> io::Result<Stream> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.pair().config));
        timeout(within, acceptor.accept(stream)).await?
    }

    /// Reads the files again when they change, or when the system asks for it (SIGHUP), for ever. While
    /// they are of no use, the certificate from before is served.
    pub async fn keep(self: Arc<Self>) {
        let mut hints = Hints::new(Interest::Contents);
        let mut hangups = Hangups::new();
        let mut told = Ok(self.pair().digest);
        loop {
            hints.watch(self.files.folders());
            let is_asked = tokio::select! {
                () = hints.next() => false,
                () = hangups.next() => true,
            };
            let tls = Arc::clone(&self);
            let reading = spawn_blocking(move || read(&tls.files, tls.names.as_deref()));
            let Ok(pair) = reading.await else { continue };
            let found = match &pair {
                Ok(pair) => Ok(pair.digest),
                Err(error) => Err(error.to_string()),
            };
            if found != told || is_asked {
                told = found;
                self.take(pair);
            }
        }
    }

    fn take(&self, pair: Result<Pair, NoPair>) {
        match pair {
            Ok(pair) => {
                pair.warn();
                tracing::info!(
                    "{}: this certificate is served now; it ends on {}; {}",
                    self.files.cert.display(),
                    pair.until.date(),
                    pair.fingerprint
                );
                *self.pair.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
            }
            Err(error) => tracing::error!("{error}; the certificate from before is still served"),
        }
    }

    fn pair(&self) -> Arc<Pair> {
        Arc::clone(&self.pair.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Reads the pair; one that is for these `names` is made where there is none.
fn read(files: &Files, names: Option<&[String]>) -> Result<Pair, NoPair> {
    match names {
        Some(names) => self_signed::read(files, names),
        None => Pair::read(files),
    }
}
