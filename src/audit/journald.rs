//! systemd's journal, over its own socket: fields, one behind the other in a datagram.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use super::Entry;
use super::syslog::{PATIENCE, priority};

/// Where it listens.
const SOCKET: &str = "/run/systemd/journal/socket";

/// Writes entries to systemd's journal.
pub(super) struct Journald {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Journald {
    pub fn new() -> Self {
        Self::at(Path::new(SOCKET))
    }

    fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            socket: None,
        }
    }

    /// Adds an entry.
    pub fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let socket = match self.socket.take() {
            Some(socket) => socket,
            None => {
                let socket = UnixDatagram::unbound()?;
                socket.set_write_timeout(Some(PATIENCE))?;
                socket
            }
        };
        // Named each time: what listens there may be another than before.
        socket.send_to(&message(entry), &self.path)?;
        self.socket = Some(socket);
        Ok(())
    }
}

/// An entry as the journal takes it: <https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>.
fn message(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, "MESSAGE", &entry.to_string());
    put(&mut out, "PRIORITY", &priority(entry).to_string());
    put(&mut out, "SYSLOG_IDENTIFIER", "seriald");
    for (name, value) in entry.fields() {
        if let Some(value) = value {
            let name = format!("SERIALD_{}", name.to_uppercase());
            put(&mut out, &name, &value);
        }
    }
    out
}

/// Adds a field with its length before it: no value can begin another field.
fn put(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::Action;
    use crate::audit::entry::tests::hostile;

    /// Reads fields as systemd does.
    fn fields(mut message: &[u8]) -> Vec<(String, String)> {
        let mut all = Vec::new();
        while !message.is_empty() {
            let end = message.iter().position(|byte| *byte == b'\n').unwrap();
            let name = String::from_utf8(message[..end].to_vec()).unwrap();
            let (length, rest) = message[end + 1..].split_at(8);
            let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
            let value = String::from_utf8(rest[..length].to_vec()).unwrap();
            assert_eq!(rest[length], b'\n');
            all.push((name, value));
            message = &rest[length + 1..];
        }
        all
    }

    proptest! {
        #[test]
        fn every_field_is_read_back_whatever_stands_in_it(entry in hostile()) {
            let read = fields(&message(&entry));
            let names: Vec<_> = read.iter().map(|(name, _)| name.as_str()).collect();
            prop_assert_eq!(&names[..3], ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER"]);
            let told = entry.fields().into_iter().filter_map(|(name, value)| {
                Some((format!("SERIALD_{}", name.to_uppercase()), value?))
            });
            prop_assert_eq!(&read[3..], told.collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_listens_gets_it_and_may_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let mut journald = Journald::at(&path);
        let entry = Entry::new(Action::ServerStart);
        assert!(journald.put(&entry).is_err());
        for _ in 0..2 {
            let listener = UnixDatagram::bind(&path).unwrap();
            listener.set_read_timeout(Some(PATIENCE)).unwrap();
            journald.put(&entry).unwrap();
            let mut buffer = [0; 4096];
            let length = listener.recv(&mut buffer).unwrap();
            let read = fields(&buffer[..length]);
            let action = ("SERIALD_ACTION".to_owned(), "server-start".to_owned());
            assert!(read.contains(&action), "{read:?}");
            std::fs::remove_file(&path).unwrap();
        }
    }
}
