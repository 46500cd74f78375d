//! The screen: what a person sees of a port, and what seriald says between.

use std::io::{Write, stderr};

use seriald::record::Time;
use seriald::terminal::modes::Modes;
use seriald::terminal::queries::is_query;
use seriald::terminal::sequences::{Piece, Sequences};

use super::terminal::Ends;
use super::view::View;

/// What is shown, and not written yet.
pub struct Screen {
    /// How what comes in is shown.
    pub view: View,
    ends: Ends,
    sequences: Sequences,
    modes: Modes,
    pending: Vec<u8>,
    /// Something stands in this line.
    in_line: bool,
}

impl Screen {
    /// An empty one.
    pub fn new(ends: Ends, view: View) -> Self {
        Self {
            view,
            ends,
            sequences: Sequences::default(),
            modes: Modes::default(),
            pending: Vec::new(),
            in_line: false,
        }
    }

    /// What waits to be written to stdout.
    pub fn pending(&self) -> &[u8] {
        &self.pending
    }

    /// So much was written.
    pub fn written(&mut self, bytes: usize) {
        self.pending.drain(..bytes);
    }

    /// Shows what came in. A terminal would answer queries by typing; unless it `answers`, they are
    /// kept from it. Gives how many it got.
    pub fn show(&mut self, time: Time, bytes: &[u8], answers: bool) -> usize {
        let (view, modes, pending) = (&mut self.view, &mut self.modes, &mut self.pending);
        let mut queries = 0;
        if !self.ends.shown || view.hex {
            view.show(time, bytes, pending);
        } else {
            self.sequences.take(bytes, |piece| match piece {
                Piece::Plain(bytes) => view.show(time, bytes, pending),
                Piece::Sequence(bytes) => {
                    let asks = is_query(bytes);
                    queries += usize::from(asks && answers);
                    if !asks || answers {
                        modes.take(bytes);
                        view.show(time, bytes, pending);
                    }
                }
            });
        }
        if let Some(last) = pending.last() {
            self.in_line = !matches!(last, b'\n' | b'\r');
        }
        queries
    }

    /// Says something, in a line of its own. Control characters are escaped: others may have
    /// chosen the words.
    pub fn say(&mut self, text: &str) {
        let mut line = format!("seriald: {}", visible(text));
        line.push_str(self.newline());
        self.put_talk(&line);
    }

    /// Asks for a line; what is typed follows.
    pub fn ask(&mut self, question: &str) {
        self.put_talk(&format!("seriald: {question}: "));
        self.in_line = true;
    }

    /// Echoes what is typed behind a question.
    pub fn echo(&mut self, text: &str) {
        if self.is_one() {
            self.pending.extend_from_slice(text.as_bytes());
        } else {
            tell(text);
        }
    }

    /// Ends the line that was asked for.
    pub fn end_line(&mut self) {
        self.echo(self.newline());
        self.in_line = false;
    }

    /// Switches back what the device has switched, and goes to a new line.
    pub fn leave(&mut self) {
        let pending = &mut self.pending;
        self.sequences.finish(|piece| {
            let (Piece::Plain(bytes) | Piece::Sequence(bytes)) = piece;
            pending.extend_from_slice(bytes);
        });
        if self.ends.shown {
            self.pending.extend_from_slice(self.modes.undo().as_bytes());
        }
        if self.is_one() && std::mem::take(&mut self.in_line) {
            self.pending.extend_from_slice(self.newline().as_bytes());
        }
    }

    /// Whether talk and the port are seen on the same terminal.
    fn is_one(&self) -> bool {
        self.ends.shown && self.ends.talk
    }

    fn newline(&self) -> &'static str {
        if self.ends.typed { "\r\n" } else { "\n" }
    }

    fn put_talk(&mut self, line: &str) {
        if !self.is_one() {
            return tell(line);
        }
        // In order with what the port said.
        if std::mem::take(&mut self.in_line) {
            self.pending.extend_from_slice(self.newline().as_bytes());
        }
        self.view.restart();
        self.pending.extend_from_slice(line.as_bytes());
    }
}

/// Says something beside what the port says, in a line of its own. As on the screen, control characters are
/// escaped.
pub fn say(text: &str) {
    tell(&format!("seriald: {}\n", visible(text)));
}

fn tell(text: &str) {
    // Who cannot be told does not need to know.
    let _: std::io::Result<()> = stderr().write_all(text.as_bytes());
}

/// A text whose control characters do nothing.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|letter| {
            let (escaped, itself) = if letter.is_control() {
                (Some(letter.escape_default()), None)
            } else {
                (None, Some(letter))
            };
            escaped.into_iter().flatten().chain(itself)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Ends = Ends {
        typed: true,
        shown: true,
        talk: true,
    };

    fn screen(ends: Ends) -> Screen {
        Screen::new(ends, View::new(ends.typed))
    }

    #[test]
    fn a_query_reaches_the_terminal_only_where_it_is_to_answer() {
        for (ends, answers, shown) in [
            (TERMINAL, true, &b"a\x1b[6nb"[..]),
            (TERMINAL, false, b"ab"),
            (
                Ends {
                    shown: false,
                    ..TERMINAL
                },
                false,
                b"a\x1b[6nb",
            ),
        ] {
            let mut screen = screen(ends);
            let queries = screen.show(Time(0), b"a\x1b[6nb", answers);
            assert_eq!(screen.pending(), shown);
            assert_eq!(queries, usize::from(answers));
        }
    }

    #[test]
    fn what_is_said_stands_in_a_line_of_its_own_and_does_nothing_else() {
        let mut screen = screen(TERMINAL);
        screen.show(Time(0), b"login: ", false);
        screen.say("lost: \x1b[2J\u{9b}x");
        let line = "login: \r\nseriald: lost: \\u{1b}[2J\\u{9b}x\r\n";
        assert_eq!(std::str::from_utf8(screen.pending()), Ok(line));
        screen.written(line.len());
        screen.say("again");
        assert_eq!(screen.pending(), b"seriald: again\r\n");
    }

    #[test]
    fn what_the_device_switched_is_switched_back_at_the_end() {
        let mut screen = screen(TERMINAL);
        screen.show(Time(0), b"\x1b[?1049hx\x1b[", false);
        screen.leave();
        assert_eq!(screen.pending(), b"\x1b[?1049hx\x1b[\x1b[?1049l\r\n");
    }
}
