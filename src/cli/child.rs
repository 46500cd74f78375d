//! A child: the command that a command of ours runs, for as long as it has something for it.

use std::io;
use std::process::{ExitCode, ExitStatus};

use tokio::process::Child;

/// Waits for a command. It hears Ctrl-C itself; whoever asks this program alone to end ends the command.
pub(super) async fn end_of(
    mut child: Child,
    asked: impl Future<Output = ()>,
) -> io::Result<ExitCode> {
    tokio::pin!(asked);
    let mut is_asked = false;
    loop {
        tokio::select! {
            ended = child.wait() => return Ok(code(ended?)),
            () = &mut asked, if !is_asked => {
                is_asked = true;
                ask_to_end(&mut child);
            }
            Ok(()) = tokio::signal::ctrl_c() => {}
        }
    }
}

/// Ready when somebody asks this program to end. From here on that does not end it.
#[cfg(unix)]
pub(super) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut asked = signal(SignalKind::terminate())?;
    Ok(async move {
        asked.recv().await;
    })
}

#[cfg(unix)]
fn ask_to_end(child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let child = child.id().and_then(|id| Pid::from_raw(id as i32));
    // One that has ended needs no word.
    let _: Option<Result<(), _>> = child.map(|child| kill_process(child, Signal::TERM));
}

#[cfg(not(unix))]
pub(super) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    Ok(std::future::pending())
}

#[cfg(not(unix))]
fn ask_to_end(_: &mut Child) {}

/// The exit code as a shell has it: 128 and the number of the signal that ended the program.
fn code(status: ExitStatus) -> ExitCode {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}
