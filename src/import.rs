//! An import: the configuration of another program as one of ours, and what of it could not be carried over.

mod conserver;
mod draft;
mod gensio;
mod ser2net_conf;
mod ser2net_yaml;
mod serial;
mod yaml;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::config::Report;
use draft::Draft;

/// The longest file, in bytes.
pub const LENGTH: usize = 1 << 20;

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
    /// What could not be carried over, and where it stands.
    pub report: Report,
}

/// Makes a configuration of ours out of the text of the file at `path`, at most [`LENGTH`] bytes.
pub fn import(format: Format, path: &Path, text: &str) -> Import {
    let mut draft = Draft::new(path, text);
    match format {
        Format::Ser2netYaml => ser2net_yaml::read(text, &mut draft),
        Format::Ser2netConf => ser2net_conf::read(text, &mut draft),
        Format::Conserver => conserver::read(text, &mut draft),
    }
    draft.finish()
}

#[cfg(test)]
mod tests;
