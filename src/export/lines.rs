//! Lines out of records: what came in and what was typed, each put together until it ends.
//!
//! The rules are those of the console's lines view: CR, LF or CR LF ends a line; a Note or a gap
//! ends all; a typed line ends also where a line from the device ends, where another person
//! types, and after a pause. What was withheld from the recording is told like a typed line,
//! which it mostly is: it does not cut the echo.

use std::borrow::Cow;

use crate::plain::{plain, plain_note};
use crate::record::{Gap, Kind, Offset, Record, Time, Why};

/// A line that is longer comes in pieces.
const MAX_LINE: usize = 64 * 1024;
/// Keys that are further apart, in microseconds, are not of one typed line.
const TYPING_PAUSE: u64 = 5_000_000;

/// What a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Rx,
    Tx,
    Note,
    Gap,
}

/// One line, ready to be written.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    pub origin: Origin,
    /// The first byte.
    pub offset: Offset,
    /// When the first byte came.
    pub time: Time,
    /// Who typed it or did it.
    pub author: Option<&'a str>,
    /// Without control characters but the tab, unless they are to be kept.
    pub text: &'a str,
}

/// A line that has begun and not ended.
struct Open {
    origin: Origin,
    bytes: Vec<u8>,
    offset: Offset,
    time: Time,
    author: Option<String>,
    /// When its last bytes came.
    last: Time,
    /// The last byte was CR: an LF that follows belongs to it.
    after_cr: bool,
    /// Whether escape sequences and control characters stay.
    escapes: bool,
}

impl Open {
    fn new(origin: Origin, escapes: bool) -> Self {
        Self {
            origin,
            escapes,
            bytes: Vec::new(),
            offset: Offset::default(),
            time: Time::default(),
            author: None,
            last: Time::default(),
            after_cr: false,
        }
    }

    /// Ends the line if it has begun.
    fn close(&mut self, each: &mut impl FnMut(Line<'_>)) {
        if !self.bytes.is_empty() {
            self.end(each);
        }
    }

    fn end(&mut self, each: &mut impl FnMut(Line<'_>)) {
        let text = if self.escapes {
            String::from_utf8_lossy(&self.bytes)
        } else {
            Cow::Owned(plain(&self.bytes))
        };
        each(Line {
            origin: self.origin,
            offset: self.offset,
            time: self.time,
            author: self.author.as_deref(),
            text: &text,
        });
        self.bytes.clear();
    }

    /// Whether one more byte would make the line too long. A character is not cut apart.
    fn is_full(&self, byte: u8) -> bool {
        let within = byte & 0xc0 == 0x80 && self.bytes.len() < MAX_LINE + 3;
        self.bytes.len() >= MAX_LINE && !within
    }
}

/// Bytes that were withheld and not told of yet.
struct Withheld {
    gap: Gap,
    time: Time,
    bytes: u64,
}

/// Puts lines together.
pub struct Lines {
    rx: Open,
    tx: Open,
    withheld: Option<Withheld>,
}

impl Lines {
    /// Lines that keep escape sequences and control characters or not.
    pub fn new(escapes: bool) -> Self {
        Self {
            rx: Open::new(Origin::Rx, escapes),
            tx: Open::new(Origin::Tx, escapes),
            withheld: None,
        }
    }

    /// Takes a record; gives each line that ends in it.
    pub fn record(&mut self, record: &Record<'_>, mut each: impl FnMut(Line<'_>)) {
        match record.kind {
            Kind::Rx => self.take(Origin::Rx, record, &mut each),
            Kind::Tx => {
                let tx = &mut self.tx;
                if tx.author.as_deref() != record.author
                    || record.time.0.saturating_sub(tx.last.0) > TYPING_PAUSE
                {
                    tx.close(&mut each);
                    tx.author = record.author.map(str::to_owned);
                    tx.after_cr = false;
                }
                tx.last = record.time;
                self.take(Origin::Tx, record, &mut each);
            }
            Kind::Note => {
                self.break_off(&mut each);
                let (text, author) = plain_note(record.bytes);
                each(Line {
                    origin: Origin::Note,
                    offset: record.offset,
                    time: record.time,
                    author: author.as_deref(),
                    text: &text,
                });
            }
        }
    }

    /// Takes that bytes are missing.
    pub fn gap(&mut self, gap: Gap, time: Time, mut each: impl FnMut(Line<'_>)) {
        let bytes = gap.to.since(gap.from);
        match &mut self.withheld {
            Some(withheld) if gap.why == Why::Withheld => {
                withheld.gap.to = gap.to;
                withheld.bytes += bytes;
            }
            none if gap.why == Why::Withheld => *none = Some(Withheld { gap, time, bytes }),
            _ => {
                self.break_off(&mut each);
                put_gap(gap, time, bytes, &mut each);
            }
        }
    }

    /// Gives the lines that have not ended.
    pub fn finish(&mut self, mut each: impl FnMut(Line<'_>)) {
        self.break_off(&mut each);
    }

    fn take(&mut self, origin: Origin, record: &Record<'_>, each: &mut impl FnMut(Line<'_>)) {
        for (place, &byte) in record.bytes.iter().enumerate() {
            let open = match origin {
                Origin::Tx => &mut self.tx,
                _ => &mut self.rx,
            };
            if std::mem::take(&mut open.after_cr) && byte == b'\n' {
                continue;
            }
            if open.is_full(byte) {
                open.end(each);
            }
            if open.bytes.is_empty() {
                open.offset = record.offset.plus(place);
                open.time = record.time;
            }
            if !matches!(byte, b'\r' | b'\n') {
                open.bytes.push(byte);
                continue;
            }
            open.after_cr = byte == b'\r';
            if origin == Origin::Rx {
                self.tx.close(each);
                self.put_withheld(each);
                self.rx.end(each);
            } else {
                self.tx.end(each);
            }
        }
    }

    fn put_withheld(&mut self, each: &mut impl FnMut(Line<'_>)) {
        if let Some(Withheld { gap, time, bytes }) = self.withheld.take() {
            put_gap(gap, time, bytes, each);
        }
    }

    fn break_off(&mut self, each: &mut impl FnMut(Line<'_>)) {
        for open in [&mut self.rx, &mut self.tx] {
            open.close(each);
            open.after_cr = false;
        }
        self.put_withheld(each);
    }
}

fn put_gap(gap: Gap, time: Time, bytes: u64, each: &mut impl FnMut(Line<'_>)) {
    each(Line {
        origin: Origin::Gap,
        offset: gap.from,
        time,
        author: None,
        text: &format!("{bytes} bytes: {gap}"),
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record<'a>(kind: Kind, offset: u64, author: Option<&'a str>, bytes: &'a [u8]) -> Record<'a> {
        Record {
            kind,
            offset: Offset(offset),
            time: Time(offset),
            author,
            bytes,
        }
    }

    fn shown(records: &[Record<'_>]) -> Vec<String> {
        let (mut lines, mut all) = (Lines::new(false), Vec::new());
        let mut show = |line: Line<'_>| {
            let author = line.author.unwrap_or("-");
            all.push(format!(
                "{:?} {} {author} {}",
                line.origin, line.offset, line.text
            ));
        };
        for record in records {
            lines.record(record, &mut show);
        }
        lines.finish(show);
        all
    }

    #[test]
    fn a_line_begins_where_its_first_byte_stands_whatever_the_reads_were() {
        let rx = |offset, bytes| record(Kind::Rx, offset, None, bytes);
        let records = [
            rx(0, b"a"),
            rx(1, b"b\r"),
            rx(3, b"\nc"),
            rx(5, b"\n\nrest"),
        ];
        assert_eq!(
            shown(&records),
            ["Rx 0 - ab", "Rx 4 - c", "Rx 6 - ", "Rx 7 - rest"]
        );
    }

    #[test]
    fn keys_become_a_typed_line_and_do_not_cut_the_echo() {
        let records = [
            record(Kind::Rx, 0, None, b"$ "),
            record(Kind::Tx, 2, Some("anna"), b"l"),
            record(Kind::Rx, 3, None, b"l"),
            record(Kind::Tx, 4, Some("anna"), b"s\r"),
            record(Kind::Rx, 6, None, b"s\r\nfile\r\n"),
        ];
        assert_eq!(
            shown(&records),
            ["Tx 2 anna ls", "Rx 0 - $ ls", "Rx 9 - file"]
        );
    }

    #[test]
    fn a_typed_line_without_an_end_ends_with_the_next_line_or_author_or_pause() {
        let mut late = record(Kind::Tx, 20, Some("bob"), b"!");
        late.time = Time(60_000_000);
        let records = [
            record(Kind::Tx, 0, Some("anna"), b"led on"),
            record(Kind::Rx, 6, None, b"ok\n"),
            record(Kind::Tx, 9, Some("anna"), b"rate"),
            record(Kind::Tx, 13, Some("bob"), b"help"),
            late,
        ];
        assert_eq!(
            shown(&records),
            [
                "Tx 0 anna led on",
                "Rx 6 - ok",
                "Tx 9 anna rate",
                "Tx 13 bob help",
                "Tx 20 bob !"
            ]
        );
    }

    #[test]
    fn a_note_ends_what_is_open_and_says_its_sentence() {
        let note = br#"{"what":"lost","text":"the device \u001b[31mwent\r\naway","by":"anna"}"#;
        let records = [
            record(Kind::Rx, 0, None, b"boo"),
            record(Kind::Note, 3, None, note),
            record(Kind::Rx, 90, None, b"boot"),
        ];
        assert_eq!(
            shown(&records),
            [
                "Rx 0 - boo",
                "Note 3 anna the device wentaway",
                "Rx 90 - boot"
            ]
        );
    }

    #[test]
    fn what_was_withheld_is_told_once_and_does_not_cut_the_echo() {
        let (mut lines, mut all) = (Lines::new(false), Vec::new());
        let mut show =
            |line: Line<'_>| all.push(format!("{:?} {} {}", line.origin, line.offset, line.text));
        let key = |from| Gap {
            from: Offset(from),
            to: Offset(from + 1),
            why: Why::Withheld,
        };
        lines.record(&record(Kind::Rx, 0, None, b"$ "), &mut show);
        for (at, echo) in [(2, "l"), (4, "s"), (6, "\r\nfile\r\n")] {
            lines.gap(key(at), Time(at), &mut show);
            lines.record(&record(Kind::Rx, at + 1, None, echo.as_bytes()), &mut show);
        }
        lines.finish(show);
        let told = "Gap 2 3 bytes: the bytes from offset 2 up to 7 were left out of the recording";
        assert_eq!(all, [told, "Rx 0 $ ls", "Rx 9 file"]);
    }

    #[test]
    fn escape_sequences_stay_where_they_are_wanted() {
        let (mut lines, mut all) = (Lines::new(true), Vec::new());
        let bytes = b"\x1b[1mok\x1b[0m\x07\xff\r\n";
        let keep = |line: Line<'_>| all.push(line.text.to_owned());
        lines.record(&record(Kind::Rx, 0, None, bytes), keep);
        assert_eq!(all, ["\x1b[1mok\x1b[0m\x07\u{fffd}"]);
    }

    #[test]
    fn an_endless_line_comes_in_pieces_between_characters() {
        let endless = "ä".repeat(MAX_LINE);
        let records = [record(Kind::Rx, 0, None, endless.as_bytes())];
        let (mut lines, mut pieces) = (Lines::new(false), Vec::new());
        let mut keep = |line: Line<'_>| pieces.push(line.text.to_owned());
        lines.record(&records[0], &mut keep);
        lines.finish(&mut keep);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces.concat(), endless);
    }

    proptest! {
        #[test]
        fn lines_are_the_same_wherever_the_reads_were_cut(
            bytes in prop::collection::vec(prop::sample::select(b"\r\na\xc3\xa4".to_vec()), 1..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let cut = cut.index(bytes.len());
            let whole = shown(&[record(Kind::Rx, 0, None, &bytes)]);
            let pieces = [
                record(Kind::Rx, 0, None, &bytes[..cut]),
                record(Kind::Rx, cut as u64, None, &bytes[cut..]),
            ];
            prop_assert_eq!(shown(&pieces), whole);
        }
    }
}
