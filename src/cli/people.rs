//! People, as commands deal with them: the folder where accounts and tokens are, passwords that are
//! typed, and times.

use std::io::{IsTerminal, Read, stdin};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use seriald::access::password::{Kept, Typed};
use seriald::access::people::{People, PeopleError};
use seriald::access::{PeopleFile, Seen, outside};
use seriald::audit::Audit;
use seriald::clock::{ago, clock};
use seriald::config::File;
use seriald::record::Time;

use super::recordings;

/// The longest line that is read for a password, in bytes.
const LINE: u64 = 4096;

/// Where accounts and tokens are kept. A server that runs there takes changes in at once.
#[derive(Args)]
pub struct Folder {
    /// The folder of what the server keeps. [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "SERIALD_DATA", global = true)]
    data: Option<PathBuf>,
    /// Take the folder from this TOML file, if --data does not name it.
    #[arg(long, value_name = "FILE", env = "SERIALD_CONFIG", global = true)]
    config: Option<PathBuf>,
}

impl Folder {
    /// The file of people there.
    pub fn file(&self) -> anyhow::Result<PeopleFile> {
        let folder = recordings::folder(self.data.as_ref(), self.config.as_ref())?;
        Ok(PeopleFile::within(&folder))
    }

    /// Changes accounts and tokens, and tells the audit where no server does.
    pub fn change<T>(
        &self,
        act: impl FnOnce(&mut People) -> Result<T, PeopleError>,
    ) -> anyhow::Result<T> {
        let file = self.file()?;
        let mut old = People::default();
        let (new, made) = file.change(|people| {
            old.clone_from(people);
            act(people)
        })?;
        if !file.is_served() {
            let wish = match &self.config {
                Some(path) => File::read(path)?.file.audit,
                None => None,
            };
            let audit = Audit::new(wish.unwrap_or_default().plan(Some(file.folder())));
            audit.begin();
            for entry in outside::changes(&old, &new) {
                audit.tell(|| entry);
            }
            audit.close();
        }
        Ok(made)
    }

    /// What stands there now, and when whom was seen.
    pub fn read(&self) -> anyhow::Result<(People, Seen)> {
        let file = self.file()?;
        let people = file.read()?.unwrap_or_default();
        Ok((people, Seen::read(file.folder())))
    }
}

/// Reads a password: twice from the terminal, which shows nothing of it, or a line of stdin.
pub fn password(name: &str, of_stdin: bool) -> anyhow::Result<Kept> {
    if of_stdin {
        let mut line = String::new();
        let read = stdin().lock().take(LINE).read_to_string(&mut line);
        read.context("stdin")?;
        let text = line.strip_suffix('\n').unwrap_or(&line);
        let text = text.strip_suffix('\r').unwrap_or(text);
        return Ok(Kept::of(&Typed::from(text.to_owned()))?);
    }
    if !stdin().is_terminal() {
        bail!(
            "there is no terminal to ask for a password at; --password-stdin takes it from stdin"
        );
    }
    let ask = |what: &str| rpassword::prompt_password(what).map(Typed::from);
    let first = ask(&format!("Password for {name}: "))?;
    let kept = Kept::of(&first)?;
    let again = ask("The same once more: ")?;
    if first.as_str() != again.as_str() {
        bail!("these are two passwords; nothing was changed");
    }
    Ok(kept)
}

/// Reads a length of time, in microseconds.
pub fn length(text: &str) -> Result<u64, &'static str> {
    ago(text)
        .filter(|length| *length > 0)
        .ok_or("give a time such as 90d or 12h")
}

/// A time to the minute, or a dash.
pub fn minute(time: Option<Time>) -> String {
    const MINUTE: usize = "2026-11-22T10:00".len();
    time.map_or("-".to_owned(), |time| {
        clock(time)[..MINUTE].to_owned() + "Z"
    })
}

/// Some words with commas between, or a dash.
pub fn words(words: &[String]) -> String {
    match words {
        [] => "-".to_owned(),
        words => words.join(","),
    }
}
