//! Resets by single moves of DTR and RTS, over a network that delays each of them.

use std::time::Duration;

use rfc2217_server::{Answer, Control, Request, client};
use serde_json::json;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::rig::far::far_from;
use crate::rig::lines::{Lines, Moved};
use crate::rig::{Rig, http, soon, until};

/// A client of the port whose network delays each segment by 30 to 80 ms.
struct Far(TcpStream);

impl Far {
    async fn connect(rig: &Rig) -> Self {
        let address = far_from(rig.server.entrance("rfc2217"), 30..80).await;
        let mut far = Self(TcpStream::connect(address).await.unwrap());
        far.0.write_all(&client::GREETING).await.unwrap();
        far
    }

    fn encoded(controls: &[Control]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for control in controls {
            Request::Control(*control).encode(&mut bytes);
        }
        bytes
    }

    /// Asks, one after the other, and waits for each answer, as pyserial does.
    async fn ask(&mut self, controls: &[Control]) {
        for control in controls {
            self.say(&[*control]).await;
            let mut answer = Vec::new();
            Answer::Control(*control).encode(&mut answer);
            let mut got = Vec::new();
            soon("it is answered", async {
                while !got.ends_with(&answer) {
                    got.push(self.0.read_u8().await.unwrap());
                }
            })
            .await;
        }
    }

    /// Asks all at once.
    async fn say(&mut self, controls: &[Control]) {
        self.0.write_all(&Self::encoded(controls)).await.unwrap();
    }
}

/// A server whose device has lines. Nothing where that cannot be.
async fn rig(resets: &str) -> Option<(Rig, Lines)> {
    let said = format!("rfc2217_resets = {resets:?}");
    rig_with("--rfc2217", &said).await
}

/// A server with such a door, and a file that says this of its device.
async fn rig_with(door: &str, said: &str) -> Option<(Rig, Lines)> {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("dev");
    let config = folder.path().join("seriald.toml");
    let text = format!("[port.dev]\ndevice = {device:?}\n{said}\n");
    std::fs::write(&config, text).unwrap();
    let config = config.to_str().expect("UTF-8").to_owned();
    let flags = [door, "dev=0", "--config", &config];
    Rig::with_lines(folder, "dev", &flags).await
}

/// Waits until the lines have moved so often.
async fn moved(lines: &Lines, count: usize) -> Vec<Moved> {
    until("the lines move", || lines.moved().len() >= count).await;
    lines.moved()
}

fn states(moved: &[Moved]) -> Vec<(bool, bool)> {
    moved.iter().map(|line| (line.dtr, line.rts)).collect()
}

/// Between one move and the next, in milliseconds.
fn pauses(moved: &[Moved]) -> Vec<u128> {
    let pairs = moved.windows(2);
    pairs
        .map(|two| (two[1].at - two[0].at).as_millis())
        .collect()
}

use Control::{DtrOff, DtrOn, RtsOff, RtsOn};

/// What esptool does to both lines to get a chip into its boot loader: reset, boot pin, done. It
/// says DTR again after each RTS.
const CLASSIC: [&[Control]; 3] = [&[DtrOff, RtsOn, DtrOff], &[DtrOn, RtsOff, DtrOn], &[DtrOff]];
/// DTR and RTS in reset, at the boot pin, and in the end.
const STATES: [(bool, bool); 3] = [(false, true), (true, false), (false, false)];

#[tokio::test]
async fn a_chip_never_sees_what_lies_between_reset_and_boot_loader() {
    let Some((rig, lines)) = rig("timed").await else {
        return;
    };
    let mut client = Far::connect(&rig).await;
    for (step, pause) in CLASSIC.iter().zip([100, 50, 0]) {
        client.ask(step).await;
        sleep(Duration::from_millis(pause)).await;
    }
    let moved = moved(&lines, 3).await;
    assert_eq!(states(&moved), STATES);
    let path = "/api/v1/ports/dev/history?format=jsonl&kind=note";
    let notes = http::get(rig.server.address(), path).await.text();
    assert!(notes.contains("esp-bootloader"), "{notes}");
}

#[tokio::test]
async fn pauses_that_the_network_takes_out_are_kept() {
    let Some((rig, lines)) = rig("timed").await else {
        return;
    };
    let mut client = Far::connect(&rig).await;
    client.say(&CLASSIC.concat()).await;
    let moved = moved(&lines, 3).await;
    assert_eq!(states(&moved), STATES);
    let pauses = pauses(&moved);
    assert!(pauses[0] >= 100 && pauses[1] >= 50, "{pauses:?}");
}

#[tokio::test]
async fn with_resets_as_sent_the_moves_are_made_as_they_come() {
    let Some((rig, lines)) = rig("as-sent").await else {
        return;
    };
    let mut client = Far::connect(&rig).await;
    for step in CLASSIC {
        client.ask(step).await;
    }
    let moved = moved(&lines, 4).await;
    let between = [STATES[0], (true, true), STATES[1], STATES[2]];
    assert_eq!(states(&moved), between);
}

#[tokio::test]
async fn a_client_that_leaves_in_between_gets_the_lines_that_it_asked_for() {
    let Some((rig, lines)) = rig("timed").await else {
        return;
    };
    let mut client = Far::connect(&rig).await;
    client.ask(&[DtrOff, RtsOn, DtrOn]).await;
    drop(client);
    let moved = moved(&lines, 2).await;
    assert_eq!(states(&moved), [(false, true), (true, true)]);
}

#[tokio::test]
async fn a_touch_at_1200_baud_drops_dtr_and_leaves_the_speed_as_it_was() {
    let Some((rig, lines)) = rig("timed").await else {
        return;
    };
    let mut client = Far::connect(&rig).await;
    let mut touch = Vec::new();
    Request::Baud(Some(1200)).encode(&mut touch);
    client.0.write_all(&touch).await.unwrap();
    client.ask(&[RtsOn, DtrOn]).await;
    assert_eq!(rig.device("dev").baud(), 1200);
    drop(client);
    let moved = moved(&lines, 1).await;
    assert_eq!(states(&moved), [(false, true)]);
    until("the speed is back", || {
        rig.device("dev").baud() == 4_000_000
    })
    .await;
    assert_eq!(rig.state("dev").await["settings"]["baud"], json!(4_000_000));
}

#[tokio::test]
async fn the_first_client_of_raw_tcp_finds_a_device_that_has_started_anew() {
    let said = "tcp_reset = \"dtr=0,100ms,dtr=1\"";
    let Some((rig, lines)) = rig_with("--tcp", said).await else {
        return;
    };
    let connect = async |said: &[u8]| {
        let address = rig.server.entrance("socket");
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(said).await.unwrap();
        assert_eq!(rig.device("dev").read(said.len()).await, said);
        client
    };
    let first = connect(b"one").await;
    let [off, on] = lines.moved()[..] else {
        panic!("a pulse before what the client said: {:?}", lines.moved());
    };
    assert_eq!((off.dtr, on.dtr), (false, true));
    assert!((on.at - off.at).as_millis() >= 100);
    // Beside another it would take that one's device away.
    let second = connect(b"two").await;
    assert_eq!(lines.moved().len(), 2);
    for client in [first, second] {
        // A reset instead of an end: it may not listen any more either.
        SockRef::from(&client)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
    soon("they have left", async {
        while rig.state("dev").await["viewers"] != json!([]) {}
    })
    .await;
    let _third = connect(b"three").await;
    assert_eq!(lines.moved().len(), 4);
}
