//! Checksums at the end of a frame.

use crc::{CRC_8_SMBUS, CRC_16_IBM_3740, CRC_16_MODBUS, CRC_16_XMODEM, CRC_32_ISO_HDLC, Crc};

use super::unsigned;
use crate::values::spec::{self, Endian, Sum};

static CRC8: Crc<u8> = Crc::<u8>::new(&CRC_8_SMBUS);
static CCITT: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);
static MODBUS: Crc<u16> = Crc::<u16>::new(&CRC_16_MODBUS);
static XMODEM: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);
static CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// What proves that a frame is whole.
#[derive(Clone, Copy, Debug)]
pub struct Checksum {
    sum: Sum,
    from: usize,
    endian: Endian,
}

impl Checksum {
    /// A checksum in a record of that order of bytes.
    pub fn new(spec: &spec::Checksum, endian: Endian) -> Self {
        Self {
            sum: spec.sum,
            from: spec.from,
            endian: spec.endian.unwrap_or(endian),
        }
    }

    /// How many bytes it takes.
    pub fn length(&self) -> usize {
        match self.sum {
            Sum::Sum8 | Sum::Xor8 | Sum::Crc8 => 1,
            Sum::Crc16Ccitt | Sum::Crc16Modbus | Sum::Crc16Xmodem => 2,
            Sum::Crc32 => 4,
        }
    }

    /// Whether a frame ends with the right one.
    pub fn holds(&self, frame: &[u8]) -> bool {
        let split = frame.len().checked_sub(self.length());
        let Some((bytes, sum)) = split.map(|at| frame.split_at(at)) else {
            return false;
        };
        let counted = bytes.get(self.from..).map(|bytes| count(self.sum, bytes));
        counted == Some(unsigned(sum, self.endian))
    }
}

fn count(sum: Sum, bytes: &[u8]) -> u64 {
    match sum {
        Sum::Sum8 => u64::from(bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte))),
        Sum::Xor8 => u64::from(bytes.iter().fold(0, |sum, byte| sum ^ byte)),
        Sum::Crc8 => CRC8.checksum(bytes).into(),
        Sum::Crc16Ccitt => CCITT.checksum(bytes).into(),
        Sum::Crc16Modbus => MODBUS.checksum(bytes).into(),
        Sum::Crc16Xmodem => XMODEM.checksum(bytes).into(),
        Sum::Crc32 => CRC32.checksum(bytes).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_what_the_catalogues_say() {
        for (sum, expected) in [
            (Sum::Sum8, 0xdd),
            (Sum::Xor8, 0x31),
            (Sum::Crc8, 0xf4),
            (Sum::Crc16Ccitt, 0x29b1),
            (Sum::Crc16Modbus, 0x4b37),
            (Sum::Crc16Xmodem, 0x31c3),
            (Sum::Crc32, 0xcbf4_3926),
        ] {
            assert_eq!(count(sum, b"123456789"), expected, "{sum:?}");
        }
    }

    #[test]
    fn a_frame_ends_with_it_in_the_order_that_is_told() {
        let sum = |endian| spec::Checksum {
            sum: Sum::Crc16Modbus,
            from: 2,
            endian,
        };
        let little = Checksum::new(&sum(None), Endian::Little);
        let big = Checksum::new(&sum(Some(Endian::Big)), Endian::Little);
        assert!(little.holds(b"??123456789\x37\x4b"));
        assert!(big.holds(b"??123456789\x4b\x37"));
        assert!(!big.holds(b"??123456789\x37\x4b"));
        for short in [&b""[..], b"1", b"12", b"123"] {
            assert!(!little.holds(short));
        }
    }
}
