//! Rig: a demo device on a real pty in this process, and a client that has its port open.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::{Kind, serve};
use crate::pty::Pty;

const DEADLINE: Duration = Duration::from_secs(20);

/// A running device with its port open.
pub struct Rig {
    port: File,
    heard: Vec<u8>,
    stop: Option<UnixStream>,
    device: Option<JoinHandle<()>>,
}

impl Rig {
    /// Starts a device and opens its port at 115200 baud.
    pub fn start(kind: Kind) -> Self {
        let (stop, stopped) = UnixStream::pair().expect("a socket pair");
        let line = Pty::open().expect("a pty");
        let port = open(line.path());
        let mut rig = Rig {
            port,
            heard: Vec::new(),
            stop: Some(stop),
            device: None,
        };
        rig.set_baud(115_200);
        rig.device = Some(thread::spawn(move || {
            serve::run(&line, &stopped, || kind.power_on()).expect("the pty works");
        }));
        rig
    }

    /// Closes the port, and opens it again after a while.
    pub fn reopen_after(&mut self, pause: Duration) {
        let path = rustix::termios::ttyname(&self.port, Vec::new()).expect("the port has a name");
        self.port = File::open("/dev/null").expect("something else to hold");
        self.heard.clear();
        thread::sleep(pause);
        self.port = open(Path::new(OsStr::from_bytes(path.as_bytes())));
    }

    /// Sets the speed of the line.
    pub fn set_baud(&self, baud: u32) {
        let mut termios = tcgetattr(&self.port).expect("settings");
        termios.set_speed(baud).expect("any speed");
        tcsetattr(&self.port, OptionalActions::Now, &termios).expect("settings are taken");
    }

    /// Types.
    pub fn send(&mut self, text: &str) {
        self.port
            .write_all(text.as_bytes())
            .expect("the port takes bytes");
    }

    /// Reads until `text` has come, and forgets everything up to its end. Gives what was before it.
    pub fn expect(&mut self, text: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let found = self
                .heard
                .windows(text.len())
                .position(|part| part == text.as_bytes());
            if let Some(at) = found {
                let rest = self.heard.split_off(at + text.len());
                let before = std::mem::replace(&mut self.heard, rest);
                return String::from_utf8_lossy(&before[..at]).into_owned();
            }
            let heard = String::from_utf8_lossy(&self.heard);
            assert!(
                Instant::now() < deadline,
                "{text:?} did not come, only {heard:?}"
            );
            self.read_some(Duration::from_millis(100));
        }
    }

    /// Reads so many bytes.
    pub fn read_exactly(&mut self, count: usize) -> Vec<u8> {
        let deadline = Instant::now() + DEADLINE;
        while self.heard.len() < count {
            assert!(
                Instant::now() < deadline,
                "{} of {count} bytes came",
                self.heard.len()
            );
            self.read_some(Duration::from_millis(100));
        }
        let rest = self.heard.split_off(count);
        std::mem::replace(&mut self.heard, rest)
    }

    /// Reads until nothing comes any more.
    pub fn expect_silence(&mut self) {
        let deadline = Instant::now() + DEADLINE;
        while self.read_some(Duration::from_millis(300)) {
            assert!(Instant::now() < deadline, "the device never falls silent");
        }
    }

    fn read_some(&mut self, patience: Duration) -> bool {
        let mut fds = [PollFd::new(&self.port, PollFlags::IN)];
        let patience = Timespec::try_from(patience).expect("a short time");
        if poll(&mut fds, Some(&patience)).expect("poll") == 0 {
            return false;
        }
        let mut buffer = [0; 4096];
        let count = self.port.read(&mut buffer).expect("the device is there");
        self.heard.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.device.take().map_or(Ok(()), JoinHandle::join);
        assert!(ended.is_ok() || thread::panicking(), "the device panicked");
    }
}

fn open(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(libc::O_NOCTTY);
    options.open(path).expect("the port opens")
}

/// The number behind `name:` in a line of readings; its unit may follow.
pub fn field(line: &str, name: &str) -> f64 {
    line.split_whitespace()
        .find_map(|word| {
            let value = word.strip_prefix(name)?.strip_prefix(':')?;
            let is_unit = |letter: char| !letter.is_ascii_digit() && !".-".contains(letter);
            value.trim_end_matches(is_unit).parse().ok()
        })
        .unwrap_or_else(|| panic!("no {name} in {line:?}"))
}
