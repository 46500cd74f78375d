//! An Arduino's boot loader on a device: STK500 version 1, for an ATmega328P.

use super::device::Device;

const IN_SYNC: u8 = 0x14;
const OK: u8 = 0x10;
const END: u8 = 0x20;
/// What it programs.
pub const FLASH: usize = 32 * 1024;
const SIGNATURE: [u8; 3] = [0x1e, 0x95, 0x0f];

/// The chip as the boot loader sees it.
pub struct Bootloader {
    pub flash: Vec<u8>,
    /// Where the next page begins, in bytes.
    address: usize,
    input: Vec<u8>,
}

impl Bootloader {
    /// One with empty flash.
    pub fn new() -> Self {
        Self {
            flash: vec![0xff; FLASH],
            address: 0,
            input: Vec::new(),
        }
    }

    /// Does what a programmer asks, until it asks no more.
    pub async fn serve(&mut self, device: &Device) {
        loop {
            let Some((length, answer)) = self.command() else {
                self.input.extend(device.read_some().await);
                continue;
            };
            self.input.drain(..length);
            device.send(&answer).await;
        }
    }

    /// The length of the command that has come, and the answer to it.
    fn command(&mut self) -> Option<(usize, Vec<u8>)> {
        let command = *self.input.first()?;
        let size = |at: usize| -> Option<usize> {
            let size = self.input.get(at..at + 2)?;
            Some(usize::from(u16::from_be_bytes([size[0], size[1]])))
        };
        let (parameters, data) = match command {
            // Synchronise, enter and leave programming, read the signature.
            0x30 | 0x50 | 0x51 | 0x75 => (0, Vec::new()),
            0x41 => (1, vec![3]),
            0x42 => (20, Vec::new()),
            0x45 => (usize::from(*self.input.get(1)?), Vec::new()),
            0x55 => (2, Vec::new()),
            0x56 => (4, vec![0]),
            0x64 => (3 + size(1)?, Vec::new()),
            0x74 => (3, Vec::new()),
            // Noise before the programmer is in step.
            _ => return Some((1, Vec::new())),
        };
        let length = parameters + 2;
        let bytes = self.input.get(1..length)?;
        let (&END, bytes) = bytes.split_last()? else {
            return Some((1, Vec::new()));
        };
        let mut answer = vec![IN_SYNC];
        match command {
            0x55 => self.address = 2 * usize::from(u16::from_le_bytes([bytes[0], bytes[1]])),
            0x64 => self.flash[self.address..self.address + bytes.len() - 3]
                .copy_from_slice(&bytes[3..]),
            0x74 => answer.extend(&self.flash[self.address..self.address + size(1)?]),
            0x75 => answer.extend(SIGNATURE),
            _ => answer.extend(data),
        }
        answer.push(OK);
        Some((length, answer))
    }
}
