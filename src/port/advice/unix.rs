//! What Unix knows about a device that cannot be had: who holds it, whom it belongs to.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use super::Trouble;
use super::account::{Account, Rights, group_name, user_name};
use super::holder::{Holder, holders};

/// The command that tells root who holds a device.
const WHO: &str = if cfg!(target_os = "linux") {
    "sudo fuser -v"
} else {
    "sudo lsof"
};

/// Sorts the system's error.
pub fn trouble(path: &Path, error: &io::Error) -> Trouble {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENODEV | libc::ENXIO | libc::ENOTDIR | libc::ELOOP) => {
            Trouble::Missing
        }
        Some(libc::EBUSY | libc::EWOULDBLOCK) => Trouble::Busy,
        Some(libc::EACCES | libc::EPERM) => Trouble::Denied,
        Some(libc::ENOTTY | libc::EISDIR) => Trouble::NotATty,
        // The driver has a fixed number of names for UARTs; opening one that was never fitted succeeds, and only
        // asking for its settings fails.
        Some(libc::EIO) if is_uart(path) => Trouble::Missing,
        Some(libc::EIO) => Trouble::Lost,
        _ => Trouble::Io,
    }
}

fn is_uart(path: &Path) -> bool {
    let node = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    node.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("ttyS"))
}

pub fn out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
}

/// What a path is that should have been a serial port.
pub fn kind(path: &Path) -> &'static str {
    match fs::metadata(path).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_dir() => "a folder",
        Ok(kind) if kind.is_file() => "a file",
        Ok(kind) if kind.is_char_device() || kind.is_block_device() => "another kind of device",
        _ => "something else",
    }
}

/// Why there may be ports that cannot be seen.
pub fn where_to_look() -> &'static str {
    if in_container(Path::new("/")) {
        " (a container has only the devices that it was started with: --device)"
    } else {
        ""
    }
}

fn in_container(root: &Path) -> bool {
    [".dockerenv", "run/.containerenv", "run/systemd/container"]
        .iter()
        .any(|mark| root.join(mark).exists())
}

pub fn busy(path: &Path) -> String {
    blame(path, &holders(path))
}

fn blame(path: &Path, holders: &[Holder]) -> String {
    let (own, others): (Vec<_>, Vec<_>) = holders
        .iter()
        .partition(|holder| holder.pid == std::process::id());
    let Some(first) = others.first() else {
        return if own.is_empty() {
            format!(
                "in use by another program (run \"{WHO} {}\" to see which)",
                path.display()
            )
        } else {
            "open already under the name of another port here; release that one first".to_owned()
        };
    };
    let names: Vec<String> = others.iter().map(|holder| holder.to_string()).collect();
    let names = names.join(" and ");
    let program = first.command.split(' ').next().unwrap_or_default();
    let way_out = match program {
        "seriald" => "press Release there, or stop it".to_owned(),
        "ModemManager" => {
            "it looks whether this is a modem, and lets go of it within a minute".to_owned()
        }
        "agetty" | "getty" | "login" => {
            let line = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            let line = line
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            format!(
                "it offers a login there: run \"sudo systemctl disable --now serial-getty@{line}\""
            )
        }
        _ if others.len() > 1 => "stop them".to_owned(),
        _ => "stop it".to_owned(),
    };
    format!("in use by {names}; {way_out}")
}

pub fn denied(path: &Path) -> String {
    let way_out = match fs::metadata(path) {
        Ok(node) => permit(
            Path::new("/"),
            Rights {
                uid: node.uid(),
                gid: node.gid(),
                mode: node.mode() & 0o777,
            },
        ),
        Err(_) => "a folder on the way to it may not be entered".to_owned(),
    };
    format!("permission denied; {way_out}")
}

/// What gives this process the permission. Accounts are looked up below `root`.
fn permit(root: &Path, rights: Rights) -> String {
    let account = Account::of_this_process(root);
    if account
        .as_ref()
        .is_some_and(|account| account.may_open(rights))
    {
        return "its owner and mode would allow it, but a security policy does not: look at DeviceAllow= of the service, \
                --device of the container, AppArmor or SELinux"
            .to_owned();
    }
    if rights.mode & 0o060 != 0o060 || rights.gid == 0 {
        let (owner, mode) = (user_name(root, rights.uid), rights.mode);
        return format!(
            "only {owner} may open it (mode {mode:04o}): a udev rule with MODE=\"0660\", GROUP=\"dialout\" changes that"
        );
    }
    let group = group_name(root, rights.gid);
    if in_container(root) {
        return format!(
            "it belongs to the group {group}: start the container with --group-add {}",
            rights.gid
        );
    }
    match account {
        Some(account) if account.is_listed_in(root, rights.gid) => format!(
            "it belongs to the group {group}, which {} has joined, but this session is older than that: \
             log out and in again, or restart the service",
            account.name(root)
        ),
        account => {
            let name = account.map_or_else(|| "$USER".to_owned(), |account| account.name(root));
            format!(
                "it belongs to the group {group}: run \"sudo usermod -aG {group} {name}\" and log in again"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(pid: u32, command: &str) -> Holder {
        Holder {
            pid,
            command: command.to_owned(),
        }
    }

    #[test]
    fn a_busy_device_names_who_has_it_and_how_to_get_it() {
        let cases: [(&[Holder], &str); 7] = [
            (
                &[holder(4711, "avrdude")],
                "in use by avrdude (pid 4711); stop it",
            ),
            (
                &[holder(1, "minicom"), holder(2, "cat")],
                "in use by minicom (pid 1) and cat (pid 2); stop them",
            ),
            (
                &[holder(9, "seriald")],
                "in use by seriald (pid 9); press Release there, or stop it",
            ),
            (
                &[holder(9, "agetty")],
                "in use by agetty (pid 9); it offers a login there: \
                 run \"sudo systemctl disable --now serial-getty@ttyX7\"",
            ),
            (
                &[holder(9, "ModemManager")],
                "in use by ModemManager (pid 9); it looks whether this is a modem, and lets go of it within a minute",
            ),
            (
                &[holder(std::process::id(), "me"), holder(7, "cat")],
                "in use by cat (pid 7); stop it",
            ),
            (
                &[holder(std::process::id(), "me")],
                "open already under the name of another port here; release that one first",
            ),
        ];
        for (holders, text) in cases {
            assert_eq!(blame(Path::new("/dev/ttyX7"), holders), text);
        }
        assert_eq!(
            blame(Path::new("/dev/ttyX7"), &[]),
            format!("in use by another program (run \"{WHO} /dev/ttyX7\" to see which)")
        );
    }

    const DIALOUT: Rights = Rights {
        uid: 0,
        gid: 20,
        mode: 0o660,
    };

    /// A machine on which anna's account (1000) runs this process, in a session with these groups; and these are the
    /// members of dialout (20) by now.
    fn machine(session: &str, members: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            (
                "proc/self/status",
                format!(
                    "Uid:\t0\t1000\t1000\t1000\nGid:\t0\t1000\t1000\t1000\nGroups:\t{session} \n"
                ),
            ),
            (
                "etc/passwd",
                "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1000:Anna:/home/anna:/bin/sh\n"
                    .to_owned(),
            ),
            (
                "etc/group",
                format!("root:x:0:\ndialout:x:20:{members}\nanna:x:1000:\n"),
            ),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn who_is_not_in_the_devices_group_is_told_to_join_it() {
        let machine = machine("1000", "bert,hannah");
        assert_eq!(
            permit(machine.path(), DIALOUT),
            "it belongs to the group dialout: run \"sudo usermod -aG dialout anna\" and log in again"
        );
    }

    #[test]
    fn who_has_joined_the_group_since_is_told_to_log_in_again() {
        let machine = machine("1000", "bert,anna");
        let text = permit(machine.path(), DIALOUT);
        assert!(
            text.contains("which anna has joined") && text.contains("log out and in again"),
            "{text}"
        );
    }

    #[test]
    fn who_has_the_right_already_is_sent_to_the_security_policy() {
        let policy = "its owner and mode would allow it, but a security policy does not";
        assert!(permit(machine("20 1000", "anna").path(), DIALOUT).starts_with(policy));
        assert!(
            permit(
                machine("", "").path(),
                Rights {
                    mode: 0o666,
                    ..DIALOUT
                }
            )
            .starts_with(policy)
        );
        assert!(
            permit(
                machine("", "").path(),
                Rights {
                    uid: 1000,
                    ..DIALOUT
                }
            )
            .starts_with(policy)
        );
    }

    #[test]
    fn no_group_is_recommended_where_none_would_help() {
        let machine = machine("", "");
        let text = permit(
            machine.path(),
            Rights {
                mode: 0o600,
                ..DIALOUT
            },
        );
        assert!(
            text.starts_with("only root may open it (mode 0600): a udev rule"),
            "{text}"
        );
        let text = permit(machine.path(), Rights { gid: 0, ..DIALOUT });
        assert!(
            text.starts_with("only root may open it (mode 0660)"),
            "{text}"
        );
    }

    #[test]
    fn in_a_container_the_way_out_is_its_command_line() {
        let machine = machine("", "");
        fs::write(machine.path().join(".dockerenv"), "").unwrap();
        assert_eq!(
            permit(machine.path(), DIALOUT),
            "it belongs to the group dialout: start the container with --group-add 20"
        );
    }

    #[test]
    fn without_proc_the_account_is_left_to_the_shell() {
        let machine = machine("", "");
        fs::remove_dir_all(machine.path().join("proc")).unwrap();
        assert!(permit(machine.path(), DIALOUT).contains("usermod -aG dialout $USER"));
    }
}
