//! Status: what there is to say about a port, in a line.

use seriald::clock::minute;
use seriald::state::{Booked, Phase, PortState, Turn};

/// What a port is doing, in a few words, or why it does not: `open`, `waiting: … in use by …`.
/// And whose it is, if somebody has booked it.
pub fn phase(state: &PortState) -> String {
    let phase = own_phase(state);
    match &state.booked {
        Some(Booked { by, until, .. }) => {
            format!("{phase}; booked by {by} until {}", minute(*until))
        }
        None => phase,
    }
}

fn own_phase(state: &PortState) -> String {
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
