//! Journals to measure with, in memory and on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use seriald::journal::Journal;
use seriald::record::{Kind, Offset, Time};
use seriald::span::{Entry, Span};
use seriald::state::Records;
use seriald::store::{Durability, Keep, Store, Writer};

/// What 921600 baud bring in 5 ms.
const READ: usize = 460;
/// What is recorded at a time.
const BATCH: usize = 500_000;

/// What a device printed, in memory; here and there somebody types.
pub fn in_memory(printed: &[u8]) -> Arc<Journal> {
    let journal = Journal::new(128 << 20);
    for (number, read) in printed.chunks(READ).enumerate() {
        journal.append(Kind::Rx, Time(number as u64), None, read);
        if number % 100 == 0 {
            journal.append(Kind::Tx, Time(number as u64), Some(&"anna".into()), b"x");
        }
    }
    journal
}

/// What a device printed so many times, on disk.
pub fn on_disk(data: &Path, printed: &[u8], times: usize) -> Arc<Journal> {
    let store = Store::new(data);
    let keep = Keep {
        bytes: 4 << 30,
        age: None,
        ports: BTreeMap::new(),
    };
    let recording = store.recording("dev", Records::All);
    let mut writer = Writer::new(recording, Durability::Normal, &keep);
    let (mut span, mut at) = (Span::default(), Offset(0));
    for batch in (0..times).flat_map(|_| printed.chunks(BATCH)) {
        span.clear();
        let from = at;
        for bytes in batch.chunks(READ) {
            let entry = Entry {
                offset: at,
                time: Time(at.0),
                length: bytes.len(),
                kind: Kind::Rx,
                author: None,
            };
            at = entry.end();
            span.push(entry, bytes);
        }
        let written = writer.begin(from, at).and_then(|()| writer.put(&span));
        written.and_then(|()| writer.commit(at)).expect("a disk");
    }
    writer.close(at);
    Journal::recorded(&store, "dev").expect("it was just written")
}
