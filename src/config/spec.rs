//! Ports on the command line, and the names that ports can have.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::settings::{Change, Invalid, Settings};

/// A port as it is named on the command line: `[NAME=]DEVICE[@BAUD[,8N1][,rtscts|xonxoff]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    /// The name; the device's base name unless given.
    pub name: String,
    /// The device's path.
    pub device: PathBuf,
    /// How it is opened.
    pub settings: Settings,
    /// Whether one at a time may type.
    pub turns: bool,
}

/// Why something is not a port.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAPort {
    #[error(
        "\"{0}\" names no device; a port is [NAME=]DEVICE[@BAUD[,8N1][,rtscts|xonxoff]], \
         for example arduino=/dev/ttyACM0@115200,8N1"
    )]
    NoDevice(String),
    #[error(
        "\"{0}\" cannot be a port's name; letters, digits, dot, dash and underscore can, at most 64"
    )]
    Name(String),
    #[error("{spec}: {why}")]
    Settings { spec: String, why: Invalid },
}

/// Whether this can be a port's name: it stands in links and file names.
pub fn is_port_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && name.bytes().any(|byte| byte != b'.')
}

/// The name of a port for a device that was not named: its base name, made fit.
pub fn name_for(device: &Path) -> String {
    let base = device
        .file_name()
        .unwrap_or(device.as_os_str())
        .to_string_lossy();
    let fit = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = base.chars().map(fit).take(64).collect();
    if is_port_name(&name) {
        name
    } else {
        "port".to_owned()
    }
}

impl FromStr for PortSpec {
    type Err = NotAPort;

    fn from_str(spec: &str) -> Result<Self, NotAPort> {
        // A path may hold '=' and '@' of its own: a name has no slash, settings begin with a digit.
        let (name, rest) = match spec.split_once('=') {
            Some((name, rest)) if !name.contains(['/', '\\']) => (Some(name), rest),
            _ => (None, spec),
        };
        let (device, settings) = match rest.rsplit_once('@') {
            Some((device, settings)) if !settings.contains('/') => (device, Some(settings)),
            _ => (rest, None),
        };
        if device.is_empty() {
            return Err(NotAPort::NoDevice(spec.to_owned()));
        }
        let device = PathBuf::from(device);
        let name = name.map_or_else(|| name_for(&device), str::to_owned);
        if !is_port_name(&name) {
            return Err(NotAPort::Name(name));
        }
        let wrong = |why| NotAPort::Settings {
            spec: spec.to_owned(),
            why,
        };
        let change: Change = settings
            .map_or(Ok(Change::default()), str::parse)
            .map_err(wrong)?;
        Ok(Self {
            name,
            device,
            settings: change.applied_to(Settings::default()).map_err(wrong)?,
            turns: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> (String, String, String) {
        let spec: PortSpec = text.parse().expect(text);
        (
            spec.name,
            spec.device.display().to_string(),
            spec.settings.line.to_string(),
        )
    }

    #[test]
    fn ports_are_read_in_every_form() {
        for (text, name, device, line) in [
            ("/dev/ttyUSB0", "ttyUSB0", "/dev/ttyUSB0", "115200 8N1"),
            (
                "arduino=/dev/ttyACM0@9600",
                "arduino",
                "/dev/ttyACM0",
                "9600 8N1",
            ),
            (
                "a=/dev/x@115200,7E1,rtscts",
                "a",
                "/dev/x",
                "115200 7E1 rtscts",
            ),
            (
                "/dev/serial/by-id/usb-A_b=c@1-if00",
                "usb-A_b-c",
                "/dev/serial/by-id/usb-A_b=c",
                "bad",
            ),
            ("com=COM3@300,5N1.5", "com", "COM3", "300 5N1.5"),
            ("/dev/pts/7", "7", "/dev/pts/7", "115200 8N1"),
        ] {
            if line == "bad" {
                assert!(text.parse::<PortSpec>().is_err(), "{text}");
            } else {
                assert_eq!(spec(text), (name.into(), device.into(), line.into()));
            }
        }
    }

    #[test]
    fn what_is_no_port_is_refused_by_name() {
        for (text, named) in [
            ("", "names no device"),
            ("a=", "names no device"),
            ("@9600", "names no device"),
            ("a b=/dev/x", "\"a b\""),
            ("..=/dev/x", "\"..\""),
            ("/dev/x@fast", "\"fast\""),
        ] {
            let error = text.parse::<PortSpec>().expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
