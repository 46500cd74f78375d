//! Serving: a demo device at the far end of a pty, as slow as a serial line.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::termios::{ControlModes, Termios};

use super::device::Device;
use super::output::Output;
use super::pace::Pace;
use crate::pty::{Pty, wait_for};

/// How often a busy line is served: the bytes of 5 ms go out together, as from a USB adapter.
const STEP: Duration = Duration::from_millis(5);
/// How often a closed port is looked at: a pty does not say when it is opened.
const CLOSED_STEP: Duration = Duration::from_millis(50);

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
    let mut out = Output::new(speed(pty)?);
    let mut buffer = [0; 4096];
    let mut was_open = true;
    loop {
        let now = start.elapsed();
        let open = pty.is_open()?;
        let speed = speed(pty)?;
        out.set_speed(speed);
        if device.due().is_some_and(|due| due <= now) {
            device.tick(now, &mut out);
        }

        let allowance = transmit.allowance(now, speed);
        if open {
            transmit.spend(out.drain(allowance, |bytes| write(pty, bytes)));
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
                let taken = read(pty, &mut buffer[..room]);
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
    fds.extend(pty.map(|pty| PollFd::new(pty, PollFlags::IN)));
    wait_for(&mut fds, patience)?;
    let woken = |fd: &PollFd<'_>| !fd.revents().is_empty();
    Ok(match (woken(&fds[0]), fds.get(1).is_some_and(woken)) {
        (true, _) => Woken::Stop,
        (false, true) => Woken::Input,
        (false, false) => Woken::Time,
    })
}

/// How many bytes a second the line carries with its present settings.
fn speed(pty: &Pty) -> io::Result<usize> {
    Ok(bytes_per_second(&pty.settings()?))
}

/// Writes what there is room for.
fn write(pty: &Pty, bytes: &[u8]) -> usize {
    // No room (EAGAIN) and closed this moment (EIO) are the same to a device: nobody heard it.
    pty.master().write(bytes).unwrap_or(0)
}

/// Reads what is there.
fn read(pty: &Pty, buffer: &mut [u8]) -> usize {
    pty.master().read(buffer).unwrap_or(0)
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
        let mut termios = pty.settings().expect("settings");
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
