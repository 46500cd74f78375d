//! `seriald log`: the last lines of a recording, or of a port on a server, and those that come.

mod elsewhere;
mod last;

use std::io::{Write, stdout};
use std::time::Duration;

use clap::Args;
use seriald::export::{Format, Kinds, Style};
use seriald::journal::Journal;
use seriald::record::Offset;

use super::StopRequests;
use super::asking::runtime;
use super::place::Stretch;
use super::recordings::Recordings;
use super::server::Elsewhere;
use super::walk::Walk;
use last::Last;

/// How often it is looked whether more was recorded.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The lines that are shown where nobody says how many.
const LINES: usize = 200;
/// So many bytes at the end are looked through for the last lines at first.
const FIRST_WINDOW: u64 = 64 * 1024;

/// What to show, and how.
#[derive(Args)]
pub struct Log {
    /// The port's name.
    port: String,
    #[command(flatten)]
    recordings: Recordings,
    #[command(flatten)]
    server: Elsewhere,
    /// So many lines, the last ones. [default: 200, or all with --from]
    #[arg(long, short = 'n')]
    lines: Option<usize>,
    /// Go on with what comes, line by line, until Ctrl-C.
    #[arg(long, short, conflicts_with = "to")]
    follow: bool,
    #[command(flatten)]
    stretch: Stretch,
    /// Which records: some of rx, tx and note, with commas between. [default: all]
    #[arg(long, value_parser = |list: &str| Kinds::try_from(list.to_owned()))]
    kind: Option<Kinds>,
    /// Leave out the times.
    #[arg(long)]
    no_times: bool,
    /// Keep escape sequences and control characters.
    #[arg(long)]
    escapes: bool,
    /// Print a JSON object for each record, as export does with --format jsonl; --lines counts those.
    #[arg(long, conflicts_with_all = ["no_times", "escapes"])]
    json: bool,
}

/// Runs the command.
pub fn run(log: Log) -> anyhow::Result<()> {
    let format = if log.json {
        Format::Jsonl
    } else {
        Format::Text
    };
    let style = Style {
        kinds: log.kind.clone(),
        times: !log.no_times,
        escapes: log.escapes,
        ..format.into()
    };
    let all = log.stretch.from.map(|_| usize::MAX);
    let lines = log.lines.or(all).unwrap_or(LINES);
    let mut out = stdout().lock();
    if let Some(client) = log.server.client()? {
        elsewhere::run(&client, &log, &style, lines, &mut out)?;
        return Ok(out.flush()?);
    }
    let journal = log.recordings.journal(&log.port)?;
    let stretch = log.stretch.within(&log.port, &journal)?;
    let mut walk = show(&journal, stretch, lines, &style, log.follow, &mut out)?;
    if log.follow {
        follow(&journal, &mut walk, &mut out)?;
        out.write_all(walk.finish())?;
    }
    Ok(out.flush()?)
}

/// Writes the last lines of a stretch. A line that has not ended is one of them, or `follows`: then
/// the walk has it.
fn show<'a>(
    journal: &'a Journal,
    (from, to): (Offset, Offset),
    lines: usize,
    style: &Style,
    follows: bool,
    out: &mut impl Write,
) -> anyhow::Result<Walk<'a>> {
    if lines == usize::MAX {
        let mut walk = Walk::new(journal, from, style.clone());
        while let Some(piece) = walk.next(to)? {
            out.write_all(piece)?;
        }
        if !follows {
            out.write_all(walk.finish())?;
        }
        return Ok(walk);
    }
    let mut window = FIRST_WINDOW;
    loop {
        let start = Offset(to.0.saturating_sub(window)).max(from);
        let mut walk = Walk::new(journal, start, style.clone());
        let mut last = Last::new(lines);
        while let Some(piece) = walk.next(to)? {
            last.keep(piece);
        }
        if !follows {
            last.keep(walk.finish());
        }
        if start == from || last.is_whole() {
            last.write(out)?;
            return Ok(walk);
        }
        window = window.saturating_mul(4);
    }
}

/// Writes what comes, until the user has seen enough.
fn follow(journal: &Journal, walk: &mut Walk<'_>, out: &mut impl Write) -> anyhow::Result<()> {
    let runtime = runtime()?;
    runtime.block_on(async {
        let mut stop = StopRequests::new()?;
        loop {
            out.flush()?;
            tokio::select! {
                () = stop.next() => return Ok(()),
                () = tokio::time::sleep(LOOK_EVERY) => journal.refresh()?,
            }
            while let Some(piece) = walk.next(journal.reach().head)? {
                out.write_all(piece)?;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seriald::record::{Kind, Time};

    use super::*;

    fn text() -> Style {
        Style {
            times: false,
            ..Format::Text.into()
        }
    }

    fn shown(journal: &Journal, from: u64, lines: usize) -> String {
        let stretch = (Offset(from), journal.reach().head);
        let mut out = Vec::new();
        show(journal, stretch, lines, &text(), false, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_line_that_has_not_ended_is_the_last_one_or_follows() {
        let journal = Journal::new(Journal::MIN_CAPACITY);
        journal.append(Kind::Rx, Time(1), None, b"one\ntwo\nthree\nlogin: ");
        assert_eq!(shown(&journal, 0, 2), "three\nlogin: \n");
        assert_eq!(shown(&journal, 0, 0), "");
        assert_eq!(shown(&journal, 5, usize::MAX), "wo\nthree\nlogin: \n");
        let stretch = (Offset(0), journal.reach().head);
        let mut out = Vec::new();
        let mut walk = show(&journal, stretch, 2, &text(), true, &mut out).unwrap();
        assert_eq!(out, b"two\nthree\n");
        journal.append(Kind::Rx, Time(1), None, b"root\r\n");
        let head = journal.reach().head;
        assert_eq!(walk.next(head).unwrap(), Some(&b"login: root\n"[..]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_last_lines_are_those_of_the_whole_however_long_they_are(
            lengths in prop::collection::vec(prop_oneof![0..90usize, 9_000..70_000usize], 1..12),
            wanted in 0..15usize,
        ) {
            let journal = Journal::new(4 << 20);
            for (number, length) in lengths.iter().enumerate() {
                let line = format!("{number}{}\r\n", "x".repeat(*length));
                journal.append(Kind::Rx, Time(1), None, line.as_bytes());
            }
            let all = shown(&journal, 0, usize::MAX);
            let lines: Vec<&str> = all.split_inclusive('\n').collect();
            let last = &lines[lines.len().saturating_sub(wanted)..];
            prop_assert_eq!(shown(&journal, 0, wanted), last.concat());
        }
    }
}
