//! Unplugging: a port waits for its device, costs nothing meanwhile, and goes on where it was.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::rig::client::Client;
use crate::rig::device::Device;
use crate::rig::random::patterns;
use crate::rig::server::Server;
use crate::rig::{Rig, soon, until};

/// How soon a port is back after its device.
const BACK: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_device_that_comes_back_under_another_name_is_the_same_port() {
    let mut rig = Rig::start(&["dev"]).await;
    let process = rig.server.process();
    let (mut client, mut other) = (rig.client().await, rig.client().await);
    let channel = client.subscribe("dev", "oldest").await;
    let others = other.subscribe("dev", "now").await;
    client
        .done(json!({"type": "set", "port": "dev", "settings": {"baud": 74880}}))
        .await;
    let mut sent = Vec::new();
    for round in 0..2 {
        let piece = patterns(round * 5000, 5000);
        rig.device("dev").send(&piece).await;
        sent.extend(piece);
        client.rx(channel, sent.len()).await;
        let old = rig.device("dev").path().to_owned();
        rig.device_mut("dev").unplug();
        let waiting = client
            .state("dev", "it waits", |port| port["state"] == "waiting")
            .await;
        let code = waiting["error"]["code"].as_str().unwrap();
        assert!(["lost", "missing"].contains(&code), "{code}");
        assert!(
            waiting["error"]["message"]
                .as_str()
                .is_some_and(|line| !line.contains('\n'))
        );
        assert_eq!(
            (&waiting["path"], &waiting["actual"]),
            (&json!(null), &json!(null))
        );
        client
            .refused(
                json!({"type": "write", "port": "dev", "text": "x"}),
                "not-open",
            )
            .await;
        assert_eq!(process.descriptors_of(&old), 0);

        rig.device_mut("dev").plug();
        let plugged = Instant::now();
        let back = client
            .state("dev", "it is back", |port| port["state"] == "open")
            .await;
        assert!(plugged.elapsed() < BACK, "it took {:?}", plugged.elapsed());
        let path = rig.device("dev").path().to_owned();
        assert_ne!(path, old);
        assert_eq!(back["path"], path.to_str().unwrap());
        assert_eq!(
            back["viewers"].as_array().unwrap().len(),
            2,
            "nobody had to leave"
        );
        assert_eq!(
            rig.device("dev").baud(),
            74880,
            "the settings are applied again"
        );
        assert_eq!(process.descriptors_of(&path), 1);
    }
    rig.device("dev").send(b"last").await;
    sent.extend(b"last");
    assert!(client.rx(channel, sent.len()).await == sent);
    assert!(other.rx(others, sent.len()).await == sent);
    let notes: Vec<_> = client
        .on(channel)
        .notes()
        .iter()
        .map(|note| note["what"].clone())
        .collect();
    assert_eq!(
        notes,
        ["opened", "settings", "lost", "opened", "lost", "opened"]
    );
    client.write(channel, b"back").await;
    assert_eq!(rig.device("dev").read(4).await, b"back");
}

#[tokio::test]
async fn what_came_in_before_the_plug_was_pulled_is_not_lost() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let sent = patterns(0, 60_000);
    for piece in sent.chunks(1000) {
        rig.device("dev").send(piece).await;
    }
    let head = client.on(channel).head + sent.len() as u64;
    soon("the server has read all", async {
        while rig.state("dev").await["journal"]["head"] != head {}
    })
    .await;
    rig.device_mut("dev").unplug();
    client
        .until("the loss is told", |client| {
            client.on(channel).has_note("lost")
        })
        .await;
    assert!(client.on(channel).rx() == sent);
}

#[tokio::test]
async fn a_write_under_way_ends_when_the_plug_is_pulled() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(client.start_write(channel, &[b'x'; 50_000]).await);
    }
    client
        .state("dev", "some waits", |port| {
            port["queued"].as_u64() > Some(0)
        })
        .await;
    rig.device_mut("dev").unplug();
    for id in ids {
        let answer = client.answer(id).await;
        let ended = answer["type"] == "written" || answer["code"] == "device";
        assert!(ended, "{answer}");
    }
    let state = client
        .state("dev", "it waits", |port| port["state"] == "waiting")
        .await;
    assert_eq!(
        (&state["held"], &state["queued"]),
        (&json!(false), &json!(0))
    );
}

#[tokio::test]
async fn an_absent_device_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let links: Vec<_> = (0..8)
        .map(|number| folder.path().join(format!("dev{number}")))
        .collect();
    let specs: Vec<_> = links.iter().map(|link| link.to_str().unwrap()).collect();
    let mut devices: Vec<_> = links.iter().map(Device::plugged).collect();
    let server = Server::start(folder.path(), &specs);
    let mut client = Client::connect(&server).await;
    for number in 0..8 {
        client
            .state(&format!("dev{number}"), "it is open", |port| {
                port["state"] == "open"
            })
            .await;
    }
    devices.iter_mut().for_each(Device::unplug);
    for number in 0..8 {
        let away = |port: &serde_json::Value| port["error"]["code"] == "missing";
        client
            .state(&format!("dev{number}"), "it is missed", away)
            .await;
    }
    let (before, start) = (server.process().work(), Instant::now());
    until("two seconds pass", || start.elapsed() > BACK).await;
    let work = server.process().work() - before;
    assert!(
        work <= 6,
        "{work} hundredths of a second for looking after eight devices"
    );

    let start = Instant::now();
    devices.iter_mut().for_each(Device::plug);
    for number in 0..8 {
        client
            .state(&format!("dev{number}"), "it is back", |port| {
                port["state"] == "open"
            })
            .await;
    }
    assert!(start.elapsed() < BACK, "it took {:?}", start.elapsed());
    let exactly_one =
        |device: &Device| server.process().descriptors_of(Path::new(device.path())) == 1;
    assert!(devices.iter().all(exactly_one));
}
