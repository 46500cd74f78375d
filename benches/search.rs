//! Search by itself: what a first page costs, and what a look through everything does.

mod recorded;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use seriald::journal::Journal;
use seriald::record::{Kind, Offset};
use seriald::search::{Event, Order, Pattern, Query, Stretch, search};

const BYTES: usize = 100_000_000;

/// A log, in which `Needle` stands a thousand times.
fn log() -> Vec<u8> {
    let mut log = Vec::with_capacity(BYTES + 200);
    for number in 0.. {
        if log.len() >= BYTES {
            break;
        }
        let end = if number % 1500 == 700 { " Needle" } else { "" };
        let line = format!(
            "I ({}) wifi: station {:02x}:3b joined, signal -{} dBm, retry {}{end}\r\n",
            number * 13,
            number % 251,
            40 + number % 53,
            number % 7
        );
        log.extend_from_slice(line.as_bytes());
    }
    log
}

fn run(journal: &Arc<Journal>, pattern: &Pattern) -> usize {
    let query = Query {
        pattern: pattern.clone(),
        kinds: [Kind::Rx][..].into(),
        order: Order::Newest,
        limit: 100,
        context: 2,
    };
    let stretch = Stretch {
        port: "dev".to_owned(),
        journal: Arc::clone(journal),
        from: Offset(0),
        to: journal.reach().head,
    };
    let mut found = 0;
    let done = search(&query, vec![stretch], |event| {
        found += usize::from(matches!(black_box(event), Event::Match(_)));
        ControlFlow::Continue(())
    });
    assert!(done.is_continue());
    found
}

fn measure(c: &mut Criterion, place: &str, journal: &Arc<Journal>) {
    let mut group = c.benchmark_group(format!("a page of 100 matches {place}"));
    group.sample_size(10);
    let patterns = [
        ("text", Pattern::text("Needle", true)),
        ("text of either case", Pattern::text("NEEDLE", false)),
        ("expression", Pattern::regex(r"retry \d+ need\w+$", false)),
        ("one in every line", Pattern::text("station", false)),
    ];
    for (name, pattern) in patterns {
        let pattern = pattern.expect("a pattern");
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(run(journal, &pattern), 100));
        });
    }
    group.finish();
    let mut group = c.benchmark_group(format!("everything {place}"));
    group.throughput(Throughput::Bytes(journal.reach().head.0));
    group.sample_size(10);
    let patterns = [
        ("text", Pattern::text("nothing of the kind", true)),
        (
            "text of either case",
            Pattern::text("nothing of the kind", false),
        ),
        ("expression", Pattern::regex(r"retry \d+ none\w+$", true)),
        (
            "expression of either case",
            Pattern::regex(r"signal -\d+ dBW", false),
        ),
        (
            "expression without a text",
            Pattern::regex(r"\d{9,}:", false),
        ),
    ];
    for (name, pattern) in patterns {
        let pattern = pattern.expect("a pattern");
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(run(journal, &pattern), 0));
        });
    }
    group.finish();
}

fn memory(c: &mut Criterion) {
    measure(c, "in memory", &recorded::in_memory(&log()));
}

fn disk(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    measure(c, "on disk", &recorded::on_disk(folder.path(), &log(), 10));
}

criterion_group!(benches, memory, disk);
criterion_main!(benches);
