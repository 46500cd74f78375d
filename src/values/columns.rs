//! Columns: lines of numbers alone, and lines of names above them.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::catch::{Catch, MOST};
use super::labels::bracketed;
use super::spec::{self, NotAParser};
use super::{number, unit};

/// What parts columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Separator {
    /// A comma, with or without spaces around it.
    #[serde(rename = ",")]
    Comma,
    /// A semicolon, which lets a comma be the decimal point.
    #[serde(rename = ";")]
    Semicolon,
    /// A tab.
    #[serde(rename = "\t")]
    Tab,
    /// One space or more.
    #[serde(rename = " ")]
    Space,
}

impl Separator {
    /// What parts the columns of a line.
    fn of(line: &str) -> Self {
        let has = |byte| memchr::memchr(byte, line.as_bytes()).is_some();
        match () {
            () if has(b';') => Self::Semicolon,
            () if has(b'\t') => Self::Tab,
            () if has(b',') => Self::Comma,
            () => Self::Space,
        }
    }

    fn letter(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Space => b' ',
        }
    }

    /// The columns of a line. One behind the last separator is none.
    fn cells(self, line: &str) -> impl Iterator<Item = &str> {
        let mut rest = Some(line).filter(|line| !line.is_empty());
        std::iter::from_fn(move || {
            let text = rest?;
            let end = memchr::memchr(self.letter(), text.as_bytes());
            let cell = &text[..end.unwrap_or(text.len())];
            let behind = end.map(|end| match self {
                Self::Space => text[end..].trim_start_matches(' '),
                _ => text[end + 1..].trim_start_matches(' '),
            });
            rest = behind.filter(|rest| !rest.is_empty());
            Some(cell.trim_end_matches(' '))
        })
    }
}

/// The name of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    name: String,
    unit: String,
}

impl Name {
    fn new(text: &str) -> Self {
        let (name, unit) = bracketed(text);
        Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
        }
    }

    /// Whether a column could be called so.
    fn may_be(text: &str) -> bool {
        let (name, _) = bracketed(text);
        let is_of_words = |c: char| c.is_alphanumeric() || " _-./%#°".contains(c);
        name.starts_with(char::is_alphabetic)
            && name.chars().all(is_of_words)
            && !name.ends_with('.')
            && name.split(' ').count() <= 3
            && number::value(name.as_bytes(), false).is_none_or(|(_, length)| length != name.len())
    }
}

/// The names of columns, and what parts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Any where nothing is said.
    separator: Option<Separator>,
    names: Vec<Name>,
}

impl Header {
    fn fits(&self, separator: Separator, count: &RangeInclusive<usize>) -> bool {
        count.contains(&self.names.len()) && self.separator.is_none_or(|own| own == separator)
    }
}

/// Finds values in columns.
#[derive(Debug)]
pub struct Columns {
    separator: Option<Separator>,
    /// The names that are in use.
    header: Option<Header>,
    /// Whether they were given, and no line changes them.
    is_given: bool,
    /// Whether a line of numbers came under them.
    is_used: bool,
    /// Names that may come into use, and whether nothing came since.
    heard: Option<(Header, bool)>,
    /// `value 1` and so on.
    plain: Vec<String>,
}

impl Columns {
    /// Columns that are parted and called as the lines say.
    pub fn new() -> Self {
        Self {
            separator: None,
            header: None,
            is_given: false,
            is_used: false,
            heard: None,
            plain: (1..=MOST).map(|number| format!("value {number}")).collect(),
        }
    }

    /// Columns that are parted and called as told.
    pub fn of(spec: &spec::Columns) -> Result<Self, NotAParser> {
        let separator = spec.separator;
        let names = spec.names.as_ref();
        if let Some(names) = names {
            if !(1..=MOST).contains(&names.len()) {
                let message = format!("there are 1 to {MOST} columns, not {}", names.len());
                return Err(NotAParser::new("names", message));
            }
            if let Some(nameless) = names.iter().position(|name| name.trim().is_empty()) {
                let message = "a column has a name";
                return Err(NotAParser::new(format!("names[{nameless}]"), message));
            }
        }
        let header = names.map(|names| Header {
            separator,
            names: names.iter().map(|name| Name::new(name)).collect(),
        });
        Ok(Self {
            separator,
            is_given: header.is_some(),
            is_used: header.is_some(),
            header,
            ..Self::new()
        })
    }

    /// Whether lines name the columns.
    pub fn is_named_by_lines(&self) -> bool {
        !self.is_given
    }

    /// The names that are in use.
    pub fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Takes names that were in use before, unless others were given.
    pub fn know(&mut self, header: &Header) {
        if !self.is_given {
            self.header = Some(header.clone());
            self.is_used = true;
        }
    }

    /// Finds the values of a line; true if it holds columns or their names.
    pub fn find(&mut self, line: &str, catch: &mut Catch) -> bool {
        let line = line.trim_matches(' ');
        let separator = self.separator.unwrap_or_else(|| Separator::of(line));
        // A line that begins otherwise is a sentence, or something for another parser.
        let may_be = line.bytes().next().is_some_and(|first| {
            first.is_ascii_alphanumeric() || b"+-.,;\t".contains(&first) || !first.is_ascii()
        });
        if !may_be {
            self.pass();
            return false;
        }
        let mark = catch.mark();
        if self.numbers(separator, line, catch) {
            return true;
        }
        catch.back(mark);
        self.pass();
        self.hear(separator, line)
    }

    /// Takes that a line came that is none of ours.
    fn pass(&mut self) {
        if let Some((_, is_fresh)) = &mut self.heard {
            *is_fresh = false;
        }
    }

    /// Takes a line of names.
    fn hear(&mut self, separator: Separator, line: &str) -> bool {
        if self.is_given {
            return false;
        }
        let least = if self.separator.is_some() { 1 } else { 2 };
        let mut count = 0;
        let are_names = separator.cells(line).all(|cell| {
            count += 1;
            count <= MOST && Name::may_be(cell)
        });
        if !are_names || count < least {
            return false;
        }
        let names = separator.cells(line).map(Name::new).collect();
        let separator = Some(separator);
        self.heard = Some((Header { separator, names }, true));
        true
    }

    /// Takes a line of numbers.
    fn numbers(&mut self, separator: Separator, line: &str, catch: &mut Catch) -> bool {
        let count = match (&self.header, &self.heard) {
            (None, None) => 0,
            _ => separator.cells(line).count(),
        };
        // The last column may be empty, or a separator too many.
        let is_open = line.as_bytes().last() == Some(&separator.letter());
        let count = count..=count + usize::from(is_open);
        let heard = self.heard.as_ref().filter(|(heard, is_fresh)| {
            let is_clear = *is_fresh && separator != Separator::Space;
            heard.fits(separator, &count) && (!self.is_used || is_clear)
        });
        let fits = |header: &&Header| header.fits(separator, &count);
        let header = match heard {
            Some((heard, _)) => Some(heard),
            None => self.header.as_ref().filter(fits),
        };
        if self.is_given && header.is_none() {
            return false;
        }
        let mut holds = false;
        for (number, text) in separator.cells(line).enumerate() {
            let (value, told) = match cell(separator, text, header.is_some()) {
                Some(found) => {
                    holds = true;
                    found
                }
                None if text.is_empty() => (f64::NAN, ""),
                None if header.is_some() => continue,
                None => return false,
            };
            match (header, self.plain.get(number)) {
                (Some(header), _) => {
                    let Name { name, unit } = &header.names[number];
                    catch.add(&[name], if unit.is_empty() { told } else { unit }, value);
                }
                (None, Some(name)) => catch.add(&[name], told, value),
                (None, None) => catch.miss(),
            }
        }
        let missing = header.and_then(|header| header.names.get(*count.start()));
        if let Some(Name { name, unit }) = missing {
            catch.add(&[name], unit, f64::NAN);
        }
        if holds && heard.is_some() {
            self.header = self.heard.take().map(|(header, _)| header);
            self.is_used = true;
        }
        holds
    }
}

/// The value that is all of a column, and its unit.
fn cell(separator: Separator, text: &str, is_named: bool) -> Option<(f64, &str)> {
    let bytes = text.as_bytes();
    let (value, length) = number::value(bytes, separator == Separator::Semicolon)?;
    if separator == Separator::Space {
        // Dumps of memory are full of such.
        let is_padded =
            length > 1 && bytes[0] == b'0' && bytes[..length].iter().all(u8::is_ascii_digit);
        return (length == bytes.len() && (is_named || !is_padded)).then_some((value, ""));
    }
    let rest = text[length..].trim_start_matches(' ');
    if rest.is_empty() {
        return Some((value, ""));
    }
    Some((value, unit::unit(rest.as_bytes())?))
}
