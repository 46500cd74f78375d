//! Stop: every reason for a demo device to end, as one stream that becomes readable.

use std::io::{self, Read};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::{mem, ptr, thread};

/// Becomes readable when stdin ends (whoever started the device is gone) or a signal asks to stop.
/// To be called before the process has other threads: they inherit the blocked signals.
pub fn on_signal_or_end_of_stdin() -> io::Result<UnixStream> {
    let (stop, ours) = UnixStream::pair()?;
    let signals = block_signals()?;

    let asked = ours.try_clone()?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let mut signal = 0;
            // SAFETY: both point to live values; the set was initialised by `block_signals`.
            unsafe { libc::sigwait(&signals, &mut signal) };
            let _ = asked.shutdown(Shutdown::Both);
        })?;
    thread::Builder::new().name("stdin".into()).spawn(move || {
        let mut ignored = [0; 512];
        while io::stdin()
            .lock()
            .read(&mut ignored)
            .is_ok_and(|taken| taken > 0)
        {}
        let _ = ours.shutdown(Shutdown::Both);
    })?;
    Ok(stop)
}

fn block_signals() -> io::Result<libc::sigset_t> {
    // SAFETY: sigemptyset initialises the set before anything reads it.
    let (signals, failed) = unsafe {
        let mut signals = mem::zeroed();
        libc::sigemptyset(&mut signals);
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
            libc::sigaddset(&mut signals, signal);
        }
        (
            signals,
            libc::pthread_sigmask(libc::SIG_BLOCK, &signals, ptr::null_mut()),
        )
    };
    if failed == 0 {
        Ok(signals)
    } else {
        Err(io::Error::from_raw_os_error(failed))
    }
}
