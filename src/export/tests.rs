//! The formats against each other: nothing that was given is missing from what is written.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::record::{Note, Offset, What};

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
                    by: Some(author),
                    ..Note::new(What::Mark, text)
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
    let kinds = Some(Format::Jsonl.kinds());
    let mut exporter = Exporter::new(Style {
        kinds,
        ..format.into()
    });
    let (mut out, mut offset) = (Vec::new(), Offset(0));
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

/// What is written of two gaps that belong together, one more, and a record behind them.
fn told(style: Style, why: Why) -> Result<String, Gap> {
    let mut exporter = Exporter::new(style);
    let mut out = Vec::new();
    for (from, to, why) in [(10, 20, why), (20, 30, why), (30, 35, Why::Crash)] {
        let (from, to) = (Offset(from), Offset(to));
        exporter.gap(Gap { from, to, why })?;
    }
    let record = Record {
        kind: Kind::Rx,
        offset: Offset(35),
        time: Time(7),
        author: None,
        bytes: b"on\n",
    };
    exporter.record(&record, &mut out);
    exporter.finish(&mut out);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn every_format_but_raw_tells_a_gap_with_both_ends_and_the_time_when_the_journal_goes_on() {
    let told = |format: Format| told(format.into(), Why::Dropped).unwrap();
    let texts = [
        "10 up to 30 are no longer kept",
        "30 up to 35 were not stored yet when seriald ended without warning, or never used",
    ];
    assert_eq!(
        told(Format::Text),
        format!(
            "1970-01-01T00:00:00.000007Z ! gap of 20 bytes: the bytes from offset {}\n\
             1970-01-01T00:00:00.000007Z ! gap of 5 bytes: the bytes from offset {}\n\
             1970-01-01T00:00:00.000007Z on\n",
            texts[0], texts[1]
        )
    );
    let jsonl = told(Format::Jsonl);
    assert_eq!(
        jsonl.lines().next().unwrap(),
        r#"{"offset":10,"time":7,"kind":"gap","to":30,"why":"dropped"}"#
    );
    let csv = told(Format::Csv);
    assert_eq!(
        csv.lines().nth(1).unwrap(),
        format!(
            "10,1970-01-01T00:00:00.000007Z,gap,,20 bytes: the bytes from offset {}",
            texts[0]
        )
    );
    let cast = told(Format::Asciicast);
    assert_eq!(cast.matches(r#""m", "the bytes from"#).count(), 2, "{cast}");
}

#[test]
fn raw_breaks_off_at_a_loss_unless_it_may_go_on() {
    let raw = Style::from(Format::Raw);
    let lost = told(raw.clone(), Why::Dropped).unwrap_err();
    assert_eq!((lost.from, lost.to), (Offset(10), Offset(20)));
    let lost = told(raw.clone(), Why::Withheld).unwrap_err();
    assert_eq!(lost.why, Why::Crash, "what was withheld is no loss");
    let skip_gaps = true;
    let all = told(Style { skip_gaps, ..raw }, Why::Dropped);
    assert_eq!(all.unwrap(), "on\n");
}

#[test]
fn a_gap_at_the_end_is_told_too() {
    let mut exporter = Exporter::new(Format::Text.into());
    let (from, to, why) = (Offset(1), Offset(3), Why::Dropped);
    exporter.gap(Gap { from, to, why }).unwrap();
    let mut out = Vec::new();
    exporter.finish(&mut out);
    assert!(String::from_utf8(out).unwrap().contains("! gap of 2 bytes"));
}

#[test]
fn only_csv_and_asciicast_have_something_to_say_about_nothing() {
    for format in Format::ALL {
        let mut out = Vec::new();
        Exporter::new(format.into()).finish(&mut out);
        let lines = out.iter().filter(|byte| **byte == b'\n').count();
        let has_header = matches!(format, Format::Csv | Format::Asciicast);
        assert_eq!(lines, usize::from(has_header), "{format:?}");
    }
}

#[test]
fn a_format_is_asked_for_by_its_name() {
    for format in Format::ALL {
        let read = serde_json::from_value::<Format>(format.name().into());
        assert_eq!(read.unwrap(), format);
    }
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
    let mut exporter = Exporter::new(Style {
        kinds: Kinds::try_from("tx".to_owned()).ok(),
        times: false,
        ..Format::Text.into()
    });
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
