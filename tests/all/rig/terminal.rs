//! A terminal: a person's, in which the program runs, at the near end of a pty.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    Action, OptionalActions, Termios, Winsize, tcflow, tcgetattr, tcsetattr, tcsetwinsize,
};

use super::until;

/// A terminal, and the program in it; both end on drop.
pub struct Terminal {
    master: File,
    /// Kept open, so that what the program leaves behind can be looked at.
    slave: OwnedFd,
    child: Child,
    seen: Arc<Mutex<Vec<u8>>>,
    before: Termios,
}

impl Terminal {
    /// Runs a program in a terminal of that size.
    pub fn run(mut command: Command, columns: u16, rows: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC).expect("a descriptor");
        grantpt(&master).expect("a pty");
        unlockpt(&master).expect("a pty");
        let path = ptsname(&master, Vec::new()).expect("a name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(&path, flags, Mode::empty()).expect("its other end");
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&slave, size).expect("a terminal");
        let before = tcgetattr(&slave).expect("a terminal");
        let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
        // As a shell starts it: else it could not be suspended.
        command.process_group(0);
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn();
        let child = child.expect("the program starts");
        let master = File::from(master);
        let mut reading = master.try_clone().expect("a descriptor");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let seeing = Arc::clone(&seen);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reading.read(&mut buffer) {
                seeing.lock().unwrap().extend_from_slice(&buffer[..read]);
            }
        });
        Self {
            master,
            slave,
            child,
            seen,
            before,
        }
    }

    /// Types.
    pub fn press(&mut self, keys: impl AsRef<[u8]>) {
        self.master.write_all(keys.as_ref()).expect("it listens");
    }

    /// Everything that was shown so far.
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    /// Waits until a text stands there, and gives what came up to its end; that is not seen again.
    pub async fn until(&mut self, text: &str) -> String {
        let what = format!("{text:?} is shown");
        let deadline = std::time::Instant::now() + super::DEADLINE;
        loop {
            {
                let mut seen = self.seen.lock().unwrap();
                let mut places = seen.windows(text.len());
                if let Some(at) = places.position(|window| window == text.as_bytes()) {
                    let shown: Vec<u8> = seen.drain(..at + text.len()).collect();
                    return String::from_utf8_lossy(&shown).into_owned();
                }
            }
            assert!(
                std::time::Instant::now() < deadline,
                "it did not happen that {what}; seen: {:?}",
                self.seen()
            );
            tokio::time::sleep(super::LOOK_EVERY).await;
        }
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: i32) {
        // SAFETY: the child is ours and not yet waited for.
        unsafe { libc::kill(self.child.id() as i32, signal) };
    }

    /// Whether the program is suspended.
    pub fn is_stopped(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        stat.is_ok_and(|stat| stat.contains(") T "))
    }

    /// Makes the terminal what it was at the beginning, as a shell does when a program is suspended.
    pub fn take_back(&self) {
        tcsetattr(&self.slave, OptionalActions::Now, &self.before).expect("a terminal");
    }

    /// Shows nothing more, as after Ctrl-S, or goes on.
    pub fn stall(&self, is_stalled: bool) {
        let action = if is_stalled {
            Action::OOff
        } else {
            Action::OOn
        };
        tcflow(&self.slave, action).expect("a terminal");
    }

    /// Waits until the program has ended; gives its exit code. The terminal must be as it was.
    pub async fn end(&mut self) -> Option<i32> {
        let mut status = None;
        let child = &mut self.child;
        until("the program ends", || {
            status = child.try_wait().expect("a child");
            status.is_some()
        })
        .await;
        let now = tcgetattr(&self.slave).expect("a terminal");
        assert_eq!(
            (now.local_modes, now.input_modes, now.output_modes),
            (
                self.before.local_modes,
                self.before.input_modes,
                self.before.output_modes
            ),
            "the terminal was not given back"
        );
        status.expect("just seen").code()
    }

    /// Whether it is in raw mode now.
    pub fn is_raw(&self) -> bool {
        let now = tcgetattr(&self.slave).expect("a terminal");
        now.local_modes != self.before.local_modes
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
