//! Arm: a robot arm with four joints that move at a bounded speed and tell where they are.

mod joint;

use std::time::Duration;

use self::joint::Joint;
use super::command_line::CommandLine;
use super::device::Device;
use super::output::Output;
use super::own_panel;

const HELP: &str = "\
commands, each ended by CR, LF or both:
  help               this list
  base 0..180        turns, in degrees
  shoulder 0..180    0 is level, 90 upright
  elbow 0..180       0 is straight
  grip 0..100        percent; 100 is closed
  home               all joints to where they began
  stop               all joints stay where they are
  speed 1..180       of all joints, in degrees a second
  status             what it does
  panel?             a panel for this arm, as JSON
";

/// The panel that the arm describes itself with.
const PANEL: &str = include_str!("arm/panel.json");

/// How often it tells where it is.
const MOVING: Duration = Duration::from_millis(100);
const AT_REST: Duration = Duration::from_secs(1);

/// A place that still waits after this many bytes has lost its worth: a slow line gets fewer places, not old ones.
const BACKLOG: usize = 128;

/// Degrees a second, unless told.
const SPEED: f64 = 60.0;

/// The arm: its joints, and the time up to which they have moved.
pub struct Arm {
    joints: [Joint; 4],
    /// Degrees a second.
    speed: f64,
    commands: CommandLine,
    now: Duration,
    has_started: bool,
    due: Duration,
}

impl Default for Arm {
    /// An arm that rests at home, powered on now.
    fn default() -> Self {
        Arm {
            joints: [
                Joint::new("base", 180.0, 90.0, "degrees"),
                Joint::new("shoulder", 180.0, 90.0, "degrees"),
                Joint::new("elbow", 180.0, 90.0, "degrees"),
                Joint::new("grip", 100.0, 0.0, "percent"),
            ],
            speed: SPEED,
            commands: CommandLine::default(),
            now: Duration::ZERO,
            has_started: false,
            due: Duration::ZERO,
        }
    }
}

impl Arm {
    fn is_moving(&self) -> bool {
        self.joints.iter().any(Joint::is_moving)
    }

    fn advance(&mut self, now: Duration) {
        let time = now.saturating_sub(self.now);
        self.now = now;
        for joint in &mut self.joints {
            joint.advance(self.speed, time);
        }
    }

    fn period(&self) -> Duration {
        if self.is_moving() { MOVING } else { AT_REST }
    }

    fn start(&mut self, out: &mut Output) {
        self.has_started = true;
        self.due = self.now + self.period();
        let version = env!("CARGO_PKG_VERSION");
        out.say(&format!(
            "\nseriald demo arm {version}, ready. Type help.\n{}",
            own_panel::line(PANEL)
        ));
    }

    fn tell(&mut self, out: &mut Output) {
        // From the last time, not from now: a late tick must not slow the rate.
        self.due = (self.due + self.period()).max(self.now);
        if out.pending() < BACKLOG {
            let places = self.joints.iter();
            let places = places.map(|joint| format!("{}:{:.1}", joint.name, joint.at()));
            out.say(&places.collect::<Vec<_>>().join(" "));
        }
    }

    fn obey(&mut self, command: &str) -> String {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words[..] {
            [] => String::new(),
            ["help"] => HELP.to_owned(),
            ["home"] => {
                for joint in &mut self.joints {
                    joint.go(joint.home);
                }
                "ok: home".to_owned()
            }
            ["stop"] => {
                self.joints.iter_mut().for_each(Joint::stop);
                "ok: stopped".to_owned()
            }
            ["speed", speed] => self.set_speed(speed),
            ["status"] => self.status(),
            ["panel?"] => own_panel::line(PANEL),
            ["speed", ..] => takes_one("speed"),
            [name, ref place @ ..] => {
                let joint = self.joints.iter_mut().find(|joint| joint.name == name);
                match (joint, place) {
                    (Some(joint), [place]) => go(joint, place),
                    (Some(_), _) => takes_one(name),
                    (None, _) => format!("error: unknown command \"{command}\", try help"),
                }
            }
        }
    }

    fn set_speed(&mut self, speed: &str) -> String {
        match speed.parse() {
            Ok(wish) if (1.0..=180.0).contains(&wish) => {
                self.speed = wish;
                format!("ok: speed {wish}")
            }
            _ => format!("error: speed cannot be \"{speed}\": 1 to 180 degrees a second"),
        }
    }

    fn status(&self) -> String {
        let does = if self.is_moving() {
            "moving"
        } else {
            "at rest"
        };
        format!("status: {does}, speed {}", self.speed)
    }
}

fn go(joint: &mut Joint, place: &str) -> String {
    let (name, unit, max) = (joint.name, joint.unit, joint.max);
    match place.parse() {
        Ok(target) if joint.go(target) => format!("ok: {name} {target}"),
        _ => format!("error: {name} cannot be \"{place}\": 0 to {max} {unit}"),
    }
}

fn takes_one(command: &str) -> String {
    format!("error: {command} takes one argument, try help")
}

impl Device for Arm {
    fn input(&mut self, now: Duration, bytes: &[u8], out: &mut Output) {
        self.advance(now);
        for &byte in bytes {
            if let Some(command) = self.commands.push(byte) {
                let answer = self.obey(&command);
                out.say(&answer);
            }
        }
        self.due = self.due.min(now + self.period());
    }

    fn tick(&mut self, now: Duration, out: &mut Output) {
        self.advance(now);
        if !self.has_started {
            self.start(out);
        } else if self.due <= now {
            self.tell(out);
        }
    }

    fn due(&self) -> Option<Duration> {
        Some(self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::super::rig::{Rig, field};
    use super::*;

    /// An arm that has started.
    fn started() -> (Arm, Output) {
        let (mut arm, mut out) = (Arm::default(), Output::new(11_520));
        arm.tick(Duration::ZERO, &mut out);
        let banner = String::from_utf8(out.take()).expect("text");
        assert!(banner.contains("seriald demo arm"), "{banner:?}");
        assert!(banner.ends_with(&format!("{}\r\n", own_panel::checked(PANEL))));
        (arm, out)
    }

    fn answer(arm: &mut Arm, out: &mut Output, millis: u64, input: &str) -> String {
        arm.input(Duration::from_millis(millis), input.as_bytes(), out);
        String::from_utf8(out.take()).expect("text")
    }

    /// The lines up to a time since power-on.
    fn pass(arm: &mut Arm, out: &mut Output, millis: u64) -> Vec<String> {
        let mut text = Vec::new();
        while arm.due <= Duration::from_millis(millis) {
            arm.tick(arm.due, out);
            text.extend(out.take());
        }
        let text = String::from_utf8(text).expect("text");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn it_tells_where_it_is_ten_times_a_second_while_it_moves_and_else_once() {
        let (mut arm, mut out) = started();
        assert_eq!(
            pass(&mut arm, &mut out, 3000),
            ["base:90.0 shoulder:90.0 elbow:90.0 grip:0.0"; 3]
        );
        assert_eq!(
            answer(&mut arm, &mut out, 3000, "base 150\n"),
            "ok: base 150\r\n"
        );
        let moving = pass(&mut arm, &mut out, 4000);
        assert_eq!(moving.len(), 10);
        assert_eq!(moving[0].split(' ').next(), Some("base:96.0"), "{moving:?}");
        assert_eq!(field(&moving[9], "base"), 150.0);
        assert_eq!(pass(&mut arm, &mut out, 7000).len(), 3);
    }

    #[test]
    fn no_joint_is_faster_than_the_speed() {
        let (mut arm, mut out) = started();
        answer(&mut arm, &mut out, 0, "speed 10\nbase 0\nelbow 180\n");
        let mut last = (90.0, 90.0);
        for line in pass(&mut arm, &mut out, 9_000) {
            let here = (field(&line, "base"), field(&line, "elbow"));
            assert!(last.0 - here.0 < 1.1 && here.1 - last.1 < 1.1, "{line}");
            last = here;
        }
        assert_eq!(last, (0.0, 180.0));
    }

    #[test]
    fn stop_stops_it_where_it_is() {
        let (mut arm, mut out) = started();
        answer(&mut arm, &mut out, 0, "base 180\ngrip 100\n");
        assert_eq!(answer(&mut arm, &mut out, 500, "stop\n"), "ok: stopped\r\n");
        let lines = pass(&mut arm, &mut out, 5000);
        let last = lines.last().expect("a line");
        assert_eq!(last, "base:120.0 shoulder:90.0 elbow:90.0 grip:30.0");
        let status = answer(&mut arm, &mut out, 5000, "status\n");
        assert_eq!(status, "status: at rest, speed 60\r\n");
    }

    #[test]
    fn home_leads_back_to_where_it_began() {
        let (mut arm, mut out) = started();
        answer(&mut arm, &mut out, 0, "base 0\nshoulder 20\ngrip 80\n");
        pass(&mut arm, &mut out, 3000);
        assert_eq!(answer(&mut arm, &mut out, 3000, "home\n"), "ok: home\r\n");
        let lines = pass(&mut arm, &mut out, 6000);
        let last = lines.last().expect("a line");
        assert_eq!(last, "base:90.0 shoulder:90.0 elbow:90.0 grip:0.0");
    }

    #[test]
    fn what_it_cannot_do_is_told_with_what_it_can() {
        let (mut arm, mut out) = started();
        for (input, expected) in [
            ("dance\n", "error: unknown command \"dance\", try help"),
            ("base\n", "error: base takes one argument, try help"),
            ("speed 1 2\n", "error: speed takes one argument, try help"),
            (
                "base 181\n",
                "error: base cannot be \"181\": 0 to 180 degrees",
            ),
            (
                "elbow NaN\n",
                "error: elbow cannot be \"NaN\": 0 to 180 degrees",
            ),
            (
                "grip -1\n",
                "error: grip cannot be \"-1\": 0 to 100 percent",
            ),
            (
                "speed 0\n",
                "error: speed cannot be \"0\": 1 to 180 degrees a second",
            ),
        ] {
            assert_eq!(
                answer(&mut arm, &mut out, 0, input),
                format!("{expected}\r\n")
            );
        }
        assert!(!arm.is_moving());
        assert_eq!(answer(&mut arm, &mut out, 0, "\r\n"), "");
    }

    #[test]
    fn help_names_every_command() {
        let (mut arm, mut out) = started();
        let help = answer(&mut arm, &mut out, 0, "help\n");
        for command in [
            "base 0..180",
            "shoulder 0..180",
            "elbow 0..180",
            "grip 0..100",
            "home",
            "stop",
            "speed 1..180",
            "status",
            "panel?",
        ] {
            assert!(help.contains(command), "{command} is missing");
        }
    }

    #[test]
    fn over_a_pty_the_arm_greets_moves_and_stops() {
        let mut rig = Rig::start(Kind::Arm);
        rig.expect("ready. Type help.\r\n");
        rig.expect("{\"seriald\":1,");
        rig.send("base 91\n");
        rig.expect("ok: base 91\r\n");
        rig.expect("base:91.0 ");
        rig.send("stop\r");
        rig.expect("ok: stopped\r\n");
    }
}
