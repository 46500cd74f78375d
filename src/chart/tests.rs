//! Tests of charts and tables.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::record::Kind;

const START: u64 = 1_795_377_000_000_000;
const SECOND: u64 = 1_000_000;

/// A journal into which each of these comes, a second after the other.
fn journal(lines: &[&str]) -> Arc<Journal> {
    let journal = Journal::new(Journal::MIN_CAPACITY);
    for (number, line) in lines.iter().enumerate() {
        let time = Time(START + number as u64 * SECOND);
        journal.append(Kind::Rx, time, None, line.as_bytes());
    }
    journal
}

fn stretch<'a>(journal: &'a Journal, spec: &'a Spec) -> Stretch<'a> {
    let reach = journal.reach();
    Stretch {
        journal,
        from: reach.oldest,
        to: reach.head,
        spec,
        series: None,
        header: None,
    }
}

fn drawn(stretch: &Stretch<'_>, points: u32) -> Value {
    let times = stretch.times();
    let grid = Grid::new(times.start, times.end, points);
    let chart = stretch.chart(grid, || ControlFlow::Continue(()));
    serde_json::to_value(chart.unwrap().continue_value().unwrap()).unwrap()
}

fn written(stretch: &Stretch<'_>) -> String {
    let mut all = Vec::new();
    let put = |piece: Vec<u8>| {
        all.extend(piece);
        ControlFlow::Continue(())
    };
    assert!(stretch.table(put).unwrap().is_continue());
    String::from_utf8(all).unwrap()
}

#[test]
fn of_each_step_the_lowest_and_the_highest_are_told_with_their_lines() {
    let lines = [
        "\n",
        "t: 5 C\n",
        "t: 9\n",
        "t: 1\n",
        "noise\n",
        "t: 7, x: 2\n",
        "t: nan\n",
    ];
    let (journal, spec) = (journal(&lines), Spec::default());
    let chart = drawn(&stretch(&journal, &spec), 2);
    assert_eq!(
        chart,
        json!({
            "from": START, "to": START + 6 * SECOND, "step": 3 * SECOND,
            "journal": journal.reach().id, "head": journal.reach().head,
            "series": [
                {"name": "t", "unit": "C", "count": 4, "last": 7.0, "at": [0, 1],
                 "low": [5.0, 1.0], "high": [9.0, 7.0], "low_at": [1, 13], "high_at": [8, 24], "breaks": [1]},
                {"name": "x", "count": 1, "last": 2.0, "at": [1],
                 "low": [2.0], "high": [2.0], "low_at": [24], "high_at": [24], "breaks": []}],
            "breaks": [], "readings": 5, "ignored": 0})
    );
}

#[test]
fn only_what_is_wanted_is_told_and_names_are_found_before_the_stretch() {
    let (journal, spec) = (
        journal(&["\na,b\n", "1,2\n", "3,4\n", "5,6\n"]),
        Spec::default(),
    );
    let wanted = ["b".to_owned()];
    let stretch = Stretch {
        from: Offset(9),
        to: Offset(13),
        series: Some(&wanted),
        ..stretch(&journal, &spec)
    };
    let chart = drawn(&stretch, 10);
    let series = chart["series"].as_array().unwrap();
    assert_eq!(
        (series.len(), &series[0]["name"], &series[0]["high"]),
        (1, &json!("b"), &json!([4.0]))
    );
    assert_eq!(
        (&chart["head"], &chart["readings"]),
        (&json!(13), &json!(1))
    );
    assert_eq!(
        written(&stretch),
        "time,offset,b\r\n2026-11-22T19:50:02.000000Z,9,4\r\n"
    );
}

#[test]
fn a_hole_in_the_recording_breaks_the_line() {
    let journal = Journal::new(Journal::MIN_CAPACITY);
    for second in 0..40 {
        let line = format!("\nt: {second}\n{}", " ".repeat(9_990));
        journal.append(
            Kind::Rx,
            Time(START + second * SECOND),
            None,
            line.as_bytes(),
        );
    }
    let spec = Spec::default();
    let stretch = Stretch {
        from: Offset(0),
        ..stretch(&journal, &spec)
    };
    let chart = drawn(&stretch, 10);
    assert_eq!(chart["breaks"], json!([0]));
    assert!(chart["readings"].as_u64() > Some(5));
}

#[test]
fn clocks_that_are_put_back_and_nothing_at_all_are_drawn_too() {
    let spec = Spec::default();
    let nothing = Journal::new(Journal::MIN_CAPACITY);
    let chart = drawn(&stretch(&nothing, &spec), 10);
    assert_eq!((&chart["series"], &chart["step"]), (&json!([]), &json!(1)));
    assert_eq!(written(&stretch(&nothing, &spec)), "time,offset\r\n");
    let journal = Journal::new(Journal::MIN_CAPACITY);
    for (time, line) in [
        (0, "\n1\n"),
        (9, "2\n"),
        (4, "3\n"),
        (0, "4\n"),
        (10, "5\n"),
    ] {
        journal.append(Kind::Rx, Time(START + time), None, line.as_bytes());
    }
    let chart = drawn(&stretch(&journal, &spec), 10);
    let series = &chart["series"][0];
    assert_eq!(series["at"], json!([0, 4, 9]));
    assert_eq!(series["low"], json!([1.0, 3.0, 2.0]));
    assert_eq!(series["high"], json!([4.0, 3.0, 5.0]));
}

#[test]
fn a_table_is_safe_and_has_a_row_for_each_reading() {
    let lines = [
        "\n",
        "{\"=cmd\":1,\"a,b\":1e300}\n",
        "{\"a,b\":nan}\n",
        ">a,b:1\n>t:1;2\n",
        "{\"=cmd\":-1e-9}\n",
    ];
    let (journal, spec) = (journal(&lines), Spec::default());
    let expected = [
        "time,offset,'=cmd,\"a,b\",a,t",
        "2026-11-22T19:50:01.000000Z,1,1,1e300,,",
        "2026-11-22T19:50:02.000000Z,24,,,,",
        "2026-11-22T19:50:03.000000Z,36,,,1,",
        "2026-11-22T19:50:03.000000Z,43,,,,1",
        "2026-11-22T19:50:03.000000Z,43,,,,2",
        "2026-11-22T19:50:04.000000Z,50,-1e-9,,,",
        "",
    ];
    assert_eq!(written(&stretch(&journal, &spec)), expected.join("\r\n"));
}

#[test]
fn whoever_does_not_want_it_any_more_ends_it() {
    let (journal, spec) = (journal(&["\n1\n"]), Spec::default());
    let stretch = stretch(&journal, &spec);
    let grid = Grid::new(Time(0), Time(1), 1);
    assert!(
        stretch
            .chart(grid, || ControlFlow::Break(()))
            .unwrap()
            .is_break()
    );
    assert!(
        stretch
            .table(|_| ControlFlow::Break(()))
            .unwrap()
            .is_break()
    );
}

proptest! {
    #[test]
    fn no_value_is_lost_between_the_lowest_and_the_highest(
        values in prop::collection::vec((-1000i32..1000, 0u64..5000), 1..200),
        points in 1u32..50,
    ) {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        journal.append(Kind::Rx, Time(START), None, b"\n");
        for (value, time) in &values {
            journal.append(Kind::Rx, Time(START + time), None, format!("{value}\n").as_bytes());
        }
        let spec = Spec::default();
        let chart = drawn(&stretch(&journal, &spec), points);
        let series = &chart["series"][0];
        let of = |name: &str| series[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect::<Vec<_>>();
        let (at, low, high) = (of("at"), of("low"), of("high"));
        prop_assert!(at.windows(2).all(|two| two[0] < two[1]));
        prop_assert!(at.iter().all(|at| *at < f64::from(points)));
        let lowest = values.iter().map(|(value, _)| *value).min().unwrap();
        let highest = values.iter().map(|(value, _)| *value).max().unwrap();
        prop_assert_eq!(low.iter().copied().fold(f64::INFINITY, f64::min), f64::from(lowest));
        prop_assert_eq!(high.iter().copied().fold(f64::NEG_INFINITY, f64::max), f64::from(highest));
        prop_assert_eq!(series["count"].as_u64(), Some(values.len() as u64));
    }
}
