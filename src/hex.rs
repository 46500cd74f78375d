//! Bytes as hex digits.

/// Two lower-case digits for each byte.
pub fn encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| {
        [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]
    });
    digits.map(char::from).collect()
}

/// A text that is not hex digits, two for each byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotHex {
    #[error("{letter:?} at place {place} is not a hex digit")]
    Digit { place: usize, letter: char },
    #[error("the number of hex digits is odd; two make a byte")]
    Odd,
}

/// Reads pairs of hex digits, with white space anywhere.
pub fn decode(text: &str) -> Result<Vec<u8>, NotHex> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    let letters = text.chars().enumerate();
    for (place, letter) in letters.filter(|(_, letter)| !letter.is_whitespace()) {
        let digit = letter.to_digit(16).ok_or(NotHex::Digit { place, letter })? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => bytes.push(high << 4 | digit),
        }
    }
    high.map_or(Ok(bytes), |_| Err(NotHex::Odd))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_or_its_mistake_is_named() {
        assert_eq!(decode("00 fF\n7e").unwrap(), [0, 255, 126]);
        let (place, letter) = (2, 'x');
        assert_eq!(decode("0 x"), Err(NotHex::Digit { place, letter }));
        assert_eq!(decode("123"), Err(NotHex::Odd));
    }

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(encode(&[0, 10, 0xff]), "000aff");
    }
}
