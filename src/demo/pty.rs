//! Pty: a pseudo terminal with a demo device at its far end, as slow as a serial line.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    ControlModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr,
};

use super::device::Device;
use super::output::Output;
use super::pace::Pace;

/// How often a busy line is served: the bytes of 5 ms go out together, as from a USB adapter.
const STEP: Duration = Duration::from_millis(5);
/// How often a closed port is looked at: a pty does not say when it is opened.
const CLOSED_STEP: Duration = Duration::from_millis(50);

/// Both ends of a pseudo terminal.
pub struct Pty {
    master: File,
    path: PathBuf,
    /// Elsewhere than on Linux a pty that nobody has open forgets its settings and refuses bytes.
    _slave: Option<OwnedFd>,
}

impl Pty {
    /// Opens a pseudo terminal in raw mode.
    pub fn open() -> io::Result<Self> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        rustix::io::fcntl_setfd(&master, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&master, true)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let path = std::ffi::OsString::from_vec(ptsname(&master, Vec::new())?.into_bytes());
        let path = PathBuf::from(path);

        let flags =
            rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let slave = rustix::fs::open(&path, flags, rustix::fs::Mode::empty())?;
        let mut termios = tcgetattr(&slave)?;
        termios.make_raw();
        tcsetattr(&slave, OptionalActions::Now, &termios)?;
        let slave = (!cfg!(target_os = "linux")).then_some(slave);
        Ok(Pty {
            master: File::from(master),
            path,
            _slave: slave,
        })
    }

    /// The path that the server opens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether somebody has the port open.
    fn is_open(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.master, PollFlags::empty())];
        poll_for(&mut fds, Some(Duration::ZERO))?;
        Ok(!fds[0].revents().contains(PollFlags::HUP))
    }

    /// How many bytes a second the line carries with its present settings.
    fn speed(&self) -> io::Result<usize> {
        Ok(bytes_per_second(&tcgetattr(&self.master)?))
    }

    /// Writes what there is room for.
    fn write(&self, bytes: &[u8]) -> usize {
        // No room (EAGAIN) and closed this moment (EIO) are the same to a device: nobody heard it.
        (&self.master).write(bytes).unwrap_or(0)
    }

    /// Reads what is there.
    fn read(&self, buffer: &mut [u8]) -> usize {
        (&self.master).read(buffer).unwrap_or(0)
    }

    /// Discards what was sent and not read.
    fn flush(&self) -> io::Result<()> {
        Ok(tcflush(&self.master, QueueSelector::OFlush)?)
    }
}

/// Waits until the port is opened, powers the device on and serves it until `stop` is readable.
pub fn run(
    pty: &Pty,
    stop: &impl AsFd,
    power_on: impl FnOnce() -> Box<dyn Device>,
) -> io::Result<()> {
    while !pty.is_open()? {
        if wait(stop, None, Some(CLOSED_STEP))? == Woken::Stop {
            return Ok(());
        }
    }
    serve(pty, stop, power_on().as_mut())
}

fn serve(pty: &Pty, stop: &impl AsFd, device: &mut dyn Device) -> io::Result<()> {
    let start = Instant::now();
    let (mut transmit, mut receive) = (Pace::new(), Pace::new());
    let mut out = Output::new(pty.speed()?);
    let mut buffer = [0; 4096];
    let mut was_open = true;
    loop {
        let now = start.elapsed();
        let open = pty.is_open()?;
        let speed = pty.speed()?;
        out.set_speed(speed);
        if device.due().is_some_and(|due| due <= now) {
            device.tick(now, &mut out);
        }

        let allowance = transmit.allowance(now, speed);
        if open {
            transmit.spend(out.drain(allowance, |bytes| pty.write(bytes)));
        } else {
            out.clear();
            if was_open {
                pty.flush()?;
            }
        }
        was_open = open;

        let room = receive.allowance(now, speed).min(buffer.len());
        let listen = open && room > 0;
        let until_due = device.due().map(|due| due.saturating_sub(now).max(STEP));
        let patience = match (open, out.pending() > 0 || !listen) {
            (false, _) => Some(CLOSED_STEP),
            (true, true) => Some(STEP),
            (true, false) => until_due,
        };
        match wait(stop, listen.then_some(pty), patience)? {
            Woken::Stop => return Ok(()),
            Woken::Input => {
                let taken = pty.read(&mut buffer[..room]);
                receive.spend(taken);
                device.input(start.elapsed(), &buffer[..taken], &mut out);
            }
            Woken::Time => {}
        }
    }
}

#[derive(PartialEq, Eq)]
enum Woken {
    Stop,
    Input,
    Time,
}

fn wait(stop: &impl AsFd, pty: Option<&Pty>, patience: Option<Duration>) -> io::Result<Woken> {
    let mut fds = vec![PollFd::new(stop, PollFlags::IN)];
    fds.extend(pty.map(|pty| PollFd::new(&pty.master, PollFlags::IN)));
    poll_for(&mut fds, patience)?;
    let woken = |fd: &PollFd<'_>| !fd.revents().is_empty();
    Ok(match (woken(&fds[0]), fds.get(1).is_some_and(woken)) {
        (true, _) => Woken::Stop,
        (false, true) => Woken::Input,
        (false, false) => Woken::Time,
    })
}

fn poll_for(fds: &mut [PollFd<'_>], patience: Option<Duration>) -> io::Result<()> {
    let patience = patience.map(|patience| Timespec {
        tv_sec: patience.as_secs() as _,
        tv_nsec: patience.subsec_nanos().into(),
    });
    match poll(fds, patience.as_ref()) {
        // The callers look again after any wake-up.
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn bytes_per_second(termios: &Termios) -> usize {
    let modes = termios.control_modes;
    let data = match modes & ControlModes::CSIZE {
        ControlModes::CS5 => 5,
        ControlModes::CS6 => 6,
        ControlModes::CS7 => 7,
        _ => 8,
    };
    let parity = usize::from(modes.contains(ControlModes::PARENB));
    let stop = 1 + usize::from(modes.contains(ControlModes::CSTOPB));
    termios.output_speed() as usize / (1 + data + parity + stop)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_whose_port_nobody_opens_is_never_powered_on() {
        let pty = Pty::open().expect("a pty");
        let (stop, stopped) = UnixStream::pair().expect("a socket pair");
        drop(stop);
        run(&pty, &stopped, || panic!("powered on")).expect("the pty works");
    }

    #[test]
    fn the_line_settings_give_the_bytes_that_a_second_carries() {
        let pty = Pty::open().expect("a pty");
        let mut termios = tcgetattr(&pty.master).expect("settings");
        termios.make_raw();
        for (baud, modes, expected) in [
            (115_200, ControlModes::CS8, 11_520),
            (921_600, ControlModes::CS8, 92_160),
            (
                250_000,
                ControlModes::CS8 | ControlModes::PARENB | ControlModes::CSTOPB,
                20_833,
            ),
            (300, ControlModes::CS7, 33),
        ] {
            termios
                .control_modes
                .remove(ControlModes::CSIZE | ControlModes::PARENB | ControlModes::CSTOPB);
            termios.control_modes.insert(modes);
            termios.set_speed(baud).expect("any speed");
            assert_eq!(bytes_per_second(&termios), expected, "{baud} {modes:?}");
        }
    }
}
