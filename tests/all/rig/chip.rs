//! An ESP32 as its ROM's loader plays it, which writes to flash and tells what is there.

use std::io::Write;
use std::process::{Command, Stdio};

use super::device::Device;

/// What ends a packet (SLIP).
const END: u8 = 0xc0;
/// The commands that are answered with more than an error.
const FLASH_BEGIN: u8 = 0x02;
const FLASH_DATA: u8 = 0x03;
const FLASH_END: u8 = 0x04;
const SYNC: u8 = 0x08;
const WRITE_REGISTER: u8 = 0x09;
const READ_REGISTER: u8 = 0x0a;
const SPI_PARAMETERS: u8 = 0x0b;
const SPI_ATTACH: u8 = 0x0d;
const FLASH_MD5: u8 = 0x13;
/// Its answer to SYNC; a program that was loaded in its place says 0.
const VERSION: u32 = 0x2012_0707;
/// The register by which chips differ, and what an ESP32 has there.
const MAGIC: (u32, u32) = (0x4000_1000, 0x00f0_1d83);
/// The divider of its UART: 40 MHz at 115200 baud.
const DIVIDER: (u32, u32) = (0x3ff4_0014, 40_000_000 / 115_200);
/// What stands behind each answer.
const DONE: [u8; 4] = [0; 4];
const UNKNOWN: [u8; 2] = [1, 5];
const FAILED: [u8; 4] = [1, 6, 0, 0];

/// The chip, and its flash from address 0 on.
pub struct Chip {
    pub flash: Vec<u8>,
    /// Where the data goes that comes next.
    at: usize,
    block: usize,
}

impl Chip {
    /// One with so many bytes of empty flash.
    pub fn new(size: usize) -> Self {
        Self {
            flash: vec![0xff; size],
            at: 0,
            block: 0,
        }
    }

    /// Does what a programmer asks while it is in its loader, for ever.
    pub async fn serve(&mut self, device: &Device, is_in_loader: impl Fn() -> bool) {
        let mut packet = Vec::new();
        loop {
            for byte in device.read_some().await {
                if byte != END {
                    packet.push(byte);
                    continue;
                }
                let request = unescaped(&std::mem::take(&mut packet));
                if is_in_loader() {
                    device.send(&self.answers(&request)).await;
                }
            }
        }
    }

    fn answers(&mut self, request: &[u8]) -> Vec<u8> {
        let [0, command, _, _, _, _, _, _, data @ ..] = request else {
            return Vec::new();
        };
        let (words, _) = data.as_chunks::<4>();
        let words: Vec<_> = words
            .iter()
            .take(4)
            .map(|word| u32::from_le_bytes(*word))
            .collect();
        match (*command, &words[..]) {
            (SYNC, _) => answer(SYNC, VERSION, &DONE).repeat(8),
            (READ_REGISTER, [register, ..]) => {
                let known = [MAGIC, DIVIDER].into_iter().find(|(at, _)| at == register);
                answer(READ_REGISTER, known.map_or(0, |(_, value)| value), &DONE)
            }
            (FLASH_BEGIN, [_, _, block, at]) => {
                (self.at, self.block) = (*at as usize, *block as usize);
                answer(FLASH_BEGIN, 0, &DONE)
            }
            (FLASH_DATA, [length, number, ..]) => {
                let at = self.at + *number as usize * self.block;
                let bytes = data.get(16..16 + *length as usize);
                let room = self.flash.get_mut(at..at + *length as usize);
                let Some((room, bytes)) = room.zip(bytes) else {
                    return answer(FLASH_DATA, 0, &FAILED);
                };
                room.copy_from_slice(bytes);
                answer(FLASH_DATA, 0, &DONE)
            }
            (FLASH_MD5, [at, length, ..]) => {
                let (at, length) = (*at as usize, *length as usize);
                match self.flash.get(at..at + length) {
                    Some(bytes) => answer(FLASH_MD5, 0, &[md5(bytes).as_bytes(), &DONE].concat()),
                    None => answer(FLASH_MD5, 0, &FAILED),
                }
            }
            (FLASH_END | WRITE_REGISTER | SPI_PARAMETERS | SPI_ATTACH, _) => {
                answer(*command, 0, &DONE)
            }
            _ => answer(*command, 0, &UNKNOWN),
        }
    }
}

/// The digest in letters, as the system's own program makes it.
fn md5(bytes: &[u8]) -> String {
    let mut program = Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("md5sum is of the coreutils");
    let mut input = program.stdin.take().expect("a pipe");
    input.write_all(bytes).expect("it reads");
    drop(input);
    let told = program.wait_with_output().expect("it ends").stdout;
    String::from_utf8(told[..32].to_vec()).expect("hexadecimal digits")
}

fn answer(command: u8, value: u32, data: &[u8]) -> Vec<u8> {
    let mut body = vec![1, command, data.len() as u8, 0];
    body.extend(value.to_le_bytes());
    body.extend(data);
    let mut packet = vec![END];
    for byte in body {
        match byte {
            END => packet.extend([0xdb, 0xdc]),
            0xdb => packet.extend([0xdb, 0xdd]),
            byte => packet.push(byte),
        }
    }
    packet.push(END);
    packet
}

fn unescaped(packet: &[u8]) -> Vec<u8> {
    let (mut bytes, mut all) = (packet.iter(), Vec::new());
    while let Some(byte) = bytes.next() {
        all.push(match byte {
            0xdb if bytes.next() == Some(&0xdc) => END,
            byte => *byte,
        });
    }
    all
}
