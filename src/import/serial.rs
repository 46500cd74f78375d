//! Serial settings as ser2net writes them: `115200n81`, and words.

use crate::settings::{AtOpen, Change, Flow, Parity, StopBits};

/// Why `telnet-brk-on-sync` is left out.
pub const NO_SYNC: &str = "telnet's own BREAK is one, but its SYNCH is none";

/// What ser2net takes for no.
pub fn is_no(value: &str) -> bool {
    matches!(value, "false" | "off" | "no" | "0")
}

/// What came of a word.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is carried over, or holds here anyway.
    Yes,
    /// It means something that there is not here.
    No(&'static str),
    /// It is no setting.
    Unknown,
}

impl Taken {
    /// Why the word is left out, if it is.
    pub fn why_not(self, word: &str) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::No(why) => Some(format!("{word}: {why}")),
            Self::Unknown => Some(format!("{word:?} is not carried over")),
        }
    }
}

/// What holds in ser2net where nothing is said.
pub fn standard() -> Change {
    Change {
        baud: Some(9600),
        ..Change::default()
    }
}

/// Takes one word, such as `9600n81`, `RTSCTS`, `-XONXOFF`, `local=false` or `dtr=off`.
pub fn take(word: &str, change: &mut Change) -> Taken {
    let word = word.to_ascii_lowercase();
    if word.starts_with(|letter: char| letter.is_ascii_digit()) {
        return frame(&word, change).unwrap_or(Taken::Unknown);
    }
    let (bare, is_on) = match word.strip_prefix('-') {
        Some(bare) => (bare, false),
        None => (word.as_str(), true),
    };
    let (name, value) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (bare, None),
    };
    let is_on = match value {
        Some(value) if is_no(value) => false,
        Some("true" | "on" | "yes" | "1") | None => is_on,
        Some(_) if name == "rs485" => true,
        Some(_) => return Taken::Unknown,
    };
    let line = if is_on {
        AtOpen::Assert
    } else {
        AtOpen::Deassert
    };
    match name {
        "none" => change.parity = Some(Parity::None),
        "even" => change.parity = Some(Parity::Even),
        "odd" => change.parity = Some(Parity::Odd),
        "mark" => change.parity = Some(Parity::Mark),
        "space" => change.parity = Some(Parity::Space),
        "rtscts" => flow(change, Flow::RtsCts, is_on),
        "xonxoff" => flow(change, Flow::XonXoff, is_on),
        "dtr" => change.dtr = Some(line),
        "rts" => change.rts = Some(line),
        "hangup-when-done" | "hangup_when_done" => change.hangup = Some(is_on),
        "local" if !is_on => return Taken::No("the line is opened without waiting for a carrier"),
        "local" | "custspeed" | "remctl" | "uucplock" | "nouucplock" | "flock" => {}
        "nobreak" if is_on => return Taken::No("a BREAK that a program asks for is sent"),
        "nobreak" => {}
        "rdonly" if is_on => return Taken::No("whoever may use the port may type on it"),
        "rs485" if value != Some("off") => {
            return Taken::No(
                "RS-485 is left as the driver has it; switch it on with a udev rule or rs485conf",
            );
        }
        "telnet-brk-on-sync" if is_on => return Taken::No(NO_SYNC),
        "rdonly" | "rs485" | "telnet-brk-on-sync" => {}
        _ => return Taken::Unknown,
    }
    Taken::Yes
}

fn flow(change: &mut Change, flow: Flow, is_on: bool) {
    if is_on {
        change.flow = Some(flow);
    } else if change.flow == Some(flow) {
        change.flow = None;
    }
}

/// `9600`, `9600n81`, `8databits`, `1stopbit`.
fn frame(word: &str, change: &mut Change) -> Option<Taken> {
    let split = word.find(|letter: char| !letter.is_ascii_digit());
    let (digits, rest) = word.split_at(split.unwrap_or(word.len()));
    let number: u32 = digits.parse().ok()?;
    match rest {
        "databits" => change.data_bits = Some(u8::try_from(number).ok()?),
        "stopbit" | "stopbits" => change.stop_bits = Some(stop_bits(number)?),
        _ => {
            let mut new = *change;
            new.baud = Some(number);
            let mut letters = rest.chars();
            if let Some(letter) = letters.next() {
                new.parity = Some(match letter {
                    'n' => Parity::None,
                    'e' => Parity::Even,
                    'o' => Parity::Odd,
                    'm' => Parity::Mark,
                    's' => Parity::Space,
                    _ => return None,
                });
            }
            if let Some(letter) = letters.next() {
                new.data_bits = Some(letter.to_digit(10)? as u8);
            }
            if let Some(letter) = letters.next() {
                new.stop_bits = Some(stop_bits(letter.to_digit(10)?)?);
            }
            if letters.next().is_some() {
                return None;
            }
            *change = new;
        }
    }
    Some(Taken::Yes)
}

fn stop_bits(number: u32) -> Option<StopBits> {
    match number {
        1 => Some(StopBits::One),
        2 => Some(StopBits::Two),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn line(words: &[&str]) -> String {
        let mut change = standard();
        for word in words {
            assert_eq!(take(word, &mut change), Taken::Yes, "{word}");
        }
        change
            .applied_to(Settings::default())
            .unwrap()
            .line
            .to_string()
    }

    #[test]
    fn speeds_and_words_are_read_in_every_form() {
        assert_eq!(line(&[]), "9600 8N1");
        assert_eq!(line(&["115200n81", "local"]), "115200 8N1");
        assert_eq!(line(&["19200E72", "XONXOFF"]), "19200 7E2 xonxoff");
        assert_eq!(line(&["300", "ODD", "7DATABITS", "2STOPBITS"]), "300 7O2");
        assert_eq!(line(&["RTSCTS", "-XONXOFF"]), "9600 8N1 rtscts");
        assert_eq!(line(&["xonxoff", "xonxoff=false"]), "9600 8N1");
    }

    #[test]
    fn what_there_is_not_here_is_told_and_nonsense_is_none() {
        let mut change = standard();
        for word in [
            "local=false",
            "-local",
            "nobreak",
            "rs485=10:10:rts_on_send",
            "telnet-brk-on-sync",
        ] {
            assert!(matches!(take(word, &mut change), Taken::No(_)), "{word}");
        }
        for word in [
            "",
            "fast",
            "9600x",
            "9600n81z",
            "99999999999",
            "banner1",
            "dtr=maybe",
            "3stopbits",
        ] {
            assert_eq!(take(word, &mut change), Taken::Unknown, "{word}");
        }
        assert_eq!(change, standard());
    }
}
