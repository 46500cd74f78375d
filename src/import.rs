//! An import: the configuration of another program as one of ours, and what of it could not be carried over.

mod conserver;
mod draft;
mod files;
mod gensio;
mod ser2net_conf;
mod ser2net_yaml;
mod serial;
mod sources;
mod tls;
mod yaml;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::config::Report;
use crate::diagnostic::Severity;
use draft::Draft;
pub use files::{Files, OnDisk};
use sources::Sources;

/// Whose configuration it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// ser2net 4 and later: YAML, of both versions.
    Ser2netYaml,
    /// ser2net 3: a line for each port.
    Ser2netConf,
    /// conserver.
    Conserver,
}

impl Format {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Ser2netYaml, Self::Ser2netConf, Self::Conserver];

    /// What a file of this name is.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?;
        match ending.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Ser2netYaml),
            "conf" => Some(Self::Ser2netConf),
            "cf" => Some(Self::Conserver),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ser2netYaml => "ser2net.yaml",
            Self::Ser2netConf => "ser2net.conf",
            Self::Conserver => "conserver.cf",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.to_string() == name)
            .ok_or_else(|| "give ser2net.yaml, ser2net.conf or conserver.cf".to_owned())
    }
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Import {
    /// Our configuration file.
    pub config: String,
    /// How many ports are in it.
    pub ports: usize,
    /// What could not be carried over and where it stands, for each file that was read.
    pub reports: Vec<Report>,
}

impl Import {
    /// How bad the worst is.
    pub fn worst(&self) -> Option<Severity> {
        self.reports.iter().filter_map(Report::worst).max()
    }
}

/// Makes a configuration of ours out of the file at `path`, and those that it names.
///
/// # Errors
/// If that file cannot be read; why, for people.
pub fn import(format: Format, path: &Path, files: &dyn Files) -> Result<Import, String> {
    let sources = Sources::open(files, path)?;
    let source = sources.first();
    let mut draft = Draft::new(sources);
    match format {
        Format::Ser2netYaml => ser2net_yaml::read(&source, &mut draft),
        Format::Ser2netConf => ser2net_conf::read(&source.text, &mut draft),
        Format::Conserver => conserver::read(&source, &mut draft),
    }
    Ok(draft.finish())
}

#[cfg(test)]
mod tests;
