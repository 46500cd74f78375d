//! Starting and stopping: a clean end, and a clear word when it cannot begin.

use std::fs;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::client::open;
use crate::rig::random::patterns;
use crate::rig::server::{Server, run};
use crate::rig::{Rig, soon, until};

/// How soon it has ended.
const ENDED: Duration = Duration::from_secs(2);

#[tokio::test]
async fn everybody_is_told_goodbye_and_the_port_is_free_again() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    client.subscribe("dev", "now").await;
    let mut others = Vec::new();
    for path in ["/ws", "/api/v1/ports/dev/raw"] {
        others.push(open(&rig.server, path, &[]).await.expect("a socket").0);
    }
    let start = Instant::now();
    let address = rig.server.address();
    let (status, code) = tokio::join!(rig.server.stop(), client.goodbye());
    assert!(status.success(), "{status}");
    assert!(start.elapsed() < ENDED, "it took {:?}", start.elapsed());
    assert_eq!(code, 1001);
    for mut socket in others {
        let code = soon("a goodbye", async {
            loop {
                match socket.next().await {
                    Some(Ok(Message::Close(frame))) => {
                        break frame.map(|frame| u16::from(frame.code));
                    }
                    Some(Ok(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
        });
        assert_eq!(code.await, Some(1001));
    }
    let again = Server::start(rig.folder.path(), &["--listen", &address.to_string()]);
    assert_eq!(again.address(), address);
}

#[tokio::test]
async fn neither_a_client_that_reads_nothing_nor_a_device_that_takes_nothing_delays_the_end() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut stalled = rig.client().await;
    let channel = stalled.subscribe("dev", "now").await;
    let head = stalled.on(channel).head;
    for _ in 0..4 {
        stalled.start_write(channel, &[b'x'; 50_000]).await;
    }
    // More than the connection takes.
    for place in 0..256 {
        rig.device("dev")
            .send(&patterns(place << 16, 1 << 16))
            .await;
    }
    soon("some of it waits", async {
        while rig.state("dev").await["queued"] == 0 {}
    })
    .await;
    assert!(rig.state("dev").await["journal"]["head"].as_u64() > Some(head + (8 << 20)));
    let start = Instant::now();
    assert!(rig.server.stop().await.success());
    assert!(start.elapsed() < ENDED, "it took {:?}", start.elapsed());
}

#[tokio::test]
async fn an_address_in_use_is_told_with_the_way_out() {
    let rig = Rig::start(&["dev"]).await;
    let address = rig.server.address().to_string();
    let outcome = run(&["--listen", &address, "--no-discover"]).await;
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stdout.is_empty(), "{}", outcome.stdout);
    for part in [
        address.as_str(),
        "another program listens there",
        "--listen 127.0.0.1:",
    ] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let config = |name: &str, text: &str| {
        fs::write(path(name), text).unwrap();
        path(name)
    };
    let typo = config("typo.toml", "discover = false\nlisen = [\"127.0.0.1:0\"]\n");
    let port = config(
        "port.toml",
        "[port.a]\ndevice = \"/dev/x\"\nparity = \"evn\"\n",
    );
    let absent = path("absent.toml");
    for (arguments, code, named) in [
        (vec!["--lisen", "x"], 2, "--lisen"),
        (vec!["/dev/x@fast"], 2, "\"fast\""),
        (vec!["a b=/dev/x"], 2, "\"a b\""),
        (vec!["/dev/x@115200,9N1"], 2, "9 data bits"),
        (vec!["--ring", "much"], 2, "8MiB"),
        (vec!["a=/dev/x", "a=/dev/y"], 1, "two ports have the name a"),
        (vec!["--listen", "nowhere"], 1, "nowhere"),
        (vec!["--listen", "127.0.0.1:99999"], 1, "99999"),
        (vec!["--listen", "192.0.2.1:0"], 1, "no such address"),
        (vec!["--www", "/nonexistent"], 1, "/nonexistent"),
        (vec!["--config", &typo], 1, "typo.toml:2:1: error"),
        (vec!["--config", &typo], 1, "lisen"),
        (vec!["--config", &port], 1, "port.toml:3:10: error"),
        (vec!["--config", &absent], 1, "absent.toml"),
    ] {
        let outcome = run(&arguments).await;
        assert_eq!(
            outcome.code,
            Some(code),
            "{arguments:?}: {}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains(named),
            "{arguments:?}: {}",
            outcome.stderr
        );
        assert!(
            outcome.stdout.is_empty(),
            "{arguments:?}: stdout is for results"
        );
    }
}

#[tokio::test]
async fn the_configuration_file_says_what_the_flags_leave_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seriald.toml");
    let text = "[port.quiet]\ndevice = \"/nonexistent\"\nbaud = 9600\n[port.loud]\ndevice = \"/nonexistent\"\n";
    fs::write(&file, text).unwrap();
    let flags = ["--config", file.to_str().unwrap(), "loud=/nonexistent@300"];
    let server = Server::start(folder.path(), &flags);
    let ports = crate::rig::http::get(server.address(), "/api/v1/ports")
        .await
        .json();
    let told: Vec<_> = ports
        .as_array()
        .unwrap()
        .iter()
        .map(|port| (&port["name"], &port["settings"]["baud"]))
        .collect();
    assert_eq!(
        told,
        [
            (&"loud".into(), &300.into()),
            (&"quiet".into(), &9600.into())
        ]
    );
}

#[tokio::test]
async fn the_demo_serves_living_devices_and_takes_them_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["demo"]);
    let process = server.process();
    let children = || {
        let path = format!("/proc/{0}/task/{0}/children", process.id());
        fs::read_to_string(path)
            .unwrap_or_default()
            .split_whitespace()
            .count()
    };
    until("the devices run", || children() >= 3).await;
    let mut client = crate::rig::client::Client::connect(&server).await;
    assert!(client.order.len() >= 3, "{:?}", client.order);
    for name in client.order.clone() {
        let channel = client.subscribe(&name, "oldest").await;
        client.rx(channel, 20).await;
    }
    assert!(server.stop().await.success());
}

#[tokio::test]
async fn help_and_version_are_results() {
    for (flag, named) in [
        ("--help", "[NAME=]DEVICE[@BAUD"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let outcome = run(&[flag]).await;
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
        assert!(outcome.stdout.contains(named), "{}", outcome.stdout);
    }
    let outcome = run(&["ports", "--json"]).await;
    assert!(
        serde_json::from_str::<serde_json::Value>(&outcome.stdout)
            .is_ok_and(|list| list.is_array())
    );
}
