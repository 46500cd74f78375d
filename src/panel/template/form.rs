//! A form: how a number is written in a template.

use std::fmt::Write;

use super::NotFilled;

/// Digits behind the point, at most.
pub(super) const DIGITS: usize = 9;
/// Digits with zeros in front, at most.
pub(super) const WIDTH: usize = 20;
/// All integers up to this one can be told apart: 2^53.
const INTEGERS: f64 = 9_007_199_254_740_992.0;

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// So many digits behind the point.
    Digits(usize),
    /// Zeros in front, up to so many characters.
    Zeros(usize),
    /// Hex digits, with zeros in front.
    Hex(usize),
}

impl Form {
    /// Adds a number.
    pub(super) fn write(self, number: f64, filled: &mut String) -> Result<(), NotFilled> {
        // A zero has no sign.
        let number = number + 0.0;
        let written = match self {
            Self::Plain => write!(filled, "{number}"),
            Self::Digits(digits) => write!(filled, "{number:.digits$}"),
            Self::Zeros(width) => write!(filled, "{number:0width$}"),
            Self::Hex(width) => {
                let is_whole = number.fract() == 0.0 && (0.0..=INTEGERS).contains(&number);
                if !is_whole {
                    return Err(NotFilled::NotWhole(number));
                }
                write!(filled, "{:0width$x}", number as u64)
            }
        };
        written.expect("a text takes everything");
        Ok(())
    }

    /// Reads what stands behind the colon.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (digits, is_hex) = match text.strip_suffix('x') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let number = match digits {
            "" if is_hex => 0,
            digits if digits.len() <= 2 && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            _ => return None,
        };
        match (digits.starts_with('0') && digits.len() > 1, is_hex) {
            (true, false) if number <= WIDTH => Some(Self::Zeros(number)),
            (false, false) if number <= DIGITS => Some(Self::Digits(number)),
            (true, true) if number <= WIDTH => Some(Self::Hex(number)),
            (false, true) if digits.is_empty() => Some(Self::Hex(0)),
            _ => None,
        }
    }
}
