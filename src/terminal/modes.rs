//! Modes: what a device has switched in the terminal, so that it can be switched back.

use std::collections::BTreeSet;

/// What a terminal does at the beginning.
const ON_BY_ITSELF: [u16; 2] = [7, 25];
/// What is switched back. Others change how a person has set up the terminal.
const WATCHED: [u16; 17] = [
    1, 7, 25, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026,
];

/// What is otherwise than at the beginning.
#[derive(Debug, Default)]
pub struct Modes {
    switched: BTreeSet<u16>,
    coloured: bool,
    drawing: bool,
}

impl Modes {
    /// Takes a sequence that the terminal is shown.
    pub fn take(&mut self, sequence: &[u8]) {
        let Ok(sequence) = std::str::from_utf8(sequence) else {
            return;
        };
        match sequence {
            "\x1b(0" => self.drawing = true,
            "\x1b(B" => self.drawing = false,
            "\x1b=" => self.switch(66, true),
            "\x1b>" => self.switch(66, false),
            "\x1bc" => *self = Self::default(),
            _ => {}
        }
        let Some(body) = sequence.strip_prefix("\x1b[") else {
            return;
        };
        if let Some(colours) = body.strip_suffix('m') {
            self.coloured = !matches!(colours, "" | "0");
        }
        let on = body.ends_with('h');
        let Some(numbers) = body.strip_prefix('?').filter(|_| on || body.ends_with('l')) else {
            return;
        };
        let numbers = numbers[..numbers.len() - 1].split(';');
        for number in numbers.filter_map(|number| number.parse().ok()) {
            self.switch(number, on);
        }
    }

    /// The sequences that switch everything back.
    pub fn undo(&mut self) -> String {
        let switched = std::mem::take(&mut self.switched);
        let mut undo: String = switched
            .iter()
            .map(|number| {
                let back = if ON_BY_ITSELF.contains(number) {
                    'h'
                } else {
                    'l'
                };
                format!("\x1b[?{number}{back}")
            })
            .collect();
        if std::mem::take(&mut self.coloured) {
            undo.push_str("\x1b[m");
        }
        if std::mem::take(&mut self.drawing) {
            undo.push_str("\x1b(B");
        }
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
        ] {
            assert_eq!(after(sequences), undo, "{sequences:?}");
        }
    }
}
