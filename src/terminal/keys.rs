//! Keys: what a person types, with the commands behind the escape key taken out.

use std::fmt;
use std::str::FromStr;

/// The key that commands begin with, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escape(Option<u8>);

impl Escape {
    /// No key.
    pub const NONE: Self = Self(None);
}

impl fmt::Display for Escape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(key) => write!(f, "Ctrl-{}", char::from(key | 0x40)),
            None => f.write_str("no key"),
        }
    }
}

impl FromStr for Escape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self(None));
        }
        let lower = text.to_ascii_lowercase();
        let mut prefixes = ["^", "ctrl-", "c-"].into_iter();
        let key = prefixes.find_map(|prefix| lower.strip_prefix(prefix));
        match key.map(str::as_bytes) {
            // Enter sends Ctrl-M, and some terminals Ctrl-J.
            Some([b'j' | b'm']) => Err("Enter is that key; give another one".to_owned()),
            Some(&[key @ (b'a'..=b'z' | b'\\' | b']' | b'^' | b'_')]) => Ok(Self(Some(key & 0x1f))),
            _ => Err(
                "give ^] or ctrl-] for Ctrl-], likewise ^A to ^Z, ^\\, ^^ or ^_, or none"
                    .to_owned(),
            ),
        }
    }
}

/// A piece of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Bytes for the device.
    Text(Vec<u8>),
    /// The key behind the escape key.
    Command(u8),
}

/// Takes what is typed apart.
#[derive(Debug)]
pub struct Keys {
    escape: Escape,
    /// The escape key was the last one.
    escaped: bool,
}

impl Keys {
    /// With that escape key.
    pub fn new(escape: Escape) -> Self {
        Self {
            escape,
            escaped: false,
        }
    }

    /// Takes the next bytes. The escape key twice is itself.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Typed> {
        let mut all = Vec::new();
        for &byte in bytes {
            let is_escape = Some(byte) == self.escape.0;
            let escaped = std::mem::take(&mut self.escaped);
            if escaped && !is_escape {
                all.push(Typed::Command(byte));
            } else if is_escape && !escaped {
                self.escaped = true;
            } else if let Some(Typed::Text(text)) = all.last_mut() {
                text.push(byte);
            } else {
                all.push(Typed::Text(vec![byte]));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: u8 = 0x1d;

    fn keys() -> Keys {
        Keys::new("^]".parse().unwrap())
    }

    fn text(bytes: &[u8]) -> Typed {
        Typed::Text(bytes.to_vec())
    }

    #[test]
    fn an_escape_key_is_written_in_several_ways() {
        for (written, shown) in [
            ("^]", "Ctrl-]"),
            ("ctrl-]", "Ctrl-]"),
            ("Ctrl-T", "Ctrl-T"),
            ("C-a", "Ctrl-A"),
            ("^\\", "Ctrl-\\"),
            ("none", "no key"),
        ] {
            assert_eq!(written.parse::<Escape>().unwrap().to_string(), shown);
        }
        for wrong in ["", "]", "^", "^1", "^ä", "^[", "^m", "ctrl-j", "x-a", "^ab"] {
            assert!(wrong.parse::<Escape>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_command_is_the_key_behind_the_escape_key_however_the_reads_fall() {
        let whole = keys().take(b"ls\r\x1dq\x1d\x1d.");
        let parts = [text(b"ls\r"), Typed::Command(b'q'), text(b"\x1d.")];
        assert_eq!(whole, parts);
        let mut keys = keys();
        assert_eq!(keys.take(b"ls\r\x1d"), [text(b"ls\r")]);
        assert_eq!(keys.take(b"q\x1d"), [Typed::Command(b'q')]);
        assert_eq!(keys.take(b"\x1d"), [text(b"\x1d")]);
    }

    proptest! {
        #[test]
        fn nothing_typed_is_lost(bytes in prop::collection::vec(prop_oneof![Just(KEY), any::<u8>()], 0..60), cut: prop::sample::Index) {
            let mut keys = keys();
            let (one, two) = bytes.split_at(cut.index(bytes.len() + 1));
            let mut back = Vec::new();
            for typed in keys.take(one).into_iter().chain(keys.take(two)) {
                match typed {
                    Typed::Text(text) => for byte in text {
                        back.extend(std::iter::repeat_n(byte, if byte == KEY { 2 } else { 1 }));
                    },
                    Typed::Command(key) => back.extend([KEY, key]),
                }
            }
            back.extend(keys.escaped.then_some(KEY));
            prop_assert_eq!(back, bytes);
        }

        #[test]
        fn without_an_escape_key_everything_is_for_the_device(bytes: Vec<u8>) {
            let typed = Keys::new("none".parse().unwrap()).take(&bytes);
            prop_assert_eq!(typed.is_empty(), bytes.is_empty());
            prop_assert!(typed.into_iter().all(|typed| typed == Typed::Text(bytes.clone())));
        }
    }
}
