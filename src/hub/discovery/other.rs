//! macOS and Windows: the list of ports, looked at every two seconds; nothing but their names is known.

use std::path::Path;

use crate::identity::Identity;

/// Nothing tells of devices that come and go.
pub const FOLDERS: &[&str] = &[];

/// Lists the serial ports that the system names.
pub fn scan(_root: &Path) -> Vec<Identity> {
    let mut ports = serial2::SerialPort::available_ports().unwrap_or_default();
    ports.retain(|port| !is_call_in(port));
    ports.sort();
    ports
        .into_iter()
        .map(|path| Identity {
            path,
            by_id: None,
            by_path: None,
            topology: None,
            usb: None,
            driver: None,
            twin: false,
        })
        .collect()
}

/// macOS names each port twice; opening the `tty` one waits for a carrier.
fn is_call_in(port: &Path) -> bool {
    port.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("tty."))
}
