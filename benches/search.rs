//! Search by itself: what a first page costs, and what a look through everything does.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};

use seriald::journal::Journal;
use seriald::record::{Kind, Offset, Time};
use seriald::search::{Event, Order, Pattern, Query, Stretch, search};

const BYTES: usize = 100_000_000;
/// What 921600 baud bring in 5 ms.
const READ: usize = 460;

/// A log, in which `Needle` stands a thousand times, and here and there somebody types.
fn journal() -> Arc<Journal> {
    let journal = Journal::new(128 << 20);
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
    for (number, read) in log.chunks(READ).enumerate() {
        journal.append(Kind::Rx, Time(number as u64), None, read);
        if number % 100 == 0 {
            journal.append(Kind::Tx, Time(number as u64), Some(&"anna".into()), b"x");
        }
    }
    journal
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

fn pages(c: &mut Criterion) {
    let journal = journal();
    let mut group = c.benchmark_group("a page of 100 matches");
    let patterns = [
        ("text", Pattern::text("Needle", true)),
        ("text of either case", Pattern::text("NEEDLE", false)),
        ("expression", Pattern::regex(r"retry \d+ need\w+$", false)),
        ("one in every line", Pattern::text("station", false)),
    ];
    for (name, pattern) in patterns {
        let pattern = pattern.expect("a pattern");
        group.bench_function(name, |b| {
            b.iter(|| run(&journal, &pattern));
        });
    }
    group.finish();
    let mut group = c.benchmark_group("everything");
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
            Pattern::regex(r"\d{7,}:", false),
        ),
    ];
    for (name, pattern) in patterns {
        let pattern = pattern.expect("a pattern");
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(run(&journal, &pattern), 0));
        });
    }
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
