//! Moves: what a client does to DTR and RTS in one go.

use rfc2217_server::Control;

/// Changes of DTR and RTS that are made together, because boards tell that apart from one after the
/// other: those that lie side by side in one read, and those that [`Resets`](super::resets::Resets)
/// puts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    pub dtr: Option<bool>,
    pub rts: Option<bool>,
}

impl Moves {
    /// Whether this moves a line.
    pub(super) fn is_move(control: Control) -> bool {
        Self::default().takes(control)
    }

    /// Adds a move; not if it is none, or if the line is moved already.
    pub(super) fn takes(&mut self, control: Control) -> bool {
        let (line, on) = match control {
            Control::DtrOn | Control::DtrOff => (&mut self.dtr, control == Control::DtrOn),
            Control::RtsOn | Control::RtsOff => (&mut self.rts, control == Control::RtsOn),
            _ => return false,
        };
        let is_free = line.is_none();
        line.get_or_insert(on);
        is_free
    }

    /// As the answers to them say it.
    pub(super) fn controls(self) -> impl Iterator<Item = Control> {
        let dtr = self
            .dtr
            .map(|on| if on { Control::DtrOn } else { Control::DtrOff });
        let rts = self
            .rts
            .map(|on| if on { Control::RtsOn } else { Control::RtsOff });
        [dtr, rts].into_iter().flatten()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.dtr.is_none() && self.rts.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_moves_once_in_one_go() {
        let mut moves = Moves::default();
        assert!(moves.takes(Control::DtrOff));
        assert!(moves.takes(Control::RtsOn));
        assert!(
            !moves.takes(Control::DtrOn),
            "off and on again is a pulse, not on"
        );
        assert_eq!((moves.dtr, moves.rts), (Some(false), Some(true)));
        assert!(!Moves::is_move(Control::AskDtr));
    }
}
