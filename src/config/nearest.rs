//! The nearest of some words: what was probably meant.

/// What serde calls a key that is known only to be refused.
const REFUSED: &str = "`password`, ";
/// So many letters may differ.
const FAR: usize = 2;

/// The word that differs from `given` in the fewest letters, if these are few.
pub fn nearest<'a>(given: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let all = words.into_iter().map(|word| (distance(given, word), word));
    let (letters, word) = all.min_by_key(|(letters, _)| *letters)?;
    (letters <= FAR && letters < given.chars().count()).then_some(word)
}

/// Letters to be put in, taken out or replaced, so that one word becomes the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (place, wanted) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(letter != wanted);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[row.len() - 1]
}

/// A message of serde, with what was probably meant where it lists what is allowed.
pub fn explain(message: &str) -> String {
    let message = &message.replace(REFUSED, "");
    let words: Vec<_> = message.split('`').skip(1).step_by(2).collect();
    let meant = match &words[..] {
        [given, allowed @ ..] if message.starts_with("unknown ") => {
            nearest(given, allowed.iter().copied())
        }
        _ => None,
    };
    match (meant, message.split_once(", ")) {
        (Some(meant), Some((what, allowed))) => {
            format!("{what}; did you mean `{meant}`? {allowed}")
        }
        _ => message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let words = ["listen", "data_bits", "keep"];
        for (given, meant) in [
            ("lisen", Some("listen")),
            ("databits", Some("data_bits")),
            ("kepe", Some("keep")),
            ("speed", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, words), meant, "{given}");
        }
    }

    #[test]
    fn what_is_allowed_stays_behind_what_was_meant() {
        assert_eq!(
            explain("unknown variant `evn`, expected one of `none`, `even`"),
            "unknown variant `evn`; did you mean `even`? expected one of `none`, `even`"
        );
        assert_eq!(
            explain("unknown field `pasword`, expected one of `user`, `password`, `qos`"),
            "unknown field `pasword`, expected one of `user`, `qos`"
        );
        let other = "invalid type: string \"x\", expected u32";
        assert_eq!(explain(other), other);
    }
}
