//! A link: the way to a broker, plain or over TLS, and why there is none.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig};

use crate::client::trust;
use crate::config::Mqtt;

/// How long it may take until there is one.
const PATIENCE: Duration = Duration::from_secs(10);

/// A stream of bytes to a broker and from it.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects; or says why not, and what to do about it.
pub async fn connect(mqtt: &Mqtt) -> Result<Box<dyn Stream>, String> {
    match timeout(PATIENCE, reach(mqtt)).await {
        Ok(reached) => reached,
        Err(_) => Err(format!(
            "no answer within {} s; is it switched on, and let through by its firewall?",
            PATIENCE.as_secs()
        )),
    }
}

async fn reach(mqtt: &Mqtt) -> Result<Box<dyn Stream>, String> {
    let (host, port) = (mqtt.broker.host.as_str(), mqtt.broker.port);
    let addresses = lookup_host((host, port)).await;
    let addresses = addresses.map_err(|error| format!("no machine is known as {host}: {error}"))?;
    let mut failure = format!("no machine is known as {host}");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A broker whose machine has vanished is found by what it does not answer.
                let _: io::Result<()> =
                    SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new());
                let _: io::Result<()> = stream.set_nodelay(true);
                return match mqtt.broker.tls {
                    true => secure(mqtt, stream).await,
                    false => Ok(Box::new(stream)),
                };
            }
            Err(error) => {
                let way_out = match error.kind() {
                    io::ErrorKind::ConnectionRefused => "; is a broker running there?",
                    _ => "",
                };
                failure = format!("{address}: {error}{way_out}");
            }
        }
    }
    Err(failure)
}

async fn secure(mqtt: &Mqtt, stream: TcpStream) -> Result<Box<dyn Stream>, String> {
    let trusted = match &mqtt.ca_file {
        Some(path) => {
            let pem = tokio::fs::read(path).await;
            let pem = pem.map_err(|error| format!("ca_file {}: {error}", path.display()))?;
            trust::of_file(&pem).map_err(|error| format!("ca_file {}: {error}", path.display()))?
        }
        None => trust::of_machine()
            .await
            .map_err(|error| error.to_string())?,
    };
    let config = ClientConfig::builder()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let host = mqtt.broker.host.clone();
    let name = ServerName::try_from(host).map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(config));
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(not_secure(&error)),
    }
}

/// Why TLS was not to be had.
fn not_secure(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "its certificate is by an authority that is not trusted here; name a file with that \
             authority's certificate in ca_file"
                .to_owned()
        }
        Some(rustls::Error::InvalidMessage(_)) => {
            "it does not speak TLS on this port; mqtt:// is without".to_owned()
        }
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "it closed the connection before TLS was agreed on; mqtt:// is without".to_owned()
        }
        _ => format!("TLS: {error}"),
    }
}

/// Why a broker does not let us in.
pub fn refusal(code: u8, user: Option<&str>) -> String {
    match (code, user) {
        (1, _) => "it does not speak MQTT 3.1.1".to_owned(),
        (2, _) => "it does not accept the client_id; give another".to_owned(),
        (3, _) => "it says that it is not available now".to_owned(),
        (4 | 5, Some(user)) => format!("it does not accept the user {user:?} with this password"),
        (4 | 5, None) => "it wants a user and a password; give user and password_file".to_owned(),
        (code, _) => format!("it refuses with code {code}"),
    }
}
