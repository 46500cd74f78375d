//! Device: what every demo device does with bytes and time, without a line.

use std::time::Duration;

use super::output::Output;

/// A device at the end of a serial line. Its clock counts from power-on.
pub trait Device {
    /// Takes bytes that came over the line.
    fn input(&mut self, now: Duration, bytes: &[u8], out: &mut Output);

    /// Does what is due.
    fn tick(&mut self, now: Duration, out: &mut Output);

    /// When `tick` is wanted next; `None` if only input can wake the device.
    fn due(&self) -> Option<Duration>;
}
