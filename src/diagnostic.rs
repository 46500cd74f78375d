//! A diagnostic is one thing that is wrong with the configuration: how bad it is, at which key, and the way out.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The server starts, and something in it does not work.
    Warning,
    /// The server does not start.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A key of the configuration, as it stands in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// The table that it stands in, such as `port.NAME`; none at the top.
    pub table: Option<(&'static str, String)>,
    /// Its name; empty for the table itself.
    pub name: &'static str,
    /// Which entry of its list, from 0.
    pub index: Option<usize>,
}

impl Key {
    /// A key at the top.
    pub fn top(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// A key of a table.
    pub fn within(kind: &'static str, table: impl Into<String>, name: &'static str) -> Self {
        Self {
            table: Some((kind, table.into())),
            name,
            index: None,
        }
    }

    /// A key of a port.
    pub fn of_port(port: impl Into<String>, name: &'static str) -> Self {
        Self::within("port", port, name)
    }

    /// A key of TLS.
    pub fn of_tls(name: &str) -> Self {
        Self::within("tls", name, "")
    }
}

impl fmt::Display for Key {
    /// As it is said to whoever has no file: a flag, or a table.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            None => write!(f, "--{}", self.name.replace('_', "-")),
            Some(("tls", name)) => write!(f, "--tls-{}", name.replace('_', "-")),
            Some((kind, table)) if self.name.is_empty() => write!(f, "[{kind}.{table}]"),
            Some((kind, table)) => write!(f, "[{kind}.{table}] {}", self.name),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is; none if that is no key.
    pub key: Option<Key>,
    /// What is wrong, and the way out. Begins with the value, where there is one.
    pub text: String,
}

impl Diagnostic {
    /// Something that keeps the server from starting.
    pub fn error(key: Key, text: impl ToString) -> Self {
        Self {
            severity: Severity::Error,
            key: Some(key),
            text: text.to_string(),
        }
    }

    /// Something that does not.
    pub fn warning(key: Key, text: impl ToString) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(key, text)
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => write!(f, "{key} {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}
