//! A store with much in it, written by the store's own writer.

use std::path::Path;
use std::time::Instant;

use seriald::record::{Kind, Offset, Time};
use seriald::span::{Entry, Span};
use seriald::state::Records;
use seriald::store::{Durability, Keep, Store, StoreError, Writer};

/// What 921600 baud bring in 5 ms.
const READ: usize = 460;
/// So much is committed at once.
const BATCH: usize = 1 << 20;

/// Fills the recording of a port up to this offset with what repeats for ever, as if it had come in
/// at 92 kB/s. Returns the seconds that it took.
pub fn fill(data: &Path, port: &str, said: &[u8], upto: Offset) -> Result<f64, StoreError> {
    let begun = Instant::now();
    let keep = Keep {
        bytes: 2 * upto.0,
        age: None,
        ports: Default::default(),
    };
    let store = Store::new(data);
    let recording = store.recording(port, Records::All);
    let mut writer = Writer::new(recording, Durability::Normal, &keep);
    let (mut next, mut span) = (Offset(0), Span::default());
    let start = Time::now().0 - upto.0 / READ as u64 * 5000;
    while next < upto {
        span.clear();
        let from = next;
        while next < upto && next.since(from) < BATCH as u64 {
            let at = (next.0 % said.len() as u64) as usize;
            let length = READ
                .min(said.len() - at)
                .min(upto.since(next).try_into().unwrap_or(READ));
            let entry = Entry {
                offset: next,
                time: Time(start + next.0 / READ as u64 * 5000),
                length,
                kind: Kind::Rx,
                author: None,
            };
            span.push(entry, &said[at..at + length]);
            next = next.plus(length);
        }
        writer.begin(from, next)?;
        writer.put(&span)?;
        writer.commit(next)?;
    }
    writer.close(next);
    Ok(begun.elapsed().as_secs_f64())
}
