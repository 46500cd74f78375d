//! A program: a flasher's process, with all that it starts.

use std::ffi::OsString;
use std::io::{self, PipeReader, Read};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::config::flash::{DEVICE, FILE};
use crate::journal::Journal;
use crate::record::{Kind, Time};

/// Who is asked to end has so long to do it.
const GRACE: Duration = Duration::from_secs(1);
/// Output is read at most so often: one that floods waits, and those who read are woken less.
const READ_EVERY: Duration = Duration::from_millis(5);
/// What the server itself is told by the environment, secrets among it, is nobody else's business.
const OURS: &str = "SERIALD_";

/// How a program has ended by itself.
pub enum Ended {
    Code(i32),
    /// By a signal, where the system says which.
    Signal(Option<i32>),
}

/// A flasher's process. It is killed if this is dropped before it has ended.
pub struct Program {
    child: Child,
    /// Its number, by which all that it started is reached.
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    reading: JoinHandle<()>,
}

impl Program {
    /// Starts it with these paths in the words of its command. What it prints goes to `output`.
    pub fn start(
        words: &[String],
        device: &Path,
        file: &Path,
        output: &Arc<Journal>,
    ) -> io::Result<Self> {
        let mut words = words.iter().map(|word| filled(word, device, file));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(OURS) {
                command.env_remove(name);
            }
        }
        command.env("SERIALD_DEVICE", device);
        // Python keeps back what it prints to a pipe; progress is to be seen while it is made.
        command.env("PYTHONUNBUFFERED", "1");
        // One pipe for both: what was printed first stands first.
        let (reader, writer) = io::pipe()?;
        command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        // The pipe ends when nobody has its other end, and the command has it too.
        drop(command);
        let output = Arc::clone(output);
        Ok(Self {
            #[cfg(unix)]
            group: child
                .id()
                .and_then(|id| rustix::process::Pid::from_raw(id as i32)),
            child,
            reading: spawn_blocking(move || read(reader, &output)),
        })
    }

    /// Ready when it has ended by itself.
    pub async fn ended(&mut self) -> Ended {
        match self.child.wait().await {
            Ok(status) => ended(status),
            // Only a process that is nobody's child cannot be waited for.
            Err(_) => Ended::Signal(None),
        }
    }

    /// Asks it to end, and then makes it.
    pub async fn end(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group {
            // It may have ended at this moment.
            let _: rustix::io::Result<()> =
                rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
            let _: Result<_, _> = timeout(GRACE, self.child.wait()).await;
        }
        self.kill();
    }

    /// Ends it at once, with all that it started.
    pub fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group.take() {
            let _: rustix::io::Result<()> =
                rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // It may have ended by itself.
        let _: io::Result<()> = self.child.start_kill();
    }

    /// Waits for the rest of the output. What the program left behind would go on with the device, and
    /// ends with it.
    pub async fn drain(&mut self) {
        self.kill();
        let _: Result<_, _> = timeout(GRACE, self.child.wait()).await;
        // What has left the group keeps the pipe open for as long as it likes.
        let _: Result<_, _> = timeout(GRACE, &mut self.reading).await;
    }
}

fn ended(status: ExitStatus) -> Ended {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    match status.code() {
        Some(code) => Ended::Code(code),
        None => Ended::Signal(signal),
    }
}

/// Reads to the end, for a thread that may wait.
fn read(mut reader: PipeReader, output: &Journal) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = reader.read(&mut buffer) {
        output.append(Kind::Rx, Time::now(), None, &buffer[..read]);
        output.publish();
        thread::sleep(READ_EVERY);
    }
}

/// A word of the command with the paths in their places.
fn filled(word: &str, device: &Path, file: &Path) -> OsString {
    let mut filled = OsString::new();
    let mut rest = word;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled.push(before);
        rest = if let Some(behind) = from.strip_prefix(FILE) {
            filled.push(file);
            behind
        } else if let Some(behind) = from.strip_prefix(DEVICE) {
            filled.push(device);
            behind
        } else {
            filled.push("{");
            &from[1..]
        };
    }
    filled.push(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_where_they_belong_and_nowhere_else() {
        for (word, expected) in [
            ("{}", "/dev/x"),
            ("{file}", "/tmp/{}"),
            ("flash:w:{file}:i", "flash:w:/tmp/{}:i"),
            ("{{}{file}{", "{/dev/x/tmp/{}{"),
            ("{files}", "{files}"),
            ("$(rm {file}); x", "$(rm /tmp/{}); x"),
            ("", ""),
        ] {
            let filled = filled(word, Path::new("/dev/x"), Path::new("/tmp/{}"));
            assert_eq!(filled.to_str(), Some(expected), "{word}");
        }
    }
}
