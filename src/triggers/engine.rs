//! An engine: the triggers of one panel, held against what comes in on one port. Live and on the
//! recording it is the same.

use serde_json::Value;

use super::rule::Rule;
use crate::panel::{Fault, Trigger};
use crate::record::{Gap, Offset, Time};
use crate::span::Span;
use crate::values::{Met, Parser, Spec};

/// Triggers at work.
#[derive(Debug)]
pub struct Engine {
    parser: Parser,
    rules: Vec<Rule>,
    /// What ends before is read only to understand what follows.
    from: Offset,
    /// The line whose values come.
    line: String,
}

/// A trigger acts.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Which, counted among those of the engine.
    pub trigger: usize,
    /// The place of the line.
    pub offset: Offset,
    /// From there to where what follows begins.
    pub length: u64,
    /// When its first byte came.
    pub time: Time,
    /// As it is read; nothing where the value came in a binary record.
    pub line: String,
    /// The value that got there.
    pub value: Option<f64>,
    /// How often the trigger might not act since the last time.
    pub left_out: u64,
}

impl Engine {
    /// Triggers that have met nothing yet, and how values are found; by itself where it is not said.
    ///
    /// # Errors
    /// If a pattern or the parser cannot be used.
    pub fn new<'a>(
        values: Option<&Value>,
        triggers: impl IntoIterator<Item = &'a Trigger>,
    ) -> Result<Self, Fault> {
        let told = |error| Fault::new("values", error);
        let spec = values.map_or_else(|| Ok(Spec::default()), Spec::read);
        let parser = spec.and_then(|spec| Parser::new(&spec)).map_err(told)?;
        let rules = triggers.into_iter().map(Rule::new);
        Ok(Self {
            parser,
            rules: rules.collect::<Result<_, _>>()?,
            from: Offset(0),
            line: String::new(),
        })
    }

    /// What finds values, to be told what stands further up.
    pub fn parser(&mut self) -> &mut Parser {
        &mut self.parser
    }

    /// Acts on what ends behind this place only. It is to be given what stands before as well, as far
    /// as [`look_back`](crate::values::look_back) says: there a line may begin, and columns are named.
    pub fn acting_from(self, from: Offset) -> Self {
        Self { from, ..self }
    }

    /// Takes the records that come next.
    pub fn take(&mut self, span: &Span, mut each: impl FnMut(Hit)) {
        let Self {
            parser,
            rules,
            from,
            line,
        } = self;
        // Where the line stands that was met last.
        let mut place = None;
        let mut act = |trigger, rule: &mut Rule, hit: Hit| {
            if let Some(left_out) = rule.acts(hit.time) {
                each(Hit {
                    trigger,
                    left_out,
                    ..hit
                });
            }
        };
        for record in span.records() {
            parser.take_lines(&record, |met| match met {
                Met::Line(met) if met.offset.plus(met.length as usize) <= *from => {}
                Met::Reading(reading) if reading.end() <= *from => {}
                Met::Line(met) => {
                    place = Some(met.offset);
                    met.text.clone_into(line);
                    let rules = rules.iter_mut().enumerate();
                    for (trigger, rule) in rules.filter(|(_, rule)| rule.fits(met.text)) {
                        let hit = Hit::of(met.offset, met.length, met.time, line, None);
                        act(trigger, rule, hit);
                    }
                }
                Met::Reading(reading) => {
                    let line = match place {
                        Some(offset) if offset == reading.offset => line.as_str(),
                        _ => "",
                    };
                    for value in reading.values {
                        let series = &reading.series[usize::from(value.series)].name;
                        for (trigger, rule) in rules.iter_mut().enumerate() {
                            if rule.reaches(series, value.value) {
                                let (offset, length) = (reading.offset, reading.length);
                                let value = Some(value.value);
                                let hit = Hit::of(offset, length, reading.time, line, value);
                                act(trigger, rule, hit);
                            }
                        }
                    }
                }
            });
        }
    }

    /// Takes that bytes are missing.
    pub fn gap(&mut self, gap: &Gap) {
        self.parser.gap(gap);
    }

    /// How often triggers might not act since they last did.
    pub fn left_out(&self) -> u64 {
        self.rules.iter().map(Rule::left_out).sum()
    }
}

impl Hit {
    fn of(offset: Offset, length: u32, time: Time, line: &str, value: Option<f64>) -> Self {
        Self {
            trigger: 0,
            offset,
            length: length.into(),
            time,
            line: line.to_owned(),
            value,
            left_out: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::record::Kind;
    use crate::span::Entry;

    /// Gives an engine these pieces as one second each, behind the end of a line, and gathers what acts.
    fn hits(triggers: &Value, values: Option<&Value>, pieces: &[&[u8]]) -> Vec<Hit> {
        let triggers = triggers.as_array().unwrap().iter().cloned();
        let triggers: Vec<_> = triggers.map(|one| Trigger::read(one).unwrap()).collect();
        let engine = Engine::new(values, &triggers).unwrap();
        fed(engine, pieces)
    }

    fn fed(mut engine: Engine, pieces: &[&[u8]]) -> Vec<Hit> {
        let (mut hits, mut at) = (Vec::new(), Offset(99));
        for (second, bytes) in (0..).zip([&b"\n"[..]].iter().chain(pieces)) {
            let mut span = Span::default();
            let entry = Entry {
                kind: Kind::Rx,
                offset: at,
                time: Time(second * 1_000_000),
                author: None,
                length: bytes.len(),
            };
            at = entry.end();
            span.push(entry, bytes);
            engine.take(&span, |hit| hits.push(hit));
        }
        hits
    }

    fn trigger(id: &str, when: Value) -> Value {
        json!({"id": id, "when": when, "do": [{"highlight": "bad"}]})
    }

    #[test]
    fn a_line_is_found_whole_however_it_comes_and_whatever_colour_it_has() {
        let triggers = json!([trigger("a", json!({"pattern": "^error \\d+$"}))]);
        let found = hits(
            &triggers,
            None,
            &[b"ok\r\n\x1b[31mErr", b"or 7\x1b[0m", b"\r\nerror 8"],
        );
        let [hit] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(
            (hit.line.as_str(), hit.offset, hit.time),
            ("Error 7", Offset(104), Time(1_000_000))
        );
        // Up to the CR, which ends it.
        assert_eq!((hit.length, hit.value), (17, None));
    }

    #[test]
    fn a_value_acts_with_its_line() {
        let triggers = json!([
            trigger("hot", json!({"value": "temp", "above": 40})),
            trigger("word", json!({"pattern": "temp"})),
        ]);
        let found = hits(
            &triggers,
            None,
            &[
                b"temp: 39 C\n",
                b"hum: 80 %\n",
                b"temp: 41 C\n",
                b"temp: 42\n",
            ],
        );
        let seen = found
            .iter()
            .map(|hit| (hit.trigger, hit.line.as_str(), hit.value));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [
                (1, "temp: 39 C", None),
                (1, "temp: 41 C", None),
                (0, "temp: 41 C", Some(41.0)),
                (1, "temp: 42", None),
            ]
        );
    }

    #[test]
    fn a_value_of_a_binary_record_has_no_line() {
        let values = json!({"type": "binary", "frame": {"type": "fixed", "length": 2, "sync": "aa"}, "fields": [{"name": "v", "type": "u8"}]});
        let triggers = json!([
            trigger("v", json!({"value": "v", "above": 4})),
            trigger("line", json!({"pattern": "x"})),
        ]);
        let found = hits(
            &triggers,
            Some(&values),
            &[b"\xaa\x03\xaa\x05", b"\xaa\x02x\n"],
        );
        let seen = found
            .iter()
            .map(|hit| (hit.trigger, hit.line.is_empty(), hit.value));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [(0, true, Some(5.0)), (1, false, None)]
        );
    }

    #[test]
    fn what_ended_before_it_began_only_names_the_columns() {
        let hot = Trigger::read(trigger("hot", json!({"value": "temp", "above": 40}))).unwrap();
        let engine = Engine::new(None, [&hot]).unwrap();
        let before = "temp,hum\n50,1\n";
        let engine = engine.acting_from(Offset(100).plus(before.len()));
        let found = fed(engine, &[before.as_bytes(), b"60,2\n"]);
        let lines: Vec<_> = found.iter().map(|hit| (&*hit.line, hit.value)).collect();
        assert_eq!(lines, [("60,2", Some(60.0))]);
    }

    #[test]
    fn what_was_left_out_is_told_with_the_next() {
        let triggers = json!([trigger("x", json!({"pattern": "x"}))]);
        let found = hits(&triggers, None, &[b"x\nx\nx\n", b"x\n"]);
        let left_out: Vec<_> = found.iter().map(|hit| hit.left_out).collect();
        assert_eq!(left_out, [0, 2]);
    }

    #[test]
    fn a_parser_or_pattern_that_is_none_is_told() {
        let triggers = [Trigger::read(trigger("x", json!({"pattern": "("}))).unwrap()];
        assert_eq!(Engine::new(None, &triggers).unwrap_err().at, "when.pattern");
        let values = json!({"type": "tea leaves"});
        assert_eq!(Engine::new(Some(&values), []).unwrap_err().at, "values");
    }

    proptest! {
        #[test]
        fn strangers_bytes_in_any_pieces_act_as_they_do_in_one(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'x'), Just(b'='), Just(b'7'), any::<u8>()], 1..200),
            cut in 0usize..200,
        ) {
            let triggers = json!([
                trigger("x", json!({"pattern": "x7?"})),
                trigger("v", json!({"value": "x", "above": 6, "below": -1})),
            ]);
            let cut = cut.min(bytes.len());
            let places = |pieces: &[&[u8]]| {
                let found = hits(&triggers, None, pieces).into_iter();
                found.map(|hit| (hit.trigger, hit.offset)).next()
            };
            let pieces: Vec<_> = [&bytes[..cut], &bytes[cut..]].into_iter().filter(|piece| !piece.is_empty()).collect();
            prop_assert_eq!(places(&[&bytes]), places(&pieces));
        }
    }
}
