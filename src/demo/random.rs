//! Random: small deterministic noise for the demo devices.

/// A SplitMix64 generator: the same seed gives the same noise.
pub struct Random(u64);

impl Random {
    /// A generator that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from -1 to 1, as often above zero as below.
    pub fn noise(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_stays_between_minus_one_and_one_and_centres_on_zero() {
        let mut random = Random::new(1);
        let values: Vec<f64> = (0..100_000).map(|_| random.noise()).collect();
        assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)));
        assert!((values.iter().sum::<f64>() / 100_000.0).abs() < 0.01);
    }
}
