//! Labels: names in front of `:` or `=` and values behind them, anywhere in a line.

use memchr::{memchr, memchr2};

use super::catch::Catch;
use super::{number, unit};

/// Of a label of more words only the last counts.
const WORDS: usize = 3;
/// A label with one of these endings, right before a number, is a place in a program.
const SOURCES: [&str; 12] = [
    ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".ino", ".rs", ".py", ".js", ".go", ".java",
];
/// How loggers tell how bad it is.
const LEVELS: [&[u8]; 4] = [b"<inf>", b"<wrn>", b"<err>", b"<dbg>"];
const LEVEL: usize = 5;
/// Digits from which on a whole number that begins with 0 is an address.
const ADDRESS: usize = 8;

/// Finds the values of a line; true if there are some.
pub fn find(line: &str, catch: &mut Catch) -> bool {
    let bytes = line.as_bytes();
    let mark = catch.mark();
    // Behind what was read already.
    let mut floor = prefix(line);
    let mut at = floor;
    while let Some(found) = memchr2(b':', b'=', &bytes[at..]) {
        let sign = at + found;
        at = sign + 1;
        let Some(value) = Value::read(line, at) else {
            continue;
        };
        let Some((name, told)) = label(line, floor, sign, &value) else {
            continue;
        };
        let unit = if value.unit.is_empty() {
            told
        } else {
            value.unit
        };
        catch.add(&[name], unit, value.value);
        at = value.end;
        floor = at;
    }
    catch.grew(mark)
}

/// Where the line begins behind what a logger puts in front: `I (1234) tag: `, `<inf> tag: `. Of
/// commands and replies of modems and receivers nothing is left.
fn prefix(line: &str) -> usize {
    let bytes = line.as_bytes();
    let is_modem = match bytes {
        [b'$' | b'!', ..] | [b'A', b'T', b'+' | b'&' | b'#' | b'%' | b'$', ..] => true,
        [b'+', letter, ..] => letter.is_ascii_uppercase(),
        _ => false,
    };
    if is_modem {
        return line.len();
    }
    let tag = if let [b'E' | b'W' | b'I' | b'D' | b'V', b' ', b'(', ..] = bytes {
        memchr(b')', bytes).map(|end| end + 1)
    } else {
        let level = memchr(b'<', bytes).and_then(|at| bytes.get(at..at + LEVEL));
        let is_level = level.is_some_and(|level| LEVELS.contains(&level));
        memchr(b'>', bytes).filter(|_| is_level).map(|end| end + 1)
    };
    let Some(tag) = tag else { return 0 };
    match line[tag..].find(": ") {
        Some(end) if !line[tag..tag + end].trim().contains(' ') => tag + end + 1,
        _ => 0,
    }
}

/// A value behind a sign.
struct Value<'a> {
    value: f64,
    unit: &'a str,
    /// Where it begins,
    start: usize,
    /// and ends, with its unit.
    end: usize,
}

impl<'a> Value<'a> {
    fn read(line: &'a str, at: usize) -> Option<Self> {
        let bytes = line.as_bytes();
        let start = at + spaces(&bytes[at..]);
        let text = &bytes[start..];
        let Some((value, length)) = number::value(text, false) else {
            let (value, length) = number::switch(text)?;
            let end = start + length;
            return is_alone(&bytes[end..]).then_some(Self {
                value,
                unit: "",
                start,
                end,
            });
        };
        let is_address =
            length >= ADDRESS && text[0] == b'0' && text[..length].iter().all(u8::is_ascii_digit);
        if is_address {
            return None;
        }
        let end = start + length;
        let (unit, length) = unit::behind(&bytes[end..])?;
        let (unit, end) = match length {
            0 => spaced(line, end).unwrap_or(("", end)),
            length => (unit, end + length),
        };
        Some(Self {
            value,
            unit,
            start,
            end,
        })
    }
}

/// A unit behind a space, if it is not the next label.
fn spaced(line: &str, end: usize) -> Option<(&str, usize)> {
    let rest = line.as_bytes()[end..].strip_prefix(b" ")?;
    let (unit, length) = unit::behind(rest)?;
    let next = &rest[length..];
    let is_label = matches!(next.get(spaces(next)), Some(b':' | b'='));
    (length > 0 && !is_label).then_some((unit, end + 1 + length))
}

/// Whether a word that ends here is a value and not the beginning of a sentence.
fn is_alone(rest: &[u8]) -> bool {
    match rest.first() {
        None | Some(b',' | b';' | b'|' | b')' | b']' | b'}' | b'\t') => return true,
        Some(b' ') => {}
        Some(_) => return false,
    }
    let rest = &rest[spaces(rest)..];
    let word = rest.iter().take_while(|byte| is_letter(**byte)).count();
    let behind = &rest[word..];
    match behind.get(spaces(behind)) {
        Some(b':' | b'=') => word > 0,
        Some(b',' | b';' | b'|' | b')' | b']' | b'}') => word == 0,
        Some(_) => false,
        None => word == 0,
    }
}

/// The label that ends at a sign, and the unit that it has in brackets. It reaches back to `floor`
/// at most.
fn label<'a>(
    line: &'a str,
    floor: usize,
    sign: usize,
    value: &Value<'_>,
) -> Option<(&'a str, &'a str)> {
    let (text, unit) = bracketed(line[floor..sign].trim_end_matches(' '));
    let start = start(text.as_bytes());
    let label = text[start..].trim_start_matches(' ');
    let is_glued = label.len() == text.len() - start;
    let before = text[..start].chars().next_back().filter(|_| is_glued);
    let digits = &line.as_bytes()[value.start..];
    let digits = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let is_colon = line.as_bytes()[sign] == b':';
    let is_one_word = !label.contains(' ');
    let is_none = match before {
        Some(char::REPLACEMENT_CHARACTER | '/') => true,
        // The addresses of networks and their devices are full of colons.
        Some(':') => label.len() <= 4 && label.bytes().all(|byte| byte.is_ascii_hexdigit()),
        // A place in a program: `[sensor:094]`
        Some('[') => is_colon && digits >= 3 && line[value.start + digits..].starts_with(']'),
        _ => false,
    };
    let is_source = is_colon
        && is_one_word
        && value.start == sign + 1
        && SOURCES.iter().any(|ending| label.ends_with(ending));
    if is_none || is_source || is_clock(line.as_bytes(), sign, value) {
        return None;
    }
    Some((words(label)?, unit))
}

/// Whether it is a time of day behind some words: `Restart at 12:00`.
fn is_clock(line: &[u8], sign: usize, value: &Value<'_>) -> bool {
    let two = |digits: &[u8], most: &[u8]| {
        digits.len() == 2 && digits.iter().all(u8::is_ascii_digit) && digits <= most
    };
    let is_alone = |hours: usize| hours == 0 || line[hours - 1] == b' ';
    line[sign] == b':'
        && two(&line[sign + 1..value.end], b"59")
        && sign
            .checked_sub(2)
            .is_some_and(|hours| is_alone(hours) && two(&line[hours..sign], b"23"))
}

/// A name, and the unit that it ends with in brackets: `temp (C)`, `temp[C]`.
pub fn bracketed(text: &str) -> (&str, &str) {
    let open = match text.as_bytes().last() {
        Some(b')') => '(',
        Some(b']') => '[',
        _ => return (text, ""),
    };
    let parts = text[..text.len() - 1].rsplit_once(open);
    let found = parts.and_then(|(name, unit)| Some((name, unit::unit(unit.trim().as_bytes())?)));
    found.map_or((text, ""), |(name, unit)| {
        (name.trim_end_matches(' '), unit)
    })
}

/// Where the label begins that a text ends with.
fn start(text: &[u8]) -> usize {
    let mut start = text.len();
    while start > 0 {
        let byte = text[start - 1];
        let before = start.checked_sub(2).map(|at| text[at]);
        let is_word = |byte: Option<u8>| byte.is_some_and(is_letter);
        let belongs = match byte {
            // Two of them part columns.
            b' ' => before != Some(b' '),
            b'.' | b'-' | b'/' | b'\'' => is_word(before) && is_word(text.get(start).copied()),
            b'%' | b'#' => is_word(before),
            0xbd if text[..start].ends_with("\u{fffd}".as_bytes()) => false,
            byte => is_letter(byte),
        };
        if !belongs {
            break;
        }
        start -= 1;
    }
    start
}

/// The words of a label that count.
fn words(label: &str) -> Option<&str> {
    let places = || {
        let starts = label.match_indices(' ').map(|(at, _)| at + 1);
        std::iter::once(0).chain(starts)
    };
    let begins = |at: &usize| label[*at..].starts_with(char::is_alphabetic);
    let first = places().find(begins)?;
    if label[first..].split(' ').count() <= WORDS {
        return Some(&label[first..]);
    }
    let last = places().rfind(begins)?;
    Some(&label[last..])
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn spaces(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b' ').count()
}
