//! Random numbers that are the same in every run.

/// A seeded sequence (xorshift64*).
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % bound
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.below(256) as u8).collect()
    }
}

/// A stretch of an endless stream in which every place is known by what follows it.
pub fn patterns(from: u64, count: usize) -> Vec<u8> {
    let before = (from % 8) as usize;
    let mut bytes = Vec::with_capacity(before + count + 8);
    for word in from / 8.. {
        if bytes.len() >= before + count {
            break;
        }
        bytes.extend(word.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    }
    bytes[before..before + count].to_vec()
}
