//! Resuming: a client that loses its connection again and again misses nothing and gets nothing twice.

use std::time::Duration;

use serde_json::json;
use seriald::client::link::Link;
use seriald::client::socket::Socket;
use seriald::client::tap::{Event, Tap, Wish};
use seriald::record::Kind;
use seriald::wire::frame::Content;
use tokio::io::{AsyncReadExt, copy};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::client::{Client, Record, What};
use crate::rig::random::{Random, patterns};
use crate::rig::{Rig, soon};

const DROPS: usize = 100;
/// What the device sends and pauses, until nobody wants it any more.
const PIECE: usize = 700;
const PAUSE: Duration = Duration::from_millis(1);

#[tokio::test]
async fn after_a_hundred_lost_connections_nothing_is_lost_and_nothing_doubled() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    let stream = async {
        for place in 0.. {
            device.send(&patterns(place * PIECE as u64, PIECE)).await;
            tokio::time::sleep(PAUSE).await;
        }
    };
    let mut random = Random::new(3);
    let (mut next, mut records) = (0, Vec::<Record>::new());
    let come_and_go = async {
        for round in 0..DROPS {
            let mut client = Client::connect(&rig.server).await;
            let moment = Duration::from_micros(random.below(12_000));
            let visit = async {
                let channel = client.subscribe("dev", next).await;
                if round % 3 == 0 {
                    client
                        .start_write(channel, format!("<{round}>").as_bytes())
                        .await;
                }
                loop {
                    client.step().await;
                }
            };
            // The connection breaks in the midst of whatever it was doing.
            let _: Result<(), _> = tokio::time::timeout(moment, visit).await;
            if let Some(reading) = client.channels.into_values().next() {
                next = reading.next;
                records.extend(reading.records);
            }
        }
    };
    tokio::select! {
        () = stream => unreachable!("it goes on for ever"),
        () = come_and_go => {}
    }
    let mut last = rig.client().await;
    let channel = last.subscribe("dev", next).await;
    let head = last.on(channel).head;
    last.reach(channel, head).await;
    records.extend(last.channels.remove(&channel).unwrap().records);

    let (mut rx, mut tx, mut at) = (Vec::new(), Vec::new(), 0);
    for record in &records {
        assert_eq!(record.offset, at, "{record:?}");
        let length = match &record.what {
            What::Rx(bytes) => {
                rx.extend_from_slice(bytes);
                bytes.len()
            }
            What::Tx { bytes, .. } => {
                tx.extend_from_slice(bytes);
                bytes.len()
            }
            What::Note(note) => {
                assert_eq!(note["what"], "opened");
                note.to_string().len()
            }
            _ => panic!("nothing was so old: {record:?}"),
        };
        at += length as u64;
    }
    assert!(rx.len() > DROPS * PIECE, "only {} bytes passed", rx.len());
    assert!(rx == patterns(0, rx.len()));
    assert_eq!(tx, device.unread());
}

#[tokio::test]
async fn a_place_within_a_record_is_a_place_to_resume_from() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "oldest").await;
    let offset = client.write(channel, b"0123456789").await;
    client.reach(channel, offset + 10).await;
    let mut again = rig.client().await;
    let within = again.subscribe("dev", offset + 4).await;
    let note = again.subscribe("dev", 1).await;
    again.reach(within, offset + 10).await;
    again.reach(note, offset + 10).await;
    assert_eq!(again.on(within).tx()[0].1, b"456789");
    assert_eq!(
        again.on(within).records[0].time,
        client.on(channel).records[1].time
    );
    let whole = &again.on(note).records[0];
    assert_eq!(
        (whole.offset, &whole.what),
        (0, &client.on(channel).records[0].what)
    );
}

#[tokio::test]
async fn a_place_that_is_not_there_is_refused_with_both_ends() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let told = client.ports["dev"]["journal"].clone();
    let head = told["head"].as_u64().unwrap();
    let channel = client.subscribe("dev", head).await;
    let journal = client.on(channel).journal;
    assert_eq!(told["id"], journal);
    let ask = |from: u64, journal: u64| json!({"type": "subscribe", "port": "dev", "from": from, "journal": journal});
    for question in [ask(head + 1, journal), ask(0, journal ^ 1)] {
        let error = client.refused(question, "out-of-range").await;
        assert_eq!(
            (&error["oldest"], &error["head"]),
            (&json!(0), &json!(head))
        );
    }
    assert_eq!(client.ask(ask(0, journal)).await["type"], "subscribed");
}

/// The program's own client, over connections that break in the midst of whatever they were doing.
#[tokio::test]
async fn a_tap_goes_on_where_it_was_and_its_credit_comes_back() {
    let rig = Rig::start(&["dev"]).await;
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let address = rig.server.address();
    let proxying = tokio::spawn(async move {
        // The last connection stays.
        for limit in [300_000, 100_000, 900_000, u64::MAX] {
            let (mut client, _) = proxy.accept().await.unwrap();
            let mut server = TcpStream::connect(address).await.unwrap();
            let (server_reads, mut server_writes) = server.split();
            let (mut client_reads, mut client_writes) = client.split();
            let mut some = server_reads.take(limit);
            tokio::select! {
                _ = copy(&mut some, &mut client_writes) => {}
                _ = copy(&mut client_reads, &mut server_writes) => {}
            }
        }
    });
    let client = seriald::client::Client::new(&url, None).unwrap();
    let socket = Socket::open(&client).await.unwrap();
    let wish = Wish {
        port: "dev".to_owned(),
        from: "now".into(),
        journal: None,
        answers: false,
        name: Some("tapper".to_owned()),
    };
    let mut tap = Tap::new(Link::new(client, socket), wish);
    let Event::Began(began) = tap.next().await.unwrap() else {
        panic!("it begins");
    };
    assert!(!began.is_again);
    let all = patterns(0, 3 << 20);
    let (mut got, mut drops) = (Vec::new(), 0);
    let reading = async {
        while got.len() < all.len() {
            match tap.next().await.unwrap() {
                Event::Frames(batch) => {
                    for frame in batch.frames() {
                        match frame.content {
                            Content::Record(record) if record.kind == Kind::Rx => {
                                got.extend_from_slice(record.bytes);
                            }
                            Content::Gap(gap, _) => panic!("{gap}"),
                            _ => {}
                        }
                    }
                    tap.taken(batch.cost());
                }
                Event::Lost(_) => drops += 1,
                Event::Began(began) => assert!(began.is_again && !began.is_other),
                _ => {}
            }
        }
    };
    let (_, ()) = tokio::join!(
        rig.device("dev").send(&all),
        soon("everything comes", reading)
    );
    assert!(
        got == all && drops == 3,
        "{} bytes, {drops} drops",
        got.len()
    );
    let state = rig.state("dev").await;
    assert_eq!(state["viewers"][0]["name"], "tapper");
    proxying.abort();
}
