//! A program: a client at a door for programs, by RFC 2217 or raw TCP.

use rfc2217_server::{Answer, GREETING, Request, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Rig, soon};

/// A raw TCP client, once the port knows it.
pub async fn tcp(rig: &Rig) -> TcpStream {
    connect(rig, "socket").await
}

/// The same at a door of either kind.
pub async fn connect(rig: &Rig, scheme: &str) -> TcpStream {
    let before = viewers(rig).await;
    let stream = TcpStream::connect(rig.server.entrance(scheme)).await;
    seen(rig, before + 1).await;
    stream.expect("a connection")
}

pub async fn viewers(rig: &Rig) -> usize {
    let state = rig.state("dev").await;
    state["viewers"].as_array().expect("a list").len()
}

/// Waits until so many are there.
pub async fn seen(rig: &Rig, count: usize) {
    soon("the port knows who is there", async {
        while viewers(rig).await != count {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Reads exactly so many bytes.
pub async fn read(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let what = format!("{count} bytes come");
    let read = soon(&what, stream.read_exact(&mut bytes)).await;
    read.expect("an open connection");
    bytes
}

pub async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    let written = soon("bytes are taken", stream.write_all(bytes)).await;
    written.expect("an open connection");
}

/// Waits until the server has closed the connection.
pub async fn closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // With an end or with a reset.
    let _ = soon("it is closed", stream.read_to_end(&mut rest)).await;
}

/// An RFC 2217 client that has said what it can.
pub struct Telnet(pub TcpStream);

impl Telnet {
    /// Once the port knows it, and it the port, which has no modem lines.
    pub async fn open(rig: &Rig) -> Self {
        Self::meets(rig, 0).await
    }

    /// The same where the modem lines are so.
    pub async fn meets(rig: &Rig, lines: u8) -> Self {
        let mut stream = connect(rig, "rfc2217").await;
        assert_eq!(read(&mut stream, GREETING.len()).await, GREETING);
        write(&mut stream, &client::GREETING).await;
        let mut telnet = Self(stream);
        telnet.expect(Answer::ModemState(lines)).await;
        telnet
    }

    /// Reads what must come next.
    pub async fn expect(&mut self, answer: Answer) {
        let mut bytes = Vec::new();
        answer.encode(&mut bytes);
        assert_eq!(read(&mut self.0, bytes.len()).await, bytes, "{answer:?}");
    }

    pub async fn ask(&mut self, request: Request) {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        write(&mut self.0, &bytes).await;
    }

    /// Reads these, in whatever order they come, and nothing between.
    pub async fn expect_all(&mut self, mut answers: Vec<Answer>) {
        while !answers.is_empty() {
            // All that are told unasked are as long.
            let bytes = read(&mut self.0, 7).await;
            let came = Answer::decode(bytes[3], &bytes[4..]);
            let place = answers
                .iter()
                .position(|answer| Some(answer) == came.as_ref());
            let place = place.unwrap_or_else(|| panic!("{came:?} came instead of {answers:?}"));
            answers.remove(place);
        }
    }
}
