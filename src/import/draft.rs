//! A draft is the configuration that is being made: its ports so far, and what was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use super::Import;
use super::sources::{Source, Sources};
use crate::config::name_for;
use crate::diagnostic::Severity;
use crate::doors::Dialect;
use crate::settings::{AtOpen, Change, Flow, Line, Parity, Settings, StopBits};

/// So many ports of one file are carried over.
const PORTS: usize = 1000;
/// What other machines would need a right for.
const LOCAL: &str = "programs on this machine alone are let in here, for nobody is asked for a token at this door; \
                     from elsewhere: ssh -L";
/// What clients could not do before.
const WAS_PLAIN: &str = "Was plain telnet: programs may change settings and lines too now.";

/// A door of a port.
pub struct Door {
    /// What is spoken there.
    pub dialect: Dialect,
    /// The machine's address that was listened on; none for all.
    pub host: Option<String>,
    /// The TCP port.
    pub number: u16,
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Whether it was telnet without RFC 2217.
    pub was_plain: bool,
    /// Whether it was switched on.
    pub is_on: bool,
}

/// A port as it was found.
pub struct Port {
    /// What it was called; made fit.
    pub name: String,
    /// The device's path.
    pub device: String,
    /// How it is opened.
    pub change: Change,
    /// Where programs come in.
    pub doors: Vec<Door>,
    /// Choices that were made.
    pub remarks: Vec<String>,
}

/// A port as it is written.
struct Written {
    name: String,
    device: String,
    settings: Settings,
    doors: Vec<(Dialect, String, bool)>,
    remarks: Vec<String>,
}

/// The configuration that is being made.
pub struct Draft<'a> {
    sources: Sources<'a>,
    ports: Vec<Written>,
    /// Which port has a device.
    devices: BTreeMap<String, usize>,
    names: BTreeSet<String>,
    /// The TCP ports that are taken.
    numbers: BTreeSet<u16>,
    /// The files of the certificate for doors with TLS, and of its key.
    certificate: Option<(String, String)>,
}

impl<'a> Draft<'a> {
    /// An empty one, of what stands in these files.
    pub fn new(sources: Sources<'a>) -> Self {
        Self {
            sources,
            ports: Vec::new(),
            devices: BTreeMap::new(),
            names: BTreeSet::new(),
            numbers: BTreeSet::new(),
            certificate: None,
        }
    }

    /// Tells that what stands there could not be carried over.
    pub fn left_out(&mut self, span: Range<usize>, why: impl Into<String>) {
        self.sources.add(Severity::Warning, span, why);
    }

    /// Tells that what stands there cannot be understood.
    pub fn broken(&mut self, span: Range<usize>, why: impl Into<String>) {
        self.sources.add(Severity::Error, span, why);
    }

    /// Reads the files that are named there.
    pub fn include(&mut self, span: Range<usize>, name: &str) -> Vec<Source> {
        self.sources.include(span, name)
    }

    /// Takes the certificate of a door. There is one for all.
    pub fn certify(&mut self, cert: String, key: String, span: Range<usize>) {
        let wish = (cert, key);
        let known = self.certificate.get_or_insert_with(|| wish.clone());
        if *known != wish {
            let why = format!(
                "all doors have the certificate {:?} here, not one each",
                known.0
            );
            self.left_out(span, why);
        }
    }

    /// Takes a port; one more way to a device that is there already adds its doors to that port.
    pub fn add(&mut self, port: Port, span: Range<usize>) {
        if self.ports.len() == PORTS {
            self.left_out(
                span,
                format!("more than {PORTS} ports are not carried over"),
            );
            return;
        }
        let settings = port.change.applied_to(Settings::default());
        let settings = settings.unwrap_or_else(|why| {
            self.left_out(
                span.clone(),
                format!("{why}; the port has {} here", Line::default()),
            );
            Settings::default()
        });
        let known = self.devices.get(&port.device).copied();
        let index = known.unwrap_or_else(|| {
            let name = self.free_name(&port.name);
            let mut remarks = port.remarks;
            if name != port.name {
                remarks.push(format!("Called {:?} before.", port.name));
            }
            self.devices.insert(port.device.clone(), self.ports.len());
            self.ports.push(Written {
                name,
                device: port.device,
                settings,
                doors: Vec::new(),
                remarks,
            });
            self.ports.len() - 1
        });
        if known.is_some() && self.ports[index].settings != settings {
            let why = format!(
                "the device is that of [port.{}], which has other settings; those hold, and programs may change them",
                self.ports[index].name
            );
            self.left_out(span.clone(), why);
        }
        for door in port.doors {
            self.add_door(index, door, span.clone());
        }
    }

    fn add_door(&mut self, index: usize, door: Door, span: Range<usize>) {
        let (dialect, number) = (door.dialect, door.number);
        let has_one = |(other, _, is_on): &(Dialect, String, bool)| *other == dialect && *is_on;
        if door.is_on && self.ports[index].doors.iter().any(has_one) {
            let name = &self.ports[index].name;
            let why = format!(
                "[port.{name}] has a door for {dialect} already, and more than one cannot be; {number} is left out"
            );
            self.left_out(span, why);
            return;
        }
        if door.is_on && number != 0 && !self.numbers.insert(number) {
            let why = format!("the TCP port {number} is taken already; this door is left out");
            self.left_out(span, why);
            return;
        }
        let is_local = |host: &str| match host.parse::<std::net::IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host == "localhost",
        };
        let host = match door.host.as_deref() {
            Some(host) if is_local(host) => host,
            other => {
                if door.is_on {
                    let place = other.unwrap_or("all addresses");
                    let why =
                        format!("{place}, port {number}: {LOCAL} {number}:127.0.0.1:{number} HOST");
                    self.left_out(span, why);
                }
                "127.0.0.1"
            }
        };
        let address = match host.contains(':') {
            true => format!("[{host}]:{number}"),
            false => format!("{host}:{number}"),
        };
        let scheme = if door.tls { "tls://" } else { "" };
        let address = format!("{scheme}{address}");
        let port = &mut self.ports[index];
        port.doors.push((dialect, address, door.is_on));
        if door.was_plain {
            port.remarks.push(WAS_PLAIN.to_owned());
        }
    }

    /// A name that no other port has, as near to the one that is wished for as can be.
    fn free_name(&mut self, wish: &str) -> String {
        let fit = name_for(Path::new(&wish.replace('/', "-")));
        let mut name = fit.clone();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            let ending = format!("-{number}");
            name = format!("{}{ending}", &fit[..fit.len().min(64 - ending.len())]);
        }
        name
    }

    /// Writes it down.
    pub fn finish(self) -> Import {
        let mut config = format!(
            "# Made by seriald import from {}.\n# Several programs may use a port at once, and everything that passes \
             over it is recorded.\n",
            line(&self.sources.name())
        );
        if let Some((cert, key)) = &self.certificate {
            let (cert, key) = (quoted(cert), quoted(key));
            config.push_str(&format!("\n[tls]\ncert = {cert}\nkey = {key}\n"));
        }
        for port in &self.ports {
            port.write(&mut config);
        }
        Import {
            config,
            ports: self.ports.len(),
            reports: self.sources.into_reports(),
        }
    }
}

impl Written {
    fn write(&self, out: &mut String) {
        let name = match self.name.contains('.') {
            true => format!("\"{}\"", self.name),
            false => self.name.clone(),
        };
        let mut put = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        put(format!("\n[port.{name}]"));
        for remark in &self.remarks {
            put(format!("# {}", line(remark)));
        }
        put(format!("device = {}", quoted(&self.device)));
        let Settings {
            line: own,
            dtr,
            rts,
            hangup,
        } = self.settings;
        put(format!("baud = {}", own.baud));
        let standard = Line::default();
        if own.data_bits != standard.data_bits {
            put(format!("data_bits = {}", own.data_bits));
        }
        if own.parity != Parity::None {
            put(format!("parity = {}", word(&own.parity)));
        }
        if own.stop_bits != StopBits::One {
            put(format!("stop_bits = {}", word(&own.stop_bits)));
        }
        if own.flow != Flow::None {
            put(format!("flow = {}", word(&own.flow)));
        }
        for (key, at_open) in [("dtr", dtr), ("rts", rts)] {
            if at_open != AtOpen::Leave {
                put(format!("{key} = {}", word(&at_open)));
            }
        }
        if hangup {
            put("hangup = true".to_owned());
        }
        for (dialect, address, is_on) in &self.doors {
            let off = if *is_on { "" } else { "# Was switched off: " };
            put(format!("{off}{dialect} = {}", quoted(address)));
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A setting as the file has it.
fn word(setting: &impl serde::Serialize) -> String {
    toml::Value::try_from(setting).map_or_else(|_| quoted(""), |value| value.to_string())
}

/// A stranger's text fit for a comment.
fn line(text: &str) -> String {
    let harmless = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.chars().map(harmless).take(200).collect()
}
