//! Clock: the time of the demo machine, since the epoch and since it booted.

use std::time::Duration;

/// The time, as the machine is told it.
pub struct Clock {
    powered_on: Duration,
    booted: Duration,
    now: Duration,
}

impl Clock {
    /// A clock of a machine powered on at `wall` (since the epoch).
    pub fn new(wall: Duration) -> Self {
        Clock {
            powered_on: wall,
            booted: Duration::ZERO,
            now: Duration::ZERO,
        }
    }

    /// Sets the time since power-on.
    pub fn set(&mut self, now: Duration) {
        self.now = now;
    }

    /// Starts the uptime again.
    pub fn reboot(&mut self) {
        self.booted = self.now;
    }

    /// The time since the machine booted.
    pub fn uptime(&self) -> Duration {
        self.now.saturating_sub(self.booted)
    }

    /// The time since power-on at which the uptime is this.
    pub fn powered_for(&self, uptime: Duration) -> Duration {
        self.booted + uptime
    }

    /// The time since the epoch.
    pub fn wall(&self) -> Duration {
        self.powered_on + self.now
    }
}
