//! JSON: a line that is an object gives its numbers, by the path to each.

use super::catch::Catch;
use super::number;

/// So deep numbers are looked for.
const LEVELS: usize = 4;
/// So deep anything may be at all.
const DEPTH: usize = 32;
/// How a device begins the description of its own panel, whose numbers are nothing that it has measured.
const PANEL: &str = "{\"seriald\":1,";

/// Finds values in objects.
#[derive(Debug, Default)]
pub struct Json {
    /// The way to what is being read, with dots.
    path: String,
    word: String,
}

impl Json {
    /// Finds the values of a line; true if it is an object.
    pub fn find(&mut self, line: &str, catch: &mut Catch) -> bool {
        let line = line.trim();
        if !line.starts_with('{') {
            return false;
        }
        if line.starts_with(PANEL) {
            return true;
        }
        self.path.clear();
        let mark = catch.mark();
        let mut walk = Walk {
            text: line,
            at: 0,
            path: &mut self.path,
            word: &mut self.word,
            catch,
        };
        if walk.value(0).is_some() && walk.at == line.len() {
            return true;
        }
        catch.back(mark);
        false
    }
}

/// A way through one text. Nothing comes of what is no JSON.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    path: &'a mut String,
    word: &'a mut String,
    catch: &'a mut Catch,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        self.space();
        match self.peek()? {
            b'{' if depth < DEPTH => self.all(depth, b'}'),
            b'[' if depth < DEPTH => self.all(depth, b']'),
            b'"' => self.string(),
            _ => {
                let (value, length) = scalar(&self.text.as_bytes()[self.at..])?;
                self.at += length;
                if depth <= LEVELS {
                    self.catch.add(&[self.path], "", value);
                }
                Some(())
            }
        }
    }

    /// What stands between two brackets.
    fn all(&mut self, depth: usize, end: u8) -> Option<()> {
        self.at += 1;
        if self.eat(end).is_some() {
            return Some(());
        }
        for number in 0.. {
            let start = self.path.len();
            if depth > 0 {
                self.path.push('.');
            }
            if end == b'}' {
                self.space();
                self.string()?;
                self.path.push_str(self.word);
                self.eat(b':')?;
            } else {
                self.path.push_str(&number.to_string());
            }
            self.value(depth + 1)?;
            self.path.truncate(start);
            if self.eat(end).is_some() {
                break;
            }
            self.eat(b',')?;
        }
        Some(())
    }

    /// Reads a string into `word`.
    fn string(&mut self) -> Option<()> {
        self.eat(b'"')?;
        self.word.clear();
        loop {
            let rest = &self.text[self.at..];
            let length = rest.find(['"', '\\'])?;
            self.word.push_str(&rest[..length]);
            self.at += length + 1;
            if rest.as_bytes()[length] == b'"' {
                return Some(());
            }
            self.escape()?;
        }
    }

    fn escape(&mut self) -> Option<()> {
        let letter = self.peek()?;
        self.at += 1;
        let letter = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            // They would be left out of a name.
            b'b' | b'f' | b'n' | b'r' | b't' => return Some(()),
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                let code = u32::from_str_radix(digits, 16).ok()?;
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        };
        self.word.push(letter);
        Some(())
    }
}

/// A number, a word that stands for one, or `null`, which is *no value*.
fn scalar(text: &[u8]) -> Option<(f64, usize)> {
    let end = text
        .iter()
        .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t'));
    let text = &text[..end?];
    let (value, length) = match text {
        b"true" => (1.0, 4),
        b"false" => (0.0, 5),
        b"null" => (f64::NAN, 4),
        // Python's, and infinities are none either.
        b"Infinity" | b"-Infinity" => (f64::NAN, text.len()),
        text => number::value(text, false)?,
    };
    (length == text.len()).then_some((value, length))
}
