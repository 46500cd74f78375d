//! `seriald import`: a configuration of ser2net or conserver as one of ours.

use std::fs;
use std::io::{ErrorKind, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Error, anyhow};
use clap::Args;
use seriald::diagnostic::Severity;
use seriald::import::{Format, OnDisk, import};

/// Something could not be carried over.
const INCOMPLETE: u8 = 1;
/// Nothing came out.
const FAILED: u8 = 2;

/// What is carried over. Exits with 0 if all of it was, 1 if something was not, which is told on stderr, and
/// 2 after an error.
#[derive(Args)]
pub struct Import {
    /// The file: a ser2net.yaml, a ser2net.conf or a conserver.cf. Files that it includes are read too.
    file: PathBuf,
    /// What the file is: ser2net.yaml, ser2net.conf or conserver.cf. [default: as its name ends]
    #[arg(long)]
    format: Option<Format>,
    /// Write this file. [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "output")]
    force: bool,
}

impl Import {
    /// Runs the command.
    pub fn run(&self) -> ExitCode {
        match self.write() {
            Ok(code) => code,
            Err(error) => {
                eprintln!("seriald: {error:#}");
                FAILED.into()
            }
        }
    }

    fn write(&self) -> anyhow::Result<ExitCode> {
        let path = self.file.display();
        let format = self.format.or_else(|| Format::of(&self.file));
        let format = format.with_context(|| {
            format!("{path}: what is this? Say --format ser2net.yaml, ser2net.conf or conserver.cf")
        })?;
        let made = import(format, &self.file, &OnDisk).map_err(Error::msg)?;
        let worst = made.worst();
        for report in made
            .reports
            .iter()
            .filter(|report| report.worst().is_some())
        {
            eprintln!("{report}");
        }
        if worst == Some(Severity::Error) && made.ports == 0 {
            return Ok(FAILED.into());
        }
        match &self.output {
            None => stdout().lock().write_all(made.config.as_bytes())?,
            Some(output) => {
                let mut options = fs::OpenOptions::new();
                options.write(true).create(true).truncate(true);
                let opened = options.create_new(!self.force).open(output);
                let mut file = opened.map_err(|error| {
                    let output = output.display();
                    match error.kind() {
                        ErrorKind::AlreadyExists => {
                            anyhow!("{output}: exists; --force replaces it")
                        }
                        _ => anyhow!("{output}: {error}"),
                    }
                })?;
                file.write_all(made.config.as_bytes())?;
            }
        }
        let ports = match made.ports {
            1 => "1 port".to_owned(),
            ports => format!("{ports} ports"),
        };
        let next = match &self.output {
            Some(output) => format!("; now: seriald check-config {}", output.display()),
            None => String::new(),
        };
        eprintln!("seriald: {ports} carried over{next}");
        Ok(match worst {
            None => ExitCode::SUCCESS,
            Some(_) => INCOMPLETE.into(),
        })
    }
}
