//! YAML as a tree that keeps what a map of unique keys would lose: keys that come twice, anchors' names and places.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

/// So deep may it be nested.
const DEPTH: usize = 16;
/// Stands for `*` while the library reads: ser2net looks for names in other files and documents too, where
/// the standard has none.
const STAR: char = '\u{7f}';

/// A value, and the bytes where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands.
    pub span: Range<usize>,
    /// What it is.
    pub value: Value,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Value {
    /// A text, a number: what is not nested.
    Scalar(String),
    /// `*name`.
    Alias(String),
    /// A list; nothing that is carried over is one.
    List,
    /// Keys and values, in their order, with the anchor (`&name`) of each value.
    Map(Vec<(Node, Option<String>, Node)>),
}

impl Node {
    /// The text of a scalar; an empty one for all else.
    pub fn text(&self) -> &str {
        match &self.value {
            Value::Scalar(text) => text,
            _ => "",
        }
    }

    /// The entries of a map; none for all else.
    pub fn entries(&self) -> &[(Node, Option<String>, Node)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Moves all places so much further.
    fn shift(&mut self, by: usize) {
        self.span = self.span.start + by..self.span.end + by;
        if let Value::Map(entries) = &mut self.value {
            for (key, _, value) in entries {
                key.shift(by);
                value.shift(by);
            }
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let mut entries = self.entries().iter();
        entries
            .find(|(name, ..)| name.text() == key)
            .map(|(.., value)| value)
    }
}

/// Where YAML is broken, and how.
pub type Broken = (Range<usize>, String);

/// Reads all documents, up to where the text is no YAML any more. It stands at `begin`, from where its places count.
pub fn read(text: &str, begin: usize) -> (Vec<Node>, Option<Broken>) {
    let places = text.char_indices().map(|(place, _)| place);
    let lenient = lenient(text);
    let mut reader = Reader {
        text,
        places: places.chain([text.len()]).collect(),
        events: Parser::new_from_str(&lenient),
        broken: None,
    };
    let mut documents = Vec::new();
    while let Some((event, _)) = reader.next() {
        if matches!(event, Event::DocumentStart(_)) {
            documents.extend(reader.next_node(0));
        }
    }
    documents
        .iter_mut()
        .for_each(|document: &mut Node| document.shift(begin));
    let broken = reader.broken;
    (
        documents,
        broken.map(|(span, why)| (span.start + begin..span.end + begin, why)),
    )
}

/// The same with each [`STAR`], and with brackets that close at the beginning of a line moved behind the line before,
/// each byte in its place: ser2net takes them there, and its own example has them, but the standard wants them further
/// to the right.
fn lenient(text: &str) -> String {
    let text = &text.replace('*', STAR.encode_utf8(&mut [0]));
    let mut lenient = String::with_capacity(text.len());
    let mut before = "#";
    for line in text.split_inclusive('\n') {
        let is_bracket = matches!(line.trim(), "]" | "}" | "]," | "},");
        if is_bracket && !before.contains('#') && lenient.ends_with('\n') {
            lenient.pop();
            lenient.push(' ');
        }
        lenient.push_str(line);
        before = line;
    }
    lenient
}

/// What ser2net takes for a name.
fn is_name(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_alphanumeric() || "-_".contains(letter))
}

struct Reader<'a> {
    text: &'a str,
    /// Where each character begins; the library counts in characters.
    places: Vec<usize>,
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Nothing more comes where this is.
    broken: Option<Broken>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        if self.broken.is_some() {
            return None;
        }
        match self.events.next()? {
            Ok((Event::StreamEnd, _)) => None,
            Ok(event) => Some(event),
            Err(error) => {
                let at = self.place(error.marker().index());
                self.broken = Some((at..at, error.info().to_owned()));
                None
            }
        }
    }

    fn next_node(&mut self, depth: usize) -> Option<Node> {
        let (event, span) = self.next()?;
        self.node(event, span, depth)
    }

    /// The node that begins with this event, as far as it can be read; none if it is the end of what is around it.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Option<Node> {
        let mut span = self.place(span.start.index())..self.place(span.end.index());
        if depth > DEPTH {
            self.broken = Some((
                span,
                "it is nested deeper than any configuration".to_owned(),
            ));
            return None;
        }
        let value = match event {
            Event::Scalar(text, style, ..) => match text.strip_prefix(STAR) {
                Some(name) if style == ScalarStyle::Plain && is_name(name) => {
                    Value::Alias(name.to_owned())
                }
                _ => Value::Scalar(text.replace(STAR, "*")),
            },
            Event::SequenceStart(..) => {
                while let Some(entry) = self.next_node(depth + 1) {
                    span.end = span.end.max(entry.span.end);
                }
                Value::List
            }
            Event::MappingStart(..) => {
                let mut map = Vec::new();
                while let Some(key) = self.next_node(depth + 1) {
                    let Some(value) = self.next_node(depth + 1) else {
                        break;
                    };
                    span.end = span.end.max(value.span.end);
                    map.push((key.clone(), self.anchor(&key, &value), value));
                }
                Value::Map(map)
            }
            _ => return None,
        };
        Some(Node { span, value })
    }

    /// The name behind `&` between a key and its value: the library tells only numbers.
    fn anchor(&self, key: &Node, value: &Node) -> Option<String> {
        let behind = self.text.get(key.span.end..value.span.end)?;
        let behind = behind.trim_start().strip_prefix(':')?.trim_start();
        let name = behind.strip_prefix('&')?.split_whitespace().next()?;
        Some(name.to_owned())
    }

    fn place(&self, character: usize) -> usize {
        *self.places.get(character).unwrap_or(&self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_that_come_twice_anchors_and_aliases_are_kept_with_their_places() {
        let text = "%YAML 1.1\n---\n# \u{e9}\ndefine: &x one\nconnection: &con1\n    a: *x\nconnection: &con2\n    b: [1, *x]\n";
        let (documents, broken) = read(text, 0);
        assert!(broken.is_none(), "{broken:?}");
        let entries = documents[0].entries();
        let names: Vec<_> = entries
            .iter()
            .map(|(_, anchor, _)| anchor.as_deref())
            .collect();
        assert_eq!(names, [Some("x"), Some("con1"), Some("con2")]);
        assert!(text[entries[0].2.span.clone()].ends_with("one"));
        let alias = entries[1].2.get("a").unwrap();
        assert!(
            matches!(&alias.value, Value::Alias(name) if name == "x"),
            "{alias:?}"
        );
    }

    #[test]
    fn a_name_may_be_that_of_another_file_and_a_star_is_one_elsewhere() {
        let text =
            "a: *far\nb: '*far'\nc: x*(far)*y # *\nd: *(far)-x\n---\ne: [*far, 1]\nf: *far-2_x\n";
        let (documents, broken) = read(text, 0);
        assert!(broken.is_none(), "{broken:?}");
        let alias = |node: &Node| match &node.value {
            Value::Alias(name) => name.clone(),
            _ => String::new(),
        };
        let [first, second] = &documents[..] else {
            panic!("{documents:?}");
        };
        assert_eq!(alias(first.get("a").unwrap()), "far");
        for (key, text) in [("b", "*far"), ("c", "x*(far)*y"), ("d", "*(far)-x")] {
            assert_eq!(first.get(key).unwrap().text(), text);
        }
        let last = second.get("f").unwrap();
        assert_eq!(
            (&*alias(last), &text[last.span.clone()]),
            ("far-2_x", "*far-2_x")
        );
    }

    #[test]
    fn a_bracket_may_close_where_the_line_begins() {
        let (documents, broken) = read("a:\n  b: [\n    1\n  ]\nc: 2\n", 7);
        assert!(broken.is_none(), "{broken:?}");
        assert_eq!(documents[0].get("c").unwrap().span, 30..31);
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_place_and_what_stands_before_is_kept() {
        let (documents, broken) = read("a: 1\n---\nb: [1\nc: }", 0);
        assert_eq!(documents[0].get("a").unwrap().text(), "1");
        assert!(broken.is_some());
        let deep = "[".repeat(1000);
        assert!(read(&deep, 0).1.is_some());
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "[-a:&*\\[\\]{},\"'|>#%\\n \u{e9}]{0,80}") {
            let (documents, broken) = read(&text, 0);
            for document in &documents {
                prop_assert!(text.get(document.span.clone()).is_some());
            }
            prop_assert!(broken.is_none_or(|(span, _)| span.end <= text.len()));
        }
    }
}
