//! Notices: what an RFC 2217 client is told unasked about the modem lines and about what went wrong
//! on the line, as far as its masks let through.

use rfc2217_server::{Answer, line_state, modem_state};

use crate::state::{Errors, Lines, PortState};

/// What one client knows and wants to know.
pub(super) struct Notices {
    /// Bits of the modem state that it wants; all unless it says otherwise.
    pub modem_mask: u8,
    /// Bits of the line state that it wants; none unless it says otherwise.
    pub line_mask: u8,
    /// Whether it may be told at all.
    agreed: bool,
    /// What it was told last, or was not told because of its mask.
    lines: Lines,
    errors: Option<Errors>,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            modem_mask: 255,
            line_mask: 0,
            agreed: false,
            lines: Lines::default(),
            errors: None,
        }
    }
}

impl Notices {
    /// Tells how things stand now; from here on, what changes. Clients wait for the first one.
    pub(super) fn begin(&mut self, state: &PortState, out: &mut Vec<u8>) {
        self.agreed = true;
        self.lines = state.lines.unwrap_or_default();
        self.errors = state.errors;
        self.tell_modem(state, out);
    }

    /// Tells what has changed since the last look.
    pub(super) fn look(&mut self, state: &PortState, out: &mut Vec<u8>) {
        if !self.agreed {
            return;
        }
        let lines = state.lines.unwrap_or_default();
        let deltas = deltas(self.lines, lines);
        // Ring is told when it comes as well, although only its end has a bit of its own.
        let rings = lines.ri != self.lines.ri && self.modem_mask & modem_state::RI != 0;
        if deltas & self.modem_mask != 0 || rings {
            Answer::ModemState((levels(lines) | deltas) & self.modem_mask).encode(out);
        }
        self.lines = lines;
        let wrong = wrong(self.errors, state.errors) & self.line_mask;
        if wrong != 0 {
            Answer::LineState((wrong | sent(state)) & self.line_mask).encode(out);
        }
        self.errors = state.errors;
    }

    /// Tells the modem state now. A device without modem lines has none asserted.
    pub(super) fn tell_modem(&mut self, state: &PortState, out: &mut Vec<u8>) {
        let state = levels(state.lines.unwrap_or_default()) & self.modem_mask;
        Answer::ModemState(state).encode(out);
    }

    /// Tells the line state now.
    pub(super) fn tell_line(&mut self, state: &PortState, out: &mut Vec<u8>) {
        Answer::LineState(sent(state)).encode(out);
    }
}

fn bits<const N: usize>(bits: [(bool, u8); N]) -> u8 {
    let set = bits.into_iter().filter(|(is_set, _)| *is_set);
    set.fold(0, |all, (_, bit)| all | bit)
}

fn levels(lines: Lines) -> u8 {
    bits([
        (lines.dcd, modem_state::CD),
        (lines.ri, modem_state::RI),
        (lines.dsr, modem_state::DSR),
        (lines.cts, modem_state::CTS),
    ])
}

fn deltas(before: Lines, now: Lines) -> u8 {
    bits([
        (now.dcd != before.dcd, modem_state::DELTA_CD),
        (before.ri && !now.ri, modem_state::TRAILING_RI),
        (now.dsr != before.dsr, modem_state::DELTA_DSR),
        (now.cts != before.cts, modem_state::DELTA_CTS),
    ])
}

/// What went wrong between two counts. A driver that was opened anew may count from 0.
fn wrong(before: Option<Errors>, now: Option<Errors>) -> u8 {
    let (Some(before), Some(now)) = (before, now) else {
        return 0;
    };
    bits([
        (now.breaks > before.breaks, line_state::BREAK),
        (now.framing > before.framing, line_state::FRAMING),
        (now.parity > before.parity, line_state::PARITY),
        (
            now.overrun > before.overrun || now.buffer > before.buffer,
            line_state::OVERRUN,
        ),
    ])
}

/// Whether all that was written is with the driver.
fn sent(state: &PortState) -> u8 {
    let empty = line_state::TRANSMIT_SHIFT_EMPTY | line_state::TRANSMIT_HOLDING_EMPTY;
    if state.queued == 0 { empty } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [u8; 0] = [];

    fn told(notices: &mut Notices, state: &PortState) -> Vec<u8> {
        let mut out = Vec::new();
        notices.look(state, &mut out);
        // The state of each answer: IAC SB 44 code state IAC SE.
        out.chunks(7).map(|answer| answer[4]).collect()
    }

    #[test]
    fn a_line_that_moves_is_told_with_what_moved() {
        let mut notices = Notices::default();
        let mut state = PortState {
            lines: Some(Lines::default()),
            ..PortState::default()
        };
        assert_eq!(told(&mut notices, &state), NONE, "nothing before agreement");
        notices.begin(&state, &mut Vec::new());
        state.lines.as_mut().unwrap().cts = true;
        assert_eq!(told(&mut notices, &state), [16 | 1]);
        assert_eq!(told(&mut notices, &state), NONE);
        state.lines.as_mut().unwrap().ri = true;
        assert_eq!(told(&mut notices, &state), [64 | 16]);
        notices.modem_mask = 128 | 8;
        state.lines = None;
        assert_eq!(told(&mut notices, &state), NONE, "masked");
        state.lines = Some(Lines {
            dcd: true,
            ..Lines::default()
        });
        assert_eq!(told(&mut notices, &state), [128 | 8]);
    }

    #[test]
    fn errors_are_told_to_who_asked_for_them() {
        let mut notices = Notices::default();
        let mut state = PortState {
            errors: Some(Errors::default()),
            ..PortState::default()
        };
        notices.begin(&state, &mut Vec::new());
        state.errors.as_mut().unwrap().framing = 1;
        assert_eq!(told(&mut notices, &state), NONE, "not asked for");
        notices.line_mask = 16 | 8;
        state.errors.as_mut().unwrap().framing = 2;
        assert_eq!(told(&mut notices, &state), [8]);
        state.errors = Some(Errors::default());
        assert_eq!(told(&mut notices, &state), NONE, "a count that began again");
    }
}
