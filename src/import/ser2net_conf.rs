//! Files of ser2net 3: a line for each port, `PORT:STATE:TIMEOUT:DEVICE:OPTIONS`, and lines of names in capitals.

use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::{Door, Draft, Port};
use super::gensio::Gensio;
use super::serial;
use crate::config::name_for;
use crate::doors::Dialect;
use crate::settings::Change;

/// What may happen to what comes in. By it the first field ends, which may have colons of its own.
const STATES: [&str; 4] = ["raw", "rawlp", "telnet", "off"];
/// Options that need nothing here: several clients are served, and everything is recorded.
const NEEDLESS: [&str; 11] = [
    "max-connections",
    "kickolduser",
    "net-to-dev-bufsize",
    "dev-to-net-bufsize",
    "chardelay",
    "chardelay-scale",
    "chardelay-min",
    "chardelay-max",
    "tr",
    "tw",
    "tb",
];

/// Carries over what is in the text.
pub fn read(text: &str, draft: &mut Draft<'_>) {
    let mut reader = Reader {
        draft,
        devices: BTreeMap::new(),
        serial: serial::standard(),
    };
    for (line, span) in lines(text) {
        reader.line(&line, span);
    }
}

/// The lines that say something, with those that a backslash goes on with, and where they stand.
fn lines(text: &str) -> Vec<(String, Range<usize>)> {
    let mut all = Vec::new();
    let (mut begun, mut start, mut place): (Option<String>, usize, usize) = (None, 0, 0);
    for piece in text.split_inclusive('\n') {
        let end = place + piece.trim_end().len();
        let is_comment = begun.is_none() && piece.trim_start().starts_with('#');
        let (part, goes_on) = match piece.trim_end().strip_suffix('\\') {
            Some(part) if !is_comment => (part, true),
            _ => (piece.trim_end(), false),
        };
        if begun.is_none() {
            start = place;
        }
        let line = begun.take().unwrap_or_default() + part;
        if goes_on {
            begun = Some(line);
        } else if !is_comment && !line.trim().is_empty() {
            all.push((line, start..end));
        }
        place += piece.len();
    }
    all.extend(begun.map(|line| (line, start..text.len())));
    all
}

struct Reader<'a, 'b> {
    draft: &'a mut Draft<'b>,
    /// `DEVICE:NAME:PATH`.
    devices: BTreeMap<String, String>,
    serial: Change,
}

impl Reader<'_, '_> {
    fn line(&mut self, line: &str, span: Range<usize>) {
        let (first, rest) = line.split_once(':').unwrap_or((line, ""));
        let why = match first.trim() {
            "DEVICE" => {
                let (name, path) = rest.split_once(':').unwrap_or((rest, ""));
                self.devices
                    .insert(name.trim().to_owned(), path.trim().to_owned());
                return;
            }
            "DEFAULT" => return self.default(rest, span),
            "BANNER" | "OPENSTR" | "CLOSESTR" => {
                "nothing is sent by itself when somebody comes or goes; a macro of a panel can"
            }
            "SIGNATURE" => "the signature is always that of seriald and the port's name",
            "TRACEFILE" => "everything is recorded anyway; docs/recording.md says where",
            "CLOSEON" => "no client is disconnected for what a device says",
            "CONTROLPORT" => "the console and REST take the place of the control port",
            "RS485CONF" => {
                "RS-485 is left as the driver has it; switch it on with a udev rule or rs485conf"
            }
            "LED" => "LEDs are not driven",
            "ROTATOR" => "there are no rotators here: a program is sent to one port",
            _ => return self.port(line, span),
        };
        self.draft.left_out(span, why);
    }

    fn default(&mut self, rest: &str, span: Range<usize>) {
        let mut fields = rest.split(':').map(str::trim);
        let (name, value) = (
            fields.next().unwrap_or_default(),
            fields.next().unwrap_or_default(),
        );
        let word = match name {
            "speed" => value.to_owned(),
            _ => format!("{name}={value}"),
        };
        let why_not = match fields.next() {
            _ if NEEDLESS.contains(&name) => None,
            None | Some("serialdev") => serial::take(&word, &mut self.serial).why_not(&word),
            Some(_) => Some(format!("the default {name:?} is not carried over")),
        };
        if let Some(why) = why_not {
            self.draft.left_out(span, why);
        }
    }

    fn port(&mut self, line: &str, span: Range<usize>) {
        let found = STATES.iter().filter_map(|state| {
            let at = line.find(&format!(":{state}:"))?;
            Some((at, *state))
        });
        let Some((at, state)) = found.min() else {
            let why = "this is no line of ser2net 3, PORT:raw|rawlp|telnet|off:TIMEOUT:DEVICE:OPTIONS; it is left out";
            return self.draft.left_out(span, why);
        };
        let (listener, rest) = (&line[..at], &line[at + state.len() + 2..]);
        let (timeout, rest) = rest.split_once(':').unwrap_or((rest, ""));
        let (device, options) = rest.split_once(':').unwrap_or((rest, ""));
        let device = device.trim();
        let device = self.devices.get(device).map_or(device, String::as_str);
        let device = device
            .strip_prefix("serialdev,")
            .unwrap_or(device)
            .to_owned();
        if !device.starts_with('/') || state == "rawlp" {
            let why = match state {
                "rawlp" => "printers are not served; the line is left out".to_owned(),
                _ => format!("{device:?} is no path of a device; the line is left out"),
            };
            return self.draft.left_out(span, why);
        }
        if timeout.trim() != "0" {
            let why = format!("after {timeout} s of silence clients are not disconnected");
            self.draft.left_out(span.clone(), why);
        }
        let (mut change, mut can_control) = (self.serial, false);
        for word in options.split_whitespace() {
            let name = word
                .trim_start_matches('-')
                .split('=')
                .next()
                .unwrap_or_default();
            can_control |= word == "remctl";
            if NEEDLESS.contains(&name) || word == "remctl=false" {
                continue;
            }
            if let Some(why) = serial::take(word, &mut change).why_not(word) {
                self.draft.left_out(span.clone(), why);
            }
        }
        let door = self.door(listener, state, can_control, span.clone());
        let port = Port {
            name: name_for(device.as_ref()),
            device,
            change,
            doors: door.into_iter().collect(),
            remarks: Vec::new(),
        };
        self.draft.add(port, span);
    }

    fn door(
        &mut self,
        listener: &str,
        state: &str,
        mut can_control: bool,
        span: Range<usize>,
    ) -> Option<Door> {
        let Gensio { layers, end, rest } = Gensio::read(listener);
        let other = layers
            .iter()
            .find(|layer| !["telnet", "ipv4", "ipv6"].contains(&layer.name));
        let parsed = rest.last().and_then(|number| number.parse().ok());
        let (None, "tcp", Some(number), 1..=2) = (other, end.name, parsed, rest.len()) else {
            let why = format!("{listener:?} is not listened on; the port has no door for it");
            self.draft.left_out(span, why);
            return None;
        };
        let telnet = layers.iter().find(|layer| layer.name == "telnet");
        let is_telnet = state == "telnet" || telnet.is_some();
        can_control |= telnet.is_some_and(|layer| {
            layer
                .arguments
                .iter()
                .any(|word| word.starts_with("rfc2217"))
        });
        Some(Door {
            dialect: if is_telnet {
                Dialect::Rfc2217
            } else {
                Dialect::Tcp
            },
            host: (rest.len() == 2).then(|| rest[0].to_owned()),
            number,
            tls: false,
            was_plain: is_telnet && !can_control,
            is_on: state != "off",
        })
    }
}
