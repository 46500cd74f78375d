//! A prompt: a line that is asked for while the port has the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// More is not taken.
const MOST: usize = 1000;
/// Rubs one column out.
const RUB_OUT: &str = "\x08 \x08";

/// What a key did to the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It goes on.
    Open,
    /// It was ended with Enter.
    Line(String),
    /// It was given up.
    Dropped,
}

/// A line that is being typed.
#[derive(Debug, Default)]
pub struct Prompt {
    line: String,
    /// A character of which some bytes have come.
    begun: Vec<u8>,
}

impl Prompt {
    /// Takes what was typed, and echoes it. What follows the end of the line is dropped.
    pub fn take(&mut self, bytes: &[u8], echo: &mut String) -> Outcome {
        for &byte in bytes {
            match byte {
                b'\r' | b'\n' => return Outcome::Line(std::mem::take(&mut self.line)),
                // Escape, Ctrl-C, Ctrl-D, Ctrl-G.
                0x1b | 0x03 | 0x04 | 0x07 => return Outcome::Dropped,
                0x08 | 0x7f => {
                    if let Some(letter) = self.line.pop() {
                        echo.push_str(&RUB_OUT.repeat(letter.width().unwrap_or(0)));
                    }
                }
                // Ctrl-U.
                0x15 => {
                    echo.push_str(&RUB_OUT.repeat(self.line.width()));
                    self.line.clear();
                }
                _ => self.put(byte, echo),
            }
        }
        Outcome::Open
    }

    fn put(&mut self, byte: u8, echo: &mut String) {
        self.begun.push(byte);
        match std::str::from_utf8(&self.begun) {
            Ok(text) => {
                if self.line.len() < MOST && !text.contains(char::is_control) {
                    self.line.push_str(text);
                    echo.push_str(text);
                }
                self.begun.clear();
            }
            Err(error) if error.error_len().is_some() => self.begun.clear(),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_and_ended() {
        let (mut prompt, mut echo) = (Prompt::default(), String::new());
        assert_eq!(prompt.take(b"96001\x7f,8\xc3", &mut echo), Outcome::Open);
        assert_eq!(
            prompt.take(b"\xa4\x08N1\r", &mut echo),
            Outcome::Line("9600,8N1".into())
        );
        assert_eq!(echo, "96001\x08 \x08,8ä\x08 \x08N1");
        assert_eq!(
            prompt.take(b"abc\x15x\r", &mut echo),
            Outcome::Line("x".into())
        );
        assert_eq!(prompt.take(b"abc\x03", &mut echo), Outcome::Dropped);
    }

    #[test]
    fn a_wide_character_is_rubbed_out_as_a_whole() {
        for (keys, columns) in [("\u{6e2c}\x7f", 2), ("\u{6e2c}\u{8a66}a\x15", 5)] {
            let (mut prompt, mut echo) = (Prompt::default(), String::new());
            prompt.take(keys.as_bytes(), &mut echo);
            assert_eq!(echo.matches(RUB_OUT).count(), columns, "{keys:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_not_taken_and_the_line_ends_somewhere() {
        let (mut prompt, mut echo) = (Prompt::default(), String::new());
        assert_eq!(prompt.take(b"a\x01\xff\x00b", &mut echo), Outcome::Open);
        assert_eq!(echo, "ab");
        prompt.take(&[b'x'; 2 * MOST], &mut echo);
        assert_eq!(echo.len(), MOST);
    }
}
