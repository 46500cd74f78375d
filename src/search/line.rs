//! Lines: what is shown of a match and around it.

use std::ops::Range;

use super::strand::Strand;
use crate::plain::{plain, plain_marked};

/// Of a line so many bytes are shown, before and behind where the match begins.
const SHOWN: usize = 4 * 1024;

/// The line in which a match begins.
pub struct Line {
    /// The place of its first byte that is shown.
    pub from: usize,
    pub text: String,
    /// The match in the text, in characters.
    pub marked: Range<usize>,
}

/// The line in which the match at `found` begins.
pub fn line(bytes: &[u8], found: &Range<usize>) -> Line {
    let from = start(bytes, found.start).max(cut(bytes, found.start.saturating_sub(SHOWN)));
    let to = end(bytes, found.start).min(found.start + SHOWN);
    let marked = found.start - from..found.end.min(to) - from;
    let (text, marked) = plain_marked(&bytes[from..to], marked);
    Line { from, text, marked }
}

/// At most `count` lines before the one that `at` is in, in order.
pub fn before(strand: &Strand, at: usize, count: usize) -> Vec<String> {
    let bytes = strand.bytes();
    let mut from = start(bytes, at);
    let mut lines: Vec<_> = std::iter::from_fn(|| {
        let end = match &bytes[..from] {
            [.., b'\r', b'\n'] => from - 2,
            [.., _] => from - 1,
            [] => return None,
        };
        from = start(bytes, end);
        Some(shown(&bytes[from..end]))
    })
    .take(count)
    .collect();
    lines.reverse();
    lines
}

/// At most `count` lines behind the one that `at` is in, in order.
pub fn after(strand: &Strand, at: usize, count: usize) -> Vec<String> {
    let bytes = strand.bytes();
    let mut to = end(bytes, at);
    std::iter::from_fn(|| {
        let from = match &bytes[to..] {
            [b'\r', b'\n', ..] => to + 2,
            [_, ..] => to + 1,
            [] => return None,
        };
        to = end(bytes, from);
        (from < bytes.len()).then(|| shown(&bytes[from..to]))
    })
    .take(count)
    .collect()
}

fn is_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Where the line that `at` is in begins.
fn start(bytes: &[u8], at: usize) -> usize {
    bytes[..at]
        .iter()
        .rposition(is_end)
        .map_or(0, |end| end + 1)
}

/// Where it ends.
fn end(bytes: &[u8], at: usize) -> usize {
    let end = bytes[at..].iter().position(is_end);
    end.map_or(bytes.len(), |end| at + end)
}

/// The next place that does not lie within a character.
fn cut(bytes: &[u8], at: usize) -> usize {
    let within = bytes[at..].iter().take(3);
    at + within.take_while(|byte| **byte & 0xc0 == 0x80).count()
}

fn shown(line: &[u8]) -> String {
    plain(&line[..line.len().min(SHOWN)])
}
