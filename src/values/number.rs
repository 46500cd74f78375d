//! Numbers as devices print them: decimal, with sign, fraction and exponent.

/// Powers of ten that a double holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];
/// So many digits fit into 64 bits.
const DIGITS: usize = 19;

/// The value at the beginning of a text, and how many bytes it takes: a number, or NaN for one of
/// the words that stand for *no value*. With `comma` that may be the decimal point too. What
/// follows decides whether it is one after all: `1` in `1.2.3` is none.
pub fn value(text: &[u8], comma: bool) -> Option<(f64, usize)> {
    number(text, comma).or_else(|| Some((f64::NAN, nothing(text)?)))
}

/// Reads digits on into a sum; gives how many there are.
fn digits(text: &[u8], sum: &mut u64) -> usize {
    let mut count = 0;
    while let Some(digit @ b'0'..=b'9') = text.get(count) {
        *sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        count += 1;
    }
    count
}

fn number(text: &[u8], comma: bool) -> Option<(f64, usize)> {
    let signed = matches!(text.first(), Some(b'+' | b'-'));
    let start = usize::from(signed);
    let mut sum = 0;
    let whole = digits(&text[start..], &mut sum);
    let mut at = start + whole;
    let mut places = 0;
    if matches!(text.get(at), Some(b'.')) || comma && text.get(at) == Some(&b',') {
        places = digits(&text[at + 1..], &mut sum);
        at += if places > 0 { 1 + places } else { 0 };
    }
    if whole + places == 0 {
        return None;
    }
    let mut exponent = 0;
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = text.get(at + 1);
        let from = at + 1 + usize::from(matches!(sign, Some(b'+' | b'-')));
        let mut size = 0;
        let count = digits(&text[from..], &mut size);
        if count > 0 {
            at = from + count;
            // Beyond this everything is 0 or infinite.
            let size = if count > 4 { 9999 } else { size as i64 };
            exponent = if sign == Some(&b'-') { -size } else { size };
        }
    }
    let power = exponent - places as i64;
    let exact = whole + places <= DIGITS && sum <= 1 << 53;
    let size = match EXACT.get(power.unsigned_abs() as usize) {
        // Both are exact, so that one rounding is left, and that is the right one.
        Some(scale) if exact && power < 0 => sum as f64 / scale,
        Some(scale) if exact => sum as f64 * scale,
        _ => long(&text[start..at]),
    };
    let value = if text[0] == b'-' { -size } else { size };
    Some((value, at))
}

/// The same for a number of many digits, or one that is very large or small. What is too large is
/// no value.
#[cold]
fn long(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(text).replace(',', ".");
    let number = text.parse().unwrap_or(f64::NAN);
    if f64::is_finite(number) {
        number
    } else {
        f64::NAN
    }
}

/// The length of a word that stands where a number could not be had.
fn nothing(text: &[u8]) -> Option<usize> {
    let start = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let word = text.get(start..start + 3)?;
    let known = [&b"nan"[..], b"inf", b"ovf"];
    let is_known = known.iter().any(|known| word.eq_ignore_ascii_case(known));
    is_known.then_some(start + 3)
}

/// What the words say that stand for a switch: 1 or 0; and how many bytes they take.
pub fn switch(text: &[u8]) -> Option<(f64, usize)> {
    let length = text.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let length = length.take(6).count();
    let is = |word: &str| text[..length].eq_ignore_ascii_case(word.as_bytes());
    let value = match length {
        2 if is("on") => 1.0,
        4 if is("true") => 1.0,
        3 if is("off") => 0.0,
        5 if is("false") => 0.0,
        _ => return None,
    };
    Some((value, length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_reaches_as_far_as_it_can() {
        for (text, expected) in [
            ("21.5", Some((21.5, 4))),
            ("-1.5e-3,", Some((-0.0015, 7))),
            (".5", Some((0.5, 2))),
            ("+3", Some((3.0, 2))),
            ("-.25x", Some((-0.25, 4))),
            ("5.", Some((5.0, 1))),
            ("1.2.3", Some((1.2, 3))),
            ("7e", Some((7.0, 1))),
            ("7e+", Some((7.0, 1))),
            ("007", Some((7.0, 3))),
            ("0x1f", Some((0.0, 1))),
            ("1e22", Some((1e22, 4))),
            ("1e23", Some((1e23, 4))),
            (
                "123456789012345678901234567890",
                Some((1.2345678901234568e29, 30)),
            ),
            ("5e-324", Some((5e-324, 6))),
            ("1e-99999", Some((0.0, 8))),
            ("", None),
            ("-", None),
            (".", None),
            ("e5", None),
            ("temp", None),
        ] {
            assert_eq!(value(text.as_bytes(), false), expected, "{text}");
        }
        assert_eq!(value(b"21,5", true), Some((21.5, 4)));
        assert_eq!(value(b"21,5", false), Some((21.0, 2)));
        assert_eq!(
            value(b"1,23456789012345678901", true).unwrap().0,
            1.234_567_890_123_456_8
        );
    }

    #[test]
    fn what_stands_for_no_value_and_what_is_too_large_is_nan() {
        for text in ["nan", "NaN", "-inf", "+Ovf", "1e999", "-1e400"] {
            let (value, length) = value(text.as_bytes(), false).unwrap();
            assert!(value.is_nan(), "{text}");
            assert_eq!(length, text.len());
        }
        assert_eq!(value(b"na", false), None);
    }

    #[test]
    fn switches_are_words_of_their_own() {
        assert_eq!(switch(b"on"), Some((1.0, 2)));
        assert_eq!(switch(b"FALSE,"), Some((0.0, 5)));
        assert_eq!(switch(b"one"), None);
        assert_eq!(switch(b"offline"), None);
    }

    proptest! {
        #[test]
        fn it_is_the_number_that_the_standard_library_reads(text in "[-+]?([0-9]{1,25}(\\.[0-9]{1,25})?|\\.[0-9]{1,9})(e[-+]?[0-9]{1,3})?") {
            let expected: f64 = text.parse().unwrap();
            let (value, length) = value(text.as_bytes(), false).unwrap();
            prop_assert_eq!(length, text.len());
            if expected.is_finite() {
                prop_assert_eq!(value.to_bits(), expected.to_bits());
            } else {
                prop_assert!(value.is_nan());
            }
        }

        #[test]
        fn whatever_it_is_it_is_within_the_text(text in "[-+.,eE0-9naifov]{0,12}", comma: bool) {
            if let Some((_, length)) = value(text.as_bytes(), comma) {
                prop_assert!((1..=text.len()).contains(&length));
            }
        }
    }
}
