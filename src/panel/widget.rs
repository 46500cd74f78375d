//! A widget: a control or a picture on a panel.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fault::{Fault, expect_between, expect_words, read};
use super::hex::Hex;
use super::plot::{Plot, expect_order};
use super::template::{Hole, Template};
use crate::record::Colour;

/// The longest name of a series, and the longest title, in characters.
pub(super) const NAME: usize = 64;
/// The longest unit, in characters.
pub(super) const UNIT: usize = 16;
/// The longest id, in bytes.
const ID: usize = 32;
/// Columns of the grid.
const COLUMNS: u64 = 12;
/// Rows of the grid, and the tallest widget.
const ROWS: u64 = 1000;
/// The longest question and placeholder, in characters.
const QUESTION: usize = 200;
/// The longest label, in characters.
const LABEL: usize = 1000;
const OPTIONS: usize = 20;
const BANDS: usize = 10;
/// How often a button may send by itself, in milliseconds: ten times a second to once an hour.
const EVERY: (u64, u64) = (100, 3_600_000);
/// Digits behind the point.
const DIGITS: u64 = 9;

/// A control or a picture on a panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Widget {
    /// Its name in the panel.
    pub id: String,
    /// Column, row, width and height on a grid of 12 columns.
    pub at: [u16; 4],
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What a widget is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub enum Kind {
    Button(Button),
    Toggle(Toggle),
    Slider(Slider),
    Number(Number),
    Text(Text),
    Choice(Choice),
    Stop(Stop),
    Value(Tile),
    Gauge(Gauge),
    Led(Led),
    Plot(Chart),
    Label(Label),
}

/// What is sent: a text, or bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the two ways")]
pub enum Payload {
    Send(Template),
    Hex(Hex),
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Act {
    /// It sends something.
    Send(Payload),
    /// It runs a macro of the panel.
    Run {
        /// The macro's id.
        #[serde(rename = "macro")]
        runs: String,
    },
}

impl Payload {
    fn one_of(send: Option<Template>, hex: Option<Hex>) -> Result<Self, &'static str> {
        match (send, hex) {
            (Some(send), None) => Ok(Self::Send(send)),
            (None, Some(hex)) => Ok(Self::Hex(hex)),
            _ => Err("this needs either \"send\" or \"hex\""),
        }
    }

    /// Looks whether it needs a value, which nobody gives it.
    fn check(&self) -> Result<(), Fault> {
        match self {
            Self::Send(send) => expect_holes("send", send, &[]),
            Self::Hex(_) => Ok(()),
        }
    }
}

/// Sends or runs something; with `every` it is a switch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenButton")]
pub struct Button {
    /// What it does.
    #[serde(flatten)]
    pub act: Act,
    /// How often it does that while it is on, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// A question to ask first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenButton {
    send: Option<Template>,
    hex: Option<Hex>,
    #[serde(rename = "macro")]
    runs: Option<String>,
    every: Option<u64>,
    confirm: Option<String>,
}

impl TryFrom<WrittenButton> for Button {
    type Error = &'static str;

    fn try_from(written: WrittenButton) -> Result<Self, Self::Error> {
        let act = match (written.send, written.hex, written.runs) {
            (None, None, Some(runs)) => Act::Run { runs },
            (send, hex, None) if send.is_some() != hex.is_some() => {
                Act::Send(Payload::one_of(send, hex)?)
            }
            _ => return Err("a button needs one of \"send\", \"hex\" and \"macro\""),
        };
        Ok(Self {
            act,
            every: written.every,
            confirm: written.confirm,
        })
    }
}

/// Sends one of two texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Toggle {
    pub on: Template,
    pub off: Template,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow: Option<String>,
}

/// Sends a number out of a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Slider {
    pub send: Template,
    pub min: f64,
    pub max: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow: Option<String>,
}

/// Sends a number that was typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Number {
    pub send: Template,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow: Option<String>,
}

/// Sends a text that was typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Text {
    pub send: Template,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
}

/// Sends one of several texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// 1 to 20.
    pub options: Vec<Entry>,
}

/// One of several texts, and what it is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenEntry")]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Entry {
    pub title: String,
    #[serde(flatten)]
    pub payload: Payload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    title: String,
    send: Option<Template>,
    hex: Option<Hex>,
}

impl TryFrom<WrittenEntry> for Entry {
    type Error = &'static str;

    fn try_from(written: WrittenEntry) -> Result<Self, Self::Error> {
        Ok(Self {
            title: written.title,
            payload: Payload::one_of(written.send, written.hex)?,
        })
    }
}

/// The emergency stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenStop")]
pub struct Stop {
    /// What is sent when all else was thrown away.
    #[serde(flatten)]
    pub payload: Payload,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenStop {
    send: Option<Template>,
    hex: Option<Hex>,
}

impl TryFrom<WrittenStop> for Stop {
    type Error = &'static str;

    fn try_from(written: WrittenStop) -> Result<Self, Self::Error> {
        let payload = Payload::one_of(written.send, written.hex)?;
        Ok(Self { payload })
    }
}

/// The latest value, large.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Tile {
    pub follow: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digits: Option<u64>,
}

/// The latest value on a scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Gauge {
    pub follow: String,
    pub min: f64,
    pub max: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands: Vec<Band>,
}

/// A part of a scale, and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Band {
    pub from: f64,
    pub to: f64,
    pub colour: Colour,
}

/// Lit while a value is above a threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Led {
    pub follow: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
}

/// A plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Chart {
    pub plot: Plot,
}

/// Words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "docs/panels.md defines each")]
pub struct Label {
    pub text: String,
}

/// What every widget has.
#[derive(Deserialize)]
struct Head {
    id: String,
    at: [u16; 4],
    title: Option<String>,
    #[serde(rename = "type")]
    kind: Type,
}

/// The word for what a widget is.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Button,
    Toggle,
    Slider,
    Number,
    Text,
    Choice,
    Stop,
    Value,
    Gauge,
    Led,
    Plot,
    Label,
}

impl Widget {
    /// Reads a widget out of its fields.
    pub(super) fn read(mut fields: Map<String, Value>) -> Result<Self, Fault> {
        let common = ["id", "at", "title", "type"];
        let head = common
            .into_iter()
            .filter_map(|name| fields.remove_entry(name));
        let head: Head = read(Value::Object(head.collect()))?;
        let rest = Value::Object(fields);
        let kind = match head.kind {
            Type::Button => Kind::Button(read(rest)?),
            Type::Toggle => Kind::Toggle(read(rest)?),
            Type::Slider => Kind::Slider(read(rest)?),
            Type::Number => Kind::Number(read(rest)?),
            Type::Text => Kind::Text(read(rest)?),
            Type::Choice => Kind::Choice(read(rest)?),
            Type::Stop => Kind::Stop(read(rest)?),
            Type::Value => Kind::Value(read(rest)?),
            Type::Gauge => Kind::Gauge(read(rest)?),
            Type::Led => Kind::Led(read(rest)?),
            Type::Plot => Kind::Plot(read(rest)?),
            Type::Label => Kind::Label(read(rest)?),
        };
        let widget = Self {
            id: head.id,
            at: head.at,
            title: head.title,
            kind,
        };
        widget.check()?;
        Ok(widget)
    }

    fn check(&self) -> Result<(), Fault> {
        expect_id(&self.id)?;
        if let Some(title) = &self.title {
            expect_words("title", title, NAME)?;
        }
        let [column, row, width, height] = self.at.map(u64::from);
        expect_between("at[0]", column, 0, COLUMNS - 1, "")?;
        expect_between("at[1]", row, 0, ROWS, "")?;
        expect_between("at[2]", width, 1, COLUMNS - column, "")?;
        expect_between("at[3]", height, 1, ROWS, "")?;
        if let Some(follow) = self.follows() {
            expect_words("follow", follow, NAME)?;
        }
        self.kind.check()
    }

    /// The series whose latest value it shows.
    pub fn follows(&self) -> Option<&str> {
        match &self.kind {
            Kind::Toggle(Toggle { follow, .. })
            | Kind::Slider(Slider { follow, .. })
            | Kind::Number(Number { follow, .. }) => follow.as_deref(),
            Kind::Value(Tile { follow, .. })
            | Kind::Gauge(Gauge { follow, .. })
            | Kind::Led(Led { follow, .. }) => Some(follow),
            Kind::Button(_)
            | Kind::Text(_)
            | Kind::Choice(_)
            | Kind::Stop(_)
            | Kind::Plot(_)
            | Kind::Label(_) => None,
        }
    }
}

impl Kind {
    fn check(&self) -> Result<(), Fault> {
        match self {
            Self::Button(button) => button.check(),
            Self::Toggle(toggle) => {
                expect_holes("on", &toggle.on, &[])?;
                expect_holes("off", &toggle.off, &[])
            }
            Self::Slider(slider) => {
                expect_holes("send", &slider.send, &[Hole::Value])?;
                expect_order("max", slider.min, slider.max)?;
                expect_scale(slider.step, slider.unit.as_deref())
            }
            Self::Number(number) => {
                expect_holes("send", &number.send, &[Hole::Value])?;
                if let (Some(min), Some(max)) = (number.min, number.max) {
                    expect_order("max", min, max)?;
                }
                expect_scale(number.step, number.unit.as_deref())
            }
            Self::Text(text) => {
                expect_holes("send", &text.send, &[Hole::Value])?;
                if text.send.wants_number() {
                    let message =
                        "what is typed is a text, so it is written {value}, without digits";
                    return Err(Fault::new("send", message));
                }
                match &text.placeholder {
                    Some(placeholder) => expect_words("placeholder", placeholder, QUESTION),
                    None => Ok(()),
                }
            }
            Self::Choice(choice) => choice.check(),
            Self::Stop(stop) => stop.payload.check(),
            Self::Value(tile) => {
                if let Some(digits) = tile.digits {
                    expect_between("digits", digits, 0, DIGITS, "")?;
                }
                expect_scale(None, tile.unit.as_deref())
            }
            Self::Gauge(gauge) => gauge.check(),
            Self::Plot(chart) => chart.plot.check().map_err(|fault| fault.within("plot")),
            Self::Label(label) => match label.text.chars().count() {
                1..=LABEL => Ok(()),
                length => {
                    let message =
                        format!("a label of {length} characters is not possible; 1 to {LABEL} are");
                    Err(Fault::new("text", message))
                }
            },
            Self::Led(_) => Ok(()),
        }
    }
}

impl Button {
    fn check(&self) -> Result<(), Fault> {
        if let Act::Send(payload) = &self.act {
            payload.check()?;
        }
        if let Some(every) = self.every {
            expect_between("every", every, EVERY.0, EVERY.1, " ms")?;
        }
        match &self.confirm {
            Some(question) => expect_words("confirm", question, QUESTION),
            None => Ok(()),
        }
    }
}

impl Choice {
    fn check(&self) -> Result<(), Fault> {
        expect_between(
            "options",
            self.options.len() as u64,
            1,
            OPTIONS as u64,
            " options",
        )?;
        for (place, option) in self.options.iter().enumerate() {
            expect_words("title", &option.title, NAME)
                .and_then(|()| option.payload.check())
                .map_err(|fault| fault.within(format_args!("options[{place}]")))?;
        }
        Ok(())
    }
}

impl Gauge {
    fn check(&self) -> Result<(), Fault> {
        expect_order("max", self.min, self.max)?;
        expect_scale(None, self.unit.as_deref())?;
        expect_between("bands", self.bands.len() as u64, 0, BANDS as u64, " bands")?;
        for (place, band) in self.bands.iter().enumerate() {
            expect_order("to", band.from, band.to)
                .map_err(|fault| fault.within(format_args!("bands[{place}]")))?;
        }
        Ok(())
    }
}

fn expect_scale(step: Option<f64>, unit: Option<&str>) -> Result<(), Fault> {
    if let Some(step) = step.filter(|step| *step <= 0.0) {
        return Err(Fault::new(
            "step",
            format!("{step} is no step; it is more than 0"),
        ));
    }
    unit.map_or(Ok(()), |unit| expect_words("unit", unit, UNIT))
}

/// Refuses a template with something that nothing stands for.
pub(super) fn expect_holes(at: &str, template: &Template, holes: &[Hole]) -> Result<(), Fault> {
    template.beyond(holes).map_or(Ok(()), |hole| {
        let message = format!("there is nothing that {hole} could stand for here; write {{{hole}}} for the word itself");
        Err(Fault::new(at, message))
    })
}

/// Refuses what cannot be an id.
pub(super) fn expect_id(id: &str) -> Result<(), Fault> {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
    if (1..=ID).contains(&id.len()) && id.bytes().all(fits) {
        Ok(())
    } else {
        let message = format!("an id has 1 to {ID} letters, digits, - and _");
        Err(Fault::new("id", message))
    }
}
