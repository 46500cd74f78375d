//! Resets that survive the network: which moves of DTR and RTS belong together, and how long a line
//! has to stay where it is.
//!
//! On the usual ESP circuit RTS alone holds the chip in reset, and DTR alone makes it enter its boot
//! loader when it is let go. esptool goes from the one to the other by two commands, DTR on and RTS
//! off. Locally microseconds lie between them, over a network milliseconds: the chip is let go by the
//! first and has started its program before the second comes. So the first one waits for the second.
//! And where a network delivers at once what was sent with pauses, the pauses are kept.

use std::time::{Duration, Instant};

use super::moves::Moves;

/// DTR on waits so long for RTS off: a client that waits for each answer needs a round trip,
/// pyserial with `ign_set_control` 100 ms more.
const PARTNER: Duration = Duration::from_millis(500);
/// A reset that was begun longer ago was no beginning of a sequence.
const RECENT: Duration = Duration::from_secs(2);
/// How long esptool holds a chip in reset, and then its boot pin.
const RESET: Duration = Duration::from_millis(100);
const BOOT: Duration = Duration::from_millis(50);
/// The move that waits.
const DTR_ON: Moves = Moves {
    dtr: Some(true),
    rts: None,
};

/// What no move waits longer than, from when it came or the one before it was made.
#[cfg(test)]
const LONGEST: Duration = PARTNER.saturating_add(RESET);

/// Moves to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Play {
    /// Not sooner than this.
    pub at: Instant,
    pub moves: Moves,
    /// Whether they take a chip from reset into its boot loader.
    pub boots: bool,
}

/// What one client does to the lines.
#[derive(Debug, Default)]
pub(super) struct Resets {
    /// The lines as the client set them last.
    dtr: Option<bool>,
    rts: Option<bool>,
    /// Since when it holds the chip in reset: RTS was put on while DTR was off.
    reset: Option<Instant>,
    /// Since when the boot loader is being entered.
    boot: Option<Instant>,
    /// DTR on, which waits until then for RTS off.
    held: Option<Instant>,
}

impl Resets {
    /// Until when a move waits for its partner, if one does.
    pub(super) fn held(&self) -> Option<Instant> {
        self.held
    }

    /// Takes moves that came `now`; what is to be made, in order. What is missing waits.
    pub(super) fn take(&mut self, moves: Moves, now: Instant) -> Vec<Play> {
        let rts_off = moves.rts == Some(false) && moves.dtr != Some(false);
        match self.held {
            Some(_) if moves == DTR_ON => return Vec::new(),
            Some(_) if rts_off => {
                self.held = None;
                let both = Moves {
                    dtr: Some(true),
                    ..moves
                };
                return vec![self.play(both, now)];
            }
            _ => {}
        }
        let mut plays: Vec<_> = self.let_go(now).into_iter().collect();
        let is_recent = |since: Instant| now.saturating_duration_since(since) <= RECENT;
        if moves == DTR_ON && self.reset.is_some_and(is_recent) {
            self.held = Some(now + PARTNER);
        } else {
            plays.push(self.play(moves, now));
        }
        plays
    }

    /// What waits waits no longer: its time is over, or something came that is not its partner.
    pub(super) fn let_go(&mut self, now: Instant) -> Option<Play> {
        self.held.take()?;
        Some(self.play(DTR_ON, now))
    }

    /// Learns when moves were really made: pauses count from there.
    pub(super) fn made(&mut self, play: &Play, at: Instant) {
        for since in [&mut self.reset, &mut self.boot] {
            if *since == Some(play.at) {
                *since = Some(at);
            }
        }
    }

    fn play(&mut self, moves: Moves, now: Instant) -> Play {
        let before = (self.dtr, self.rts);
        let after = (moves.dtr.or(self.dtr), moves.rts.or(self.rts));
        (self.dtr, self.rts) = after;
        let earliest = if before == after {
            None
        } else {
            let reset = self.reset.map(|since| since + RESET);
            let boot = self.boot.map(|since| since + BOOT);
            reset.max(boot)
        };
        let at = earliest.map_or(now, |earliest| earliest.max(now));
        let boots = self.reset.is_some() && after == (Some(true), Some(false));
        if before != after {
            self.boot = boots.then_some(at);
        }
        let resets = after == (Some(false), Some(true));
        self.reset = match self.reset {
            since @ Some(_) if resets => since,
            None if resets && moves.rts.is_some() => Some(at),
            _ => None,
        };
        Play { at, moves, boots }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A client's moves as esptool writes them: `D0`, `R1`, and waits in milliseconds.
    fn moves(word: &str) -> Moves {
        let on = Some(word.ends_with('1'));
        let (dtr, rts) = if word.starts_with('D') {
            (on, None)
        } else {
            (None, on)
        };
        Moves { dtr, rts }
    }

    /// What the device sees of commands that come at these times: the lines, and when.
    fn played(commands: &[(u64, &str)], resets: &mut Resets) -> Vec<(u64, bool, bool)> {
        let start = Instant::now();
        let ms = |at: Instant| at.duration_since(start).as_millis() as u64;
        let (mut lines, mut free, mut seen) = ((true, true), start, Vec::new());
        let mut make = |plays: Vec<Play>, free: &mut Instant| {
            for play in plays {
                *free = (*free).max(play.at);
                lines = (
                    play.moves.dtr.unwrap_or(lines.0),
                    play.moves.rts.unwrap_or(lines.1),
                );
                if seen
                    .last()
                    .is_none_or(|(_, dtr, rts)| (*dtr, *rts) != lines)
                {
                    seen.push((ms(play.at), lines.0, lines.1));
                }
            }
        };
        for (time, word) in commands {
            let came = (start + Duration::from_millis(*time)).max(free);
            if let Some(until) = resets.held().filter(|until| *until <= came) {
                make(resets.let_go(until).into_iter().collect(), &mut free);
            }
            let now = came.max(free);
            make(resets.take(moves(word), now), &mut free);
        }
        if let Some(until) = resets.held() {
            make(resets.let_go(until).into_iter().collect(), &mut free);
        }
        seen
    }

    #[test]
    fn from_reset_the_chip_goes_straight_into_its_boot_loader() {
        // esptool's classic reset with 60 ms between commands; it repeats DTR after each RTS.
        let commands = [
            (0, "D0"),
            (60, "R1"),
            (120, "D0"),
            (280, "D1"),
            (340, "R0"),
            (400, "D1"),
            (510, "D0"),
        ];
        let seen = played(&commands, &mut Resets::default());
        assert_eq!(
            seen,
            [(0, false, true), (340, true, false), (510, false, false)]
        );
    }

    #[test]
    fn pauses_that_the_network_took_out_are_kept() {
        let commands = ["D0", "R1", "D0", "D1", "R0", "D1", "D0"].map(|word| (0, word));
        let seen = played(&commands, &mut Resets::default());
        assert_eq!(
            seen,
            [(0, false, true), (100, true, false), (150, false, false)]
        );
        let hard = played(&[(0, "D0"), (0, "R1"), (0, "R0")], &mut Resets::default());
        assert_eq!(hard, [(0, false, true), (100, false, false)]);
    }

    #[test]
    fn a_pulse_of_dtr_is_made_as_it_comes() {
        // What opens a port sets both; then an Arduino is reset.
        let commands = [(0, "D1"), (0, "R1"), (50, "D0"), (300, "D1")];
        let seen = played(&commands, &mut Resets::default());
        assert_eq!(seen[1..], [(50, false, true), (300, true, true)]);
    }

    #[test]
    fn who_never_lets_go_gets_what_was_asked_half_a_second_later() {
        let commands = [(0, "D0"), (0, "R1"), (200, "D1")];
        let seen = played(&commands, &mut Resets::default());
        assert_eq!(seen, [(0, false, true), (700, true, true)]);
        // Long after, it is no beginning of anything.
        let commands = [(0, "D0"), (0, "R1"), (2100, "D1")];
        let seen = played(&commands, &mut Resets::default());
        assert_eq!(seen, [(0, false, true), (2100, true, true)]);
    }

    #[test]
    fn usb_jtag_keeps_its_way() {
        let words = ["R0", "D0", "D1", "R0", "R1", "D0", "R1", "D0", "R0"];
        let times = [0, 50, 150, 200, 350, 400, 450, 600, 650];
        let commands: Vec<_> = times.into_iter().zip(words).collect();
        let seen = played(&commands, &mut Resets::default());
        let lines: Vec<_> = seen.iter().map(|(_, dtr, rts)| (*dtr, *rts)).collect();
        assert_eq!(
            lines,
            [
                (true, false),
                (false, false),
                (true, false),
                (true, true),
                (false, true),
                (false, false)
            ]
        );
        assert_eq!(seen.last().unwrap().0, 650);
    }

    proptest! {
        #[test]
        fn the_lines_end_as_they_were_set_and_no_move_waits_long(
            words in prop::collection::vec((0u64..700, 0..4usize), 0..40),
        ) {
            let (mut time, mut resets) = (0, Resets::default());
            let mut commands = Vec::new();
            for (pause, word) in words {
                time += pause;
                commands.push((time, ["D0", "D1", "R0", "R1"][word]));
            }
            let start = Instant::now();
            let (mut lines, mut wanted, mut free) = ((None, None), (None, None), start);
            let mut make = |play: Play, free: &mut Instant| {
                assert!(play.at <= *free + LONGEST);
                *free = (*free).max(play.at);
                lines = (play.moves.dtr.or(lines.0), play.moves.rts.or(lines.1));
            };
            for (time, word) in commands {
                let came = (start + Duration::from_millis(time)).max(free);
                if let Some(until) = resets.held() {
                    prop_assert!(until <= came.max(free) + PARTNER);
                    if until <= came {
                        free = free.max(until);
                        make(resets.let_go(until).unwrap(), &mut free);
                    }
                }
                free = free.max(came);
                let moves = moves(word);
                wanted = (moves.dtr.or(wanted.0), moves.rts.or(wanted.1));
                let now = free;
                for play in resets.take(moves, now) {
                    make(play, &mut free);
                }
            }
            if let Some(until) = resets.held() {
                free = free.max(until);
                make(resets.let_go(until).unwrap(), &mut free);
            }
            prop_assert_eq!(lines, wanted);
        }
    }
}
