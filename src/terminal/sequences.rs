//! Sequences: escape sequences found in a stream of bytes, wherever its reads were cut.
//!
//! What comes out, put together, is what went in: a terminal behind it sees no difference.

/// A string that is longer is passed on as it comes: none that matters here is.
const MOST: usize = 4096;

const ENQ: u8 = 0x05;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// Where in a sequence the last byte was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// In none.
    #[default]
    Ground,
    /// Behind ESC, and maybe intermediate bytes.
    Escape,
    /// Behind the first byte of a C1 control in UTF-8.
    Control,
    /// In a control sequence.
    Csi,
    /// In a string, up to its end.
    String,
    /// Behind ESC in a string.
    StringEscape,
    /// Behind the first byte of what may be its end in UTF-8.
    StringControl,
}

/// Cuts a stream of bytes at its sequences.
#[derive(Debug, Default)]
pub struct Sequences {
    stage: Stage,
    /// The sequence that has begun.
    held: Vec<u8>,
    /// The string was too long to be held: it goes on.
    is_long: bool,
}

/// A piece of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Characters, or what else is no sequence.
    Plain(&'a [u8]),
    /// A whole sequence.
    Sequence(&'a [u8]),
}

impl Sequences {
    /// Takes the next bytes; what has begun and not ended is held back.
    pub fn take(&mut self, bytes: &[u8], mut each: impl FnMut(Piece<'_>)) {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            if self.stage == Stage::Ground {
                let is_start = |byte: &u8| matches!(*byte, ESC | 0xc2 | ENQ);
                let plain = rest.iter().position(is_start).unwrap_or(rest.len());
                if plain > 0 {
                    each(Piece::Plain(&rest[..plain]));
                    rest = &rest[plain..];
                    continue;
                }
            }
            self.step(byte, &mut each);
            rest = behind;
        }
        if self.is_long {
            self.flush(&mut each);
        }
    }

    /// Gives what is held back: nothing follows.
    pub fn finish(&mut self, mut each: impl FnMut(Piece<'_>)) {
        self.flush(&mut each);
        *self = Self::default();
    }

    /// Whether something is held back that could become a sequence.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    fn step(&mut self, byte: u8, each: &mut impl FnMut(Piece<'_>)) {
        // A sequence that is broken off by another one, or cancelled, is none.
        let breaks = match self.stage {
            Stage::Escape | Stage::Csi => matches!(byte, ESC | CAN | SUB),
            Stage::String => matches!(byte, CAN | SUB),
            _ => false,
        };
        if breaks {
            self.flush(each);
            self.stage = Stage::Ground;
        }
        self.held.push(byte);
        self.stage = match (self.stage, byte) {
            (Stage::Ground, ESC) => Stage::Escape,
            (Stage::Ground, 0xc2) => Stage::Control,
            (Stage::Ground, ENQ) => return self.complete(each),
            (Stage::Escape, b'[') if self.held.len() == 2 => Stage::Csi,
            (Stage::Escape, b']' | b'P' | b'X' | b'^' | b'_') if self.held.len() == 2 => {
                Stage::String
            }
            (Stage::Escape, 0x30..=0x7e) => return self.complete(each),
            (Stage::Escape | Stage::Csi, 0..=0x2f | 0x7f) => self.stage,
            (Stage::Control, 0x9b) => Stage::Csi,
            (Stage::Control, 0x90 | 0x98 | 0x9d..=0x9f) => Stage::String,
            (Stage::Control, 0x9a) => return self.complete(each),
            (Stage::Csi, 0x30..=0x3f) => Stage::Csi,
            (Stage::Csi, 0x40..=0x7e) => return self.complete(each),
            (Stage::String | Stage::StringControl, ESC) => Stage::StringEscape,
            (Stage::String | Stage::StringControl, 0xc2) => Stage::StringControl,
            (Stage::String | Stage::StringControl, BEL)
            | (Stage::StringEscape, b'\\')
            | (Stage::StringControl, 0x9c) => return self.complete(each),
            (Stage::StringEscape, _) => return self.reopen(byte, each),
            (Stage::String | Stage::StringControl, _) => {
                if self.held.len() > MOST {
                    self.is_long = true;
                    self.flush(each);
                }
                Stage::String
            }
            _ => {
                self.flush(each);
                Stage::Ground
            }
        };
    }

    /// A string ends where ESC begins another sequence.
    fn reopen(&mut self, byte: u8, each: &mut impl FnMut(Piece<'_>)) {
        self.held.truncate(self.held.len() - 2);
        self.complete(each);
        self.step(ESC, each);
        self.step(byte, each);
    }

    fn complete(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        if self.is_long {
            self.flush(each);
        } else {
            each(Piece::Sequence(&self.held));
            self.held.clear();
        }
        self.stage = Stage::Ground;
        self.is_long = false;
    }

    fn flush(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        if !self.held.is_empty() {
            each(Piece::Plain(&self.held));
            self.held.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(parts: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<u8>) {
        let (mut sequences, mut all, mut found) = (Sequences::default(), Vec::new(), Vec::new());
        let mut each = |piece: Piece<'_>| match piece {
            Piece::Plain(bytes) => all.extend_from_slice(bytes),
            Piece::Sequence(bytes) => {
                all.extend_from_slice(bytes);
                found.push(bytes.to_vec());
            }
        };
        for part in parts {
            sequences.take(part, &mut each);
        }
        sequences.finish(&mut each);
        (found, all)
    }

    #[test]
    fn sequences_are_found_and_characters_are_none() {
        for (stream, sequences) in [
            (
                &b"a\x1b[1;31mred\x1b[0m"[..],
                &[&b"\x1b[1;31m"[..], b"\x1b[0m"][..],
            ),
            (b"\x1b]0;title\x07x", &[b"\x1b]0;title\x07"]),
            (b"\x1b]8;;u\x1b\\x", &[b"\x1b]8;;u\x1b\\"]),
            (b"\x1bP$qm\x1b\\", &[b"\x1bP$qm\x1b\\"]),
            (b"\x1b(B\x1bZ\x05", &[b"\x1b(B", b"\x1bZ", b"\x05"]),
            (b"\x1b[\n6n", &[b"\x1b[\n6n"]),
            (b"\x1b[3\x1b[6n", &[b"\x1b[6n"]),
            (b"\x1b[3\x186n", &[]),
            (b"\x1b]0;x\x1b[6n", &[b"\x1b]0;x", b"\x1b[6n"]),
            (
                "\u{9b}6n \u{9d}x\u{9c} \u{a3} \u{442}".as_bytes(),
                &["\u{9b}6n".as_bytes(), "\u{9d}x\u{9c}".as_bytes()],
            ),
            (b"half \x1b[3", &[]),
        ] {
            let (found, all) = found(&[stream]);
            assert_eq!(found, sequences, "{}", stream.escape_ascii());
            assert_eq!(all, stream);
        }
    }

    #[test]
    fn a_string_without_an_end_is_not_held_for_ever() {
        let mut sequences = Sequences::default();
        let mut out = Vec::new();
        let mut take = |bytes: &[u8]| {
            sequences.take(bytes, |piece| match piece {
                Piece::Plain(bytes) => out.extend_from_slice(bytes),
                Piece::Sequence(bytes) => panic!("{bytes:?}"),
            });
            out.len()
        };
        take(b"\x1bPq");
        assert_eq!(take(&[b'x'; 2 * MOST]), 3 + 2 * MOST);
        assert_eq!(take(b"more"), 3 + 2 * MOST + 4, "it goes on at once");
        take(b"\x1b\\");
        assert_eq!(take(b"plain"), 3 + 2 * MOST + 4 + 2 + 5);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_changed_and_reads_may_fall_anywhere(
            stream in prop::collection::vec(prop_oneof![
                prop::sample::select(b"\x1b[]P\\;?06nm\x05\x07\x18\x1a\n\xc2\x9b\x9d\x9c_$q".to_vec()), any::<u8>(),
            ], 0..80),
            cuts: [prop::sample::Index; 2],
        ) {
            let [one, two] = cuts.map(|cut| cut.index(stream.len() + 1));
            let (one, two) = (one.min(two), one.max(two));
            let (whole, all) = found(&[&stream]);
            prop_assert_eq!(&all, &stream);
            let (parts, all) = found(&[&stream[..one], &stream[one..two], &stream[two..]]);
            prop_assert_eq!(&all, &stream);
            prop_assert_eq!(whole, parts);
        }
    }
}
