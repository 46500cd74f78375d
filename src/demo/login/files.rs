//! Files: what the demo machine has on its disk.

use std::collections::BTreeMap;

use super::clock::Clock;

/// Where a path without a leading slash begins.
const HOME: &str = "/root";

const FILES: &[(&str, &str)] = &[
    ("/bin/sh", "\x7fELF: this is not for reading.\n"),
    ("/bin/top", "\x7fELF: this is not for reading.\n"),
    ("/etc/hostname", "demo\n"),
    (
        "/etc/motd",
        "\n\x1b[1;36m  This machine exists only at the far end of a pseudo terminal.\x1b[0m\n  \
         Type \x1b[1mhelp\x1b[0m for what it can do.\n\n",
    ),
    (
        "/etc/os-release",
        "NAME=\"seriald demo\"\nID=demo\nPRETTY_NAME=\"A machine made of text\"\n",
    ),
    (
        "/proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Imaginary Core 1\nBogoMIPS\t: 0.42\nfeatures\t: ttys color patience\n",
    ),
    ("/proc/uptime", ""),
    (
        "/proc/version",
        "demo kernel 6.0-seriald (nobody@nowhere) #1\n",
    ),
    (
        "/root/notes.txt",
        "Things to try on this console:\n\n  \
         top      redraws the whole screen each second\n  \
         colors   every colour there is\n  \
         size     asks the terminal for its size: one alone may answer\n  \
         reboot   shows the boot log again\n\n\
         Keys: arrows, Home, End, Tab, Ctrl-A E U K W Y L C D, Alt-B and Alt-F.\n",
    ),
    (
        "/root/grüße.txt",
        "Grüße, 世界, мир, 🌍: wide and narrow characters on one line.\n",
    ),
    ("/root/bin/blink", "#!/bin/sh\necho on > /dev/led\n"),
];

/// A name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: &'static str,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// Whether it can be run.
    pub is_program: bool,
}

/// The content of a file; `None` if there is no such file.
pub fn read(path: &str, clock: &Clock) -> Option<String> {
    let path = absolute(path);
    let (path, content) = FILES.iter().find(|(name, _)| *name == path)?;
    Some(match *path {
        "/proc/uptime" => format!("{:.2}\n", clock.uptime().as_secs_f64()),
        _ => (*content).to_owned(),
    })
}

/// What is in a directory, by name; `None` if there is no such directory.
pub fn list(dir: &str) -> Option<Vec<Entry>> {
    let dir = absolute(dir);
    let within = if dir == "/" { dir } else { dir + "/" };
    let entries: BTreeMap<&str, Entry> = FILES
        .iter()
        .filter_map(|(path, _)| path.strip_prefix(within.as_str()))
        .map(|rest| {
            let (name, is_dir) = rest
                .split_once('/')
                .map_or((rest, false), |(dir, _)| (dir, true));
            (
                name,
                Entry {
                    name,
                    is_dir,
                    is_program: !is_dir && within.ends_with("/bin/"),
                },
            )
        })
        .collect();
    (!entries.is_empty()).then(|| entries.into_values().collect())
}

/// How long the machine is up, as people say it.
pub fn uptime(clock: &Clock) -> String {
    let seconds = clock.uptime().as_secs();
    format!(
        "up {}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

fn absolute(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let from_home = if path.starts_with('/') { "" } else { HOME };
    for part in from_home.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            "~" => parts = vec!["root"],
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn paths_lead_where_they_say() {
        for (path, expected) in [
            ("", "/root"),
            ("notes.txt", "/root/notes.txt"),
            ("/etc/../proc/./version", "/proc/version"),
            ("../../..", "/"),
            ("~/bin/", "/root/bin"),
        ] {
            assert_eq!(absolute(path), expected);
        }
    }

    #[test]
    fn every_file_is_listed_in_its_directory_and_readable() {
        let clock = Clock::new(Duration::ZERO);
        for (path, _) in FILES {
            let (dir, name) = path.rsplit_once('/').expect("an absolute path");
            let entries = list(dir).expect("a directory");
            assert!(
                entries
                    .iter()
                    .any(|entry| entry.name == name && !entry.is_dir),
                "{path}"
            );
            assert!(read(path, &clock).is_some());
        }
        let root: Vec<&str> = list("/")
            .expect("the root")
            .iter()
            .map(|entry| entry.name)
            .collect();
        assert_eq!(root, ["bin", "etc", "proc", "root"]);
    }
}
