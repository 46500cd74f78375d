//! The audit, as `[audit]` in the configuration file has it: where its entries go.

use std::path::Path;

use serde::Deserialize;
use serde::de::Error;

use super::quantity::bytes;
use crate::audit::{Collector, Plan, folder};

/// The files may have so many bytes together, where nothing else is said; and at least and at most.
const KEEP: usize = 100 << 20;
const LEAST: usize = 1 << 20;
const MOST: usize = 64 << 30;

/// A place for entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// Files in the folder for what is kept.
    File,
    /// systemd's journal.
    #[cfg(unix)]
    Journald,
    /// A syslog.
    Syslog,
}

/// Where entries go.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// To these places; to none if it is empty.
    to: Vec<To>,
    /// How many bytes the files may have together.
    #[serde(deserialize_with = "keep")]
    keep: usize,
    /// The syslog.
    syslog: Collector,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            to: vec![To::File],
            keep: KEEP,
            syslog: Collector::default(),
        }
    }
}

impl Audit {
    /// The same for a server that keeps things in the folder `data`.
    pub fn plan(&self, data: Option<&Path>) -> Plan {
        let has = |to: To| self.to.contains(&to);
        let data = data.filter(|_| has(To::File));
        Plan {
            files: data.map(|data| (folder(data), self.keep as u64)),
            #[cfg(unix)]
            journald: has(To::Journald),
            #[cfg(not(unix))]
            journald: false,
            syslog: has(To::Syslog).then(|| self.syslog.clone()),
        }
    }
}

fn keep<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let keep = bytes(&String::deserialize(deserializer)?).map_err(D::Error::custom)?;
    if !(LEAST..=MOST).contains(&keep) {
        return Err(D::Error::custom("the audit can have from 1MiB to 64GiB"));
    }
    Ok(keep)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Audit, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn it_goes_to_files_unless_something_else_is_said() {
        let data = Path::new("/d");
        let plan = read("").unwrap().plan(Some(data));
        assert_eq!(plan.files, Some(("/d/audit".into(), 100 << 20)));
        assert!(!plan.journald && plan.syslog.is_none());
        let all = read("to = [\"journald\", \"syslog\"]\nsyslog = \"logs:514\"").unwrap();
        let plan = all.plan(Some(data));
        assert_eq!(plan.files, None);
        assert!(plan.journald);
        assert_eq!(plan.syslog.unwrap().to_string(), "logs:514");
        assert_eq!(read("to = []").unwrap().plan(Some(data)), Plan::default());
        assert_eq!(Audit::default().plan(None), Plan::default());
    }

    #[test]
    fn what_is_not_possible_is_answered_with_what_is() {
        for (text, way_out) in [
            ("to = [\"journal\"]", "`journald`"),
            ("to = \"file\"", "sequence"),
            ("keep = \"1k\"", "from 1MiB"),
            ("keep = \"much\"", "8MiB"),
            ("syslog = \"logs\"", "HOST:PORT"),
            ("file = true", "`to`"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(way_out), "{text}: {error}");
        }
    }
}
