//! Sensor: a board that prints a line of readings and obeys commands, as an Arduino would.

mod climate;

use std::time::Duration;

use self::climate::Climate;
use super::command_line::CommandLine;
use super::device::Device;
use super::output::Output;
use super::own_panel;

const HELP: &str = "\
commands, each ended by CR, LF or both:
  help               this list
  led on|off|blink   the light on the board; watch light
  rate 0.1..100      lines a second
  fan 0..100         cooling in percent; watch temp
  status             what is set
  version            what this is
  panel?             a panel for this board, as JSON
  noise              a line that is not UTF-8
  reset              start again
";

/// The panel that the board describes itself with.
const PANEL: &str = include_str!("sensor/panel.json");

/// A line that still waits after this much has lost its worth: a slow line gets fewer readings, not old ones.
const BACKLOG: usize = 128;

/// How long the light is on and off when it blinks.
const BLINK_MILLIS: u128 = 500;

/// Of every kind that breaks a careless reader: a byte that begins nothing, a sequence without its
/// end, an overlong one, half a surrogate pair, bytes that never occur, a zero, and Latin-1.
const NOISE: &[u8] =
    b"noise: [\x80] [\xe2\x82] [\xc0\xaf] [\xed\xa0\x80] [\xff\xfe] [\x00] [caf\xe9]\r\n";

#[derive(Clone, Copy)]
enum Led {
    Off,
    On,
    Blink,
}

impl Led {
    fn as_str(self) -> &'static str {
        match self {
            Led::Off => "off",
            Led::On => "on",
            Led::Blink => "blink",
        }
    }

    fn is_lit(self, now: Duration) -> bool {
        match self {
            Led::Off => false,
            Led::On => true,
            Led::Blink => (now.as_millis() / BLINK_MILLIS).is_multiple_of(2),
        }
    }
}

/// The board: what is set, and the weather around it.
pub struct Sensor {
    climate: Climate,
    commands: CommandLine,
    led: Led,
    /// Lines a second.
    rate: f64,
    /// When the program on the board started; `None` before it said so.
    started: Option<Duration>,
    due: Duration,
    lines: u64,
}

impl Sensor {
    /// A board powered on at `wall` (since the epoch), with weather of its own for each `seed`.
    pub fn new(wall: Duration, seed: u64) -> Self {
        Sensor {
            climate: Climate::new(wall, seed),
            commands: CommandLine::default(),
            led: Led::Off,
            rate: 2.0,
            started: None,
            due: Duration::ZERO,
            lines: 0,
        }
    }

    fn start(&mut self, now: Duration, out: &mut Output) {
        self.led = Led::Off;
        self.rate = 2.0;
        self.climate.set_fan(0);
        self.lines = 0;
        self.started = Some(now);
        self.due = now + self.period();
        out.say(&format!("\n{}, ready. Type help.", version()));
    }

    fn period(&self) -> Duration {
        Duration::from_secs_f64(1.0 / self.rate)
    }

    fn measure(&mut self, now: Duration, out: &mut Output) {
        let reading = self.climate.read(now, self.led.is_lit(now));
        // From the last time, not from now: a late tick must not slow the rate.
        self.due = (self.due + self.period()).max(now);
        if out.pending() < BACKLOG {
            self.lines += 1;
            out.say(&reading.to_string());
        }
    }

    fn obey(&mut self, now: Duration, command: &str, out: &mut Output) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let answer = match words[..] {
            [] => return,
            ["help"] => HELP.trim_end().to_owned(),
            ["led", state] => self.set_led(state),
            ["rate", rate] => self.set_rate(now, rate),
            ["fan", percent] => self.set_fan(percent),
            ["status"] => self.status(now),
            ["version"] => version(),
            ["panel?"] => own_panel::line(PANEL),
            ["noise"] => return out.send(NOISE),
            ["reset"] => return self.start(now, out),
            ["led" | "rate" | "fan", ..] => {
                format!("error: {} takes one argument, try help", words[0])
            }
            _ => format!("error: unknown command \"{command}\", try help"),
        };
        out.say(&answer);
    }

    fn set_led(&mut self, state: &str) -> String {
        self.led = match state {
            "on" => Led::On,
            "off" => Led::Off,
            "blink" => Led::Blink,
            _ => return format!("error: led cannot be \"{state}\": on, off or blink"),
        };
        format!("ok: led {state}")
    }

    fn set_rate(&mut self, now: Duration, rate: &str) -> String {
        match rate.parse() {
            Ok(lines) if (0.1..=100.0).contains(&lines) => {
                self.rate = lines;
                self.due = now + self.period();
                format!("ok: rate {lines}")
            }
            _ => format!("error: rate cannot be \"{rate}\": 0.1 to 100 lines a second"),
        }
    }

    fn set_fan(&mut self, percent: &str) -> String {
        match percent.parse() {
            Ok(fan) if fan <= 100 => {
                self.climate.set_fan(fan);
                format!("ok: fan {fan}")
            }
            _ => format!("error: fan cannot be \"{percent}\": 0 to 100 percent"),
        }
    }

    fn status(&self, now: Duration) -> String {
        let up = now.saturating_sub(self.started.unwrap_or(now)).as_secs();
        let (led, rate, fan) = (self.led.as_str(), self.rate, self.climate.fan());
        format!(
            "status: led {led}, rate {rate}, fan {fan}, up {up} s, lines {}",
            self.lines
        )
    }
}

impl Device for Sensor {
    fn input(&mut self, now: Duration, bytes: &[u8], out: &mut Output) {
        for &byte in bytes {
            if let Some(command) = self.commands.push(byte) {
                self.obey(now, &command, out);
            }
        }
    }

    fn tick(&mut self, now: Duration, out: &mut Output) {
        if self.started.is_none() {
            self.start(now, out);
        } else if self.due <= now {
            self.measure(now, out);
        }
    }

    fn due(&self) -> Option<Duration> {
        Some(self.due)
    }
}

fn version() -> String {
    format!("seriald demo sensor {}", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::super::rig::{Rig, field};
    use super::super::{Kind, output::Output};
    use super::*;

    /// A sensor in the middle of a day, which has started.
    fn started() -> (Sensor, Output) {
        let (mut sensor, mut out) = (
            Sensor::new(Duration::from_secs(43_200), 7),
            Output::new(11_520),
        );
        sensor.tick(Duration::ZERO, &mut out);
        let banner = String::from_utf8(out.take()).expect("text");
        assert!(
            banner.contains("seriald demo sensor") && banner.ends_with("\r\n"),
            "{banner:?}"
        );
        (sensor, out)
    }

    fn answer(sensor: &mut Sensor, out: &mut Output, input: &str) -> String {
        sensor.input(Duration::from_secs(1), input.as_bytes(), out);
        String::from_utf8_lossy(&out.take()).into_owned()
    }

    /// Lets `seconds` pass from `now` on and gives what was printed.
    fn pass(sensor: &mut Sensor, out: &mut Output, now: u64, seconds: u64) -> String {
        let (mut text, end) = (Vec::new(), Duration::from_secs(now + seconds));
        while sensor.due <= end {
            sensor.tick(sensor.due, out);
            text.extend(out.take());
        }
        String::from_utf8(text).expect("readings are text")
    }

    #[test]
    fn commands_end_with_cr_or_lf_or_both() {
        let (mut sensor, mut out) = started();
        for input in ["led on\r", "led on\n", "led on\r\n", "  led   on \n"] {
            assert_eq!(
                answer(&mut sensor, &mut out, input),
                "ok: led on\r\n",
                "{input:?}"
            );
        }
        assert_eq!(answer(&mut sensor, &mut out, "le"), "");
        assert_eq!(
            answer(&mut sensor, &mut out, "d off\r\n\r\n"),
            "ok: led off\r\n"
        );
    }

    #[test]
    fn a_command_that_is_not_known_is_named_in_the_error() {
        let (mut sensor, mut out) = started();
        for (input, expected) in [
            (
                "make coffee\n",
                "error: unknown command \"make coffee\", try help\r\n",
            ),
            (
                "led green\n",
                "error: led cannot be \"green\": on, off or blink\r\n",
            ),
            (
                "rate 0\n",
                "error: rate cannot be \"0\": 0.1 to 100 lines a second\r\n",
            ),
            (
                "rate NaN\n",
                "error: rate cannot be \"NaN\": 0.1 to 100 lines a second\r\n",
            ),
            (
                "fan 101\n",
                "error: fan cannot be \"101\": 0 to 100 percent\r\n",
            ),
            ("fan\n", "error: fan takes one argument, try help\r\n"),
        ] {
            assert_eq!(answer(&mut sensor, &mut out, input), expected);
        }
    }

    #[test]
    fn help_names_every_command() {
        let (mut sensor, mut out) = started();
        let help = answer(&mut sensor, &mut out, "help\n");
        for command in [
            "led on|off|blink",
            "rate 0.1..100",
            "fan 0..100",
            "status",
            "version",
        ] {
            assert!(help.contains(command), "{command} is missing");
        }
        assert!(help.contains("noise") && help.contains("reset"));
    }

    #[test]
    fn the_rate_is_what_was_asked_for() {
        let (mut sensor, mut out) = started();
        assert_eq!(pass(&mut sensor, &mut out, 0, 10).lines().count(), 20);
        answer(&mut sensor, &mut out, "rate 10\n");
        sensor.due = Duration::from_millis(10_100);
        assert_eq!(pass(&mut sensor, &mut out, 10, 10).lines().count(), 100);
    }

    #[test]
    fn the_fan_cools_and_the_light_is_seen() {
        let (mut sensor, mut out) = started();
        let warm = pass(&mut sensor, &mut out, 0, 30);
        answer(&mut sensor, &mut out, "fan 100\n");
        answer(&mut sensor, &mut out, "led on\n");
        let cool = pass(&mut sensor, &mut out, 30, 120);
        let last = |text: &str, name| field(text.lines().last().expect("a reading"), name);
        assert!(
            last(&cool, "temp") < last(&warm, "temp") - 3.0,
            "{warm}\n{cool}"
        );
        assert!(
            last(&cool, "light") > last(&warm, "light") + 50.0,
            "{warm}\n{cool}"
        );
    }

    #[test]
    fn reset_forgets_what_was_set_and_says_hello_again() {
        let (mut sensor, mut out) = started();
        answer(&mut sensor, &mut out, "led blink\nfan 80\nrate 50\n");
        assert!(answer(&mut sensor, &mut out, "reset\n").contains("ready"));
        let status = answer(&mut sensor, &mut out, "status\n");
        assert_eq!(
            status,
            "status: led off, rate 2, fan 0, up 0 s, lines 0\r\n"
        );
    }

    #[test]
    fn the_panel_is_one_line_that_says_what_it_is() {
        let (mut sensor, mut out) = started();
        let panel = answer(&mut sensor, &mut out, "panel?\n");
        assert_eq!(panel, format!("{}\r\n", own_panel::checked(PANEL)));
    }

    #[test]
    fn noise_is_one_line_and_not_utf_8() {
        let (mut sensor, mut out) = started();
        sensor.input(Duration::ZERO, b"noise\n", &mut out);
        let noise = out.take();
        assert!(std::str::from_utf8(&noise).is_err());
        assert_eq!(noise.iter().filter(|&&byte| byte == b'\n').count(), 1);
    }

    #[test]
    fn a_slow_line_gets_fewer_readings_and_no_old_ones() {
        let (mut sensor, mut out) = started();
        answer(&mut sensor, &mut out, "rate 100\n");
        while sensor.due < Duration::from_secs(60) {
            sensor.tick(sensor.due, &mut out);
            assert!(out.pending() < 2 * BACKLOG);
        }
    }

    #[test]
    fn over_a_pty_the_sensor_greets_measures_and_obeys() {
        let mut rig = Rig::start(Kind::Sensor);
        rig.expect("ready. Type help.\r\n");
        rig.expect("temp:");
        rig.send("led on\r\n");
        rig.expect("ok: led on\r\n");
        rig.send("status\r");
        rig.expect("led on, rate 2, fan 0");
    }
}
