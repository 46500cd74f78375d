//! The jsonl format: one JSON object a record, with everything that the record holds.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::hex;
use crate::record::{Gap, Kind, Offset, Record, Time, Why};

#[derive(Serialize)]
struct Entry<'a> {
    offset: Offset,
    time: Time,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(flatten)]
    payload: Payload<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Payload<'a> {
    Text(&'a str),
    Hex(String),
    Note(&'a RawValue),
}

#[derive(Serialize)]
struct Missing {
    offset: Offset,
    time: Time,
    kind: &'static str,
    to: Offset,
    why: Why,
}

/// Adds a record.
pub fn put_record(out: &mut Vec<u8>, record: &Record<'_>) {
    let payload = match (record.kind, std::str::from_utf8(record.bytes)) {
        (Kind::Note, Ok(json)) => {
            serde_json::from_str(json).map_or(Payload::Text(json), Payload::Note)
        }
        (_, Ok(text)) => Payload::Text(text),
        (_, Err(_)) => Payload::Hex(hex::encode(record.bytes)),
    };
    put(
        out,
        &Entry {
            offset: record.offset,
            time: record.time,
            kind: record.kind,
            author: record.author,
            payload,
        },
    );
}

/// Adds that bytes are missing.
pub fn put_gap(out: &mut Vec<u8>, gap: Gap, time: Time) {
    put(
        out,
        &Missing {
            offset: gap.from,
            time,
            kind: "gap",
            to: gap.to,
            why: gap.why,
        },
    );
}

fn put(out: &mut Vec<u8>, entry: &impl Serialize) {
    serde_json::to_writer(&mut *out, entry).expect("memory takes plain data");
    out.push(b'\n');
}
