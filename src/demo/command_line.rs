//! Command line: splits what is typed to a board into commands.

/// What the memory of a small board has room for.
const LONGEST: usize = 256;

/// The command that is being typed.
#[derive(Default)]
pub struct CommandLine {
    bytes: Vec<u8>,
    after_cr: bool,
}

impl CommandLine {
    /// Takes a byte; gives the command that it ends. CR, LF and CRLF each end one command. What
    /// exceeds the longest command is cut off.
    pub fn push(&mut self, byte: u8) -> Option<String> {
        let second_half = byte == b'\n' && self.after_cr;
        self.after_cr = byte == b'\r';
        match byte {
            b'\n' if second_half => None,
            b'\r' | b'\n' => {
                let command = String::from_utf8_lossy(&self.bytes).trim().to_owned();
                self.bytes.clear();
                Some(command)
            }
            0x08 | 0x7f => {
                self.bytes.pop();
                None
            }
            _ => {
                if self.bytes.len() < LONGEST {
                    self.bytes.push(byte);
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(input: &[u8]) -> Vec<String> {
        let mut line = CommandLine::default();
        input.iter().filter_map(|&byte| line.push(byte)).collect()
    }

    #[test]
    fn each_line_end_gives_one_command() {
        assert_eq!(
            commands(b"a\rb\nc\r\nd\n\re\n"),
            ["a", "b", "c", "d", "", "e"]
        );
    }

    #[test]
    fn a_key_that_erases_erases() {
        assert_eq!(commands(b"\x7fhelo\x7flp\x08\x08lp\n"), ["hellp"]);
    }

    #[test]
    fn an_endless_line_does_not_grow() {
        let mut input = vec![b'x'; 100_000];
        input.push(b'\n');
        assert_eq!(commands(&input)[0].len(), LONGEST);
    }
}
