//! The log of a port on a server that runs.

use std::io::Write;

use anyhow::{Context, bail};
use serde_json::{Value, json};
use seriald::client::link::Link;
use seriald::client::socket::{Socket, stretch};
use seriald::client::tap::{Event, Tap, Wish};
use seriald::client::{Client, ClientError};
use seriald::export::{Exporter, Style};
use seriald::place::Place;
use seriald::record::{Offset, Record};
use seriald::state::Reach;
use seriald::wire::frame::Content;

use super::{FIRST_WINDOW, Last, Log};
use crate::cli::StopRequests;
use crate::cli::asking::runtime;

/// Shows the last lines, and those that come if that is wished.
pub fn run(
    client: &Client,
    log: &Log,
    style: &Style,
    lines: usize,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let mut socket = Socket::open(client).await?;
        let reach = reach(&mut socket, &log.port).await?;
        let from = offset(&mut socket, log, log.stretch.from, &reach, reach.oldest).await?;
        let to = offset(&mut socket, log, log.stretch.to, &reach, reach.head).await?;
        if to < from {
            bail!("it would end at offset {to}, before it begins at {from}; change --from or --to");
        }
        let mut past = Past {
            socket: &mut socket,
            port: &log.port,
            journal: reach.id,
        };
        let mut writer = past.show((from, to), lines, style, log.follow, out).await?;
        if log.follow {
            let wish = Wish {
                port: log.port.clone(),
                from: json!(to),
                journal: Some(reach.id),
                answers: false,
                name: None,
            };
            let tap = Tap::new(Link::new(client.clone(), socket), wish);
            follow(tap, &mut writer, out).await?;
            out.write_all(writer.finish())?;
        }
        Ok(())
    })
}

/// How far the port's journal reaches. If there is no such port, the server says which there are.
async fn reach(socket: &mut Socket, port: &str) -> anyhow::Result<Reach> {
    if let Some(state) = socket.ports().get(port) {
        return Ok(state.journal);
    }
    let question = json!({"type": "subscribe", "port": port, "from": "now"});
    socket.request(question).await?;
    let state = socket.ports().get(port);
    Ok(state.context("the port came and went")?.journal)
}

/// The offset of a place, as the server has it.
async fn offset(
    socket: &mut Socket,
    log: &Log,
    place: Option<Place>,
    reach: &Reach,
    usual: Offset,
) -> anyhow::Result<Offset> {
    match place {
        None => Ok(usual),
        Some(Place::Offset(offset)) if offset <= reach.head => Ok(offset),
        Some(Place::Offset(offset)) => bail!(
            "{} has no offset {offset}; its journal reaches from {} to {}",
            log.port,
            reach.oldest,
            reach.head
        ),
        Some(Place::Back(bytes)) => {
            Ok(Offset(reach.head.0.saturating_sub(bytes)).max(reach.oldest))
        }
        Some(Place::Time(time)) => {
            let question = json!({"type": "moment", "port": log.port, "time": time});
            let mut answer = socket.request(question).await?;
            let found = answer.remove("offset").unwrap_or(Value::Null);
            Ok(serde_json::from_value::<Offset>(found)?.min(reach.head))
        }
    }
}

/// Writes down what comes over the wire.
struct Writer {
    exporter: Exporter,
    out: Vec<u8>,
}

impl Writer {
    fn new(style: &Style) -> Self {
        Self {
            exporter: Exporter::new(style.clone()),
            out: Vec::new(),
        }
    }

    /// What one frame gives.
    fn take(&mut self, content: Content<'_>) -> Result<&[u8], ClientError> {
        self.out.clear();
        match content {
            Content::Record(Record { bytes: [], .. }) | Content::Unknown => {}
            Content::Record(record) => self.exporter.record(&record, &mut self.out),
            Content::Gap(gap, _) => {
                // The text has words for it.
                let _: Result<(), _> = self.exporter.gap(gap);
            }
        }
        Ok(&self.out)
    }

    /// What has not ended.
    fn finish(&mut self) -> &[u8] {
        self.out.clear();
        self.exporter.finish(&mut self.out);
        &self.out
    }
}

/// The past of one port.
struct Past<'a> {
    socket: &'a mut Socket,
    port: &'a str,
    journal: u32,
}

impl Past<'_> {
    /// Writes the last lines of a stretch. A line that has not ended is one of them, or `follows`:
    /// then the writer has it.
    async fn show(
        &mut self,
        (from, to): (Offset, Offset),
        lines: usize,
        style: &Style,
        follows: bool,
        out: &mut impl Write,
    ) -> anyhow::Result<Writer> {
        let is_all = lines == usize::MAX;
        let mut window = if is_all { u64::MAX } else { FIRST_WINDOW };
        loop {
            let start = Offset(to.0.saturating_sub(window)).max(from);
            let (mut writer, mut last) = (Writer::new(style), Last::new(lines));
            let mut failed = Ok(());
            let wish = stretch(self.port, start.0, to, self.journal);
            self.socket
                .past(wish, |content| {
                    let piece = writer.take(content)?;
                    if !is_all {
                        last.keep(piece);
                    } else if failed.is_ok() {
                        failed = out.write_all(piece);
                    }
                    Ok(())
                })
                .await?;
            failed?;
            let rest = if follows { &[] } else { writer.finish() };
            if is_all {
                out.write_all(rest)?;
                return Ok(writer);
            }
            last.keep(rest);
            if start == from || last.is_whole() {
                last.write(out)?;
                return Ok(writer);
            }
            window = window.saturating_mul(4);
        }
    }
}

/// Writes what comes, until the user has seen enough.
async fn follow(mut tap: Tap, writer: &mut Writer, out: &mut impl Write) -> anyhow::Result<()> {
    let mut stop = StopRequests::new()?;
    out.flush()?;
    loop {
        let event = tokio::select! {
            () = stop.next() => return Ok(()),
            event = tap.next() => event?,
        };
        match event {
            Event::Frames(batch) => {
                for frame in batch.frames() {
                    out.write_all(writer.take(frame.content)?)?;
                }
                out.flush()?;
                tap.taken(batch.cost());
            }
            Event::Lost(reason) => {
                eprintln!("seriald: the connection was lost ({reason}); trying again");
            }
            Event::Began(began) if began.is_other => {
                eprintln!("seriald: the server has another journal of this port now");
            }
            Event::Began(began) if began.is_again => {
                eprintln!("seriald: connected again, where it was");
            }
            Event::Gone => eprintln!("seriald: the port is not listed any more"),
            Event::Began(_) | Event::Changed | Event::Answered(..) => {}
        }
    }
}
