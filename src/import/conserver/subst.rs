//! Substitutions in the path of a device: `devicesubst &=Pd` puts a number that is reckoned in place of each `&`.

use super::Wishes;

/// The widest field, in characters.
const WIDTH: usize = 32;
/// The longest path, in bytes.
const PATH: usize = 4096;

/// The device of a console.
///
/// # Errors
/// If the substitution, or a number for it, is none.
pub fn device(path: &str, console: &str, wishes: &Wishes) -> Result<String, String> {
    let text = |key: &str| wishes.get(key).map_or("", |word| word.text.as_str());
    let mut put = Vec::new();
    for rule in text("devicesubst")
        .split(',')
        .map(str::trim)
        .filter(|rule| !rule.is_empty())
    {
        let wrong = || format!("{rule:?} is no substitution such as &=Pd");
        let mut letters = rule.chars();
        let (Some(place), Some('='), Some(what)) = (letters.next(), letters.next(), letters.next())
        else {
            return Err(wrong());
        };
        let rest = letters.as_str();
        let split = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .ok_or_else(wrong)?;
        let (width, form) = rest.split_at(split);
        let fill = if width.starts_with('0') { '0' } else { ' ' };
        let width = width.parse().unwrap_or(0_usize).min(WIDTH);
        let value = match (what, form) {
            ('c', "s") => console.to_owned(),
            ('h', "s") => text("host").to_owned(),
            ('r', "s") => text("replstring").to_owned(),
            ('b', form) => digits(number(text("baud"))?, form).ok_or_else(wrong)?,
            ('p', form) => digits(number(text("port"))?, form).ok_or_else(wrong)?,
            ('P', form) => digits(reckoned(wishes)?, form).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        let fill = if form == "s" { ' ' } else { fill };
        let missing = width.saturating_sub(value.chars().count());
        put.push((
            place,
            format!("{}{value}", fill.to_string().repeat(missing)),
        ));
    }
    let mut device = String::new();
    for letter in path.chars() {
        match put.iter().find(|(place, _)| *place == letter) {
            Some((_, value)) => device.push_str(value),
            None => device.push(letter),
        }
        if device.len() > PATH {
            return Err("the path becomes too long".to_owned());
        }
    }
    Ok(device)
}

/// The port's number as it is reckoned.
fn reckoned(wishes: &Wishes) -> Result<i64, String> {
    let given = |key: &str, standard| match wishes.get(key) {
        Some(word) => number(&word.text),
        None => Ok(standard),
    };
    let (base, step, port) = (
        given("portbase", 0)?,
        given("portinc", 1)?,
        given("port", 0)?,
    );
    let number = step
        .checked_mul(port)
        .and_then(|offset| offset.checked_add(base));
    let number = number.filter(|number| *number >= 0);
    number.ok_or_else(|| format!("{base} + {step} * {port} is no number of a port"))
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

/// A number in the form that a letter stands for.
fn digits(number: i64, form: &str) -> Option<String> {
    Some(match form {
        "d" => number.to_string(),
        "x" => format!("{number:x}"),
        "X" => format!("{number:X}"),
        "a" => in_letters(number),
        "A" => in_letters(number).to_ascii_uppercase(),
        _ => return None,
    })
}

/// To the base of 36.
fn in_letters(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit((rest % 36) as u32, 36));
        rest /= 36;
        if rest == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::Word;
    use super::*;

    fn path(device_path: &str, wishes: &[(&str, &str)]) -> Result<String, String> {
        let word = |text: &str| Word {
            text: text.to_owned(),
            span: 0..0,
        };
        let wishes = wishes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), word(value)));
        device(device_path, "web1", &wishes.collect())
    }

    #[test]
    fn numbers_are_reckoned_and_put_in() {
        let cyclades = [
            ("devicesubst", "&=Pd"),
            ("portbase", "-1"),
            ("portinc", "1"),
            ("port", "2"),
        ];
        assert_eq!(path("/dev/ttyC&", &cyclades).unwrap(), "/dev/ttyC1");
        let wide = [("devicesubst", "N=p03d, C=cs"), ("port", "7")];
        assert_eq!(path("/dev/C-N", &wide).unwrap(), "/dev/web1-007");
        assert_eq!(
            path("/dev/x#", &[("devicesubst", "#=pa"), ("port", "35")]).unwrap(),
            "/dev/xz"
        );
        assert_eq!(path("/dev/ttya", &[]).unwrap(), "/dev/ttya");
    }

    #[test]
    fn what_is_no_substitution_is_told() {
        for wishes in [
            &[("devicesubst", "&")][..],
            &[("devicesubst", "&=Pq")],
            &[("devicesubst", "&=Pd"), ("port", "ttya")],
            &[("devicesubst", "&=Pd"), ("portbase", "-5"), ("port", "1")],
            &[
                ("devicesubst", "&=Pd"),
                ("portinc", "9223372036854775807"),
                ("port", "9"),
            ],
        ] {
            assert!(path("/dev/tty&", wishes).is_err(), "{wishes:?}");
        }
    }
}
