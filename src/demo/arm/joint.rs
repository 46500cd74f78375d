//! Joint: one axis of the arm, on its way to where it was told to be.

use std::time::Duration;

/// An axis. Its places and its range are degrees, or percent for the grip.
pub struct Joint {
    pub name: &'static str,
    pub unit: &'static str,
    /// The range begins at 0.
    pub max: f64,
    pub home: f64,
    at: f64,
    target: f64,
}

impl Joint {
    /// An axis that rests at its `home`.
    pub fn new(name: &'static str, max: f64, home: f64, unit: &'static str) -> Self {
        Joint {
            name,
            unit,
            max,
            home,
            at: home,
            target: home,
        }
    }

    /// Where it is.
    pub fn at(&self) -> f64 {
        self.at
    }

    pub fn is_moving(&self) -> bool {
        self.at != self.target
    }

    /// Sets out for a place; says whether it is within the range.
    pub fn go(&mut self, target: f64) -> bool {
        let within = (0.0..=self.max).contains(&target);
        if within {
            self.target = target;
        }
        within
    }

    /// Stays where it is.
    pub fn stop(&mut self) {
        self.target = self.at;
    }

    /// Moves for a while, at most so much a second.
    pub fn advance(&mut self, speed: f64, time: Duration) {
        let reach = speed * time.as_secs_f64();
        self.at += (self.target - self.at).clamp(-reach, reach);
    }
}
