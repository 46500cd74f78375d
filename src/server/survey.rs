//! A survey: what of the options does not work on this machine as it is now. Nothing is opened.

use std::env;
use std::fs::File;
use std::path::Path;

use super::Options;
use crate::access::PeopleFile;
use crate::diagnostic::{Diagnostic, Key};
use crate::hub;
use crate::identity::Identity;
use crate::pages;
use crate::panels;
use crate::port::OpenError;

/// Looks for the devices, and for what is broken in the files of people, panels and pages. May wait for a disk.
pub async fn survey(options: &Options) -> Vec<Diagnostic> {
    let found = hub::found().await;
    let mut all = Vec::new();
    for port in &options.ports {
        if let Some(text) = trouble(&port.device, &found) {
            all.push(Diagnostic::warning(
                Key::of_port(&port.name, "device"),
                text,
            ));
        }
    }
    if let Some(data) = &options.data
        && let Err(error) = PeopleFile::within(data).read()
    {
        all.push(Diagnostic::error(Key::top("data"), error));
    }
    if let Some(folder) = &options.panels {
        all.extend(panels::problems(folder).into_iter().map(|(name, problem)| {
            let text = format!(
                "{}: panel {name:?} cannot be used: {problem}",
                folder.display()
            );
            Diagnostic::warning(Key::top("panels"), text)
        }));
    }
    if let Some(folder) = &options.www {
        let problems = pages::problems(folder).into_iter();
        all.extend(problems.map(|problem| Diagnostic::warning(Key::top("www"), problem)));
    }
    all.extend(missing(options));
    all
}

/// Files and programs that are named and cannot be had.
fn missing(options: &Options) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    if let Some(mqtt) = &options.mqtt {
        let files = [
            ("password_file", &mqtt.password_file),
            ("ca_file", &mqtt.ca_file),
        ];
        for (key, file) in files {
            if let Some(file) = file
                && let Err(error) = File::open(file)
            {
                let text = format!("{}: {error}", file.display());
                all.push(Diagnostic::warning(Key::within("mqtt", key, ""), text));
            }
        }
    }
    for (name, flasher) in &options.flash {
        if let Some(program) = flasher.command.first()
            && !is_there(program)
        {
            let text =
                format!("{program}: there is no such program here; install it, or say where it is");
            let key = Key::within("flash", name, "command");
            all.push(Diagnostic::warning(key, text));
        }
    }
    all
}

/// Whether a program can be found, as the system looks for it.
fn is_there(program: &str) -> bool {
    if cfg!(windows) || program.contains('/') {
        return cfg!(windows) || Path::new(program).is_file();
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// Why a device cannot be had now. It is not opened, which could reset a board.
#[cfg(unix)]
fn trouble(device: &Path, found: &[Identity]) -> Option<String> {
    use std::io;
    use std::os::unix::fs::FileTypeExt;

    use rustix::fs::{Access, access};

    let explain = |error| Some(OpenError::explain(device, &error, found).message);
    let node = match std::fs::metadata(device) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let message = explain(error)?;
            let links = found.iter().filter_map(|device| device.by_id.as_deref());
            return Some(match nearest_link(device, links) {
                Some(link) => format!("{message}; the nearest is {}", link.display()),
                None => message,
            });
        }
        Err(error) => return explain(error),
        Ok(node) => node,
    };
    if !node.file_type().is_char_device() || is_other(&node) {
        return explain(io::Error::from_raw_os_error(libc::ENOTTY));
    }
    let denied = access(device, Access::READ_OK | Access::WRITE_OK).err()?;
    explain(denied.into())
}

/// Whether the kernel knows a device as something else than a terminal. Pseudo terminals it does not list.
#[cfg(target_os = "linux")]
fn is_other(node: &std::fs::Metadata) -> bool {
    let number = std::os::unix::fs::MetadataExt::rdev(node);
    let (major, minor) = (rustix::fs::major(number), rustix::fs::minor(number));
    let subsystem = std::fs::read_link(format!("/sys/dev/char/{major}:{minor}/subsystem"));
    subsystem.is_ok_and(|subsystem| !subsystem.ends_with("tty"))
}

/// Elsewhere nothing says so.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_other(_: &std::fs::Metadata) -> bool {
    false
}

/// Elsewhere the names of ports are not files.
#[cfg(not(unix))]
fn trouble(device: &Path, found: &[Identity]) -> Option<String> {
    let is_there = found.iter().any(|known| known.path == device);
    let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
    (!is_there).then(|| OpenError::explain(device, &missing, found).message)
}

/// The device link that shares the longest beginning with the name that was asked for, from the maker's name on.
#[cfg(unix)]
fn nearest_link<'a>(device: &Path, links: impl Iterator<Item = &'a Path>) -> Option<&'a Path> {
    /// What all links begin with.
    const COMMON: &str = "/dev/serial/by-id/usb-";
    let wanted = device.to_str()?.strip_prefix(COMMON)?.as_bytes();
    let shared = |link: &Path| {
        let other = link.to_str().and_then(|link| link.strip_prefix(COMMON));
        let pairs = wanted.iter().zip(other.unwrap_or_default().bytes());
        pairs.take_while(|(one, other)| *one == other).count()
    };
    let best = links.max_by_key(|link| shared(link))?;
    (shared(best) > 2).then_some(best)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_link_that_was_meant_is_the_one_that_begins_alike() {
        let links = [
            "/dev/serial/by-id/usb-Arduino_Uno_5573-if00",
            "/dev/serial/by-id/usb-FTDI_FT232R_A5069RR4-if00-port0",
        ];
        let nearest = |wanted: &str| {
            let link = nearest_link(Path::new(wanted), links.iter().map(Path::new));
            link.map(|link| link.to_str().unwrap().to_owned())
        };
        let other = "/dev/serial/by-id/usb-FTDI_FT232R_B0000000-if00-port0";
        assert_eq!(nearest(other).as_deref(), Some(links[1]));
        assert_eq!(nearest("/dev/serial/by-id/usb-Prolific-if00"), None);
        assert_eq!(nearest("/dev/ttyUSB7"), None);
    }

    #[test]
    fn what_is_no_device_is_told_without_opening_it() {
        let folder = tempfile::tempdir().unwrap();
        let told = |path: &Path| trouble(path, &[]).unwrap();
        assert!(told(folder.path()).contains("is a folder"));
        assert!(told(&folder.path().join("x")).contains("no such device"));
    }
}
