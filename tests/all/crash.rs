//! A program that is killed at any moment: what was shown is there again, and no offset means two things.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use crate::rig::Rig;
use crate::rig::client::{Client, Record, What, Why};
use crate::rig::memory::Memory;
use crate::rig::random::{Random, patterns};
use crate::rig::server::Process;

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

/// What a client had, and when.
struct Moment {
    /// How long the recorder had waited for its turn by then, since it began.
    waited: Duration,
    at: Instant,
    /// How many records, by channel.
    counts: BTreeMap<u16, usize>,
}

fn now(server: Process, client: &Client) -> Moment {
    let counts = client.channels.iter();
    Moment {
        waited: server.waited("recorder"),
        at: Instant::now(),
        counts: counts
            .map(|(channel, reading)| (*channel, reading.records.len()))
            .collect(),
    }
}

/// Takes what comes until the connection breaks.
async fn listen(client: &mut Client, server: Process) -> Vec<Moment> {
    let mut moments = Vec::new();
    while client.try_step().await.is_ok() {
        moments.push(now(server, client));
    }
    moments
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
    for _ in 0..ROUNDS {
        let mut client = rig.client().await;
        let mut channels = Vec::new();
        for (port, visitor) in PORTS.iter().zip(&mut visitors) {
            let mut ask = json!({"port": port, "from": visitor.next});
            if let Some(journal) = visitor.journal {
                ask["journal"] = journal.into();
            }
            channels.push(client.subscribe_with(ask).await);
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
        let process = rig.server.process();
        let server = &mut rig.server;
        let kill = async {
            sleep(moment).await;
            let (at, waited) = (Instant::now(), process.waited("recorder"));
            server.kill();
            (at, waited)
        };
        let (moments, (killed, waited)) = tokio::select! {
            () = flood => unreachable!("it goes on for ever"),
            done = async { tokio::join!(listen(&mut client, process), kill) } => done,
        };
        let is_safe =
            |moment: &&Moment| moment.at + SAFE + waited.saturating_sub(moment.waited) <= killed;
        let early = moments.iter().rev().find(|moment| is_safe(moment));
        for (channel, visitor) in channels.iter().zip(&mut visitors) {
            let reading = client.channels.remove(channel).unwrap();
            let count = early.and_then(|early| early.counts.get(channel)).copied();
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
        let told = visitor.seen.iter().filter(|record| {
            matches!(&record.what, What::Note(note)
                if note["what"] == "recording" && note["text"].as_str().unwrap().contains("without warning"))
        });
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
