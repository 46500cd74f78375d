//! Export: records written down for files, as `raw`, `text`, `jsonl` or `csv`. Records in, bytes
//! out; where they come from and go to is others' business. `docs/export.md` defines the formats.

pub mod clock;
mod csv;
mod jsonl;
mod lines;
mod plain;
mod text;

use serde::Deserialize;

pub use clock::{clock, file_clock};
use lines::{Line, Lines};
pub use plain::{plain, plain_marked};

use crate::record::{Gap, Kind, Record, Time};

/// How records are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The payloads, one behind the other, and nothing else.
    Raw,
    /// For reading: a line for each line that came in.
    Text,
    /// For programs: a JSON object for each record, from which the journal could be rebuilt.
    Jsonl,
    /// For spreadsheets: a row for each line that came in.
    Csv,
}

impl Format {
    /// The ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Raw => "bin",
            Self::Text => "txt",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Raw => "application/octet-stream",
            Self::Text => "text/plain; charset=utf-8",
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// The kinds that are written down where nobody names any.
    pub fn kinds(self) -> Kinds {
        match self {
            Self::Raw => Kinds(vec![Kind::Rx]),
            _ => Kinds(vec![Kind::Rx, Kind::Tx, Kind::Note]),
        }
    }
}

/// The kinds of records that are wanted, read from a list such as `rx,tx`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Kinds(Vec<Kind>);

impl Kinds {
    /// Whether records of this kind are wanted.
    pub fn contains(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }
}

impl From<&[Kind]> for Kinds {
    fn from(kinds: &[Kind]) -> Self {
        Self(kinds.to_vec())
    }
}

impl TryFrom<String> for Kinds {
    type Error = String;

    fn try_from(list: String) -> Result<Self, String> {
        let kind = |name: &str| match name.trim() {
            "rx" => Ok(Kind::Rx),
            "tx" => Ok(Kind::Tx),
            "note" => Ok(Kind::Note),
            other => Err(format!(
                "{other:?} is not a kind; give some of rx, tx, note, with commas between"
            )),
        };
        list.split(',')
            .map(kind)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// Writes records down in one format. Lines may span records, so it has a memory: give it all
/// records in order, and [`finish`](Self::finish) it.
pub struct Exporter {
    format: Format,
    kinds: Kinds,
    times: bool,
    lines: Lines,
}

impl Exporter {
    /// Writes the records that are of these `kinds`. `times` decides about the times in `text`.
    pub fn new(format: Format, kinds: Kinds, times: bool) -> Self {
        Self {
            format,
            kinds,
            times,
            lines: Lines::default(),
        }
    }

    /// Adds what stands before the first record.
    pub fn begin(&self, out: &mut Vec<u8>) {
        if self.format == Format::Csv {
            csv::put_header(out);
        }
    }

    /// Adds a record, as far as it can be written already.
    pub fn record(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        if !self.kinds.contains(record.kind) {
            return;
        }
        match self.format {
            Format::Raw => out.extend_from_slice(record.bytes),
            Format::Jsonl => jsonl::put_record(out, record),
            Format::Text | Format::Csv => self
                .lines
                .record(record, put_line(self.format, self.times, out)),
        }
    }

    /// Adds that bytes are missing, noticed at `time`.
    ///
    /// # Errors
    /// `raw` has no words for it: what was written must not pass for the wgap.
    pub fn gap(&mut self, gap: Gap, time: Time, out: &mut Vec<u8>) -> Result<(), Gap> {
        match self.format {
            Format::Raw => return Err(gap),
            Format::Jsonl => jsonl::put_gap(out, gap, time),
            Format::Text | Format::Csv => {
                self.lines
                    .gap(gap, time, put_line(self.format, self.times, out))
            }
        }
        Ok(())
    }

    /// Adds the lines that have not ended.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.lines.finish(put_line(self.format, self.times, out));
    }
}

fn put_line(format: Format, times: bool, out: &mut Vec<u8>) -> impl FnMut(Line<'_>) {
    move |line| match format {
        Format::Csv => csv::put_line(out, &line),
        _ => text::put_line(out, &line, times),
    }
}

#[cfg(test)]
mod tests;
