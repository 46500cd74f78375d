//! What a mark may say.

/// The longest mark, in characters.
const LENGTH: usize = 1000;

/// A text that is no mark.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAMark {
    #[error("a mark says something; give it a text of 1 to {LENGTH} characters")]
    Blank,
    #[error("a mark of {0} characters is too long; 1 to {LENGTH} are possible")]
    Length(usize),
    #[error(
        "a mark is one line of text; the control character {letter:?} at place {place} cannot stand in it"
    )]
    Control { place: usize, letter: char },
}

/// Looks whether this text can be a mark.
pub(super) fn check(text: &str) -> Result<(), NotAMark> {
    let length = text.chars().count();
    if length > LENGTH {
        return Err(NotAMark::Length(length));
    }
    let mut letters = text.chars().enumerate();
    if let Some((place, letter)) = letters.find(|(_, letter)| letter.is_control()) {
        return Err(NotAMark::Control { place, letter });
    }
    if text.trim().is_empty() {
        return Err(NotAMark::Blank);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_line_of_a_thousand_characters_at_most() {
        for text in ["x", " first failure ", &"\u{1f50c}".repeat(1000)] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        for text in ["", "  ", "\u{2003}"] {
            assert_eq!(check(text), Err(NotAMark::Blank));
        }
        assert_eq!(check(&"x".repeat(1001)), Err(NotAMark::Length(1001)));
        for (text, place, letter) in [
            ("two\nlines", 3, '\n'),
            ("\u{1b}[31m", 0, '\u{1b}'),
            ("\u{9b}", 0, '\u{9b}'),
        ] {
            assert_eq!(check(text), Err(NotAMark::Control { place, letter }));
        }
    }
}
