//! The program that has a device file open, and what becomes of what it does.

use rustix::termios::LocalModes;
use serde_json::json;
use seriald::client::tap::Tap;
use seriald::state::Phase;

use super::device_file::DeviceFile;
use super::held::Held;
use super::packets::{FLUSH_READ, FLUSH_WRITE, packet_mode};
use super::screen::say;

impl DeviceFile {
    /// Takes what a program did.
    pub(super) fn packet(&mut self, status: u8, bytes: &[u8]) -> anyhow::Result<()> {
        if status & FLUSH_READ != 0 {
            self.drop_incoming();
        }
        if status & FLUSH_WRITE != 0 && !self.read_only {
            self.tap.ask(json!({"type": "cancel"}));
        }
        self.compare()?;
        if !bytes.is_empty() && !self.read_only {
            self.write(bytes);
        }
        Ok(())
    }

    /// Passes on what the program has changed of the settings.
    fn compare(&mut self) -> anyhow::Result<()> {
        let termios = self.pty.settings()?;
        if !termios.local_modes.contains(LocalModes::EXTPROC) {
            packet_mode(&self.pty)?;
        }
        let held = Held::of(&termios);
        let Some(known) = self.known.filter(|known| *known != held) else {
            return Ok(());
        };
        self.known = Some(held);
        if self.read_only {
            return Ok(());
        }
        if held.baud == 0 || known.baud == 0 {
            // A speed of 0 hangs up, any other one takes the line again.
            let on = held.baud != 0;
            self.tap.ask(json!({"type": "lines", "dtr": on, "rts": on}));
        }
        if held.baud != 0 {
            let settings = held.change(known);
            self.setting = self.tap.ask(json!({"type": "set", "settings": settings}));
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) {
        let is_open = |tap: &mut Tap| tap.state().is_some_and(|state| state.phase == Phase::Open);
        let written = if is_open(&mut self.tap) {
            self.tap.write(bytes, false)
        } else {
            None
        };
        match written {
            Some(id) => {
                self.told.clear();
                self.writes.push_back((id, bytes.len()));
            }
            None => {
                let lost = format!(
                    "{} cannot be reached: what programs write meanwhile is lost",
                    self.name
                );
                self.complain(&lost);
            }
        }
    }

    /// Tells of trouble, once.
    pub(super) fn complain(&mut self, what: &str) {
        if self.told != what {
            say(what);
            what.clone_into(&mut self.told);
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.writes.iter().map(|(_, length)| length).sum()
    }
}
