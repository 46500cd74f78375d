//! A pattern: a text or an expression to look for.

use std::ops::Range;

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

/// A pattern is at most so long, in characters.
const LENGTH: usize = 1000;
/// A compiled expression and what it remembers while it searches take at most about so much
/// memory, in bytes; time for each byte grows with the former.
const PROGRAM: usize = 256 * 1024;
const CACHE: usize = 4 * 1024 * 1024;
/// How deep groups may stand in groups.
const DEPTH: u32 = 50;

/// What to look for: a text or a regular expression, over bytes.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Why something cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPattern {
    /// There is no text.
    #[error("there is nothing to look for; give at least one character")]
    Empty,
    /// There is too much.
    #[error("{0} characters are too many to look for; give at most {LENGTH}")]
    Long(usize),
    /// The expression is broken.
    #[error("the expression is broken at character {}: {message}", at + 1)]
    Broken {
        /// Where, counted in characters from 0.
        at: usize,
        /// What is wrong there.
        message: String,
    },
    /// The expression would take too much time and memory.
    #[error(
        "the expression is too large; look for less, with fewer or smaller counts such as {{1,1000}}"
    )]
    Large,
}

impl Pattern {
    /// Looks for a text. Large and small letters differ only with `case`.
    ///
    /// # Errors
    /// If it is empty or too long.
    pub fn text(text: &str, case: bool) -> Result<Self, NotAPattern> {
        Self::build(text, &regex::escape(text), case)
    }

    /// Looks for a regular expression, `^` and `$` at lines. Without a character beyond ASCII it
    /// is over bytes, which costs less and finds what is not UTF-8.
    ///
    /// # Errors
    /// If it is empty, too long, broken or too costly.
    pub fn regex(expression: &str, case: bool) -> Result<Self, NotAPattern> {
        Self::build(expression, expression, case)
    }

    fn build(given: &str, expression: &str, case: bool) -> Result<Self, NotAPattern> {
        match given.chars().count() {
            0 => return Err(NotAPattern::Empty),
            1..=LENGTH => {}
            length => return Err(NotAPattern::Long(length)),
        }
        let built = RegexBuilder::new(expression)
            .case_insensitive(!case)
            .unicode(!expression.is_ascii())
            .multi_line(true)
            .crlf(true)
            .nest_limit(DEPTH)
            .size_limit(PROGRAM)
            .dfa_size_limit(CACHE)
            .build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => NotAPattern::Large,
            error => broken(expression, case).unwrap_or_else(|| NotAPattern::Broken {
                at: 0,
                message: error.to_string(),
            }),
        })
    }

    /// The first match that begins at `from` or later. What lies before `from` is looked at for
    /// the sake of `^` and `\b`.
    pub fn find(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        self.0.find_at(bytes, from).map(|found| found.range())
    }

    /// The names of its groups by their numbers, of which the first is the whole match.
    pub fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.capture_names()
    }

    /// Room for the groups of a match, to be used again and again.
    pub fn room(&self) -> Groups {
        Groups(self.0.capture_locations())
    }

    /// Like [`Self::find`], and tells where the groups of the match stand.
    pub fn find_groups(
        &self,
        bytes: &[u8],
        from: usize,
        groups: &mut Groups,
    ) -> Option<Range<usize>> {
        let found = self.0.captures_read_at(&mut groups.0, bytes, from);
        found.map(|found| found.range())
    }

    /// The first match that is not empty.
    pub fn first(&self, bytes: &[u8]) -> Option<Range<usize>> {
        let mut at = 0;
        while at <= bytes.len() {
            let found = self.find(bytes, at)?;
            if !found.is_empty() {
                return Some(found);
            }
            at = found.end + 1;
        }
        None
    }

    /// Where the first match that is not empty stands, and behind it its groups, as far as they
    /// are part of it.
    pub fn groups(&self, bytes: &[u8]) -> Option<Vec<Option<Range<usize>>>> {
        let groups = self.0.captures_at(bytes, self.first(bytes)?.start)?;
        let place = |group: Option<regex::bytes::Match<'_>>| group.map(|group| group.range());
        Some(groups.iter().map(place).collect())
    }
}

/// Where the groups of a match stand.
#[derive(Clone, Debug)]
pub struct Groups(CaptureLocations);

impl Groups {
    /// The place of a group by its number, if it took part in the match.
    pub fn get(&self, number: usize) -> Option<Range<usize>> {
        self.0.get(number).map(|(start, end)| start..end)
    }
}

/// Where and why an expression is broken.
fn broken(expression: &str, case: bool) -> Option<NotAPattern> {
    let parsed = regex_syntax::ParserBuilder::new()
        .case_insensitive(!case)
        .unicode(!expression.is_ascii())
        .utf8(false)
        .multi_line(true)
        .crlf(true)
        .nest_limit(DEPTH)
        .build()
        .parse(expression);
    let (place, message) = match parsed.err()? {
        regex_syntax::Error::Parse(error) => (error.span().start, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span().start, error.kind().to_string()),
        _ => return None,
    };
    let at = expression.get(..place.offset)?.chars().count();
    Some(NotAPattern::Broken { at, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(pattern: Result<Pattern, NotAPattern>, bytes: &[u8]) -> Option<Range<usize>> {
        pattern.unwrap().find(bytes, 0)
    }

    #[test]
    fn a_text_means_itself_and_letters_of_both_sizes_unless_told() {
        assert_eq!(
            finds(Pattern::text("a.c[", false), b"abc[ A.C["),
            Some(5..9)
        );
        assert_eq!(finds(Pattern::text("a.c[", true), b"A.C["), None);
        let umlaut = Pattern::text("Öl", false);
        assert_eq!(finds(umlaut, "kein öl".as_bytes()), Some(5..8));
    }

    #[test]
    fn an_expression_is_over_bytes_and_lines() {
        let (junk, lines) = (&b"\x00\xff\xfe"[..], &b"one\r\ntwo\rthree"[..]);
        assert_eq!(finds(Pattern::regex(r"\xff.", false), junk), Some(1..3));
        assert_eq!(finds(Pattern::regex(r"^t.*$", false), lines), Some(5..8));
        assert_eq!(finds(Pattern::regex(r"e$", false), lines), Some(2..3));
        assert_eq!(
            finds(Pattern::regex("[äö]", false), "lÖl".as_bytes()),
            Some(1..3)
        );
        assert_eq!(
            finds(Pattern::regex("é|(?u:[^é])x", true), "äx".as_bytes()),
            Some(0..3)
        );
    }

    #[test]
    fn groups_stand_behind_the_first_match_that_is_not_empty() {
        let pattern = Pattern::regex("(x)?(a+)|", false).unwrap();
        assert_eq!(
            pattern.groups(b"..xaa a"),
            Some(vec![Some(2..5), Some(2..3), Some(3..5)])
        );
        assert_eq!(
            pattern.groups(b"..a"),
            Some(vec![Some(2..3), None, Some(2..3)])
        );
        assert_eq!(pattern.groups(b"..x"), None);
        assert_eq!(pattern.groups(b""), None);
    }

    #[test]
    fn what_cannot_be_looked_for_is_told_with_its_place() {
        for (expression, at, message) in [
            ("ab(c", 2, "unclosed group"),
            (
                "ä[z-a]",
                2,
                "invalid character class range, the start must be <= the end",
            ),
            (
                "x{2,1}",
                1,
                "invalid repetition count range, the start must be <= the end",
            ),
            (r"\d+\8", 3, "backreferences are not supported"),
            (r"a\p{Nonesuch}", 1, "Unicode not allowed here"),
        ] {
            let broken = Pattern::regex(expression, false).unwrap_err();
            let message = message.to_owned();
            assert_eq!(broken, NotAPattern::Broken { at, message }, "{expression}");
        }
        let shown = Pattern::regex("ab(c", false).unwrap_err().to_string();
        assert_eq!(
            shown,
            "the expression is broken at character 3: unclosed group"
        );
        assert_eq!(Pattern::text("", false).unwrap_err(), NotAPattern::Empty);
        let long = "ä".repeat(1001);
        assert_eq!(
            Pattern::text(&long, false).unwrap_err(),
            NotAPattern::Long(1001)
        );
        assert!(Pattern::text(&long[2..], false).is_ok());
    }

    #[test]
    fn what_would_cost_too_much_is_refused() {
        for expression in ["(?:x{0,900}){0,900}", r"é?\w{1,400}"] {
            let large = Pattern::regex(expression, false).unwrap_err();
            assert_eq!(large, NotAPattern::Large, "{expression}");
        }
        let deep = format!("{}a{}", "(".repeat(400), ")".repeat(400));
        assert!(matches!(
            Pattern::regex(&deep, false),
            Err(NotAPattern::Broken { .. })
        ));
    }
}
