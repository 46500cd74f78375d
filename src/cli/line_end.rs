//! The end of a line, as devices want it.

use clap::ValueEnum;

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LineEnd {
    Lf,
    Cr,
    Crlf,
    None,
}

impl LineEnd {
    /// The bytes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::Cr => "\r",
            Self::Crlf => "\r\n",
            Self::None => "",
        }
    }
}
