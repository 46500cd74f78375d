//! Programs that come over RFC 2217 and raw TCP, which know no login: whom a server with accounts lets in.

use rfc2217_server::{Answer, GREETING, Request, client};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::rig::people::{House, manage};
use crate::rig::{Rig, soon, until};

const DOORS: [&str; 4] = ["--tcp", "dev=0", "--rfc2217", "dev=0"];
const ROOT: (&str, &str) = ("root", "administer");
const REFUSAL: &str = "programs are not let in here";

async fn house(config: &str) -> House {
    let folder = tempfile::tempdir().unwrap();
    House::within(folder, &["dev"], &[ROOT], config, &DOORS).await
}

/// All that comes until the server has closed the connection.
async fn all(stream: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    let _ = soon("it is closed", stream.read_to_end(&mut rest)).await;
    String::from_utf8_lossy(&rest).into_owned()
}

async fn read(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let read = soon("bytes come", stream.read_exact(&mut bytes)).await;
    read.expect("an open connection");
    bytes
}

#[tokio::test]
async fn with_accounts_a_program_is_told_why_it_is_not_let_in() {
    let house = house("").await;
    let mut watcher = house.client("root").await;
    for scheme in ["socket", "rfc2217"] {
        let mut stream = TcpStream::connect(house.rig.server.entrance(scheme))
            .await
            .unwrap();
        stream.write_all(b"reboot\n").await.unwrap();
        let told = all(&mut stream).await;
        assert!(told.contains(REFUSAL) && told.ends_with("\r\n"), "{told}");
        assert_eq!(told.lines().count(), 1);
    }
    let log = || house.rig.server.log();
    until("the way out is logged", || log().contains("[[allow]]")).await;
    assert!(log().contains("programs"), "{}", log());
    watcher.settle().await;
    assert_eq!(watcher.ports["dev"]["viewers"], json!([]));
    assert_eq!(house.rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn a_program_that_may_only_look_hears_everything_and_changes_nothing() {
    let rule = "[[allow]]\nwho = [\"programs\"]\nright = \"see\"\nports = [\"d*\"]\n";
    let house = house(rule).await;
    let mut watcher = house.client("root").await;
    let channel = watcher.subscribe("dev", "now").await;
    let before = watcher.ports["dev"]["settings"].clone();
    let mut tcp = TcpStream::connect(house.rig.server.entrance("socket"))
        .await
        .unwrap();
    let mut telnet = TcpStream::connect(house.rig.server.entrance("rfc2217"))
        .await
        .unwrap();
    assert_eq!(read(&mut telnet, GREETING.len()).await, GREETING);
    let both = |port: &Value| port["viewers"].as_array().unwrap().len() == 3;
    watcher.state("dev", "both are there", both).await;

    tcp.write_all(b"reboot\n").await.unwrap();
    let mut asked = client::GREETING.to_vec();
    asked.extend(b"reboot\n");
    // A touch at 1200 baud would reset a board, and leave a Note.
    Request::Baud(Some(1200)).encode(&mut asked);
    telnet.write_all(&asked).await.unwrap();
    let (mut modem, mut baud) = (Vec::new(), Vec::new());
    Answer::ModemState(0).encode(&mut modem);
    Answer::Baud(4_000_000).encode(&mut baud);
    assert_eq!(read(&mut telnet, modem.len()).await, modem);
    assert_eq!(
        read(&mut telnet, baud.len()).await,
        baud,
        "what is in force"
    );
    house.rig.device("dev").send(b"hello").await;
    assert_eq!(read(&mut tcp, 5).await, b"hello");
    assert_eq!(read(&mut telnet, 5).await, b"hello");
    drop((tcp, telnet));

    let state = async || house.get("root", "/api/v1/ports/dev").await.json();
    soon("both leave when there is something for them", async {
        while state().await["viewers"].as_array().unwrap().len() > 1 {
            house.rig.device("dev").send(b"more\n").await;
        }
    })
    .await;
    assert_eq!(state().await["settings"], before);
    watcher.settle().await;
    let seen = watcher.on(channel);
    assert!(
        seen.tx().is_empty() && seen.notes().is_empty(),
        "{:?}",
        seen.records
    );
    assert_eq!(house.rig.device("dev").unread(), b"");
    let told = house.rig.server.log().matches("may only look").count();
    assert_eq!(told, 2, "once for each: {}", house.rig.server.log());
}

#[tokio::test]
async fn other_machines_reach_a_door_by_a_rule_and_are_let_in_when_there_are_accounts() {
    let rule = "[[allow]]\nwho = [\"programs\"]\nright = \"type\"\n";
    for people in [&[][..], &[ROOT]] {
        let folder = tempfile::tempdir().unwrap();
        let flags = ["--tcp", "dev=0.0.0.0:0"];
        let house = House::within(folder, &["dev"], people, rule, &flags).await;
        let mut stream = TcpStream::connect(house.rig.server.entrance("socket"))
            .await
            .unwrap();
        if people.is_empty() {
            let told = all(&mut stream).await;
            assert!(told.contains(REFUSAL), "{told}");
        } else {
            stream.write_all(b"hi").await.unwrap();
            assert_eq!(house.rig.device("dev").read(2).await, b"hi");
        }
    }
}

#[tokio::test]
async fn the_first_account_ends_what_had_come_without() {
    let rig = Rig::with(&["dev"], &DOORS).await;
    let mut client = rig.client().await;
    let mut streams = Vec::new();
    for scheme in ["socket", "rfc2217"] {
        streams.push(
            TcpStream::connect(rig.server.entrance(scheme))
                .await
                .unwrap(),
        );
    }
    let both = |port: &Value| port["viewers"].as_array().unwrap().len() == 2;
    client.state("dev", "both are there", both).await;
    let add = [
        "user",
        "add",
        "root",
        "--may",
        "administer",
        "--password-stdin",
    ];
    manage(rig.folder.path(), &add).await;
    assert_eq!(soon("it is closed", client.goodbye()).await, 4003);
    for stream in &mut streams {
        let told = all(stream).await;
        assert!(!told.contains(REFUSAL), "it was let in: {told}");
    }
    let mut again = TcpStream::connect(rig.server.entrance("socket"))
        .await
        .unwrap();
    assert!(all(&mut again).await.contains(REFUSAL));
}
