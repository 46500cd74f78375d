//! A holder is a process that has a device open.

use std::fmt;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use crate::identity::clean;

/// Programs that run other programs: the name of what they run tells more.
const INTERPRETERS: [&str; 7] = ["bash", "java", "node", "perl", "python", "ruby", "sh"];

/// A process that has a device open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// The program, with the script it runs if it is an interpreter.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.command, self.pid)
    }
}

/// Lists the processes that have this very device open, under whatever name. Processes of other accounts can be
/// looked into by root only, so that an empty list does not mean that nobody has it.
pub fn holders(path: &Path) -> Vec<Holder> {
    holders_in(Path::new("/proc"), path)
}

fn holders_in(proc: &Path, path: &Path) -> Vec<Holder> {
    let Some(device) = device_number(path) else {
        return Vec::new();
    };
    let processes = fs::read_dir(proc).into_iter().flatten().flatten();
    let mut holders: Vec<Holder> = processes
        .filter_map(|process| {
            let pid = process.file_name().to_str()?.parse().ok()?;
            let mut descriptors = fs::read_dir(process.path().join("fd")).ok()?.flatten();
            descriptors
                .any(|descriptor| is_device(&descriptor.path(), device))
                .then(|| Holder {
                    pid,
                    command: command(&process.path()),
                })
        })
        .collect();
    holders.sort_by_key(|holder| holder.pid);
    holders
}

fn device_number(path: &Path) -> Option<u64> {
    let metadata = fs::metadata(path).ok()?;
    metadata
        .file_type()
        .is_char_device()
        .then(|| metadata.rdev())
}

/// Looks at the link's text before what it leads to: asking for a file on a network that is down may never return.
fn is_device(descriptor: &Path, device: u64) -> bool {
    let Ok(target) = fs::read_link(descriptor) else {
        return false;
    };
    // Seen from outside, a device in a container stands in the root folder.
    let may_be = target.starts_with("/dev") || target.parent() == Some(Path::new("/"));
    may_be && device_number(descriptor) == Some(device)
}

/// The kernel's name for the program, since command lines are rewritten by many.
fn command(process: &Path) -> String {
    let read = |file| fs::read(process.join(file)).unwrap_or_default();
    let program = clean(&read("comm")).unwrap_or_else(|| "another program".to_owned());
    let language = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let script = INTERPRETERS
        .contains(&language)
        .then(|| script(&read("cmdline")))
        .flatten();
    match script {
        Some(script) => format!("{program} {script}"),
        None => program,
    }
}

/// The script or module that an interpreter runs; a program given on the command line itself has no name.
fn script(command_line: &[u8]) -> Option<String> {
    let mut words = command_line.split(|byte| *byte == 0).skip(1);
    let word =
        words.find(|word| matches!(*word, b"-m" | b"-c" | b"-e") || !word.starts_with(b"-"))?;
    let script = match word {
        b"-c" | b"-e" => return None,
        b"-m" => words.next()?,
        script => script,
    };
    clean(script.rsplit(|byte| *byte == b'/').next()?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use serial2::SerialPort;

    use super::*;

    /// A pseudo terminal, and the path of its far end.
    fn pty() -> (SerialPort, SerialPort, PathBuf) {
        let (near, far) = SerialPort::pair().unwrap();
        let path_of = |port: &SerialPort| {
            fs::read_link(format!("/proc/self/fd/{}", port.as_raw_fd())).unwrap()
        };
        let path = [&near, &far]
            .map(path_of)
            .into_iter()
            .find(|path| !path.ends_with("ptmx"))
            .unwrap();
        (near, far, path)
    }

    /// A `/proc` with one process, which has these files open.
    fn proc_with(pid: u32, comm: &str, command_line: &str, files: &[&Path]) -> tempfile::TempDir {
        let proc = tempfile::tempdir().unwrap();
        let process = proc.path().join(pid.to_string());
        fs::create_dir_all(process.join("fd")).unwrap();
        fs::write(process.join("comm"), format!("{comm}\n")).unwrap();
        fs::write(process.join("cmdline"), command_line).unwrap();
        for (number, file) in files.iter().enumerate() {
            symlink(file, process.join("fd").join(number.to_string())).unwrap();
        }
        proc
    }

    fn holder(pid: u32, command: &str) -> Holder {
        Holder {
            pid,
            command: command.to_owned(),
        }
    }

    #[test]
    fn this_process_is_found_as_long_as_it_has_the_device_open() {
        let (near, far, path) = pty();
        assert!(
            holders(&path)
                .iter()
                .any(|holder| holder.pid == std::process::id())
        );
        let spare = fs::File::open(&path).unwrap();
        drop((far, spare));
        let left = holders(&path);
        assert!(
            !left.iter().any(|holder| holder.pid == std::process::id()),
            "{left:?}"
        );
        drop(near);
    }

    #[test]
    fn a_device_is_found_under_a_link_to_it() {
        let (_near, _far, path) = pty();
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("sensor");
        symlink(&path, &link).unwrap();
        let proc = proc_with(
            4711,
            "avrdude",
            "avrdude\0-p\0m328p\0",
            &[Path::new("socket:[7]"), &path],
        );
        assert_eq!(holders_in(proc.path(), &link), [holder(4711, "avrdude")]);
    }

    #[test]
    fn a_process_that_has_another_device_open_is_not_blamed() {
        let proc = proc_with(
            4711,
            "cat",
            "cat\0",
            &[Path::new("/dev/zero"), Path::new("/etc/passwd")],
        );
        assert_eq!(holders_in(proc.path(), Path::new("/dev/null")), []);
        assert_eq!(holders_in(proc.path(), Path::new("/etc/passwd")), []);
        assert_eq!(
            holders_in(Path::new("/nonexistent"), Path::new("/dev/null")),
            []
        );
    }

    #[test]
    fn an_interpreter_is_named_with_its_script_and_nothing_secret() {
        for (comm, command_line, command) in [
            (
                "python3.11",
                "python3.11\0-u\0/home/anna/log.py\0--password=x\0",
                "python3.11 log.py",
            ),
            (
                "python3",
                "python3\0-m\0serial.tools.miniterm\0",
                "python3 serial.tools.miniterm",
            ),
            ("python3", "python3\0-c\0token='x'\0", "python3"),
            ("bash", "-bash\0", "bash"),
            ("picocom", "picocom\0/dev/null\0", "picocom"),
            ("", "", "another program"),
        ] {
            let proc = proc_with(12, comm, command_line, &[Path::new("/dev/null")]);
            assert_eq!(
                holders_in(proc.path(), Path::new("/dev/null")),
                [holder(12, command)]
            );
        }
    }
}
