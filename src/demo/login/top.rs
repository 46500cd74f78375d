//! Top: the busiest processes, drawn over the whole screen once a second until `q`.

use std::time::Duration;

use super::calendar;
use super::clock::Clock;
use super::files;
use super::keys::Key;
use super::program::{Program, Status};
use super::terminal_size::ASK;

const EVERY: Duration = Duration::from_secs(1);
/// The lines above the processes.
const HEADER: usize = 6;
const BAR: usize = 30;

/// A process: number, user, resident KiB, command, and how its load swings: mean, swing, period in s.
type Process = (u16, &'static str, u32, &'static str, f64, f64, f64);

const PROCESSES: &[Process] = &[
    (1, "root", 9_412, "init", 0.1, 0.1, 31.0),
    (42, "root", 3_120, "udevd", 0.2, 0.2, 17.0),
    (57, "root", 2_044, "klogd", 0.4, 0.3, 13.0),
    (118, "clock", 2_660, "timesyncd", 0.1, 0.1, 23.0),
    (204, "data", 18_336, "sampler --rate 100", 16.0, 9.0, 19.0),
    (205, "data", 12_908, "filter --kalman", 14.0, 9.0, 11.0),
    (231, "www", 7_780, "httpd", 3.0, 2.5, 7.0),
    (260, "root", 5_212, "seriald --no-coffee", 1.2, 0.8, 9.0),
    (301, "root", 4_096, "getty ttyS0", 0.0, 0.0, 1.0),
    (317, "root", 3_584, "sh", 0.1, 0.1, 5.0),
    (333, "nobody", 26_112, "weather-model", 18.0, 14.0, 41.0),
    (340, "root", 2_980, "top", 1.6, 0.5, 3.0),
];

/// The program `top`.
pub struct Top {
    due: Duration,
    rows: usize,
    columns: usize,
}

impl Top {
    /// Takes the alternate screen and draws.
    pub fn new(clock: &Clock, text: &mut String) -> Self {
        let mut top = Top {
            due: clock.uptime(),
            rows: 24,
            columns: 80,
        };
        text.push_str("\x1b[?1049h\x1b[?25l\x1b[2J");
        text.push_str(ASK);
        top.draw(clock, text);
        top
    }

    fn draw(&mut self, clock: &Clock, text: &mut String) {
        self.due = clock.uptime() + EVERY;
        let seconds = clock.uptime().as_secs_f64();
        let mut loads: Vec<(f64, &Process)> = PROCESSES
            .iter()
            .map(|process| (load(process, seconds), process))
            .collect();
        loads.sort_by(|a, b| b.0.total_cmp(&a.0));
        let busy = loads.iter().map(|(load, _)| load).sum::<f64>().min(100.0);
        let used: u32 = 41
            + PROCESSES
                .iter()
                .map(|process| process.2 / 1024)
                .sum::<u32>();

        let mut lines = vec![
            format!(
                "top - {} {}",
                calendar::time(clock.wall()),
                files::uptime(clock)
            ),
            format!(
                "{} processes, {} running",
                loads.len(),
                1 + usize::from(busy > 50.0)
            ),
            format!("CPU {} {busy:5.1} %", bar(busy / 100.0)),
            format!("Mem {} {used:5} of 512 MiB", bar(f64::from(used) / 512.0)),
            String::new(),
            format!(
                "{:<width$}",
                "  PID USER      %CPU    KIB COMMAND",
                width = self.columns
            ),
        ];
        for (load, (pid, user, resident, command, ..)) in loads {
            lines.push(format!(
                "{pid:5} {user:<8} {load:5.1} {resident:6} {command}"
            ));
        }
        for (row, line) in lines.iter().enumerate().take(self.rows - 1) {
            let shown = if row == HEADER - 1 {
                format!("\x1b[7m{line}\x1b[0m")
            } else {
                line.clone()
            };
            text.push_str(&format!("\x1b[{};1H{shown}\x1b[K", row + 1));
        }
        text.push_str(&format!(
            "\x1b[J\x1b[{};1H\x1b[2mq quits\x1b[0m\x1b[K",
            self.rows
        ));
    }
}

impl Program for Top {
    fn press(&mut self, clock: &Clock, key: Key, text: &mut String) -> Status {
        match key {
            Key::Char('q' | 'Q') | Key::Ctrl('c') => {
                text.push_str("\x1b[?25h\x1b[?1049l");
                return Status::Ended;
            }
            Key::CursorAt { row, column } => {
                self.rows = usize::from(row).clamp(HEADER + 2, 200);
                self.columns = usize::from(column).clamp(40, 500);
                text.push_str("\x1b[2J");
                self.draw(clock, text);
            }
            Key::Char(' ') | Key::Ctrl('l') => self.draw(clock, text),
            _ => {}
        }
        Status::Running
    }

    fn tick(&mut self, clock: &Clock, text: &mut String) -> Status {
        if self.due <= clock.uptime() {
            self.draw(clock, text);
        }
        Status::Running
    }

    fn due(&self) -> Duration {
        self.due
    }
}

fn load(&(.., mean, swing, period): &Process, seconds: f64) -> f64 {
    mean + swing * (std::f64::consts::TAU * seconds / period).sin()
}

fn bar(share: f64) -> String {
    let full = ((share * BAR as f64) as usize).min(BAR);
    let color = if share > 0.8 { 31 } else { 32 };
    format!(
        "[\x1b[{color}m{}\x1b[0m{}]",
        "|".repeat(full),
        " ".repeat(BAR - full)
    )
}
