//! An ESP32 whose reset and boot pins hang on RTS and DTR, as on the usual boards: its ROM's loader
//! answers if the chip was let go with the boot pin low.

use super::device::Device;
use super::lines::Lines;

/// What ends a packet (SLIP).
const END: u8 = 0xc0;
/// The commands of the loader that are answered with more than an error.
const SYNC: u8 = 0x08;
const READ_REGISTER: u8 = 0x0a;
/// The register by which chips differ, and what an ESP32 has there.
const MAGIC: (u32, u32) = (0x4000_1000, 0x00f0_1d83);
/// The divider of its UART: 40 MHz at 115200 baud.
const DIVIDER: (u32, u32) = (0x3ff4_0014, 40_000_000 / 115_200);

/// Plays the chip.
pub async fn play_chip(device: &Device, lines: &Lines) {
    let mut packet = Vec::new();
    loop {
        for byte in device.read_some().await {
            if byte != END {
                packet.push(byte);
                continue;
            }
            let request = unescaped(&std::mem::take(&mut packet));
            if is_in_loader(lines) {
                for answer in answers(&request) {
                    device.send(&answer).await;
                }
            }
        }
    }
}

/// Whether the last reset ended with the boot pin low.
fn is_in_loader(lines: &Lines) -> bool {
    let moved = lines.moved();
    let reset = moved.iter().rposition(|line| !line.dtr && line.rts);
    let next = reset.and_then(|reset| moved.get(reset + 1));
    next.is_some_and(|line| line.dtr && !line.rts)
}

fn answers(request: &[u8]) -> Vec<Vec<u8>> {
    let [0, command, _, _, _, _, _, _, data @ ..] = request else {
        return Vec::new();
    };
    let (done, unknown) = ([0; 4], [1, 5]);
    match (*command, data.first_chunk()) {
        (SYNC, _) => vec![answer(SYNC, 0, &done); 8],
        (READ_REGISTER, Some(register)) => {
            let register = u32::from_le_bytes(*register);
            let known = [MAGIC, DIVIDER].into_iter().find(|(at, _)| *at == register);
            vec![answer(
                READ_REGISTER,
                known.map_or(0, |(_, value)| value),
                &done,
            )]
        }
        (command, _) => vec![answer(command, 0, &unknown)],
    }
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
