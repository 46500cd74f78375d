//! The asciicast format, version 2: what came in, played back by terminal players.

use std::io::Write;

use serde::Serialize;

use crate::plain::plain_note;
use crate::record::{Gap, Kind, Record, Time, Why};
use crate::utf8::Decoder;

#[derive(Serialize)]
struct Header<'a> {
    version: u8,
    width: u16,
    height: u16,
    /// In seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

/// The file as far as it is written.
#[derive(Default)]
pub struct Cast {
    title: Option<String>,
    begun: bool,
    /// The time of the latest event by the clock of the records, which may jump.
    time: Option<Time>,
    /// The same by the clock of the file, which never goes back: in microseconds.
    elapsed: u64,
    rx: Decoder,
    tx: Decoder,
}

impl Cast {
    /// A file of this title.
    pub fn new(title: Option<String>) -> Self {
        Self {
            title,
            ..Self::default()
        }
    }

    /// Adds a record.
    pub fn record(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        self.advance(record.time, out);
        let (code, text) = match record.kind {
            Kind::Rx => ('o', self.rx.text(record.bytes)),
            Kind::Tx => ('i', self.tx.text(record.bytes)),
            Kind::Note => ('m', plain_note(record.bytes).0),
        };
        self.put(code, &text, out);
    }

    /// Adds that bytes are missing; but nothing where they were left out on purpose, or each
    /// typed letter would be a mark.
    pub fn gap(&mut self, gap: Gap, time: Time, out: &mut Vec<u8>) {
        if gap.why == Why::Withheld {
            return;
        }
        self.put_rest(out);
        self.advance(time, out);
        self.put('m', &gap.to_string(), out);
    }

    /// Adds what has not ended.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.begin(None, out);
        self.put_rest(out);
    }

    /// Goes on to a time. What the clock was put back is not counted.
    fn advance(&mut self, time: Time, out: &mut Vec<u8>) {
        self.begin(Some(time), out);
        let before = self.time.replace(time).unwrap_or(time);
        self.elapsed += time.0.saturating_sub(before.0);
    }

    fn begin(&mut self, time: Option<Time>, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let header = Header {
            version: 2,
            // What a serial console takes for granted.
            width: 80,
            height: 24,
            timestamp: time.map(|time| time.0 / 1_000_000),
            title: self.title.as_deref(),
        };
        serde_json::to_writer(&mut *out, &header).expect("memory takes plain data");
        out.push(b'\n');
    }

    fn put_rest(&mut self, out: &mut Vec<u8>) {
        for (code, text) in [('o', self.rx.rest()), ('i', self.tx.rest())] {
            self.put(code, &text, out);
        }
    }

    fn put(&self, code: char, text: &str, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let (seconds, micros) = (self.elapsed / 1_000_000, self.elapsed % 1_000_000);
        let text = serde_json::Value::from(text);
        writeln!(out, "[{seconds}.{micros:06}, \"{code}\", {text}]")
            .expect("memory takes everything");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::record::Offset;

    fn record(kind: Kind, time: u64, bytes: &[u8]) -> Record<'_> {
        let (offset, time) = (Offset(0), Time(time));
        let author = (kind == Kind::Tx).then_some("anna");
        Record {
            kind,
            offset,
            time,
            author,
            bytes,
        }
    }

    fn cast(records: &[Record<'_>]) -> Vec<Value> {
        let (mut cast, mut out) = (Cast::new(Some("pi".into())), Vec::new());
        for record in records {
            cast.record(record, &mut out);
        }
        cast.finish(&mut out);
        let lines = std::str::from_utf8(&out).unwrap().lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_header_and_an_event_for_each_record() {
        let note = br#"{"what":"mark","text":"first \u001b[31mfailure","by":"anna"}"#;
        let start = 1_795_377_000_123_456;
        let lines = cast(&[
            record(Kind::Rx, start, b"\x1b[1mlogin: "),
            record(Kind::Tx, start + 1_500_000, b"root\r"),
            record(Kind::Note, start + 62_000_001, note),
        ]);
        let expected = [
            json!({"version": 2, "width": 80, "height": 24, "timestamp": 1_795_377_000, "title": "pi"}),
            json!([0.0, "o", "\u{1b}[1mlogin: "]),
            json!([1.5, "i", "root\r"]),
            json!([62.000001, "m", "first failure"]),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn without_a_record_it_is_a_file_all_the_same() {
        assert_eq!(
            cast(&[]),
            [json!({"version": 2, "width": 80, "height": 24, "title": "pi"})]
        );
    }

    #[test]
    fn a_clock_that_is_put_back_stops_nothing_and_goes_nowhere_back() {
        let times = [5_000_000, 6_000_000, 1_000_000, 3_000_000];
        let lines = cast(&times.map(|time| record(Kind::Rx, time, b"x")));
        let elapsed: Vec<_> = lines[1..].iter().map(|event| event[0].clone()).collect();
        assert_eq!(elapsed, [0.0, 1.0, 1.0, 3.0]);
    }

    #[test]
    fn a_gap_is_a_mark_and_ends_a_character_but_not_what_was_withheld() {
        let (mut cast, mut out) = (Cast::default(), Vec::new());
        let gap = |why| Gap {
            from: Offset(10),
            to: Offset(30),
            why,
        };
        cast.record(&record(Kind::Rx, 0, b"a\xc3"), &mut out);
        cast.gap(gap(Why::Withheld), Time(0), &mut out);
        cast.record(&record(Kind::Rx, 0, b"\xa4 \xc3"), &mut out);
        cast.gap(gap(Why::Dropped), Time(2_000_000), &mut out);
        cast.record(&record(Kind::Rx, 3_000_000, b"\xa4"), &mut out);
        let text = String::from_utf8(out).unwrap();
        let events: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(
            events,
            [
                r#"[0.000000, "o", "a"]"#,
                r#"[0.000000, "o", "ä "]"#,
                "[0.000000, \"o\", \"\u{fffd}\"]",
                r#"[2.000000, "m", "the bytes from offset 10 up to 30 are no longer kept"]"#,
                "[3.000000, \"o\", \"\u{fffd}\"]",
            ]
        );
    }

    proptest! {
        #[test]
        fn what_is_played_is_the_text_of_all_that_came_in_wherever_the_reads_were_cut(
            records in prop::collection::vec((0..3u8, any::<u32>(), prop::collection::vec(
                prop::sample::select(b"a\n\x1b\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xff".to_vec()), 1..12)), 0..12),
        ) {
            let kinds = [Kind::Rx, Kind::Tx, Kind::Note];
            let records: Vec<_> = records
                .iter()
                .map(|(kind, time, bytes)| record(kinds[usize::from(*kind)], u64::from(*time), bytes))
                .collect();
            let lines = cast(&records);
            let mut last = 0.0;
            for event in &lines[1..] {
                let time = event[0].as_f64().unwrap();
                prop_assert!(time >= last);
                last = time;
            }
            for (kind, code) in [(Kind::Rx, "o"), (Kind::Tx, "i")] {
                let events = lines[1..].iter().filter(|event| event[1] == code);
                let played: String = events.map(|event| event[2].as_str().unwrap()).collect();
                let of_kind = records.iter().filter(|record| record.kind == kind);
                let bytes: Vec<u8> = of_kind.flat_map(|record| record.bytes).copied().collect();
                prop_assert_eq!(played, String::from_utf8_lossy(&bytes));
            }
        }
    }
}
