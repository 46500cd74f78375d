//! `seriald audit`: who did what, out of the files of a server.

use std::io::{self, BufWriter, ErrorKind, Write, stdout};

use anyhow::{Context, bail};
use clap::Args;
use seriald::audit::{Action, Entry, Outcome, Query, folder, walk};
use seriald::clock::clock;
use seriald::export::cell;
use seriald::place::Place;
use seriald::record::Time;

use super::recordings::Recordings;

/// Which entries, and how they are shown. No server is asked; one may run.
#[derive(Args)]
pub struct Audit {
    #[command(flatten)]
    recordings: Recordings,
    /// Begin here: a time (2026-11-22T10:00:00Z, or @MICROSECONDS since 1970), or so long ago (-10m,
    /// -1h30m, -2d).
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    since: Option<Time>,
    /// End before this; written in the same way.
    #[arg(long, value_name = "TIME", value_parser = moment, allow_hyphen_values = true)]
    until: Option<Time>,
    /// Only what this account did, or whoever others saw under this name.
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// Only what was done on this port.
    #[arg(long)]
    port: Option<String>,
    /// Only this: type, sign-in, settings, connect, … (docs/audit.md has them all).
    #[arg(long)]
    action: Option<Action>,
    /// Only what was refused.
    #[arg(long)]
    refused: bool,
    /// Print a JSON object for each entry, as it stands in the files.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a table for a spreadsheet.
    #[arg(long)]
    csv: bool,
}

fn moment(text: &str) -> anyhow::Result<Time> {
    match text.parse::<Place>()? {
        Place::Time(time) => Ok(time),
        Place::Offset(_) | Place::Back(_) => {
            bail!("give a time, such as 2026-11-22T10:00:00Z, or so long ago, such as -10m")
        }
    }
}

/// How an entry is shown.
type Show = fn(&Entry, &mut dyn Write) -> io::Result<()>;

impl Audit {
    /// Prints the entries, oldest first.
    pub fn run(self) -> anyhow::Result<()> {
        let folder = folder(&self.recordings.folder()?);
        let query = Query {
            since: self.since,
            until: self.until,
            who: self.who,
            port: self.port,
            action: self.action,
            outcome: self.refused.then_some(Outcome::Refused),
        };
        let mut out = BufWriter::new(stdout().lock());
        let show: Show = match (self.json, self.csv) {
            (true, _) => as_json,
            (_, true) => as_row,
            _ => as_text,
        };
        if self.csv {
            let names = Entry::new(Action::Request).fields().map(|(name, _)| name);
            write!(out, "{}\r\n", names.join(","))?;
        }
        let walked = walk(&folder, &query, |entry| show(&entry, &mut out));
        if let Err(error) = walked {
            return match error.kind() {
                ErrorKind::BrokenPipe => Err(error.into()),
                ErrorKind::NotFound => {
                    let folder = folder.display();
                    bail!("there is no audit in {folder}; --data names another folder")
                }
                _ => Err(error).with_context(|| folder.display().to_string()),
            };
        }
        Ok(out.flush()?)
    }
}

fn as_text(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} {entry}", clock(entry.time))
}

fn as_json(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, entry)?;
    writeln!(out)
}

fn as_row(entry: &Entry, out: &mut dyn Write) -> io::Result<()> {
    let cells = entry.fields().map(|(_, value)| {
        let value = value.unwrap_or_default();
        cell(&value).into_owned()
    });
    write!(out, "{}\r\n", cells.join(","))
}
