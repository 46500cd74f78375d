//! Export: records written down for files, as `raw`, `text`, `jsonl`, `csv` or `asciicast`. Records
//! in, bytes out; where they come from and go to is others' business. `docs/export.md` defines the
//! formats.

mod asciicast;
mod csv;
mod jsonl;
mod lines;
mod text;

use serde::Deserialize;
use utoipa::ToSchema;

use asciicast::Cast;
pub use csv::cell;
use lines::{Line, Lines};

use crate::record::{Gap, Kind, Record, Time, Why};

/// How records are written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The payloads, one behind the other, and nothing else.
    Raw,
    /// For reading: a line for each line that came in.
    #[default]
    Text,
    /// For programs: a JSON object for each record, from which the journal could be rebuilt.
    Jsonl,
    /// For spreadsheets: a row for each line that came in.
    Csv,
    /// For players of terminal recordings: asciicast, version 2.
    Asciicast,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [
        Self::Raw,
        Self::Text,
        Self::Jsonl,
        Self::Csv,
        Self::Asciicast,
    ];

    /// How it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Text => "text",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Asciicast => "asciicast",
        }
    }

    /// The ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Raw => "bin",
            Self::Text => "txt",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Asciicast => "cast",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Raw => "application/octet-stream",
            Self::Text => "text/plain; charset=utf-8",
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Asciicast => "application/x-asciicast",
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

/// What is written down, and how.
#[derive(Clone, Debug)]
pub struct Style {
    /// The format.
    pub format: Format,
    /// The kinds of records that are wanted; those of the format where nobody names any.
    pub kinds: Option<Kinds>,
    /// Whether `text` has times.
    pub times: bool,
    /// Whether `text` keeps escape sequences and control characters.
    pub escapes: bool,
    /// Whether `raw` goes on where bytes are missing.
    pub skip_gaps: bool,
    /// The title of an `asciicast`.
    pub title: Option<String>,
}

impl From<Format> for Style {
    fn from(format: Format) -> Self {
        Self {
            format,
            kinds: None,
            times: true,
            escapes: false,
            skip_gaps: false,
            title: None,
        }
    }
}

/// Writes records down in one style. Lines may span records, so it has a memory: give it all
/// records in order, and [`finish`](Self::finish) it.
pub struct Exporter {
    format: Format,
    kinds: Kinds,
    times: bool,
    skip_gaps: bool,
    lines: Lines,
    cast: Cast,
    begun: bool,
    /// What was missing since the last record. It is told when it is known when the journal goes on.
    gaps: Vec<Gap>,
    /// The time of the last record.
    last: Option<Time>,
}

impl Exporter {
    /// Writes the records that the style wants.
    pub fn new(style: Style) -> Self {
        let format = style.format;
        Self {
            format,
            kinds: style.kinds.unwrap_or_else(|| format.kinds()),
            times: style.times,
            skip_gaps: style.skip_gaps,
            lines: Lines::new(style.escapes && format == Format::Text),
            cast: Cast::new(style.title),
            begun: false,
            gaps: Vec::new(),
            last: None,
        }
    }

    /// Adds a record, as far as it can be written already.
    pub fn record(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        self.begin(out);
        self.put_gaps(record.time, out);
        self.last = Some(record.time);
        if !self.kinds.contains(record.kind) {
            return;
        }
        match self.format {
            Format::Raw => out.extend_from_slice(record.bytes),
            Format::Jsonl => jsonl::put_record(out, record),
            Format::Asciicast => self.cast.record(record, out),
            Format::Text | Format::Csv => self
                .lines
                .record(record, put_line(self.format, self.times, out)),
        }
    }

    /// Takes that bytes are missing. It is told with the time of the next record.
    ///
    /// # Errors
    /// `raw` has no words for it: what was written must not pass for the whole. What was left out
    /// on purpose is no loss.
    pub fn gap(&mut self, gap: Gap) -> Result<(), Gap> {
        if self.format == Format::Raw {
            let is_loss = gap.why != Why::Withheld && !self.skip_gaps;
            return if is_loss { Err(gap) } else { Ok(()) };
        }
        match self.gaps.last_mut() {
            Some(last) if last.to == gap.from && last.why == gap.why => last.to = gap.to,
            _ => self.gaps.push(gap),
        }
        Ok(())
    }

    /// Adds what has not ended.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.put_gaps(self.last.unwrap_or_else(Time::now), out);
        match self.format {
            Format::Raw | Format::Jsonl => {}
            Format::Asciicast => self.cast.finish(out),
            Format::Text | Format::Csv => {
                self.lines.finish(put_line(self.format, self.times, out));
            }
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.begun, true) && self.format == Format::Csv {
            csv::put_header(out);
        }
    }

    fn put_gaps(&mut self, time: Time, out: &mut Vec<u8>) {
        for gap in self.gaps.drain(..) {
            match self.format {
                Format::Raw => {}
                Format::Jsonl => jsonl::put_gap(out, gap, time),
                Format::Asciicast => self.cast.gap(gap, time, out),
                Format::Text | Format::Csv => {
                    self.lines
                        .gap(gap, time, put_line(self.format, self.times, out));
                }
            }
        }
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
