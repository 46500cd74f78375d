//! The text format: `TIME LINE`, with a mark in front of what the device did not say.

use std::io::Write;

use super::lines::{Line, Origin};
use crate::clock::clock;

/// Adds a line.
pub fn put_line(out: &mut Vec<u8>, line: &Line<'_>, times: bool) {
    let mut put = |arguments: std::fmt::Arguments<'_>| {
        out.write_fmt(arguments).expect("memory takes everything");
    };
    if times {
        put(format_args!("{} ", clock(line.time)));
    }
    let text = line.text;
    match line.origin {
        Origin::Rx => put(format_args!("{text}\n")),
        Origin::Tx => put(format_args!("> {}: {text}\n", line.author.unwrap_or("?"))),
        Origin::Note => put(format_args!("* {text}\n")),
        Origin::Gap => put(format_args!("! gap of {text}\n")),
    }
}
