//! Fuzzing: each parser of what strangers and devices say, as a function of bytes that has only to return,
//! soon and without a panic. `fuzz/` runs them for hours, the test below for a moment.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rfc2217_server::{Server, escape};

use crate::access::people::People;
use crate::access::rule::Who;
use crate::client::told::Told;
use crate::clock;
use crate::config::{self, Entrance, File, PortSpec, Source};
use crate::hex;
use crate::identity;
use crate::import::{Files, Format, import};
use crate::mcp::{message, protocol};
use crate::mqtt::decoder::Decoder;
use crate::oidc::fuzzing::word as oidc_word;
use crate::panel::{Datum, Filling, Panel, SENT, Template};
use crate::pattern::Pattern;
use crate::place::Place;
use crate::plain;
use crate::record::{Kind, Offset, Record, Time};
use crate::right::Grant;
use crate::search::More;
use crate::settings::Change;
use crate::span::Span;
use crate::store::chunk::Chunk;
use crate::store::head;
use crate::store::segment::Segment;
use crate::terminal::keys::{Keys, Typed};
use crate::terminal::modes::Modes;
use crate::terminal::queries::{is_answer, is_query};
use crate::terminal::sequences::{Piece, Sequences};
use crate::utf8;
use crate::values::{Parser, Spec};
use crate::web::fuzzing as web;
pub use crate::web::fuzzing::headers;
use crate::wildcard;
use crate::wire;
use crate::wire::frame::frames;
use crate::wire::talk::Ask;

/// A parser that is given bytes.
pub type Body = fn(&[u8]);

/// All of them, by the names of their targets.
pub const TARGETS: [(&str, Body); 19] = [
    ("binary", binary),
    ("config", config),
    ("headers", headers),
    ("imports", imports),
    ("lines", lines),
    ("mcp", mcp),
    ("mqtt", mqtt),
    ("oidc", oidc),
    ("panel", panel),
    ("patterns", patterns),
    ("people", people),
    ("segment", segment),
    ("store", store),
    ("talk", talk),
    ("telnet", telnet),
    ("template", template),
    ("terminal", terminal),
    ("texts", texts),
    ("values", values),
];

/// The two parts of an input, at its first NUL.
fn parts(bytes: &[u8]) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == 0);
    at.map_or((bytes, &[]), |at| (&bytes[..at], &bytes[at + 1..]))
}

/// A record for each piece between NULs, in order.
fn records(bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut offset = Offset(0);
    let pieces = bytes.split_inclusive(|byte| *byte == 0);
    pieces.map(move |bytes| {
        let record = Record {
            kind: Kind::Rx,
            offset,
            time: Time(offset.0 * 100),
            author: None,
            bytes,
        };
        offset = record.end();
        record
    })
}

/// What a client of RFC 2217 says, in one piece and byte by byte.
pub fn telnet(bytes: &[u8]) {
    let (mut whole, mut pieces) = (Server::new(), Server::new());
    let mut input = bytes;
    let mut events = 0;
    while let Some(event) = whole.next(&mut input) {
        black_box(event);
        events += 1;
    }
    assert!(events <= 2 * bytes.len() + 1);
    for mut byte in bytes.chunks(1) {
        while black_box(pieces.next(&mut byte)).is_some() {}
    }
    let mut out = Vec::new();
    escape(bytes, &mut out);
    assert!(out.len() <= 2 * bytes.len());
}

/// What a provider of OpenID Connect and a browser bring: a token, and behind a NUL the keys that it may be by.
pub fn oidc(bytes: &[u8]) {
    let (word, keys) = parts(bytes);
    if let Ok(word) = str::from_utf8(word) {
        oidc_word(word, keys);
    }
}

/// What a client of the socket says, and what a server says to it.
pub fn talk(bytes: &[u8]) {
    black_box(serde_json::from_slice::<Ask>(bytes).is_ok());
    if let Ok(told) = serde_json::from_slice::<Told>(bytes) {
        black_box(told.id());
        black_box(told.into_answer().is_ok());
    }
    black_box(wire::Write::parse(&Bytes::copy_from_slice(bytes)).is_ok());
    let mut length = 0;
    for frame in frames(bytes) {
        black_box(frame.is_ok());
        length += 1;
    }
    assert!(length <= bytes.len());
    black_box(wire::first_length(bytes));
}

/// What a device says to those who read lines and texts.
pub fn lines(bytes: &[u8]) {
    let mut text = utf8::Decoder::default();
    let mut out = web::lines(bytes);
    for record in records(bytes) {
        out += &text.text(record.bytes);
    }
    out += &text.rest();
    plain::put_plain(&mut out, bytes);
    let middle = bytes.len() / 2;
    let (marked, range) = plain::plain_marked(bytes, middle / 2..middle);
    assert!(range.end <= marked.chars().count());
    let shown = plain::plain(bytes);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    black_box(plain::plain_note(bytes));
    black_box(identity::clean(bytes));
}

/// What a broker says, in pieces of 7 bytes.
pub fn mqtt(bytes: &[u8]) {
    let mut decoder = Decoder::default();
    for piece in bytes.chunks(7) {
        decoder.buffer.extend_from_slice(piece);
        loop {
            match decoder.next() {
                Ok(Some(packet)) => drop(black_box(packet)),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

/// A parser of values, and what a device prints.
pub fn values(bytes: &[u8]) {
    let (spec, printed) = parts(bytes);
    let spec = serde_json::from_slice::<Spec>(spec).unwrap_or_default();
    parse(&spec, printed);
    parse(&Spec::default(), bytes);
}

/// What a device prints where frames of some kind are looked for.
pub fn binary(bytes: &[u8]) {
    const SPECS: [&str; 4] = [
        r#"{"type": "binary", "frame": {"type": "fixed", "length": 7, "sync": "aa 55"}, "checksum": {"type": "xor8"},
            "fields": [{"name": "x", "type": "f32"}]}"#,
        r#"{"type": "binary", "frame": {"type": "cobs"}, "checksum": {"type": "crc16-modbus"},
            "fields": [{"name": "x", "type": "i16", "scale": 0.1}]}"#,
        r#"{"type": "binary", "frame": {"type": "slip"}, "fields": [{"name": "x", "type": "u8"}, {"skip": 1}]}"#,
        r#"{"type": "binary", "frame": {"type": "fixed", "length": 5}, "endian": "big",
            "fields": [{"name": "x", "type": "u32", "bit": 3}]}"#,
    ];
    for spec in SPECS {
        let spec = serde_json::from_str(spec).expect("one that is known");
        assert!(Parser::new(&spec).is_ok());
        parse(&spec, bytes);
    }
}

fn parse(spec: &Spec, printed: &[u8]) {
    let Ok(mut parser) = Parser::new(spec) else {
        return;
    };
    let end = Offset(printed.len() as u64);
    for record in records(printed) {
        parser.take_lines(&record, |met| _ = black_box(met));
    }
    let mut parser = Parser::new(spec).expect("as before");
    for record in records(printed) {
        parser.take(&record, |reading| assert!(reading.end() <= end));
    }
}

/// A panel's file.
pub fn panel(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(panel) = Panel::parse(text) {
        let written = panel.to_text();
        let again = Panel::parse(&written).expect("what was written can be read");
        assert_eq!(again.to_text(), written);
    }
}

/// A text with holes, and what fills them.
pub fn template(bytes: &[u8]) {
    let (text, line) = parts(bytes);
    let (text, line) = (String::from_utf8_lossy(text), String::from_utf8_lossy(line));
    let Ok(template) = Template::try_from(text.into_owned()) else {
        return;
    };
    let number = line.parse().map(Datum::Number).ok();
    for value in [None, number, Some(Datum::Text(&line))] {
        let filling = Filling {
            value,
            line: &line,
            port: "dev",
        };
        if let Ok(filled) = template.fill(filling, SENT) {
            assert!((1..=SENT).contains(&filled.len()));
        }
    }
}

/// What a terminal is shown and what is typed there, in one piece and byte by byte.
pub fn terminal(bytes: &[u8]) {
    let shown = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let (mut sequences, mut modes) = (Sequences::default(), Modes::default());
        let (mut all, mut found) = (Vec::new(), Vec::new());
        let mut each = |piece: Piece<'_>| match piece {
            Piece::Plain(plain) => all.extend_from_slice(plain),
            Piece::Sequence(sequence) => {
                black_box((is_query(sequence), is_answer(sequence)));
                modes.take(sequence);
                all.extend_from_slice(sequence);
                found.push(sequence.to_vec());
            }
        };
        pieces.for_each(|piece| sequences.take(piece, &mut each));
        sequences.finish(&mut each);
        (all, found, modes.undo())
    };
    let whole = shown(&mut [bytes].into_iter());
    assert_eq!(whole.0, bytes);
    assert_eq!(whole, shown(&mut bytes.chunks(1)));
    let typed = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut keys = Keys::new("^]".parse().expect("a key"));
        let typed = pieces.flat_map(|piece| keys.take(piece));
        let split = typed.flat_map(|typed| match typed {
            Typed::Text(text) => text.into_iter().map(|byte| (false, byte)).collect(),
            Typed::Command(key) => vec![(true, key)],
        });
        split.collect::<Vec<_>>()
    };
    assert_eq!(typed(&mut [bytes].into_iter()), typed(&mut bytes.chunks(1)));
}

/// Configurations of other programs, which find themselves wherever they look for others.
pub fn imports(bytes: &[u8]) {
    struct Same(String);
    impl Files for Same {
        fn text(&self, _: &Path) -> Result<String, String> {
            Ok(self.0.clone())
        }

        fn names(&self, _: &Path) -> Vec<String> {
            vec!["a".to_owned(), "b".to_owned()]
        }

        fn one_path(&self, path: &Path) -> PathBuf {
            path.to_owned()
        }
    }
    let same = Same(String::from_utf8_lossy(bytes).into_owned());
    for format in Format::ALL {
        let imported = import(format, Path::new("imported"), &same).expect("it is there");
        let (source, report) = Source::parse(Path::new("seriald.toml"), imported.config);
        black_box(File::understand(source, report).report.to_string());
    }
}

/// The configuration file.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (source, report) = Source::parse(Path::new("seriald.toml"), text);
    black_box(File::understand(source, report).report.to_string());
}

/// What is searched for, and where.
pub fn patterns(bytes: &[u8]) {
    let (expression, text) = parts(bytes);
    let expression = String::from_utf8_lossy(expression);
    for case in [false, true] {
        let found = Pattern::regex(&expression, case).or_else(|_| Pattern::text(&expression, case));
        if let Ok(pattern) = found {
            let range = pattern.first(text);
            assert!(range.is_none_or(|range| text.get(range).is_some()));
            black_box(pattern.groups(text));
        }
    }
    black_box(wildcard::fits(&expression, &String::from_utf8_lossy(text)));
}

/// The file of accounts and tokens.
pub fn people(bytes: &[u8]) {
    if let Ok(people) = serde_json::from_slice::<People>(bytes)
        && people.check().is_ok()
    {
        let written = serde_json::to_vec(&people).expect("people are plain data");
        let again: People = serde_json::from_slice(&written).expect("what was written can be read");
        assert!(again == people);
    }
}

/// What stands in a recording beside and within its database.
pub fn store(bytes: &[u8]) {
    let (cuts, payload) = parts(bytes);
    black_box(head::parse(&String::from_utf8_lossy(bytes)));
    let chunk = Chunk {
        offset: Offset(1 << 40),
        time: Time(u64::from(payload.len() as u8)),
        kind: 1 + (payload.len() % 3) as u8,
        cuts: cuts.to_vec(),
        bytes: payload.to_vec(),
        ..Chunk::default()
    };
    let mut span = Span::default();
    chunk.unpack(&mut span);
    assert_eq!(span.len(), payload.len());
}

/// A file of a recording, which another program may have written.
pub fn segment(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("segment.db");
    std::fs::write(&path, bytes).expect("a file");
    let Ok(segment) = Segment::open(&path) else {
        return;
    };
    black_box((segment.about().is_ok(), segment.end().is_ok()));
    black_box((segment.activity().is_ok(), segment.near(Time(1)).is_ok()));
    let mut span = Span::default();
    for from in [0, 1, 1 << 40] {
        black_box(segment.page(Offset(from), 1 << 16, &mut span).is_ok());
    }
}

/// What an agent says.
pub fn mcp(bytes: &[u8]) {
    if let Ok(Some(incoming)) = message::Incoming::read(bytes) {
        black_box(protocol::Era::of(&incoming.params).is_ok());
        black_box(protocol::initialize(&incoming.params));
        black_box(protocol::client_name(&incoming.params));
    }
}

/// Short texts, which come in addresses, options and messages.
pub fn texts(bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    if let Ok(bytes) = hex::decode(text) {
        assert_eq!(hex::decode(&hex::encode(&bytes)).ok(), Some(bytes));
    }
    if let Ok(grant) = text.parse::<Grant>() {
        assert_eq!(grant.to_string().parse(), Ok(grant));
    }
    if let Ok(more) = text.parse::<More>() {
        assert_eq!(more.to_string().parse(), Ok(more));
    }
    if let Ok(time) = clock::parse(text) {
        black_box(clock::clock(time));
    }
    black_box(clock::ago(text));
    black_box(text.parse::<Place>().is_ok());
    black_box(text.parse::<Who>().is_ok());
    black_box(text.parse::<PortSpec>().is_ok());
    black_box(text.parse::<Change>().is_ok());
    black_box(text.parse::<Entrance>().is_ok());
    black_box(config::bytes(text).is_ok());
    black_box(config::duration(text).is_ok());
    black_box(config::network(text).is_ok());
    let name = config::name_for(Path::new(text));
    assert!(config::is_port_name(&name), "{name:?}");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use proptest::prelude::*;
    use proptest::sample::Index;
    use proptest::test_runner::{Config, TestRunner};

    use super::*;

    const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz");

    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(FOLDER).join("seeds").join(target);
        let entries = fs::read_dir(&folder).unwrap_or_else(|_| panic!("no seeds for {target}"));
        let seeds = entries.map(|entry| fs::read(entry.unwrap().path()).unwrap());
        seeds.collect()
    }

    #[test]
    fn parsers_return_whatever_they_are_given() {
        for (target, body) in TARGETS {
            let seeds = seeds(target);
            assert!(!seeds.is_empty(), "{target} has no seeds");
            seeds.iter().for_each(|seed| body(seed));
            // Files are slow.
            let config = Config::default();
            let slower = if target == "segment" { 8 } else { 1 };
            let edits = prop::collection::vec((any::<Index>(), any::<u8>(), 0..4u8), 1..12);
            let cases = config.cases / slower;
            let failure_persistence = None;
            let mut runner = TestRunner::new(Config {
                cases,
                failure_persistence,
                ..config
            });
            let inputs = (any::<Index>(), edits);
            let run = runner.run(&inputs, |(seed, edits)| {
                let mut bytes = seed.get(&seeds).clone();
                for (at, byte, edit) in edits {
                    let at = at.index(bytes.len() + 1);
                    match edit {
                        0 => bytes.insert(at, byte),
                        1 => bytes.truncate(at),
                        2 => drop(bytes.drain(at.min(bytes.len() / 2)..at)),
                        _ => bytes
                            .iter_mut()
                            .skip(at)
                            .take(1)
                            .for_each(|old| *old = byte),
                    }
                }
                body(&bytes);
                Ok(())
            });
            run.unwrap_or_else(|error| panic!("{target}: {error}"));
        }
    }

    #[test]
    fn each_parser_has_its_target() {
        let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        let manifest = fs::read_to_string(Path::new(FOLDER).join("Cargo.toml")).unwrap();
        let files = fs::read_dir(Path::new(FOLDER).join("fuzz_targets")).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        let mut there = BTreeSet::new();
        for file in files {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let text = fs::read_to_string(&file).unwrap();
            assert!(
                text.contains(&format!("seriald::fuzzing::{name}(bytes)")),
                "{name}"
            );
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            there.insert(name.to_owned());
        }
        assert_eq!(there, names);
    }
}
