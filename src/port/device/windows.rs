//! A serial port on Windows, through the serial crate's own asynchronous I/O. The system opens
//! ports exclusively by itself; it counts no errors for each port and does not tell the state of DTR and RTS.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serial2_tokio::{KeepSettings, SerialPort};

use super::portable::{self, unsupported};
use crate::settings::{AtOpen, Line, Settings};
use crate::state::{Errors, Lines};

/// One open serial port.
pub struct Device {
    port: SerialPort,
    /// As last set; the system raises both when it opens a port.
    dtr: AtomicBool,
    rts: AtomicBool,
}

/// Another hold of an open port, for writes that do not wait. There is none on this system.
pub enum Writer {}

impl Writer {
    /// Writes what the driver takes at once.
    pub fn write(&self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }
}

/// Whether the system says that a device has no such thing.
pub fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}

impl Device {
    /// Opens the device at `path` and applies the settings; also returns what is in force.
    ///
    /// # Errors
    /// What the system says; access denied where another program has it.
    pub fn open(path: &Path, settings: &Settings) -> io::Result<(Self, Line)> {
        let port = SerialPort::open(path, KeepSettings)?;
        let mut device = Self {
            port,
            dtr: AtomicBool::new(true),
            rts: AtomicBool::new(true),
        };
        let wish = |at_open| match at_open {
            AtOpen::Leave => None,
            AtOpen::Assert => Some(true),
            AtOpen::Deassert => Some(false),
        };
        device.set_lines(wish(settings.dtr), wish(settings.rts))?;
        let actual = device.configure(settings)?;
        Ok((device, actual))
    }

    /// Reads what is there, after waiting until something is.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.port.read(buffer).await
    }

    /// Writes as much as the driver takes, after waiting until it takes something.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.port.write(bytes).await
    }

    /// Another hold of the port, where the system has such a thing.
    pub fn writer(&self) -> Option<Writer> {
        None
    }

    /// Applies the settings and returns what is in force.
    pub fn configure(&mut self, settings: &Settings) -> io::Result<Line> {
        let mut wanted = self.port.get_configuration()?;
        portable::put(&settings.line, &mut wanted)?;
        self.port.set_configuration(&wanted)?;
        let baud = self.port.get_configuration()?.get_baud_rate()?;
        Ok(Line {
            baud,
            ..settings.line
        })
    }

    /// The modem lines.
    pub fn lines(&self) -> io::Result<Lines> {
        Ok(Lines {
            dtr: self.dtr.load(Ordering::Relaxed),
            rts: self.rts.load(Ordering::Relaxed),
            cts: self.port.read_cts()?,
            dsr: self.port.read_dsr()?,
            dcd: self.port.read_cd()?,
            ri: self.port.read_ri()?,
        })
    }

    /// Sets DTR, then RTS.
    pub fn set_lines(&self, dtr: Option<bool>, rts: Option<bool>) -> io::Result<()> {
        if let Some(on) = dtr {
            self.port.set_dtr(on)?;
            self.dtr.store(on, Ordering::Relaxed);
        }
        if let Some(on) = rts {
            self.port.set_rts(on)?;
            self.rts.store(on, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Begins or ends a BREAK.
    pub fn set_break(&self, on: bool) -> io::Result<()> {
        self.port.set_break(on)
    }

    /// Throws away what the driver took and the device has not. It fails on a device that is gone.
    pub fn discard(&self) {
        let _: io::Result<()> = self.port.discard_output_buffer();
    }

    /// Not counted by this system.
    pub fn errors(&self) -> io::Result<Errors> {
        Err(unsupported("error counters"))
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // What the device does not take would hold up closing.
        self.discard();
    }
}
