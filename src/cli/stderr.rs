//! Stderr: each event of the log is one line, whatever the names in it hold. The subscriber makes escape
//! sequences harmless, but lets line feeds pass, by which a name could forge a line.

use std::io::{self, Write, stderr};

/// Where the log goes. It is given whole events.
pub struct Stderr;

impl Write for Stderr {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        stderr().lock().write_all(&in_one_line(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        stderr().flush()
    }
}

fn in_one_line(event: &[u8]) -> Vec<u8> {
    let (text, end) = match event {
        [text @ .., b'\n'] => (text, &b"\n"[..]),
        text => (text, &b""[..]),
    };
    let pieces: Vec<_> = text.split(|byte| *byte == b'\n').collect();
    [&pieces.join(&b"\\n"[..]), end].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        for (event, line) in [
            ("INFO it runs\n", "INFO it runs\n"),
            ("INFO a\nINFO b\n", "INFO a\\nINFO b\n"),
            ("\n\n", "\\n\n"),
            ("", ""),
        ] {
            assert_eq!(in_one_line(event.as_bytes()), line.as_bytes(), "{event:?}");
        }
    }
}
