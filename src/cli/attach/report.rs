//! A report: what there is to say about a port, for who asks.

use seriald::state::{Lines, PortState};

use crate::cli::status::{line, turn};

/// All that a person may want to know, line by line.
pub fn report(state: &PortState) -> Vec<String> {
    let (total, rate, reach) = (state.total, state.rate, state.journal);
    let mut report = vec![
        line(state),
        format!(
            "in {} bytes ({} in the last second), out {} ({}); the journal reaches from {} to {}",
            total.rx, rate.rx, total.tx, rate.tx, reach.oldest, reach.head
        ),
    ];
    if let Some(lines) = state.lines {
        report.push(modem(lines));
    }
    if let Some(errors) = state.errors {
        report.push(format!(
            "errors: framing {}, parity {}, overrun {}, buffer {}; BREAKs {}",
            errors.framing, errors.parity, errors.overrun, errors.buffer, errors.breaks
        ));
    }
    if state.held || state.queued > 0 {
        report.push(format!(
            "{} bytes wait to be written{}",
            state.queued,
            if state.held {
                "; the device holds back"
            } else {
                ""
            }
        ));
    }
    let viewers = state.viewers.iter();
    let viewers: Vec<_> = viewers
        .map(|viewer| format!("{} ({} from {})", viewer.name, viewer.door, viewer.from))
        .collect();
    report.extend(state.turn.as_ref().map(turn));
    report.push(format!("watched by {}", viewers.join(", ")));
    report
}

fn modem(lines: Lines) -> String {
    let line = |name, on| format!("{name} {}", if on { "on" } else { "off" });
    [
        line("DTR", lines.dtr),
        line("RTS", lines.rts),
        line("CTS", lines.cts),
        line("DSR", lines.dsr),
        line("DCD", lines.dcd),
        line("RI", lines.ri),
    ]
    .join(", ")
}
