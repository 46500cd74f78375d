//! Status: what there is to say about a port, in a line or in some.

use seriald::state::{Lines, Phase, PortState, Turn};

/// What a port is doing, in a few words, or why it does not: `open`, `waiting: … in use by …`.
pub fn phase(state: &PortState) -> String {
    let word = match state.phase {
        Phase::Closed => "closed; nobody has opened it yet",
        Phase::Opening => "being opened",
        Phase::Open => "open",
        Phase::Waiting => "waiting",
        Phase::Released => "released",
    };
    match (&state.lent, &state.failure) {
        (Some(lent), _) => format!("lent to {} by {}", lent.to, lent.by),
        (_, Some(failure)) if state.phase == Phase::Waiting => {
            format!("{word}: {}", failure.message)
        }
        _ => word.to_owned(),
    }
}

/// Who may type, where one at a time may: `ada has the turn; ben asks for it (c7)`.
pub fn turn(turn: &Turn) -> String {
    let mut told = match &turn.holder {
        Some(holder) if holder.away => format!("{} has the turn, and is away", holder.name),
        Some(holder) => format!("{} has the turn", holder.name),
        None => "nobody has the turn: it is for the next who types".to_owned(),
    };
    for asks in &turn.asking {
        told.push_str(&format!("; {} asks for it ({})", asks.name, asks.client));
    }
    told
}

/// The port in one line.
pub fn line(state: &PortState) -> String {
    let device = state.path.as_ref().unwrap_or(&state.device);
    let line = state.actual.unwrap_or(state.settings.line);
    format!(
        "{} ({}, {line}) is {}",
        state.name,
        device.display(),
        phase(state)
    )
}

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

#[cfg(test)]
mod tests {
    use seriald::state::{Failure, Lent, Trouble};

    use super::*;

    #[test]
    fn a_port_that_is_not_open_says_why() {
        let mut state = PortState {
            name: "arduino".into(),
            device: "/dev/ttyACM0".into(),
            phase: Phase::Waiting,
            failure: Some(Failure {
                code: Trouble::Busy,
                message: "/dev/ttyACM0: in use by avrdude".into(),
                retry: None,
            }),
            ..PortState::default()
        };
        assert_eq!(
            line(&state),
            "arduino (/dev/ttyACM0, 115200 8N1) is waiting: /dev/ttyACM0: in use by avrdude"
        );
        state.lent = Some(Lent {
            to: "esptool".into(),
            by: "anna".into(),
            since: Default::default(),
            until: Default::default(),
            flash: None,
        });
        assert_eq!(phase(&state), "lent to esptool by anna");
    }
}
