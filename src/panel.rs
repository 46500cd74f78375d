//! A panel: a board of controls and pictures for a port or a device, as it stands in a file.
//!
//! `docs/panels.md` says what each part means. Here it is plain data that is known to be right; only
//! the patterns and pulses of macros and triggers are looked at by whoever compiles them.

mod binding;
mod distinct;
mod fault;
mod hex;
mod plot;
mod steps;
mod template;
mod text;
mod touch;
mod trigger;
mod widget;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use binding::{Binding, NotABinding};
pub use fault::Fault;
pub use hex::Hex;
pub use plot::{Curve, Extent, Picture, Plot, Side};
pub use steps::{Otherwise, Step, Times, read_steps};
pub use template::{Datum, Filling, Hole, NotATemplate, NotFilled, SENT, Template};
pub use touch::{NotATouch, Script, Touch};
pub use trigger::{Deed, Trigger, When};
pub use widget::*;

use distinct::Distinct;
use fault::{expect_words, read};
use widget::expect_id;

use crate::identity::Identity;
use crate::values::Spec;

/// A file has at most so many bytes.
pub const LENGTH: usize = 256 * 1024;
/// The longest title, in characters.
const TITLE: usize = 64;
const WIDGETS: usize = 200;
const MACROS: usize = 100;
const TRIGGERS: usize = 100;

/// A board of controls and pictures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Panel {
    /// The version of this format.
    pub seriald: Format,
    /// What its tab says.
    pub title: String,
    /// Whom it is for; nobody yet where this is absent.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub binding: Option<Binding>,
    /// How values are found in what the device prints, as somebody wrote it: a parser of
    /// [`crate::values`]. By itself where this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Value>,
    /// What stands on it.
    pub widgets: Vec<Widget>,
    /// What its buttons and triggers run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub macros: Vec<Macro>,
    /// What is to happen by itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
}

/// The version of the format: 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Format;

impl TryFrom<u64> for Format {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        match version {
            1 => Ok(Self),
            other => Err(format!("version {other} of this format is not known; 1 is")),
        }
    }
}

impl From<Format> for u64 {
    fn from(Format: Format) -> Self {
        1
    }
}

/// Steps under a name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Macro {
    /// Its name in the panel.
    pub id: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// A panel as it is written; each widget is looked at by itself, because its fields depend on what
/// it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    seriald: Format,
    title: String,
    #[serde(rename = "for")]
    binding: Option<Binding>,
    values: Option<Value>,
    #[serde(default)]
    widgets: Vec<Map<String, Value>>,
    #[serde(default)]
    macros: Vec<WrittenMacro>,
    #[serde(default)]
    triggers: Vec<Trigger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMacro {
    id: String,
    title: Option<String>,
    steps: Vec<steps::Written>,
}

impl Panel {
    /// Reads a panel's file.
    ///
    /// # Errors
    /// With the place of the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > LENGTH {
            let message = format!(
                "{} bytes are too many; a panel has at most {LENGTH}",
                text.len()
            );
            return Err(Fault::new("", message));
        }
        // Some editors put a mark in front.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Distinct(value) = serde_json::from_str(text).map_err(|error| Fault::new("", error))?;
        Self::read(value)
    }

    /// Reads a panel out of JSON.
    ///
    /// # Errors
    /// As [`Panel::parse`].
    pub fn read(value: Value) -> Result<Self, Fault> {
        let written: Written = read(value)?;
        let panel = Self {
            seriald: written.seriald,
            title: written.title,
            binding: written.binding,
            values: written.values,
            widgets: each("widgets", written.widgets, WIDGETS, Widget::read)?,
            macros: each("macros", written.macros, MACROS, Macro::read)?,
            triggers: each("triggers", written.triggers, TRIGGERS, |trigger| {
                trigger.check()?;
                Ok(trigger)
            })?,
        };
        panel.check()?;
        Ok(panel)
    }

    fn check(&self) -> Result<(), Fault> {
        expect_words("title", &self.title, TITLE)?;
        if let Some(values) = &self.values {
            Spec::read(values)
                .map_err(|error| Fault::new(error.at, error.message).within("values"))?;
        }
        expect_unique("widgets", self.widgets.iter().map(|widget| &widget.id))?;
        expect_unique("macros", self.macros.iter().map(|macro_| &macro_.id))?;
        expect_unique("triggers", self.triggers.iter().map(|trigger| &trigger.id))?;
        for (place, widget) in self.widgets.iter().enumerate() {
            if let Kind::Button(Button {
                act: Act::Run { runs },
                ..
            }) = &widget.kind
            {
                self.expect_macro(runs)
                    .map_err(|fault| fault.within(format_args!("widgets[{place}]")))?;
            }
        }
        for (place, trigger) in self.triggers.iter().enumerate() {
            for (deed_place, deed) in trigger.deeds.iter().enumerate() {
                if let Deed::Macro(runs) = deed {
                    self.expect_macro(runs).map_err(|fault| {
                        fault.within(format_args!("triggers[{place}].do[{deed_place}]"))
                    })?;
                }
            }
        }
        Ok(())
    }

    fn expect_macro(&self, id: &str) -> Result<&Macro, Fault> {
        let found = self.macros.iter().find(|macro_| macro_.id == id);
        found.ok_or_else(|| {
            let ids: Vec<_> = self.macros.iter().map(|macro_| &*macro_.id).collect();
            let known = match ids.as_slice() {
                [] => "it has none".to_owned(),
                ids => format!("it has {}", ids.join(", ")),
            };
            let id: String = id.chars().take(TITLE).collect();
            Fault::new("macro", format!("the panel has no macro {id:?}; {known}"))
        })
    }

    /// The widget of this id.
    pub fn widget(&self, id: &str) -> Option<&Widget> {
        self.widgets.iter().find(|widget| widget.id == id)
    }

    /// What a macro of this id does.
    ///
    /// # Errors
    /// If there is none.
    pub fn script(&self, id: &str) -> Result<Script, Fault> {
        let Macro { id, title, steps } = self.expect_macro(id)?;
        Ok(Script {
            title: title.as_ref().unwrap_or(id).clone(),
            steps: steps.clone(),
        })
    }

    /// Whether it is for a port of this name, with this device.
    pub fn is_for(&self, port: &str, device: Option<&Identity>) -> bool {
        let bound = self.binding.as_ref();
        bound.is_some_and(|bound| bound.is_for(port, device))
    }

    /// Whether there is an emergency stop on it.
    pub fn has_stop(&self) -> bool {
        let is_stop = |widget: &Widget| matches!(widget.kind, Kind::Stop(_));
        self.widgets.iter().any(is_stop)
    }

    /// The text of its file: what fits on a line stands on one, the fields always in the same order.
    pub fn to_text(&self) -> String {
        text::of(self)
    }
}

impl Macro {
    fn read(written: WrittenMacro) -> Result<Self, Fault> {
        expect_id(&written.id)?;
        if let Some(title) = &written.title {
            expect_words("title", title, TITLE)?;
        }
        let steps = steps::check(written.steps).map_err(|fault| fault.within("steps"))?;
        Ok(Self {
            id: written.id,
            title: written.title,
            steps,
        })
    }
}

/// Reads each entry of a list that has at most so many.
fn each<T, U>(
    name: &str,
    list: Vec<T>,
    most: usize,
    read: impl Fn(T) -> Result<U, Fault>,
) -> Result<Vec<U>, Fault> {
    if list.len() > most {
        let message = format!("{} are too many; a panel has at most {most}", list.len());
        return Err(Fault::new(name, message));
    }
    let entries = list.into_iter().enumerate();
    entries
        .map(|(place, entry)| {
            read(entry).map_err(|fault| fault.within(format_args!("{name}[{place}]")))
        })
        .collect()
}

fn expect_unique<'a>(name: &str, ids: impl Iterator<Item = &'a String>) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    for (place, id) in ids.enumerate() {
        if !seen.insert(id) {
            let message = format!("{id} is the id of another one too; give each its own");
            return Err(Fault::new(format!("{name}[{place}].id"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// One of everything.
    const FULL: &str = include_str!("panel/full.json");

    fn broken(change: impl Fn(&mut Value)) -> String {
        let mut panel: Value = serde_json::from_str(FULL).unwrap();
        change(&mut panel);
        Panel::read(panel).expect_err("this is broken").to_string()
    }

    #[test]
    fn a_panel_is_written_as_it_was_read() {
        let panel = Panel::parse(FULL).unwrap();
        assert_eq!(panel.to_text(), FULL);
    }

    #[test]
    fn the_smallest_panel_has_a_title() {
        let panel = Panel::parse("\u{feff}{\"seriald\": 1, \"title\": \"x\"}").unwrap();
        assert_eq!(panel.widgets, []);
        assert_eq!(
            panel.to_text(),
            "{\n  \"seriald\": 1,\n  \"title\": \"x\",\n  \"widgets\": []\n}\n"
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        type Change = fn(&mut Value);
        let changes: [(Change, &str); 27] = [
            (
                |p| p["seriald"] = json!(2),
                "seriald: version 2 of this format",
            ),
            (|p| p["title"] = json!(""), "title: a text of 0 characters"),
            (
                |p| p["title"] = json!("a\nb"),
                "title: the control character",
            ),
            (
                |p| p["for"] = json!({"usb": "x"}),
                "for: \"x\" is no kind of USB device",
            ),
            (|p| p["values"]["type"] = json!("guess"), "values.type: "),
            (|p| p["colour"] = json!(1), "colour: unknown field `colour`"),
            (
                |p| p["widgets"][2]["min"] = json!("0"),
                "widgets[2].min: invalid type",
            ),
            (
                |p| p["widgets"][2]["min"] = json!(100),
                "widgets[2].max: 100 must be more than 100",
            ),
            (
                |p| p["widgets"][2]["mni"] = json!(0),
                "widgets[2].mni: unknown field `mni`",
            ),
            (
                |p| p["widgets"][2]["send"] = json!("{x}"),
                "widgets[2].send: {x} stands for nothing",
            ),
            (
                |p| p["widgets"][2]["step"] = json!(0),
                "widgets[2].step: 0 is no step",
            ),
            (
                |p| p["widgets"][2]["id"] = json!("a b"),
                "widgets[2].id: an id has",
            ),
            (
                |p| p["widgets"][2]["id"] = p["widgets"][0]["id"].clone(),
                "widgets[2].id: button is the id",
            ),
            (
                |p| p["widgets"][2]["at"] = json!([7, 0, 6, 2]),
                "widgets[2].at[2]: 6 is not possible; 1 to 5 are",
            ),
            (
                |p| p["widgets"][2]["at"] = json!([7, 0, 6]),
                "widgets[2].at: invalid length 3",
            ),
            (
                |p| p["widgets"][2]["type"] = json!("knob"),
                "widgets[2].type: unknown variant `knob`",
            ),
            (
                |p| p["widgets"][0]["send"] = json!("{value}"),
                "widgets[0].send: there is nothing that {value}",
            ),
            (
                |p| p["widgets"][0]["macro"] = json!("cool"),
                "widgets[0]: a button needs one of",
            ),
            (
                |p| p["widgets"][1]["macro"] = json!("hot"),
                "widgets[1].macro: the panel has no macro \"hot\"; it has cool",
            ),
            (
                |p| p["widgets"][1]["every"] = json!(99),
                "widgets[1].every: 99 ms is not possible",
            ),
            (
                |p| p["macros"][0]["steps"][1]["timeout"] = json!(-1),
                "macros[0].steps[1].timeout: invalid value",
            ),
            (
                |p| p["macros"][0]["steps"][3]["repeat"] = json!("x"),
                "macros[0].steps[3].repeat: steps can be repeated",
            ),
            (
                |p| p["triggers"][0]["when"] = json!({"value": "temp"}),
                "triggers[0].when: a trigger waits for",
            ),
            (
                |p| p["triggers"][0]["when"]["below"] = json!(40),
                "triggers[0].when.below: 40 must be less than 40",
            ),
            (
                |p| p["triggers"][1]["do"] = json!([{"send": "{line}"}]),
                "triggers[1].do[0].send: there is nothing that {line}",
            ),
            (
                |p| p["triggers"][1]["do"] = json!([{"webhook": "file:///etc"}]),
                "triggers[1].do[0].webhook: this is no address",
            ),
            (
                |p| p["triggers"][1]["do"] = json!([{"macro": "x"}]),
                "triggers[1].do[0].macro: the panel has no macro",
            ),
        ];
        for (change, expected) in changes {
            let fault = broken(change);
            assert!(fault.starts_with(expected), "{expected}: {fault}");
        }
    }

    #[test]
    fn a_typing_error_is_told_with_its_line() {
        let fault = Panel::parse("{\"seriald\": 1,\n \"title\" \"x\"}").unwrap_err();
        assert!(fault.to_string().contains("line 2"), "{fault}");
    }

    #[test]
    fn a_panel_is_bounded() {
        let widget = |number| json!({"id": format!("w{number}"), "type": "label", "at": [0, 0, 1, 1], "text": "x"});
        let widgets = |count| (0..count).map(widget).collect::<Vec<_>>();
        let panel = |count| json!({"seriald": 1, "title": "x", "widgets": widgets(count)});
        assert!(Panel::read(panel(WIDGETS)).is_ok());
        let fault = Panel::read(panel(WIDGETS + 1)).unwrap_err().to_string();
        assert_eq!(fault, "widgets: 201 are too many; a panel has at most 200");
        let fault = Panel::parse(&" ".repeat(LENGTH + 1))
            .unwrap_err()
            .to_string();
        assert!(fault.contains("262145 bytes"), "{fault}");
        let deep = "[".repeat(100_000);
        assert!(Panel::parse(&deep).is_err());
    }

    /// JSON that looks like a panel here and there.
    fn anything() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "button|slider|plot|stop|temp|\\{value(:x)?\\}|aa 55|forever|\\PC{0,9}"
                .prop_map(Value::from),
        ];
        let key = "seriald|title|for|widgets|macros|triggers|steps|type|id|at|send|min|max|plot|when|do|\\PC{0,3}";
        leaf.prop_recursive(5, 64, 8, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(key, inner, 0..8)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// All places in JSON.
    fn places(value: &Value, here: String, all: &mut Vec<String>) {
        match value {
            Value::Array(list) => list.iter().enumerate().for_each(|(place, entry)| {
                places(entry, format!("{here}/{place}"), all);
            }),
            Value::Object(map) => map.iter().for_each(|(key, entry)| {
                places(entry, format!("{here}/{key}"), all);
            }),
            _ => {}
        }
        all.push(here);
    }

    proptest! {
        #[test]
        fn no_json_makes_it_panic_and_what_is_read_is_read_again(
            mut value in anything(),
            inside in any::<proptest::sample::Index>(),
            take_part in any::<bool>(),
        ) {
            if take_part {
                let mut full: Value = serde_json::from_str(FULL).unwrap();
                let mut all = Vec::new();
                places(&full, String::new(), &mut all);
                let place: &String = inside.get(&all);
                *full.pointer_mut(place).unwrap() = value;
                value = full;
            }
            if let Ok(panel) = Panel::read(value) {
                prop_assert_eq!(Panel::parse(&panel.to_text()).unwrap(), panel);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _: Result<_, _> = Panel::parse(&text);
        }
    }
}
