//! A machine for tests: a folder with the parts of `/sys` and `/dev` that a scan reads, laid out as the kernel does.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The folder, removed with the value.
pub struct Machine(TempDir);

impl Machine {
    pub fn new() -> Machine {
        let machine = Machine(tempfile::tempdir().unwrap());
        for folder in ["dev", "sys/class/tty", "sys/devices/virtual/tty"] {
            fs::create_dir_all(machine.root().join(folder)).unwrap();
        }
        machine
    }

    pub fn root(&self) -> PathBuf {
        self.0.path().canonicalize().unwrap()
    }

    /// Plugs an FTDI adapter into a socket.
    pub fn plug(&self, name: &str, socket: &str, serial: Option<&str>) {
        let device = self.socket(socket);
        write(&device.join("idVendor"), "0403");
        write(&device.join("idProduct"), "6001");
        write(&device.join("manufacturer"), "FTDI");
        write(&device.join("product"), "FT232R USB UART");
        if let Some(serial) = serial {
            write(&device.join("serial"), serial);
        }
        write(&device.join(format!("{socket}:1.0/bInterfaceNumber")), "00");
        self.add_port(name, socket, 0);
    }

    /// Adds a port to a plugged adapter's interface.
    pub fn add_port(&self, name: &str, socket: &str, number: u32) {
        let port = self.socket(socket).join(format!("{socket}:1.0/{name}"));
        write(&port.join("port_number"), &number.to_string());
        symlink("/sys/bus/usb-serial/drivers/ftdi_sio", port.join("driver")).unwrap();
        symlink("/sys/bus/usb-serial", port.join("subsystem")).unwrap();
        self.add_tty(name, &port);
    }

    pub fn unplug(&self, name: &str, socket: &str) {
        fs::remove_file(self.root().join("dev").join(name)).unwrap();
        fs::remove_file(self.root().join("sys/class/tty").join(name)).unwrap();
        fs::remove_dir_all(self.socket(socket)).unwrap();
    }

    /// Adds a UART of the main board, with the nodes that kernels since 6.5 put in between.
    pub fn add_uart(&self, name: &str, kind: &str) {
        let hardware = self.root().join("sys/devices/pnp0/00:04");
        let port = hardware.join(format!("00:04:0/00:04:0.{name}"));
        fs::create_dir_all(&port).unwrap();
        for node in [port.parent().unwrap(), &port] {
            let _made_before = symlink("/sys/bus/serial-base", node.join("subsystem"));
            let _made_before = symlink("/sys/bus/serial-base/drivers/port", node.join("driver"));
        }
        let _made_before = symlink("/sys/bus/pnp/drivers/serial", hardware.join("driver"));
        self.add_tty(name, &port);
        write(&port.join("tty").join(name).join("type"), kind);
    }

    /// Adds a tty that hangs on no device.
    pub fn add_virtual(&self, name: &str) {
        let tty = self.root().join("sys/devices/virtual/tty").join(name);
        fs::create_dir_all(&tty).unwrap();
        symlink(tty, self.root().join("sys/class/tty").join(name)).unwrap();
        write(&self.root().join("dev").join(name), "");
    }

    fn socket(&self, socket: &str) -> PathBuf {
        self.root()
            .join("sys/devices/pci0000:00/0000:00:14.0/usb1")
            .join(socket)
    }

    /// The node comes last, as in the kernel.
    fn add_tty(&self, name: &str, parent: &Path) {
        let tty = parent.join("tty").join(name);
        fs::create_dir_all(&tty).unwrap();
        symlink("../..", tty.join("device")).unwrap();
        symlink(&tty, self.root().join("sys/class/tty").join(name)).unwrap();
        write(&self.root().join("dev").join(name), "");
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("{text}\n")).unwrap();
}
