//! Linux: sysfs says what is there; neither it nor `/dev` needs udev.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::identity::{Identity, Usb, clean};

/// Serial devices that hang on no device of sysfs: a Bluetooth channel that is not connected, and the port that this
/// machine offers to its USB host.
const PARENTLESS: [&str; 2] = ["rfcomm", "ttyGS"];

/// Where devices come and go: nodes, and the folders of device links, which come with the first device and go with the
/// last.
pub const FOLDERS: &[&str] = &[
    "dev",
    "dev/serial",
    "dev/serial/by-id",
    "dev/serial/by-path",
];

/// Lists the serial devices that are plugged in or soldered on, in the order of their names.
pub fn scan(root: &Path) -> Vec<Identity> {
    let dev = root.join("dev");
    let by_id = links(&dev.join("serial/by-id"));
    let by_path = links(&dev.join("serial/by-path"));
    let ttys = fs::read_dir(root.join("sys/class/tty"));
    let mut found: Vec<(String, Identity)> = ttys
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let path = dev.join(&name);
            // A container sees the whole machine's sysfs, but only the nodes it was given.
            if path.symlink_metadata().is_err() {
                return None;
            }
            let identity = Identity {
                by_id: by_id.get(&name).cloned(),
                by_path: by_path.get(&name).cloned(),
                path,
                ..identify(&name, &entry.path())?
            };
            Some((name, identity))
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| ordinal(one).cmp(&ordinal(other)));
    found.into_iter().map(|(_, identity)| identity).collect()
}

/// Sorts `ttyUSB10` behind `ttyUSB9`.
fn ordinal(name: &str) -> (&str, u32) {
    let series = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (series, name[series.len()..].parse().unwrap_or(0))
}

/// Reads udev's links as kernel name -> link; of two links to one device the first by name counts.
fn links(folder: &Path) -> BTreeMap<String, PathBuf> {
    let mut links: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    links.sort();
    let mut named = BTreeMap::new();
    for link in links.into_iter().filter(|link| link.to_str().is_some()) {
        let Ok(target) = fs::read_link(&link) else {
            continue;
        };
        let Some(name) = target.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        named.entry(name.to_owned()).or_insert(link);
    }
    named
}

/// Tells what sysfs knows about a tty, if it is a serial device: virtual consoles, pseudo terminals and the kernel's
/// own console hang on no device, and a UART that was never there has type 0.
fn identify(name: &str, tty: &Path) -> Option<Identity> {
    let device = tty.join("device").canonicalize().ok();
    if device.is_none() && !PARENTLESS.iter().any(|series| name.starts_with(series)) {
        return None;
    }
    if attribute(tty, "type").is_some_and(|kind| kind == "0") {
        return None;
    }
    let ancestors: Vec<&Path> = device
        .iter()
        .flat_map(|device| device.ancestors())
        .collect();
    let interface = ancestors
        .iter()
        .copied()
        .find(|folder| folder.join("bInterfaceNumber").exists());
    // Newer kernels put two nodes of a bus of their own between a UART and its hardware.
    let hardware = ancestors
        .iter()
        .copied()
        .find(|folder| linked(folder, "subsystem").as_deref() != Some("serial-base"));
    let topology = interface
        .or(hardware)
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().into_owned());
    Some(Identity {
        path: PathBuf::new(),
        by_id: None,
        by_path: None,
        topology: topology.or_else(|| attribute(tty, "address")),
        usb: usb(&ancestors, interface),
        driver: hardware
            .into_iter()
            .flat_map(Path::ancestors)
            .take(2)
            .find_map(|folder| linked(folder, "driver")),
        twin: false,
    })
}

fn usb(ancestors: &[&Path], interface: Option<&Path>) -> Option<Usb> {
    let device = ancestors
        .iter()
        .find(|folder| folder.join("idVendor").exists())?;
    let number = interface.and_then(|interface| attribute(interface, "bInterfaceNumber"));
    // One interface may carry several ports; the first is named by the interface alone, as in most adapters.
    let port = attribute(ancestors[0], "port_number").filter(|port| port != "0");
    Some(Usb {
        vid: attribute(device, "idVendor").filter(|vid| is_hex(vid))?,
        pid: attribute(device, "idProduct").filter(|pid| is_hex(pid))?,
        serial: attribute(device, "serial"),
        manufacturer: attribute(device, "manufacturer"),
        product: attribute(device, "product"),
        interface: match (number, port) {
            (Some(number), Some(port)) => Some(format!("{number}-port{port}")),
            (number, _) => number,
        },
    })
}

fn is_hex(number: &str) -> bool {
    number.len() == 4 && number.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn attribute(folder: &Path, name: &str) -> Option<String> {
    clean(&fs::read(folder.join(name)).ok()?)
}

/// The name at the end of a sysfs link.
fn linked(folder: &Path, link: &str) -> Option<String> {
    Some(
        fs::read_link(folder.join(link))
            .ok()?
            .file_name()?
            .to_string_lossy()
            .into_owned(),
    )
}

#[cfg(test)]
#[path = "machine.rs"]
pub mod machine;

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::machine::Machine;
    use super::*;

    #[test]
    fn a_usb_adapter_is_listed_with_all_that_is_known() {
        let machine = Machine::new();
        machine.plug("ttyUSB0", "1-1.4", Some("A5069RR4\u{1b}[2J"));
        let dev = machine.root().join("dev");
        for (folder, link) in [
            ("by-id", "usb-FTDI_FT232R"),
            ("by-path", "pci-usbv2-0:1.4"),
            ("by-path", "pci-usb-0:1.4"),
        ] {
            fs::create_dir_all(dev.join("serial").join(folder)).unwrap();
            symlink("../../ttyUSB0", dev.join("serial").join(folder).join(link)).unwrap();
        }
        let expected = Identity {
            path: dev.join("ttyUSB0"),
            by_id: Some(dev.join("serial/by-id/usb-FTDI_FT232R")),
            by_path: Some(dev.join("serial/by-path/pci-usb-0:1.4")),
            topology: Some("1-1.4:1.0".into()),
            usb: Some(Usb {
                vid: "0403".into(),
                pid: "6001".into(),
                serial: Some("A5069RR4[2J".into()),
                manufacturer: Some("FTDI".into()),
                product: Some("FT232R USB UART".into()),
                interface: Some("00".into()),
            }),
            driver: Some("ftdi_sio".into()),
            twin: false,
        };
        assert_eq!(scan(&machine.root()), [expected]);
    }

    #[test]
    fn two_ports_of_one_interface_are_told_apart() {
        let machine = Machine::new();
        machine.plug("ttyUSB0", "1-1", None);
        machine.add_port("ttyUSB1", "1-1", 1);
        let interfaces: Vec<_> = scan(&machine.root())
            .into_iter()
            .map(|device| device.usb.unwrap().interface)
            .collect();
        assert_eq!(interfaces, [Some("00".into()), Some("00-port1".into())]);
    }

    #[test]
    fn a_uart_is_listed_only_where_the_driver_found_one() {
        let machine = Machine::new();
        machine.add_uart("ttyS0", "4");
        machine.add_uart("ttyS1", "0");
        let found = scan(&machine.root());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, machine.root().join("dev/ttyS0"));
        assert_eq!(found[0].driver.as_deref(), Some("serial"));
        assert_eq!(found[0].topology.as_deref(), Some("00:04"));
        assert_eq!(found[0].usb, None);
    }

    #[test]
    fn consoles_and_pseudo_terminals_are_not_listed_but_bluetooth_is() {
        let machine = Machine::new();
        for name in ["tty", "tty1", "console", "ptmx", "ttyprintk", "rfcomm0"] {
            machine.add_virtual(name);
        }
        let found = scan(&machine.root());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, machine.root().join("dev/rfcomm0"));
    }

    #[test]
    fn a_device_without_a_node_is_not_listed() {
        let machine = Machine::new();
        machine.plug("ttyUSB0", "1-1", None);
        fs::remove_file(machine.root().join("dev/ttyUSB0")).unwrap();
        assert_eq!(scan(&machine.root()), []);
    }

    #[test]
    fn names_are_sorted_as_people_count() {
        let machine = Machine::new();
        for (name, socket) in [("ttyUSB10", "1-1"), ("ttyUSB9", "1-2"), ("ttyACM0", "1-3")] {
            machine.plug(name, socket, None);
        }
        let names: Vec<_> = scan(&machine.root())
            .iter()
            .map(|device| device.path.file_name().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["ttyACM0", "ttyUSB9", "ttyUSB10"]);
    }

    #[test]
    fn a_machine_without_sysfs_has_no_devices() {
        assert_eq!(scan(Path::new("/nonexistent")), []);
    }
}
