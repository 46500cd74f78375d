//! The formats against each other: nothing that was given is missing from what is written.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::record::{Note, Offset, What, Why};

/// A record that owns its bytes.
#[derive(Clone, Debug)]
struct Given {
    kind: Kind,
    author: Option<String>,
    bytes: Vec<u8>,
}

/// Bytes as they come, with what the formats treat specially more often than chance has it.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    const SPECIAL: &[u8; 8] = b"\x1b\n\r\t\",=[";
    prop::collection::vec(any::<u8>(), 1..24).prop_map(|mut bytes| {
        for byte in &mut bytes {
            *byte = if *byte < 0xa0 {
                SPECIAL[usize::from(*byte % 8)]
            } else {
                *byte
            };
        }
        bytes
    })
}

fn given() -> impl Strategy<Value = Vec<Given>> {
    let author = prop::sample::select(vec!["anna", "=bob", "a,\"b\""]);
    let text = prop::sample::select(vec!["opened", "=1+2", "two\nlines", "\u{1b}[31m\u{9b}red"]);
    let record = (0..3u8, author, bytes(), text).prop_map(|(kind, author, bytes, text)| {
        let author = author.to_owned();
        match kind {
            0 => Given {
                kind: Kind::Rx,
                author: None,
                bytes,
            },
            1 => Given {
                kind: Kind::Tx,
                author: Some(author),
                bytes,
            },
            _ => {
                let note = Note {
                    what: What::Mark,
                    text: text.to_owned(),
                    by: Some(author),
                    at: None,
                    time: None,
                };
                let bytes = serde_json::to_vec(&note).unwrap();
                Given {
                    kind: Kind::Note,
                    author: None,
                    bytes,
                }
            }
        }
    });
    prop::collection::vec(record, 1..12)
}

fn written(format: Format, given: &[Given]) -> Vec<u8> {
    let mut exporter = Exporter::new(format, Format::Jsonl.kinds(), true);
    let (mut out, mut offset) = (Vec::new(), Offset(0));
    exporter.begin(&mut out);
    for (number, given) in given.iter().enumerate() {
        let record = Record {
            kind: given.kind,
            offset,
            time: Time(number as u64),
            author: given.author.as_deref(),
            bytes: &given.bytes,
        };
        exporter.record(&record, &mut out);
        offset = offset.plus(given.bytes.len());
    }
    exporter.finish(&mut out);
    out
}

/// The bytes of an object of the jsonl format.
fn payload(object: &Value) -> Vec<u8> {
    if let Some(text) = object.get("text") {
        return text.as_str().unwrap().into();
    }
    if let Some(note) = object.get("note") {
        let note: Note = serde_json::from_value(note.clone()).unwrap();
        return serde_json::to_vec(&note).unwrap();
    }
    let hex = object["hex"].as_str().unwrap();
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn raw_is_the_payloads_and_nothing_else(given in given()) {
        let all: Vec<u8> = given.iter().flat_map(|given| given.bytes.clone()).collect();
        prop_assert_eq!(written(Format::Raw, &given), all);
    }

    #[test]
    fn text_holds_no_control_character_but_line_feed_and_tab(given in given()) {
        let text = String::from_utf8(written(Format::Text, &given)).unwrap();
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        prop_assert!(text.is_empty() || text.ends_with('\n'));
    }

    #[test]
    fn jsonl_gives_back_every_record_to_the_byte(given in given()) {
        let text = String::from_utf8(written(Format::Jsonl, &given)).unwrap();
        let objects: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        prop_assert_eq!(objects.len(), given.len());
        let mut offset = 0;
        for (number, (object, given)) in objects.iter().zip(&given).enumerate() {
            prop_assert_eq!(object["offset"].as_u64(), Some(offset));
            prop_assert_eq!(object["time"].as_u64(), Some(number as u64));
            prop_assert_eq!(serde_json::from_value::<Kind>(object["kind"].clone()).unwrap(), given.kind);
            prop_assert_eq!(object.get("author").and_then(Value::as_str), given.author.as_deref());
            prop_assert_eq!(&payload(object), &given.bytes);
            offset += given.bytes.len() as u64;
        }
    }

    #[test]
    fn csv_reads_back_as_the_lines_that_text_has(given in given()) {
        let csv = written(Format::Csv, &given);
        let text = String::from_utf8(written(Format::Text, &given)).unwrap();
        let mut reader = ::csv::Reader::from_reader(&csv[..]);
        prop_assert_eq!(reader.headers().unwrap(), &["offset", "time", "kind", "author", "text"][..]);
        let rows: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), text.lines().count());
        for (row, line) in rows.iter().zip(text.lines()) {
            let cell = row[4].strip_prefix('\'').unwrap_or(&row[4]);
            prop_assert!(line.starts_with(&row[1]) && line.ends_with(cell.trim_start_matches('\'')), "{line:?} {cell:?}");
            prop_assert!(!row.iter().any(|cell| cell.starts_with(['=', '@', '\t', '\r'])));
        }
    }
}

#[test]
fn every_format_but_raw_tells_a_gap_with_both_ends() {
    let gap = Gap {
        from: Offset(10),
        to: Offset(30),
        why: Why::Dropped,
    };
    let told = |format| {
        let mut exporter = Exporter::new(format, Format::Jsonl.kinds(), true);
        let mut out = Vec::new();
        exporter
            .gap(gap, Time(0), &mut out)
            .map(|()| String::from_utf8(out).unwrap())
    };
    assert_eq!(told(Format::Raw), Err(gap));
    assert_eq!(
        told(Format::Text).unwrap(),
        "1970-01-01T00:00:00.000000Z ! gap of 20 bytes: the bytes from offset 10 up to 30 are no longer kept\n"
    );
    assert_eq!(
        told(Format::Jsonl).unwrap(),
        "{\"offset\":10,\"time\":0,\"kind\":\"gap\",\"to\":30}\n"
    );
    assert!(
        told(Format::Csv)
            .unwrap()
            .starts_with("10,1970-01-01T00:00:00.000000Z,gap,,20 bytes")
    );
}

#[test]
fn kinds_are_read_from_a_list_and_a_wrong_one_is_named() {
    let kinds = |list: &str| Kinds::try_from(list.to_owned());
    assert_eq!(kinds("rx, note"), Ok(Kinds(vec![Kind::Rx, Kind::Note])));
    for wrong in ["", "rx,", "rx,ty"] {
        assert!(
            kinds(wrong).unwrap_err().contains("rx, tx, note"),
            "{wrong}"
        );
    }
}

#[test]
fn only_the_kinds_that_are_wanted_are_written() {
    let kinds = Kinds::try_from("tx".to_owned()).unwrap();
    let mut exporter = Exporter::new(Format::Text, kinds, false);
    let mut out = Vec::new();
    for (kind, bytes) in [(Kind::Rx, b"in\n"), (Kind::Tx, b"on\n")] {
        let author = (kind == Kind::Tx).then_some("anna");
        let record = Record {
            kind,
            offset: Offset(0),
            time: Time(0),
            author,
            bytes,
        };
        exporter.record(&record, &mut out);
    }
    assert_eq!(out, b"> anna: on\n");
}
