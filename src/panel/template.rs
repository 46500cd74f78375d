//! Templates: texts in which `{value}`, `{line}` and `{port}` stand for something, and `{{` and `}}`
//! for braces.

mod form;

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use form::{DIGITS, Form, WIDTH};

/// What is sent at once has at most so many bytes.
pub const SENT: usize = 4096;
/// A text in which something stands for a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(Hole, Form),
}

/// What something in a template stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    /// `{value}`: a number or a text.
    Value,
    /// `{line}`: the line that it is about.
    Line,
    /// `{port}`: the port's name.
    Port,
}

impl Hole {
    const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Line => "line",
            Self::Port => "port",
        }
    }
}

/// What fills the holes of a template.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filling<'a> {
    /// For `{value}`.
    pub value: Option<Datum<'a>>,
    /// For `{line}`.
    pub line: &'a str,
    /// For `{port}`.
    pub port: &'a str,
}

/// A value that is written into a template.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the two kinds")]
pub enum Datum<'a> {
    Number(f64),
    Text(&'a str),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotATemplate {
    #[error(
        "the brace at place {0} stands alone; write {{{{ or }}}} for a brace, {{value}} for the value"
    )]
    Brace(usize),
    #[error(
        "{{{0}}} stands for nothing; {{value}}, {{value:2}} (digits behind the point, up to {DIGITS}), \
         {{value:03}} (zeros in front, up to {WIDTH} digits), {{value:x}} and {{value:02x}} (hex) do; \
         write {{{{ and }}}} for braces"
    )]
    Unknown(String),
    #[error("a text of {0} bytes is not possible; 1 to {SENT} are")]
    Length(usize),
}

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotFilled {
    #[error("there is no value to send")]
    NoValue,
    #[error("{0:?} is no number, and only a number can be written with digits")]
    NoNumber(String),
    #[error("{0} cannot be written in hex; whole numbers from 0 to 2^53 can")]
    NotWhole(f64),
    #[error("what is to be sent is longer than {0} bytes")]
    Long(usize),
    #[error("there is nothing to send")]
    Empty,
}

impl Template {
    /// Whether something stands for this in it.
    pub fn has(&self, hole: Hole) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Hole(other, _) if *other == hole))
    }

    /// The first thing in it that stands for none of these, as it is written.
    pub fn beyond(&self, holes: &[Hole]) -> Option<String> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Hole(hole, _) if !holes.contains(hole) => Some(format!("{{{}}}", hole.name())),
            _ => None,
        })
    }

    /// Whether a value is written as a number, so that a text cannot stand there.
    pub fn wants_number(&self) -> bool {
        let formed = |piece: &Piece| matches!(piece, Piece::Hole(_, form) if *form != Form::Plain);
        self.pieces.iter().any(formed)
    }

    /// The text with everything filled in. Control characters of what is filled in are left out.
    ///
    /// # Errors
    /// If the result would be empty or longer than `most` bytes, or if the value does not fit.
    pub fn fill(&self, filling: Filling<'_>, most: usize) -> Result<String, NotFilled> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Hole(Hole::Line, _) => put(&mut filled, filling.line, most),
                Piece::Hole(Hole::Port, _) => put(&mut filled, filling.port, most),
                Piece::Hole(Hole::Value, form) => {
                    match (filling.value.ok_or(NotFilled::NoValue)?, form) {
                        (Datum::Number(number), form) => form.write(number, &mut filled)?,
                        (Datum::Text(text), Form::Plain) => put(&mut filled, text, most),
                        (Datum::Text(text), _) => {
                            let text = text.chars().take(40).collect();
                            return Err(NotFilled::NoNumber(text));
                        }
                    }
                }
            }
            if filled.len() > most {
                return Err(NotFilled::Long(most));
            }
        }
        if filled.is_empty() {
            return Err(NotFilled::Empty);
        }
        Ok(filled)
    }
}

/// Adds a stranger's text, and stops where there is already too much.
fn put(filled: &mut String, text: &str, most: usize) {
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        if filled.len() > most {
            return;
        }
        filled.push(letter);
    }
}

impl FromStr for Piece {
    type Err = NotATemplate;

    /// Reads what stands between braces.
    fn from_str(inside: &str) -> Result<Self, NotATemplate> {
        let unknown = || NotATemplate::Unknown(inside.chars().take(40).collect());
        let (name, form) = match inside.split_once(':') {
            Some((name, form)) => (name, Form::read(form).ok_or_else(unknown)?),
            None => (inside, Form::Plain),
        };
        match (name, form) {
            ("value", form) => Ok(Self::Hole(Hole::Value, form)),
            ("line", Form::Plain) => Ok(Self::Hole(Hole::Line, form)),
            ("port", Form::Plain) => Ok(Self::Hole(Hole::Port, form)),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for Template {
    type Error = NotATemplate;

    fn try_from(text: String) -> Result<Self, NotATemplate> {
        if !(1..=SENT).contains(&text.len()) {
            return Err(NotATemplate::Length(text.len()));
        }
        let (mut pieces, mut plain, mut at) = (Vec::new(), String::new(), 0);
        while let Some(letter) = text[at..].chars().next() {
            let rest = &text[at..];
            let alone = || NotATemplate::Brace(text[..at].chars().count());
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push(letter);
                at += 2;
            } else if letter == '{' {
                let length = rest.find('}').ok_or_else(alone)?;
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(rest[1..length].parse()?);
                at += length + 1;
            } else if letter == '}' {
                return Err(alone());
            } else {
                plain.push(letter);
                at += letter.len_utf8();
            }
        }
        pieces.push(Piece::Text(plain));
        Ok(Self { text, pieces })
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> Template {
        Template::try_from(text.to_owned()).expect(text)
    }

    fn with(text: &str, value: Datum<'_>) -> Result<String, NotFilled> {
        let filling = Filling {
            value: Some(value),
            line: "a\u{1b}[2Jb\r\n",
            port: "sensor",
        };
        template(text).fill(filling, SENT)
    }

    #[test]
    fn a_number_is_written_as_the_template_says() {
        for (text, number, written) in [
            ("fan {value}\n", 21.5, "fan 21.5\n"),
            ("{value}", 100.0, "100"),
            ("{value}", -0.0, "0"),
            ("{value:2}", 21.0, "21.00"),
            ("{value:0}", 21.4, "21"),
            ("{value:03}", 7.0, "007"),
            ("{value:04}", -7.0, "-007"),
            ("{value:x}", 255.0, "ff"),
            ("{value:04x}", 255.0, "00ff"),
            ("{{\"led\":{value}}}", 1.0, "{\"led\":1}"),
            ("{value}{value:1}", 1.0, "11.0"),
            ("}}{{", 0.0, "}{"),
        ] {
            assert_eq!(
                with(text, Datum::Number(number)).unwrap(),
                written,
                "{text}"
            );
        }
        for number in [-1.0, 0.5, 1e16, f64::NAN] {
            let filled = with("{value:x}", Datum::Number(number));
            assert!(matches!(filled, Err(NotFilled::NotWhole(_))), "{number}");
        }
    }

    #[test]
    fn a_text_is_filled_in_without_control_characters() {
        let text = Datum::Text("a\u{1b}[31m\r\n{value}\u{9b}\u{e9}");
        assert_eq!(
            with("say {value}\n", text).unwrap(),
            "say a[31m{value}\u{e9}\n"
        );
        assert_eq!(with("{port}: {line}", text).unwrap(), "sensor: a[2Jb");
        assert!(matches!(
            with("{value:2}", text),
            Err(NotFilled::NoNumber(_))
        ));
        assert_eq!(with("{value}", Datum::Text("\n")), Err(NotFilled::Empty));
        let empty = template("{value}").fill(Filling::default(), SENT);
        assert_eq!(empty, Err(NotFilled::NoValue));
    }

    #[test]
    fn a_mistake_is_named() {
        for (text, named) in [
            ("", "0 bytes"),
            ("a {", "place 2"),
            ("a } b", "place 2"),
            ("{valu}", "{valu} stands for nothing"),
            ("{value:}", "{value:}"),
            ("{value:10}", "{value:10}"),
            ("{value:021}", "{value:021}"),
            ("{value:2x}", "{value:2x}"),
            ("{value:+1}", "{value:+1}"),
            ("{line:2}", "{line:2}"),
            ("{{value}", "place 7"),
        ] {
            let error = Template::try_from(text.to_owned())
                .expect_err(text)
                .to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_filled_in_it_stays_within_its_bounds_and_has_no_control_characters(
            text in "([{}]|\\{value(:0?[0-9]?x?)?\\}|\\{line\\}|[a-z{}]|\\PC){1,40}",
            typed in "\\PC{0,60}|(.|\n|\u{1b}){0,60}",
            number in any::<f64>(),
            most in 1..200usize,
        ) {
            let Ok(template) = Template::try_from(text.clone()) else { return Ok(()) };
            prop_assert_eq!(String::from(template.clone()), text);
            for value in [Datum::Text(&typed), Datum::Number(number)] {
                let filling = Filling { value: Some(value), line: &typed, port: &typed };
                if let Ok(filled) = template.fill(filling, most) {
                    prop_assert!((1..=most).contains(&filled.len()));
                    prop_assert!(!filled.contains(char::is_control));
                }
            }
        }
    }
}
