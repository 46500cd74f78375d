//! `seriald export`: a recording as a file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, Write, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use seriald::export::{Format, Kinds, Style};
use seriald::journal::Journal;
use seriald::record::Gap;

use super::place::Stretch;
use super::progress::Progress;
use super::recordings::Recordings;
use super::walk::Walk;

/// What to save, how, and where to.
#[derive(Args)]
pub struct Export {
    /// The port's name.
    port: String,
    #[command(flatten)]
    recordings: Recordings,
    #[command(flatten)]
    stretch: Stretch,
    /// How it is written down. [default: what the ending of FILE says, or text]
    #[arg(long, value_parser = PossibleValuesParser::new(Format::ALL.map(Format::name)).map(named))]
    format: Option<Format>,
    /// Which records: some of rx, tx and note, with commas between. [default: rx for raw, else all]
    #[arg(long, value_parser = |list: &str| Kinds::try_from(list.to_owned()))]
    kind: Option<Kinds>,
    /// Leave out the times of text.
    #[arg(long)]
    no_times: bool,
    /// Keep escape sequences and control characters in text.
    #[arg(long)]
    escapes: bool,
    /// Let raw go on where bytes are missing; other formats tell it anyway.
    #[arg(long)]
    skip_gaps: bool,
    /// Write to this file. [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if there is one.
    #[arg(long, requires = "output")]
    force: bool,
}

fn named(name: String) -> Format {
    let mut all = Format::ALL.into_iter();
    all.find(|format| format.name() == name)
        .expect("one of those that may be given")
}

/// Runs the command.
pub fn run(export: Export) -> anyhow::Result<()> {
    let journal = export.recordings.journal(&export.port)?;
    let Some(file) = export.output.clone() else {
        let is_free = !stdout().is_terminal();
        return save(export, &journal, &mut stdout().lock(), is_free);
    };
    // Before the file is made: what is wrong with the rest must not leave one.
    export.stretch.within(&export.port, &journal)?;
    let mut out = create(&file, export.force)?;
    save(export, &journal, &mut out, true)
        .with_context(|| format!("{} is not whole", file.display()))
}

fn create(file: &Path, force: bool) -> anyhow::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(file).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            anyhow!("{} exists already; --force replaces it", file.display())
        }
        _ => anyhow!("{}: {error}", file.display()),
    })
}

/// Writes it all; `is_free` says that people do not read the result on their terminal.
fn save(
    export: Export,
    journal: &Journal,
    out: &mut impl Write,
    is_free: bool,
) -> anyhow::Result<()> {
    let (from, to) = export.stretch.within(&export.port, journal)?;
    let of_name = export.output.as_deref().and_then(of_ending);
    let format = export.format.or(of_name).unwrap_or_default();
    let style = Style {
        format,
        kinds: export.kind,
        times: !export.no_times,
        escapes: export.escapes,
        skip_gaps: export.skip_gaps,
        title: Some(export.port),
    };
    let mut walk = Walk::new(journal, from, style);
    let mut progress = Progress::new(to.since(from), is_free);
    while let Some(piece) = walk.next(to).map_err(unspeakable)? {
        out.write_all(piece)?;
        progress.at(walk.offset().since(from));
    }
    out.write_all(walk.finish())?;
    out.flush()?;
    drop(progress);
    if format == Format::Raw && walk.lost() > 0 {
        eprintln!(
            "seriald: {} bytes that are missing were left out",
            walk.lost()
        );
    }
    Ok(())
}

fn of_ending(file: &Path) -> Option<Format> {
    let ending = file.extension()?;
    let mut all = Format::ALL.into_iter();
    all.find(|format| ending == format.extension())
}

fn unspeakable(gap: Gap) -> anyhow::Error {
    anyhow!(
        "{gap}, and raw has no words for it; --skip-gaps goes on behind them, --from {} begins there",
        gap.to
    )
}
