//! The text of a file: JSON that people read and compare. What fits on a line stands on one.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// A line is at most about so long, in bytes.
const WIDTH: usize = 200;
const INDENT: usize = 2;

/// Numbers beyond this one have an exponent.
const PLAIN: f64 = 1e15;

/// The text of plain data. The whole, and each list of objects right in it, always has a line for
/// each of its parts, so that one more changes no other line.
pub fn of<T: Serialize>(data: &T) -> String {
    let mut compact = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut compact, Compact);
    data.serialize(&mut serializer)
        .expect("a panel is plain data");
    lay_out(&String::from_utf8(compact).expect("JSON is UTF-8"))
}

/// Writes whole numbers as people do: 100, not 100.0.
struct Compact;

impl Formatter for Compact {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        if number.fract() == 0.0 && number.abs() < PLAIN {
            write!(writer, "{number}")
        } else {
            serde_json::to_writer(writer, &number).map_err(io::Error::from)
        }
    }
}

/// Lays JSON out that has no white space between its parts.
fn lay_out(compact: &str) -> String {
    let mut text = String::with_capacity(compact.len() * 5 / 4);
    write(compact, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value at so many spaces from the margin, behind so many bytes on its line.
fn write(value: &str, indent: usize, before: usize, text: &mut String) {
    let is_spread = indent == 0 || indent == INDENT && value.starts_with("[{");
    let has_parts = value.starts_with(['{', '[']) && value.len() > 2;
    let on_one_line = spaced(value);
    if !has_parts || !is_spread && before + on_one_line.len() <= WIDTH {
        text.push_str(&on_one_line);
        return;
    }
    let (open, inside, close) = (
        &value[..1],
        &value[1..value.len() - 1],
        &value[value.len() - 1..],
    );
    let indent = indent + INDENT;
    text.push_str(open);
    let mut rest = Some(inside);
    while let Some(parts) = rest {
        let end = outside_of_all(parts, b',');
        let part = &parts[..end.unwrap_or(parts.len())];
        rest = end.map(|end| &parts[end + 1..]);
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
        let (key, value) = match outside_of_all(part, b':') {
            Some(colon) if open == "{" => (&part[..colon], &part[colon + 1..]),
            _ => ("", part),
        };
        if !key.is_empty() {
            text.push_str(key);
            text.push_str(": ");
        }
        write(value, indent, indent + key.len() + 2, text);
        if rest.is_some() {
            text.push(',');
        }
    }
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent - INDENT));
    text.push_str(close);
}

/// The letters of JSON, each with its place, how deep it stands in brackets, and whether in a text.
fn letters(json: &str) -> impl Iterator<Item = (usize, char, usize, bool)> {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    json.char_indices().map(move |(place, letter)| {
        let was_in_text = in_text;
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_text = !in_text,
            '{' | '[' if !in_text => depth += 1,
            '}' | ']' if !in_text => depth -= 1,
            _ => {}
        }
        (place, letter, depth, was_in_text)
    })
}

/// The first place of a letter that stands in no brackets and no text.
fn outside_of_all(json: &str, wanted: u8) -> Option<usize> {
    let mut letters = letters(json);
    let found = letters.find(|(_, letter, depth, in_text)| {
        *letter == char::from(wanted) && *depth == 0 && !in_text
    });
    found.map(|(place, ..)| place)
}

/// The same with a space behind each comma and colon.
fn spaced(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 5 / 4);
    for (_, letter, _, in_text) in letters(json) {
        text.push(letter);
        if matches!(letter, ',' | ':') && !in_text {
            text.push(' ');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_fits_stands_on_a_line_and_the_rest_is_broken_into_its_parts() {
        let long = "x".repeat(100);
        let compact = format!(
            r#"{{"a":1,"empty":[],"b":{{"c":"{{,:\"}}"}},"few":[{{"f":[]}}],"list":[{{"d":"{long}"}},{{"e":["{long}",2]}}]}}"#
        );
        let expected = format!(
            r#"{{
  "a": 1,
  "empty": [],
  "b": {{"c": "{{,:\"}}"}},
  "few": [
    {{"f": []}}
  ],
  "list": [
    {{"d": "{long}"}},
    {{"e": ["{long}", 2]}}
  ]
}}
"#
        );
        assert_eq!(lay_out(&compact), expected);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[a-z{}\\[\\],:\"\\\\ é\n]{0,60}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map("[a-z\",:]{0,5}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_text_means_what_it_was_made_of(value in value()) {
            let text = lay_out(&value.to_string());
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    #[test]
    fn a_single_value_is_no_board_and_still_a_text() {
        assert_eq!(lay_out(&json!("a,b").to_string()), "\"a,b\"\n");
    }
}
