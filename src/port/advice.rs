//! Advice: one clear line for a device that cannot be had, with the way out.

use std::io;
use std::path::Path;
use std::time::Duration;

use thiserror::Error;

use crate::identity::{Absent, Identity};
use crate::state::Trouble;

#[cfg(unix)]
mod account;
#[cfg(unix)]
mod holder;
#[cfg_attr(unix, path = "advice/unix.rs")]
#[cfg_attr(not(unix), path = "advice/other.rs")]
mod system;

/// How many of the ports that are there a message names.
const NAMED: usize = 8;

/// A device could not be opened, or went away.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct OpenError {
    /// The kind of trouble, for programs.
    pub code: Trouble,
    /// One line for people: the device, what is the matter, and what to do.
    pub message: String,
}

impl OpenError {
    /// Explains why opening failed. Walks `/proc` for a busy device, so it belongs on a blocking thread; the
    /// descriptor of the failed attempt must be closed by then, or this program is taken for the one that has it.
    pub fn explain(path: &Path, error: &io::Error, found: &[Identity]) -> Self {
        let code = system::trouble(path, error);
        let text = match code {
            Trouble::Missing => missing(path, error, found),
            Trouble::Busy => system::busy(path),
            Trouble::Denied => system::denied(path),
            Trouble::NotATty => format!("is {}, not a serial port", system::kind(path)),
            Trouble::Lost => return Self::lost(path),
            Trouble::Io => io_trouble(error),
        };
        Self::new(code, path, &text)
    }

    /// Explains why a target leads nowhere at the moment.
    pub fn absent(path: &Path, absent: &Absent, found: &[Identity]) -> Self {
        let text = match absent {
            Absent::Missing => format!("no such device{}", others(found)),
            Absent::Replaced { .. } => absent.to_string(),
        };
        Self::new(Trouble::Missing, path, &text)
    }

    /// Tells that an open device went away.
    pub fn lost(path: &Path) -> Self {
        Self::new(
            Trouble::Lost,
            path,
            "the device is gone (unplugged?); it is opened again when it is back",
        )
    }

    /// Tells that the driver does not come back from opening the device.
    pub fn stuck(path: &Path, limit: Duration) -> Self {
        let text = format!(
            "its driver has not opened it within {limit:?}; unplug the device and plug it in again"
        );
        Self::new(Trouble::Io, path, &text)
    }

    fn new(code: Trouble, path: &Path, text: &str) -> Self {
        Self {
            code,
            message: format!("{}: {text}", path.display()),
        }
    }
}

fn missing(path: &Path, error: &io::Error, found: &[Identity]) -> String {
    let node_exists = error.kind() != io::ErrorKind::NotFound && path.exists();
    let what = if node_exists {
        "there is no hardware behind this name"
    } else {
        "no such device"
    };
    format!("{what}{}", others(found))
}

/// What is there instead.
fn others(found: &[Identity]) -> String {
    if found.is_empty() {
        return format!("; no serial port was found here{}", system::where_to_look());
    }
    let names: Vec<String> = found.iter().take(NAMED).map(name).collect();
    let more = match found.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("; found here: {}{more}", names.join(", "))
}

fn name(device: &Identity) -> String {
    let path = device.path.display();
    match device.usb.as_ref().and_then(|usb| usb.product.as_deref()) {
        Some(product) => format!("{path} ({product})"),
        None => path.to_string(),
    }
}

fn io_trouble(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidInput => {
            format!("the driver refuses these settings ({error}); choose others")
        }
        _ if system::out_of_descriptors(error) => {
            "too many open files; raise the limit (ulimit -n, or LimitNOFILE= of the service)"
                .to_owned()
        }
        _ => error.to_string(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn uart(path: &str) -> Identity {
        Identity {
            path: path.into(),
            by_id: None,
            by_path: None,
            topology: None,
            usb: None,
            driver: None,
            twin: false,
        }
    }

    fn explain(path: &str, errno: i32, found: &[Identity]) -> OpenError {
        OpenError::explain(Path::new(path), &io::Error::from_raw_os_error(errno), found)
    }

    #[test]
    fn a_missing_device_is_answered_with_those_that_are_there() {
        let error = explain(
            "/dev/ttyUSB9",
            libc::ENOENT,
            &[uart("/dev/ttyS0"), uart("/dev/ttyS1")],
        );
        assert_eq!(error.code, Trouble::Missing);
        assert_eq!(
            error.message,
            "/dev/ttyUSB9: no such device; found here: /dev/ttyS0, /dev/ttyS1"
        );

        let many: Vec<_> = (0..10)
            .map(|number| uart(&format!("/dev/ttyS{number}")))
            .collect();
        assert!(
            explain("/dev/ttyUSB9", libc::ENOENT, &many)
                .message
                .ends_with("/dev/ttyS7 and 2 more")
        );
        let none = explain("/dev/ttyUSB9", libc::ENOENT, &[]).message;
        assert!(
            none.starts_with("/dev/ttyUSB9: no such device; no serial port was found here"),
            "{none}"
        );
    }

    #[test]
    fn a_file_that_is_no_terminal_is_named_for_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notes");
        std::fs::write(&file, "").unwrap();
        for (path, what) in [
            (Path::new("/dev/null"), "another kind of device"),
            (folder.path(), "a folder"),
            (&file, "a file"),
        ] {
            let error = std::fs::File::options()
                .read(true)
                .write(true)
                .open(path)
                .map_or_else(
                    |error| error,
                    |_| io::Error::from_raw_os_error(libc::ENOTTY),
                );
            let error = OpenError::explain(path, &error, &[]);
            assert_eq!(error.code, Trouble::NotATty);
            assert_eq!(
                error.message,
                format!("{}: is {what}, not a serial port", path.display())
            );
        }
    }

    #[test]
    fn a_uart_that_is_not_there_is_missing_but_an_adapter_that_fails_is_lost() {
        assert_eq!(explain("/dev/ttyS3", libc::EIO, &[]).code, Trouble::Missing);
        assert_eq!(explain("/dev/ttyUSB0", libc::EIO, &[]).code, Trouble::Lost);
        assert_eq!(
            explain("/dev/ttyUSB0", libc::ENODEV, &[]).code,
            Trouble::Missing
        );
        assert_eq!(
            explain("/dev/ttyUSB0", libc::ENXIO, &[]).code,
            Trouble::Missing
        );
    }

    #[test]
    fn settings_that_the_driver_refuses_are_not_taken_for_a_broken_device() {
        let error = explain("/dev/ttyUSB0", libc::EINVAL, &[]);
        assert_eq!(error.code, Trouble::Io);
        assert!(
            error
                .message
                .starts_with("/dev/ttyUSB0: the driver refuses these settings"),
            "{error}"
        );
    }

    #[test]
    fn a_process_without_free_descriptors_says_so() {
        let error = explain("/dev/ttyUSB0", libc::EMFILE, &[]);
        assert!(
            error
                .message
                .contains("too many open files; raise the limit"),
            "{error}"
        );
    }

    #[test]
    fn a_replaced_device_names_both() {
        let (there, expected) = (
            uart("/dev/ttyUSB0"),
            Identity {
                driver: Some("ch341".into()),
                ..uart("")
            },
        );
        let absent = Absent::Replaced {
            there: Box::new(there),
            expected: Box::new(expected),
        };
        let error = OpenError::absent(Path::new("/dev/ttyUSB0"), &absent, &[]);
        assert_eq!(
            error.message,
            "/dev/ttyUSB0: is another device now: serial port; this port belongs to ch341 and waits for it: \
             plug that in, or open the port to take the other"
        );
    }

    #[test]
    fn a_lock_that_another_program_holds_counts_as_busy() {
        assert_eq!(
            explain("/dev/ttyUSB0", libc::EWOULDBLOCK, &[]).code,
            Trouble::Busy
        );
        assert_eq!(
            explain("/dev/ttyUSB0", libc::EBUSY, &[]).code,
            Trouble::Busy
        );
    }
}
