//! Expressions: values where the groups of a regular expression match.

use std::collections::BTreeMap;

use super::catch::Catch;
use super::spec::{NotAParser, Regex};
use super::{number, unit};
use crate::pattern::{Groups, Pattern};

/// Finds values with a regular expression.
#[derive(Debug)]
pub struct Expression {
    pattern: Pattern,
    groups: Groups,
    wanted: Wanted,
}

/// What the groups hold.
#[derive(Debug)]
enum Wanted {
    /// A series each: its number, its name, its unit.
    Named(Vec<(usize, String, String)>),
    /// A name, a value and perhaps a unit, over and over in a line; and the units that were told.
    Pairs {
        name: usize,
        value: usize,
        unit: Option<usize>,
        units: BTreeMap<String, String>,
    },
}

impl Expression {
    pub fn new(spec: &Regex) -> Result<Self, NotAParser> {
        let pattern = Pattern::regex(&spec.pattern, true);
        let pattern = pattern.map_err(|error| NotAParser::new("pattern", error))?;
        let named = pattern.names().enumerate();
        let named: Vec<_> = named
            .filter_map(|(number, name)| Some((number, name?.to_owned())))
            .collect();
        let group = |name: &str| {
            named
                .iter()
                .find(|(_, own)| own == name)
                .map(|(number, _)| *number)
        };
        let wanted = match (group("name"), group("value")) {
            (Some(name), Some(value)) => Wanted::Pairs {
                name,
                value,
                unit: group("unit"),
                units: spec.units.clone(),
            },
            _ => {
                if named.is_empty() {
                    let message = "no group has a name, such as (?<temp>[-\\d.]+); each that has one gives a series";
                    return Err(NotAParser::new("pattern", message));
                }
                if let Some(unknown) = spec.units.keys().find(|name| group(name).is_none()) {
                    let message = format!("no group is called {unknown:?}");
                    return Err(NotAParser::new("units", message));
                }
                let series = named.into_iter().map(|(number, name)| {
                    let unit = spec.units.get(&name).cloned().unwrap_or_default();
                    (number, name, unit)
                });
                Wanted::Named(series.collect())
            }
        };
        Ok(Self {
            groups: pattern.room(),
            pattern,
            wanted,
        })
    }

    /// Finds the values of a line; true if there are some.
    pub fn find(&mut self, line: &str, catch: &mut Catch) -> bool {
        let mark = catch.mark();
        let mut at = 0;
        while let Some(found) = self
            .pattern
            .find_groups(line.as_bytes(), at, &mut self.groups)
        {
            let text = |group| self.groups.get(group).and_then(|place| line.get(place));
            match &self.wanted {
                Wanted::Named(series) => {
                    for (group, name, unit) in series {
                        if let Some((value, told)) = text(*group).and_then(measure) {
                            let unit = if unit.is_empty() { told } else { unit };
                            catch.add(&[name], unit, value);
                        }
                    }
                    break;
                }
                Wanted::Pairs {
                    name,
                    value,
                    unit,
                    units,
                } => {
                    let pair = text(*name).zip(text(*value).and_then(measure));
                    if let Some((name, (value, told))) = pair {
                        let name = name.trim();
                        let given = unit.and_then(text).or(units.get(name).map(String::as_str));
                        catch.add(&[name], given.unwrap_or(told), value);
                    }
                }
            }
            // A match without bytes would be found for ever.
            at = found.end.max(found.start + 1);
            if at > line.len() {
                break;
            }
        }
        catch.grew(mark)
    }
}

/// The value that is all of a group, and its unit.
fn measure(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let (value, length) = number::value(bytes, false).or_else(|| number::switch(bytes))?;
    let rest = text[length..].trim_start();
    if rest.is_empty() {
        return Some((value, ""));
    }
    Some((value, unit::unit(rest.as_bytes())?))
}
