//! The recording in ordinary life: it goes on after a restart, keeps out what is to stay out, and
//! gives readers what memory no longer has.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::rig::client::{Client, Record, What, Why};
use crate::rig::device::Device;
use crate::rig::http;
use crate::rig::memory::Memory;
use crate::rig::random::patterns;
use crate::rig::server::Server;
use crate::rig::{Rig, soon, until};

const PIECE: usize = 4000;
const PAUSE: Duration = Duration::from_millis(1);

/// All files in a folder, and in those within.
pub fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

fn contains(file: &Path, text: &[u8]) -> bool {
    let bytes = fs::read(file).unwrap_or_default();
    bytes.windows(text.len()).any(|some| some == text)
}

#[tokio::test]
async fn a_restart_in_the_midst_of_a_flood_leaves_no_gap_and_its_clients_go_on() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "oldest").await;
    let journal = client.on(channel).journal;
    let (mut seen, mut next) = (Vec::new(), 0);
    for round in 0..3 {
        let listen = async { while client.try_step().await.is_ok() && client.closed.is_none() {} };
        let end = async {
            for place in 0..60 {
                let piece = patterns(((round * 60 + place) * PIECE) as u64, PIECE);
                rig.devices["dev"].send(&piece).await;
                tokio::time::sleep(PAUSE).await;
            }
            assert!(rig.server.stop().await.success());
        };
        tokio::join!(listen, end);
        let reading = client.channels.remove(&channel).unwrap();
        seen.extend(reading.records);
        next = reading.next;
        rig.restart().await;
        client = rig.client().await;
        let ask = json!({"port": "dev", "from": next, "journal": journal});
        assert_eq!(client.subscribe_with(ask).await, channel);
    }
    let head = client.on(channel).head;
    client.reach(channel, head).await;
    seen.extend(client.channels.remove(&channel).unwrap().records);
    let all = client.history("dev", 0).await;
    for record in seen.iter().chain(&all) {
        assert!(!matches!(record.what, What::Gap { .. }), "{record:?}");
    }
    assert!(next > 2 * 60 * PIECE as u64);
    Memory::of(all.clone()).has_all(&seen);
    Memory::of(seen).has_all(&all);
}

#[tokio::test]
async fn who_falls_behind_what_memory_has_gets_everything_from_the_disk() {
    let rig = Rig::with(&["dev"], &["--ring", "128KiB"]).await;
    let (mut slow, mut fast) = (rig.client().await, rig.client().await);
    let channel = slow.subscribe("dev", "now").await;
    let paces = fast.subscribe("dev", "now").await;
    let start = slow.on(channel).next;
    let size = 12 << 20;
    let mut sent = 0;
    // No faster than the recorder: it has no more time than the ring gives it.
    while sent < size {
        rig.device("dev").send(&patterns(sent, 32 << 10)).await;
        sent += 32 << 10;
        fast.reach(paces, start + sent).await;
        fast.channels.get_mut(&paces).unwrap().records.clear();
        rig.stored("dev").await;
    }
    let mut at = start;
    while at < start + sent {
        slow.step().await;
        let reading = slow.channels.get_mut(&channel).unwrap();
        for record in reading.records.drain(..) {
            let What::Rx(bytes) = record.what else {
                panic!("{record:?}")
            };
            assert!(bytes == patterns(record.offset - start, bytes.len()));
            at = record.offset + bytes.len() as u64;
        }
    }
    assert_eq!(rig.state("dev").await["recording"]["lost"], 0);
}

#[tokio::test]
async fn what_is_typed_stays_out_where_only_what_comes_in_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::plugged(folder.path().join("tty"));
    let config = folder.path().join("seriald.toml");
    let port = format!(
        "[port.dev]\ndevice = \"{}\"\nrecord = \"rx\"\n[port.none]\ndevice = \"/nonexistent\"\nrecord = \"none\"\n",
        device.link().display()
    );
    fs::write(&config, port).unwrap();
    let flags = ["--config", config.to_str().unwrap(), "--ring", "128KiB"];
    let mut server = Server::start(folder.path(), &flags);
    let mut client = Client::connect(&server).await;
    client
        .state("dev", "it opens", |port| port["state"] == "open")
        .await;
    let channel = client.subscribe("dev", "oldest").await;
    let secret = b"correct horse battery staple";
    let mut typed: Vec<(u64, u64)> = Vec::new();
    for round in 0..50 {
        device.send(format!("login {round}: ").as_bytes()).await;
        let offset = client.write(channel, secret).await;
        let end = offset + secret.len() as u64;
        match typed.last_mut() {
            Some((_, last)) if *last == offset => *last = end,
            _ => typed.push((offset, end)),
        }
        assert_eq!(device.read(secret.len()).await, secret);
        if round % 10 == 0 {
            client
                .done(json!({"type": "set", "port": "dev", "settings": {"baud": 9600 + round}}))
                .await;
        }
    }
    let begun = client.on(channel).next;
    let mut head = begun;
    // No faster than the recorder, which has no more time than the ring gives it.
    while head < begun + 300_000 {
        device.send(&patterns(head, 30_000)).await;
        client.reach(channel, head + 30_000).await;
        head = client.on(channel).next;
        soon("it is stored", async {
            let path = "/api/v1/ports/dev";
            let state = async || http::get(server.address(), path).await.json();
            while state().await["recording"]["stored"].as_u64() < Some(head) {}
        })
        .await;
    }
    let data = folder.path().join("data");
    let look = |when: &str| {
        for file in files(&data) {
            assert!(!contains(&file, secret), "{when}: {}", file.display());
        }
        assert!(!data.join("journal/none").exists());
    };
    look("while it runs");
    let live = client.channels.remove(&channel).unwrap().records;
    let check = |records: &[Record], what: &str| {
        let mut withheld: Vec<(u64, u64)> = Vec::new();
        for record in records {
            match record.what {
                What::Gap { to, why } => {
                    assert_eq!(why, Why::Withheld, "{what}: {record:?}");
                    match withheld.last_mut() {
                        Some((_, end)) if *end == record.offset => *end = to,
                        _ => withheld.push((record.offset, to)),
                    }
                }
                What::Tx { .. } => panic!("{what}: {record:?}"),
                _ => {}
            }
        }
        assert_eq!(withheld, typed, "{what}");
        let but_typed: Vec<_> = live
            .iter()
            .filter(|record| !matches!(record.what, What::Tx { .. }))
            .cloned()
            .collect();
        let upto_head = records.iter().filter(|record| record.offset < head);
        Memory::of(upto_head.cloned().collect()).has_all(&but_typed);
    };
    check(&client.history("dev", 0).await, "from the disk");
    assert!(server.stop().await.success());
    look("when it has ended");
    let server = Server::start(folder.path(), &flags);
    let mut client = Client::connect(&server).await;
    check(&client.history("dev", 0).await, "after a restart");
}

#[tokio::test]
async fn without_recording_nothing_is_written() {
    let mut rig = Rig::with(&["dev"], &["--no-record"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"nothing to keep").await;
    client.rx(channel, 15).await;
    let told = &rig.state("dev").await["recording"];
    assert_eq!(
        (&told["state"], &told["records"]),
        (&json!("off"), &json!("none"))
    );
    assert!(rig.server.stop().await.success());
    assert!(!rig.folder.path().join("data/journal").exists());
}

#[tokio::test]
async fn of_two_servers_one_records_a_port_and_the_other_says_why_it_does_not() {
    let rig = Rig::start(&["dev"]).await;
    rig.stored("dev").await;
    let before = files(&rig.recording("dev"));
    let device = Device::plugged(rig.folder.path().join("second"));
    let log = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(rig.folder.path().join("data"), log.path().join("data")).unwrap();
    let spec = |name: &str| format!("{name}={}", device.link().display());
    {
        let second = Server::start(log.path(), &[&spec("dev")]);
        let mut client = Client::connect(&second).await;
        let channel = client.subscribe("dev", "now").await;
        client
            .state("dev", "it opens", |port| port["state"] == "open")
            .await;
        device.send(b"live").await;
        assert_eq!(client.rx(channel, 4).await, b"live");
        let told = client
            .state("dev", "it fails", |port| {
                port["recording"]["state"] == "failing"
            })
            .await;
        let problem = told["recording"]["problem"].as_str().unwrap();
        for part in ["another seriald", "--data", "--no-record"] {
            assert!(problem.contains(part), "{problem}");
        }
        assert_eq!(files(&rig.recording("dev")), before);
    }
    let second = Server::start(log.path(), &[&spec("second")]);
    let mut client = Client::connect(&second).await;
    let channel = client.subscribe("second", "now").await;
    client
        .state("second", "it opens", |port| port["state"] == "open")
        .await;
    device.send(b"both").await;
    client.rx(channel, 4).await;
    until("both are recorded", || {
        files(&rig.recording("second"))
            .iter()
            .any(|file| contains(file, b"both"))
    })
    .await;
    assert_eq!(rig.state("dev").await["recording"]["state"], "on");
}

#[tokio::test]
async fn a_limit_that_cannot_be_meant_is_refused_with_the_range() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("seriald.toml");
    let config = config.to_str().unwrap();
    for (flag, value, text, named) in [
        ("--keep", "1000", "", "--keep 1000: it can be from 1 MiB on"),
        ("--keep-days", "0", "", "--keep-days 0: it can be from 1 on"),
        (
            "--config",
            config,
            "keep = 7",
            ":3:8: error: 7: it can be from 1 MiB on",
        ),
        (
            "--config",
            config,
            "keep_days = 0",
            ":3:13: error: 0: it can be from 1 on",
        ),
    ] {
        fs::write(config, format!("[port.a]\ndevice = \"/dev/x\"\n{text}\n")).unwrap();
        let data = folder.path().to_str().unwrap();
        let arguments = [
            flag,
            value,
            "--listen",
            "127.0.0.1:0",
            "--no-discover",
            "--data",
            data,
        ];
        let outcome = crate::rig::server::run(&arguments).await;
        assert_eq!(outcome.code, Some(1), "{flag} {value}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(named), "{}", outcome.stderr);
    }
}
