//! A report says what is wrong with a file: where, with the line itself, and the way out.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::diagnostic::Severity;

/// So many characters of a line are shown, before and behind the place.
const SHOWN: usize = 100;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// The line itself; of a long one what lies around.
    pub text: String,
    /// Where in `text` the sign begins that points there, in characters, and how wide it is.
    #[serde(skip)]
    sign: (usize, usize),
}

impl Place {
    /// The place of a stretch of bytes; what lies outside of the text is its end.
    pub fn of(text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let begin = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let end = text[start..]
            .find('\n')
            .map_or(text.len(), |end| start + end);
        let (before, behind) = (&text[begin..start], &text[start..end]);
        let column = before.chars().count();
        let skipped = column.saturating_sub(SHOWN);
        let harmless = |letter: char| if letter.is_control() { ' ' } else { letter };
        let shown = before
            .chars()
            .skip(skipped)
            .chain(behind.chars().take(SHOWN));
        let shown: String = shown.map(harmless).collect();
        let stop = text.floor_char_boundary(span.end.clamp(start, end));
        let width = text[start..stop].trim_end().chars().count();
        Self {
            line: text[..begin].matches('\n').count() + 1,
            column: column + 1,
            sign: (column - skipped, width.clamp(1, SHOWN)),
            text: shown.trim_end().to_owned(),
        }
    }

    /// The place of a key that nobody knows. Its value is not shown: it may be a secret under a
    /// misspelt name.
    pub fn of_unknown(text: &str, span: Range<usize>) -> Self {
        let mut place = Self::of(text, span);
        let (before, width) = place.sign;
        let mut letters = place.text.char_indices().skip(before + width);
        if let Some((equals, _)) = letters.find(|(_, letter)| *letter == '=') {
            place.text.replace_range(equals.., "= …");
        }
        place
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, and the way out.
    pub message: String,
    /// Where; none for the file as a whole.
    #[serde(flatten)]
    pub place: Option<Place>,
}

/// Everything that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    path: PathBuf,
    findings: Vec<Finding>,
}

impl Report {
    /// A file with which nothing is wrong so far.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            findings: Vec::new(),
        }
    }

    /// One thing more.
    pub fn add(&mut self, severity: Severity, message: impl Into<String>, place: Option<Place>) {
        let message = message.into().replace('\n', "; ");
        let finding = Finding {
            severity,
            message,
            place,
        };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    /// What is wrong, in the order of places; what has none comes last.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut all: Vec<_> = self.findings.iter().collect();
        let place = |finding: &&Finding| match &finding.place {
            Some(place) => (place.line, place.column),
            None => (usize::MAX, 0),
        };
        all.sort_by_key(place);
        all
    }

    /// How bad the worst is.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// The file as it is, unless something keeps it from being used.
    ///
    /// # Errors
    /// If there is an error among what was found.
    pub fn usable(self) -> Result<(), Self> {
        match self.worst() {
            Some(Severity::Error) => Err(self),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        for (number, finding) in self.findings().into_iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            let Finding {
                severity, message, ..
            } = finding;
            let Some(place) = &finding.place else {
                write!(f, "{path}: {severity}: {message}")?;
                continue;
            };
            let (line, column) = (place.line, place.column);
            writeln!(f, "{path}:{line}:{column}: {severity}: {message}")?;
            writeln!(f, "{line:>5} | {}", place.text)?;
            let (before, width) = place.sign;
            write!(f, "{:>5} | {:before$}{}", "", "", "^".repeat(width))?;
        }
        Ok(())
    }
}

impl std::error::Error for Report {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_shown_with_its_line_and_a_sign_below_it() {
        let text = "a = 1\r\n\tb = \"\u{e9}\" # x\n";
        let start = text.find('"').unwrap();
        let mut report = Report::new(Path::new("s.toml"));
        let place = Place::of(text, start..start + 4);
        report.add(Severity::Error, "no", Some(place));
        report.add(Severity::Warning, "whole", None);
        assert_eq!(
            report.to_string(),
            "s.toml:2:6: error: no\n    2 |  b = \"\u{e9}\" # x\n      |      ^^^\ns.toml: warning: whole"
        );
        assert_eq!(report.worst(), Some(Severity::Error));
    }

    #[test]
    fn the_value_of_a_key_that_nobody_knows_is_not_shown() {
        let of = |text: &str| {
            let start = text.find("pasword").unwrap();
            Place::of_unknown(text, start..start + 7).text
        };
        assert_eq!(of("pasword = \"hunter2\"\nqos = 1"), "pasword = …");
        assert_eq!(
            of("mqtt = { é = 1, pasword=\"x\" }"),
            "mqtt = { é = 1, pasword= …"
        );
        assert_eq!(of("[pasword]"), "[pasword]");
    }

    proptest! {
        #[test]
        fn any_stretch_of_any_text_has_a_place(text in "\\PC*\n?\\PC*", start in 0..300usize, more in 0..300usize) {
            let place = Place::of(&text, start..start + more);
            let mut report = Report::new(Path::new("x"));
            report.add(Severity::Error, "y", Some(place.clone()));
            prop_assert!(place.line >= 1 && place.column >= 1);
            prop_assert!(report.to_string().lines().count() == 3);
        }
    }
}
