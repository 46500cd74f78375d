//! An identity is what is known about a serial device besides its name; a target is the device that a port stands for.
//!
//! Kernel names are lent: `/dev/ttyUSB0` belongs to whatever was plugged in first. So a target remembers the
//! identity of the device that it met under its path, and looks for that one from then on.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

/// Longest text taken from a device; a USB string descriptor has room for 126 UTF-16 units.
const TEXT: usize = 128;

/// Links below this folder name a socket of the machine, whatever is plugged into it.
const BY_PATH: &str = "/dev/serial/by-path";

/// What is known about a serial device that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// The device node, under its kernel name of the moment.
    #[schema(value_type = String)]
    pub path: PathBuf,
    /// The link in `/dev/serial/by-id` that leads to it.
    #[schema(value_type = Option<String>)]
    pub by_id: Option<PathBuf>,
    /// The link in `/dev/serial/by-path` that leads to it.
    #[schema(value_type = Option<String>)]
    pub by_path: Option<PathBuf>,
    /// Where it is attached: for USB the bus, the ports on the way and the interface (`1-2:1.0`).
    pub topology: Option<String>,
    /// What it says about itself on USB.
    pub usb: Option<Usb>,
    /// The kernel's driver for it.
    pub driver: Option<String>,
    /// Another device that gives the same USB answers has been plugged in at the same time, so that only the
    /// topology tells them apart.
    #[serde(skip)]
    pub twin: bool,
}

/// What a USB device says about itself. All of it is a stranger's text, cleaned by [`clean`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usb {
    /// Vendor, four lower-case hex digits.
    pub vid: String,
    /// Product, four lower-case hex digits.
    pub pid: String,
    /// Serial number, where the device has one.
    pub serial: Option<String>,
    /// Manufacturer's name.
    pub manufacturer: Option<String>,
    /// Product's name.
    pub product: Option<String>,
    /// Interface number (`00`); a further port of the same interface has its number behind it (`00-port1`).
    pub interface: Option<String>,
}

impl Identity {
    /// Tells whether both are the same piece of hardware, wherever it is plugged in and whatever it is called now.
    ///
    /// A serial number decides if it is one: many makers give all their devices the same, or none. Then the
    /// device counts as the same only in the same place. What has no USB answers is known by its path.
    pub fn same_device(&self, other: &Identity) -> bool {
        let (Some(own), Some(others)) = (&self.usb, &other.usb) else {
            return self.usb.is_none() && other.usb.is_none() && self.path == other.path;
        };
        if !own.alike(others) {
            return false;
        }
        let unmistakable = own.serial.as_deref().is_some_and(is_unique);
        if unmistakable && !self.twin && !other.twin {
            return true;
        }
        match (&self.topology, &other.topology) {
            (None, None) => self.path == other.path,
            (own, others) => own == others,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.usb {
            Some(usb) => {
                let product = usb.product.as_deref().unwrap_or("USB device");
                write!(f, "{product} {}:{}", usb.vid, usb.pid)?;
                if let Some(serial) = &usb.serial {
                    write!(f, ", serial number {serial}")?;
                }
            }
            None => write!(f, "{}", self.driver.as_deref().unwrap_or("serial port"))?,
        }
        match &self.topology {
            Some(topology) => write!(f, ", at {topology}"),
            None => Ok(()),
        }
    }
}

impl Usb {
    /// Tells whether both give the same answers; the names are left out, since firmware updates change them.
    pub fn alike(&self, other: &Usb) -> bool {
        (&self.vid, &self.pid, &self.serial, &self.interface)
            == (&other.vid, &other.pid, &other.serial, &other.interface)
    }
}

/// Serial numbers that come with the chip (`0001`, `0123456789ABCDEF`, `000000000000`) say nothing about one device.
fn is_unique(serial: &str) -> bool {
    let significant = serial.trim_start_matches('0');
    significant.len() > 1 && !"123456789ABCDEF0".contains(&significant.to_ascii_uppercase())
}

/// Makes a device's text fit to be shown: valid, one line, no invisible or direction-changing characters, not long.
pub fn clean(text: &[u8]) -> Option<String> {
    let harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let text: String = String::from_utf8_lossy(text)
        .chars()
        .filter(harmless)
        .collect();
    let text: String = text.trim().chars().take(TEXT).collect();
    (!text.is_empty()).then_some(text)
}

/// What a port was set up for: a path, and the device that was met there.
#[derive(Debug, Clone)]
pub struct Target {
    path: PathBuf,
    /// The device to look for. Never set for what has no identity, such as a pseudo terminal.
    device: Option<Identity>,
}

/// Why a target cannot be opened now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Absent {
    /// Nothing is there.
    #[error("no such device")]
    Missing,
    /// The device is away, and another one has taken over its path.
    #[error(
        "is another device now: {there}; this port belongs to {expected} and waits for it: plug that in, or open the port to take the other"
    )]
    Replaced {
        /// The device that has the path now.
        there: Box<Identity>,
        /// The device that the port remembers.
        expected: Box<Identity>,
    },
}

impl Target {
    /// Makes a target of a path: a device node, or a link that leads to one.
    pub fn new(path: impl Into<PathBuf>) -> Target {
        Target {
            path: path.into(),
            device: None,
        }
    }

    /// Makes a target of a device that was found.
    pub fn found(identity: &Identity) -> Target {
        Target {
            path: identity.path.clone(),
            device: Some(identity.clone()),
        }
    }

    /// The path as it was asked for.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The device that this target remembers.
    pub fn device(&self) -> Option<&Identity> {
        self.device.as_ref()
    }

    /// Remembers a device that was opened for this target: from now on it is this one and no other.
    ///
    /// A path below `/dev/serial/by-path` asks for a socket, not for a device: there nothing is remembered.
    pub fn learn(&mut self, identity: &Identity) {
        if !self.path.starts_with(BY_PATH) {
            self.device = Some(identity.clone());
        }
    }

    /// Forgets the device, so that whatever has the path next is taken: for the person who replaced it on purpose.
    pub fn forget(&mut self) {
        self.device = None;
    }

    /// Says where the target is now: the remembered device under whatever name it has, or else what the path leads to.
    pub fn resolve(&self, found: &[Identity]) -> Result<PathBuf, Absent> {
        let here = follow(&self.path);
        let Some(expected) = &self.device else {
            return here.ok_or(Absent::Missing);
        };
        if let Some(device) = found.iter().find(|device| device.same_device(expected)) {
            return Ok(device.path.clone());
        }
        match found
            .iter()
            .find(|device| Some(&device.path) == here.as_ref())
        {
            Some(there) => Err(Absent::Replaced {
                there: Box::new(there.clone()),
                expected: Box::new(expected.clone()),
            }),
            None => Err(Absent::Missing),
        }
    }
}

/// Where a path leads, all links followed; elsewhere than on Unix the names of ports are not files.
fn follow(path: &Path) -> Option<PathBuf> {
    if cfg!(unix) {
        path.canonicalize().ok()
    } else {
        Some(path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(path: &str, serial: Option<&str>, topology: &str) -> Identity {
        Identity {
            path: path.into(),
            by_id: None,
            by_path: None,
            topology: Some(topology.into()),
            usb: Some(Usb {
                vid: "0403".into(),
                pid: "6001".into(),
                serial: serial.map(str::to_owned),
                manufacturer: Some("FTDI".into()),
                product: Some("FT232R".into()),
                interface: Some("00".into()),
            }),
            driver: Some("ftdi_sio".into()),
            twin: false,
        }
    }

    fn uart(path: &str) -> Identity {
        Identity {
            usb: None,
            topology: None,
            ..adapter(path, None, "")
        }
    }

    #[test]
    fn an_identity_is_written_as_the_protocol_says() {
        let identity = Identity {
            path: "/dev/ttyACM0".into(),
            by_id: Some("/dev/serial/by-id/usb-Arduino_Uno_5573-if00".into()),
            by_path: None,
            topology: Some("1-2:1.0".into()),
            usb: Some(Usb {
                vid: "2341".into(),
                pid: "0043".into(),
                serial: Some("5573".into()),
                manufacturer: Some("Arduino".into()),
                product: Some("Uno".into()),
                interface: None,
            }),
            driver: Some("cdc_acm".into()),
            twin: true,
        };
        let json = serde_json::json!({
            "path": "/dev/ttyACM0",
            "by_id": "/dev/serial/by-id/usb-Arduino_Uno_5573-if00",
            "by_path": null,
            "topology": "1-2:1.0",
            "usb": {"vid": "2341", "pid": "0043", "serial": "5573", "manufacturer": "Arduino", "product": "Uno",
                    "interface": null},
            "driver": "cdc_acm",
        });
        assert_eq!(serde_json::to_value(identity).unwrap(), json);
    }

    #[test]
    fn a_serial_number_is_known_again_in_another_socket() {
        let before = adapter("/dev/ttyUSB0", Some("A5069RR4"), "1-1:1.0");
        let after = adapter("/dev/ttyUSB2", Some("A5069RR4"), "1-4.2:1.0");
        assert!(before.same_device(&after));
        assert!(!before.same_device(&adapter("/dev/ttyUSB0", Some("A50285BI"), "1-1:1.0")));
    }

    #[test]
    fn interfaces_of_one_adapter_are_different_devices() {
        let first = adapter("/dev/ttyUSB0", Some("A5069RR4"), "1-1:1.0");
        let mut second = adapter("/dev/ttyUSB1", Some("A5069RR4"), "1-1:1.1");
        second.usb.as_mut().unwrap().interface = Some("01".into());
        assert!(!first.same_device(&second));
    }

    #[test]
    fn a_missing_or_factory_serial_number_never_tells_two_adapters_apart_but_the_socket_does() {
        for serial in [
            None,
            Some("0001"),
            Some("0"),
            Some("0123456789ABCDEF"),
            Some("12345678"),
            Some("0000000000"),
        ] {
            let device = adapter("/dev/ttyUSB0", serial, "1-1:1.0");
            assert!(
                device.same_device(&adapter("/dev/ttyUSB3", serial, "1-1:1.0")),
                "{serial:?}"
            );
            assert!(
                !device.same_device(&adapter("/dev/ttyUSB0", serial, "1-2:1.0")),
                "{serial:?}"
            );
        }
    }

    #[test]
    fn twins_are_told_apart_by_the_socket_even_when_one_has_gone() {
        let learned = adapter("/dev/ttyUSB0", Some("FAKE77"), "1-1:1.0");
        let remaining = Identity {
            twin: true,
            ..adapter("/dev/ttyUSB1", Some("FAKE77"), "1-2:1.0")
        };
        assert!(!learned.same_device(&remaining));
        assert!(learned.same_device(&Identity {
            twin: true,
            ..learned.clone()
        }));
    }

    #[test]
    fn a_uart_is_known_by_its_path() {
        assert!(uart("/dev/ttyS0").same_device(&uart("/dev/ttyS0")));
        assert!(!uart("/dev/ttyS0").same_device(&uart("/dev/ttyS1")));
        assert!(!uart("/dev/ttyUSB0").same_device(&adapter("/dev/ttyUSB0", None, "1-1:1.0")));
    }

    #[test]
    fn a_devices_text_is_shown_as_one_short_harmless_line() {
        assert_eq!(
            clean(b"FT232R USB UART\n").as_deref(),
            Some("FT232R USB UART")
        );
        assert_eq!(
            clean(b"a\x1b[2J\r\nb\0\xff").as_deref(),
            Some("a[2Jb\u{fffd}")
        );
        assert_eq!(
            clean("x\u{202e}y\u{9b}z".as_bytes()).as_deref(),
            Some("xyz")
        );
        assert_eq!(clean(&[b'a'; 5000]).unwrap().len(), TEXT);
        assert_eq!(clean(b" \n"), None);
    }

    #[cfg(unix)]
    mod targets {
        use super::*;
        use std::fs;
        use std::os::unix::fs::symlink;

        /// A folder that plays `/dev`, with these nodes.
        fn dev(nodes: &[&str]) -> (tempfile::TempDir, PathBuf) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().canonicalize().unwrap();
            for node in nodes {
                fs::write(path.join(node), "").unwrap();
            }
            (folder, path)
        }

        fn plugged(dev: &Path, node: &str, serial: &str) -> Identity {
            adapter(dev.join(node).to_str().unwrap(), Some(serial), "1-1:1.0")
        }

        #[test]
        fn a_target_that_has_met_no_device_is_what_its_path_leads_to_at_the_moment() {
            let (_guard, dev) = dev(&["pts3", "pts4"]);
            let target = Target::new(dev.join("sensor"));
            assert_eq!(target.resolve(&[]), Err(Absent::Missing));
            symlink("pts3", dev.join("sensor")).unwrap();
            assert_eq!(target.resolve(&[]), Ok(dev.join("pts3")));
            fs::remove_file(dev.join("sensor")).unwrap();
            symlink("pts4", dev.join("sensor")).unwrap();
            assert_eq!(target.resolve(&[]), Ok(dev.join("pts4")));
        }

        #[test]
        fn a_target_follows_its_device_to_another_name() {
            let (_guard, dev) = dev(&["ttyUSB2"]);
            let mut target = Target::new(dev.join("ttyUSB0"));
            target.learn(&plugged(&dev, "ttyUSB0", "A5069RR4"));
            let found = [plugged(&dev, "ttyUSB2", "A5069RR4")];
            assert_eq!(target.resolve(&found), Ok(dev.join("ttyUSB2")));
        }

        #[test]
        fn a_target_never_takes_the_device_that_got_its_name() {
            let (_guard, dev) = dev(&["ttyUSB0", "ttyUSB1"]);
            let mut target = Target::new(dev.join("ttyUSB0"));
            target.learn(&plugged(&dev, "ttyUSB0", "A5069RR4"));

            let intruder = plugged(&dev, "ttyUSB0", "A50285BI");
            let refusal = target.resolve(std::slice::from_ref(&intruder)).unwrap_err();
            assert_eq!(
                refusal.to_string(),
                "is another device now: FT232R 0403:6001, serial number A50285BI, at 1-1:1.0; \
                 this port belongs to FT232R 0403:6001, serial number A5069RR4, at 1-1:1.0 and waits for it: \
                 plug that in, or open the port to take the other"
            );
            let back = plugged(&dev, "ttyUSB1", "A5069RR4");
            assert_eq!(
                target.resolve(&[intruder.clone(), back]),
                Ok(dev.join("ttyUSB1"))
            );

            target.forget();
            assert_eq!(target.resolve(&[intruder]), Ok(dev.join("ttyUSB0")));
        }

        #[test]
        fn a_node_whose_device_is_not_known_yet_is_not_taken_for_the_remembered_one() {
            let (_guard, dev) = dev(&["ttyUSB0"]);
            let target = Target::found(&plugged(&dev, "ttyUSB0", "A5069RR4"));
            assert_eq!(target.resolve(&[]), Err(Absent::Missing));
        }

        #[test]
        fn a_target_that_names_a_socket_remembers_no_device() {
            let mut target = Target::new("/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0");
            target.learn(&adapter("/dev/ttyUSB0", Some("A5069RR4"), "1-2:1.0"));
            assert_eq!(target.device(), None);
        }
    }
}
