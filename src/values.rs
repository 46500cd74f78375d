//! Values: numbers out of what a device prints. `docs/values.md` says what is understood.
//!
//! A **series** is the values under one name, a **reading** what one line or one binary record
//! gave, and a **parser** finds them. It takes a journal's records in order and needs nothing else:
//! what is live and what is recorded is read by the same code.

mod binary;
mod catch;
mod columns;
mod cutter;
mod expression;
mod json;
mod labels;
mod number;
mod series;
pub mod spec;
mod teleplot;
mod unit;

use binary::Binary;
use catch::Catch;
use columns::Columns;
pub use columns::Header;
use cutter::{Cutter, Line};
use expression::Expression;
use json::Json;
pub use series::Series;
use series::Table;
pub use spec::{NotAParser, Spec};

use crate::plain::put_plain;
use crate::record::{Gap, Kind, Note, Offset, Record, Time, What, Why};

/// So far before a place there may be the beginning of its line, and the names of its columns if nobody
/// [knows](Parser::know) these, in bytes.
const BACK: u64 = 64 * 1024;

/// Where to begin for the sake of the lines from an offset on, in a journal that is kept from
/// `oldest` on.
pub fn look_back(from: Offset, oldest: Offset) -> Offset {
    Offset(from.0.saturating_sub(BACK)).max(oldest).min(from)
}

/// A value of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// The number of its series.
    pub series: u16,
    /// The value; NaN is *no value*, and nothing here is infinite.
    pub value: f64,
}

/// What one line or one binary record gave. A line that carries times of its own may give several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading<'a> {
    /// The place of the line's first byte.
    pub offset: Offset,
    /// From there to where what follows begins.
    pub length: u32,
    /// When its first byte came, or the time that it says.
    pub time: Time,
    /// At least one.
    pub values: &'a [Value],
    /// All series that are known by now, by their numbers.
    pub series: &'a [Series],
}

impl Reading<'_> {
    /// The offset behind the line.
    pub fn end(&self) -> Offset {
        self.offset.plus(self.length as usize)
    }
}

/// A line that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// The place of its first byte.
    pub offset: Offset,
    /// From there to where what follows begins.
    pub length: u32,
    /// When its first byte came.
    pub time: Time,
    /// As it is read: without its end, escape sequences and control characters but the tab.
    pub text: &'a str,
}

/// What a parser met: a line, and then the readings that it gave.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the two kinds")]
pub enum Met<'a> {
    Line(Text<'a>),
    Reading(&'a Reading<'a>),
}

/// One way to find values in a line.
#[derive(Debug)]
enum Finder {
    Auto(Json, Columns),
    Teleplot,
    Json(Json),
    Labels,
    Columns(Columns),
    Expression(Expression),
}

impl Finder {
    fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Auto(_, columns) | Self::Columns(columns) => Some(columns),
            _ => None,
        }
    }

    fn find(&mut self, line: &str, catch: &mut Catch) {
        match self {
            Self::Auto(json, columns) => {
                let _ = teleplot::find(line, catch)
                    || json.find(line, catch)
                    || labels::find(line, catch)
                    || columns.find(line, catch);
            }
            Self::Teleplot => {
                teleplot::find(line, catch);
            }
            Self::Json(json) => {
                json.find(line, catch);
            }
            Self::Labels => {
                labels::find(line, catch);
            }
            Self::Columns(columns) => {
                columns.find(line, catch);
            }
            Self::Expression(expression) => {
                expression.find(line, catch);
            }
        }
    }
}

/// Finds values in the records of one journal, taken in order.
#[derive(Debug)]
pub struct Parser {
    cutter: Cutter,
    finders: Vec<Finder>,
    binaries: Vec<Binary>,
    sink: Sink,
    /// A line without what it told the terminal.
    text: String,
    /// Where the record that comes next begins, if nothing is missing.
    next: Option<Offset>,
}

/// Where values are put together.
#[derive(Debug, Default)]
struct Sink {
    catch: Catch,
    table: Table,
    values: Vec<Value>,
    ignored: u64,
}

impl Parser {
    /// A parser that has met nothing yet.
    ///
    /// # Errors
    /// If what is to be found cannot be meant.
    pub fn new(spec: &Spec) -> Result<Self, NotAParser> {
        let (mut finders, mut binaries) = (Vec::new(), Vec::new());
        for (number, kind) in spec.0.iter().enumerate() {
            let place = match spec.0.len() {
                1 => String::new(),
                _ => format!("[{number}]"),
            };
            let within = |error: NotAParser| error.within(&place);
            finders.push(match kind {
                spec::Kind::Auto => Finder::Auto(Json::default(), Columns::new()),
                spec::Kind::Teleplot => Finder::Teleplot,
                spec::Kind::Json => Finder::Json(Json::default()),
                spec::Kind::Labels => Finder::Labels,
                spec::Kind::Columns(columns) => {
                    Finder::Columns(Columns::of(columns).map_err(within)?)
                }
                spec::Kind::Regex(regex) => {
                    Finder::Expression(Expression::new(regex).map_err(within)?)
                }
                spec::Kind::Binary(binary) => {
                    binaries.push(Binary::new(binary).map_err(within)?);
                    continue;
                }
            });
        }
        Ok(Self {
            cutter: Cutter::new(),
            finders,
            binaries,
            sink: Sink::default(),
            text: String::new(),
            next: None,
        })
    }

    /// Whether lines name its columns.
    pub fn is_named_by_lines(&self) -> bool {
        let mut columns = self.finders.iter().filter_map(Finder::columns);
        columns.any(Columns::is_named_by_lines)
    }

    /// The names of columns that are in use.
    pub fn header(&self) -> Option<&Header> {
        let mut columns = self.finders.iter().filter_map(Finder::columns);
        columns.find_map(Columns::header)
    }

    /// Takes the names of columns that were in use before the first record.
    pub fn know(&mut self, header: &Header) {
        for finder in &mut self.finders {
            if let Finder::Auto(_, columns) | Finder::Columns(columns) = finder {
                columns.know(header);
            }
        }
    }

    /// Takes the record that comes next; gives each reading that ends in it. Where it does not
    /// begin where the one before ended, bytes are missing, and what has begun is let go.
    pub fn take(&mut self, record: &Record<'_>, mut each: impl FnMut(&Reading<'_>)) {
        let cuts = !self.finders.is_empty();
        self.go_on(record, cuts, &mut |met: Met<'_>| {
            if let Met::Reading(reading) = met {
                each(reading);
            }
        });
    }

    /// The same, and gives each line that ends in it, also one without values, before its readings.
    pub fn take_lines(&mut self, record: &Record<'_>, mut each: impl FnMut(Met<'_>)) {
        self.go_on(record, true, &mut each);
    }

    fn go_on(&mut self, record: &Record<'_>, cuts: bool, each: &mut impl FnMut(Met<'_>)) {
        if self.next.is_some_and(|next| next != record.offset) {
            self.lose(record.time);
        }
        self.next = Some(record.end());
        match record.kind {
            Kind::Rx => self.find(record, cuts, each),
            Kind::Tx => {}
            Kind::Note => {
                let what = serde_json::from_slice::<Note>(record.bytes).map(|note| note.what);
                if matches!(what, Ok(What::Opened | What::Lost | What::Released)) {
                    self.lose(record.time);
                }
            }
        }
    }

    /// Takes that bytes are missing. What was left out on purpose is what was typed, and leaves no
    /// hole in a line.
    pub fn gap(&mut self, gap: &Gap) {
        if gap.why != Why::Withheld {
            // A pause behind it tells nothing: it may be shorter than it looks.
            self.lose(Time(u64::MAX));
        }
        self.next = Some(gap.to);
    }

    /// All series that were met, by their numbers.
    pub fn series(&self) -> &[Series] {
        self.sink.table.all()
    }

    /// Values that found no room, and binary records that were broken.
    pub fn ignored(&self) -> u64 {
        self.sink.ignored
    }

    fn lose(&mut self, time: Time) {
        self.cutter.lose(time);
        for binary in &mut self.binaries {
            binary.lose(time);
        }
    }

    fn find(&mut self, record: &Record<'_>, cuts: bool, each: &mut impl FnMut(Met<'_>)) {
        let Self {
            cutter,
            finders,
            binaries,
            sink,
            text,
            ..
        } = self;
        if cuts {
            cutter.take(record, |line: Line<'_>| {
                let shown = readable(line.bytes, text);
                each(Met::Line(Text {
                    offset: line.offset,
                    length: line.length,
                    time: line.time,
                    text: shown,
                }));
                for finder in &mut *finders {
                    finder.find(shown, &mut sink.catch);
                }
                sink.put(line.offset, line.length, line.time, &mut |reading| {
                    each(Met::Reading(reading))
                });
            });
        }
        for binary in binaries {
            let broken = binary.take(record, |place, frame| {
                frame.put(&mut sink.catch);
                sink.put(place.offset, place.length, place.time, &mut |reading| {
                    each(Met::Reading(reading))
                });
            });
            sink.ignored += broken;
        }
    }
}

impl Sink {
    /// Gives what was caught of one line.
    fn put(
        &mut self,
        offset: Offset,
        length: u32,
        time: Time,
        each: &mut impl FnMut(&Reading<'_>),
    ) {
        self.ignored += self.catch.beyond();
        self.values.clear();
        let mut give = |values: &mut Vec<Value>, series: &[Series], ago: u64| {
            if !values.is_empty() {
                each(&Reading {
                    offset,
                    length,
                    time: Time(time.0.saturating_sub(ago)),
                    values,
                    series,
                });
                values.clear();
            }
        };
        let mut ago = 0;
        for caught in self.catch.values() {
            if caught.ago != ago {
                give(&mut self.values, self.table.all(), ago);
                ago = caught.ago;
            }
            match self.table.number(&caught) {
                Some(Some(series)) => self.values.push(Value {
                    series,
                    value: caught.value,
                }),
                Some(None) => self.ignored += 1,
                None => {}
            }
        }
        give(&mut self.values, self.table.all(), ago);
        self.catch.clear();
    }
}

/// A line as it is read: without escape sequences and control characters but the tab, and with
/// U+FFFD for what is not UTF-8.
fn readable<'a>(line: &'a [u8], room: &'a mut String) -> &'a str {
    let is_odd = |byte: u8| byte < b' ' && byte != b'\t' || byte == 0x7f;
    // Nearly every line is of plain bytes; looking at all of them is faster than stopping early.
    let (odd, high) = line.iter().fold((false, 0), |(odd, high), byte| {
        (odd | is_odd(*byte), high | byte)
    });
    match std::str::from_utf8(line) {
        // Control characters beyond ASCII are C2 80 to C2 9F.
        Ok(text) if !odd && (high < 0x80 || !text.contains(is_c1)) => text,
        _ => {
            room.clear();
            put_plain(room, line);
            room
        }
    }
}

fn is_c1(letter: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&letter)
}

#[cfg(test)]
mod tests;
