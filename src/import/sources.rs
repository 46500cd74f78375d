//! What was read so far: files one behind the other, so that one number says where in which of them something stands.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::files::{Files, LENGTH};
use crate::config::{Place, Report};
use crate::diagnostic::Severity;
use crate::wildcard::fits;

/// So many files may name each other in a row, and be read at all.
const DEPTH: usize = 8;
const MOST: usize = 100;

/// A file that was read.
#[derive(Clone)]
pub struct Source {
    /// As it was named,
    path: PathBuf,
    /// and by whatever name.
    one_path: PathBuf,
    /// Where it begins in the row of all files.
    pub begin: usize,
    /// What stands in it.
    pub text: Rc<str>,
    /// Which file named it.
    by: Option<usize>,
}

/// All files that were read.
pub struct Sources<'a> {
    files: &'a dyn Files,
    all: Vec<Source>,
    reports: Vec<Report>,
}

impl<'a> Sources<'a> {
    /// The file at `path`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(files: &'a dyn Files, path: &Path) -> Result<Self, String> {
        let mut sources = Self {
            files,
            all: Vec::new(),
            reports: Vec::new(),
        };
        sources.read(path.to_owned(), None)?;
        Ok(sources)
    }

    /// The first file.
    pub fn first(&self) -> Source {
        self.all[0].clone()
    }

    /// The name of the first file.
    pub fn name(&self) -> String {
        let name = self.all[0].path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// What is to be told of each file.
    pub fn into_reports(self) -> Vec<Report> {
        self.reports
    }

    /// Tells something of what stands there.
    pub fn add(&mut self, severity: Severity, span: Range<usize>, why: impl Into<String>) {
        let at = self.at(span.start);
        let Source { begin, text, .. } = &self.all[at];
        let place = Place::of(text, span.start - begin..span.end - begin);
        self.reports[at].add(severity, why, Some(place));
    }

    /// Reads the files that are named there: relative to the file where that stands, with wildcards in the order of
    /// their names. Why one is not read is told.
    pub fn include(&mut self, span: Range<usize>, name: &str) -> Vec<Source> {
        let by = self.at(span.start);
        let folder = self.all[by].path.parent().unwrap_or(Path::new(""));
        let path = folder.join(name);
        let paths = match path.file_name().and_then(|name| name.to_str()) {
            Some(pattern) if pattern.contains(['*', '?']) => {
                let folder = path.parent().unwrap_or(Path::new(""));
                let mut names = self.files.names(folder);
                names.retain(|name| !name.starts_with('.') && fits(pattern, name));
                names.sort();
                names.iter().map(|name| folder.join(name)).collect()
            }
            _ => vec![path.clone()],
        };
        if paths.is_empty() {
            let why = format!("{}: there is no such file", path.display());
            self.add(Severity::Warning, span.clone(), why);
        }
        let mut sources = Vec::new();
        for path in paths {
            match self.read(path, Some(by)) {
                Ok(source) => sources.push(source),
                Err(why) => self.add(Severity::Error, span.clone(), why),
            }
        }
        sources
    }

    fn read(&mut self, path: PathBuf, by: Option<usize>) -> Result<Source, String> {
        let shown = path.display();
        let above = std::iter::successors(by, |by| self.all[*by].by);
        let above: Vec<_> = above.map(|by| &self.all[by].one_path).collect();
        let one_path = self.files.one_path(&path);
        if above.contains(&&one_path) {
            return Err(format!("{shown}: it would read itself; it is left out"));
        }
        if above.len() == DEPTH || self.all.len() == MOST {
            return Err(format!(
                "{shown}: files may name each other {DEPTH} deep, and {MOST} are read at most; it is left out"
            ));
        }
        let text = self.files.text(&path)?;
        // Between two files lies one place that is the end of the first.
        let begin = self
            .all
            .last()
            .map_or(0, |last| last.begin + last.text.len() + 1);
        if by.is_some() && begin + text.len() > LENGTH {
            return Err(format!(
                "{shown}: with it there would be more than {LENGTH} bytes; it is left out"
            ));
        }
        self.reports.push(Report::new(&path));
        let text = text.into();
        self.all.push(Source {
            path,
            one_path,
            begin,
            text,
            by,
        });
        Ok(self.all[self.all.len() - 1].clone())
    }

    fn at(&self, place: usize) -> usize {
        let begun = self.all.partition_point(|source| source.begin <= place);
        begun.saturating_sub(1)
    }
}
