//! What is kept and what goes; what is damaged, foreign or of the future.

use std::cell::Cell;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::recording::files;
use crate::rig::client::{Client, Record, What, Why};
use crate::rig::device::Device;
use crate::rig::memory::Memory;
use crate::rig::random::{Random, patterns};
use crate::rig::server::Server;
use crate::rig::{Rig, soon, until};

const PORTS: [&str; 3] = ["one", "two", "three"];
/// What one port sends.
const FLOOD: u64 = 6 << 20;
const STEP: u64 = 16 << 10;
/// The least that --keep takes.
const KEEP: u64 = 1 << 20;
/// What a segment takes at most where so little is kept, with the log that belongs to it.
const SEGMENT: u64 = 900 << 10;

fn size(folder: &Path) -> u64 {
    let sizes = files(folder).into_iter();
    // A file may go meanwhile.
    let sizes = sizes.filter_map(|file| Some(fs::metadata(file).ok()?.len()));
    sizes.sum()
}

/// Checks the stream that began at `start`, and forgets it.
fn check(client: &mut Client, channel: u16, start: u64, may_miss: bool) {
    let reading = client.channels.get_mut(&channel).unwrap();
    for record in reading.records.drain(..) {
        match record.what {
            What::Rx(bytes) => {
                let at = record.offset - start;
                assert!(bytes == patterns(at, bytes.len()), "wrong bytes at {at}");
            }
            What::Gap { why, .. } => {
                assert!(may_miss, "one that keeps up misses nothing");
                assert_eq!(why, Why::Dropped);
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_oldest_goes_while_readers_page_through_it_and_nobody_waits() {
    let rig = Rig::with(&PORTS, &["--keep", "1MiB", "--ring", "128KiB"]).await;
    let journal = rig.folder.path().join("data/journal");
    let mut live = rig.client().await;
    let mut channels = Vec::new();
    for port in PORTS {
        channels.push(live.subscribe(port, "now").await);
    }
    // Behind the Note that names the device.
    let starts: Vec<_> = channels
        .iter()
        .map(|channel| live.on(*channel).next)
        .collect();
    let done = Cell::new(false);
    let most = Cell::new(0);
    let flood = async {
        for sent in (0..FLOOD).step_by(STEP as usize) {
            for port in PORTS {
                rig.device(port).send(&patterns(sent, STEP as usize)).await;
            }
            for (channel, start) in channels.iter().zip(&starts) {
                live.reach(*channel, start + sent + STEP).await;
                check(&mut live, *channel, *start, false);
            }
            most.set(most.get().max(size(&journal)));
        }
        done.set(true);
    };
    let page = async |seed: u64| {
        let mut random = Random::new(seed);
        let (mut pages, mut client) = (0, rig.client().await);
        while !done.get() || pages == 0 {
            let place = random.below(3) as usize;
            let (port, start) = (PORTS[place], starts[place]);
            let head = rig.state(port).await["journal"]["head"].as_u64().unwrap();
            let from = if pages % 4 == 0 {
                0
            } else {
                random.below(head)
            };
            let channel = client.subscribe(port, from).await;
            let head = client.on(channel).head;
            client.reach(channel, head).await;
            check(&mut client, channel, start, true);
            client
                .done(json!({"type": "unsubscribe", "channel": channel}))
                .await;
            client.channels.remove(&channel);
            pages += 1;
        }
        pages
    };
    let (_, one, two) = tokio::join!(flood, page(1), page(2));
    assert!(one + two > 4, "{one} and {two}");
    let limit = KEEP + PORTS.len() as u64 * SEGMENT;
    assert!(most.get() < limit, "{} of {limit}", most.get());
    until("what is too much goes", || size(&journal) < limit).await;
    for port in PORTS {
        rig.stored(port).await;
        let state = rig.state(port).await;
        assert!(
            state["journal"]["oldest"].as_u64() > Some(FLOOD / 2),
            "{port}"
        );
    }
}

#[tokio::test]
async fn a_port_keeps_what_its_own_limits_say() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("seriald.toml");
    let devices = ["small", "large"].map(|name| Device::plugged(folder.path().join(name)));
    let [small, large] = &devices;
    let text = format!(
        "[port.small]\ndevice = \"{}\"\nkeep = \"1MiB\"\n[port.large]\ndevice = \"{}\"\n",
        small.link().display(),
        large.link().display()
    );
    fs::write(&config, text).unwrap();
    let server = Server::start(folder.path(), &["--config", config.to_str().unwrap()]);
    let mut client = Client::connect(&server).await;
    let mut heads = Vec::new();
    for (name, device) in ["small", "large"].into_iter().zip(&devices) {
        client
            .state(name, "it opens", |port| port["state"] == "open")
            .await;
        let channel = client.subscribe(name, "now").await;
        for sent in (0..4 << 20).step_by(64 << 10) {
            device.send(&patterns(sent, 64 << 10)).await;
            client.rx(channel, 64 << 10).await;
            client.channels.get_mut(&channel).unwrap().records.clear();
        }
        heads.push(client.on(channel).next);
    }
    let journal = folder.path().join("data/journal");
    until("the small one is small", || {
        size(&journal.join("small")) < KEEP + SEGMENT
    })
    .await;
    until("the large one is whole", || {
        size(&journal.join("large")) > 4 << 20
    })
    .await;
}

#[tokio::test]
async fn what_is_older_than_its_days_goes() {
    let folder = tempfile::tempdir().unwrap();
    let flags = ["--keep-days", "3"];
    let mut rig = Rig::within(folder, &["dev"], &flags).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(&patterns(0, 100_000)).await;
    client.rx(channel, 100_000).await;
    assert!(rig.server.stop().await.success());
    let days = Duration::from_secs(24 * 3600);
    let old = rig.recording("dev").join(format!("{:020}.db", 0));
    let changed = SystemTime::now() - 2 * days;
    File::options()
        .write(true)
        .open(&old)
        .unwrap()
        .set_modified(changed)
        .unwrap();
    // A port that is not listed any more.
    let other = rig.folder.path().join("data/journal/other");
    fs::create_dir(&other).unwrap();
    fs::copy(&old, other.join(old.file_name().unwrap())).unwrap();
    let changed = SystemTime::now() - 4 * days;
    let copy = other.join(old.file_name().unwrap());
    File::options()
        .write(true)
        .open(&copy)
        .unwrap()
        .set_modified(changed)
        .unwrap();
    rig.restart().await;
    until("what is too old goes", || !other.exists()).await;
    assert!(old.exists());
}

fn sqlite(file: &Path, statements: &str) -> bool {
    let script = format!(
        "import sqlite3\ndb = sqlite3.connect({:?})\ndb.executescript({statements:?})\ndb.close()\n",
        file.to_str().unwrap()
    );
    let done = Command::new("python3").args(["-c", &script]).status();
    let done = done.is_ok_and(|status| status.success());
    if !done {
        eprintln!("skipped: there is no python3 with SQLite here");
    }
    done
}

/// Everything in the files of a folder, by path.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let read = |path: std::path::PathBuf| {
        let bytes = fs::read(&path).unwrap();
        (path, bytes)
    };
    files(folder).into_iter().map(read).collect()
}

/// A rig that has recorded this much and has ended, with what a client was shown.
async fn recorded(count: usize) -> (Rig, Vec<Record>) {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "oldest").await;
    let sent = patterns(0, count);
    tokio::join!(rig.device("dev").send(&sent), async {
        client.rx(channel, count).await;
    });
    assert!(rig.server.stop().await.success());
    let shown = client.channels.remove(&channel).unwrap().records;
    (rig, shown)
}

/// Sends a little and waits until a client has it.
async fn lives(rig: &Rig) {
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"alive").await;
    assert_eq!(client.rx(channel, 5).await, b"alive");
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_left_as_it_is() {
    let (mut rig, _) = recorded(50_000).await;
    let folder = rig.recording("dev");
    if !sqlite(
        &folder.join(format!("{:020}.db", 0)),
        "PRAGMA user_version = 99",
    ) {
        return;
    }
    let before = contents(&folder);
    rig.restart().await;
    lives(&rig).await;
    let told = rig.state("dev").await["recording"].clone();
    let problem = told["problem"].as_str().unwrap();
    for part in ["newer seriald", "99", "update seriald", "--data"] {
        assert!(problem.contains(part), "{problem}");
    }
    assert_eq!(told["state"], "failing");
    assert!(rig.server.stop().await.success());
    assert!(contents(&folder) == before, "{:?}", files(&folder));
}

/// What may happen to files: whether it costs anything, and how it is done.
type Damage = (&'static str, bool, fn(&Path));

const DAMAGES: [Damage; 10] = [
    ("pages in the middle", true, |folder| {
        let (file, length) = last(folder);
        write_at(&file, length / 2 / 4096 * 4096, &[0x5A; 3 * 4096]);
    }),
    ("cut off", true, |folder| {
        let (file, length) = last(folder);
        let file = File::options().write(true).open(file).unwrap();
        file.set_len(length / 3 / 4096 * 4096).unwrap();
    }),
    ("cut off within a page", true, |folder| {
        let (file, length) = last(folder);
        let file = File::options().write(true).open(file).unwrap();
        file.set_len(length / 4096 / 2 * 4096 + 1000).unwrap();
    }),
    ("another header", true, |folder| {
        write_at(&last(folder).0, 0, &[0xEE; 200]);
    }),
    ("an empty file", true, |folder| {
        File::create(last(folder).0).unwrap();
    }),
    ("an empty one behind the last", false, |folder| {
        File::create(folder.join(format!("{:020}.db", 10_000_000))).unwrap();
    }),
    ("an empty head", false, |folder| {
        File::create(folder.join("head")).unwrap();
    }),
    ("a head without sense", false, |folder| {
        fs::write(folder.join("head"), [0xFF; 5000]).unwrap();
    }),
    ("a head that is behind", false, |folder| {
        let text = fs::read_to_string(folder.join("head")).unwrap();
        let (before, _) = text.rsplit_once(' ').unwrap();
        fs::write(folder.join("head"), format!("{before} {:020}\n", 17)).unwrap();
    }),
    ("a log without sense", false, |folder| {
        let (file, _) = last(folder);
        fs::write(format!("{}-wal", file.display()), [7; 9000]).unwrap();
    }),
];

fn last(folder: &Path) -> (std::path::PathBuf, u64) {
    let mut all = files(folder).into_iter();
    let file = all.rfind(|file| file.extension().is_some_and(|ending| ending == "db"));
    let file = file.unwrap();
    let length = fs::metadata(&file).unwrap().len();
    (file, length)
}

fn write_at(file: &Path, at: u64, bytes: &[u8]) {
    let file = File::options().write(true).open(file).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, bytes, at).unwrap();
}

#[tokio::test]
async fn what_is_damaged_is_a_gap_what_is_whole_is_read_and_recording_goes_on() {
    for (what, costs, damage) in DAMAGES {
        let (mut rig, shown) = recorded(600_000).await;
        let folder = rig.recording("dev");
        let before = files(&folder);
        damage(&folder);
        rig.restart().await;
        lives(&rig).await;
        let all = soon(what, async {
            rig.stored("dev").await;
            assert_eq!(rig.state("dev").await["recording"]["state"], "on", "{what}");
            rig.client().await.history("dev", 0).await
        })
        .await;
        for file in before {
            assert!(file.exists(), "{what}: {} is gone", file.display());
        }
        let all = Memory::of(all);
        if !costs {
            all.has_all(&shown);
        }
        all.contradicts_none(&shown);
        let is_told = rig.server.log().contains("damaged");
        assert!(is_told || !costs, "{what}: {}", rig.server.log());
        assert!(
            rig.server.log().len() < 20_000,
            "{what}: it is told again and again"
        );
    }
}

#[tokio::test]
async fn what_others_have_put_there_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("data/journal");
    let dev = journal.join("dev");
    fs::create_dir_all(dev.join(format!("{:020}.db", 77))).unwrap();
    fs::create_dir_all(journal.join("notes/deep")).unwrap();
    for (path, text) in [
        ("data/journal/README", "mine"),
        ("data/journal/notes/deep/00000000000000000000.db", "mine"),
        ("data/journal/dev/notes.txt", "mine"),
        ("data/journal/dev/00000000000000000005.db", "mine"),
        ("data/journal/dev/00000000000000000005.db-wal", "mine"),
        ("data/journal/dev/99999999999999999999.db", "mine"),
        ("data/journal/dev/000000.db", "mine"),
        ("data/journal/dev/\u{fc}.db", "mine"),
    ] {
        fs::write(folder.path().join(path), text).unwrap();
    }
    if !sqlite(
        &dev.join(format!("{:020}.db", 0)),
        "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (7)",
    ) {
        return;
    }
    let theirs = contents(&journal);
    let mut rig = Rig::within(folder, &["dev"], &["--keep", "1MiB"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    for sent in (0..3 << 20).step_by(32 << 10) {
        rig.device("dev").send(&patterns(sent, 32 << 10)).await;
        client.rx(channel, 32 << 10).await;
        client.channels.get_mut(&channel).unwrap().records.clear();
    }
    rig.stored("dev").await;
    assert_eq!(rig.state("dev").await["recording"]["state"], "on");
    assert!(rig.server.stop().await.success());
    let now = contents(&journal);
    for file in &theirs {
        assert!(now.contains(file), "{}", file.0.display());
    }
    assert!(dev.join(format!("{:020}.db", 77)).is_dir());
    assert!(size(&dev) < KEEP + SEGMENT);
}
