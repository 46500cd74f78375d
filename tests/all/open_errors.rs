//! Devices that cannot be opened: one clear line with the way out, and another try by itself.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};

use crate::rig::client::Client;
use crate::rig::device::Device;
use crate::rig::server::Server;
use crate::rig::{Rig, until};

/// Nobody, as whom root may run a program that is to be denied something.
const NOBODY: u32 = 65534;

async fn waits_for(client: &mut Client, code: &str) -> Value {
    let waiting = client
        .state("dev", "it waits", |port| port["error"]["code"] == code)
        .await;
    assert_eq!(waiting["state"], "waiting");
    let error = waiting["error"].clone();
    let message = error["message"].as_str().unwrap();
    assert!(!message.contains('\n') && message.len() < 400, "{message}");
    assert!(
        error["retry"].as_u64() > waiting["since"].as_u64(),
        "{error}"
    );
    error
}

async fn opens(client: &mut Client) {
    client
        .state("dev", "it opens", |port| port["state"] == "open")
        .await;
}

fn start(folder: &Path, link: &Path) -> Server {
    Server::start(folder, &[&format!("dev={}", link.display())])
}

#[tokio::test]
async fn a_missing_device_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut device = Device::absent(folder.path().join("tty"));
    let server = start(folder.path(), device.link());
    let mut client = Client::connect(&server).await;
    let channel = client.subscribe("dev", "oldest").await;
    let error = waits_for(&mut client, "missing").await;
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with(device.link().to_str().unwrap()),
        "{message}"
    );
    client
        .until("failing is told", |client| {
            client.on(channel).has_note("waiting")
        })
        .await;
    // Each wait is longer than the one before, up to a limit.
    let first = error["retry"].as_u64().unwrap();
    let later = client
        .state("dev", "it is tried again", |port| {
            port["error"]["retry"].as_u64() > Some(first + 1_000_000)
        })
        .await;
    assert_eq!(
        later["since"], client.ports["dev"]["since"],
        "it waits since the first failure"
    );

    device.plug();
    opens(&mut client).await;
    assert_eq!(client.ports["dev"]["error"], json!(null));
    let waits = client
        .on(channel)
        .notes()
        .iter()
        .filter(|note| note["what"] == "waiting")
        .count();
    assert_eq!(waits, 1, "waiting is told once and not at every try");
}

#[tokio::test]
async fn a_file_that_is_no_terminal_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("tty");
    fs::write(&link, "notes").unwrap();
    let server = start(folder.path(), &link);
    let mut client = Client::connect(&server).await;
    let error = waits_for(&mut client, "not-a-tty").await;
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("is a file, not a serial port"),
        "{error}"
    );
    assert_eq!(fs::read(&link).unwrap(), b"notes");
    fs::remove_file(&link).unwrap();
    let _device = Device::plugged(link);
    opens(&mut client).await;
}

#[tokio::test]
async fn a_busy_device_names_its_holder_and_opens_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::plugged(folder.path().join("tty"));
    let held = device.open();
    flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
    let server = start(folder.path(), device.link());
    let mut client = Client::connect(&server).await;
    let error = waits_for(&mut client, "busy").await;
    let holder = format!("(pid {})", std::process::id());
    assert!(
        error["message"].as_str().unwrap().contains(&holder),
        "{error}"
    );
    assert_eq!(
        server.process().descriptors_of(device.path()),
        0,
        "it keeps no hand on it"
    );
    drop(held);
    opens(&mut client).await;
}

#[tokio::test]
async fn a_device_that_one_may_not_open_says_who_may() {
    // SAFETY: it only asks.
    let root = unsafe { libc::geteuid() } == 0;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let device = Device::plugged(folder.path().join("tty"));
    let permit = |mode| fs::set_permissions(device.path(), Permissions::from_mode(mode)).unwrap();
    permit(0o000);
    let port = format!("dev={}", device.link().display());
    let started = Server::start_as(folder.path(), &[&port], root.then_some(NOBODY));
    let Ok(server) = started else {
        println!(
            "skipped: the program lies where nobody else may run it, and root is denied nothing"
        );
        return;
    };
    let mut client = Client::connect(&server).await;
    let error = waits_for(&mut client, "denied").await;
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("permission denied; "),
        "{error}"
    );
    permit(0o666);
    opens(&mut client).await;
}

#[tokio::test]
async fn two_ports_on_one_device_do_not_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::plugged(folder.path().join("tty"));
    let link = device.link().display();
    let server = Server::start(
        folder.path(),
        &[&format!("dev={link}"), &format!("same={link}")],
    );
    let mut client = Client::connect(&server).await;
    let is_open = |port: &Value| port["state"] == "open";
    let is_busy = |port: &Value| port["error"]["code"] == "busy";
    client
        .until("one has it and the other waits", |client| {
            client.ports.values().any(is_open) && client.ports.values().any(is_busy)
        })
        .await;
    let has = |client: &Client, so: &dyn Fn(&Value) -> bool| {
        let (name, _) = client.ports.iter().find(|(_, port)| so(port)).unwrap();
        name.clone()
    };
    let (holder, waiter) = (has(&client, &is_open), has(&client, &is_busy));
    client
        .done(json!({"type": "release", "port": holder}))
        .await;
    client.state(&waiter, "the other gets it", is_open).await;
}

#[tokio::test]
async fn a_released_device_is_free_until_it_is_taken_back() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    client.done(json!({"type": "name", "name": "anna"})).await;
    let channel = client.subscribe("dev", "now").await;
    let device = rig.device("dev").path();
    let free = || {
        let other = rig.device("dev").open();
        flock(&other, FlockOperation::NonBlockingLockExclusive).map(|()| other)
    };
    assert!(free().is_err(), "it is ours alone while it is open");

    client.done(json!({"type": "release", "port": "dev"})).await;
    client
        .state("dev", "it is released", |port| port["state"] == "released")
        .await;
    assert_eq!(rig.server.process().descriptors_of(device), 0);
    let other = free().expect("another program can have it");
    client
        .refused(
            json!({"type": "write", "port": "dev", "text": "x"}),
            "not-open",
        )
        .await;
    client
        .refused(json!({"type": "break", "port": "dev"}), "not-open")
        .await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    assert_eq!(
        client.ports["dev"]["viewers"].as_array().unwrap().len(),
        1,
        "viewers stay"
    );
    let note = client.on(channel).notes()[0].clone();
    assert_eq!(
        (&note["what"], &note["by"]),
        (&json!("released"), &json!("anna"))
    );

    client.done(json!({"type": "open", "port": "dev"})).await;
    waits_for(&mut client, "busy").await;
    drop(other);
    opens(&mut client).await;
    client.done(json!({"type": "open", "port": "dev"})).await;
    client.write(channel, b"again").await;
    assert_eq!(rig.device("dev").read(5).await, b"again");
    until("one descriptor", || {
        rig.server.process().descriptors_of(device) == 1
    })
    .await;
}
