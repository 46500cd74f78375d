//! Queries: the sequences that a terminal answers by typing, and what its answers look like.

/// A sequence, taken apart.
enum Parts {
    /// ESC and a letter, or a control character.
    Short(u8),
    /// What introduces a string (`]`, `P`, `X`, `^`, `_`), and what stands in it.
    String(u8, String),
    /// A control sequence: what stands before its final byte, and that.
    Csi(String, u8),
}

/// Whether a terminal would answer this sequence.
pub fn is_query(sequence: &[u8]) -> bool {
    match parts(sequence) {
        Parts::Short(byte) => matches!(byte, 0x05 | b'Z'),
        Parts::Csi(body, last) => is_csi_query(&body, last),
        Parts::String(b']', body) => is_osc_query(&body),
        Parts::String(b'P', body) => ["$q", "+q", "+Q"].iter().any(|word| body.starts_with(word)),
        // The protocol of pictures answers unless it is told to be quiet.
        Parts::String(b'_', body) => body.starts_with('G') && !body.contains("q=2"),
        Parts::String(..) => false,
    }
}

fn is_csi_query(body: &str, last: u8) -> bool {
    let first = body.chars().next();
    let number = body.split([';', ':']).next().unwrap_or_default();
    match last {
        b'n' => first != Some('>'),
        b'c' => first != Some('?'),
        b'x' => !body.contains(['*', '$', '\'']),
        b'p' | b'w' => body.ends_with('$'),
        b'q' => first == Some('>'),
        b't' => matches!(
            number,
            "11" | "13" | "14" | "15" | "16" | "18" | "19" | "20" | "21"
        ),
        b'u' => first == Some('?') || body.ends_with('$'),
        b'y' => body.ends_with('*'),
        b'v' => body.ends_with('"'),
        b'|' => body.ends_with('\''),
        b'S' | b'm' => first == Some('?'),
        _ => false,
    }
}

fn is_osc_query(body: &str) -> bool {
    let mut words = body.split(';');
    let number = words.next().unwrap_or_default();
    match number {
        "60" | "61" => true,
        "1337" => words.any(|word| word.starts_with("Report") || word.starts_with("Request")),
        _ => words.any(|word| word == "?" || word.ends_with("=?")),
    }
}

/// Whether this is what a terminal answers, and no key of it could be meant.
pub fn is_answer(sequence: &[u8]) -> bool {
    match parts(sequence) {
        Parts::Short(_) => false,
        Parts::String(..) => true,
        Parts::Csi(body, last) => match last {
            b'R' | b'n' | b'c' | b't' | b'x' | b'y' | b'S' => {
                body.contains(|c: char| c.is_ascii_digit())
            }
            b'u' => body.starts_with('?'),
            b'm' => body.starts_with('>'),
            _ => false,
        },
    }
}

fn parts(sequence: &[u8]) -> Parts {
    let text = String::from_utf8_lossy(sequence);
    let mut letters = text.chars();
    let first = letters.next();
    let introducer = match first {
        Some('\x1b') => letters.next().map_or(0, |letter| letter as u32),
        // A C1 control is ESC and the letter 0x40 below it.
        Some(control @ '\u{80}'..='\u{9f}') => control as u32 - 0x40,
        Some(control) => return Parts::Short(control as u8),
        None => 0,
    };
    // Controls within a sequence are done at once, as if they stood before it.
    let body: String = letters.filter(|letter| !letter.is_control()).collect();
    match introducer as u8 {
        b'[' => match body.char_indices().next_back() {
            Some((at, last)) => Parts::Csi(body[..at].to_owned(), last as u8),
            None => Parts::Short(0),
        },
        letter @ (b']' | b'P' | b'X' | b'^' | b'_') => {
            // What ends it may be ESC and a backslash.
            let is_long = sequence.ends_with(b"\x1b\\");
            let end = body.len() - usize::from(is_long && body.ends_with('\\'));
            Parts::String(letter, body[..end].to_owned())
        }
        letter => Parts::Short(if body.is_empty() { letter } else { 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_answers_is_a_query() {
        for query in [
            &b"\x05"[..],
            b"\x1bZ",
            b"\x1b[5n",
            b"\x1b[6n",
            b"\x1b[?6n",
            b"\x1b[c",
            b"\x1b[0c",
            b"\x1b[>c",
            b"\x1b[=0c",
            b"\x1b[x",
            b"\x1b[?2026$p",
            b"\x1b[>0q",
            b"\x1b[14t",
            b"\x1b[21;0t",
            b"\x1b[?u",
            b"\x1b[1;1;1;1;1;1*y",
            b"\x1b[\n6n",
            b"\x1b]11;?\x07",
            b"\x1b]4;1;?;2;?\x1b\\",
            b"\x1b]52;c;?\x07",
            b"\x1bP$qm\x1b\\",
            b"\x1bP+q544e\x1b\\",
            b"\x1b_Gi=1,a=q;AAAA\x1b\\",
            "\u{9b}6n".as_bytes(),
            "\u{9d}10;?\u{9c}".as_bytes(),
        ] {
            assert!(is_query(query), "{}", query.escape_ascii());
        }
    }

    #[test]
    fn what_only_shows_something_is_none() {
        for shown in [
            &b"\x1b[31m"[..],
            b"\x1b[2J",
            b"\x1b[?25h",
            b"\x1b[?2004h",
            b"\x1b[4;1H",
            b"\x1b[?1c",
            b"\x1b[>4n",
            b"\x1b[22;0t",
            b"\x1b[8;24;80t",
            b"\x1b[2 q",
            b"\x1b[u",
            b"\x1b[!p",
            b"\x1b]0;what?\x07",
            b"\x1b]8;;https://x.example/?\x1b\\",
            b"\x1bPq#0~\x1b\\",
            b"\x1b(B",
            b"\x1b7",
            b"\x1b#8",
            b"\x1b_Ga=T,q=2;AAAA\x1b\\",
        ] {
            assert!(!is_query(shown), "{}", shown.escape_ascii());
        }
    }

    #[test]
    fn an_answer_is_told_from_a_key() {
        for answer in [
            &b"\x1b[24;80R"[..],
            b"\x1b[0n",
            b"\x1b[?64;1;2c",
            b"\x1b[>1;4000;29c",
            b"\x1b[?2026;2$y",
            b"\x1b[8;24;80t",
            b"\x1b]11;rgb:0000/0000/0000\x07",
            b"\x1bP>|xterm(388)\x1b\\",
            b"\x1b[?1u",
        ] {
            assert!(is_answer(answer), "{}", answer.escape_ascii());
        }
        for key in [
            &b"\x1b[A"[..],
            b"\x1bOP",
            b"\x1b[15~",
            b"\x1b[1;5C",
            b"\x1b[200~",
            b"\x1bx",
            b"\x1b[97;5u",
        ] {
            assert!(!is_answer(key), "{}", key.escape_ascii());
        }
    }
}
