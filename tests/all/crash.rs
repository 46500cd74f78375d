//! A program that is killed at any moment: what was shown is there again, and no offset means two things.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::rig::client::{Client, Record, What, Why};
use crate::rig::memory::Memory;
use crate::rig::random::{Random, patterns};
use crate::rig::server::Thread;
use crate::rig::{Rig, soon};

const ROUNDS: usize = 6;
const PORTS: [&str; 3] = ["one", "two", "three"];
/// What was shown so long ago is safe, on a machine that lets the recorder work when it wants to.
const SAFE: Duration = Duration::from_millis(100);
/// About 1 MB/s on each port.
const PIECE: usize = 2000;
const PAUSE: Duration = Duration::from_millis(2);

/// What a client knows of a port, over all its connections.
#[derive(Default)]
struct Visitor {
    journal: Option<u64>,
    next: u64,
    /// Everything that it was ever shown.
    seen: Vec<Record>,
    /// What of it was shown early enough to be safe.
    safe: Vec<Record>,
}

/// How it stood with the recorder, and when that was looked at.
struct Look {
    began: Instant,
    ended: Instant,
    /// How long the recorder had waited for its turn by then, since it began.
    waited: Duration,
    /// Whether it had nothing to do all the while. Else it may wait, and how long is not known yet.
    is_idle: bool,
}

impl Look {
    fn at(recorder: &Thread) -> Self {
        let began = Instant::now();
        let is_idle = recorder.is_asleep();
        let waited = recorder.waited();
        Self {
            began,
            waited,
            is_idle: is_idle && recorder.is_asleep(),
            ended: Instant::now(),
        }
    }

    /// Whether what was shown before is safe at another.
    fn is_safe_by(&self, later: &Self) -> bool {
        let waited = later.waited.saturating_sub(self.waited);
        self.ended + SAFE + waited <= later.began
    }
}

/// How many records a client had, by channel, at a look.
type Had = (Look, BTreeMap<u16, usize>);

/// Takes what comes until the connection breaks.
async fn listen(client: &mut Client, recorder: &Thread, had: &RefCell<Vec<Had>>) {
    while client.try_step().await.is_ok() {
        let counts = client.channels.iter();
        let counts = counts.map(|(channel, reading)| (*channel, reading.records.len()));
        let counts = counts.collect();
        had.borrow_mut().push((Look::at(recorder), counts));
    }
}

/// The last of it that is safe.
fn safe(had: &[Had]) -> Option<&BTreeMap<u16, usize>> {
    let (last, _) = had.iter().rev().find(|(look, _)| look.is_idle)?;
    let (_, counts) = had.iter().rev().find(|(look, _)| look.is_safe_by(last))?;
    Some(counts)
}

/// Whether somebody was told that the recording ended without warning.
fn is_told(record: &Record) -> bool {
    matches!(&record.what, What::Note(note)
        if note["what"] == "recording" && note["text"].as_str().unwrap().contains("without warning"))
}

#[tokio::test]
async fn what_was_shown_before_it_was_killed_is_there_again_and_its_clients_go_on() {
    // On a file system in memory: what is promised is promised of disks that do not hold up a
    // commit for longer, and the disks of busy machines do.
    let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let mut rig = Rig::within(memory.expect("a folder"), &PORTS, &[]).await;
    let mut random = Random::new(11);
    let mut visitors: Vec<Visitor> = PORTS.iter().map(|_| Visitor::default()).collect();
    let mut place = 0;
    for round in 0..ROUNDS {
        let mut client = rig.client().await;
        let mut channels = Vec::new();
        for (port, visitor) in PORTS.iter().zip(&mut visitors) {
            let mut ask = json!({"port": port, "from": visitor.next});
            if let Some(journal) = visitor.journal {
                ask["journal"] = journal.into();
            }
            channels.push(client.subscribe_with(ask).await);
        }
        if round > 0 {
            // Killed before it has said so, it may never say it.
            let are_told = |client: &Client| {
                let mut all = channels.iter().map(|channel| client.on(*channel));
                all.all(|reading| reading.records.iter().any(is_told))
            };
            client.until("each is told of the crash", are_told).await;
        }
        let moment = Duration::from_micros(50_000 + random.below(700_000));
        let flood = async {
            loop {
                for port in PORTS {
                    rig.devices[port].send(&patterns(place, PIECE)).await;
                }
                place += PIECE as u64;
                sleep(PAUSE).await;
            }
        };
        let recorder = rig.server.process().thread("recorder");
        let server = &mut rig.server;
        let had: RefCell<Vec<Had>> = RefCell::default();
        let is_enough = || {
            let had = had.borrow();
            safe(&had).is_some_and(|counts| counts.values().all(|count| *count > ROUNDS))
        };
        let kill = async {
            sleep(moment).await;
            // So early that nothing is safe yet is a moment, too, but not all may be.
            while round % 2 == 1 && !is_enough() {
                sleep(PAUSE).await;
            }
            server.kill();
        };
        let listening = listen(&mut client, &recorder, &had);
        tokio::select! {
            () = flood => unreachable!("it goes on for ever"),
            _ = soon("it is killed", async { tokio::join!(listening, kill) }) => {}
        }
        let had = had.into_inner();
        let counts = safe(&had);
        for (channel, visitor) in channels.iter().zip(&mut visitors) {
            let reading = client.channels.remove(channel).unwrap();
            let count = counts.and_then(|counts| counts.get(channel)).copied();
            let safe = &reading.records[..count.unwrap_or(0)];
            visitor.safe.extend_from_slice(safe);
            visitor.next = reading.next;
            assert!(visitor.journal.is_none_or(|known| known == reading.journal));
            visitor.journal = Some(reading.journal);
            visitor.seen.extend(reading.records);
        }
        rig.restart().await;
    }
    let mut client = rig.client().await;
    for (port, visitor) in PORTS.iter().zip(visitors) {
        let all = client.history(port, 0).await;
        let gaps: Vec<_> = all
            .iter()
            .filter_map(|record| match record.what {
                What::Gap { why, .. } => Some(why),
                _ => None,
            })
            .collect();
        assert_eq!(gaps, [Why::Crash; ROUNDS], "{port}");
        assert!(visitor.safe.len() > ROUNDS, "{port}");
        let all = Memory::of(all);
        all.has_all(&visitor.safe);
        all.contradicts_none(&visitor.seen);
        let told = visitor.seen.iter().filter(|record| is_told(record));
        assert_eq!(told.count(), ROUNDS - 1, "{port}");
    }
}

#[tokio::test]
async fn a_burst_after_silence_uses_no_offset_twice() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut seen = Vec::new();
    for round in 0..6 {
        rig.stored("dev").await;
        let mut client = rig.client().await;
        let channel = client.subscribe("dev", "now").await;
        let start = client.on(channel).next;
        let burst = patterns(round << 32, 400_000);
        let listen = async {
            // Killed as soon as it is seen: some of it is hardly a few milliseconds old.
            while client.on(channel).next < start + 100_000 * round.min(3) + 1 {
                client.step().await;
            }
        };
        tokio::select! {
            () = listen => {}
            () = async { rig.devices["dev"].send(&burst).await; std::future::pending().await } => {}
        }
        rig.server.kill();
        while client.try_step().await.is_ok() {}
        let reading = client.channels.remove(&channel).unwrap();
        seen.extend(reading.records);
        rig.restart().await;
        let head = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
        assert!(
            head >= reading.next,
            "{head} was shown before: {}",
            reading.next
        );
    }
    let all = rig.client().await.history("dev", 0).await;
    Memory::of(all).contradicts_none(&seen);
}
