//! A flasher: a command of the user's that writes a file to a port's device.

use std::time::Duration;

use serde::Deserialize;

use super::quantity::{bytes, duration};
use crate::wildcard::fits;

/// What stands for the device's path in a word of the command,
pub const DEVICE: &str = "{}";
/// and for that of the file.
pub const FILE: &str = "{file}";
/// The longest time and the largest file where nothing else is said, and at most; in bytes.
const TIME: Duration = Duration::from_secs(600);
const LEAST_TIME: Duration = Duration::from_secs(1);
const MOST_TIME: Duration = Duration::from_secs(24 * 3600);
const SIZE: usize = 64 << 20;
const MOST_SIZE: usize = 1 << 30;
/// The longest title, in characters, and the longest ending of a file's name.
const TITLE: usize = 64;
const ENDING: usize = 16;

/// A flasher, as `[flash.NAME]` in the configuration file has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Flasher {
    /// What people are shown.
    pub title: Option<String>,
    /// The program and its arguments, with `{}` and `{file}` in them. Never a shell's line.
    pub command: Vec<String>,
    /// The ports that it is for, with wildcards; empty for all.
    ports: Vec<String>,
    /// The endings of the files that it takes, in lower case; empty for any.
    pub files: Vec<String>,
    /// How long it may take.
    pub time: Duration,
    /// How large a file may be, in bytes.
    pub size: usize,
}

impl Flasher {
    /// Whether it is for the port of this name.
    pub fn is_for(&self, port: &str) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|pattern| fits(pattern, port))
    }

    /// The ending of a file that it takes: one of its own, or none where it takes any file.
    pub fn ending(&self, file: &str) -> Option<&str> {
        let file = file.to_lowercase();
        let mut endings = self.files.iter().map(String::as_str);
        match self.files.is_empty() {
            true => Some(""),
            false => endings.find(|ending| file.ends_with(ending)),
        }
    }
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: Option<String>,
    command: Vec<String>,
    #[serde(default)]
    ports: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    time: Option<String>,
    size: Option<String>,
}

/// Why something is no flasher.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAFlasher {
    #[error(
        "command: name a program and its arguments, such as [\"esptool\", \"--port\", \"{{}}\", …]"
    )]
    NoProgram,
    #[error("command: {FILE} stands nowhere in it; it is where the path of the file is put")]
    NoFile,
    #[error("title: give 1 to {TITLE} visible characters")]
    Title,
    #[error("ports: an empty name is none; without ports it is for all")]
    Port,
    #[error("files: {0:?} is no ending; one is a dot and letters or digits, such as \".bin\"")]
    Ending(String),
    #[error("time: {0}; at most 24h")]
    Time(&'static str),
    #[error("size: {0}; at most 1GiB")]
    Size(&'static str),
}

impl TryFrom<Written> for Flasher {
    type Error = NotAFlasher;

    fn try_from(written: Written) -> Result<Self, NotAFlasher> {
        if written.command.first().is_none_or(String::is_empty) {
            return Err(NotAFlasher::NoProgram);
        }
        if !written.command.iter().any(|word| word.contains(FILE)) {
            return Err(NotAFlasher::NoFile);
        }
        let is_shown = |title: &String| {
            (1..=TITLE).contains(&title.trim().chars().count())
                && !title.chars().any(char::is_control)
        };
        if !written.title.iter().all(is_shown) {
            return Err(NotAFlasher::Title);
        }
        if written.ports.iter().any(String::is_empty) {
            return Err(NotAFlasher::Port);
        }
        let is_ending = |ending: &str| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            ending.starts_with('.')
                && (2..=ENDING).contains(&ending.len())
                && ending.bytes().all(fits)
        };
        if let Some(wrong) = written.files.iter().find(|ending| !is_ending(ending)) {
            return Err(NotAFlasher::Ending(wrong.clone()));
        }
        let time = written.time.map_or(Ok(TIME), |text| duration(&text));
        let time = time.map_err(NotAFlasher::Time)?;
        if !(LEAST_TIME..=MOST_TIME).contains(&time) {
            return Err(NotAFlasher::Time("it can be from 1s"));
        }
        let size = written.size.map_or(Ok(SIZE), |text| bytes(&text));
        let size = size.map_err(NotAFlasher::Size)?;
        if size > MOST_SIZE {
            return Err(NotAFlasher::Size("this is too much"));
        }
        Ok(Self {
            title: written.title,
            command: written.command,
            ports: written.ports,
            files: written
                .files
                .iter()
                .map(|ending| ending.to_lowercase())
                .collect(),
            time,
            size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Flasher, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_flasher_says_which_ports_and_files_it_is_for() {
        let any = read(r#"command = ["dd", "if={file}", "of={}"]"#).unwrap();
        assert!(any.is_for("x") && any.ending("whatever") == Some(""));
        assert_eq!((any.time, any.size), (TIME, SIZE));
        let some = r#"command = ["f", "{file}"]
            ports = ["esp", "bench-*"]
            files = [".bin", ".uf2"]
            time = "5min"
            size = "1MiB""#;
        let some = read(some).unwrap();
        assert!(some.is_for("esp") && some.is_for("bench-2") && !some.is_for("esp2"));
        assert_eq!(some.ending("A/../Blink.BIN"), Some(".bin"));
        assert_eq!(some.ending("blink.hex"), None);
        assert_eq!((some.time, some.size), (Duration::from_secs(300), 1 << 20));
    }

    #[test]
    fn what_is_no_flasher_is_told_with_what_is_possible() {
        for (text, named) in [
            ("title = \"x\"", "missing field `command`"),
            ("command = []", "name a program"),
            ("command = [\"\", \"{file}\"]", "name a program"),
            ("command = [\"esptool\", \"{}\"]", "{file} stands nowhere"),
            ("command = \"esptool {file}\"", "expected a sequence"),
            (
                "command = [\"f\", \"{file}\"]\nfiles = [\"bin\"]",
                "\".bin\"",
            ),
            (
                "command = [\"f\", \"{file}\"]\nfiles = [\"./../x\"]",
                "\"./../x\" is no ending",
            ),
            ("command = [\"f\", \"{file}\"]\ntime = \"soon\"", "5min"),
            ("command = [\"f\", \"{file}\"]\ntime = \"2d\"", "5min"),
            ("command = [\"f\", \"{file}\"]\ntime = \"1ms\"", "from 1s"),
            (
                "command = [\"f\", \"{file}\"]\ntime = \"25h\"",
                "at most 24h",
            ),
            (
                "command = [\"f\", \"{file}\"]\nsize = \"2GiB\"",
                "at most 1GiB",
            ),
            ("command = [\"f\", \"{file}\"]\nport = [\"a\"]", "`ports`"),
            ("command = [\"f\", \"{file}\"]\ntitle = \"\\n\"", "visible"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
