//! Wildcards: patterns of names, in which `*` stands for any characters and `?` for any one.

/// Whether a name fits a pattern. Where a `*` took too little, it takes one byte more; only the last
/// `*` can have, so the time is bounded by the product of the lengths.
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut place) = (0, 0);
    let mut star = None;
    while place < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((before, took)) = star else {
                    return false;
                };
                star = Some((before, took + 1));
                at = before + 1;
                place = took + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        for (pattern, name, does_fit) in [
            ("sensor", "sensor", true),
            ("sensor", "sensor2", false),
            ("sensor*", "sensor", true),
            ("*", "x", true),
            ("tty?CM*", "ttyACM10", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*ab", "aab", true),
            ("*ab", "abx", false),
            ("?", "", false),
        ] {
            assert_eq!(fits(pattern, name), does_fit, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_means_what_its_expression_means(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
            let expression = pattern.replace('*', ".*").replace('?', ".");
            let expression = regex::Regex::new(&format!("^{expression}$")).unwrap();
            prop_assert_eq!(fits(&pattern, &name), expression.is_match(&name));
        }
    }
}
