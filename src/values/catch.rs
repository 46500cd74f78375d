//! A catch: the values that one line gave, by name, before it is known whether it is one that fits.

/// So many values a line may give.
pub const MOST: usize = 64;
/// Names are cut to so many characters,
pub const NAME: usize = 64;
/// and units.
const UNIT: usize = 16;

/// One value.
#[derive(Clone, Copy, Debug)]
struct Caught {
    /// Where its name ends in the text, which holds names and units in turn,
    name: usize,
    /// and its unit.
    unit: usize,
    value: f64,
    /// How long before the line it was measured, in microseconds.
    ago: u64,
}

/// The values of one line. It is filled again and again to save allocations.
#[derive(Debug, Default)]
pub struct Catch {
    text: String,
    values: Vec<Caught>,
    /// Values that found no room.
    beyond: u64,
}

/// One value of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'a> {
    pub name: &'a str,
    /// Empty where none was told.
    pub unit: &'a str,
    /// NaN is *no value*.
    pub value: f64,
    /// How long before the line it was measured, in microseconds.
    pub ago: u64,
}

impl Catch {
    /// Adds a value; a name that is in parts is put together.
    pub fn add(&mut self, name: &[&str], unit: &str, value: f64) {
        self.add_of(name, unit, value, 0);
    }

    /// Adds a value that was measured before the line came.
    pub fn add_of(&mut self, name: &[&str], unit: &str, value: f64, ago: u64) {
        if self.values.len() == MOST {
            return self.miss();
        }
        let start = self.text.len();
        for part in name {
            self.text.push_str(part);
        }
        clean(&mut self.text, start, NAME);
        let name = self.text.len();
        if name == start {
            return;
        }
        self.text.push_str(unit);
        clean(&mut self.text, name, UNIT);
        self.values.push(Caught {
            name,
            unit: self.text.len(),
            value,
            ago,
        });
    }

    /// Takes that a value found no room.
    pub fn miss(&mut self) {
        self.beyond += 1;
    }

    /// Where it stands, to go back to.
    pub fn mark(&self) -> Mark {
        Mark(self.values.len(), self.beyond)
    }

    /// Lets go what was added since.
    pub fn back(&mut self, mark: Mark) {
        self.values.truncate(mark.0);
        self.text.truncate(self.end());
        self.beyond = mark.1;
    }

    /// Whether something was added since.
    pub fn grew(&self, mark: Mark) -> bool {
        self.values.len() > mark.0
    }

    /// The values, in order.
    pub fn values(&self) -> impl Iterator<Item = Value<'_>> {
        let mut start = 0;
        self.values.iter().map(move |caught| {
            let name = &self.text[start..caught.name];
            start = caught.unit;
            Value {
                name,
                unit: &self.text[caught.name..caught.unit],
                value: caught.value,
                ago: caught.ago,
            }
        })
    }

    /// Values that found no room.
    pub fn beyond(&self) -> u64 {
        self.beyond
    }

    /// Lets everything go; the memory stays.
    pub fn clear(&mut self) {
        self.text.clear();
        self.values.clear();
        self.beyond = 0;
    }

    fn end(&self) -> usize {
        self.values.last().map_or(0, |last| last.unit)
    }
}

/// A place in a catch.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize, u64);

/// Takes control characters and what is too long out of the text from `start` on.
fn clean(text: &mut String, start: usize, most: usize) {
    let new = &text[start..];
    if new.len() <= most && !new.contains(char::is_control) {
        return;
    }
    let kept: String = new.chars().filter(|c| !c.is_control()).take(most).collect();
    text.truncate(start);
    text.push_str(kept.trim());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together_cut_and_without_control_characters() {
        let mut catch = Catch::default();
        catch.add(&["pos", ".x"], "m", 1.0);
        catch.add(&["a\u{7}\tb"], "", 2.0);
        catch.add(&[&"ä".repeat(70)], "0123456789abcdefg", 3.0);
        catch.add(&["\u{7}"], "", 4.0);
        let names: Vec<_> = catch.values().map(|value| value.name).collect();
        assert_eq!(names, ["pos.x", "ab", "ä".repeat(64).as_str()]);
        assert_eq!(catch.values().last().unwrap().unit, "0123456789abcdef");
    }

    #[test]
    fn what_is_too_much_is_counted_and_what_is_let_go_is_gone() {
        let mut catch = Catch::default();
        catch.add(&["a"], "V", 1.0);
        let mark = catch.mark();
        for _ in 0..70 {
            catch.add(&["b"], "", 2.0);
        }
        assert_eq!((catch.values().count(), catch.beyond()), (MOST, 7));
        catch.back(mark);
        assert!(!catch.grew(mark));
        catch.add(&["c"], "", 3.0);
        let all: Vec<_> = catch
            .values()
            .map(|value| (value.name, value.unit))
            .collect();
        assert_eq!((all, catch.beyond()), (vec![("a", "V"), ("c", "")], 0));
    }
}
