//! Frame: one sample of the motion sensor as it goes over the line.

/// The length of a frame in bytes.
pub const FRAME_LEN: usize = 16;

const SYNC: [u8; 2] = [0xa5, 0x5a];

/// A sample; the layout is in the module above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The number of the frame, modulo 65536.
    pub counter: u16,
    /// µs since power-on, modulo 2^32.
    pub time: u32,
    /// x, y and z; 8192 = 1 g.
    pub acceleration: [i16; 3],
}

impl Frame {
    /// The frame as bytes.
    pub fn to_bytes(&self) -> [u8; FRAME_LEN] {
        let mut bytes = [0; FRAME_LEN];
        bytes[..2].copy_from_slice(&SYNC);
        bytes[2..4].copy_from_slice(&self.counter.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.time.to_le_bytes());
        for (place, value) in bytes[8..14].chunks_exact_mut(2).zip(self.acceleration) {
            place.copy_from_slice(&value.to_le_bytes());
        }
        let crc = crc16(&bytes[2..14]);
        bytes[14..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The frame in exactly these bytes, if sync and CRC are right.
    pub fn parse(bytes: &[u8]) -> Option<Frame> {
        let bytes: &[u8; FRAME_LEN] = bytes.try_into().ok()?;
        let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let whole = bytes[..2] == SYNC && word(14) == crc16(&bytes[2..14]);
        whole.then(|| Frame {
            counter: word(2),
            time: u32::from(word(4)) | u32::from(word(6)) << 16,
            acceleration: [8, 10, 12].map(|at| word(at).cast_signed()),
        })
    }
}

/// CRC-16/IBM-3740: polynomial 1021, begun with FFFF, not reflected.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, &byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_gives_the_catalogued_check_value() {
        assert_eq!(crc16(b"123456789"), 0x29b1);
    }

    #[test]
    fn a_frame_is_laid_out_as_documented() {
        let frame = Frame {
            counter: 0x0201,
            time: 0x0807_0605,
            acceleration: [1, -2, 8192],
        };
        let bytes = frame.to_bytes();
        let expected = [
            0xa5, 0x5a, 0x01, 0x02, 0x05, 0x06, 0x07, 0x08, 1, 0, 0xfe, 0xff, 0x00, 0x20,
        ];
        assert_eq!(bytes[..14], expected);
        assert_eq!(Frame::parse(&bytes), Some(frame));
    }

    #[test]
    fn a_frame_with_any_bit_flipped_is_refused() {
        let bytes = Frame {
            counter: 9,
            time: 77,
            acceleration: [5, 6, 7],
        }
        .to_bytes();
        for bit in 0..8 * FRAME_LEN {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Frame::parse(&flipped), None, "bit {bit}");
        }
    }
}
