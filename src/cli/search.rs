//! `seriald search`: places in recordings where something stands, printed as grep does it.

use std::io::{self, BufWriter, IsTerminal, Write, stdout};
use std::ops::ControlFlow;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use seriald::clock::clock;
use seriald::export::Kinds;
use seriald::record::Kind;
use seriald::search::{Event, Match, Order, Pattern, Query, search};

use super::place::Stretch;
use super::progress::Progress;
use super::recordings::Recordings;

/// Exit codes are those of grep.
const NOTHING_FOUND: u8 = 1;
const FAILED: u8 = 2;

/// How wide a time is.
const TIME_WIDTH: usize = "2026-11-22T10:00:00.000000Z".len();

/// What to look for, and where. Exits with 0 if something was found, 1 if not, and 2 after an
/// error.
#[derive(Args)]
pub struct Search {
    /// A text.
    pattern: String,
    /// The ports. [default: all that were recorded]
    #[arg(value_name = "PORT")]
    ports: Vec<String>,
    #[command(flatten)]
    recordings: Recordings,
    #[command(flatten)]
    stretch: Stretch,
    /// PATTERN is a regular expression, as of Rust's regex, over bytes.
    #[arg(long, short = 'E')]
    regex: bool,
    /// Large and small letters differ.
    #[arg(long)]
    case: bool,
    /// Where to look: some of rx, tx and note, with commas between. [default: rx]
    #[arg(long, value_parser = |list: &str| Kinds::try_from(list.to_owned()))]
    kind: Option<Kinds>,
    /// Begin with the oldest. Otherwise the newest comes first.
    #[arg(long)]
    oldest_first: bool,
    /// At most so many matches. [default: all]
    #[arg(long, short = 'n', value_name = "LIMIT", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Show so many lines before and after each match, up to 20.
    #[arg(long, short = 'C', value_name = "LINES", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=20))]
    context: u8,
    /// Print a JSON object for each match, as GET /api/v1/search does.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(wish: Search) -> ExitCode {
    match find(&wish) {
        Ok(code) => code,
        Err(error) if super::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("seriald: {error:#}");
            FAILED.into()
        }
    }
}

fn find(wish: &Search) -> anyhow::Result<ExitCode> {
    let pattern = match wish.regex {
        true => Pattern::regex(&wish.pattern, wish.case)?,
        false => Pattern::text(&wish.pattern, wish.case)?,
    };
    let query = Query {
        pattern,
        kinds: wish.kind.clone().unwrap_or_else(|| [Kind::Rx][..].into()),
        order: match wish.oldest_first {
            true => Order::Oldest,
            false => Order::Newest,
        },
        limit: wish.limit.map_or(usize::MAX, |limit| limit as usize),
        context: wish.context.into(),
    };
    let (stretches, all_read) = stretches(wish)?;
    let of = stretches
        .iter()
        .map(|stretch| stretch.to.since(stretch.from));
    let mut progress = Progress::new(of.sum(), !stdout().is_terminal());
    let mut printer = Printer::new(wish, BufWriter::new(stdout().lock()));
    let (mut found, mut printed) = (false, Ok(()));
    // The search stops only if something could not be printed.
    let _: ControlFlow<()> = search(&query, stretches, |event| {
        printed = match event {
            Event::Match(one) => {
                found = true;
                printer.print(&one)
            }
            Event::Progress { searched, .. } => {
                progress.at(searched);
                printer.out.flush()
            }
            Event::End { .. } => printer.out.flush(),
        };
        match printed {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    printed?;
    Ok(match (all_read, found) {
        (false, _) => FAILED.into(),
        (true, true) => ExitCode::SUCCESS,
        (true, false) => NOTHING_FOUND.into(),
    })
}

/// Where to look, and whether that is everywhere.
fn stretches(wish: &Search) -> anyhow::Result<(Vec<seriald::search::Stretch>, bool)> {
    let (mut stretches, mut all_read) = (Vec::new(), true);
    let journals = wish.recordings.journals(&wish.ports)?;
    if journals.len() > 1 && !wish.stretch.is_of_times() {
        bail!("--from and --to can be offsets only where one PORT is named; give times");
    }
    for (journal, port) in journals {
        match journal {
            Ok(journal) => {
                let (from, to) = wish.stretch.within(&port, &journal)?;
                stretches.push(seriald::search::Stretch {
                    port,
                    journal,
                    from,
                    to,
                });
            }
            Err(error) => {
                eprintln!("seriald: {port}: {error}");
                all_read = false;
            }
        }
    }
    Ok((stretches, all_read))
}

/// Prints matches.
struct Printer<W> {
    out: W,
    json: bool,
    colors: bool,
    context: bool,
    begun: bool,
}

impl<W: Write> Printer<W> {
    fn new(wish: &Search, out: W) -> Self {
        let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            out,
            json: wish.json,
            colors: stdout().is_terminal() && !is_plain,
            context: wish.context > 0,
            begun: false,
        }
    }

    fn print(&mut self, one: &Match) -> io::Result<()> {
        if self.json {
            serde_json::to_writer(&mut self.out, &Event::Match(one.clone()))?;
            return self.out.write_all(b"\n");
        }
        if std::mem::replace(&mut self.begun, true) && self.context {
            writeln!(self.out, "--")?;
        }
        let mark = match (one.kind, &one.author) {
            (Kind::Rx, _) => String::new(),
            (Kind::Tx, author) => format!("> {}: ", author.as_deref().unwrap_or("?")),
            (Kind::Note, _) => "* ".to_owned(),
        };
        let port = self.painted("35", &one.port);
        let around = |lines: &[String]| -> String {
            let line = |line: &String| format!("{port} {:TIME_WIDTH$} {mark}{line}\n", "");
            lines.iter().map(line).collect()
        };
        let (start, end) = (place(&one.text, one.start), place(&one.text, one.end));
        let text = &one.text;
        let (before, found, after) = (&text[..start], &text[start..end], &text[end..]);
        let (time, found) = (
            self.painted("32", &clock(one.time)),
            self.painted("1;31", found),
        );
        let line = format!("{port} {time} {mark}{before}{found}{after}\n");
        let lines = [around(&one.before), line, around(&one.after)];
        self.out.write_all(lines.concat().as_bytes())
    }

    fn painted(&self, color: &str, text: &str) -> String {
        match self.colors && !text.is_empty() {
            true => format!("\x1b[{color}m{text}\x1b[m"),
            false => text.to_owned(),
        }
    }
}

/// Where a character begins, in bytes.
fn place(text: &str, character: usize) -> usize {
    let mut places = text.char_indices().map(|(place, _)| place);
    places.nth(character).unwrap_or(text.len())
}
