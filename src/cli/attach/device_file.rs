//! A device file: a pty on this machine for a port on a server elsewhere.
//!
//! A pty tells its far end what a program writes, that it has changed the settings, and that it
//! has thrown away what waits. It has no modem lines and no BREAK, and only 8 data bits without
//! parity; what it cannot hold stays as the port has it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use seriald::client::tap::{Event, Tap};
use seriald::hints::{self, Hints};
use seriald::pty::{Link, Pty};
use seriald::record::{Kind, Record};
use seriald::state::Phase;
use seriald::wire::frame::Content;
use tokio::io::unix::AsyncFd;
use tokio::io::{Interest, Ready};
use tokio::time::sleep;

use super::claim::claim;
use super::held::Held;
use super::packets::{packet_mode, unless_closed};
use super::screen::say;
use super::signals::Signals;
use crate::cli::status;

/// How often a file that no program has open is looked at: a pty does not say when it is opened, and not every
/// system tells it.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// So much may wait for the device before no more is taken from the program, in bytes.
const UNDER_WAY: usize = 64 * 1024;
/// What is read at once, in bytes.
const PIECE: usize = 4096;

/// A pty, and the port that it stands for.
pub struct DeviceFile {
    pub(super) tap: Tap,
    pub(super) pty: Pty,
    /// When it is opened.
    opened: Hints,
    _link: Link,
    /// No other program of ours makes the same link.
    _claim: UnixListener,
    pub(super) name: String,
    pub(super) read_only: bool,
    /// What the pty has,
    pub(super) known: Option<Held>,
    /// and the port had last.
    port: Option<Held>,
    /// What is for the program.
    incoming: VecDeque<u8>,
    /// What of it the server was not told.
    owed: usize,
    /// Bytes that wait for the device, by the number of their write.
    pub(super) writes: VecDeque<(u32, usize)>,
    /// The change of settings that what follows has to wait for.
    pub(super) setting: Option<u32>,
    /// The trouble that was told last.
    pub(super) told: String,
}

impl DeviceFile {
    /// Makes the file, when the port is there.
    pub async fn make(
        mut tap: Tap,
        name: String,
        path: &Path,
        read_only: bool,
    ) -> anyhow::Result<Self> {
        let claim = claim(path)?;
        let began = loop {
            if let began @ Event::Began(_) = tap.next().await? {
                break began;
            }
        };
        let pty = Pty::open().context("cannot open a pseudo terminal")?;
        packet_mode(&pty)?;
        let mut opened = Hints::new(hints::Interest::Opening);
        opened.watch([pty.path()]);
        let link = Link::new(path, pty.path())?;
        let mut file = Self {
            tap,
            pty,
            opened,
            _link: link,
            _claim: claim,
            name,
            read_only,
            known: None,
            port: None,
            incoming: VecDeque::new(),
            owed: 0,
            writes: VecDeque::new(),
            setting: None,
            told: String::new(),
        };
        file.take(began)?;
        say(&format!("{} is {}", path.display(), file.name));
        Ok(file)
    }

    /// Serves whoever opens the file, until a signal.
    pub async fn run(mut self) -> anyhow::Result<()> {
        let mut signals = Signals::new()?;
        loop {
            tokio::select! {
                _ = signals.next() => break,
                served = self.serve() => served?,
            }
        }
        self.tap.close().await;
        Ok(())
    }

    /// Waits for a program, and serves it until it has closed the file.
    async fn serve(&mut self) -> anyhow::Result<()> {
        while !self.pty.is_used()? {
            // What came while nobody had it open is not kept for the next one.
            self.drop_incoming();
            let mut look = pin!(sleep(LOOK_EVERY));
            loop {
                tokio::select! {
                    event = self.tap.next() => self.take(event?)?,
                    () = self.opened.at_once() => break,
                    () = &mut look => break,
                }
            }
        }
        loop {
            // A descriptor that was told of a hang-up is told of nothing else.
            let master = self.pty.master().try_clone()?;
            // SAFETY: a File owns its descriptor and never changes it.
            let watched = unsafe { AsyncFd::register(master)? };
            if self.talk(&watched).await? == Ended::Closed {
                return Ok(self.pty.flush()?);
            }
        }
    }

    async fn talk(&mut self, watched: &AsyncFd<File>) -> anyhow::Result<Ended> {
        let mut packet = [0; 1 + PIECE];
        loop {
            let may_read = self.setting.is_none() && self.under_way() < UNDER_WAY;
            let mut interest = Interest::ERROR;
            if may_read {
                interest |= Interest::READABLE;
            }
            if !self.incoming.is_empty() {
                interest |= Interest::WRITABLE;
            }
            let ready = tokio::select! {
                event = self.tap.next() => {
                    self.take(event?)?;
                    continue;
                }
                ready = watched.ready(interest) => ready,
            };
            let mut ready = ready?;
            let (state, mut pty) = (ready.ready(), watched.get_ref());
            if state.is_writable() && !self.incoming.is_empty() {
                let (first, _) = self.incoming.as_slices();
                match pty.write(first) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        ready.clear_ready_matching(Ready::WRITABLE);
                    }
                    wrote => {
                        let wrote = unless_closed(wrote)?;
                        self.delivered(wrote.unwrap_or(0));
                    }
                }
            }
            if !may_read || !state.is_readable() {
                continue;
            }
            match pty.read(&mut packet) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if state.is_read_closed() {
                        return Ok(Ended::Reopened);
                    }
                    ready.clear_ready_matching(Ready::READABLE);
                }
                read => match unless_closed(read)? {
                    Some(length @ 1..) => self.packet(packet[0], &packet[1..length])?,
                    Some(0) | None => return Ok(Ended::Closed),
                },
            }
        }
    }

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Began(began) => {
                if began.is_again {
                    say("connected again");
                }
                let phase = self.tap.state().map(|state| state.phase);
                if phase == Some(Phase::Closed) && !self.read_only {
                    self.tap.ask(json!({"type": "open"}));
                }
                if let Some(state) = self.tap.state().filter(|state| state.phase != Phase::Open) {
                    say(&status::line(state));
                }
                self.follow()?;
            }
            Event::Frames(batch) => {
                for frame in batch.frames() {
                    if let Content::Record(Record {
                        kind: Kind::Rx,
                        bytes,
                        ..
                    }) = frame.content
                    {
                        self.incoming.extend(bytes);
                    }
                }
                self.owed += batch.cost();
                self.delivered(0);
            }
            Event::Changed => self.follow()?,
            Event::Gone => say(&format!("{} is not listed any more", self.name)),
            Event::Answered(id, answer) => {
                let is_setting = self.setting.take_if(|setting| *setting == id).is_some();
                self.writes.retain(|(write, _)| *write != id);
                if let Err(error) = answer {
                    self.complain(&error.to_string());
                    if is_setting {
                        self.port = None;
                        self.follow()?;
                    }
                }
            }
            Event::Lost(reason) => {
                say(&format!("the connection was lost ({reason}); trying again"));
                self.writes.clear();
                self.setting = None;
            }
        }
        Ok(())
    }

    /// Has the pty show the port's settings where somebody else has changed them.
    fn follow(&mut self) -> anyhow::Result<()> {
        let Some(state) = self.tap.state() else {
            return Ok(());
        };
        let now = Held::from_line(&state.settings.line);
        if self.port.replace(now) == Some(now) || self.setting.is_some() || self.known == Some(now)
        {
            return Ok(());
        }
        let mut termios = self.pty.settings()?;
        now.put(&mut termios)?;
        self.known = Some(now);
        Ok(self.pty.set(&termios)?)
    }

    /// The program has so many bytes more.
    fn delivered(&mut self, bytes: usize) {
        self.incoming.drain(..bytes);
        if self.incoming.len() < UNDER_WAY {
            self.tap.taken(std::mem::take(&mut self.owed));
        }
    }

    pub(super) fn drop_incoming(&mut self) {
        self.delivered(self.incoming.len());
    }
}

/// How a talk with programs ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// None has the file open.
    Closed,
    /// One closed it, and another one opened it at once.
    Reopened,
}
