//! The csv format: RFC 4180, safe to be opened by a spreadsheet.

use std::borrow::Cow;
use std::io::Write;

use super::lines::{Line, Origin};
use crate::clock::clock;

/// Adds the names of the columns.
pub fn put_header(out: &mut Vec<u8>) {
    out.extend_from_slice(b"offset,time,kind,author,text\r\n");
}

/// Adds a row.
pub fn put_line(out: &mut Vec<u8>, line: &Line<'_>) {
    let kind = match line.origin {
        Origin::Rx => "rx",
        Origin::Tx => "tx",
        Origin::Note => "note",
        Origin::Gap => "gap",
    };
    let (offset, time) = (line.offset, clock(line.time));
    let (author, text) = (cell(line.author.unwrap_or_default()), cell(line.text));
    write!(out, "{offset},{time},{kind},{author},{text}\r\n").expect("memory takes everything");
}

/// A text as it may stand in a row.
pub fn cell(text: &str) -> Cow<'_, str> {
    let guarded = if is_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    };
    if guarded.contains([',', '"', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", guarded.replace('"', "\"\"")))
    } else {
        guarded
    }
}

/// Whether a spreadsheet would run the text. A number with a sign is one; it stays as it is.
fn is_formula(text: &str) -> bool {
    let is_number = text
        .strip_prefix(['+', '-'])
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        && text.parse::<f64>().is_ok();
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_gets_a_quote_in_front() {
        for (text, written) in [
            ("21.4", "21.4"),
            ("-21.4", "-21.4"),
            ("+1e5", "+1e5"),
            ("-1+2", "'-1+2"),
            ("-inf", "'-inf"),
            ("=1+2", "'=1+2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            (
                "=HYPERLINK(\"http://x\",1)",
                "\"'=HYPERLINK(\"\"http://x\"\",1)\"",
            ),
            ("a,b", "\"a,b\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
