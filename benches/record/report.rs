//! Report: each load, with its figures.

use std::io;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use seriald::record::Offset;
use tempfile::TempDir;

use super::client::{Client, Dialect};
use super::device::{Pace, noise, say};
use super::pty::Pty;
use super::server::{Server, has_strace};
use super::stock::fill;

const MIB: usize = 1 << 20;
const MB: f64 = 1e6;
const SECOND: Duration = Duration::from_secs(1);
/// What is compared is done so often, by turns, so that all meet the same weather.
const ROUNDS: usize = 3;
/// The argument that says how large the store is, in GiB.
const STORE: &str = "--store";
/// How much of it is saved as a file.
const SAVED: u64 = 1 << 30;

/// Measures everything, and prints it.
pub fn report() -> io::Result<()> {
    let said = noise(MIB);
    println!(
        "The recordings are in {}.\n",
        std::env::temp_dir().display()
    );
    paced(&said)?;
    floods(&said)?;
    written(&said)?;
    idle(&said)?;
    stock(&said)
}

/// What is named on the command line is measured, or everything.
fn is_wanted(name: &str) -> bool {
    let mut named = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-') && argument.parse::<f64>().is_err());
    let all: Vec<_> = named.by_ref().collect();
    all.is_empty() || all.iter().any(|one| one == name)
}

fn open(count: usize) -> io::Result<Vec<Pty>> {
    (0..count).map(|_| Pty::open()).collect()
}

/// A processor's share, with and without.
fn paced(said: &[u8]) -> io::Result<()> {
    if !is_wanted("paced") {
        return Ok(());
    }
    println!(
        "| 8 ports × 92 kB/s for 20 s | recorded | not recorded | difference |\n|---|---|---|---|"
    );
    for _ in 0..ROUNDS {
        let [with, without] = [true, false].map(|record| -> io::Result<f64> {
            let (data, ptys) = (TempDir::new()?, open(8)?);
            let server = Server::start(data.path(), &ptys, record, None)?;
            server.wait_open()?;
            say(&ptys, said, Pace::FAST, SECOND)?;
            let before = server.program.processor_time()?;
            let length = say(&ptys, said, Pace::FAST, 20 * SECOND)?;
            let used = server.program.processor_time()? - before;
            if record {
                let (_, lost) = server.wait_stored()?;
                assert_eq!(lost, 0.0, "bytes were lost");
            }
            Ok(100.0 * used / length.as_secs_f64())
        });
        let (with, without) = (with?, without?);
        println!(
            "| % of a processor | {with:.2} | {without:.2} | {:.2} |",
            with - without
        );
    }
    println!();
    Ok(())
}

/// How much a single port may say.
fn floods(said: &[u8]) -> io::Result<()> {
    if !is_wanted("flood") {
        return Ok(());
    }
    println!(
        "| one port for 10 s, MB/s | came | recorded | lost, MB | stored after the end, ms | % of a processor |\n|---|---|---|---|---|---|"
    );
    for offered in [10, 20, 40, 80, 1000] {
        let (data, ptys) = (TempDir::new()?, open(1)?);
        let server = Server::start(data.path(), &ptys, true, None)?;
        server.wait_open()?;
        let pace = Pace::flood(offered);
        let begun = Instant::now();
        // What is more than a terminal can carry takes as long as it takes.
        let length = say(
            &ptys,
            said,
            pace,
            10 * SECOND * 100.min(offered) as u32 / offered as u32,
        )?;
        let (came, lost) = server.wait_stored()?;
        let late = begun.elapsed() - length;
        let used = server.program.processor_time()?;
        println!(
            "| {offered} | {:.1} | {:.1} | {:.1} | {:.0} | {:.0} |",
            came / MB / length.as_secs_f64(),
            (came - lost) / MB / begun.elapsed().as_secs_f64(),
            lost / MB,
            late.as_secs_f64() * 1e3,
            100.0 * used / begun.elapsed().as_secs_f64(),
        );
    }
    println!();
    Ok(())
}

/// What reaches the disk.
fn written(said: &[u8]) -> io::Result<()> {
    if !is_wanted("written") {
        return Ok(());
    }
    println!(
        "| one port | recorded, B/s | handed to the system, B/s | written to disk, B/s | waits for the disk a minute |\n|---|---|---|---|---|"
    );
    let loads = [
        ("20 B every 500 ms", Pace::SENSOR, 30),
        ("11.5 kB/s", Pace::BUSY, 30),
        ("92 kB/s", Pace::FAST, 30),
        ("10 MB/s", Pace::flood(10), 10),
    ];
    for (name, pace, seconds) in loads {
        let (data, ptys) = (TempDir::new()?, open(1)?);
        let syncs = data.path().join("syncs");
        let server = Server::start(data.path(), &ptys, true, Some(&syncs))?;
        server.wait_open()?;
        say(&ptys, said, pace, SECOND)?;
        let count =
            || std::fs::read_to_string(&syncs).map_or(f64::NAN, |all| all.lines().count() as f64);
        let ((came, _), before, waited) = (server.wait_stored()?, server.io()?, count());
        let length = say(&ptys, said, pace, seconds * SECOND)?.as_secs_f64();
        let ((all, _), after) = (server.wait_stored()?, server.io()?);
        let (recorded, handed, written) = (
            all - came,
            after.handed - before.handed,
            after.written - before.written,
        );
        println!(
            "| {name} | {:.0} | {:.0} (×{:.1}) | {:.0} (×{:.1}) | {} |",
            recorded / length,
            handed / length,
            handed / recorded,
            written / length,
            written / recorded,
            if has_strace() {
                format!("{:.0}", (count() - waited) * 60.0 / length)
            } else {
                "not seen: there is no strace".to_owned()
            },
        );
    }
    println!();
    Ok(())
}

/// Nothing happens.
fn idle(said: &[u8]) -> io::Result<()> {
    if !is_wanted("idle") {
        return Ok(());
    }
    let (data, ptys) = (TempDir::new()?, open(8)?);
    let server = Server::start(data.path(), &ptys, true, None)?;
    server.wait_open()?;
    say(&ptys, said, Pace::FAST, SECOND)?;
    std::thread::sleep(3 * SECOND);
    let (recorder, all) = (server.recorder_sleeps()?, server.program.sleeps()?);
    std::thread::sleep(10 * SECOND);
    let recorded = server.recorder_sleeps()? - recorder;
    println!(
        "8 silent ports for 10 s: the recorder woke {:.0} times, the others {:.0} times, {:.1} MiB resident\n",
        recorded,
        server.program.sleeps()? - all - recorded,
        server.program.memory()?,
    );
    Ok(())
}

/// What a large store costs.
fn stock(said: &[u8]) -> io::Result<()> {
    if !is_wanted("store") {
        return Ok(());
    }
    let mut arguments = std::env::args()
        .skip_while(|argument| argument != STORE)
        .skip(1);
    let gib = arguments
        .next()
        .and_then(|gib| gib.parse().ok())
        .unwrap_or(2.0_f64);
    let end = Offset((gib * SAVED as f64) as u64);
    let (full, empty) = (TempDir::new()?, TempDir::new()?);
    let took = fill(full.path(), "p0", said, end).map_err(io::Error::other)?;
    println!(
        "A store of {gib} GiB, written at {:.0} MB/s.\n",
        end.0 as f64 / MB / took
    );
    println!(
        "| from starting to answering, ms | with it | with an empty one | not recording |\n|---|---|---|---|"
    );
    for _ in 0..ROUNDS {
        let ms = [(&full, true), (&empty, true), (&empty, false)].map(|(data, record)| {
            let ptys = open(1)?;
            let begun = Instant::now();
            Server::start(data.path(), &ptys, record, None)?;
            Ok::<_, io::Error>(begun.elapsed().as_secs_f64() * 1e3)
        });
        let [with, without, never] = ms;
        println!("| | {:.1} | {:.1} | {:.1} |", with?, without?, never?);
    }
    let ptys = open(1)?;
    let server = Server::start(full.path(), &ptys, true, None)?;
    server.wait_open()?;
    let times = (0..ROUNDS)
        .map(|_| latest(&server, said, end).map(|time| format!("{:.1}", time.as_secs_f64() * 1e3)))
        .collect::<io::Result<Vec<_>>>()?;
    println!(
        "\nFrom connecting to having the latest MiB, ms: {}",
        times.join(", ")
    );
    server.forget_peak()?;
    let (before, begun, mut saved) = (server.program.memory()?, Instant::now(), 0);
    let used = server.program.processor_time()?;
    let upto = end.0.min(SAVED);
    server.get(
        &format!("/api/v1/ports/p0/history?format=raw&from=0&to={upto}"),
        |bytes| saved += bytes.len(),
    )?;
    let (took, used) = (
        begun.elapsed().as_secs_f64(),
        server.program.processor_time()? - used,
    );
    assert_eq!(saved as u64, upto, "the file is not whole");
    println!(
        "{:.0} MB saved: {:.0} MB/s, {:.0} % of a processor, {before:.1} MiB resident before, {:.1} at most",
        upto as f64 / MB,
        upto as f64 / MB / took,
        100.0 * used / took,
        server.peak()?,
    );
    Ok(())
}

/// How long a new viewer waits for the last MiB of a recording.
fn latest(server: &Server, said: &[u8], end: Offset) -> io::Result<Duration> {
    let from = end.0 - MIB as u64;
    let at = (from % said.len() as u64) as usize;
    let expected = [&said[at..], &said[..at]].concat();
    let mut buffer = vec![0; 1 << 18];
    let begun = Instant::now();
    let mut client = Client::connect(
        server.address,
        "/api/v1/socket",
        "p0",
        Dialect::Records,
        &from.to_string(),
    )?;
    client.expect(&expected.into());
    let patience = Timespec {
        tv_sec: 10,
        tv_nsec: 0,
    };
    while client.taken < MIB {
        if poll(&mut [PollFd::new(&client, PollFlags::IN)], Some(&patience))? == 0 {
            return Err(io::Error::other("the latest MiB does not come"));
        }
        client.read(&mut buffer);
    }
    assert!(!client.wrong && client.missed == 0, "other bytes came");
    Ok(begun.elapsed())
}
