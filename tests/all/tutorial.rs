//! `/ws`, the tutorial dialect: `connected`, then one message for each line.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::rig::client::{Socket, open};
use crate::rig::{Rig, soon};

struct Page(Socket);

impl Page {
    async fn load(rig: &Rig, query: &str) -> Self {
        let (socket, _) = open(&rig.server, &format!("/ws{query}"), &[])
            .await
            .expect("a socket");
        let mut page = Self(socket);
        assert_eq!(page.hear().await, "connected");
        page
    }

    async fn hear(&mut self) -> String {
        loop {
            match soon("a line comes", self.0.next()).await {
                Some(Ok(Message::Text(text))) => return text.as_str().to_owned(),
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn send(&mut self, text: &str) {
        soon("a text is taken", self.0.send(Message::text(text)))
            .await
            .expect("an open socket");
    }
}

#[tokio::test]
async fn each_line_is_a_message_without_its_line_feed_for_every_page() {
    let rig = Rig::start(&["dev"]).await;
    let mut pages = [
        Page::load(&rig, "").await,
        Page::load(&rig, "").await,
        Page::load(&rig, "?port=dev").await,
    ];
    rig.device("dev").send(b"temp:21.4 hum:40.1\r\n\nhal").await;
    rig.device("dev").send(b"f\ngr\xc3").await;
    rig.device("dev").send(b"\xbc\xc3\x9fe\0\n").await;
    for page in &mut pages {
        for line in ["temp:21.4 hum:40.1\r", "", "half", "grüße\0"] {
            assert_eq!(page.hear().await, line);
        }
    }
}

#[tokio::test]
async fn what_is_no_utf8_is_replaced_wherever_it_is_cut_and_never_stops_the_stream() {
    let rig = Rig::start(&["dev"]).await;
    let line = b"a\xff\xfe \xe2\x82\xac \xe2\x82 \xf0\x9f\x94\x8c \xc0\x80 b\x80\n";
    let expected = String::from_utf8_lossy(&line[..line.len() - 1]).into_owned();
    assert!(expected.contains('\u{fffd}') && expected.contains('🔌'));
    let mut page = Page::load(&rig, "").await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    for cut in 0..line.len() {
        rig.device("dev").send(&line[..cut]).await;
        // The two halves are two reads: the second is sent when the first is known.
        client
            .rx(channel, cut * (line.len() + 1) - cut * usize::from(cut > 0))
            .await;
        rig.device("dev").send(&line[cut..]).await;
        assert_eq!(page.hear().await, expected, "cut at {cut}");
    }
}

#[tokio::test]
async fn what_a_page_sends_reaches_the_device_as_it_is() {
    let rig = Rig::start(&["dev"]).await;
    let (mut page, mut other) = (Page::load(&rig, "").await, Page::load(&rig, "").await);
    for (text, from_other) in [
        ("led on", false),
        ("\r\n", true),
        ("grüße 🔌\0", false),
        ("x\n", true),
    ] {
        if from_other { &mut other } else { &mut page }
            .send(text)
            .await;
        assert_eq!(rig.device("dev").read(text.len()).await, text.as_bytes());
    }
}

#[tokio::test]
async fn without_a_name_it_is_the_first_port_that_was_named() {
    let rig = Rig::start(&["zebra", "ape"]).await;
    let (mut first, mut second) = (
        Page::load(&rig, "").await,
        Page::load(&rig, "?port=ape").await,
    );
    first.send("for zebra").await;
    second.send("for ape").await;
    assert_eq!(rig.device("zebra").read(9).await, b"for zebra");
    assert_eq!(rig.device("ape").read(7).await, b"for ape");
    rig.device("zebra").send(b"Z\n").await;
    rig.device("ape").send(b"A\n").await;
    assert_eq!(
        (first.hear().await, second.hear().await),
        ("Z".into(), "A".into())
    );
    let unknown = open(&rig.server, "/ws?port=gsp", &[]).await;
    assert_eq!(unknown.err().map(|status| status.as_u16()), Some(404));
}

#[tokio::test]
async fn a_page_is_told_when_its_text_cannot_be_written() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    client.done(json!({"type": "release", "port": "dev"})).await;
    let mut page = Page::load(&rig, "").await;
    page.send("lost").await;
    let told = page.hear().await;
    assert!(
        told.contains("not open") && told.contains("released"),
        "{told}"
    );
}

#[tokio::test]
async fn a_line_of_exactly_the_limit_is_one_message_and_a_longer_one_comes_in_pieces() {
    const LIMIT: usize = 64 * 1024;
    let rig = Rig::start(&["dev"]).await;
    let mut page = Page::load(&rig, "").await;
    let line = |length: usize| [vec![b'x'; length], b"\n".to_vec()].concat();
    let lines = [line(LIMIT), line(LIMIT + 3), line(2)].concat();
    let hear = async {
        let mut lengths = Vec::new();
        for _ in 0..4 {
            lengths.push(page.hear().await.len());
        }
        lengths
    };
    let ((), lengths) = tokio::join!(rig.device("dev").send(&lines), hear);
    assert_eq!(lengths, [LIMIT, LIMIT, 3, 2]);
}
