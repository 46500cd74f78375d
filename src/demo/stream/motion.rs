//! Motion: what an accelerometer feels on a bench that sways, hums and is tapped now and then.

use std::f64::consts::TAU;
use std::time::Duration;

use crate::demo::random::Random;

/// The reading at rest on the axis that points up: one g.
const ONE_G: f64 = 8192.0;
/// Seconds from one tap on the bench to the next.
const TAP_EVERY: f64 = 4.0;

/// The movement of the sensor.
pub struct Motion {
    random: Random,
}

impl Motion {
    /// A movement with noise of its own for each `seed`.
    pub fn new(seed: u64) -> Self {
        Motion {
            random: Random::new(seed),
        }
    }

    /// x, y and z at a time since power-on; 8192 = 1 g.
    pub fn sample(&mut self, at: Duration) -> [i16; 3] {
        let t = at.as_secs_f64();
        let wave = |hertz: f64| (TAU * hertz * t).sin();
        let since_tap = t % TAP_EVERY;
        let tap = 1.2 * (-since_tap / 0.15).exp() * (TAU * 18.0 * since_tap).sin();
        let sway = 0.4 * wave(0.5);
        let hum = 0.03 * wave(50.0);
        [
            sway + hum,
            0.4 * wave(0.3) + hum,
            (1.0 - sway * sway).sqrt() + tap,
        ]
        .map(|g| {
            let felt = g + 0.01 * self.random.noise();
            (felt * ONE_G) as i16
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_z_is_about_one_g_and_nothing_is_clipped() {
        let mut motion = Motion::new(1);
        let samples: Vec<[i16; 3]> = (0..80_000)
            .map(|i| motion.sample(Duration::from_millis(i)))
            .collect();
        let mean = samples
            .iter()
            .map(|sample| f64::from(sample[2]))
            .sum::<f64>()
            / 80_000.0;
        assert!((0.9..1.1).contains(&(mean / ONE_G)), "{mean}");
        assert!(
            samples
                .iter()
                .flatten()
                .all(|value| value.unsigned_abs() < 4 * 8192)
        );
    }
}
