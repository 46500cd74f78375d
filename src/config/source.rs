//! A configuration file as text: read into a shape with all that is wrong told at once, and the place of each key.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::nearest::explain;
use super::report::{Place, Report};
use crate::diagnostic::{Diagnostic, Key, Severity};

/// The longest file, in bytes.
const LENGTH: u64 = 1 << 20;
/// So many mistakes of one file are told.
const MOST: usize = 50;

/// A configuration file.
#[derive(Clone, Debug)]
pub struct Source {
    path: PathBuf,
    text: String,
    /// Where each key stands: of a table its name, of anything else the value.
    spans: BTreeMap<Vec<String>, Range<usize>>,
}

impl Source {
    /// Reads the file at `path`, and reports where it is not TOML.
    ///
    /// # Errors
    /// If there is no text to be read.
    pub fn read(path: &Path) -> Result<(Self, Report), Report> {
        let failed = |text: &str, place| {
            let mut report = Report::new(path);
            report.add(Severity::Error, text, place);
            Err(report)
        };
        let mut bytes = Vec::new();
        let file = fs::File::open(path);
        let read = file.and_then(|file| file.take(LENGTH + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            return failed(&format!("it cannot be read: {error}"), None);
        }
        if bytes.len() as u64 > LENGTH {
            let much = format!("it has more than {LENGTH} bytes, which is as long as it may be");
            return failed(&much, None);
        }
        String::from_utf8(bytes)
            .map(|text| Self::parse(path, text))
            .or_else(|error| {
                let good = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes());
                let place = Place::of(&text, good..good);
                failed("this is not UTF-8, as TOML has to be", Some(place))
            })
    }

    /// Takes a text for the file at `path`.
    pub fn parse(path: &Path, text: String) -> (Self, Report) {
        let mut report = Report::new(path);
        let (tree, errors) = DeTable::parse_recoverable(&text);
        for error in errors.iter().take(MOST) {
            let place = error.span().map(|span| Place::of(&text, span));
            report.add(Severity::Error, error.message(), place);
        }
        let mut spans = BTreeMap::new();
        walk(
            tree.get_ref(),
            &mut Vec::new(),
            &mut |path, key, value, is_table| {
                spans.insert(path.to_vec(), if is_table { key } else { value });
            },
        );
        let path = path.to_owned();
        (Self { path, text, spans }, report)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file a shape. What does not fit is reported and left out, and the rest read again, so that one
    /// mistake does not hide another.
    pub fn shaped<T: DeserializeOwned + Default>(&self, report: &mut Report) -> T {
        let (mut tree, _) = DeTable::parse_recoverable(&self.text);
        for _ in 0..MOST {
            let error = match T::deserialize(Deserializer::from(tree.clone())) {
                Ok(shape) => return shape,
                Err(error) => error,
            };
            let span = error.span().unwrap_or(0..0);
            let place = match error.message().starts_with("unknown field") {
                true => Place::of_unknown(&self.text, span.clone()),
                false => Place::of(&self.text, span.clone()),
            };
            report.add(Severity::Error, explain(error.message()), Some(place));
            let Some(path) = closest(tree.get_ref(), &span) else {
                break;
            };
            remove(tree.get_mut(), &path);
        }
        T::default()
    }

    /// Reports what was found out about keys, with the place of each that stands here.
    pub fn locate(&self, diagnostics: Vec<Diagnostic>, report: &mut Report) {
        for diagnostic in diagnostics {
            let span = diagnostic.key.as_ref().and_then(|key| self.span(key));
            let text = match span {
                Some(_) => diagnostic.text,
                None => diagnostic.to_string(),
            };
            let place = span.map(|span| Place::of(&self.text, span));
            report.add(diagnostic.severity, text, place);
        }
    }

    fn span(&self, key: &Key) -> Option<Range<usize>> {
        let mut path = path_of(key);
        if let Some(index) = key.index {
            path.push(index.to_string());
        }
        let exact = self.spans.get(&path);
        exact.or_else(|| self.spans.get(&path_of(key))).cloned()
    }

    /// Forgets a key, and what stands in it: something else goes before it.
    pub fn forget(&mut self, key: &Key) {
        let path = path_of(key);
        self.spans.retain(|other, _| !other.starts_with(&path));
    }
}

fn path_of(key: &Key) -> Vec<String> {
    let table = key
        .table
        .iter()
        .flat_map(|(kind, table)| [kind, table.as_str()]);
    let name = (!key.name.is_empty()).then_some(key.name);
    table.chain(name).map(str::to_owned).collect()
}

/// Tells of each key: its path, where its name and its value stand, and whether it is a table.
fn walk(
    table: &DeTable<'_>,
    path: &mut Vec<String>,
    tell: &mut impl FnMut(&[String], Range<usize>, Range<usize>, bool),
) {
    for (key, value) in table {
        path.push(key.get_ref().to_string());
        tell(path, key.span(), value.span(), value.get_ref().is_table());
        match value.get_ref() {
            DeValue::Table(table) => walk(table, path, tell),
            DeValue::Array(entries) => {
                for (index, entry) in entries.iter().enumerate() {
                    path.push(index.to_string());
                    tell(path, entry.span(), entry.span(), false);
                    if let DeValue::Table(table) = entry.get_ref() {
                        walk(table, path, tell);
                    }
                    path.pop();
                }
            }
            _ => {}
        }
        path.pop();
    }
}

/// The smallest entry of a table whose name or value holds that stretch.
fn closest(table: &DeTable<'_>, span: &Range<usize>) -> Option<Vec<String>> {
    let mut found: Option<(usize, Vec<String>)> = None;
    walk(table, &mut Vec::new(), &mut |path, key, value, _| {
        for range in [key, value] {
            let holds = range.start <= span.start && span.end <= range.end;
            if holds && found.as_ref().is_none_or(|(width, _)| range.len() < *width) {
                found = Some((range.len(), path.to_vec()));
            }
        }
    });
    found.map(|(_, path)| path)
}

/// Takes an entry out; of a list, all of it, but of a list of tables the one table.
fn remove(table: &mut DeTable<'_>, path: &[String]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    let index = rest.first().and_then(|index| index.parse::<usize>().ok());
    let value = table.get_mut(first.as_str()).map(|value| value.get_mut());
    match (value, index) {
        (Some(DeValue::Table(inner)), _) if !rest.is_empty() => remove(inner, rest),
        (Some(DeValue::Array(all)), Some(index))
            if all.iter().all(|one| one.get_ref().is_table()) =>
        {
            let mut others = DeArray::new();
            let rest = all.iter().enumerate().filter(|(at, _)| *at != index);
            rest.for_each(|(_, other)| others.push(other.clone()));
            *all = others;
        }
        _ => drop(table.remove(first.as_str())),
    }
}
