//! Pace: how many bytes a line of a given speed carries as time passes.

use std::time::Duration;

/// The FIFO of a classic UART: a few bytes always go through at once.
const FIFO: f64 = 16.0;
/// How much silence is made up for, as a USB adapter does that delivers in lumps.
const LUMP: f64 = 0.05;

/// One direction of a line.
pub struct Pace {
    last: Duration,
    credit: f64,
}

impl Pace {
    /// A line that has been silent until now.
    pub fn new() -> Self {
        Pace {
            last: Duration::ZERO,
            credit: FIFO,
        }
    }

    /// How many bytes may pass at `now`, at `speed` bytes a second.
    pub fn allowance(&mut self, now: Duration, speed: usize) -> usize {
        let (elapsed, speed) = (now.saturating_sub(self.last), speed as f64);
        self.last = now;
        let most = FIFO.max(speed * LUMP);
        self.credit = (self.credit + elapsed.as_secs_f64() * speed).min(most);
        self.credit as usize
    }

    /// Takes note of bytes that passed.
    pub fn spend(&mut self, bytes: usize) {
        self.credit -= bytes as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_carries_as_many_bytes_as_the_speed_says() {
        for speed in [30, 960, 11_520, 92_160] {
            let (mut pace, mut carried) = (Pace::new(), 0);
            for step in 0..=2_000 {
                let allowed = pace.allowance(Duration::from_millis(5 * step), speed);
                pace.spend(allowed);
                carried += allowed;
            }
            let expected = 10 * speed..=10 * speed + 16;
            assert!(
                expected.contains(&carried),
                "{carried} bytes at {speed} a second"
            );
        }
    }

    #[test]
    fn a_long_silence_is_not_made_up_for() {
        let mut pace = Pace::new();
        assert_eq!(pace.allowance(Duration::from_secs(3600), 11_520), 576);
    }
}
