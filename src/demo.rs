//! Demo devices: programs at the far end of a pseudo terminal, which the server opens like any serial port.
//!
//! Each device is pure: bytes in, bytes out, and a clock that it is told (`device`). `serve` puts
//! one of them at the end of a line that carries no more than its baud rate allows. A device is powered
//! on when its port is first opened, so that nobody misses how it boots.

mod arm;
mod command_line;
mod device;
mod login;
mod output;
mod own_panel;
mod pace;
mod random;
mod running;
mod sensor;
mod serve;
mod stop;
pub mod stream;

#[cfg(test)]
mod rig;

use std::io::Write;
use std::os::fd::AsFd;
use std::path::Path;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use anyhow::Context;

use crate::pty::{Link, Pty};
use device::Device;
pub use running::{Running, spawn};

/// The demo devices: a name for the port, what it is, and its baud rate.
pub const DEVICES: &[(&str, Kind, u32)] = &[
    ("sensor", Kind::Sensor, 115_200),
    ("arm", Kind::Arm, 115_200),
    ("linux", Kind::Login, 115_200),
    ("imu", Kind::Stream, 921_600),
];

/// What a demo device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A board that prints a line of readings and obeys commands.
    Sensor,
    /// A robot arm that moves as it is told and prints where it is.
    Arm,
    /// A machine with a serial console: boot log, login, shell.
    Login,
    /// A motion sensor that sends binary frames as fast as the line carries them, see [`stream`].
    Stream,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Sensor, Kind::Arm, Kind::Login, Kind::Stream];

    /// The word that names this kind on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Sensor => "sensor",
            Kind::Arm => "arm",
            Kind::Login => "login",
            Kind::Stream => "stream",
        }
    }

    /// A device of this kind, powered on now.
    fn power_on(self) -> Box<dyn Device> {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let seed = wall.as_nanos() as u64;
        match self {
            Kind::Sensor => Box::new(sensor::Sensor::new(wall, seed)),
            Kind::Arm => Box::<arm::Arm>::default(),
            Kind::Login => Box::new(login::Login::new(wall)),
            Kind::Stream => Box::new(stream::Stream::new(seed)),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word names no demo device.
#[derive(Debug, thiserror::Error)]
#[error("unknown demo device \"{0}\": there are sensor, arm, login and stream")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        let known = Kind::ALL.into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// Is a demo device until stdin ends or a signal asks it to go. Prints the path of its port as one line.
pub fn run(kind: Kind, link: Option<&Path>) -> anyhow::Result<()> {
    let stop = stop::on_signal_or_end_of_stdin().context("cannot watch for the reason to stop")?;
    run_until(&stop, kind, link, io::stdout())
}

fn run_until(
    stop: &impl AsFd,
    kind: Kind,
    link: Option<&Path>,
    mut stdout: impl Write,
) -> anyhow::Result<()> {
    let pty = Pty::open().context("cannot open a pseudo terminal")?;
    let _link = link.map(|link| Link::new(link, pty.path())).transpose()?;
    writeln!(stdout, "{}", pty.path().display())
        .and_then(|()| stdout.flush())
        .context("cannot print the path of the port")?;
    serve::run(&pty, stop, || kind.power_on()).context("the pseudo terminal failed")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn every_kind_is_read_back_from_its_name() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse::<Kind>().expect("a kind"), kind);
        }
        let error = "toaster".parse::<Kind>().expect_err("no such kind");
        assert!(error.to_string().contains("\"toaster\""));
    }

    #[test]
    fn a_device_prints_its_path_links_to_it_and_leaves_nothing_behind() {
        let link = std::env::temp_dir().join(format!("seriald-demo-{}", std::process::id()));
        let (stop, stopped) = UnixStream::pair().expect("a socket pair");
        let (stdout, printed) = UnixStream::pair().expect("a socket pair");
        let device = std::thread::spawn({
            let link = link.clone();
            move || run_until(&stopped, Kind::Sensor, Some(&link), stdout)
        });
        let mut path = String::new();
        BufReader::new(printed)
            .read_line(&mut path)
            .expect("a line");
        assert_eq!(
            fs::read_link(&link).expect("the link is there"),
            Path::new(path.trim_end())
        );
        drop(stop);
        device.join().expect("no panic").expect("no error");
        assert!(fs::symlink_metadata(&link).is_err(), "the link was left");
    }
}
