//! Shell: a prompt, a line editor, and a few commands.

use std::time::Duration;

use super::boot;
use super::calendar;
use super::clock::Clock;
use super::colors;
use super::complete::{Completion, complete};
use super::editor::{Edit, LineEditor};
use super::files::{self, Entry};
use super::keys::Key;
use super::program::{Program, Status};
use super::terminal_size::TerminalSize;
use super::top::Top;

const PROMPT: &str = "\x1b[1;32mroot@demo\x1b[0m:\x1b[1;34m~\x1b[0m# ";
/// Reverse wrap-around, which the line editor counts on.
const PREPARE_TERMINAL: &str = "\x1b[?45h";

const COMMANDS: &[(&str, &str)] = &[
    ("cat", "FILE...: shows files"),
    ("clear", "an empty screen"),
    ("colors", "every colour that the terminal can show"),
    ("date", "the date and time"),
    ("dmesg", "what the kernel has said"),
    ("echo", "WORD...: says it again"),
    ("help", "this list"),
    ("logout", "back to the login prompt, like exit and Ctrl-D"),
    ("ls", "[DIR]: the files there are"),
    ("reboot", "starts the machine again"),
    ("size", "asks the terminal for its size"),
    ("top", "the busiest processes, live; q ends it"),
    ("uptime", "how long the machine is up"),
];

/// How a shell is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    Logout,
    Reboot,
}

/// A shell with the program that it runs.
pub struct Shell {
    editor: LineEditor,
    program: Option<Box<dyn Program + Send>>,
}

impl Shell {
    /// A shell at its prompt.
    pub fn new() -> Self {
        Shell {
            editor: LineEditor::new(),
            program: None,
        }
    }

    /// Says hello and shows the prompt.
    pub fn greet(&self, clock: &Clock, text: &mut String) {
        text.push_str(PREPARE_TERMINAL);
        text.push_str(&files::read("/etc/motd", clock).unwrap_or_default());
        text.push_str(PROMPT);
    }

    /// Takes a key.
    pub fn press(&mut self, clock: &Clock, key: Key, text: &mut String) -> Option<Leave> {
        let Some(program) = &mut self.program else {
            return self.edit(clock, key, text);
        };
        match program.press(clock, key, text) {
            Status::Running => None,
            Status::Ended => self.end_program(clock, text),
        }
    }

    /// Lets the program do what is due.
    pub fn tick(&mut self, clock: &Clock, text: &mut String) -> Option<Leave> {
        match self.program.as_mut()?.tick(clock, text) {
            Status::Running => None,
            Status::Ended => self.end_program(clock, text),
        }
    }

    /// The uptime at which `tick` is wanted.
    pub fn due(&self) -> Option<Duration> {
        self.program.as_ref().map(|program| program.due())
    }

    fn end_program(&mut self, clock: &Clock, text: &mut String) -> Option<Leave> {
        text.push_str(PROMPT);
        let ahead = self.program.take().map(|mut program| program.typed_ahead());
        ahead
            .into_iter()
            .flatten()
            .find_map(|key| self.press(clock, key, text))
    }

    fn edit(&mut self, clock: &Clock, key: Key, text: &mut String) -> Option<Leave> {
        match self.editor.press(key, text)? {
            Edit::Line(line) => {
                if let Some(left) = self.run(clock, &line, text) {
                    return Some(left);
                }
                if self.program.is_none() {
                    text.push_str(PROMPT);
                }
            }
            Edit::Interrupt => text.push_str(PROMPT),
            Edit::End => {
                text.push_str("logout\n");
                return Some(Leave::Logout);
            }
            Edit::Clear => self.show_line("\x1b[H\x1b[2J", text),
            Edit::Complete => self.complete(text),
        }
        None
    }

    fn show_line(&self, before: &str, text: &mut String) {
        text.push_str(before);
        text.push_str(PROMPT);
        self.editor.show(text);
    }

    fn complete(&mut self, text: &mut String) {
        let commands = COMMANDS.iter().map(|(name, _)| *name);
        match complete(&self.editor.before_cursor(), commands) {
            Completion::Nothing => text.push('\x07'),
            Completion::Text(sure) => self.editor.insert(&sure, text),
            Completion::Choices(choices) => {
                self.show_line(&format!("\n{}\n", choices.join(" ")), text)
            }
        }
    }

    fn run(&mut self, clock: &Clock, line: &str, text: &mut String) -> Option<Leave> {
        let (command, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let mut words = rest.split_whitespace();
        match command {
            "" => {}
            "cat" => cat(words, clock, text),
            "clear" => text.push_str("\x1b[H\x1b[2J\x1b[3J"),
            "colors" => text.push_str(&colors::table()),
            "date" => text.push_str(&format!("{}\n", calendar::date(clock.wall()))),
            "dmesg" => text.push_str(&boot::kernel_log()),
            "echo" => text.push_str(&format!("{}\n", rest.trim_matches(['"', '\'']))),
            "help" => help(text),
            "logout" | "exit" => return Some(Leave::Logout),
            "ls" => ls(words.next().unwrap_or("."), text),
            "reboot" => return Some(Leave::Reboot),
            "size" => self.program = Some(Box::new(TerminalSize::new(clock, text))),
            "top" => self.program = Some(Box::new(Top::new(clock, text))),
            "uptime" => text.push_str(&format!("{}\n", files::uptime(clock))),
            _ => text.push_str(&format!("sh: {command}: command not found\n")),
        }
        None
    }
}

fn help(text: &mut String) {
    for (name, what) in COMMANDS {
        text.push_str(&format!("  \x1b[1m{name:<8}\x1b[0m {what}\n"));
    }
}

fn cat<'a>(paths: impl Iterator<Item = &'a str>, clock: &Clock, text: &mut String) {
    let mut paths = paths.peekable();
    if paths.peek().is_none() {
        text.push_str("cat: which file? try ls\n");
    }
    for path in paths {
        match files::read(path, clock) {
            Some(content) => text.push_str(&content),
            None if files::list(path).is_some() => {
                text.push_str(&format!("cat: {path}: Is a directory\n"));
            }
            None => text.push_str(&format!("cat: {path}: No such file or directory\n")),
        }
    }
}

fn ls(path: &str, text: &mut String) {
    let Some(entries) = files::list(path) else {
        return text.push_str(&format!("ls: {path}: No such directory\n"));
    };
    let names: Vec<String> = entries.into_iter().map(coloured).collect();
    text.push_str(&format!("{}\n", names.join("  ")));
}

fn coloured(
    Entry {
        name,
        is_dir,
        is_program,
    }: Entry,
) -> String {
    match (is_dir, is_program) {
        (true, _) => format!("\x1b[1;34m{name}\x1b[0m"),
        (_, true) => format!("\x1b[1;32m{name}\x1b[0m"),
        _ => name.to_owned(),
    }
}
