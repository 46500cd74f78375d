//! A disk that is full, read-only, taken away or not to be had: the live console goes on, everybody
//! is told, and recording goes on by itself.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tempfile::TempDir;

use crate::rig::client::{Client, Record, What, Why};
use crate::rig::device::Device;
use crate::rig::disk::Disk;
use crate::rig::memory::Memory;
use crate::rig::random::patterns;
use crate::rig::server::Server;
use crate::rig::{Rig, soon, until};

/// Nobody, as whom root may run a program that is to be denied something.
const NOBODY: u32 = 65534;
const RING: &[&str] = &["--ring", "128KiB"];
/// Less than the ring.
const STEP: usize = 16 << 10;

/// A client that keeps up with a device and misses nothing.
struct Live {
    client: Client,
    channel: u16,
    sent: usize,
    seen: usize,
    looked: usize,
}

impl Live {
    async fn on(server: &Server, from: &str) -> Self {
        let mut client = Client::connect(server).await;
        client
            .state("dev", "it opens", |port| port["state"] == "open")
            .await;
        let channel = client.subscribe("dev", from).await;
        let (sent, seen, looked) = (0, 0, 0);
        Self {
            client,
            channel,
            sent,
            seen,
            looked,
        }
    }

    /// The device sends, and the client gets it.
    async fn send(&mut self, device: &Device, count: usize) {
        for _ in 0..count.div_ceil(STEP) {
            device.send(&patterns(self.sent as u64, STEP)).await;
            self.sent += STEP;
            while self.seen < self.sent {
                self.client.step().await;
                let records = &self.client.on(self.channel).records;
                for record in &records[self.looked..] {
                    match &record.what {
                        What::Rx(bytes) => {
                            assert!(*bytes == patterns(self.seen as u64, bytes.len()));
                            self.seen += bytes.len();
                        }
                        What::Gap { .. } => panic!("it missed {record:?}"),
                        _ => {}
                    }
                }
                self.looked = records.len();
            }
        }
    }

    /// Sends until the recording is so, at least; gives how it is.
    async fn send_until(&mut self, device: &Device, health: &str) -> Value {
        soon(&format!("the recording is {health}"), async {
            while self.recording()["state"] != health {
                self.send(device, STEP).await;
            }
        })
        .await;
        self.recording()
    }

    fn recording(&self) -> Value {
        self.client.ports["dev"]["recording"].clone()
    }

    /// What was told of the recording.
    fn told(&self) -> Vec<String> {
        let notes = self.client.on(self.channel).notes().into_iter();
        notes
            .filter(|note| note["what"] == "recording")
            .map(|note| note["text"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn hears(&mut self, text: &str) {
        soon(text, async {
            while !self.told().iter().any(|told| told.contains(text)) {
                self.client.step().await;
            }
        })
        .await;
    }

    fn records(&self) -> &[Record] {
        &self.client.on(self.channel).records
    }
}

fn gaps(records: &[Record]) -> Vec<(u64, u64, Why)> {
    let mut all: Vec<(u64, u64, Why)> = Vec::new();
    for record in records {
        if let What::Gap { to, why } = record.what {
            match all.last_mut() {
                Some((_, end, known)) if *end == record.offset && *known == why => *end = to,
                _ => all.push((record.offset, to, why)),
            }
        }
    }
    all
}

async fn history(server: &Server) -> Vec<Record> {
    Client::connect(server).await.history("dev", 0).await
}

/// A rig that keeps what is to be kept on a disk of its own.
async fn on_disk(size: usize) -> Option<(Rig, Disk)> {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::mounted(&folder.path().join("data"), size)?;
    Some((Rig::within(folder, &["dev"], RING).await, disk))
}

#[tokio::test]
async fn a_full_disk_costs_what_memory_cannot_hold_and_exactly_that_is_told() {
    let Some((rig, disk)) = on_disk(2000).await else {
        return;
    };
    let device = rig.device("dev");
    let mut live = Live::on(&rig.server, "oldest").await;
    let failing = live.send_until(device, "failing").await;
    let problem = failing["problem"].as_str().unwrap();
    assert!(
        problem.contains("the disk is full") && problem.contains("--keep"),
        "{problem}"
    );
    live.hears("recording stopped").await;
    live.send(device, 1 << 20).await;
    disk.resize(64_000);
    live.send_until(device, "on").await;
    live.hears("recording goes on").await;
    let lost = rig.state("dev").await["recording"]["lost"]
        .as_u64()
        .unwrap();
    assert!(lost > 500_000, "{lost}");
    let told = live.told().pop().unwrap();
    assert!(told.contains(" bytes were not recorded"), "{told}");
    live.send(device, 1 << 20).await;
    rig.stored("dev").await;

    let lost = rig.state("dev").await["recording"]["lost"]
        .as_u64()
        .unwrap();
    let all = history(&rig.server).await;
    let missing = gaps(&all).into_iter().map(|(from, to, why)| {
        assert_eq!(why, Why::Dropped);
        to - from
    });
    assert_eq!(missing.sum::<u64>(), lost);
    Memory::of(all).contradicts_none(live.records());
}

#[tokio::test]
async fn a_disk_that_is_full_from_the_start_is_recorded_on_as_soon_as_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mounted(&folder.path().join("data"), 16_000) else {
        return;
    };
    for spare in [0, 4 << 10, 24 << 10, 60 << 10, 100 << 10] {
        let filler = disk.fill(spare);
        let device = Device::plugged(folder.path().join("tty"));
        let port = format!("dev={}", device.link().display());
        let server = Server::start(folder.path(), &[RING[0], RING[1], &port]);
        let mut live = Live::on(&server, "oldest").await;
        live.send_until(&device, "failing").await;
        fs::remove_file(&filler).unwrap();
        live.send_until(&device, "on").await;
        drop(live);
        drop(server);
        fs::remove_dir_all(folder.path().join("data/journal")).unwrap();
    }
}

#[tokio::test]
async fn no_offset_is_used_twice_however_it_ends_on_a_full_disk() {
    for clean in [true, false] {
        let Some((mut rig, disk)) = on_disk(1200).await else {
            return;
        };
        let mut live = Live::on(&rig.server, "oldest").await;
        live.send_until(&rig.devices["dev"], "failing").await;
        // As nobody could make any more room, not even for the smallest file.
        disk.fill(0);
        let mut seen: Vec<Record> = Vec::new();
        let mut journal = None;
        for _ in 0..3 {
            live.send(&rig.devices["dev"], 400_000).await;
            let reading = live.client.on(live.channel);
            assert!(journal.is_none_or(|known| known == reading.journal));
            journal = Some(reading.journal);
            seen.extend(reading.records.clone());
            let next = reading.next;
            if clean {
                assert!(rig.server.stop().await.success());
            } else {
                rig.server.kill();
            }
            rig.restart().await;
            let head = rig.state("dev").await["journal"]["head"].as_u64().unwrap();
            assert!(head >= next, "{head} was used before: {next}");
            live = Live::on(&rig.server, "now").await;
        }
        assert_eq!(Some(live.client.on(live.channel).journal), journal);
        disk.resize(64_000);
        live.send_until(&rig.devices["dev"], "on").await;
        rig.stored("dev").await;
        Memory::of(history(&rig.server).await).contradicts_none(&seen);
    }
}

#[tokio::test]
async fn where_nobody_may_write_the_past_is_read_and_recording_goes_on_when_somebody_may() {
    let size = 64_000;
    for clean in [true, false] {
        let Some((mut rig, disk)) = on_disk(size).await else {
            return;
        };
        let mut live = Live::on(&rig.server, "oldest").await;
        // No faster than the recorder, who may lose its turn for longer than the ring lasts.
        for _ in 0..16 {
            live.send(rig.device("dev"), 64 << 10).await;
            rig.stored("dev").await;
        }
        let seen = live.records().to_vec();
        let journal = live.client.on(live.channel).journal;
        if clean {
            assert!(rig.server.stop().await.success());
        } else {
            rig.server.kill();
        }
        disk.protect(size);
        rig.restart().await;
        let device = rig.device("dev");
        let mut live = Live::on(&rig.server, "now").await;
        let failing = live.send_until(device, "failing").await;
        let problem = failing["problem"].as_str().unwrap();
        assert!(problem.contains("writable"), "{problem}");
        assert_eq!(live.client.on(live.channel).journal, journal);
        Memory::of(history(&rig.server).await).has_all(&seen);
        live.send(device, 300_000).await;
        disk.resize(size);
        live.send_until(device, "on").await;
        rig.stored("dev").await;
        let all = history(&rig.server).await;
        let whys: Vec<_> = gaps(&all).into_iter().map(|(_, _, why)| why).collect();
        let crash = if clean { &[][..] } else { &[Why::Crash] };
        assert!(whys.starts_with(crash), "{whys:?}");
        assert!(
            whys[crash.len()..].iter().all(|why| *why == Why::Dropped),
            "{whys:?}"
        );
        let all = Memory::of(all);
        all.has_all(&seen);
        all.contradicts_none(live.records());
    }
}

/// What is taken away from under the server.
#[derive(Clone, Copy, Debug)]
enum Taken {
    Everything,
    Folder,
    Segments,
    Log,
    Head,
}

#[tokio::test]
async fn whatever_is_taken_away_recording_goes_on_with_all_that_memory_has() {
    use Taken::{Everything, Folder, Head, Log, Segments};
    for taken in [Everything, Folder, Segments, Log, Head] {
        let mut rig = Rig::start(&["dev"]).await;
        let mut live = Live::on(&rig.server, "oldest").await;
        live.send(rig.device("dev"), 300_000).await;
        rig.stored("dev").await;
        // Somebody has it open.
        history(&rig.server).await;
        let folder = rig.recording("dev");
        let ending = |ending: &str| {
            let all = crate::recording::files(&folder).into_iter();
            all.filter(|path| path.to_str().unwrap().ends_with(ending))
                .for_each(|path| fs::remove_file(path).unwrap());
        };
        match taken {
            Everything => fs::remove_dir_all(rig.folder.path().join("data")).unwrap(),
            Folder => fs::remove_dir_all(&folder).unwrap(),
            Segments => ending(".db"),
            Log => ending("-wal"),
            Head => ending("head"),
        }
        live.send(rig.device("dev"), 300_000).await;
        rig.stored("dev").await;
        let told = rig.state("dev").await["recording"].clone();
        assert_eq!(
            (&told["state"], &told["lost"]),
            (&"on".into(), &0.into()),
            "{taken:?}: {told}"
        );
        for way in ["memory and disk", "disk"] {
            let all = history(&rig.server).await;
            assert_eq!(gaps(&all), [], "{taken:?}, from {way}");
            Memory::of(all).has_all(live.records());
            if way == "disk" {
                break;
            }
            assert!(rig.server.stop().await.success());
            rig.restart().await;
        }
    }
}

#[tokio::test]
async fn a_data_folder_that_is_none_or_not_ours_costs_the_recording_and_nothing_else() {
    let file = tempfile::tempdir().unwrap();
    fs::write(file.path().join("data"), "not a folder").unwrap();
    let denied = tempfile::tempdir().unwrap();
    fs::create_dir_all(denied.path().join("data/journal")).unwrap();
    fs::set_permissions(denied.path(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(
        denied.path().join("data/journal"),
        Permissions::from_mode(0o700),
    )
    .unwrap();
    for (folder, user) in [(&file, None), (&denied, Some(NOBODY))] {
        refuses(folder, user).await;
    }
    assert_eq!(fs::read(file.path().join("data")).unwrap(), b"not a folder");
    fs::remove_file(file.path().join("data")).unwrap();
}

async fn refuses(folder: &TempDir, user: Option<u32>) {
    let device = Device::plugged(folder.path().join("tty"));
    if let Some(user) = user {
        std::os::unix::fs::chown(device.path(), Some(user), None).unwrap();
    }
    let port = format!("dev={}", device.link().display());
    let server = match Server::start_as(folder.path(), &[RING[0], RING[1], &port], user) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("skipped: this user may not run a program as another: {error}");
            return;
        }
    };
    let mut live = Live::on(&server, "oldest").await;
    let failing = live.send_until(&device, "failing").await;
    live.send(&device, 300_000).await;
    let problem = failing["problem"].as_str().unwrap();
    assert!(
        problem.contains("journal") && problem.contains("--data"),
        "{problem}"
    );
    if user.is_some() {
        let journal = folder.path().join("data/journal");
        fs::set_permissions(&journal, Permissions::from_mode(0o777)).unwrap();
        live.send_until(&device, "on").await;
        until("it is recorded", || {
            !crate::recording::files(&journal).is_empty()
        })
        .await;
    }
}
