//! Values by themselves: what a value of each kind of line costs, and what a picture of a long
//! stretch does.

mod recorded;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

use seriald::chart::{Grid, Stretch};
use seriald::journal::Journal;
use seriald::record::{Kind, Offset, Record, Time};
use seriald::values::{Parser, Spec};

/// What is parsed in one round, in bytes.
const PIECE: usize = 1_000_000;
/// What is drawn.
const STRETCH: usize = 100_000_000;

/// Lines that are made of a number, until there are so many bytes.
fn lines(length: usize, line: impl Fn(u64) -> String) -> Vec<u8> {
    let mut all = b"\n".to_vec();
    for number in 0.. {
        if all.len() >= length {
            break;
        }
        all.extend_from_slice(line(number).as_bytes());
    }
    all
}

/// What a sensor prints.
fn sensor(number: u64) -> String {
    let (temp, hum) = (15 + number % 20, 40 + number % 9);
    format!(
        "temp:{temp}.{} hum:{hum}.{} light:{}\r\n",
        number % 10,
        number % 7,
        number % 1024
    )
}

/// Gives all readings of some bytes; says how many values they have.
fn parse(parser: &mut Parser, bytes: &[u8], at: u64) -> usize {
    let mut values = 0;
    let record = Record {
        kind: Kind::Rx,
        offset: Offset(at),
        time: Time(at),
        author: None,
        bytes,
    };
    parser.take(&record, |reading| values += black_box(reading.values).len());
    values
}

fn kinds(c: &mut Criterion) {
    let auto = json!("auto");
    let regex = json!({"type": "regex", "pattern": "T=(?<temp>[-\\d.]+) H=(?<hum>\\d+)"});
    let fields = json!([{"name": "a", "type": "i16", "scale": 0.01}, {"name": "b", "type": "u16"},
        {"name": "c", "type": "f32"}, {"name": "d", "type": "i24"}]);
    let checked = json!({"type": "binary", "frame": {"type": "fixed", "length": 15, "sync": "aa 55"},
        "fields": fields, "checksum": {"type": "crc16-modbus"}});
    let cobs = json!({"type": "binary", "frame": {"type": "cobs"}, "fields": fields});
    let mut frame = b"\xaa\x55\x01\x02\x03\x04\0\0\x80\x3f\x05\x06\x07".to_vec();
    let crc = crc::Crc::<u16>::new(&crc::CRC_16_MODBUS).checksum(&frame);
    frame.extend_from_slice(&crc.to_le_bytes());
    let stuffed = b"\x05\x01\x02\x03\x04\x01\x06\x80\x3f\x05\x06\x07\0";
    let cases: [(&str, &Value, Vec<u8>); 11] = [
        (
            "labels: temp:21.5 hum:40.1 light:512",
            &auto,
            lines(PIECE, sensor),
        ),
        (
            "labels with units in a log",
            &auto,
            lines(PIECE, |n| {
                format!(
                    "\x1b[0;32mI ({n}) env: temp={}.5 \u{b0}C, hum={} %\x1b[0m\n",
                    n % 40,
                    n % 100
                )
            }),
        ),
        (
            "columns: 21.5,40,512",
            &auto,
            lines(PIECE, |n| {
                format!("{}.5,{},{}\n", n % 40, n % 100, n % 1024)
            }),
        ),
        (
            "16 columns",
            &auto,
            lines(PIECE, |n| {
                format!("{}\n", vec![format!("{}", n % 4096); 16].join(","))
            }),
        ),
        (
            "teleplot",
            &auto,
            lines(PIECE, |n| format!(">temp:{}.5\u{a7}\u{b0}C\n", n % 40)),
        ),
        (
            "json",
            &auto,
            lines(PIECE, |n| {
                format!(
                    "{{\"temp\": {}.5, \"wind\": {{\"speed\": {}}}}}\n",
                    n % 40,
                    n % 100
                )
            }),
        ),
        (
            "numbers of 16 digits",
            &auto,
            lines(PIECE, |n| format!("{}\n", 0.1 + n as f64 / 7.0)),
        ),
        (
            "regex",
            &regex,
            lines(PIECE, |n| format!("T={}.5 H={}\n", n % 40, n % 100)),
        ),
        ("binary, crc16", &checked, frame.repeat(PIECE / frame.len())),
        ("binary, cobs", &cobs, stuffed.repeat(PIECE / stuffed.len())),
        (
            "lines without values (bytes, not values)",
            &auto,
            lines(PIECE, |n| {
                format!("[{n:>8}] usb 1-1: new high-speed USB device using xhci_hcd\n")
            }),
        ),
    ];
    let mut group = c.benchmark_group("values");
    for (name, spec, bytes) in cases {
        let spec = Spec::read(spec).expect("a parser");
        let mut parser = Parser::new(&spec).expect("a parser");
        let mut at = 0;
        let mut round = || {
            let values = parse(&mut parser, &bytes, at);
            at += bytes.len() as u64;
            values
        };
        let values = round();
        group.throughput(match values {
            0 => Throughput::Bytes(bytes.len() as u64),
            values => Throughput::Elements(values as u64),
        });
        group.bench_function(name, |b| b.iter(&mut round));
    }
}

fn draw(c: &mut Criterion, place: &str, journal: &Arc<Journal>) {
    let spec = Spec::default();
    let stretch = Stretch {
        journal,
        from: Offset(0),
        to: journal.reach().head,
        spec: &spec,
        series: None,
        header: None,
    };
    let mut group = c.benchmark_group(format!("100 MB {place}"));
    group.throughput(Throughput::Bytes(journal.reach().head.0));
    group.sample_size(10);
    group.bench_function("chart of 1000 steps", |b| {
        b.iter(|| {
            let times = stretch.times();
            let grid = Grid::new(times.start, times.end, 1000);
            let chart = stretch.chart(grid, || ControlFlow::Continue(()));
            let chart = chart.expect("a parser").continue_value();
            serde_json::to_vec(&chart).expect("plain data").len()
        });
    });
    group.bench_function("table", |b| {
        b.iter(|| {
            let mut length = 0;
            let done = stretch.table(|piece| {
                length += piece.len();
                ControlFlow::Continue(())
            });
            assert!(done.expect("a parser").is_continue());
            length
        });
    });
}

fn memory(c: &mut Criterion) {
    draw(
        c,
        "in memory",
        &recorded::in_memory(&lines(STRETCH, sensor)),
    );
}

fn disk(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = recorded::on_disk(folder.path(), &lines(STRETCH, sensor), 1);
    draw(c, "on disk", &journal);
}

criterion_group!(benches, kinds, memory, disk);
criterion_main!(benches);
