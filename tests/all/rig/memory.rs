//! A memory: what somebody has read of a journal, to be held against what is read later.

use super::client::{Record, What};

/// The records of one journal that are known, in order.
#[derive(Default)]
pub struct Memory(Vec<Record>);

impl Memory {
    /// The same as these records tell, without the gaps.
    pub fn of(records: Vec<Record>) -> Self {
        let known = records.into_iter();
        Self(known.filter(|record| !is_gap(record)).collect())
    }

    /// Holds that everything in `records` stands here, byte for byte, at the same offset with the
    /// same time.
    pub fn has_all(&self, records: &[Record]) {
        for record in records.iter().filter(|record| !is_gap(record)) {
            let same = self.compare(record);
            assert_eq!(same, length(record), "missing: {}", told(record));
        }
    }

    /// Holds that what stands here at the offsets of `records` is the same there.
    pub fn contradicts_none(&self, records: &[Record]) {
        for record in records.iter().filter(|record| !is_gap(record)) {
            self.compare(record);
        }
    }

    /// How much of a record is here, all of it the same.
    fn compare(&self, record: &Record) -> u64 {
        let end = record.offset + length(record);
        let first = self
            .0
            .partition_point(|known| known.offset + length(known) <= record.offset);
        let mut same = 0;
        for known in self.0[first..]
            .iter()
            .take_while(|known| known.offset < end)
        {
            let from = known.offset.max(record.offset);
            let to = (known.offset + length(known)).min(end);
            let piece = |of: &Record| cut(of, from, to);
            assert!(
                known.time == record.time && piece(known) == piece(record),
                "{} was read, and later {}",
                told(record),
                told(known)
            );
            same += to - from;
        }
        same
    }
}

/// The part of a record between two offsets, without what depends on when it was read.
fn cut(record: &Record, from: u64, to: u64) -> What {
    let range = (from - record.offset) as usize..(to - record.offset) as usize;
    match &record.what {
        What::Rx(bytes) => What::Rx(bytes[range].to_vec()),
        What::Tx { author, bytes } => What::Tx {
            author: author.clone(),
            bytes: bytes[range].to_vec(),
        },
        other => other.clone(),
    }
}

/// How many offsets a record takes.
pub fn length(record: &Record) -> u64 {
    let bytes = match &record.what {
        What::Rx(bytes) | What::Tx { bytes, .. } => bytes.len(),
        What::Note(note) => note.to_string().len(),
        What::Gap { .. } | What::Series(_) | What::Values { .. } => 0,
    };
    bytes as u64
}

fn is_gap(record: &Record) -> bool {
    matches!(record.what, What::Gap { .. })
}

fn told(record: &Record) -> String {
    let shown = match &record.what {
        What::Rx(bytes) | What::Tx { bytes, .. } => {
            bytes[..bytes.len().min(16)].escape_ascii().to_string()
        }
        other => format!("{other:?}"),
    };
    format!(
        "{} bytes at {} of {}: {shown}",
        length(record),
        record.offset,
        record.time
    )
}
