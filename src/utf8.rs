//! A decoder: text out of the pieces in which its bytes come in.

/// Puts bytes together to text wherever they were cut.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a character.
    cut: Vec<u8>,
}

impl Decoder {
    /// The text that is whole now, with U+FFFD for what is not UTF-8.
    pub fn text(&mut self, bytes: &[u8]) -> String {
        let mut bytes = [&self.cut, bytes].concat();
        let end = bytes.utf8_chunks().last().map_or(&[][..], |c| c.invalid());
        let is_cut = std::str::from_utf8(end).is_err_and(|error| error.error_len().is_none());
        let whole = bytes.len() - if is_cut { end.len() } else { 0 };
        self.cut = bytes.split_off(whole);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The text of a beginning that nothing follows.
    pub fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.cut)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_the_same_wherever_its_bytes_are_cut(
            bytes in prop::collection::vec(prop::sample::select(b"a\xc3\xa4\xf0\x9f\x98\x80\xff".to_vec()), 0..20),
            cuts in any::<[prop::sample::Index; 2]>(),
        ) {
            let [one, two] = cuts.map(|cut| cut.index(bytes.len() + 1));
            let (one, two) = (one.min(two), one.max(two));
            let mut decoder = Decoder::default();
            let mut text = String::new();
            for piece in [&bytes[..one], &bytes[one..two], &bytes[two..]] {
                text.push_str(&decoder.text(piece));
            }
            text.push_str(&decoder.rest());
            prop_assert_eq!(text, String::from_utf8_lossy(&bytes));
        }
    }
}
