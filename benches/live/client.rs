//! Client: one reader of a port, which checks every byte that it gets.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::time::Duration;

use memchr::memchr;

/// What the answer to the handshake fits into.
const HEAD: usize = 4 * 1024;
/// The close code of a connection that just ended.
const ENDED: u16 = 1006;
const RECORD_HEADER: usize = 24;
const RX: u8 = 1;
const GAP: u8 = 4;
const WRITE: u8 = 16;
const OP_CLOSE: u8 = 8;
/// What begins a command of telnet, and which ones have an end of their own.
const IAC: u8 = 255;
const SB: u8 = 250;
const SE: u8 = 240;

/// How a server speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The bytes of the port and nothing else.
    Bytes,
    /// Records, as on the SDK's socket.
    Records,
    /// The bytes of the port without WebSocket.
    Tcp,
    /// The same among the commands of telnet.
    Rfc2217,
}

/// One client.
pub struct Client {
    stream: TcpStream,
    dialect: Dialect,
    /// What came in and is no complete message yet.
    rest: Vec<u8>,
    /// What the device says, from the beginning.
    expected: Rc<[u8]>,
    /// How much of it has come.
    pub taken: usize,
    /// Bytes that did not come, as the server said.
    pub missed: usize,
    /// Whether something came that the device did not say next.
    pub wrong: bool,
    /// The code with which the server closed.
    pub closed: Option<u16>,
}

impl Client {
    /// Connects, and subscribes to the port, `from` what JSON says, where the dialect wants that.
    pub fn connect(
        address: SocketAddr,
        path: &str,
        port: &str,
        dialect: Dialect,
        from: &str,
    ) -> io::Result<Self> {
        let mut stream = reach(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        // In one piece: the bare loop looks no further than at the first.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2VyaWFsIHBvcnRzIG9uIHQ=\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let (mut head, mut buffer) = (Vec::new(), [0; HEAD]);
        let end = loop {
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            match stream.read(&mut buffer)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                length => head.extend_from_slice(&buffer[..length]),
            }
        };
        if !head.starts_with(b"HTTP/1.1 101") {
            let line = String::from_utf8_lossy(&head);
            let line = line.lines().next().unwrap_or_default();
            return Err(io::Error::other(format!("no WebSocket at {path}: {line}")));
        }
        let mut client = Self::new(stream, dialect, head.split_off(end))?;
        if dialect == Dialect::Records {
            let subscribe = format!(r#"{{"type":"subscribe","port":"{port}","from":{from}}}"#);
            client.message(1, subscribe.as_bytes())?;
        }
        Ok(client)
    }

    /// Connects to a door for programs.
    pub fn open(address: SocketAddr, dialect: Dialect) -> io::Result<Self> {
        Self::new(reach(address)?, dialect, Vec::new())
    }

    fn new(stream: TcpStream, dialect: Dialect, rest: Vec<u8>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            dialect,
            rest,
            expected: Rc::from([]),
            taken: 0,
            missed: 0,
            wrong: false,
            closed: None,
        })
    }

    /// From here on the device says this, from its beginning.
    pub fn expect(&mut self, expected: &Rc<[u8]>) {
        self.expected = Rc::clone(expected);
        (self.taken, self.missed, self.wrong) = (0, 0, false);
    }

    /// Sends bytes for the device.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.dialect {
            Dialect::Bytes => self.message(2, bytes),
            Dialect::Records => self.message(2, &[&[WRITE, 0, 1, 0, 0, 0, 0, 0], bytes].concat()),
            Dialect::Tcp => self.stream.write_all(bytes),
            Dialect::Rfc2217 => {
                let doubled = |byte: &u8| std::iter::repeat_n(*byte, 1 + usize::from(*byte == IAC));
                let bytes: Vec<u8> = bytes.iter().flat_map(doubled).collect();
                self.stream.write_all(&bytes)
            }
        }
    }

    /// A masked frame; with a mask of zeros the payload stays as it is.
    fn message(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let length = u8::try_from(payload.len())
            .ok()
            .filter(|length| *length < 126);
        let length = length.ok_or(ErrorKind::InvalidInput)?;
        let head = [0x80 | opcode, 0x80 | length, 0, 0, 0, 0];
        self.stream.write_all(&[&head, payload].concat())
    }

    /// Takes what is there, through `buffer`.
    pub fn read(&mut self, buffer: &mut [u8]) {
        let Ok(length) = self.stream.read(buffer) else {
            return;
        };
        if length == 0 {
            self.closed.get_or_insert(ENDED);
        }
        match self.dialect {
            Dialect::Tcp => self.take(&buffer[..length]),
            Dialect::Rfc2217 => self.telnet(&buffer[..length]),
            Dialect::Bytes | Dialect::Records => self.frames(&buffer[..length]),
        }
    }

    fn frames(&mut self, bytes: &[u8]) {
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let mut left = &rest[..];
        while let Some((opcode, payload, after)) = frame(left) {
            match (opcode, self.dialect) {
                (2, Dialect::Bytes) => self.take(payload),
                (2, Dialect::Records) => self.records(payload),
                (OP_CLOSE, _) => {
                    let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                    self.closed = Some(code.unwrap_or_default());
                }
                _ => {}
            }
            left = after;
        }
        let parsed = rest.len() - left.len();
        rest.drain(..parsed);
        self.rest = rest;
    }

    fn telnet(&mut self, bytes: &[u8]) {
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let mut left = &rest[..];
        while let Some(place) = memchr(IAC, left) {
            self.take(&left[..place]);
            left = &left[place..];
            let length = match left {
                [_, IAC, ..] => {
                    self.take(&left[..1]);
                    Some(2)
                }
                [_, SB, ..] => left
                    .windows(2)
                    .position(|two| two == [IAC, SE])
                    .map(|end| end + 2),
                [_, 251..=254, _, ..] => Some(3),
                [_, 241..=249, ..] => Some(2),
                _ => None,
            };
            let Some(length) = length else {
                self.rest = left.to_vec();
                return;
            };
            left = &left[length..];
        }
        self.take(left);
    }

    fn records(&mut self, mut message: &[u8]) {
        while let Some((header, after)) = message.split_at_checked(RECORD_HEADER) {
            let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| header[at + i]));
            let length = (number(0) >> 32) as usize;
            let (payload, after) = after.split_at(length);
            match header[0] {
                RX => self.take(payload),
                GAP => {
                    let to = u64::from_le_bytes(std::array::from_fn(|i| payload[i]));
                    let missed = (to - number(8)) as usize;
                    self.missed += missed;
                    self.taken += missed;
                }
                _ => {}
            }
            message = after;
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let end = self.taken + bytes.len();
        self.wrong |= self.expected.get(self.taken..end) != Some(bytes);
        self.taken = end;
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Connects, if somebody listens there.
fn reach(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    // Where nobody listens yet the system may choose the same port for this end, and connect it with itself.
    if stream.local_addr()? == address {
        return Err(ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The first whole frame: its opcode, its payload, and what follows.
fn frame(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[first, second], after) = bytes.split_first_chunk()?;
    let (length, after) = match second & 127 {
        126 => after
            .split_first_chunk()
            .map(|(length, after)| (u16::from_be_bytes(*length).into(), after))?,
        127 => after
            .split_first_chunk()
            .map(|(length, after)| (u64::from_be_bytes(*length) as usize, after))?,
        short => (usize::from(short), after),
    };
    let (payload, after) = after.split_at_checked(length)?;
    Some((first & 15, payload, after))
}
