//! A board, and the program that writes to it over a network.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use tokio::process::Command;

use super::bootloader::{Bootloader, FLASH};
use super::chip::Chip;
use super::device::Device;

/// Where an application begins in the flash of an ESP32.
const APPLICATION: usize = 0x1_0000;

#[derive(Clone, Copy)]
pub enum Board {
    Arduino,
    Esp32,
}

impl Board {
    /// What writes to it, and how.
    pub fn title(self) -> &'static str {
        match self {
            Self::Arduino => "avrdude over raw TCP",
            Self::Esp32 => "esptool over RFC 2217",
        }
    }

    /// How often it is done, by turns: esptool takes thirty times as long.
    pub fn rounds(self) -> usize {
        match self {
            Self::Arduino => 15,
            Self::Esp32 => 3,
        }
    }

    /// The flag of ours for its door.
    pub fn door(self) -> &'static str {
        match self {
            Self::Arduino => "--tcp",
            Self::Esp32 => "--rfc2217",
        }
    }

    /// The same in a configuration of ser2net, around its TCP.
    pub fn accepter(self, tcp: &str) -> String {
        match self {
            Self::Arduino => tcp.to_owned(),
            Self::Esp32 => format!("telnet(rfc2217),{tcp}"),
        }
    }

    /// The program that writes this file and verifies it. A terminal has no lines that could reset a chip, and of
    /// such lines ser2net answers nothing.
    pub fn programmer(self, at: SocketAddr, file: &Path) -> Command {
        match self {
            Self::Arduino => {
                let mut avrdude = Command::new("avrdude");
                avrdude
                    .args(["-p", "m328p", "-c", "arduino", "-D", "-qq", "-P"])
                    .arg(format!("net:{at}"))
                    .arg("-U")
                    .arg(format!("flash:w:{}:r", file.display()));
                avrdude
            }
            Self::Esp32 => {
                let mut esptool = Command::new(python());
                esptool
                    .args(["-m", "esptool", "--port"])
                    .arg(format!("rfc2217://{at}?ign_set_control"))
                    .args(["--before", "no-reset", "--after", "no-reset", "--no-stub"])
                    .args(["write-flash", "--flash-size", "4MB"])
                    .arg(format!("{APPLICATION:#x}"))
                    .arg(file);
                esptool
            }
        }
    }

    /// Its boot loader, with empty flash.
    pub fn loader(self) -> Loader {
        match self {
            Self::Arduino => Loader::Arduino(Bootloader::new()),
            Self::Esp32 => Loader::Esp32(Chip::new(APPLICATION + FLASH)),
        }
    }
}

/// A board's boot loader.
pub enum Loader {
    Arduino(Bootloader),
    Esp32(Chip),
}

impl Loader {
    /// Does what a programmer asks, for ever.
    pub async fn serve(&mut self, device: &Device) {
        match self {
            Self::Arduino(loader) => loader.serve(device).await,
            Self::Esp32(chip) => chip.serve(device, || true).await,
        }
    }

    /// Where a program is put.
    pub fn program(&self) -> &[u8] {
        match self {
            Self::Arduino(loader) => &loader.flash,
            Self::Esp32(chip) => &chip.flash[APPLICATION..],
        }
    }
}

/// The Python that has esptool.
fn python() -> OsString {
    std::env::var_os("SERIALD_PYTHON").unwrap_or_else(|| "python3".into())
}
