//! Report: each load on each contender, side by side.

use std::io;
use std::time::Duration;

use super::awake;
use super::load::Load;
use super::server::Contender;
use super::{MAY_SLEEP, NO_RECORD, is_asked_for};

const BROWSERS: [Contender; 3] = [Contender::Floor, Contender::Sdk, Contender::Raw];
const PROGRAMS: [Contender; 3] = [Contender::BareFloor, Contender::Tcp, Contender::Rfc2217];
/// What is short is done so often, by turns, so that all contenders meet the same weather.
const ROUNDS: usize = 3;
/// Where a cold cache more or less decides, more are needed.
const MANY_ROUNDS: usize = 9;
const MS: Duration = Duration::from_millis(1);

/// Measures what is asked for, and prints a table of each.
pub fn report(browsers: bool, programs: bool) -> io::Result<()> {
    if is_asked_for(NO_RECORD) {
        println!("seriald records nothing ({NO_RECORD}).");
    } else {
        let folder = std::env::temp_dir();
        println!("seriald records, to {}.", folder.display());
    }
    let awake = (!is_asked_for(MAY_SLEEP)).then(awake::keep);
    match &awake {
        Some(Ok(_)) => println!("The processor's cores are kept awake.\n"),
        Some(Err(error)) => {
            println!("The processor's cores may sleep: {error}; root may keep them awake.\n");
        }
        None => println!("The processor's cores may sleep ({MAY_SLEEP}).\n"),
    }
    if browsers {
        println!("| | floor | SDK socket | raw socket |\n|---|---|---|---|");
        report_browsers()?;
        println!();
    }
    if programs {
        println!("| | floor | raw TCP | RFC 2217 |\n|---|---|---|---|");
        latencies(PROGRAMS, 1, "1 client")?;
        floods(PROGRAMS)?;
    }
    Ok(())
}

fn report_browsers() -> io::Result<()> {
    latencies(BROWSERS, 1, "1 client")?;
    latencies(BROWSERS, 50, "50 clients")?;
    floods(BROWSERS)?;
    let paced = every(BROWSERS, |contender| {
        Load::start(contender, 8, 10)?.pace(5000 * MS)
    })?;
    let (percent, memory): (Vec<_>, Vec<_>) = paced.into_iter().unzip();
    print(
        "8 ports × 92 kB/s × 10 clients, % of a processor",
        &percent,
        1,
    );
    print("MiB resident after 5 s of it", &memory, 1);
    let idle = every(BROWSERS, |contender| {
        Load::start(contender, 8, 1)?.idle(3000 * MS)
    })?;
    let (wakes, memory): (Vec<_>, Vec<_>) = idle.into_iter().unzip();
    print("wake-ups a second, 8 silent ports", &wakes, 1);
    print("MiB resident, 8 silent ports", &memory, 1);
    let stalled = every(BROWSERS, |contender| {
        Load::start(contender, 1, 10)?.stall(32)
    })?;
    let others: Vec<_> = stalled
        .iter()
        .map(|stalled| 100.0 * stalled.others)
        .collect();
    let growth: Vec<_> = stalled.iter().map(|stalled| stalled.growth).collect();
    let told: Vec<_> = stalled
        .iter()
        .map(|stalled| stalled.told.as_str())
        .collect();
    print(
        "one of 10 stalls: % of 32 MiB that the others got",
        &others,
        0,
    );
    print("MiB that memory grew", &growth, 1);
    println!("| what the stalled one got | {} |", told.join(" | "));
    Ok(())
}

fn floods(contenders: [Contender; 3]) -> io::Result<()> {
    for (clients, mib) in [(1, 32), (10, 16), (100, 8)] {
        let row = by_turns(contenders, |contender| {
            Load::start(contender, 1, clients)?.flood(mib)
        })?;
        print(&format!("flood to {clients}, MiB/s each"), &row, 1);
    }
    Ok(())
}

fn latencies(contenders: [Contender; 3], clients: usize, name: &str) -> io::Result<()> {
    let mut rows = [const { Vec::new() }; 4];
    let mut times = [const { (Vec::new(), Vec::new()) }; 3];
    for _ in 0..MANY_ROUNDS {
        for (contender, (trips, down)) in contenders.into_iter().zip(&mut times) {
            let mut load = Load::start(contender, 1, clients)?;
            trips.extend(load.round_trips(80, 10 * MS)?);
            down.extend(load.fan_out(40, 20 * MS)?);
        }
    }
    for (trips, down) in &mut times {
        trips.sort_unstable();
        down.sort_unstable();
        let parts = [(&*trips, 0.5), (trips, 0.99), (down, 0.5), (down, 0.99)];
        for (row, (times, part)) in rows.iter_mut().zip(parts) {
            row.push(quantile(times, part));
        }
    }
    let names = [
        "round trip p50",
        "round trip p99",
        "fan-out p50",
        "fan-out p99",
    ];
    for (what, row) in names.iter().zip(rows) {
        print(&format!("{what}, {name}, µs"), &row, 0);
    }
    Ok(())
}

fn every<T>(
    contenders: [Contender; 3],
    measure: impl Fn(Contender) -> io::Result<T>,
) -> io::Result<Vec<T>> {
    contenders.into_iter().map(measure).collect()
}

/// The median of the rounds.
fn by_turns(
    contenders: [Contender; 3],
    measure: impl Fn(Contender) -> io::Result<f64>,
) -> io::Result<Vec<f64>> {
    let rounds = (0..ROUNDS)
        .map(|_| every(contenders, &measure))
        .collect::<io::Result<Vec<_>>>()?;
    let median = |place: usize| {
        let mut values: Vec<_> = rounds.iter().map(|round| round[place]).collect();
        values.sort_by(f64::total_cmp);
        values[ROUNDS / 2]
    };
    Ok((0..contenders.len()).map(median).collect())
}

/// In microseconds; of times in order.
fn quantile(times: &[Duration], part: f64) -> f64 {
    let place = (times.len().saturating_sub(1) as f64 * part).round() as usize;
    times
        .get(place)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}

/// One row: the values, and how the others stand to the floor.
fn print(what: &str, values: &[f64], digits: usize) {
    let floor = values[0];
    let cells = values.iter().enumerate().map(|(place, value)| {
        // Of next to nothing there is no multiple.
        if place == 0 || floor < 0.05 {
            format!("{value:.digits$}")
        } else {
            format!("{value:.digits$} ({:.2}×)", value / floor)
        }
    });
    println!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
}
