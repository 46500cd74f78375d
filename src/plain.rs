//! Plain text: what a device printed, without what it told the terminal.

use std::ops::Range;

use vte::{Parser, Perform};

use crate::record::Note;

/// Collects the characters that a terminal would print.
#[derive(Default)]
struct Printed(String);

impl Perform for Printed {
    fn print(&mut self, character: char) {
        // The parser takes DEL for a character like others.
        if !character.is_control() {
            self.0.push(character);
        }
    }

    fn execute(&mut self, byte: u8) {
        if byte == b'\t' {
            self.0.push('\t');
        }
    }
}

/// The text of one line: without escape sequences, without control characters but the tab, and
/// with U+FFFD for what is not UTF-8.
pub fn plain(line: &[u8]) -> String {
    plain_marked(line, 0..0).0
}

/// The same, and where the bytes of `marked` stand in it, in characters. A mark within a character
/// takes all of it.
pub fn plain_marked(line: &[u8], marked: Range<usize>) -> (String, Range<usize>) {
    let start = character(line, marked.start, false);
    let end = character(line, marked.end, true).max(start);
    let mut printed = Printed(String::with_capacity(line.len()));
    let mut parser = <Parser>::new();
    let places = [&line[..start], &line[start..end], &line[end..]].map(|part| {
        parser.advance(&mut printed, String::from_utf8_lossy(part).as_bytes());
        printed.0.len()
    });
    let marked = places[0]..places[1];
    let characters = |text: &str| text.chars().count();
    let from = characters(&printed.0[..marked.start]);
    let to = from + characters(&printed.0[marked]);
    (printed.0, from..to)
}

/// The place of the character that `at` lies in: where it begins, or where it ends. What is not
/// UTF-8 is cut as the standard says.
fn character(line: &[u8], at: usize, ends: bool) -> usize {
    let mut begins = 0;
    let lengths = line.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(char::len_utf8);
        valid.chain([chunk.invalid().len()])
    });
    for length in lengths {
        if at < begins + length {
            return begins + if ends && at > begins { length } else { 0 };
        }
        begins += length;
    }
    begins
}

/// The same, added to a text.
pub fn put_plain(out: &mut String, line: &[u8]) {
    let mut printed = Printed(std::mem::take(out));
    <Parser>::new().advance(&mut printed, String::from_utf8_lossy(line).as_bytes());
    *out = printed.0;
}

/// The sentence of a Note, and who caused it. What is no Note speaks for itself.
pub fn plain_note(json: &[u8]) -> (String, Option<String>) {
    match serde_json::from_slice::<Note>(json) {
        Ok(note) => (plain(note.text.as_bytes()), note.by),
        Err(_) => (plain(json), None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_vanish_and_the_text_between_stays() {
        for (line, shown) in [
            (&b"temp:21.4\thum:40"[..], "temp:21.4\thum:40"),
            (b"\x1b[1;32mok\x1b[0m done", "ok done"),
            (b"\x1b]0;title\x07text", "text"),
            (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
            (b"\x1bPq#0~\x1b\\after", "after"),
            (b"\x1b(Bascii \x1b7\x1b8", "ascii "),
            (b"half \x1b[3", "half "),
            (b"bell\x07 back\x08 nul\0", "bell back nul"),
            ("ä → \u{1f600}".as_bytes(), "ä → \u{1f600}"),
            (b"bad \xff\xfe end", "bad \u{fffd}\u{fffd} end"),
            (b"cut \xe2\x82", "cut \u{fffd}"),
            ("csi in C1 \u{9b}31m".as_bytes(), "csi in C1 31m"),
        ] {
            assert_eq!(plain(line), shown, "{line:?}");
        }
    }

    #[test]
    fn marks_move_with_the_text_and_never_cut_a_character() {
        for (line, marked, shown) in [
            (
                &b"\x1b[31mpanic\x1b[0m: stack"[..],
                5..10,
                ("panic: stack", 0..5),
            ),
            ("ä ö ü".as_bytes(), 3..5, ("ä ö ü", 2..3)),
            ("ä ö ü".as_bytes(), 4..5, ("ä ö ü", 2..3)),
            ("ä ö ü".as_bytes(), 3..4, ("ä ö ü", 2..3)),
            (b"a\x1b[3", 2..4, ("a", 1..1)),
            (b"\xff\xffab", 1..3, ("\u{fffd}\u{fffd}ab", 1..3)),
            (b"\xf0\x9f\x98\x80\x80", 1..1, ("\u{1f600}\u{fffd}", 0..1)),
            (b"ab", 2..2, ("ab", 2..2)),
        ] {
            let (text, found) = plain_marked(line, marked);
            assert_eq!((text.as_str(), found), shown, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn marks_change_nothing_of_the_text(
            line in prop::collection::vec(prop::sample::select(b"\x1b[]P;?0am\x07\xc3\xa4\xf0\x9f\x98\x80\xff".to_vec()), 0..40),
            places in any::<[prop::sample::Index; 2]>(),
        ) {
            let [one, two] = places.map(|place| place.index(line.len() + 1));
            let (text, marked) = plain_marked(&line, one.min(two)..one.max(two));
            prop_assert_eq!(&text, &plain(&line));
            prop_assert!(marked.start <= marked.end && marked.end <= text.chars().count());
        }

        #[test]
        fn no_control_character_but_the_tab_is_left(
            line in prop::collection::vec(prop::sample::select(b"\x1b[]P;?0am\x07\\\n\t\xc2\x9b\xff".to_vec()), 0..60),
        ) {
            prop_assert!(!plain(&line).chars().any(|c| c.is_control() && c != '\t'));
        }

        #[test]
        fn text_without_control_characters_stays_as_it_is(line in "\\PC{0,100}") {
            prop_assert_eq!(plain(line.as_bytes()), line);
        }

        #[test]
        fn what_is_not_utf8_becomes_what_the_standard_says(
            line in prop::collection::vec(prop_oneof![b' '..=b'~', 0xa0..=0xffu8], 0..60),
        ) {
            let expected: String = String::from_utf8_lossy(&line).chars().filter(|c| !c.is_control()).collect();
            prop_assert_eq!(plain(&line), expected);
        }
    }
}
