//! Climate: believable air around a sensor, warm by day and moved by its fan.

use std::f64::consts::TAU;
use std::fmt;
use std::time::Duration;

use crate::demo::random::Random;

const DAY: f64 = 24.0 * 3600.0;
/// How long the air takes to follow the fan, in seconds.
const COOLING: f64 = 15.0;
/// How long a draught lasts, in seconds.
const DRAUGHT: f64 = 60.0;
/// By how many degrees the fan at full speed cools.
const FULL_FAN: f64 = 6.0;
/// Longer steps are taken as this long, which is enough to settle.
const LONGEST_STEP: f64 = 60.0;

/// One line of what the sensor measures.
pub struct Reading {
    temp: f64,
    hum: f64,
    light: f64,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "temp:{:.1}°C hum:{:.1}% light:{:.0}lx",
            self.temp, self.hum, self.light
        )
    }
}

/// The state of the air.
pub struct Climate {
    /// The time of day at power-on, in seconds.
    morning: f64,
    random: Random,
    now: Duration,
    fan: u8,
    cooling: f64,
    draught: f64,
    damp: f64,
}

impl Climate {
    /// Air at `wall` (since the epoch), which moves in its own way for each `seed`.
    pub fn new(wall: Duration, seed: u64) -> Self {
        Climate {
            morning: wall.as_secs_f64() % DAY,
            random: Random::new(seed),
            now: Duration::ZERO,
            fan: 0,
            cooling: 0.0,
            draught: 0.0,
            damp: 0.0,
        }
    }

    /// The speed of the fan in percent.
    pub fn fan(&self) -> u8 {
        self.fan
    }

    /// Sets the speed of the fan in percent.
    pub fn set_fan(&mut self, percent: u8) {
        self.fan = percent;
    }

    /// Measures the air at `now`; a lit lamp on the board is seen by the light sensor.
    pub fn read(&mut self, now: Duration, lit: bool) -> Reading {
        self.advance(now);
        let hour = (self.morning + now.as_secs_f64()) / DAY;
        let warmth = (TAU * (hour - 0.4)).sin();
        let daylight = (TAU * (hour - 0.25)).sin().max(0.0);
        let temp = 21.5 + 2.0 * warmth + self.draught - self.cooling;
        Reading {
            temp,
            hum: (45.0 - 1.5 * (temp - 21.5) + self.damp).clamp(5.0, 95.0),
            light: 40.0
                + 500.0 * daylight
                + 2.0 * self.random.noise()
                + if lit { 80.0 } else { 0.0 },
        }
    }

    fn advance(&mut self, now: Duration) {
        let step = now.saturating_sub(self.now).as_secs_f64().min(LONGEST_STEP);
        self.now = now;
        let wanted = FULL_FAN * f64::from(self.fan) / 100.0;
        self.cooling += (wanted - self.cooling) * (1.0 - (-step / COOLING).exp());
        // A random walk that is drawn back to zero stays near it for ever.
        let (fade, push) = ((-step / DRAUGHT).exp(), step.sqrt());
        self.draught = self.draught * fade + 0.06 * push * self.random.noise();
        self.damp = self.damp * fade + 0.15 * push * self.random.noise();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Kind, Offset, Record, Time};
    use crate::values::{Parser, Spec};

    #[test]
    fn what_it_prints_is_understood_with_units() {
        let reading = Climate::new(Duration::ZERO, 3).read(Duration::ZERO, false);
        let record = Record {
            kind: Kind::Rx,
            offset: Offset(0),
            time: Time(1),
            author: None,
            bytes: &format!("\r\n{reading}\r\n").into_bytes(),
        };
        let mut parser = Parser::new(&Spec::default()).unwrap();
        parser.take(&record, |reading| assert_eq!(reading.values.len(), 3));
        let series = parser.series().iter();
        let series: Vec<_> = series
            .map(|series| (series.name.as_str(), series.unit.as_deref()))
            .collect();
        let expected = [
            ("temp", Some("°C")),
            ("hum", Some("%")),
            ("light", Some("lx")),
        ];
        assert_eq!(series, expected);
    }

    #[test]
    fn a_day_stays_within_what_one_would_believe() {
        let mut climate = Climate::new(Duration::ZERO, 3);
        let mut last: Option<Reading> = None;
        for half_second in 0..2 * DAY as u32 {
            let reading = climate.read(Duration::from_millis(500) * half_second, false);
            assert!((15.0..30.0).contains(&reading.temp), "{reading}");
            assert!((30.0..60.0).contains(&reading.hum), "{reading}");
            assert!((30.0..600.0).contains(&reading.light), "{reading}");
            if let Some(last) = last {
                assert!(
                    (reading.temp - last.temp).abs() < 0.2,
                    "{last} then {reading}"
                );
            }
            last = Some(reading);
        }
    }
}
