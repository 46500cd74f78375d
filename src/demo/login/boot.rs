//! Boot: what the demo machine says while it starts and stops.

use std::time::Duration;

/// A message: after how many ms, who speaks (empty: the start-up scripts), and what.
type Message = (u64, &'static str, &'static str);

const MESSAGES: &[Message] = &[
    (
        0,
        "kernel",
        "demo kernel 6.0-seriald: hello from the far end of a pseudo terminal",
    ),
    (
        0,
        "kernel",
        "command line: console=ttyS0,115200 imagination=on",
    ),
    (
        2,
        "cpu",
        "Imaginary Core 1, one of one, all features made up",
    ),
    (5, "mem", "512 MiB of memory, 41 MiB taken by the plot"),
    (
        38,
        "irq",
        "interrupts enabled; please raise your hand before you speak",
    ),
    (
        112,
        "serial",
        "ttyS0: 16550-alike, FIFO 16 bytes: the line you are reading",
    ),
    (140, "console", "console handed over to ttyS0"),
    (310, "mmc0", "card found: 4 GB of which 2 KB are used"),
    (355, "mmc0", "partitions: p1 boot, p2 root"),
    (420, "i2c", "0x48 thermometer, 0x68 gyroscope, 0x3c display"),
    (515, "usb", "1-1: new device: rubber duck, full speed"),
    (
        560,
        "thermal",
        "warning: zone 0 reads 21.4 degrees, suspiciously pleasant",
    ),
    (700, "net", "eth0: link is up, leads nowhere"),
    (810, "root", "file system mounted read-only"),
    (950, "init", "starting user space"),
    (1150, "", "Checked the file system"),
    (1300, "", "Mounted /proc and /root"),
    (1500, "", "Set the clock"),
    (1750, "", "Started the sampler"),
    (2000, "", "Started the weather model"),
    (2150, "!", "Started the coffee machine"),
    (2350, "", "Reached the login prompt"),
];

const LAST_WORDS: &[&str] = &["the weather model", "the sampler", "the clock"];
const LAST_WORDS_EVERY: Duration = Duration::from_millis(400);

/// The boot log as it is being printed.
#[derive(Default)]
pub struct Boot {
    next: usize,
}

impl Boot {
    /// Prints what has come up by now; true when everything has.
    pub fn tick(&mut self, uptime: Duration, text: &mut String) -> bool {
        if self.next == 0 {
            text.push_str("\x1b[0m\n");
        }
        while let Some(message) = MESSAGES.get(self.next)
            && self.due() <= uptime
        {
            text.push_str(&line(message));
            self.next += 1;
        }
        self.next == MESSAGES.len()
    }

    /// The uptime of the next message.
    pub fn due(&self) -> Duration {
        MESSAGES
            .get(self.next)
            .map_or(Duration::ZERO, |(millis, ..)| {
                Duration::from_millis(*millis)
            })
    }
}

/// The way down before a reboot.
pub struct Shutdown {
    next: usize,
    due: Duration,
}

impl Shutdown {
    /// Begins at this uptime.
    pub fn new(uptime: Duration) -> Self {
        Shutdown {
            next: 0,
            due: uptime,
        }
    }

    /// Stops one thing after the other; true when the machine is down.
    pub fn tick(&mut self, uptime: Duration, text: &mut String) -> bool {
        while self.due <= uptime {
            let Some(service) = LAST_WORDS.get(self.next) else {
                text.push_str("Restarting.\n\n");
                return true;
            };
            text.push_str(&format!("[  \x1b[32mOK\x1b[0m  ] Stopped {service}\n"));
            self.next += 1;
            self.due += LAST_WORDS_EVERY;
        }
        false
    }

    /// The uptime of the next step.
    pub fn due(&self) -> Duration {
        self.due
    }
}

/// What the kernel has said, in colour.
pub fn kernel_log() -> String {
    MESSAGES
        .iter()
        .filter(|(_, who, _)| who.len() > 1)
        .map(line)
        .collect()
}

fn line(&(millis, who, what): &Message) -> String {
    match who {
        "" => format!("[  \x1b[32mOK\x1b[0m  ] {what}\n"),
        "!" => format!("[\x1b[31mFAILED\x1b[0m] {what}: no water\n"),
        _ => {
            // Digits that a real kernel would have measured.
            let micros = millis * 1000 + (millis * 7919) % 997;
            let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
            let ink = if what.starts_with("warning") {
                "\x1b[33m"
            } else {
                ""
            };
            format!(
                "\x1b[32m[{seconds:5}.{rest:06}]\x1b[0m \x1b[1m{who}:\x1b[0m {ink}{what}\x1b[0m\n"
            )
        }
    }
}
