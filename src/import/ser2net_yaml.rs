//! Files of ser2net 4: YAML of version 1, whose keys come as often as there are connections, and of version 2.

use std::collections::BTreeMap;

use super::draft::{Door, Draft, Port};
use super::gensio::{Gensio, Part};
use super::serial::{self, is_no};
use super::sources::Source;
use super::tls::Tls;
use super::yaml::{self, Node, Value};
use crate::doors::Dialect;
use crate::settings::Change;

/// The longest text that names in it may come to, in bytes.
const EXPANDED: usize = 4096;
/// Options of a connection that need nothing here: several clients are served, and everything is recorded.
const NEEDLESS: [&str; 15] = [
    "kickolduser",
    "max-connections",
    "accepter-retry-time",
    "connector-retry-time",
    "dev-to-net-bufsize",
    "net-to-dev-bufsize",
    "chardelay",
    "chardelay-scale",
    "chardelay-min",
    "chardelay-max",
    "timeout-on-os-queue",
    "trace-read",
    "trace-write",
    "trace-both",
    "signature",
];

/// Carries over what is in a file.
pub fn read(source: &Source, draft: &mut Draft<'_>) {
    let mut reader = Reader {
        draft,
        defines: BTreeMap::new(),
        serial: serial::standard(),
        tls: Tls::default(),
    };
    reader.read(source);
}

struct Reader<'a, 'b> {
    draft: &'a mut Draft<'b>,
    defines: BTreeMap<String, String>,
    /// What holds for devices that say nothing else,
    serial: Change,
    /// and for accepters.
    tls: Tls,
}

impl Reader<'_, '_> {
    fn read(&mut self, source: &Source) {
        let (documents, broken) = yaml::read(&source.text, source.begin);
        for document in &documents {
            for (key, anchor, value) in document.entries() {
                self.entry(key, anchor.as_deref(), value);
            }
        }
        if let Some((span, why)) = broken {
            let why = format!("this is no YAML: {why}; what follows was not read");
            self.draft.broken(span, why);
        }
    }

    fn entry(&mut self, key: &Node, anchor: Option<&str>, value: &Node) {
        match (key.text(), anchor) {
            ("define", Some(name)) => self.define(name, value),
            ("defines", _) => {
                for (name, _, value) in value.entries() {
                    self.define(name.text(), value);
                }
            }
            ("default", _) => {
                let name = value.get("name").map_or("", Node::text).to_owned();
                self.default(&name, value);
            }
            ("defaults", _) => {
                for (name, _, value) in value.entries() {
                    self.default(name.text(), value);
                }
            }
            ("connection", name) => self.connection(name.unwrap_or("port"), key, value),
            ("connections", _) => {
                for (name, _, value) in value.entries() {
                    self.connection(name.text(), name, value);
                }
            }
            ("include", _) => {
                let name = self.text(value);
                for source in self.draft.include(value.span.clone(), &name) {
                    self.read(&source);
                }
            }
            (what, _) => {
                let why = match what {
                    "rotator" | "rotators" => {
                        "there are no rotators here: a program is sent to one port"
                    }
                    "admin" | "admins" => "the console and REST take the place of the admin port",
                    "led" | "leds" => "LEDs are not driven",
                    "delete_default" | "delete_defaults" => {
                        "defaults are not taken back; look at the ports below this"
                    }
                    _ => "this is not known",
                };
                self.draft.left_out(key.span.clone(), why);
            }
        }
    }

    fn define(&mut self, name: &str, value: &Node) {
        let text = self.text(value);
        self.defines.insert(name.to_owned(), text);
    }

    fn default(&mut self, name: &str, value: &Node) {
        let class = value.get("class").map_or("serialdev", Node::text);
        let text = match value.get("value") {
            Some(value) => self.text(value),
            None => value.text().to_owned(),
        };
        let word = match name {
            "speed" => text,
            _ => format!("{name}={text}"),
        };
        let why_not = match class {
            "ssl" if self.tls.take(&word) => None,
            "serialdev" if NEEDLESS.contains(&name) => None,
            "serialdev" => serial::take(&word, &mut self.serial).why_not(&word),
            _ => Some(format!("the default {name:?} is not carried over")),
        };
        if let Some(why) = why_not {
            self.draft.left_out(value.span.clone(), why);
        }
    }

    fn connection(&mut self, name: &str, key: &Node, value: &Node) {
        let (Some(accepter), Some(connector)) = (value.get("accepter"), value.get("connector"))
        else {
            let why = "a connection needs an accepter and a connector; it is left out";
            self.draft.left_out(key.span.clone(), why);
            return;
        };
        let is_on = !value.get("enable").is_some_and(|on| is_no(on.text()));
        let text = self.text(connector);
        let end = Gensio::read(&text);
        let is_serial = end.layers.is_empty() && ["serialdev", "sdev"].contains(&end.end.name);
        let device = end.rest.first().filter(|device| !device.is_empty());
        let Some(device) = device.filter(|_| is_serial) else {
            let why = format!(
                "{:?} is no serial device; the connection {name:?} is left out",
                end.end.name
            );
            self.draft.left_out(connector.span.clone(), why);
            return;
        };
        let mut change = self.serial;
        let words = end.rest[1..]
            .iter()
            .flat_map(|part| part.split_whitespace());
        for word in words.chain(end.end.arguments.iter().copied()) {
            if let Some(why) = serial::take(word, &mut change).why_not(word) {
                self.draft.left_out(connector.span.clone(), why);
            }
        }
        let door = self.door(accepter, is_on);
        for (option, _, value) in value.entries() {
            match option.text() {
                "accepter" | "connector" | "enable" => {}
                "timeout" if value.text() == "0" => {}
                "timeout" => {
                    let why = "clients that are silent are not disconnected";
                    self.draft.left_out(option.span.clone(), why);
                }
                "options" => self.options(value),
                other if NEEDLESS.contains(&other) => {}
                other => self.draft.left_out(
                    option.span.clone(),
                    format!("{other:?} is not carried over"),
                ),
            }
        }
        let port = Port {
            name: name.to_owned(),
            device: (*device).to_owned(),
            change,
            doors: door.into_iter().collect(),
            remarks: Vec::new(),
        };
        self.draft.add(port, key.span.clone());
    }

    /// Where programs come in; none if that is nothing that there is here.
    fn door(&mut self, accepter: &Node, is_on: bool) -> Option<Door> {
        let text = self.text(accepter);
        let Gensio { layers, end, rest } = Gensio::read(&text);
        let mut lost = |why: String| {
            self.draft.left_out(accepter.span.clone(), why);
            None
        };
        if end.name != "tcp" {
            return lost(format!(
                "{:?} is not listened on; the port has no door for it",
                end.name
            ));
        }
        let is_known = |layer: &&Part<'_>| ["telnet", "ssl", "ipv4", "ipv6"].contains(&layer.name);
        if let Some(layer) = layers.iter().find(|layer| !is_known(layer)) {
            return lost(format!(
                "{:?} is not spoken; the port has no door for it",
                layer.name
            ));
        }
        let (host, number) = match &rest[..] {
            [number] => (None, number),
            [host, number] => (Some((*host).to_owned()), number),
            [_family @ ("ipv4" | "ipv6"), host, number] => (Some((*host).to_owned()), number),
            _ => return lost(format!("{text:?} names no TCP port; the port has no door")),
        };
        let Ok(number) = number.parse() else {
            return lost(format!(
                "{number:?} is no number of a TCP port; the port has no door"
            ));
        };
        let place = |name: &str| layers.iter().position(|layer| layer.name == name);
        if place("ssl").is_some_and(|ssl| place("telnet") > Some(ssl)) {
            return lost(
                "telnet beneath TLS is not spoken; the port has no door for it".to_owned(),
            );
        }
        let tls = place("ssl").map(|ssl| self.tls.with(&layers[ssl].arguments));
        if tls.as_ref().is_some_and(|tls| tls.asks_clients) {
            return lost(
                "programs are not asked for certificates of their own; the port has no door for it"
                    .to_owned(),
            );
        }
        if let Some(Tls { cert, key, .. }) = tls.clone().filter(|_| is_on) {
            self.draft.certify(cert, key, accepter.span.clone());
        }
        let telnet = layers.iter().find(|layer| layer.name == "telnet");
        let is_control = |argument: &&str| {
            let (name, value) = argument.split_once('=').unwrap_or((argument, ""));
            name == "rfc2217" && !is_no(value)
        };
        Some(Door {
            dialect: match telnet {
                None => Dialect::Tcp,
                Some(_) => Dialect::Rfc2217,
            },
            host: host.filter(|host| host != "ipv4" && host != "ipv6"),
            number,
            tls: tls.is_some(),
            was_plain: telnet.is_some_and(|telnet| !telnet.arguments.iter().any(is_control)),
            is_on,
        })
    }

    fn options(&mut self, options: &Node) {
        for (option, _, value) in options.entries() {
            let name = option.text();
            if NEEDLESS.contains(&name) || name.starts_with("trace-") || is_no(value.text()) {
                continue;
            }
            let why = match name {
                "banner" | "openstr" | "closestr" => {
                    "nothing is sent by itself when somebody comes or goes; a macro of a panel can"
                }
                "closeon" => "no client is disconnected for what a device says",
                "remaddr" | "authdir" | "pamauth" | "allowed-users" => {
                    "who may come is said by accounts and rules (docs/people.md)"
                }
                "connback" | "connback-timeout" => "the server calls nobody",
                "telnet-brk-on-sync" => serial::NO_SYNC,
                name if name.starts_with("mdns") => "doors are not announced by mDNS",
                name if name.starts_with("led-") => "LEDs are not driven",
                _ => "this option is not known",
            };
            self.draft
                .left_out(option.span.clone(), format!("{name}: {why}"));
        }
    }

    /// A text with what names in it stand for.
    fn text(&mut self, node: &Node) -> String {
        let written = match &node.value {
            Value::Scalar(text) => text.as_str(),
            Value::Alias(name) => return self.named(name, node),
            Value::List | Value::Map(_) => return String::new(),
        };
        let (mut text, mut rest) = (String::new(), written);
        while let Some(at) = rest.find(['*', '=']) {
            text.push_str(&rest[..at]);
            let name = rest[at + 1..]
                .strip_prefix('(')
                .and_then(|inside| inside.split_once(')'));
            if rest[at + 1..].starts_with('{') {
                let why = "what stands in other files is not read in";
                self.draft.left_out(node.span.clone(), why);
            }
            match name {
                Some((name, behind)) => {
                    text.push_str(&self.named(name, node));
                    rest = behind;
                }
                None => {
                    text.push_str(&rest[at..=at]);
                    rest = &rest[at + 1..];
                }
            }
            if text.len() > EXPANDED {
                let why =
                    format!("with its names this has more than {EXPANDED} bytes; it is left out");
                self.draft.left_out(node.span.clone(), why);
                return String::new();
            }
        }
        text + rest
    }

    fn named(&mut self, name: &str, node: &Node) -> String {
        let known = self.defines.get(name).cloned();
        known.unwrap_or_else(|| {
            let why = format!("nothing of the name {name:?} is defined above");
            self.draft.left_out(node.span.clone(), why);
            String::new()
        })
    }
}
