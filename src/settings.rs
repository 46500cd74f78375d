//! Line settings: speed, framing, flow control, and what opening and closing do to the modem lines.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The parity bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names are the field's own")]
pub enum Parity {
    #[default]
    None,
    Even,
    Odd,
    Mark,
    Space,
}

/// The length of the stop condition, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the field's own")]
pub enum StopBits {
    #[default]
    #[serde(rename = "1")]
    One,
    #[serde(rename = "1.5")]
    OneAndHalf,
    #[serde(rename = "2")]
    Two,
}

/// Who may hold back whom, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// Nobody holds back anybody.
    #[default]
    None,
    /// By the lines RTS and CTS.
    RtsCts,
    /// By the bytes XON (0x11) and XOFF (0x13).
    XonXoff,
}

/// What opening the port does to a modem line. Some drivers raise DTR and RTS by themselves for a
/// moment, whatever is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AtOpen {
    /// As the driver leaves it.
    #[default]
    Leave,
    /// Asserted as soon as the port is open.
    Assert,
    /// Released as soon as the port is open.
    Deassert,
}

/// How bytes travel on the line: what a driver can report back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Bits per second; any positive number, the driver may round it.
    pub baud: u32,
    /// 5 to 8.
    pub data_bits: u8,
    /// The parity bit.
    pub parity: Parity,
    /// The stop bits.
    pub stop_bits: StopBits,
    /// The flow control.
    pub flow: Flow,
}

impl Default for Line {
    /// 115200 8N1, no flow control.
    fn default() -> Self {
        Self {
            baud: 115_200,
            data_bits: 8,
            parity: Parity::None,
            stop_bits: StopBits::One,
            flow: Flow::None,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parity = match self.parity {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
            Parity::Mark => 'M',
            Parity::Space => 'S',
        };
        let stop = match self.stop_bits {
            StopBits::One => "1",
            StopBits::OneAndHalf => "1.5",
            StopBits::Two => "2",
        };
        write!(f, "{} {}{parity}{stop}", self.baud, self.data_bits)?;
        match self.flow {
            Flow::None => Ok(()),
            Flow::RtsCts => f.write_str(" rtscts"),
            Flow::XonXoff => f.write_str(" xonxoff"),
        }
    }
}

impl Line {
    /// What is in force, for people, and what was asked for where the driver took another.
    pub fn beside(&self, asked: &Self) -> String {
        if self == asked {
            self.to_string()
        } else {
            format!("{self} (asked for {asked})")
        }
    }
}

/// Everything one may ask of a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// How bytes travel.
    #[serde(flatten)]
    pub line: Line,
    /// What opening does to DTR.
    pub dtr: AtOpen,
    /// What opening does to RTS.
    pub rts: AtOpen,
    /// Whether closing the port drops DTR and RTS; many boards reset on that.
    pub hangup: bool,
}

/// A change of the settings: what is absent stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettingsChange)]
pub struct Change {
    /// Bits per second; any positive number, the driver may round it.
    pub baud: Option<u32>,
    /// 5 to 8.
    #[schema(minimum = 5, maximum = 8)]
    pub data_bits: Option<u8>,
    /// The parity bit.
    pub parity: Option<Parity>,
    /// The stop bits.
    pub stop_bits: Option<StopBits>,
    /// The flow control.
    pub flow: Option<Flow>,
    /// What opening does to DTR.
    pub dtr: Option<AtOpen>,
    /// What opening does to RTS.
    pub rts: Option<AtOpen>,
    /// Whether closing the port drops DTR and RTS.
    pub hangup: Option<bool>,
}

/// A setting that no driver could take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The speed is 0.
    #[error("a baud rate of 0 is not possible; give bits per second, such as 115200")]
    Baud,
    /// The number of data bits is out of range.
    #[error("{0} data bits are not possible; 5, 6, 7 or 8 are")]
    DataBits(u8),
    /// A word of the short form is not known.
    #[error("\"{0}\" is not a line setting; settings look like 115200,8N1 or 9600,7E1,rtscts")]
    Word(String),
}

impl Change {
    /// The settings after this change, or why they are not possible.
    pub fn applied_to(self, old: Settings) -> Result<Settings, Invalid> {
        let new = Settings {
            line: Line {
                baud: self.baud.unwrap_or(old.line.baud),
                data_bits: self.data_bits.unwrap_or(old.line.data_bits),
                parity: self.parity.unwrap_or(old.line.parity),
                stop_bits: self.stop_bits.unwrap_or(old.line.stop_bits),
                flow: self.flow.unwrap_or(old.line.flow),
            },
            dtr: self.dtr.unwrap_or(old.dtr),
            rts: self.rts.unwrap_or(old.rts),
            hangup: self.hangup.unwrap_or(old.hangup),
        };
        match new.line {
            Line { baud: 0, .. } => Err(Invalid::Baud),
            Line { data_bits, .. } if !(5..=8).contains(&data_bits) => {
                Err(Invalid::DataBits(data_bits))
            }
            _ => Ok(new),
        }
    }
}

impl FromStr for Change {
    type Err = Invalid;

    /// Reads the short form `BAUD[,8N1][,rtscts|xonxoff]`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut change = Self::default();
        for (place, word) in text.split(',').map(str::trim).enumerate() {
            let unknown = || Invalid::Word(word.to_owned());
            match word.to_ascii_lowercase().as_str() {
                _ if place == 0 => change.baud = Some(word.parse().map_err(|_| unknown())?),
                "rtscts" | "hard" => change.flow = Some(Flow::RtsCts),
                "xonxoff" | "soft" => change.flow = Some(Flow::XonXoff),
                "none" => change.flow = Some(Flow::None),
                frame => {
                    let mut letters = frame.chars();
                    let data_bits = letters.next().and_then(|c| c.to_digit(10));
                    change.data_bits = Some(data_bits.ok_or_else(unknown)? as u8);
                    change.parity = Some(match letters.next() {
                        Some('n') => Parity::None,
                        Some('e') => Parity::Even,
                        Some('o') => Parity::Odd,
                        Some('m') => Parity::Mark,
                        Some('s') => Parity::Space,
                        _ => return Err(unknown()),
                    });
                    change.stop_bits = Some(match letters.as_str() {
                        "1" => StopBits::One,
                        "1.5" => StopBits::OneAndHalf,
                        "2" => StopBits::Two,
                        _ => return Err(unknown()),
                    });
                }
            }
        }
        change.applied_to(Settings::default())?;
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        let change: Change = text.parse().expect(text);
        change.applied_to(Settings::default()).expect(text).line
    }

    #[test]
    fn the_short_form_reads_back_as_it_is_shown() {
        for (text, shown) in [
            ("115200", "115200 8N1"),
            ("9600,7e1", "9600 7E1"),
            ("74880,8N1.5,rtscts", "74880 8N1.5 rtscts"),
            ("300,5M2,xonxoff", "300 5M2 xonxoff"),
            ("12000000, 8S1, none", "12000000 8S1"),
        ] {
            assert_eq!(line(text).to_string(), shown);
        }
    }

    #[test]
    fn what_no_driver_can_take_is_refused_by_name() {
        for (text, named) in [
            ("fast", "\"fast\""),
            ("0", "baud rate of 0"),
            ("9600,9N1", "9 data bits"),
            ("9600,8X1", "\"8X1\""),
            ("9600,8N3", "\"8N3\""),
            ("9600,", "\"\""),
            ("", "\"\""),
        ] {
            let error = text.parse::<Change>().expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn what_a_driver_did_not_take_is_told() {
        let (asked, actual) = (line("9600,7E1"), line("9600"));
        assert_eq!(actual.beside(&actual), "9600 8N1");
        assert_eq!(actual.beside(&asked), "9600 8N1 (asked for 9600 7E1)");
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let old = Settings {
            hangup: true,
            ..Settings::default()
        };
        let change: Change = serde_json::from_str(r#"{"baud": 9600}"#).unwrap();
        let new = change.applied_to(old).unwrap();
        assert_eq!(
            new,
            Settings {
                line: Line {
                    baud: 9600,
                    ..old.line
                },
                ..old
            }
        );
    }
}
