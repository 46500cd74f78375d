//! A table of readings: RFC 4180, safe to be opened by a spreadsheet.

use std::io::Write;
use std::ops::ControlFlow;

use super::{Met, Stretch};
use crate::clock::clock;
use crate::export::cell;
use crate::values::{NotAParser, Parser, Reading, Series};

/// About so much is given at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Writes the table of a stretch. It is read twice: first for the names of the columns.
pub fn write(
    stretch: &Stretch<'_>,
    mut put: impl FnMut(Vec<u8>) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, NotAParser> {
    let names = match stretch.series {
        Some(names) => names.to_vec(),
        None => match names(stretch, &mut put)? {
            ControlFlow::Continue(names) => names,
            ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
        },
    };
    let mut table = Table::new(names);
    let mut parser = Parser::new(stretch.spec)?;
    let flow = stretch.walk(&mut parser, |met| {
        match met {
            Met::Reading(reading) => table.add(reading),
            Met::Gap(_) => {}
            Met::Pause if table.out.len() < PIECE => return put(Vec::new()),
            Met::Pause => {}
        }
        if table.out.len() < PIECE {
            return ControlFlow::Continue(());
        }
        put(std::mem::take(&mut table.out))
    });
    Ok(match flow {
        ControlFlow::Continue(()) => put(table.out),
        ended => ended,
    })
}

/// The names of all series of a stretch.
fn names(
    stretch: &Stretch<'_>,
    put: &mut impl FnMut(Vec<u8>) -> ControlFlow<()>,
) -> Result<ControlFlow<(), Vec<String>>, NotAParser> {
    let mut parser = Parser::new(stretch.spec)?;
    let mut used = Vec::new();
    let looked = stretch.walk(&mut parser, |met| {
        match met {
            Met::Reading(reading) => {
                used.resize(reading.series.len(), false);
                for value in reading.values {
                    used[usize::from(value.series)] = true;
                }
            }
            Met::Gap(_) => {}
            Met::Pause => return put(Vec::new()),
        }
        ControlFlow::Continue(())
    });
    let met = parser.series().iter().zip(used).filter(|(_, used)| *used);
    Ok(match looked {
        ControlFlow::Continue(()) => {
            ControlFlow::Continue(met.map(|(series, _)| series.name.clone()).collect())
        }
        ControlFlow::Break(()) => ControlFlow::Break(()),
    })
}

/// A table on its way.
struct Table {
    names: Vec<String>,
    /// The columns of the parser's series.
    columns: Vec<Option<usize>>,
    row: Vec<f64>,
    out: Vec<u8>,
}

impl Table {
    /// A table with these columns behind the time and the offset.
    fn new(names: Vec<String>) -> Self {
        let mut out = b"time,offset".to_vec();
        for name in &names {
            out.push(b',');
            out.extend_from_slice(cell(name).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        Self {
            row: vec![f64::NAN; names.len()],
            names,
            columns: Vec::new(),
            out,
        }
    }

    /// Adds a row, or more where a series has more than one value.
    fn add(&mut self, reading: &Reading<'_>) {
        for Series { name, .. } in &reading.series[self.columns.len()..] {
            self.columns
                .push(self.names.iter().position(|own| own == name));
        }
        let mut is_empty = true;
        for value in reading.values {
            let Some(column) = self.columns[usize::from(value.series)] else {
                continue;
            };
            if !self.row[column].is_nan() {
                self.put(reading);
            }
            self.row[column] = value.value;
            is_empty = false;
        }
        if !is_empty {
            self.put(reading);
        }
    }

    fn put(&mut self, reading: &Reading<'_>) {
        let (time, offset) = (clock(reading.time), reading.offset);
        let mut write = |text: std::fmt::Arguments<'_>| {
            self.out.write_fmt(text).expect("memory takes everything");
        };
        write(format_args!("{time},{offset}"));
        for value in &mut self.row {
            match std::mem::replace(value, f64::NAN) {
                none if none.is_nan() => write(format_args!(",")),
                // Others would be written with hundreds of digits.
                plain if plain == 0.0 || (1e-7..1e21).contains(&plain.abs()) => {
                    write(format_args!(",{plain}"));
                }
                far => write(format_args!(",{far:e}")),
            }
        }
        self.out.extend_from_slice(b"\r\n");
    }
}
