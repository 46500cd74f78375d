//! Idle: where nothing happens, nothing is done.

use std::time::{Duration, Instant};

use crate::rig::{Rig, until};

/// Longer than anything is put off: bytes are counted for the state after a second.
const CALM: Duration = Duration::from_millis(1500);
const WATCH: Duration = Duration::from_secs(5);
/// A handful: one scan for devices and one ping may fall into the time.
const FEW: usize = 12;

#[tokio::test]
async fn a_quiet_server_sleeps() {
    let rig = Rig::start(&["a", "b", "c", "d"]).await;
    let mut clients = Vec::new();
    for port in ["a", "b", "c", "d"] {
        let mut client = rig.client().await;
        client.subscribe(port, "oldest").await;
        rig.device(port).send(b"quiet now\n").await;
        clients.push(client);
    }
    let process = rig.server.process();
    let (mut sleeps, mut since) = (process.sleeps(), Instant::now());
    until("it has come to rest", || {
        let now = process.sleeps();
        if now != sleeps {
            (sleeps, since) = (now, Instant::now());
        }
        since.elapsed() > CALM
    })
    .await;
    let (before, work, start) = (process.sleeps(), process.work(), Instant::now());
    until("some seconds pass", || start.elapsed() > WATCH).await;
    let after = process.sleeps();
    let woken = after
        .iter()
        .map(|(task, sleeps)| sleeps - before.get(task).unwrap_or(&0));
    let woken: usize = woken.sum();
    assert!(woken <= FEW, "it woke {woken} times in {WATCH:?}");
    assert!(process.work() - work <= 1);
}
