//! Load: what is done to a server, and what comes of it.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::client::Client;
use super::pty::Pty;
use super::server::{Contender, Server};

const LINE: usize = 64;
const MIB: usize = 1024 * 1024;
/// What one write of a flood offers.
const FLOOD_WRITE: usize = 4096;
/// What has not come after so long is given up.
const LIMIT: Duration = Duration::from_secs(20);
/// A flood is given up after so long where a client stalls: the bare loop stalls with it.
const STALL_LIMIT: Duration = Duration::from_secs(5);
/// Nothing came for so long: all has come.
const SILENCE: Duration = Duration::from_millis(300);
/// A server has told its clients of what happened before.
const COUNTED: Duration = Duration::from_secs(3);
/// 921600 baud, and how often a USB adapter hands over what came.
const PACED_BYTES_PER_SECOND: usize = 92_160;
const PACED_STEP: Duration = Duration::from_millis(5);

/// A server with clients at its ports, and the devices behind it.
pub struct Load {
    server: Server,
    ptys: Vec<Pty>,
    /// With the port that each watches.
    clients: Vec<(usize, Client)>,
    buffer: Vec<u8>,
}

/// What became of a client that did not read.
pub struct Stalled {
    /// The least that any other client got of the flood, from 0 to 1.
    pub others: f64,
    /// How much the server's memory grew, in MiB.
    pub growth: f64,
    /// What it was told when it read again.
    pub told: String,
}

impl Load {
    /// Starts a server with so many ports, and so many clients at each; returns when every client
    /// gets what its device says.
    pub fn start(contender: Contender, ports: usize, clients: usize) -> io::Result<Self> {
        let ptys = (0..ports)
            .map(|_| Pty::open())
            .collect::<io::Result<Vec<_>>>()?;
        let mut server = Server::start(contender, &ptys)?;
        let clients = (0..ports * clients)
            .map(|number| Ok((number % ports, server.connect(number % ports)?)))
            .collect::<io::Result<_>>()?;
        let mut load = Self {
            server,
            ptys,
            clients,
            buffer: vec![0; 256 * 1024],
        };
        let give_up = Instant::now() + LIMIT;
        while load.clients.iter().any(|(_, client)| client.taken == 0) {
            if Instant::now() > give_up {
                return Err(io::Error::other("a client gets nothing from its device"));
            }
            for pty in &load.ptys {
                pty.write(b"anybody there?\n");
            }
            load.turn_until(Instant::now() + Duration::from_millis(50), 0)?;
        }
        load.settle(0)?;
        Ok(load)
    }

    /// Serves the clients, but for the first `idle` ones, until something came or the moment is there.
    fn turn(&mut self, until: Instant, idle: usize, device: PollFlags) -> io::Result<bool> {
        let open = |(_, client): &&mut (usize, Client)| client.closed.is_none();
        let clients = self.clients[idle..].iter_mut().filter(open);
        let mut clients: Vec<_> = clients.collect();
        let mut fds = vec![PollFd::new(&self.ptys[0], device)];
        fds.extend(
            clients
                .iter()
                .map(|(_, client)| PollFd::new(client, PollFlags::IN)),
        );
        let left = until.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        poll(&mut fds, Some(&left))?;
        let ready: Vec<bool> = fds[1..].iter().map(|fd| !fd.revents().is_empty()).collect();
        let ready = clients.iter_mut().zip(ready).filter(|(_, ready)| *ready);
        Ok(ready
            .map(|((_, client), _)| client.read(&mut self.buffer))
            .count()
            > 0)
    }

    fn turn_until(&mut self, until: Instant, idle: usize) -> io::Result<()> {
        while Instant::now() < until {
            self.turn(until, idle, PollFlags::empty())?;
        }
        Ok(())
    }

    /// Waits until nothing comes any more.
    fn settle(&mut self, idle: usize) -> io::Result<()> {
        while self.turn(Instant::now() + SILENCE, idle, PollFlags::empty())? {}
        Ok(())
    }

    fn expect(&mut self, said: &[Rc<[u8]>]) {
        for (port, client) in &mut self.clients {
            client.expect(&said[*port]);
        }
    }

    /// Every byte must have come, in order, once.
    fn check(&self, said: usize, idle: usize) -> io::Result<()> {
        for (number, (_, client)) in self.clients.iter().enumerate().skip(idle) {
            if client.wrong || client.missed > 0 || client.taken != said {
                let (taken, missed) = (client.taken, client.missed);
                let message = format!(
                    "client {number} got {taken} of {said} bytes, {missed} missed, wrong: {}",
                    client.wrong
                );
                return Err(io::Error::other(message));
            }
        }
        Ok(())
    }

    /// The first client types lines, the device echoes each: the times there and back.
    pub fn round_trips(&mut self, count: usize, every: Duration) -> io::Result<Vec<Duration>> {
        let said = noise(count * LINE, 1);
        self.expect(std::slice::from_ref(&said));
        let mut times = Vec::new();
        for (number, line) in said.chunks(LINE).enumerate() {
            let begun = Instant::now();
            self.clients[0].1.send(line)?;
            while self.clients[0].1.taken < (number + 1) * LINE {
                if begun.elapsed() > LIMIT {
                    return Err(io::Error::other("a line did not come back"));
                }
                self.turn(begun + LIMIT, 0, PollFlags::IN)?;
                let length = self.ptys[0].read(&mut self.buffer);
                self.ptys[0].write(&self.buffer[..length]);
            }
            times.push(begun.elapsed());
            self.turn_until(begun + every, 0)?;
        }
        self.settle(0)?;
        self.check(said.len(), 0)?;
        Ok(times)
    }

    /// The device says lines: the times until each client has each.
    pub fn fan_out(&mut self, count: usize, every: Duration) -> io::Result<Vec<Duration>> {
        let said = noise(count * LINE, 2);
        self.expect(std::slice::from_ref(&said));
        let mut times = Vec::new();
        for (number, line) in said.chunks(LINE).enumerate() {
            let begun = Instant::now();
            self.ptys[0].write(line);
            let has_it = |client: &Client| client.taken >= (number + 1) * LINE;
            let mut had = 0;
            while begun.elapsed() < every {
                self.turn(begun + every, 0, PollFlags::empty())?;
                let have = self
                    .clients
                    .iter()
                    .filter(|(_, client)| has_it(client))
                    .count();
                times.extend(std::iter::repeat_n(begun.elapsed(), have - had));
                had = have;
            }
        }
        self.settle(0)?;
        self.check(said.len(), 0)?;
        Ok(times)
    }

    /// The device says so much as fast as it can: MiB a second that each client got.
    pub fn flood(&mut self, mib: usize) -> io::Result<f64> {
        let said = noise(mib * MIB, 3);
        let (begun, end) = self.pour(&said, 0, LIMIT)?;
        self.check(said.len(), 0)?;
        Ok(mib as f64 / end.duration_since(begun).as_secs_f64())
    }

    /// One client stops reading while the device says so much as fast as it can.
    pub fn stall(&mut self, mib: usize) -> io::Result<Stalled> {
        let said = noise(mib * MIB, 4);
        let before = self.server.program.memory()?;
        self.pour(&said, 1, STALL_LIMIT)?;
        let least = self.clients[1..]
            .iter()
            .map(|(_, client)| client.taken)
            .min();
        let others = least.unwrap_or_default() as f64 / said.len() as f64;
        let growth = self.server.program.memory()? - before;
        if others >= 1.0 {
            self.check(said.len(), 1)?;
        }
        self.settle(0)?;
        let stalled = &self.clients[0].1;
        let told = match stalled {
            Client { wrong: true, .. } => "wrong bytes".to_owned(),
            Client {
                closed: Some(code), ..
            } => format!("closed with {code}"),
            Client { missed: 1.., .. } if stalled.taken == said.len() => "the gap".to_owned(),
            _ if stalled.taken == said.len() => "all, late".to_owned(),
            _ => "only a part".to_owned(),
        };
        Ok(Stalled {
            others,
            growth,
            told,
        })
    }

    /// Writes all of it to the device; returns when it began and when the last client had the last.
    fn pour(
        &mut self,
        said: &Rc<[u8]>,
        idle: usize,
        limit: Duration,
    ) -> io::Result<(Instant, Instant)> {
        self.expect(std::slice::from_ref(said));
        let begun = Instant::now();
        let (mut written, mut last) = (0, begun);
        while begun.elapsed() < limit {
            let device = if written < said.len() {
                PollFlags::OUT
            } else {
                PollFlags::empty()
            };
            if self.turn(Instant::now() + SILENCE, idle, device)? {
                last = Instant::now();
            }
            let end = said.len().min(written + FLOOD_WRITE);
            written += self.ptys[0].write(&said[written..end]);
            let has_it = |(_, client): &(usize, Client)| client.taken == said.len();
            if written == said.len() && self.clients[idle..].iter().all(has_it) {
                break;
            }
        }
        Ok((begun, last))
    }

    /// All devices say what a busy line carries: percent of a processor, and MiB of memory.
    pub fn pace(&mut self, length: Duration) -> io::Result<(f64, f64)> {
        let total = (PACED_BYTES_PER_SECOND as f64 * length.as_secs_f64()) as usize;
        let said: Vec<_> = (0..self.ptys.len())
            .map(|port| noise(total, 5 + port as u64))
            .collect();
        self.expect(&said);
        // The lines of real adapters do not beat together.
        let step = PACED_STEP / self.ptys.len() as u32;
        let mut written = vec![0; said.len()];
        let (begun, used) = (Instant::now(), self.server.program.processor_time()?);
        let mut next = begun;
        for port in (0..said.len()).cycle() {
            let due = PACED_BYTES_PER_SECOND as f64 * begun.elapsed().as_secs_f64();
            let due = (due as usize).min(total);
            written[port] += self.ptys[port].write(&said[port][written[port]..due]);
            if written.iter().all(|written| *written == total) {
                break;
            }
            next += step;
            self.turn_until(next, 0)?;
        }
        let used = self.server.program.processor_time()? - used;
        let percent = 100.0 * used / begun.elapsed().as_secs_f64();
        self.settle(0)?;
        self.check(total, 0)?;
        Ok((percent, self.server.program.memory()?))
    }

    /// Nothing happens: how often a second the server wakes up nevertheless, and MiB of memory.
    pub fn idle(&mut self, length: Duration) -> io::Result<(f64, f64)> {
        // What came before is counted for a while.
        self.turn_until(Instant::now() + COUNTED, 0)?;
        let before = self.server.program.sleeps()?;
        self.turn_until(Instant::now() + length, 0)?;
        let sleeps = self.server.program.sleeps()? - before;
        Ok((sleeps / length.as_secs_f64(), self.server.program.memory()?))
    }
}

/// Bytes in which any that is lost, doubled or moved is seen.
fn noise(length: usize, seed: u64) -> Rc<[u8]> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(length).collect()
}
