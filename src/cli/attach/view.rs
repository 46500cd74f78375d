//! A view: how what comes in is shown: as it is, with times in front of its lines, or in hex.

use seriald::clock::clock;
use seriald::record::Time;

/// Bytes in a row of hex.
const ROW: usize = 16;
/// What comes so much later, in microseconds, begins another row of hex.
const PAUSE: u64 = 100_000;

/// What is shown, and where in a line or row it is.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Whether bytes are shown as hex digits.
    pub hex: bool,
    /// Whether times stand in front of lines, or rows of hex.
    pub times: bool,
    /// Whether LF alone begins a line at the left as well.
    pub crlf: bool,
    /// What ends a row of hex.
    newline: &'static str,
    /// Something stands in this line or row.
    begun: bool,
    in_row: usize,
    last: Time,
    after_cr: bool,
}

impl View {
    /// One for a terminal in raw mode, or for a file.
    pub fn new(raw: bool) -> Self {
        Self {
            newline: if raw { "\r\n" } else { "\n" },
            ..Self::default()
        }
    }

    /// Shows what came in at `time`.
    pub fn show(&mut self, time: Time, bytes: &[u8], out: &mut Vec<u8>) {
        if self.hex {
            self.show_hex(time, bytes, out);
        } else {
            self.show_lines(time, bytes, out);
        }
    }

    /// Begins anew: something else stands at the end now.
    pub fn restart(&mut self) {
        self.begun = false;
        self.in_row = 0;
        self.after_cr = false;
    }

    fn show_lines(&mut self, time: Time, bytes: &[u8], out: &mut Vec<u8>) {
        if !self.times && !self.crlf {
            out.extend_from_slice(bytes);
            return;
        }
        for &byte in bytes {
            // CR may stand on either side of LF.
            if self.times && !self.begun && byte != b'\r' {
                put_time(time, out);
                self.begun = true;
            }
            if byte == b'\n' {
                if self.crlf && !self.after_cr {
                    out.push(b'\r');
                }
                self.begun = false;
            }
            self.after_cr = byte == b'\r';
            out.push(byte);
        }
    }

    fn show_hex(&mut self, time: Time, bytes: &[u8], out: &mut Vec<u8>) {
        let is_late = time.0.saturating_sub(self.last.0) >= PAUSE;
        if is_late && !bytes.is_empty() {
            self.end_row(out);
        }
        self.last = time;
        for &byte in bytes {
            if self.in_row == ROW {
                self.end_row(out);
            }
            if self.in_row > 0 {
                out.push(b' ');
            } else if self.times {
                put_time(time, out);
            }
            out.extend_from_slice(seriald::hex::encode(&[byte]).as_bytes());
            self.in_row += 1;
        }
    }

    fn end_row(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.in_row) > 0 {
            out.extend_from_slice(self.newline.as_bytes());
        }
    }
}

fn put_time(time: Time, out: &mut Vec<u8>) {
    out.extend_from_slice(clock(time).as_bytes());
    out.push(b' ');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TIME: Time = Time(1_795_377_000_123_456);
    const SHOWN: &str = "2026-11-22T19:50:00.123456Z ";

    fn shown(view: &View, parts: &[&[u8]]) -> String {
        let (mut view, mut out) = (view.clone(), Vec::new());
        for part in parts {
            view.show(TIME, part, &mut out);
        }
        String::from_utf8(out).unwrap()
    }

    fn times() -> View {
        View {
            times: true,
            ..View::new(true)
        }
    }

    #[test]
    fn a_time_stands_in_front_of_each_line_whichever_way_it_ends() {
        for stream in ["a\r\nb", "a\nb", "a\n\rb"] {
            let text = shown(&times(), &[stream.as_bytes()]);
            assert_eq!(text.replace(['\r', '\n'], ""), format!("{SHOWN}a{SHOWN}b"));
        }
        assert_eq!(shown(&times(), &[b"\n\n"]), format!("{SHOWN}\n{SHOWN}\n"));
        assert_eq!(shown(&times(), &[b"lo", b"gin"]), format!("{SHOWN}login"));
    }

    #[test]
    fn a_line_feed_alone_goes_to_the_left_if_that_is_wished() {
        let view = View {
            crlf: true,
            ..View::new(true)
        };
        assert_eq!(shown(&view, &[b"a\nb\r", b"\nc"]), "a\r\nb\r\nc");
    }

    #[test]
    fn hex_comes_in_rows_and_a_pause_begins_another_one() {
        let view = View {
            hex: true,
            ..View::new(false)
        };
        let row = "41 ".repeat(16);
        assert_eq!(
            shown(&view, &[&[0x41; 17]]),
            format!("{}\n41", row.trim_end())
        );
        let (mut view, mut out) = (view, Vec::new());
        view.show(TIME, b"\x00", &mut out);
        view.show(Time(TIME.0 + PAUSE), b"\xff", &mut out);
        assert_eq!(out, b"00\nff");
    }

    proptest! {
        #[test]
        fn times_and_nothing_else_are_added(
            parts in prop::collection::vec(prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), b'a'..=b'z'], 0..20), 0..6),
        ) {
            let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(shown(&times(), &parts).replace(SHOWN, "").into_bytes(), parts.concat());
        }

        #[test]
        fn hex_holds_every_byte(parts in prop::collection::vec((any::<Vec<u8>>(), 0..2 * PAUSE), 0..6), times: bool) {
            let mut view = View { hex: true, times, ..View::new(true) };
            let (mut out, mut time) = (Vec::new(), TIME);
            for (part, pause) in &parts {
                time.0 += pause;
                view.show(time, part, &mut out);
            }
            let text = String::from_utf8(out).unwrap();
            let words = text.split_whitespace().filter(|word| word.len() == 2);
            let digits: String = words.collect();
            let parts: Vec<u8> = parts.into_iter().flat_map(|(part, _)| part).collect();
            prop_assert_eq!(seriald::hex::decode(&digits).unwrap(), parts);
        }
    }
}
