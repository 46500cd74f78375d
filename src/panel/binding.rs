//! A binding: the port or device that a panel or a page is for.

use serde::{Deserialize, Serialize};

use crate::identity::Identity;
use crate::wildcard;

/// The longest name and serial number, in characters.
const LENGTH: usize = 128;

/// Whom something is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Binding {
    /// Ports by name; `*` stands for any characters and `?` for any one.
    Port(String),
    /// A kind of USB device, or one of that kind.
    Usb {
        /// Vendor and product, each four lower-case hex digits: `2341:0043`.
        usb: String,
        /// The serial number of the one.
        serial: Option<String>,
    },
}

/// A binding as it is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usb: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
}

/// Why something is no binding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotABinding {
    #[error(
        "this is for nobody; give {{\"port\": \"NAME\"}}, {{\"usb\": \"VID:PID\"}} \
         or {{\"usb\": \"VID:PID\", \"serial\": \"…\"}}"
    )]
    Nobody,
    #[error("{0:?} is no kind of USB device; give vendor and product in hex, such as 2341:0043")]
    Usb(String),
    #[error("a name or serial number has 1 to {LENGTH} characters")]
    Length,
}

impl Binding {
    /// Whether a port of this name, with this device, is meant.
    pub fn is_for(&self, port: &str, device: Option<&Identity>) -> bool {
        match self {
            Self::Port(pattern) => wildcard::fits(pattern, port),
            Self::Usb { usb, serial } => {
                let device = device.and_then(|device| device.usb.as_ref());
                device.is_some_and(|device| {
                    let is_kind = usb.split(':').eq([&*device.vid, &*device.pid]);
                    is_kind && (serial.is_none() || *serial == device.serial)
                })
            }
        }
    }
}

impl TryFrom<Written> for Binding {
    type Error = NotABinding;

    fn try_from(written: Written) -> Result<Self, NotABinding> {
        let is_text = |text: &Option<String>| {
            let length = text.as_ref().map(|text| text.chars().count());
            length.is_none_or(|length| (1..=LENGTH).contains(&length))
        };
        if ![&written.port, &written.usb, &written.serial]
            .into_iter()
            .all(is_text)
        {
            return Err(NotABinding::Length);
        }
        match written {
            Written {
                port: Some(port),
                usb: None,
                serial: None,
            } => Ok(Self::Port(port)),
            Written {
                port: None,
                usb: Some(usb),
                serial,
            } => {
                let is_number = |number: &str| {
                    number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_hexdigit())
                };
                match usb.split_once(':') {
                    Some((vid, pid)) if is_number(vid) && is_number(pid) => Ok(Self::Usb {
                        usb: usb.to_ascii_lowercase(),
                        serial,
                    }),
                    _ => Err(NotABinding::Usb(usb)),
                }
            }
            _ => Err(NotABinding::Nobody),
        }
    }
}

impl From<Binding> for Written {
    fn from(binding: Binding) -> Self {
        let (port, usb, serial) = match binding {
            Binding::Port(port) => (Some(port), None, None),
            Binding::Usb { usb, serial } => (None, Some(usb), serial),
        };
        Self { port, usb, serial }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::identity::Usb;

    fn device(serial: Option<&str>) -> Identity {
        Identity {
            path: "/dev/ttyACM0".into(),
            by_id: None,
            by_path: None,
            topology: None,
            usb: Some(Usb {
                vid: "2341".into(),
                pid: "00ab".into(),
                serial: serial.map(str::to_owned),
                manufacturer: None,
                product: None,
                interface: None,
            }),
            driver: None,
            twin: false,
        }
    }

    fn binding(written: serde_json::Value) -> Binding {
        serde_json::from_value(written).unwrap()
    }

    #[test]
    fn a_port_is_meant_by_its_name() {
        let all = binding(json!({"port": "tty?CM*"}));
        assert!(all.is_for("ttyACM10", None) && !all.is_for("ttyUSB0", None));
    }

    #[test]
    fn a_device_is_meant_by_its_kind_and_number_whatever_its_port_is_called() {
        let kind = binding(json!({"usb": "2341:00AB"}));
        let one = binding(json!({"usb": "2341:00ab", "serial": "5573"}));
        assert!(kind.is_for("x", Some(&device(None))));
        assert!(kind.is_for("x", Some(&device(Some("5573")))));
        assert!(one.is_for("x", Some(&device(Some("5573")))));
        for other in [None, Some("557"), Some("")] {
            assert!(!one.is_for("x", Some(&device(other))));
        }
        assert!(!kind.is_for("x", None));
        assert!(!binding(json!({"usb": "2341:0043"})).is_for("x", Some(&device(None))));
    }

    #[test]
    fn what_is_for_nobody_is_refused() {
        for (written, named) in [
            (json!({}), "for nobody"),
            (json!({"serial": "1"}), "for nobody"),
            (json!({"port": "a", "usb": "2341:0043"}), "for nobody"),
            (json!({"usb": "2341"}), "2341:0043"),
            (json!({"usb": "2341:00g3"}), "2341:00g3"),
            (json!({"port": ""}), "1 to 128"),
            (json!({"prot": "a"}), "unknown field `prot`"),
        ] {
            let refused = serde_json::from_value::<Binding>(written.clone());
            let error = refused.expect_err(&written.to_string()).to_string();
            assert!(error.contains(named), "{written}: {error}");
        }
    }
}
