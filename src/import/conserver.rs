//! Files of conserver: consoles in braces, and defaults that they include.

mod subst;
mod syntax;

use std::collections::BTreeMap;

use super::draft::{Draft, Port};
use super::sources::Source;
use crate::settings::{Change, Flow, Parity, StopBits};
use syntax::{Block, Word};

/// What holds for each console, by keyword; the word is the value.
type Wishes = BTreeMap<String, Word>;

/// Keywords of a console that need nothing here: all that passes is recorded with its times, by the port's name.
const NEEDLESS: [&str; 16] = [
    "logfile",
    "logfilemax",
    "timestamp",
    "type",
    "device",
    "devicesubst",
    "baud",
    "parity",
    "options",
    "port",
    "portbase",
    "portinc",
    "host",
    "replstring",
    "break",
    "breaklist",
];
/// Options of a line that need nothing here.
const NEEDLESS_OPTIONS: [&str; 8] = [
    "ixany",
    "ondemand",
    "reinitoncc",
    "autoreinit",
    "unloved",
    "login",
    "ixoff",
    "striphigh",
];

/// Carries over what is in a file.
pub fn read(source: &Source, draft: &mut Draft<'_>) {
    read_into(&mut BTreeMap::new(), source, draft);
}

/// The same with the defaults that were there before.
fn read_into(defaults: &mut BTreeMap<String, Wishes>, source: &Source, draft: &mut Draft<'_>) {
    let (blocks, broken) = syntax::read(&source.text, source.begin);
    for block in &blocks {
        match block.kind.text.as_str() {
            "default" => {
                let wishes = collect(Wishes::new(), block, defaults, draft);
                defaults.insert(block.name.text.clone(), wishes);
            }
            "console" => {
                let begin = defaults.get("*").cloned().unwrap_or_default();
                let wishes = collect(begin, block, defaults, draft);
                console(&block.name, wishes, draft);
            }
            "#include" => {
                for source in draft.include(block.name.span.clone(), &block.name.text) {
                    read_into(defaults, &source, draft);
                }
            }
            kind => {
                let why = match kind {
                    "access" => {
                        "who may connect is said by accounts and rules, not by addresses (docs/people.md)"
                    }
                    "group" => {
                        "groups are those of accounts, and get their rights by rules (docs/people.md)"
                    }
                    "break" => {
                        "sequences for a BREAK are not carried over; a BREAK of any length is sent from the console, and a macro of a panel may hold more"
                    }
                    "task" => "commands on the server are not started from here",
                    "config" => "how the server runs is said by its own flags (docs/running.md)",
                    _ => "this block is not known",
                };
                draft.left_out(block.kind.span.clone(), why);
            }
        }
    }
    if let Some((span, why)) = broken {
        draft.broken(span, format!("{why}; what follows was not read"));
    }
}

/// The wishes of a block upon others, in their order: the last one counts.
fn collect(
    mut wishes: Wishes,
    block: &Block,
    defaults: &BTreeMap<String, Wishes>,
    draft: &mut Draft<'_>,
) -> Wishes {
    for (keyword, value) in &block.items {
        if keyword.text != "include" {
            wishes.insert(keyword.text.clone(), value.clone());
            continue;
        }
        match defaults.get(&value.text) {
            Some(others) => wishes.extend(others.clone()),
            None => {
                let why = format!("there is no default {:?} above", value.text);
                draft.left_out(value.span.clone(), why);
            }
        }
    }
    wishes
}

fn console(name: &Word, wishes: Wishes, draft: &mut Draft<'_>) {
    let kind = wishes.get("type");
    if kind.is_none_or(|kind| kind.text != "device") {
        let what = kind.map_or("nothing", |kind| &kind.text);
        let why = format!(
            "the console {:?} is of type {what:?}; only serial devices of this machine are served",
            name.text
        );
        draft.left_out(name.span.clone(), why);
        return;
    }
    let Some(device) = wishes.get("device") else {
        let why = format!("the console {:?} has no device; it is left out", name.text);
        draft.left_out(name.span.clone(), why);
        return;
    };
    let device = match subst::device(&device.text, &name.text, &wishes) {
        Ok(device) => device,
        Err(why) => {
            let place = wishes.get("devicesubst").unwrap_or(device);
            draft.left_out(
                place.span.clone(),
                format!("{why}; the console {:?} is left out", name.text),
            );
            return;
        }
    };
    let mut remarks = Vec::new();
    let change = settings(&wishes, &mut remarks, draft);
    for (keyword, value) in &wishes {
        let why = match keyword.as_str() {
            known if NEEDLESS.contains(&known) => continue,
            "master" if ["localhost", "127.0.0.1", "::1"].contains(&value.text.as_str()) => {
                continue;
            }
            "master" => "the device is on that machine: run seriald there",
            "rw" | "ro" => {
                "who may type and who may only watch is said by the rights of accounts (docs/people.md)"
            }
            "aliases" => "a port has one name",
            "motd" | "initcmd" | "initspawn" | "initrunas" | "initsubst" => {
                "nothing happens by itself when somebody comes; a macro or a trigger of a panel can"
            }
            "idlestring" | "idletimeout" => {
                "nothing is sent into silence; a panel's button with every can"
            }
            "tasklist" => "commands on the server are not started from here",
            _ => "this keyword is not carried over",
        };
        draft.left_out(value.span.clone(), format!("{keyword}: {why}"));
    }
    let port = Port {
        name: name.text.clone(),
        device,
        change,
        doors: Vec::new(),
        remarks,
    };
    draft.add(port, name.span.clone());
}

/// How the line is set. Parity comes with seven data bits, and XON/XOFF holds unless it is switched off.
fn settings(wishes: &Wishes, remarks: &mut Vec<String>, draft: &mut Draft<'_>) -> Change {
    let mut change = Change {
        baud: Some(9600),
        ..Change::default()
    };
    if let Some(baud) = wishes.get("baud") {
        match baud.text.parse() {
            Ok(speed) => change.baud = Some(speed),
            Err(_) => draft.left_out(baud.span.clone(), "this is no speed; 9600 is taken"),
        }
    }
    if let Some(parity) = wishes.get("parity") {
        let known = match parity.text.to_ascii_lowercase().as_str() {
            "none" => Some(Parity::None),
            "even" => Some(Parity::Even),
            "odd" => Some(Parity::Odd),
            "mark" => Some(Parity::Mark),
            "space" => Some(Parity::Space),
            _ => None,
        };
        match known {
            Some(Parity::None) => {}
            Some(known) => {
                change.parity = Some(known);
                change.data_bits = Some(7);
                remarks.push("With parity, conserver sends seven data bits.".to_owned());
            }
            None => draft.left_out(parity.span.clone(), "this is no parity; none is taken"),
        }
    }
    let (mut xonxoff, mut rtscts) = (true, false);
    if let Some(options) = wishes.get("options") {
        for option in options
            .text
            .split([',', ' ', '\t', '\n'])
            .filter(|option| !option.is_empty())
        {
            let (name, is_on) = match option.strip_prefix('!') {
                Some(name) => (name.trim(), false),
                None => (option, true),
            };
            match name {
                "ixon" => xonxoff = is_on,
                "crtscts" => rtscts = is_on,
                "cstopb" if is_on => change.stop_bits = Some(StopBits::Two),
                "cstopb" => change.stop_bits = None,
                "hupcl" => change.hangup = Some(is_on),
                "striphigh" if is_on => {
                    let why = "striphigh: bytes are passed on as they are";
                    draft.left_out(options.span.clone(), why);
                }
                name if NEEDLESS_OPTIONS.contains(&name) => {}
                name => {
                    draft.left_out(
                        options.span.clone(),
                        format!("the option {name:?} is not known"),
                    );
                }
            }
        }
    }
    change.flow = match (rtscts, xonxoff) {
        (true, _) => Some(Flow::RtsCts),
        (false, true) => {
            remarks
                .push("XON/XOFF is what conserver does unless told otherwise (!ixon).".to_owned());
            Some(Flow::XonXoff)
        }
        (false, false) => None,
    };
    change
}
