//! A spec: how values are to be found, as people write it: a word, an object, or a list of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::columns::Separator;

/// So many parsers may be taken together.
const MOST: usize = 16;
/// So much of what is wrong is repeated, in characters.
const REPEATED: usize = 64;

/// How values are to be found: by one parser, or by some whose values are taken together. Read
/// from a word, an object, or a list of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Spec(pub Vec<Kind>);

/// One way to find values.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Kind {
    /// The first of Teleplot, JSON, labels and columns that fits a line.
    Auto,
    /// Lines such as `>temp:23.5§°C`.
    Teleplot,
    /// Lines that are an object.
    Json,
    /// Names in front of `:` or `=`.
    Labels,
    /// Lines of numbers alone.
    Columns(Columns),
    /// The groups of an expression.
    Regex(Regex),
    /// Records that are no text.
    Binary(Binary),
}

/// Columns that are called and parted in some way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Their names; those that a line of names says where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// What parts them; what a line has where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
}

/// An expression with named groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regex {
    /// The expression.
    pub pattern: String,
    /// Units by the names of series.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub units: BTreeMap<String, String>,
}

/// Records that are described by a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binary {
    /// How one record is told from the next.
    pub frame: Frame,
    /// The order of bytes in numbers, unless one says otherwise.
    #[serde(default)]
    pub endian: Endian,
    /// What is in a record, one behind the other.
    pub fields: Vec<Field>,
    /// What stands at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
}

/// How one record is told from the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum Frame {
    /// All are of one length.
    Fixed {
        /// In bytes, 1 to 4096, everything included.
        length: usize,
        /// What each begins with, in hex digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sync: Option<String>,
    },
    /// Consistent overhead byte stuffing: each ends with a zero byte, and has none within.
    Cobs {},
    /// RFC 1055: each ends with 0xC0.
    Slip {},
}

/// The order of bytes in a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endian {
    /// The least first.
    #[default]
    Little,
    /// The greatest first.
    Big,
}

/// A part of a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Field {
    /// Bytes that are passed over; or gone back, where there are less than none.
    Skip(Skip),
    /// A number.
    Number(Number),
}

/// Bytes that are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// So many; less than 0 goes back.
    pub skip: i32,
}

/// A number of a record, which gives a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// The series.
    pub name: String,
    /// How it is stored.
    #[serde(rename = "type")]
    pub form: Form,
    /// It is multiplied with this,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// and then this is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plus: Option<f64>,
    /// Of the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The order of its bytes, if it is not that of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endian: Option<Endian>,
    /// Only this bit of it, from the least, 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit: Option<u32>,
}

/// How a number is stored: signed, unsigned or floating, and its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Form {
    U8,
    I8,
    U16,
    I16,
    U24,
    I24,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
}

/// What stands at the end of a record and proves that it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// How it is counted.
    #[serde(rename = "type")]
    pub sum: Sum,
    /// It leaves out so many bytes at the beginning.
    #[serde(default)]
    pub from: usize,
    /// The order of its bytes, if it is not that of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endian: Option<Endian>,
}

/// A way to count a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are those of the field")]
pub enum Sum {
    Sum8,
    Xor8,
    Crc8,
    Crc16Ccitt,
    Crc16Modbus,
    Crc16Xmodem,
    Crc32,
}

/// Why something is no parser, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAParser {
    /// The way to what is wrong, such as `[1].fields[0].bit`; empty where it is everything.
    pub at: String,
    /// What is wrong.
    pub message: String,
}

impl NotAParser {
    pub(super) fn new(at: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            at: at.into(),
            message: message.to_string(),
        }
    }

    /// The same, seen from further out: from where that is called `place`.
    pub fn within(self, place: &str) -> Self {
        let at = match (place, self.at.as_str()) {
            ("", at) | (at, "" | ".") => at.to_owned(),
            (place, at) if at.starts_with('[') => format!("{place}{at}"),
            (place, at) => format!("{place}.{at}"),
        };
        Self { at, ..self }
    }
}

impl std::error::Error for NotAParser {}

impl fmt::Display for NotAParser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => f.write_str(&self.message),
            at => write!(f, "{at}: {}", self.message),
        }
    }
}

impl Default for Spec {
    fn default() -> Self {
        Self(vec![Kind::Auto])
    }
}

impl Spec {
    /// Reads a spec as people write it, and says where it is wrong.
    ///
    /// # Errors
    /// If it is not of the form, or cannot be meant.
    pub fn read(value: &Value) -> Result<Self, NotAParser> {
        let spec = match value {
            Value::Array(all) if (1..=MOST).contains(&all.len()) => {
                let kinds = all.iter().enumerate().map(|(number, one)| {
                    kind(one).map_err(|error| error.within(&format!("[{number}]")))
                });
                Self(kinds.collect::<Result<_, _>>()?)
            }
            Value::Array(all) => {
                let message = format!("a list has 1 to {MOST} parsers, not {}", all.len());
                return Err(NotAParser::new("", message));
            }
            one => Self(vec![kind(one)?]),
        };
        super::Parser::new(&spec).map(|_| spec)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::read(&value).map_err(D::Error::custom)
    }
}

fn kind(value: &Value) -> Result<Kind, NotAParser> {
    const KNOWN: &str = "auto, teleplot, json, labels, columns, regex and binary are";
    let shown = |word: &str| word.chars().take(REPEATED).collect::<String>();
    let (word, rest) = match value {
        Value::String(word) => (word.as_str(), Value::Object(serde_json::Map::new())),
        Value::Object(all) => {
            let mut rest = all.clone();
            match rest.remove("type") {
                Some(Value::String(_)) => {}
                _ => {
                    return Err(NotAParser::new(
                        "type",
                        format!("it is missing; {KNOWN} possible"),
                    ));
                }
            }
            (
                all["type"].as_str().unwrap_or_default(),
                Value::Object(rest),
            )
        }
        _ => {
            let message =
                "a parser is a word such as \"auto\", an object with a \"type\", or a list of them";
            return Err(NotAParser::new("", message));
        }
    };
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let nothing = |kind| fields::<Nothing>(&rest).map(|_| kind);
    match word {
        "auto" => nothing(Kind::Auto),
        "teleplot" => nothing(Kind::Teleplot),
        "json" => nothing(Kind::Json),
        "labels" => nothing(Kind::Labels),
        "columns" => fields(&rest).map(Kind::Columns),
        "regex" => fields(&rest).map(Kind::Regex),
        "binary" => fields(&rest).map(Kind::Binary),
        other => {
            let message = format!("{:?} is not known; {KNOWN}", shown(other));
            Err(NotAParser::new("type", message))
        }
    }
}

fn fields<T: DeserializeOwned>(value: &Value) -> Result<T, NotAParser> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let at = error.path().to_string();
        NotAParser::new(if at == "." { "" } else { &at }, error.inner())
    })
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = match value.get("skip") {
            Some(_) => serde_json::from_value(value).map(Field::Skip),
            None => serde_json::from_value(value).map(Field::Number),
        };
        read.map_err(D::Error::custom)
    }
}
