//! Modes: what a device has switched in the terminal, so that it can be switched back.

use std::collections::BTreeSet;

/// What a terminal does at the beginning.
const ON_BY_ITSELF: [u16; 2] = [7, 25];
/// What is switched back. Others change how a person has set up the terminal.
const WATCHED: [u16; 19] = [
    1, 6, 7, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026,
];

/// What else is switched back, and by what: what keys send,
const KEYPAD: &str = "\x1b>";
const OTHER_KEYS: &str = "\x1b[>4m";
const KEY_FLAGS: &str = "\x1b[=0u";
/// how characters are put,
const COLOURS: &str = "\x1b[m";
const DRAWING: &str = "\x1b(B";
const INSERTING: &str = "\x1b[4l";
/// the cursor's shape,
const SHAPE: &str = "\x1b[0 q";
/// and which lines scroll. The cursor would go to the first line with that.
const REGION: &str = "\x1b7\x1b[r\x1b8";

/// What is otherwise than at the beginning.
#[derive(Debug, Default)]
pub struct Modes {
    switched: BTreeSet<u16>,
    others: BTreeSet<&'static str>,
    /// How often flags for keys were put upon others.
    pushed: u8,
}

impl Modes {
    /// Takes a sequence that the terminal is shown.
    pub fn take(&mut self, sequence: &[u8]) {
        let Ok(sequence) = std::str::from_utf8(sequence) else {
            return;
        };
        match sequence {
            "\x1b(0" => self.other(DRAWING, true),
            "\x1b(B" => self.other(DRAWING, false),
            "\x1b=" => self.other(KEYPAD, true),
            "\x1b>" => self.other(KEYPAD, false),
            "\x1bc" => *self = Self::default(),
            _ => {}
        }
        let body = sequence.strip_prefix("\x1b[").unwrap_or_default();
        let Some((at, last)) = body.char_indices().next_back() else {
            return;
        };
        self.take_control(&body[..at], last);
    }

    fn take_control(&mut self, body: &str, last: char) {
        let (mark, numbers) = match body.chars().next() {
            Some(mark @ ('<'..='?')) => (mark, &body[1..]),
            _ => (' ', body),
        };
        let is_plain = matches!(numbers, "" | "0");
        match (mark, last) {
            ('?', 'h' | 'l') => {
                let numbers = numbers.split(';');
                for number in numbers.filter_map(|number| number.parse().ok()) {
                    self.switch(number, last == 'h');
                }
            }
            (' ', 'h' | 'l') if numbers == "4" => self.other(INSERTING, last == 'h'),
            (' ', 'm') => self.other(COLOURS, !is_plain),
            (' ', 'r') => self.other(REGION, !is_plain),
            (' ', 'q') => {
                if let Some(shape) = numbers.strip_suffix(' ') {
                    self.other(SHAPE, !matches!(shape, "" | "0"));
                }
            }
            ('>', 'm') => {
                if let Some(level) = numbers.strip_prefix('4') {
                    self.other(OTHER_KEYS, !matches!(level, "" | ";" | ";0"));
                }
            }
            ('>', 'u') => self.pushed = self.pushed.saturating_add(1),
            ('<', 'u') => {
                let popped = numbers.parse().unwrap_or(1);
                self.pushed = self.pushed.saturating_sub(popped);
            }
            ('=', 'u') => self.other(KEY_FLAGS, !is_plain),
            _ => {}
        }
    }

    /// The sequences that switch everything back.
    pub fn undo(&mut self) -> String {
        let Self {
            switched,
            others,
            pushed,
        } = std::mem::take(self);
        let mut undo = String::new();
        // Each screen has flags of its own.
        if pushed > 0 {
            undo.push_str(&format!("\x1b[<{pushed}u"));
        }
        for number in switched {
            let is_on = ON_BY_ITSELF.contains(&number);
            let back = if is_on { 'h' } else { 'l' };
            undo.push_str(&format!("\x1b[?{number}{back}"));
        }
        undo.extend(others);
        undo
    }

    fn switch(&mut self, number: u16, on: bool) {
        if !WATCHED.contains(&number) {
            return;
        }
        if on == ON_BY_ITSELF.contains(&number) {
            self.switched.remove(&number);
        } else {
            self.switched.insert(number);
        }
    }

    /// What else is switched, which this switches back.
    fn other(&mut self, back: &'static str, is_on: bool) {
        if is_on {
            self.others.insert(back);
        } else {
            self.others.remove(back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(sequences: &[&str]) -> String {
        let mut modes = Modes::default();
        for sequence in sequences {
            modes.take(sequence.as_bytes());
        }
        modes.undo()
    }

    #[test]
    fn what_was_switched_and_nothing_else_is_switched_back() {
        for (sequences, undo) in [
            (&[][..], ""),
            (&["\x1b[?1049h", "\x1b[?25l"], "\x1b[?25h\x1b[?1049l"),
            (&["\x1b[?1049h", "\x1b[?1049l"], ""),
            (&["\x1b[?1000;1006h"], "\x1b[?1000l\x1b[?1006l"),
            (&["\x1b[?2004h", "\x1bc"], ""),
            (&["\x1b[1;31m"], "\x1b[m"),
            (&["\x1b[1;31m", "\x1b[0m"], ""),
            (&["\x1b[?12345h", "\x1b[?h", "\x1b[?9;x;99999999h"], ""),
            (&["\x1b(0"], "\x1b(B"),
            (&["\x1b[?1h", "\x1b="], "\x1b[?1l\x1b>"),
            (&["\x1b=", "\x1b>"], ""),
            (&["\x1b[1;23r"], "\x1b7\x1b[r\x1b8"),
            (&["\x1b[1;23r", "\x1b[r"], ""),
            (&["\x1b[?1049r", "\x1b[q", "\x1b[20h"], ""),
            (&["\x1b[5 q", "\x1b[4h"], "\x1b[0 q\x1b[4l"),
            (&["\x1b[5 q", "\x1b[0 q"], ""),
            (&["\x1b[>4;2m"], "\x1b[>4m"),
            (&["\x1b[>4;2m", "\x1b[>4;0m", "\x1b[>1m"], ""),
            (&["\x1b[>1u", "\x1b[>5u", "\x1b[<u"], "\x1b[<1u"),
            (&["\x1b[>1u", "\x1b[<9u", "\x1b[=5u"], "\x1b[=0u"),
        ] {
            assert_eq!(after(sequences), undo, "{sequences:?}");
        }
    }
}
