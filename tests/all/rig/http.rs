//! HTTP by hand: requests exactly as written, also those that no client would send.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};

use super::soon;

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What is wrong, for programs; empty where nothing is.
    pub fn code(&self) -> String {
        let told: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        told["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The body of a success, put together if it came in chunks.
    pub fn unchunked(&self) -> Vec<u8> {
        assert_eq!(self.status, 200, "{}", self.text());
        if self.header("transfer-encoding") != Some("chunked") {
            return self.body.clone();
        }
        let (mut rest, mut all) = (&self.body[..], Vec::new());
        loop {
            let mut ends = rest.windows(2);
            let end = ends.position(|two| two == b"\r\n").expect("a length");
            let length = std::str::from_utf8(&rest[..end]).unwrap();
            let length = usize::from_str_radix(length, 16).unwrap();
            if length == 0 {
                return all;
            }
            all.extend_from_slice(&rest[end + 2..end + 2 + length]);
            rest = &rest[end + 4 + length..];
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no header in {:?}", bytes.escape_ascii()));
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.expect("a status").parse().expect("a number"),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
        }
    }
}

/// Sends bytes as they are and gives everything that comes back until the connection is closed,
/// or until an upgrade.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(address).await.expect("it listens");
    exchange_on(stream, request).await
}

/// The same over any connection.
async fn exchange_on(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> Vec<u8> {
    // Who refuses a request may close before it has read all of it.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    soon("the answer comes", async {
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..read]);
            // What comes behind the header of an upgrade is not HTTP any more.
            let header_ended = answer.windows(4).any(|four| four == b"\r\n\r\n");
            if answer.starts_with(b"HTTP/1.1 101") && header_ended {
                break;
            }
        }
    })
    .await;
    answer
}

/// Sends a request; `Host`, the length and the wish to close are added where they are absent.
pub async fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let stream = TcpStream::connect(address).await.expect("it listens");
    ask_over(stream, address, method, path, headers, body).await
}

/// The same over any connection to an address.
pub async fn ask_over(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let request = written(address, method, path, headers, body);
    Answer::parse(&exchange_on(stream, &request).await)
}

/// The same, but of an answer that goes on only its head.
pub async fn begin(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = written(address, method, path, headers, body);
    stream.write_all(&request).await.expect("it is taken");
    let mut bytes = Vec::new();
    soon("the answer begins", async {
        while !bytes.ends_with(b"\r\n\r\n") {
            bytes.push(stream.read_u8().await.expect("a whole head"));
        }
        let length = Answer::parse(&bytes)
            .header("content-length")
            .map(str::to_owned);
        let length = length.map_or(0, |length| length.parse().expect("a number"));
        let head = bytes.len();
        bytes.resize(head + length, 0);
        let read = stream.read_exact(&mut bytes[head..]).await;
        read.expect("a whole body");
    })
    .await;
    Answer::parse(&bytes)
}

/// The same from an address of this machine's own.
pub async fn ask_from(
    from: IpAddr,
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("an address of ours");
    let stream = socket.connect(address).await.expect("it listens");
    ask_over(stream, address, method, path, headers, body).await
}

fn written(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\n");
    let has = |name: &str| {
        headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let (host, length) = (address.to_string(), body.len().to_string());
    let standard = [
        ("Host", host.as_str()),
        ("Content-Length", length.as_str()),
        ("Connection", "close"),
    ];
    let absent = standard.iter().filter(|(name, _)| !has(name));
    for (name, value) in headers.iter().chain(absent) {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    request
}

/// `GET`.
pub async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &[], b"").await
}

/// The headers that ask for a WebSocket.
pub const UPGRADE: [(&str, &str); 4] = [
    ("Connection", "Upgrade, close"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

/// An answer that goes on, line by line; dropping it breaks it off.
pub struct Lines(BufReader<TcpStream>);

impl Lines {
    /// Gets one.
    pub async fn get(address: SocketAddr, path: &str) -> Self {
        Self::send(address, "GET", path, b"").await
    }

    /// Posts a wish as JSON.
    pub async fn post(address: SocketAddr, path: &str, wish: &Value) -> Self {
        Self::send(address, "POST", path, wish.to_string().as_bytes()).await
    }

    /// Sends a request with this body.
    pub async fn send(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> Self {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(&[head.as_bytes(), body].concat())
            .await
            .unwrap();
        Self(BufReader::new(stream))
    }

    /// The next line that begins so, without that; none when the answer has ended.
    pub async fn field(&mut self, name: &str) -> Option<String> {
        loop {
            let mut line = String::new();
            let read = soon("a line comes", self.0.read_line(&mut line)).await;
            if read.expect("a connection") == 0 {
                return None;
            }
            if let Some(value) = line.strip_prefix(name) {
                return Some(value.trim().to_owned());
            }
        }
    }

    /// The next line that is an object: what else comes belongs to HTTP.
    pub async fn told(&mut self) -> Value {
        loop {
            let mut line = String::new();
            let read = soon("it is told", self.0.read_line(&mut line))
                .await
                .unwrap();
            assert!(read > 0, "the answer ended");
            if let Ok(told @ Value::Object(_)) = serde_json::from_str(&line) {
                return told;
            }
        }
    }
}
