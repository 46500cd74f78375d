//! A gensio is what ser2net 4 calls one end of a connection: layers upon each other, and where they end, in one text.

/// What may stand upon another.
const LAYERS: [&str; 17] = [
    "telnet",
    "ssl",
    "certauth",
    "mux",
    "msgdelim",
    "relpkt",
    "ratelimit",
    "trace",
    "perf",
    "kiss",
    "ax25",
    "xlt",
    "script",
    "keepopen",
    "cm108gpio",
    "ipv4",
    "ipv6",
];
/// What may stand at the bottom.
const ENDS: [&str; 19] = [
    "tcp",
    "udp",
    "sctp",
    "unix",
    "unixdgram",
    "unixseq",
    "serialdev",
    "sdev",
    "pty",
    "stdio",
    "echo",
    "dummy",
    "file",
    "ipmisol",
    "exec",
    "sound",
    "afskmdm",
    "mcast",
    "conacc",
];

/// One of its parts: a name, and what stands in parentheses behind it.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The name.
    pub name: &'a str,
    /// What stands in parentheses, split at commas.
    pub arguments: Vec<&'a str>,
}

/// One end of a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct Gensio<'a> {
    /// What stands upon the end, outermost first.
    pub layers: Vec<Part<'a>>,
    /// Where it ends; TCP unless it is said.
    pub end: Part<'a>,
    /// What follows, split at commas.
    pub rest: Vec<&'a str>,
}

impl<'a> Gensio<'a> {
    /// Reads one. There is nothing that cannot be one; what follows may be empty.
    pub fn read(text: &'a str) -> Self {
        let mut parts = split(text).into_iter().peekable();
        let mut layers = Vec::new();
        while let Some(layer) = parts.next_if(|part| LAYERS.contains(&name(part))) {
            layers.push(Part::read(layer));
        }
        let end = parts.next_if(|part| ENDS.contains(&name(part)));
        Self {
            layers,
            end: Part::read(end.unwrap_or("tcp")),
            rest: parts.collect(),
        }
    }
}

impl<'a> Part<'a> {
    fn read(text: &'a str) -> Self {
        let (name, inside) = text.split_once('(').unwrap_or((text, ""));
        let inside = inside.strip_suffix(')').unwrap_or(inside);
        let arguments = split(inside).into_iter().filter(|part| !part.is_empty());
        Self {
            name: name.trim(),
            arguments: arguments.collect(),
        }
    }
}

fn name(part: &str) -> &str {
    part.split('(').next().unwrap_or_default().trim()
}

/// Splits at commas that are not in parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    let quotes = ['\'', '"'];
    parts.map(|part| part.trim().trim_matches(quotes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_the_end_and_the_rest_are_told_apart() {
        let read = Gensio::read("telnet(rfc2217, mode=server),ssl(key=a,cert=b),tcp, ::1,3000");
        assert_eq!(read.layers.len(), 2);
        assert_eq!(read.layers[0].arguments, ["rfc2217", "mode=server"]);
        assert_eq!(
            (read.end.name, &read.rest[..]),
            ("tcp", &["::1", "3000"][..])
        );
        let short = Gensio::read("telnet,3001");
        assert_eq!((short.end.name, &short.rest[..]), ("tcp", &["3001"][..]));
        let device = Gensio::read("serialdev(flock),\n /dev/ttyS0,9600n81");
        assert_eq!(device.rest, ["/dev/ttyS0", "9600n81"]);
        assert!(Gensio::read(")),((,").rest.len() == 2);
    }
}
