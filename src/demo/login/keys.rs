//! Keys: what a terminal sends, told apart: keys that a person presses and answers to questions.

/// A key, or an answer of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    /// Ctrl and a letter, in lower case.
    Ctrl(char),
    Enter,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    WordLeft,
    WordRight,
    WordBackspace,
    /// The answer to `ESC [ 6 n`: where the cursor is, counted from 1.
    CursorAt {
        row: u16,
        column: u16,
    },
}

/// The parameters of every key are shorter; what exceeds this is not kept.
const LONGEST_SEQUENCE: usize = 32;

#[derive(Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// Behind `ESC [`, with the parameters so far.
    Control(String),
    /// Behind `ESC O`.
    Shift3,
    /// In a string such as the answer to a question about colours, up to BEL or ESC \.
    Text,
}

/// Takes bytes and gives keys. Sequences that mean nothing here are swallowed whole.
#[derive(Default)]
pub struct Keys {
    state: State,
    /// The beginning of a character of several bytes.
    partial: Vec<u8>,
    after_cr: bool,
}

impl Keys {
    /// Takes a byte; gives the key that it completes.
    pub fn push(&mut self, byte: u8) -> Option<Key> {
        let second_half = byte == b'\n' && self.after_cr;
        self.after_cr = byte == b'\r';
        if second_half {
            return None;
        }
        match (std::mem::take(&mut self.state), byte) {
            (_, 0x1b) => {
                self.partial.clear();
                self.state = State::Escape;
                None
            }
            (State::Text, 0x07) => None,
            (State::Text, 0x20..) => {
                self.state = State::Text;
                None
            }
            (State::Escape, b'[') => {
                self.state = State::Control(String::new());
                None
            }
            (State::Escape, b'O') => {
                self.state = State::Shift3;
                None
            }
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => {
                self.state = State::Text;
                None
            }
            (State::Escape, 0x20..) => with_alt(byte),
            (State::Control(mut parameters), 0x20..=0x3f) => {
                if parameters.len() < LONGEST_SEQUENCE {
                    parameters.push(char::from(byte));
                }
                self.state = State::Control(parameters);
                None
            }
            (State::Control(parameters), 0x40..) => control_sequence(&parameters, byte),
            (State::Shift3, 0x20..) => control_sequence("", byte),
            // A control character ends any sequence: a person who got into one gets out again.
            (State::Ground, _) | (_, ..0x20) => self.plain(byte),
        }
    }

    fn plain(&mut self, byte: u8) -> Option<Key> {
        if byte >= 0x80 {
            return self.character(byte);
        }
        self.partial.clear();
        Some(match byte {
            b'\r' | b'\n' => Key::Enter,
            b'\t' => Key::Tab,
            0x08 | 0x7f => Key::Backspace,
            0x01..=0x1a => Key::Ctrl(char::from(byte - 1 + b'a')),
            0x20..0x7f => Key::Char(char::from(byte)),
            _ => return None,
        })
    }

    fn character(&mut self, byte: u8) -> Option<Key> {
        self.partial.push(byte);
        match std::str::from_utf8(&self.partial) {
            Ok(text) => {
                let key = text
                    .chars()
                    .next()
                    .filter(|c| !c.is_control())
                    .map(Key::Char);
                self.partial.clear();
                key
            }
            // Not yet complete.
            Err(error) if error.error_len().is_none() => None,
            Err(_) => {
                self.partial.clear();
                Some(Key::Char(char::REPLACEMENT_CHARACTER))
            }
        }
    }
}

fn with_alt(byte: u8) -> Option<Key> {
    match byte {
        b'b' => Some(Key::WordLeft),
        b'f' => Some(Key::WordRight),
        0x7f => Some(Key::WordBackspace),
        _ => None,
    }
}

fn control_sequence(parameters: &str, last: u8) -> Option<Key> {
    let (first, second) = parameters.split_once(';').unwrap_or((parameters, ""));
    let with_word = matches!(second, "3" | "5");
    Some(match (last, first) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) if with_word => Key::WordRight,
        (b'D', _) if with_word => Key::WordLeft,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', "1" | "7") => Key::Home,
        (b'F', _) | (b'~', "4" | "8") => Key::End,
        (b'~', "3") => Key::Delete,
        (b'R', _) => Key::CursorAt {
            row: first.parse().ok()?,
            column: second.parse().ok()?,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(input: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        input.iter().filter_map(|&byte| keys.push(byte)).collect()
    }

    #[test]
    fn each_sequence_is_the_key_it_stands_for() {
        for (input, key) in [
            ("\x1b[A", Key::Up),
            ("\x1bOA", Key::Up),
            ("\x1b[1;5D", Key::WordLeft),
            ("\x1b[1;2D", Key::Left),
            ("\x1bf", Key::WordRight),
            ("\x1b[H", Key::Home),
            ("\x1b[4~", Key::End),
            ("\x1b[3~", Key::Delete),
            ("\x7f", Key::Backspace),
            ("\x17", Key::Ctrl('w')),
            ("é", Key::Char('é')),
            ("\u{1f980}", Key::Char('\u{1f980}')),
            (
                "\x1b[24;80R",
                Key::CursorAt {
                    row: 24,
                    column: 80,
                },
            ),
        ] {
            assert_eq!(keys(input.as_bytes()), [key], "{input:?}");
        }
    }

    #[test]
    fn cr_and_lf_and_both_are_one_enter() {
        assert_eq!(keys(b"\r"), [Key::Enter]);
        assert_eq!(keys(b"\n"), [Key::Enter]);
        assert_eq!(keys(b"\r\n"), [Key::Enter]);
        assert_eq!(keys(b"\r\r\n\n"), [Key::Enter; 3]);
    }

    #[test]
    fn answers_and_unknown_sequences_leave_no_characters() {
        for input in [
            "\x1b[?1;2c",
            "\x1b[>0;276;0c",
            "\x1b[0n",
            "\x1b]11;rgb:0000/0000/0000\x07",
            "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
            "\x1bP1$r0m\x1b\\",
            "\x1b[200~",
            "\x1b[I",
            "\x1bOP",
            "\x1b[999999999;1R",
            "\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1R",
        ] {
            assert_eq!(
                keys(format!("{input}x").as_bytes()),
                [Key::Char('x')],
                "{input:?}"
            );
        }
    }

    #[test]
    fn ctrl_c_gets_out_of_a_sequence_without_an_end() {
        for input in ["\x1b]\x03", "\x1b[12\x03", "\x1b\x03", "\x1bO\x03"] {
            assert_eq!(keys(input.as_bytes()), [Key::Ctrl('c')], "{input:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_shown_as_such() {
        assert_eq!(keys(b"\xffa"), [Key::Char('\u{fffd}'), Key::Char('a')]);
        assert_eq!(keys(b"\xe2\x82a"), [Key::Char('a')]);
    }
}
