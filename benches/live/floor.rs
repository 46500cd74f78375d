//! Floor: the least that can stand between a device and sockets. One thread reads a terminal and
//! writes each read to every client, framed as a WebSocket message or as it is. It checks nothing, keeps
//! nothing, and stops the device for all while one client is behind.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventData, EventFlags};

use super::pty::open_raw;

/// Room in front of what is read, for the header of a frame.
const HEADER: usize = 4;
/// The most that a length of 16 bits can say.
const READ: usize = 65_535;
const CLIENT_HEADER: usize = 6;
const EVENTS: usize = 256;

/// A terminal, and the port where its clients come in.
struct Line {
    device: File,
    door: TcpListener,
    /// Whether it is left alone because a client is behind.
    stopped: bool,
}

struct Client {
    stream: TcpStream,
    line: usize,
    /// Whether it is sent frames.
    framed: bool,
    /// Whether the handshake is over.
    up: bool,
    /// What the socket did not take.
    unsent: Vec<u8>,
    gone: bool,
}

/// Serves each terminal at a port of its own: the first at `address`, the others behind it.
pub fn serve(address: SocketAddr, framed: bool, paths: &[impl AsRef<Path>]) -> io::Result<()> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let watch = |what: &dyn AsFd, number: usize| {
        epoll::add(
            &epoll,
            what,
            EventData::new_u64(number as u64),
            EventFlags::IN,
        )
    };
    let count = paths.len();
    let mut lines = Vec::new();
    for (number, (path, port)) in paths.iter().zip(address.port()..).enumerate() {
        let device = File::from(open_raw(path.as_ref())?);
        let door = TcpListener::bind((address.ip(), port))?;
        watch(&device, number)?;
        watch(&door, count + number)?;
        lines.push(Line {
            device,
            door,
            stopped: false,
        });
    }
    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = vec![0; HEADER + READ];
    let mut events = Vec::with_capacity(EVENTS);
    loop {
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let number = event.data.u64() as usize;
            let line = if number < count {
                if let Ok(length @ 1..) = (&lines[number].device).read(&mut buffer[HEADER..]) {
                    let message = if framed {
                        frame(&mut buffer, length)
                    } else {
                        &buffer[HEADER..HEADER + length]
                    };
                    let all = clients.iter_mut();
                    all.filter(|client| client.line == number && client.up && !client.gone)
                        .for_each(|client| client.send(message));
                }
                number
            } else if number < 2 * count {
                let line = number - count;
                let (stream, _) = lines[line].door.accept()?;
                stream.set_nonblocking(true)?;
                stream.set_nodelay(true)?;
                watch(&stream, 2 * count + clients.len())?;
                let (up, unsent, gone) = (!framed, Vec::new(), false);
                clients.push(Client {
                    stream,
                    line,
                    framed,
                    up,
                    unsent,
                    gone,
                });
                line
            } else {
                let client = &mut clients[number - 2 * count];
                client.turn(&lines[client.line].device, &mut buffer);
                if client.gone {
                    epoll::delete(&epoll, &client.stream)?;
                }
                client.line
            };
            hold(&epoll, line, &mut lines[line], &clients, 2 * count)?;
        }
    }
}

/// Stops or starts a line by whether a client of it is behind.
fn hold(
    epoll: &OwnedFd,
    number: usize,
    line: &mut Line,
    clients: &[Client],
    first: usize,
) -> io::Result<()> {
    let is_behind = |client: &Client| !client.unsent.is_empty();
    let all = || clients.iter().enumerate();
    let mine = || all().filter(|(_, client)| client.line == number && !client.gone);
    let stopped = mine().any(|(_, client)| is_behind(client));
    if stopped || line.stopped {
        for (place, client) in mine() {
            let out = if is_behind(client) {
                EventFlags::OUT
            } else {
                EventFlags::empty()
            };
            let data = EventData::new_u64((first + place) as u64);
            epoll::modify(epoll, &client.stream, data, EventFlags::IN | out)?;
        }
        let wanted = if stopped {
            EventFlags::empty()
        } else {
            EventFlags::IN
        };
        epoll::modify(
            epoll,
            &line.device,
            EventData::new_u64(number as u64),
            wanted,
        )?;
        line.stopped = stopped;
    }
    Ok(())
}

/// Puts the header in front of what was read.
fn frame(buffer: &mut [u8], length: usize) -> &[u8] {
    let start = if length < 126 {
        buffer[2..HEADER].copy_from_slice(&[0x82, length as u8]);
        2
    } else {
        let [high, low] = (length as u16).to_be_bytes();
        buffer[..HEADER].copy_from_slice(&[0x82, 126, high, low]);
        0
    };
    &buffer[start..HEADER + length]
}

impl Client {
    fn turn(&mut self, mut line: &File, buffer: &mut [u8]) {
        if !self.unsent.is_empty() {
            let unsent = std::mem::take(&mut self.unsent);
            self.send(&unsent);
        }
        match (&self.stream).read(buffer) {
            Ok(0) => self.gone = true,
            // The load generator does not check the key of the answer.
            Ok(_) if !self.up => {
                self.up = true;
                self.send(
                    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                );
            }
            // It sends short frames one at a time, masked with zeros.
            Ok(length) => {
                let header = if self.framed { CLIENT_HEADER } else { 0 };
                drop(line.write(&buffer[header.min(length)..length]));
            }
            Err(error) => self.gone = error.kind() != ErrorKind::WouldBlock,
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        let sent = match (&self.stream).write(bytes) {
            Ok(sent) => sent,
            Err(error) => {
                self.gone = error.kind() != ErrorKind::WouldBlock;
                0
            }
        };
        self.unsent.extend_from_slice(&bytes[sent..]);
    }
}
