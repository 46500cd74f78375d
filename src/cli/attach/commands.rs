//! Commands: what the keys behind the escape key do.

use serde_json::{Value, json};
use seriald::settings::Change;
use seriald::state::{Lines, Phase};

use super::prompt::{Outcome, Prompt};
use super::report::report;
use super::session::Session;
use super::terminal::Raw;

/// What is asked for in a line.
#[derive(Clone, Copy, Debug)]
pub enum Question {
    /// Line settings.
    Settings,
    /// What is played on DTR and RTS.
    Pulse,
    /// The text of a mark.
    Mark,
    /// What is said to all who watch.
    Say,
}

impl Question {
    fn text(self) -> &'static str {
        match self {
            Self::Settings => "settings, such as 9600 or 115200,8N1,rtscts",
            Self::Pulse => {
                "1 arduino-reset, 2 esp-reset, 3 esp-bootloader, or steps such as dtr=0,100ms,dtr=1"
            }
            Self::Mark => "text of the mark",
            Self::Say => "a line to all who watch",
        }
    }

    /// What a line asks of the server.
    fn request(self, line: &str) -> Result<Value, String> {
        Ok(match self {
            Self::Settings => {
                let settings: Change = line.parse().map_err(|error| format!("{error}"))?;
                json!({"type": "set", "settings": settings})
            }
            Self::Pulse => {
                let sequence = match line {
                    "1" => "arduino-reset",
                    "2" => "esp-reset",
                    "3" => "esp-bootloader",
                    steps => steps,
                };
                json!({"type": "pulse", "sequence": sequence})
            }
            Self::Mark => json!({"type": "mark", "text": line}),
            Self::Say => json!({"type": "say", "text": line}),
        })
    }
}

/// The keys, and what each does.
const KEYS: [(&str, &str); 18] = [
    ("q", "leave"),
    ("?", "this help"),
    ("b", "send a BREAK"),
    ("d", "switch DTR"),
    ("r", "switch RTS"),
    ("p", "pulse: reset a board"),
    ("s", "speed and other settings"),
    ("o", "release the device, or open it"),
    ("c", "throw away what waits to be written"),
    ("m", "mark this moment"),
    ("l", "say a line to all who watch"),
    ("w", "whose turn: take it, ask for it, or hand it over"),
    ("f", "take the turn by force"),
    ("i", "state and statistics"),
    ("t", "times on or off"),
    ("x", "hex on or off"),
    ("e", "local echo on or off"),
    ("z", "suspend this program"),
];

impl Session {
    /// Does what a key says.
    pub(super) fn command(&mut self, key: u8) {
        match key.to_ascii_lowercase() {
            b'q' | b'.' => self.ended = Some(0),
            b'?' | b'h' => self.help(),
            b'b' => self.act(json!({"type": "break"})),
            b'd' => self.switch("dtr", |lines| lines.dtr),
            b'r' => self.switch("rts", |lines| lines.rts),
            b'c' => {
                self.backlog.clear();
                self.act(json!({"type": "cancel"}));
            }
            b'o' => {
                let is_held =
                    |phase| matches!(phase, Phase::Open | Phase::Opening | Phase::Waiting);
                let release = self.tap.state().is_some_and(|state| is_held(state.phase));
                self.act(json!({"type": if release { "release" } else { "open" }}));
            }
            b'p' => self.ask_for(Question::Pulse),
            b's' => self.ask_for(Question::Settings),
            b'm' => self.ask_for(Question::Mark),
            b'l' => self.ask_for(Question::Say),
            b'w' => {
                let request = self.next_turn();
                self.act(request);
            }
            b'f' => self.act(json!({"type": "turn", "act": "force"})),
            b'i' => {
                let report = self.tap.state().map(|port| report(port));
                for line in report.unwrap_or_else(|| vec!["there is no connection".to_owned()]) {
                    self.screen.say(&line);
                }
                if self.backlog.len() > 0 {
                    let waits = self.backlog.len();
                    self.screen
                        .say(&format!("{waits} bytes of what was typed wait here"));
                }
            }
            b't' => {
                self.screen.view.times ^= true;
                let times = self.screen.view.times;
                self.tell("times", times);
            }
            b'x' => {
                self.screen.view.hex ^= true;
                let hex = self.screen.view.hex;
                self.tell("hex", hex);
            }
            b'e' => {
                self.options.echo ^= true;
                let echo = self.options.echo;
                self.tell("local echo", echo);
            }
            b'z' => self.suspend(),
            _ => {
                let help = format!("{} ? tells the keys", self.options.escape);
                self.screen.say(&help);
            }
        }
    }

    /// Takes what is typed behind a question.
    pub(super) fn reply(&mut self, keys: &[u8]) {
        let Some((question, prompt)) = &mut self.question else {
            return;
        };
        let mut echo = String::new();
        let outcome = prompt.take(keys, &mut echo);
        let question = *question;
        self.screen.echo(&echo);
        if outcome == Outcome::Open {
            return;
        }
        self.question = None;
        self.screen.end_line();
        match outcome {
            Outcome::Line(line) if !line.trim().is_empty() => match question.request(line.trim()) {
                Ok(request) => self.ask(request),
                Err(error) => self.screen.say(&error),
            },
            _ => self.screen.say("nothing was done"),
        }
        self.catch_up();
    }

    fn act(&mut self, request: Value) {
        if self.options.read_only {
            self.screen.say("nothing is done: this only looks");
        } else {
            self.ask(request);
        }
    }

    fn ask_for(&mut self, question: Question) {
        if self.options.read_only {
            self.screen.say("nothing is done: this only looks");
        } else {
            self.screen.ask(question.text());
            self.question = Some((question, Prompt::default()));
        }
    }

    fn switch(&mut self, name: &str, line: impl FnOnce(Lines) -> bool) {
        let is_on = self.tap.state().and_then(|state| state.lines).map(line);
        // Of a device without such lines the server says so.
        self.act(json!({"type": "lines", name: !is_on.unwrap_or(false)}));
    }

    fn tell(&mut self, what: &str, is_on: bool) {
        let word = if is_on { "on" } else { "off" };
        self.screen.view.restart();
        self.screen.say(&format!("{what} {word}"));
    }

    fn help(&mut self) {
        let escape = self.options.escape;
        self.screen.say(&format!("behind {escape}:"));
        for (key, what) in KEYS {
            self.screen.say(&format!("  {key}  {what}"));
        }
        self.screen
            .say(&format!("  {escape}  is sent as {escape} itself"));
    }

    /// Stops, as Ctrl-Z does elsewhere, until the shell goes on with it.
    fn suspend(&mut self) {
        let Some(raw) = &self.raw else { return };
        raw.pause();
        // SAFETY: raising a signal touches no memory.
        unsafe { libc::raise(libc::SIGTSTP) };
        // Where nobody could go on with it, it was not stopped, and no signal says so.
        self.went_on();
    }

    /// Takes the terminal again, which was the shell's meanwhile.
    pub(super) fn went_on(&mut self) {
        if let Some(Err(error)) = self.raw.as_ref().map(Raw::resume) {
            self.screen.say(&error.to_string());
        }
    }
}
