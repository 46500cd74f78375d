//! Held settings: what of a port's settings a pty can hold. The kernel makes all its characters 8 bits
//! without parity.

use std::io;

use rustix::termios::{ControlModes, InputModes, Termios};
use seriald::settings::{Change, Flow, Line, StopBits};

/// What of the settings a pty holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Bits per second; 0 hangs up.
    pub baud: u32,
    stop_bits: StopBits,
    flow: Flow,
}

impl Held {
    /// Those of a pty.
    pub fn of(termios: &Termios) -> Self {
        let (control, input) = (termios.control_modes, termios.input_modes);
        Self {
            baud: termios.output_speed(),
            stop_bits: match control.contains(ControlModes::CSTOPB) {
                true => StopBits::Two,
                false => StopBits::One,
            },
            flow: match () {
                () if control.contains(ControlModes::CRTSCTS) => Flow::RtsCts,
                () if input.intersects(InputModes::IXON | InputModes::IXOFF) => Flow::XonXoff,
                () => Flow::None,
            },
        }
    }

    /// What a pty holds of a port's settings.
    pub fn from_line(line: &Line) -> Self {
        Self {
            baud: line.baud,
            stop_bits: match line.stop_bits {
                StopBits::One => StopBits::One,
                StopBits::OneAndHalf | StopBits::Two => StopBits::Two,
            },
            flow: line.flow,
        }
    }

    /// Puts them into those of a pty.
    pub fn put(self, termios: &mut Termios) -> io::Result<()> {
        termios.set_speed(self.baud)?;
        let (control, input) = (&mut termios.control_modes, &mut termios.input_modes);
        control.set(ControlModes::CSTOPB, self.stop_bits == StopBits::Two);
        control.set(ControlModes::CRTSCTS, self.flow == Flow::RtsCts);
        input.set(
            InputModes::IXON | InputModes::IXOFF,
            self.flow == Flow::XonXoff,
        );
        Ok(())
    }

    /// What differs from what was known.
    pub fn change(self, known: Self) -> Change {
        Change {
            baud: (self.baud != known.baud).then_some(self.baud),
            stop_bits: (self.stop_bits != known.stop_bits).then_some(self.stop_bits),
            flow: (self.flow != known.flow).then_some(self.flow),
            ..Change::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use seriald::pty::Pty;

    use super::*;

    #[test]
    fn what_a_pty_holds_of_the_settings_reads_back_and_only_changes_are_passed_on() {
        let pty = Pty::open().unwrap();
        let line = |text: &str| {
            let change: Change = text.parse().unwrap();
            change.applied_to(Default::default()).unwrap().line
        };
        let mut known = Held::of(&pty.settings().unwrap());
        for text in ["9600", "250000,8N2", "300,8N1,rtscts", "115200,8N1,xonxoff"] {
            let held = Held::from_line(&line(text));
            let mut termios = pty.settings().unwrap();
            held.put(&mut termios).unwrap();
            pty.set(&termios).unwrap();
            let found = Held::of(&pty.settings().unwrap());
            assert_eq!(found, held, "{text}");
            let change = found.change(known);
            assert_eq!(change.baud, Some(held.baud), "{text}");
            assert_eq!(
                change.stop_bits.is_some(),
                held.stop_bits != known.stop_bits
            );
            known = found;
        }
        assert_eq!(known.change(known), Change::default());
    }
}
