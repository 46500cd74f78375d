//! What can be said of a panel only by those who compile it: its patterns and pulses.

use crate::panel::{Fault, Panel, When};
use crate::pattern::Pattern;
use crate::script::Macro;

/// Looks whether all patterns and pulses of a panel can be used.
///
/// # Errors
/// With the place of the first that cannot.
pub fn check(panel: &Panel) -> Result<(), Fault> {
    for (place, written) in panel.macros.iter().enumerate() {
        Macro::new(&written.steps)
            .map_err(|fault| fault.within(format_args!("macros[{place}]")))?;
    }
    for (place, trigger) in panel.triggers.iter().enumerate() {
        if let When::Pattern { pattern } = &trigger.when {
            Pattern::regex(pattern, false)
                .map_err(|error| Fault::new(format!("triggers[{place}].when.pattern"), error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_broken_pattern_or_sequence_is_told_with_its_place() {
        let panel = |step: serde_json::Value, pattern: &str| {
            let panel = json!({
                "seriald": 1,
                "title": "x",
                "macros": [{"id": "m", "steps": [{"delay": 1}, {"repeat": 2, "steps": [step]}]}],
                "triggers": [{"id": "t", "when": {"pattern": pattern}, "do": [{"highlight": "bad"}]}],
            });
            check(&Panel::read(panel).unwrap()).map_err(|fault| fault.to_string())
        };
        assert_eq!(panel(json!({"wait": "ok|no"}), "x+"), Ok(()));
        for (step, pattern, expected) in [
            (
                json!({"wait": "ok("}),
                "x",
                "macros[0].steps[1].steps[0].wait: the expression",
            ),
            (
                json!({"pulse": "dtr=2"}),
                "x",
                "macros[0].steps[1].steps[0].pulse: \"dtr=2\"",
            ),
            (
                json!({"delay": 1}),
                "[",
                "triggers[0].when.pattern: the expression is broken",
            ),
        ] {
            let fault = panel(step, pattern).unwrap_err();
            assert!(fault.starts_with(expected), "{fault}");
        }
    }
}
