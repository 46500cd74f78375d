//! The wire: the binary messages of `/api/v1/socket`, to the byte. [`talk`] has its text messages,
//! [`wish`] what of them can be asked over REST as well, [`frame`] the client's side of both ways.
//! `docs/protocol.md` is the contract; `tests/wire/` has golden frames that both ends read.

pub mod frame;
pub mod key;
pub mod name;
pub mod talk;
pub mod wish;

use bytes::Bytes;
use serde::Serialize;

use crate::record::{Gap, Kind, Offset, Record, Time, Why};
use crate::values::Reading;

/// The subprotocol of version 1.
pub const SUBPROTOCOL: &str = "seriald.v1";
/// The header in front of each record.
pub const RECORD_HEADER: usize = 24;
/// The header in front of a client's write.
pub const WRITE_HEADER: usize = 8;

const GAP: u8 = 4;
const SERIES: u8 = 5;
const READING: u8 = 6;
const WRITE: u8 = 16;
const FLAG_LIVE: u8 = 1;
const FLAG_WITHHELD: u8 = 2;
const FLAG_CRASH: u8 = 4;
const FLAG_ANSWER: u8 = 1;
/// An author's name is cut to this many bytes, so that its length fits into one.
const MAX_AUTHOR: usize = 255;

/// Names one subscription on one connection.
pub type Channel = u16;

fn put_header(
    out: &mut Vec<u8>,
    kind: u8,
    flags: u8,
    channel: Channel,
    length: usize,
    offset: Offset,
    time: Time,
) {
    out.reserve(RECORD_HEADER + length);
    out.push(kind);
    out.push(flags);
    out.extend_from_slice(&channel.to_le_bytes());
    out.extend_from_slice(&(length as u32).to_le_bytes());
    out.extend_from_slice(&offset.0.to_le_bytes());
    out.extend_from_slice(&time.0.to_le_bytes());
}

/// What a record takes in a message besides its payload.
pub fn overhead(kind: Kind, author: Option<&str>) -> usize {
    let prefix = match kind {
        Kind::Tx => 1 + shown(author).len(),
        Kind::Rx | Kind::Note => 0,
    };
    RECORD_HEADER + prefix
}

fn shown(author: Option<&str>) -> &str {
    let author = author.unwrap_or_default();
    &author[..author.floor_char_boundary(MAX_AUTHOR)]
}

/// Adds a record to a message.
pub fn put_record(out: &mut Vec<u8>, channel: Channel, live: bool, record: &Record<'_>) {
    let author = shown(record.author);
    let length = overhead(record.kind, record.author) - RECORD_HEADER + record.bytes.len();
    put_header(
        out,
        record.kind as u8,
        if live { FLAG_LIVE } else { 0 },
        channel,
        length,
        record.offset,
        record.time,
    );
    if record.kind == Kind::Tx {
        out.push(author.len() as u8);
        out.extend_from_slice(author.as_bytes());
    }
    out.extend_from_slice(record.bytes);
}

/// Adds a gap to a message, noticed at `time`.
pub fn put_gap(out: &mut Vec<u8>, channel: Channel, gap: Gap, time: Time) {
    let why = match gap.why {
        Why::Dropped => 0,
        Why::Withheld => FLAG_WITHHELD,
        Why::Crash => FLAG_CRASH,
    };
    put_header(out, GAP, why, channel, 8, gap.from, time);
    out.extend_from_slice(&gap.to.0.to_le_bytes());
}

/// What a number stands for in the readings of a channel.
#[derive(Serialize)]
struct Naming<'a> {
    series: u16,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
}

/// Adds the name of a series, which a value of that reading is of.
pub fn put_series(
    out: &mut Vec<u8>,
    channel: Channel,
    live: bool,
    number: u16,
    reading: &Reading<'_>,
) {
    let series = &reading.series[usize::from(number)];
    let naming = Naming {
        series: number,
        name: &series.name,
        unit: series.unit.as_deref(),
    };
    let json = serde_json::to_vec(&naming).expect("a name is plain data");
    let (flags, length) = (if live { FLAG_LIVE } else { 0 }, json.len());
    let Reading { offset, time, .. } = *reading;
    put_header(out, SERIES, flags, channel, length, offset, time);
    out.extend_from_slice(&json);
}

/// Adds what one line gave.
pub fn put_reading(out: &mut Vec<u8>, channel: Channel, live: bool, reading: &Reading<'_>) {
    let flags = if live { FLAG_LIVE } else { 0 };
    let length = 4 + 10 * reading.values.len();
    let Reading { offset, time, .. } = *reading;
    put_header(out, READING, flags, channel, length, offset, time);
    out.extend_from_slice(&reading.length.to_le_bytes());
    for value in reading.values {
        out.extend_from_slice(&value.series.to_le_bytes());
        out.extend_from_slice(&value.value.to_le_bytes());
    }
}

/// How long the first record of a message is, with its header.
pub fn first_length(message: &[u8]) -> usize {
    let length = message.get(4..8).and_then(|length| length.try_into().ok());
    length.map_or(0, |length| {
        RECORD_HEADER + u32::from_le_bytes(length) as usize
    })
}

/// A binary message from a client: bytes for the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The subscription that names the port.
    pub channel: Channel,
    /// For the answer.
    pub id: u32,
    /// Whether a terminal answers the device, and nobody typed.
    pub answer: bool,
    /// What to write.
    pub bytes: Bytes,
}

/// A binary message that is not a [`Write`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWrite {
    /// Not even a header.
    #[error(
        "a binary message of {0} bytes is shorter than the header of a write ({WRITE_HEADER} bytes)"
    )]
    Short(usize),
    /// Another kind.
    #[error("a binary message of kind {0} is not known; a write is kind {WRITE}")]
    Kind(u8),
}

impl Write {
    /// Reads a client's binary message.
    pub fn parse(message: &Bytes) -> Result<Self, NotAWrite> {
        let &[kind, flags, c0, c1, i0, i1, i2, i3, ..] = message.as_ref() else {
            return Err(NotAWrite::Short(message.len()));
        };
        if kind != WRITE {
            return Err(NotAWrite::Kind(kind));
        }
        Ok(Self {
            channel: u16::from_le_bytes([c0, c1]),
            id: u32::from_le_bytes([i0, i1, i2, i3]),
            answer: flags & FLAG_ANSWER != 0,
            bytes: message.slice(WRITE_HEADER..),
        })
    }
}
