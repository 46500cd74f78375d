//! Series: the values under one name, and the table of those that a parser has met.

use std::collections::HashMap;

use super::catch::Value;

/// So many a parser keeps apart.
pub const MOST: usize = 256;

/// The values under one name. Its number is its place among the parser's series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// At most 64 characters, none of them a control character.
    pub name: String,
    /// The first that was told.
    pub unit: Option<String>,
}

/// The series that a parser has met, in the order in which it did.
#[derive(Debug, Default)]
pub struct Table {
    all: Vec<Series>,
    by_name: HashMap<String, u16>,
    /// Which series came behind which last time: lines are mostly alike.
    next: Vec<u16>,
    last: usize,
}

impl Table {
    /// All of them.
    pub fn all(&self) -> &[Series] {
        &self.all
    }

    /// The number of the series that a value belongs to. It may be new, but *no value* makes none:
    /// the outer nothing; where there are too many, the inner.
    pub fn number(&mut self, value: &Value<'_>) -> Option<Option<u16>> {
        let guess = self.next.get(self.last).copied().unwrap_or_default();
        let is_guess = |series: &Series| series.name == value.name;
        let number = if self.all.get(usize::from(guess)).is_some_and(is_guess) {
            guess
        } else if let Some(&known) = self.by_name.get(value.name) {
            known
        } else if value.value.is_nan() {
            return None;
        } else if self.all.len() == MOST {
            return Some(None);
        } else {
            let number = self.all.len() as u16;
            self.by_name.insert(value.name.to_owned(), number);
            self.all.push(Series {
                name: value.name.to_owned(),
                unit: None,
            });
            self.next.push(0);
            number
        };
        let series = &mut self.all[usize::from(number)];
        if series.unit.is_none() && !value.unit.is_empty() {
            series.unit = Some(value.unit.to_owned());
        }
        self.next[self.last] = number;
        self.last = usize::from(number);
        Some(Some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(table: &mut Table, name: &str, unit: &str, value: f64) -> Option<Option<u16>> {
        let ago = 0;
        table.number(&Value {
            name,
            unit,
            value,
            ago,
        })
    }

    #[test]
    fn a_name_keeps_its_number_and_its_first_unit() {
        let mut table = Table::default();
        assert_eq!(number(&mut table, "a", "", f64::NAN), None);
        for _ in 0..3 {
            for (name, expected) in [("a", 0), ("b", 1), ("a", 0), ("c", 2)] {
                assert_eq!(number(&mut table, name, "", 1.0), Some(Some(expected)));
            }
        }
        number(&mut table, "b", "V", f64::NAN);
        number(&mut table, "b", "mV", 1.0);
        assert_eq!(table.all()[1].unit.as_deref(), Some("V"));
    }

    #[test]
    fn there_is_an_end_to_new_names() {
        let mut table = Table::default();
        for name in 0..MOST + 5 {
            let found = number(&mut table, &name.to_string(), "", 1.0);
            assert_eq!(found, Some((name < MOST).then_some(name as u16)));
        }
        assert_eq!(number(&mut table, "7", "", 1.0), Some(Some(7)));
    }
}
