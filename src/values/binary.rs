//! Binary records: values out of frames, as a table describes them.

mod checksum;
mod frames;

use super::catch::{Catch, MOST};
use super::spec::{self, Endian, Field, Form, Frame, NotAParser};
use crate::record::{Offset, Record, Time};
use checksum::Checksum;
use frames::Frames;

/// A frame is at most so long, in bytes.
const LONGEST: usize = 4096;

/// Where a frame was, and when its first byte came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub offset: Offset,
    /// From its first byte to its last, which counts.
    pub length: u32,
    pub time: Time,
}

/// Finds values in binary records.
#[derive(Debug)]
pub struct Binary {
    frames: Frames,
    numbers: Vec<Number>,
    checksum: Option<Checksum>,
    /// So many bytes a frame has at least.
    least: usize,
}

/// A frame that is whole.
pub struct Filled<'a> {
    numbers: &'a [Number],
    frame: &'a [u8],
}

impl Filled<'_> {
    /// Adds its numbers to a catch.
    pub fn put(&self, catch: &mut Catch) {
        for number in self.numbers {
            catch.add(&[&number.name], &number.unit, number.read(self.frame));
        }
    }
}

/// A number of a frame.
#[derive(Debug)]
struct Number {
    at: usize,
    name: String,
    unit: String,
    form: Form,
    endian: Endian,
    scale: f64,
    plus: f64,
    bit: Option<u32>,
}

impl Binary {
    pub fn new(spec: &spec::Binary) -> Result<Self, NotAParser> {
        let sync = match &spec.frame {
            Frame::Fixed {
                sync: Some(sync), ..
            } => crate::hex::decode(sync).map_err(|error| NotAParser::new("frame.sync", error))?,
            _ => Vec::new(),
        };
        let (numbers, end) = numbers(spec, sync.len())?;
        let checksum = spec
            .checksum
            .map(|checksum| Checksum::new(&checksum, spec.endian));
        let sum = checksum.as_ref().map_or(0, Checksum::length);
        let least = end + sum;
        let length = match &spec.frame {
            Frame::Fixed { length, .. } => *length,
            Frame::Cobs {} | Frame::Slip {} => LONGEST,
        };
        if !(1..=LONGEST).contains(&length) {
            let message = format!("{length} bytes are not possible; 1 to {LONGEST} are");
            return Err(NotAParser::new("frame.length", message));
        }
        if least > length {
            let message =
                format!("what is in the frame takes {least} bytes, and the frame has {length}");
            return Err(NotAParser::new("fields", message));
        }
        if spec
            .checksum
            .is_some_and(|checksum| checksum.from + sum > length)
        {
            let message = format!("nothing is left of a frame of {length} bytes");
            return Err(NotAParser::new("checksum.from", message));
        }
        let least = least.max(spec.checksum.map_or(0, |checksum| checksum.from + sum));
        Ok(Self {
            frames: match &spec.frame {
                Frame::Fixed { length, .. } => Frames::fixed(*length, sync, checksum.is_some()),
                Frame::Cobs {} => Frames::cobs(),
                Frame::Slip {} => Frames::slip(),
            },
            numbers,
            checksum,
            least,
        })
    }

    /// Takes what came in; `each` gets the numbers of each frame that ends in it. Gives how many
    /// frames were broken.
    pub fn take(&mut self, record: &Record<'_>, mut each: impl FnMut(Place, &Filled<'_>)) -> u64 {
        let (numbers, checksum, least) = (&self.numbers, &self.checksum, self.least);
        self.frames.take(record, |frame, place| {
            let holds = |checksum: &Checksum| checksum.holds(frame);
            let is_whole = frame.len() >= least && checksum.as_ref().is_none_or(holds);
            if is_whole {
                each(place, &Filled { numbers, frame });
            }
            is_whole
        })
    }

    /// Takes that bytes are missing.
    pub fn lose(&mut self, time: Time) {
        self.frames.lose(time);
    }
}

/// The numbers of a record, and how many bytes they reach into it.
fn numbers(spec: &spec::Binary, start: usize) -> Result<(Vec<Number>, usize), NotAParser> {
    let (mut numbers, mut at, mut end) = (Vec::new(), start, start);
    for (place, field) in spec.fields.iter().enumerate() {
        let wrong = |what: &str, message: String| {
            Err(NotAParser::new(format!("fields[{place}]{what}"), message))
        };
        match field {
            Field::Skip(spec::Skip { skip }) => {
                let to = at.checked_add_signed(*skip as isize);
                match to.filter(|to| (start..=LONGEST).contains(to)) {
                    Some(to) => at = to,
                    None => {
                        return wrong(
                            ".skip",
                            format!("{skip} bytes on from byte {at} lies outside of the frame"),
                        );
                    }
                }
            }
            Field::Number(number) => {
                let length = bytes(number.form);
                if number.name.trim().is_empty() {
                    return wrong(".name", "a series has a name".to_owned());
                }
                let is_float = matches!(number.form, Form::F32 | Form::F64);
                if let Some(bit) = number.bit
                    && (is_float || bit as usize >= 8 * length)
                {
                    let message = match is_float {
                        true => "a floating number has no bits of its own".to_owned(),
                        false => {
                            format!("there is no bit {bit}; 0 to {} are there", 8 * length - 1)
                        }
                    };
                    return wrong(".bit", message);
                }
                numbers.push(Number {
                    at,
                    name: number.name.clone(),
                    unit: number.unit.clone().unwrap_or_default(),
                    form: number.form,
                    endian: number.endian.unwrap_or(spec.endian),
                    scale: number.scale.unwrap_or(1.0),
                    plus: number.plus.unwrap_or(0.0),
                    bit: number.bit,
                });
                at += length;
            }
        }
        end = end.max(at);
    }
    if !(1..=MOST).contains(&numbers.len()) {
        let message = format!("a frame has 1 to {MOST} numbers, not {}", numbers.len());
        return Err(NotAParser::new("fields", message));
    }
    Ok((numbers, end))
}

/// How many bytes a number takes.
fn bytes(form: Form) -> usize {
    match form {
        Form::U8 | Form::I8 => 1,
        Form::U16 | Form::I16 => 2,
        Form::U24 | Form::I24 => 3,
        Form::U32 | Form::I32 | Form::F32 => 4,
        Form::U64 | Form::I64 | Form::F64 => 8,
    }
}

/// The number that some bytes, at most eight, are.
fn unsigned(bytes: &[u8], endian: Endian) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    match endian {
        Endian::Little => bytes.iter().rev().fold(0, add),
        Endian::Big => bytes.iter().fold(0, add),
    }
}

impl Number {
    /// Reads it out of a frame, which reaches so far.
    fn read(&self, frame: &[u8]) -> f64 {
        let length = bytes(self.form);
        let raw = unsigned(&frame[self.at..self.at + length], self.endian);
        let unused = 64 - 8 * length as u32;
        let number = match self.form {
            _ if self.bit.is_some() => (raw >> self.bit.unwrap_or_default() & 1) as f64,
            Form::F32 => f64::from(f32::from_bits(raw as u32)),
            Form::F64 => f64::from_bits(raw),
            Form::U8 | Form::U16 | Form::U24 | Form::U32 | Form::U64 => raw as f64,
            Form::I8 | Form::I16 | Form::I24 | Form::I32 | Form::I64 => {
                ((raw << unused) as i64 >> unused) as f64
            }
        };
        let value = number * self.scale + self.plus;
        if value.is_finite() { value } else { f64::NAN }
    }
}
