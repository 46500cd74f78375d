//! The journal by itself: what a byte costs on its way in, out to each reader, and onto the wire.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use seriald::journal::Journal;
use seriald::record::{Kind, Offset, Time};
use seriald::span::Span;
use seriald::wire;

const RING: usize = 8 * 1024 * 1024;
/// What 921600 baud bring in 5 ms.
const READ: usize = 460;
/// What a reader takes at once.
const BATCH: usize = 64 * 1024;
const RECORDS: usize = BATCH / READ;

fn append(c: &mut Criterion) {
    let mut group = c.benchmark_group("append and publish");
    for length in [1, READ, 4096] {
        let bytes = vec![b'x'; length];
        let journal = Journal::new(RING);
        let _reader = journal.cursor(Offset(0));
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(format!("{length} bytes"), |b| {
            b.iter(|| {
                journal.append(Kind::Rx, Time(1), None, black_box(&bytes));
                journal.publish();
            });
        });
    }
}

fn take(c: &mut Criterion) {
    let journal = Journal::new(RING);
    for _ in 0..RECORDS {
        journal.append(Kind::Rx, Time(1), None, &[b'x'; READ]);
    }
    let mut group = c.benchmark_group("take a batch");
    for readers in [1, 100] {
        group.throughput(Throughput::Bytes((readers * RECORDS * READ) as u64));
        group.bench_function(format!("{readers} readers"), |b| {
            let mut span = Span::default();
            b.iter_batched_ref(
                || {
                    (0..readers)
                        .map(|_| journal.cursor(Offset(0)))
                        .collect::<Vec<_>>()
                },
                |cursors| {
                    for cursor in cursors {
                        black_box(cursor.take(BATCH, &mut span));
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
}

fn encode(c: &mut Criterion) {
    let journal = Journal::new(RING);
    for _ in 0..RECORDS {
        journal.append(Kind::Rx, Time(1), None, &[b'x'; READ]);
    }
    let mut span = Span::default();
    journal.cursor(Offset(0)).take(BATCH, &mut span);
    let mut group = c.benchmark_group("encode a batch");
    group.throughput(Throughput::Bytes(span.len() as u64));
    group.bench_function(format!("{RECORDS} records"), |b| {
        b.iter(|| {
            let mut message = Vec::new();
            for record in span.records() {
                wire::put_record(&mut message, 1, true, &record);
            }
            message
        });
    });
}

criterion_group!(benches, append, take, encode);
criterion_main!(benches);
