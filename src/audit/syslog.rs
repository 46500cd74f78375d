//! Syslog, RFC 5424: to what listens on this machine, or over UDP to one elsewhere.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, ToSocketAddrs, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::UnixDatagram;
#[cfg(unix)]
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::{Action, Entry, Outcome};
use crate::clock::clock;

/// Who listens may let a message wait for so long.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// Where syslog listens on this machine.
#[cfg(unix)]
const LOCAL: &str = "/dev/log";
/// `authpriv`: what only administrators are to see.
const FACILITY: u8 = 10;
/// The name of our fields. The number is the one for those who have none of their own (RFC 5612).
const FIELDS: &str = "seriald@32473";

/// A syslog that takes entries.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Collector {
    /// One on this machine, by the path of its socket.
    #[cfg(unix)]
    Local(PathBuf),
    /// One at `HOST:PORT`, over UDP.
    Udp(String),
}

/// A text that names no syslog.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no place of a syslog; give HOST:PORT, for UDP, or the path of a socket, such as /dev/log"
)]
pub struct NotACollector(String);

impl FromStr for Collector {
    type Err = NotACollector;

    fn from_str(text: &str) -> Result<Self, NotACollector> {
        #[cfg(unix)]
        if text.starts_with('/') {
            return Ok(Self::Local(text.into()));
        }
        let wrong = || NotACollector(text.chars().take(64).collect());
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let is_host = !host.is_empty() && !host.contains(|letter: char| letter.is_whitespace());
        match port.parse::<u16>() {
            Ok(1..) if is_host => Ok(Self::Udp(text.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Collector {
    type Error = NotACollector;

    fn try_from(text: String) -> Result<Self, NotACollector> {
        text.parse()
    }
}

#[cfg(unix)]
impl Default for Collector {
    fn default() -> Self {
        Self::Local(LOCAL.into())
    }
}

#[cfg(not(unix))]
impl Default for Collector {
    fn default() -> Self {
        Self::Udp("localhost:514".to_owned())
    }
}

impl fmt::Display for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(unix)]
            Self::Local(path) => path.display().fmt(f),
            Self::Udp(address) => f.write_str(address),
        }
    }
}

enum Socket {
    #[cfg(unix)]
    Local(UnixDatagram),
    Udp(UdpSocket),
}

impl Socket {
    fn connect(to: &Collector) -> io::Result<Self> {
        match to {
            #[cfg(unix)]
            Collector::Local(path) => {
                let socket = UnixDatagram::unbound()?;
                socket.set_write_timeout(Some(PATIENCE))?;
                socket.connect(path)?;
                Ok(Self::Local(socket))
            }
            Collector::Udp(address) => {
                let nowhere = || io::Error::new(io::ErrorKind::NotFound, "it has no address");
                let address = address.to_socket_addrs()?.next().ok_or_else(nowhere)?;
                let socket = match address {
                    address if address.is_ipv4() => UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
                    _ => UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?,
                };
                socket.set_write_timeout(Some(PATIENCE))?;
                socket.connect(address)?;
                Ok(Self::Udp(socket))
            }
        }
    }

    fn send(&self, message: &[u8]) -> io::Result<usize> {
        match self {
            #[cfg(unix)]
            Self::Local(socket) => socket.send(message),
            Self::Udp(socket) => socket.send(message),
        }
    }
}

/// Writes entries to a syslog.
pub(super) struct Syslog {
    to: Collector,
    host: String,
    socket: Option<Socket>,
}

impl Syslog {
    pub fn new(to: Collector) -> Self {
        Self {
            to,
            host: host(),
            socket: None,
        }
    }

    /// Where it goes.
    pub fn to(&self) -> &Collector {
        &self.to
    }

    /// Adds an entry.
    pub fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let message = message(entry, &self.host);
        if let Some(socket) = &self.socket
            && socket.send(message.as_bytes()).is_ok()
        {
            return Ok(());
        }
        // What listens there may have begun anew.
        self.socket = None;
        let socket = Socket::connect(&self.to)?;
        socket.send(message.as_bytes())?;
        self.socket = Some(socket);
        Ok(())
    }
}

/// The name of this machine, as far as it may stand in a message; `-` is none.
fn host() -> String {
    #[cfg(unix)]
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    let name: String = name.chars().filter(char::is_ascii_graphic).collect();
    if name.is_empty() {
        return "-".to_owned();
    }
    name
}

/// How much it matters, as syslog and systemd count: 4 is a warning, 5 worth a look, 6 as usual.
pub(super) fn priority(entry: &Entry) -> u8 {
    match (entry.action, entry.outcome) {
        (Action::Lost, _) => 4,
        (_, Outcome::Refused | Outcome::Failed) => 5,
        (_, Outcome::Done) => 6,
    }
}

/// An entry as a message of syslog.
fn message(entry: &Entry, host: &str) -> String {
    let facility_and_priority = FACILITY * 8 + priority(entry);
    let (time, action, process) = (clock(entry.time), entry.action.word(), std::process::id());
    let fields = entry.fields().into_iter();
    let fields =
        fields.filter_map(|(name, value)| Some(format!(" {name}=\"{}\"", quoted(&value?))));
    let fields: String = fields.collect();
    format!(
        "<{facility_and_priority}>1 {time} {host} seriald {process} {action} [{FIELDS}{fields}] {entry}"
    )
}

/// A value of a field: what would end it has a backslash before it.
fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        if matches!(letter, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::entry::tests::hostile;

    /// The fields of a message as RFC 5424 has them, and what stands behind.
    fn fields(message: &str) -> (Vec<(String, String)>, &str) {
        let (_, mut rest) = message.split_once(" [seriald@32473").unwrap();
        let mut all = Vec::new();
        while let Some(field) = rest.strip_prefix(' ') {
            let (name, value) = field.split_once("=\"").unwrap();
            let (mut read, mut letters) = (String::new(), value.char_indices());
            rest = loop {
                match letters.next().unwrap() {
                    (_, '\\') => read.push(letters.next().unwrap().1),
                    (end, '"') => break &value[end + 1..],
                    (_, ']') => panic!("it ends within a value: {message}"),
                    (_, letter) => read.push(letter),
                }
            };
            all.push((name.to_owned(), read));
        }
        (all, rest.strip_prefix("] ").unwrap())
    }

    proptest! {
        #[test]
        fn every_field_is_read_back_and_a_message_is_one_line(entry in hostile()) {
            let entry = entry.harmless();
            let message = message(&entry, "host");
            prop_assert!(!message.contains(char::is_control), "{message:?}");
            let (read, said) = fields(&message);
            let told = entry.fields().into_iter();
            let told = told.filter_map(|(name, value)| Some((name.to_owned(), value?)));
            prop_assert_eq!(read, told.collect::<Vec<_>>());
            prop_assert_eq!(said, entry.to_string());
        }

        #[test]
        fn a_place_that_is_taken_is_shown_as_it_was_written(text in "[/a-z0-9.:\\[\\] ]{0,20}") {
            if let Ok(collector) = text.parse::<Collector>() {
                prop_assert_eq!(collector.to_string(), text);
            }
        }
    }

    #[test]
    fn a_message_begins_as_rfc_5424_says() {
        let entry = Entry {
            time: crate::record::Time(1_795_377_000_123_456),
            outcome: Outcome::Refused,
            ..Entry::new(Action::SignIn)
        };
        let process = std::process::id();
        assert_eq!(
            message(&entry, "pi"),
            format!(
                "<85>1 2026-11-22T19:50:00.123456Z pi seriald {process} sign-in \
                 [seriald@32473 time=\"2026-11-22T19:50:00.123456Z\" action=\"sign-in\" outcome=\"refused\"] \
                 seriald: sign-in [refused]"
            )
        );
    }

    #[test]
    fn one_elsewhere_gets_it_over_udp() {
        let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
        listener.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = listener.local_addr().unwrap();
        let mut syslog = Syslog::new(address.to_string().parse().unwrap());
        syslog.put(&Entry::new(Action::ServerStart)).unwrap();
        let mut buffer = [0; 4096];
        let length = listener.recv(&mut buffer).unwrap();
        assert!(buffer[..length].starts_with(b"<86>1 "));
    }

    #[test]
    fn what_is_no_place_is_answered_with_what_is_one() {
        for wrong in ["", "host", "host:", ":514", "host:0", "a b:514", "h:70000"] {
            let error = wrong.parse::<Collector>().unwrap_err().to_string();
            assert!(error.contains("/dev/log"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_of_this_machine_may_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut syslog = Syslog::new(path.to_str().unwrap().parse().unwrap());
        let entry = Entry::new(Action::ServerStart);
        assert!(syslog.put(&entry).is_err());
        for _ in 0..2 {
            let listener = UnixDatagram::bind(&path).unwrap();
            listener.set_read_timeout(Some(PATIENCE)).unwrap();
            syslog.put(&entry).unwrap();
            assert!(listener.recv(&mut [0; 4096]).unwrap() > 0);
            drop(listener);
            std::fs::remove_file(&path).unwrap();
        }
    }
}
