//! Descriptors: what a USB device says about itself, which is a stranger's text wherever it is shown.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::rig::http::get;
use crate::rig::server::{Server, program, run};

const TTY: &str = "ttyUSB7";
/// What would be done with a text that is taken for more.
const PRODUCT: &[u8] =
    b"\x1b]0;mine\x07\x1b[2J<img src=x onerror=alert(1)>\xe2\x80\xae\xff\xc2\x9b2J\n\
    2026-01-01T00:00:00Z  INFO eve is let in\n";
const SERIAL: &[u8] = b"../../../etc/passwd\0$(reboot);`reboot`|' \"--data";

/// A machine with one USB adapter, laid out as the kernel does, below this folder.
fn plug(machine: &Path) {
    let device = machine.join("sys/devices/pci0000:00/usb1/1-1");
    let port = device.join("1-1:1.0").join(TTY);
    let tty = port.join("tty").join(TTY);
    for folder in [&tty, &machine.join("sys/class/tty"), &machine.join("dev")] {
        fs::create_dir_all(folder).unwrap();
    }
    for (name, says) in [
        ("idVendor", &b"0403"[..]),
        ("idProduct", b"6001"),
        ("manufacturer", &[b'A'; 4096]),
        ("product", PRODUCT),
        ("serial", SERIAL),
    ] {
        fs::write(device.join(name), says).unwrap();
    }
    fs::write(device.join("1-1:1.0/bInterfaceNumber"), "00").unwrap();
    symlink("../..", tty.join("device")).unwrap();
    let class = machine.join("sys/class/tty").join(TTY);
    symlink(
        Path::new("/sys/devices/pci0000:00/usb1/1-1/1-1:1.0")
            .join(TTY)
            .join("tty")
            .join(TTY),
        class,
    )
    .unwrap();
    fs::write(machine.join("dev").join(TTY), "").unwrap();
}

/// Lets a program see that machine instead of this one.
fn on(machine: &Path, command: &mut Command) {
    let text = |path: &Path| CString::new(path.as_os_str().as_bytes()).unwrap();
    let mounts =
        ["sys", "dev"].map(|name| (text(&machine.join(name)), text(&Path::new("/").join(name))));
    let mount = |from: *const libc::c_char, to: &CString, flags| {
        // SAFETY: all pointers are C strings that live during the call, or none where none is needed.
        match unsafe { libc::mount(from, to.as_ptr(), std::ptr::null(), flags, std::ptr::null()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: between fork and exec nothing is called but the system.
    unsafe {
        command.pre_exec(move || {
            if libc::unshare(libc::CLONE_NEWNS) != 0 {
                return Err(io::Error::last_os_error());
            }
            mount(
                std::ptr::null(),
                &c"/".to_owned(),
                libc::MS_REC | libc::MS_PRIVATE,
            )?;
            mounts
                .iter()
                .try_for_each(|(from, to)| mount(from.as_ptr(), to, libc::MS_BIND))
        });
    }
}

/// Whether a text is one line at most, and nothing that a terminal would act on or hide.
#[track_caller]
fn is_harmless(text: &str, what: &str) {
    for line in text.lines() {
        let harmful = |c: char| c.is_control() && c != '\t' || c == '\u{202e}';
        assert!(!line.contains(harmful), "{what}: {line:?}");
        assert!(!line.starts_with("2026-01-01"), "{what}: {line}");
    }
}

#[tokio::test]
async fn what_a_device_says_of_itself_is_shown_as_text_and_names_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let machine = folder.path().join("machine");
    plug(&machine);
    let server = Server::finding(folder.path(), |command| on(&machine, command));
    let server = match server {
        Ok(server) => server,
        Err(error) => {
            eprintln!("skipped: this user may not mount anything: {error}");
            return;
        }
    };
    let ports = get(server.address(), "/api/v1/ports").await;
    assert!(!ports.text().contains(['\u{1b}', '\u{9b}', '\u{202e}']));
    let ports: Value = ports.json();
    let port = &ports[0];
    assert_eq!(port["name"], TTY, "{ports}");
    let usb = &port["identity"]["usb"];
    let product = usb["product"].as_str().unwrap();
    // What is left of it is text; that it stays text is for whoever shows it.
    assert!(
        product.contains("<img src=x onerror=alert(1)>"),
        "{product}"
    );
    assert!(
        usb["serial"]
            .as_str()
            .unwrap()
            .starts_with("../../../etc/passwd$(reboot)"),
        "{usb}"
    );
    assert_eq!(usb["manufacturer"].as_str().unwrap().len(), 128);
    for field in ["product", "serial", "manufacturer"] {
        is_harmless(usb[field].as_str().unwrap(), field);
        assert_eq!(usb[field].as_str().unwrap().lines().count(), 1, "{usb}");
    }
    is_harmless(&server.log(), "the log");
    let address = format!("http://{}", server.address());
    let of_server = run(&["ports", "--server", &address]).await;
    let mut of_machine = program();
    of_machine.arg("ports");
    on(&machine, &mut of_machine);
    let of_machine = String::from_utf8(of_machine.output().unwrap().stdout).unwrap();
    for shown in [&of_server.stdout, &of_machine] {
        assert_eq!(shown.lines().count(), 1, "{shown}");
        is_harmless(shown, "seriald ports");
    }
    assert!(
        of_machine.contains(TTY) && of_machine.contains("<img"),
        "{of_machine}"
    );
}
