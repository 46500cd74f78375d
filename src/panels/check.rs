//! What can be said of a panel only by those who compile it: its patterns and sequences of line changes.

use crate::panel::{Fault, Panel, Step, When};
use crate::port::Pulse;
use crate::search::Pattern;

/// Looks whether all patterns and sequences of a panel can be used.
///
/// # Errors
/// With the place of the first that cannot.
pub fn check(panel: &Panel) -> Result<(), Fault> {
    for (place, macro_) in panel.macros.iter().enumerate() {
        check_steps(&macro_.steps)
            .map_err(|fault| fault.within(format_args!("macros[{place}].steps")))?;
    }
    for (place, trigger) in panel.triggers.iter().enumerate() {
        if let When::Pattern { pattern } = &trigger.when {
            check_pattern("pattern", pattern)
                .map_err(|fault| fault.within(format_args!("triggers[{place}].when")))?;
        }
    }
    Ok(())
}

/// Looks whether all patterns and sequences of a macro's steps can be used.
///
/// # Errors
/// With the place of the first that cannot, from the list on.
pub fn check_steps(steps: &[Step]) -> Result<(), Fault> {
    for (place, step) in steps.iter().enumerate() {
        check_step(step).map_err(|fault| fault.within(format_args!("[{place}]")))?;
    }
    Ok(())
}

fn check_step(step: &Step) -> Result<(), Fault> {
    match step {
        Step::Wait { pattern, .. } => check_pattern("wait", pattern),
        Step::Pulse { pulse } => match pulse.parse::<Pulse>() {
            Ok(_) => Ok(()),
            Err(error) => Err(Fault::new("pulse", error)),
        },
        Step::Repeat { steps, .. } => check_steps(steps).map_err(|fault| fault.within("steps")),
        Step::Send { .. }
        | Step::Hex { .. }
        | Step::Delay { .. }
        | Step::Break { .. }
        | Step::Mark { .. } => Ok(()),
    }
}

fn check_pattern(at: &str, pattern: &str) -> Result<(), Fault> {
    match Pattern::regex(pattern, true) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::new(at, error)),
    }
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
        let fault = panel(json!({"wait": "ok("}), "x").unwrap_err();
        assert!(
            fault.starts_with("macros[0].steps[1].steps[0].wait: the expression is broken"),
            "{fault}"
        );
        let fault = panel(json!({"pulse": "dtr=2"}), "x").unwrap_err();
        assert!(
            fault.starts_with("macros[0].steps[1].steps[0].pulse: \"dtr=2\""),
            "{fault}"
        );
        let fault = panel(json!({"delay": 1}), "[").unwrap_err();
        assert!(
            fault.starts_with("triggers[0].when.pattern: the expression is broken"),
            "{fault}"
        );
    }
}
