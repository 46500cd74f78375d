//! A rule: what a trigger waits for, and how often it may act.

use crate::panel::{Fault, Trigger, When};
use crate::pattern::Pattern;
use crate::record::Time;

/// What a trigger waits for, and what it has met so far.
#[derive(Debug)]
pub struct Rule {
    condition: Condition,
    /// Between two times that it acts lie at least so many microseconds.
    pause: u64,
    acted: Option<Time>,
    left_out: u64,
}

#[derive(Debug)]
enum Condition {
    /// Looked for in each line.
    Pattern(Pattern),
    Threshold(Threshold),
}

/// A value that gets beyond something.
#[derive(Debug)]
struct Threshold {
    series: String,
    above: Option<f64>,
    below: Option<f64>,
    hysteresis: f64,
    /// It was there and is not back yet.
    beyond: bool,
}

impl Threshold {
    /// Takes the next value; whether it has got there. A value that is there from the beginning has.
    fn reaches(&mut self, value: f64) -> bool {
        let was_beyond = self.beyond;
        let is_beyond = |back: f64| {
            self.above.is_some_and(|above| value > above - back)
                || self.below.is_some_and(|below| value < below + back)
        };
        if !value.is_nan() {
            self.beyond = is_beyond(if was_beyond { self.hysteresis } else { 0.0 });
        }
        self.beyond && !was_beyond
    }
}

impl Rule {
    /// The rule of a trigger that has met nothing yet.
    ///
    /// # Errors
    /// If its pattern is none.
    pub fn new(trigger: &Trigger) -> Result<Self, Fault> {
        let condition = match &trigger.when {
            When::Pattern { pattern } => {
                let pattern = Pattern::regex(pattern, false);
                Condition::Pattern(pattern.map_err(|error| Fault::new("when.pattern", error))?)
            }
            When::Value {
                value,
                above,
                below,
                hysteresis,
            } => Condition::Threshold(Threshold {
                series: value.clone(),
                above: *above,
                below: *below,
                hysteresis: hysteresis.unwrap_or_default(),
                beyond: false,
            }),
        };
        Ok(Self {
            condition,
            pause: trigger.pause() * 1000,
            acted: None,
            left_out: 0,
        })
    }

    /// Whether this line is what it waits for.
    pub fn fits(&self, line: &str) -> bool {
        match &self.condition {
            Condition::Pattern(pattern) => pattern.find(line.as_bytes(), 0).is_some(),
            Condition::Threshold(_) => false,
        }
    }

    /// Whether this value of a series is what it waits for.
    pub fn reaches(&mut self, series: &str, value: f64) -> bool {
        match &mut self.condition {
            Condition::Threshold(threshold) if threshold.series == series => {
                threshold.reaches(value)
            }
            _ => false,
        }
    }

    /// Whether it may act at this time on what it waited for; then says how often it might not
    /// since the last time.
    pub fn acts(&mut self, time: Time) -> Option<u64> {
        // A clock that was set back would otherwise keep it from acting for as long.
        let is_soon = |acted: Time| (acted.0..acted.0.saturating_add(self.pause)).contains(&time.0);
        if self.acted.is_some_and(is_soon) {
            self.left_out += 1;
            return None;
        }
        self.acted = Some(time);
        Some(std::mem::take(&mut self.left_out))
    }

    /// How often it might not act since it last did.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rule(when: Value) -> Rule {
        let trigger = json!({"id": "t", "when": when, "do": [{"highlight": "bad"}]});
        Rule::new(&Trigger::read(trigger).unwrap()).unwrap()
    }

    fn reached(when: Value, values: &[f64]) -> Vec<f64> {
        let mut rule = rule(when);
        let values = values.iter().copied();
        values.filter(|value| rule.reaches("t", *value)).collect()
    }

    #[test]
    fn a_value_fires_when_it_gets_there_and_again_after_it_was_back() {
        let above = json!({"value": "t", "above": 40});
        assert_eq!(
            reached(above.clone(), &[39.0, 40.0, 40.1, 50.0, 40.0, 41.0]),
            [40.1, 41.0]
        );
        assert_eq!(reached(above, &[50.0, f64::NAN, 50.0]), [50.0]);
        let steady = json!({"value": "t", "above": 40, "hysteresis": 2});
        assert_eq!(
            reached(steady, &[41.0, 39.0, 41.5, 38.0, 42.0]),
            [41.0, 42.0]
        );
        let both = json!({"value": "t", "above": 40, "below": 10, "hysteresis": 1});
        assert_eq!(
            reached(both, &[20.0, 41.0, 9.0, 10.5, 11.0, 9.5]),
            [41.0, 9.5]
        );
    }

    #[test]
    fn values_of_other_series_and_lines_are_not_its_own() {
        let mut value = rule(json!({"value": "t", "above": 0}));
        assert!(!value.reaches("u", 1.0) && !value.fits("t: 1"));
        let mut pattern = rule(json!({"pattern": "^err"}));
        assert!(pattern.fits("ERROR 7") && !pattern.fits("an error"));
        assert!(!pattern.reaches("t", 1.0));
    }

    #[test]
    fn a_trigger_acts_once_in_its_time_and_counts_the_rest() {
        let mut rule = rule(json!({"pattern": "x"}));
        let acts: Vec<_> = [0, 1, 999_999, 1_000_000, 1_500_000, 900_000, 2_000_000]
            .into_iter()
            .map(|time| rule.acts(Time(time)))
            .collect();
        // The clock was set back in between.
        assert_eq!(acts, [Some(0), None, None, Some(2), None, Some(1), Some(0)]);
    }

    #[test]
    fn a_pattern_that_is_none_is_told() {
        let trigger = json!({"id": "t", "when": {"pattern": "a("}, "do": [{"highlight": "bad"}]});
        let fault = Rule::new(&Trigger::read(trigger).unwrap()).unwrap_err();
        assert_eq!(fault.at, "when.pattern");
    }
}
