//! A reader that stops reading costs nobody but itself.

use std::cell::Cell;

use tokio::sync::Notify;

use crate::rig::Rig;
use crate::rig::client::{Client, What};
use crate::rig::random::patterns;

const FLOOD: u64 = 64 << 20;
/// How far the device runs ahead of the reader that keeps up; less than the ring, so that it
/// misses nothing.
const AHEAD: u64 = 4 << 20;
const MEMORY: usize = 32 << 20;

/// Checks what has come against the stream that began at `start`, and forgets it.
fn check(client: &mut Client, channel: u16, start: u64) -> Vec<(u64, u64)> {
    let reading = client.channels.get_mut(&channel).unwrap();
    let gaps = reading.gaps();
    for record in reading.records.drain(..) {
        if let What::Rx(bytes) = record.what {
            let at = record.offset - start;
            assert!(bytes == patterns(at, bytes.len()), "wrong bytes at {at}");
        }
    }
    gaps
}

#[tokio::test]
async fn one_that_stops_reading_is_told_what_it_missed_and_nobody_else_notices() {
    let rig = Rig::with(&["dev"], &["--no-record"]).await;
    let (mut healthy, mut stalled) = (rig.client().await, rig.client().await);
    let reading = healthy.subscribe("dev", "now").await;
    let waiting = stalled.subscribe("dev", "now").await;
    let start = healthy.on(reading).next;
    assert_eq!(stalled.on(waiting).next, start);
    let before = rig.server.process().memory("VmRSS");

    let (seen, more) = (Cell::new(0), Notify::new());
    let flood = async {
        let mut sent = 0;
        while sent < FLOOD {
            while sent > seen.get() + AHEAD {
                more.notified().await;
            }
            rig.device("dev").send(&patterns(sent, 64 << 10)).await;
            sent += 64 << 10;
        }
    };
    let read = async {
        while seen.get() < FLOOD {
            healthy.step().await;
            assert_eq!(
                check(&mut healthy, reading, start),
                [],
                "one that keeps up misses nothing"
            );
            seen.set(healthy.on(reading).next - start);
            more.notify_one();
        }
    };
    tokio::join!(flood, read);

    let grown = rig.server.process().memory("VmHWM") - before;
    assert!(grown < MEMORY, "the server grew by {} KiB", grown / 1024);
    healthy.settle().await;

    let mut gaps = Vec::new();
    while stalled.on(waiting).next < start + FLOOD {
        stalled.step().await;
        gaps.extend(check(&mut stalled, waiting, start));
    }
    let missed: u64 = gaps.iter().map(|(from, to)| to - from).sum();
    assert!(!gaps.is_empty() && missed < FLOOD, "{gaps:?}");
    rig.device("dev").send(&patterns(FLOOD, 1)).await;
    assert_eq!(
        stalled.rx(waiting, 1).await,
        patterns(FLOOD, 1),
        "it goes on live"
    );
}

#[tokio::test]
async fn what_is_no_longer_kept_is_a_gap_with_both_ends() {
    let rig = Rig::with(&["dev"], &["--ring", "128KiB", "--no-record"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let sent = patterns(0, 400_000);
    tokio::join!(rig.device("dev").send(&sent), async {
        while client.on(channel).next < client.on(channel).head + 400_000 {
            client.step().await;
        }
    });
    let mut late = rig.client().await;
    let from_start = late.subscribe("dev", 0).await;
    let from_oldest = late.subscribe("dev", "oldest").await;
    let far_back = late.subscribe("dev", -300_000).await;
    let (oldest, head) = (late.on(from_oldest).oldest, late.on(from_oldest).head);
    assert!(oldest > 0 && head - oldest <= 128 * 1024 && head - oldest > 64 * 1024);
    for channel in [from_start, from_oldest, far_back] {
        late.reach(channel, head).await;
        let kept = (head - oldest) as usize;
        assert!(late.on(channel).rx() == sent[sent.len() - kept..]);
    }
    assert_eq!(late.on(from_start).gaps(), [(0, oldest)]);
    assert_eq!(late.on(from_oldest).gaps(), []);
    assert_eq!(late.on(far_back).gaps(), [], "as far back as is kept");
}
