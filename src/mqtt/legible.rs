//! Legible: whether what a port says is text. What looks like a value among other bytes is one by chance.

/// Of so many characters, one that none can read is well within text: a degree sign of another
/// encoding, or what comes of noise.
const ONE_OF: usize = 4;
/// What was said counts half when so many more characters came.
const HALF: usize = 4096;

/// What a port said of late, in characters.
#[derive(Debug, Default)]
pub struct Legible {
    all: usize,
    /// Those that were not UTF-8.
    broken: usize,
}

impl Legible {
    /// Takes a line as it is read, with U+FFFD for what is not UTF-8.
    pub fn take(&mut self, line: &str) {
        if self.all >= HALF {
            (self.all, self.broken) = (self.all / 2, self.broken / 2);
        }
        self.all += if line.is_ascii() {
            line.len()
        } else {
            self.broken += line.matches('\u{fffd}').count();
            line.chars().count()
        };
    }

    /// Whether it is text.
    pub fn is_text(&self) -> bool {
        self.broken * ONE_OF <= self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_broken_characters_are_in_text_and_many_are_not() {
        for (lines, is_text) in [
            (&["temp: 21.5"][..], true),
            (&["temp: 21.5 \u{fffd}C", "F\u{fffd}llstand: 4"], true),
            (&["\u{fffd}\u{fffd}\u{fffd}\u{fffd}x\u{fffd}", "Q=3"], false),
            (&["\u{fffd}\u{fffd}", "temp: 21.5", "hum: 40"], true),
            (&["温度: 21.5 °C"], true),
        ] {
            let mut legible = Legible::default();
            lines.iter().for_each(|line| legible.take(line));
            assert_eq!(legible.is_text(), is_text, "{lines:?}");
        }
    }

    #[test]
    fn what_was_said_long_ago_counts_no_more() {
        let mut legible = Legible::default();
        (0..1000).for_each(|_| legible.take("temp: 21.5 C, hum: 40 %"));
        (0..1000).for_each(|_| legible.take("\u{fffd}\u{fffd}\u{fffd}q=3"));
        assert!(!legible.is_text());
        (0..1000).for_each(|_| legible.take("temp: 21.5 C, hum: 40 %"));
        assert!(legible.is_text());
    }
}
