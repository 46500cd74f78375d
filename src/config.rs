//! The configuration: what is served where. Read from the command line and a TOML file.

mod audit;
mod booking;
mod entrance;
pub mod flash;
mod limits;
pub mod login;
pub mod mqtt;
mod nearest;
pub mod oidc;
mod report;
mod source;
pub mod tls;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

pub use audit::Audit;
pub use booking::Booking;
pub use entrance::{Entrance, NotAnEntrance};
pub use flash::Flasher;
pub use limits::Limits;
pub use login::Login;
pub use mqtt::Mqtt;
pub use report::{Finding, Place, Report};
pub use source::Source;

use crate::access::Rule;
use crate::diagnostic::{Diagnostic, Key};
use crate::doors::{Dialect, Manner};
use crate::pulse::Pulse;
use crate::settings::{AtOpen, Change, Flow, Invalid, Parity, Settings, StopBits};
use crate::state::Records;
use crate::store::Durability;

/// A port as it is named on the command line: `[NAME=]DEVICE[@BAUD[,8N1][,rtscts|xonxoff]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSpec {
    /// The name; the device's base name unless given.
    pub name: String,
    /// The device's path.
    pub device: PathBuf,
    /// How it is opened.
    pub settings: Settings,
    /// Whether one at a time may type.
    pub turns: bool,
}

/// Why something is not a port.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotAPort {
    #[error(
        "\"{0}\" names no device; a port is [NAME=]DEVICE[@BAUD[,8N1][,rtscts|xonxoff]], \
         for example arduino=/dev/ttyACM0@115200,8N1"
    )]
    NoDevice(String),
    #[error(
        "\"{0}\" cannot be a port's name; letters, digits, dot, dash and underscore can, at most 64"
    )]
    Name(String),
    #[error("{spec}: {why}")]
    Settings { spec: String, why: Invalid },
}

/// Whether this can be a port's name: it stands in links and file names.
pub fn is_port_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && name.bytes().any(|byte| byte != b'.')
}

/// The name of a port for a device that was not named: its base name, made fit.
pub fn name_for(device: &Path) -> String {
    let base = device
        .file_name()
        .unwrap_or(device.as_os_str())
        .to_string_lossy();
    let fit = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = base.chars().map(fit).take(64).collect();
    if is_port_name(&name) {
        name
    } else {
        "port".to_owned()
    }
}

impl FromStr for PortSpec {
    type Err = NotAPort;

    fn from_str(spec: &str) -> Result<Self, NotAPort> {
        // A path may hold '=' and '@' of its own: a name has no slash, settings begin with a digit.
        let (name, rest) = match spec.split_once('=') {
            Some((name, rest)) if !name.contains(['/', '\\']) => (Some(name), rest),
            _ => (None, spec),
        };
        let (device, settings) = match rest.rsplit_once('@') {
            Some((device, settings)) if !settings.contains('/') => (device, Some(settings)),
            _ => (rest, None),
        };
        if device.is_empty() {
            return Err(NotAPort::NoDevice(spec.to_owned()));
        }
        let device = PathBuf::from(device);
        let name = name.map_or_else(|| name_for(&device), str::to_owned);
        if !is_port_name(&name) {
            return Err(NotAPort::Name(name));
        }
        let wrong = |why| NotAPort::Settings {
            spec: spec.to_owned(),
            why,
        };
        let change: Change = settings
            .map_or(Ok(Change::default()), str::parse)
            .map_err(wrong)?;
        Ok(Self {
            name,
            device,
            settings: change.applied_to(Settings::default()).map_err(wrong)?,
            turns: false,
        })
    }
}

/// Reads a number of bytes: `8MiB`, `512k` or `65536`.
pub fn bytes(text: &str) -> Result<usize, &'static str> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" | "kib" => Some(1 << 10),
        "m" | "mb" | "mib" => Some(1 << 20),
        "g" | "gb" | "gib" => Some(1 << 30),
        _ => None,
    };
    let number = number.parse::<usize>().ok().filter(|number| *number > 0);
    let bytes = number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor));
    bytes.ok_or("give a size such as 8MiB, 512KiB or 65536")
}

/// Reads a length of time: `90s`, `5min`, `2h` or `500ms`.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let milliseconds = match unit.trim() {
        "ms" => Some(1),
        "s" => Some(1000),
        "min" => Some(60 * 1000),
        "h" => Some(3600 * 1000),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    let length = number
        .zip(milliseconds)
        .and_then(|(number, unit)| number.checked_mul(unit));
    length
        .map(Duration::from_millis)
        .ok_or("give a time such as 500ms, 90s, 5min or 2h")
}

/// Reads a network or an address: `10.0.0.0/8`, `127.0.0.1`.
pub fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = text.parse().ok().or_else(address);
    network.ok_or_else(|| {
        format!(
            "{text:?} is no address; give one such as 127.0.0.1, or a network such as 10.0.0.0/8"
        )
    })
}

fn networks<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<IpNet>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let networks: Result<_, _> = texts.iter().map(|text| network(text)).collect();
    networks.map(Some).map_err(serde::de::Error::custom)
}

fn size<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(usize),
        Text(String),
    }
    let size = match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(bytes),
        Size::Text(text) => bytes(&text),
    };
    size.map(Some).map_err(serde::de::Error::custom)
}

/// What is done with the resets that RFC 2217 clients send move by move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Resets {
    /// Their timing is restored.
    Timed,
    /// Nothing.
    AsSent,
}

/// A port in the configuration file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePort {
    device: PathBuf,
    baud: Option<u32>,
    data_bits: Option<u8>,
    parity: Option<Parity>,
    stop_bits: Option<StopBits>,
    flow: Option<Flow>,
    dtr: Option<AtOpen>,
    rts: Option<AtOpen>,
    hangup: Option<bool>,
    #[serde(default)]
    turns: bool,
    record: Option<Records>,
    #[serde(default, deserialize_with = "size")]
    keep: Option<usize>,
    keep_days: Option<u32>,
    rfc2217: Option<String>,
    rfc2217_resets: Option<Resets>,
    tcp: Option<String>,
    tcp_reset: Option<String>,
}

impl FilePort {
    /// How programs are treated, or why they cannot be.
    fn manner(&self, name: &str) -> Result<Manner, Diagnostic> {
        let reset = self.tcp_reset.as_deref().map(str::parse::<Pulse>);
        reset
            .transpose()
            .map_err(|why| Diagnostic::error(Key::of_port(name, "tcp_reset"), why))?;
        Ok(Manner {
            as_sent: self.rfc2217_resets == Some(Resets::AsSent),
            reset: self.tcp_reset.clone(),
        })
    }

    /// Where programs reach this port, and which of that is no address.
    fn entrances(&self, name: &str) -> (Vec<(Dialect, Entrance)>, Vec<Diagnostic>) {
        let (mut all, mut wrong) = (Vec::new(), Vec::new());
        for (dialect, address) in [(Dialect::Rfc2217, &self.rfc2217), (Dialect::Tcp, &self.tcp)] {
            match address.as_ref().map(|address| address.parse::<Entrance>()) {
                None => {}
                Some(Ok(entrance)) if entrance.port.is_none() => {
                    let port = Some(name.to_owned());
                    all.push((dialect, Entrance { port, ..entrance }));
                }
                Some(Ok(Entrance { address, .. })) => {
                    let text = format!("the port is {name} here; give only the address, {address}");
                    wrong.push(Diagnostic::error(Key::of_port(name, dialect.key()), text));
                }
                Some(Err(why)) => {
                    wrong.push(Diagnostic::error(Key::of_port(name, dialect.key()), why));
                }
            }
        }
        (all, wrong)
    }

    /// How the port is opened, or why that is not possible.
    fn settings(&self, name: &str) -> Result<Settings, Diagnostic> {
        let change = Change {
            baud: self.baud,
            data_bits: self.data_bits,
            parity: self.parity,
            stop_bits: self.stop_bits,
            flow: self.flow,
            dtr: self.dtr,
            rts: self.rts,
            hangup: self.hangup,
        };
        change.applied_to(Settings::default()).map_err(|why| {
            let key = match why {
                Invalid::Baud => "baud",
                Invalid::DataBits(_) => "data_bits",
                Invalid::Word(_) => "",
            };
            Diagnostic::error(Key::of_port(name, key), why)
        })
    }
}

/// What a port says of its own recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnRecording {
    /// What is recorded.
    pub record: Option<Records>,
    /// How much is kept, in bytes.
    pub keep: Option<usize>,
    /// For how many days.
    pub keep_days: Option<u32>,
}

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where to listen.
    pub listen: Option<Vec<String>>,
    /// The folder of the user's own page.
    pub www: Option<PathBuf>,
    /// The folder for what is kept.
    pub data: Option<PathBuf>,
    /// The folder for panels.
    pub panels: Option<PathBuf>,
    /// Further host names that the server answers to.
    pub allow_host: Option<Vec<String>>,
    /// Origins of foreign pages that may use the server.
    pub allow_origin: Option<Vec<String>>,
    /// Reverse proxies whose word counts on whom they speak for.
    #[serde(default, deserialize_with = "networks")]
    pub trusted_proxies: Option<Vec<IpNet>>,
    /// How TLS is spoken.
    #[serde(default)]
    pub tls: tls::Written,
    /// What people, groups and programs may do besides what stands in the accounts.
    #[serde(default)]
    pub allow: Vec<Rule>,
    /// Who vouches for people besides their accounts.
    #[serde(default)]
    pub login: Login,
    /// Whether ports that are found are listed too.
    pub discover: Option<bool>,
    /// The journal of each port in memory, in bytes: a number, or a text such as `8MiB`.
    #[serde(default, deserialize_with = "size")]
    pub ring: Option<usize>,
    /// What is recorded of ports that do not say it themselves.
    pub record: Option<Records>,
    /// How much of all recordings is kept, in bytes.
    #[serde(default, deserialize_with = "size")]
    pub keep: Option<usize>,
    /// For how many days.
    pub keep_days: Option<u32>,
    /// How safe a commit is.
    pub durability: Option<Durability>,
    /// What single ports say of their recordings.
    #[serde(skip)]
    pub recordings: BTreeMap<String, OwnRecording>,
    /// Where programs reach the ports.
    #[serde(skip)]
    pub entrances: Vec<(Dialect, Entrance)>,
    /// How the programs of each port are treated.
    #[serde(skip)]
    pub manners: BTreeMap<String, Manner>,
    /// The commands that write files to devices, by name.
    #[serde(default)]
    pub flash: BTreeMap<String, Flasher>,
    /// Where it is told who did what.
    pub audit: Option<Audit>,
    /// What may be booked.
    #[serde(default)]
    pub booking: Booking,
    /// What strangers can hold.
    #[serde(default)]
    pub limits: Limits,
    /// The broker that ports are told of.
    #[serde(skip)]
    pub mqtt: Option<Mqtt>,
    #[serde(rename = "mqtt")]
    written_mqtt: Option<mqtt::Written>,
    #[serde(default)]
    port: BTreeMap<String, FilePort>,
}

/// What stands in a configuration file, with all that is wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// What is said of the server, as far as it is possible.
    pub file: File,
    /// The ports that are possible.
    pub ports: Vec<PortSpec>,
    /// Where everything stands.
    pub source: Source,
    /// What is wrong.
    pub report: Report,
}

impl File {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn read(path: &Path) -> Result<Loaded, Report> {
        let loaded = Self::load(path)?;
        loaded.report.clone().usable()?;
        Ok(loaded)
    }

    /// Reads as much of the file at `path` as there is sense in.
    ///
    /// # Errors
    /// If there is no text to be read.
    pub fn load(path: &Path) -> Result<Loaded, Report> {
        let (source, report) = Source::read(path)?;
        Ok(Self::understand(source, report))
    }

    /// Makes of a text what there is sense in.
    pub(crate) fn understand(source: Source, mut report: Report) -> Loaded {
        let mut file: Self = source.shaped(&mut report);
        let (mut ports, mut wrong) = (Vec::new(), Vec::new());
        for name in file.flash.keys().filter(|name| !is_port_name(name)) {
            let why = "this cannot be a flasher's name; letters, digits, dot, dash and underscore can, at most 64";
            wrong.push(Diagnostic::error(Key::within("flash", name, ""), why));
        }
        wrong.extend(file.tls.certificate().err());
        wrong.extend(file.login.check());
        match file.written_mqtt.take().map(Mqtt::try_from).transpose() {
            Ok(mqtt) => file.mqtt = mqtt,
            Err(why) => wrong.push(why.diagnostic()),
        }
        for (name, port) in std::mem::take(&mut file.port) {
            if !is_port_name(&name) {
                let why = NotAPort::Name(name.clone());
                wrong.push(Diagnostic::error(Key::of_port(name, ""), why));
                continue;
            }
            let (entrances, no_entrances) = port.entrances(&name);
            file.entrances.extend(entrances);
            wrong.extend(no_entrances);
            let own = OwnRecording {
                record: port.record,
                keep: port.keep,
                keep_days: port.keep_days,
            };
            file.recordings.insert(name.clone(), own);
            match port.manner(&name) {
                Ok(manner) => {
                    file.manners.insert(name.clone(), manner);
                }
                Err(why) => wrong.push(why),
            }
            match port.settings(&name) {
                Ok(settings) => ports.push(PortSpec {
                    name,
                    device: port.device,
                    settings,
                    turns: port.turns,
                }),
                Err(why) => wrong.push(why),
            }
        }
        source.locate(wrong, &mut report);
        Loaded {
            file,
            ports,
            source,
            report,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> (String, String, String) {
        let spec: PortSpec = text.parse().expect(text);
        (
            spec.name,
            spec.device.display().to_string(),
            spec.settings.line.to_string(),
        )
    }

    #[test]
    fn ports_are_read_in_every_form() {
        for (text, name, device, line) in [
            ("/dev/ttyUSB0", "ttyUSB0", "/dev/ttyUSB0", "115200 8N1"),
            (
                "arduino=/dev/ttyACM0@9600",
                "arduino",
                "/dev/ttyACM0",
                "9600 8N1",
            ),
            (
                "a=/dev/x@115200,7E1,rtscts",
                "a",
                "/dev/x",
                "115200 7E1 rtscts",
            ),
            (
                "/dev/serial/by-id/usb-A_b=c@1-if00",
                "usb-A_b-c",
                "/dev/serial/by-id/usb-A_b=c",
                "bad",
            ),
            ("com=COM3@300,5N1.5", "com", "COM3", "300 5N1.5"),
            ("/dev/pts/7", "7", "/dev/pts/7", "115200 8N1"),
        ] {
            if line == "bad" {
                assert!(text.parse::<PortSpec>().is_err(), "{text}");
            } else {
                assert_eq!(spec(text), (name.into(), device.into(), line.into()));
            }
        }
    }

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        for (text, size) in [
            ("65536", Ok(65_536)),
            ("512k", Ok(512 << 10)),
            ("8 MiB", Ok(8 << 20)),
            ("0", Err(())),
            ("MiB", Err(())),
            ("-1", Err(())),
            ("99999999999999999999", Err(())),
            ("99999999999 GiB", Err(())),
        ] {
            assert_eq!(bytes(text).map_err(drop), size, "{text}");
        }
    }

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, milliseconds) in [
            ("500ms", Some(500)),
            ("90s", Some(90_000)),
            ("5 min", Some(300_000)),
            ("2h", Some(7_200_000)),
            ("0s", Some(0)),
            ("5", None),
            ("", None),
            ("1.5h", None),
            ("99999999999999999999h", None),
            ("9999999999999999999h", None),
        ] {
            let read = duration(text).ok().map(|time| time.as_millis());
            assert_eq!(read, milliseconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_port_is_refused_by_name() {
        for (text, named) in [
            ("", "names no device"),
            ("a=", "names no device"),
            ("@9600", "names no device"),
            ("a b=/dev/x", "\"a b\""),
            ("..=/dev/x", "\"..\""),
            ("/dev/x@fast", "\"fast\""),
        ] {
            let error = text.parse::<PortSpec>().expect_err(text).to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    #[test]
    fn a_mistake_in_the_file_is_told_with_its_place_and_what_is_allowed() {
        let dir = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            let path = dir.path().join("seriald.toml");
            std::fs::write(&path, text).unwrap();
            File::read(&path)
                .map(|loaded| loaded.ports)
                .map_err(|error| error.to_string())
        };
        let ports = read("[port.a]\ndevice = \"/dev/x\"\nbaud = 9600\nparity = \"even\"").unwrap();
        assert_eq!(ports[0].settings.line.to_string(), "9600 8E1");
        let open = read("[port.a]\ndevice = \"/dev/x\"\nrfc2217 = \"4000\"");
        assert!(open.is_ok(), "{open:?}");
        for (text, named) in [
            (
                "[port.a]\ndevice = \"/dev/x\"\nrfc2217_resets = \"off\"",
                "`timed` or `as-sent`",
            ),
            (
                "[port.a]\ndevice = \"/dev/x\"\ntcp_reset = \"arduino\"",
                ":3:13: error: \"arduino\" is not a step",
            ),
            ("lisen = []", "seriald.toml:1:1: error: unknown field"),
            ("lisen = []", "did you mean `listen`?"),
            ("[port.a]\ndevice = \"/dev/x\"\nparity = \"evn\"", "`even`"),
            ("[port.a]\nbaud = 9600", "`device`"),
            (
                "[port.a]\ndevice = \"/dev/x\"\ndata_bits = 9",
                ":3:13: error: 9 data bits",
            ),
            ("ring = \"8 apples\"", "8MiB"),
            (
                "trusted_proxies = [\"lab\"]",
                ":1:19: error: \"lab\" is no address",
            ),
            ("[tls]\ncert = \"a\"", ":2:8: error: its key is missing"),
            (
                "[port.a]\ndevice = \"/dev/x\"\ntcp = \"here\"",
                ":3:7: error: \"here\" is no address",
            ),
            ("[port.\"a b\"]\ndevice = \"/dev/x\"", "\"a b\""),
            (
                "[[allow]]\nwho = [\"ada\", \"a b\"]\nright = \"see\"",
                ":2:7: error: \"a b\" is nobody",
            ),
            (
                "[[allow]]\nwho = [\"ada\"]\nright = \"tpye\"",
                ":3:9: error: unknown variant `tpye`; did you mean `type`?",
            ),
            (
                "[[allow]]\nwho = [\"ada\"]\nright = \"see\"\nports = [\"a/b\"]",
                ":4:9: error: \"a/b\" is no pattern",
            ),
            ("[[allow]]\nright = \"see\"", "missing field `who`"),
            (
                "[login.proxy]\nuser = \"X User\"",
                ":2:8: error: \"X User\" is no name of a header",
            ),
            (
                "[login.oidc]\nissuer = \"id.example\"\nclient_id = \"x\"",
                ":2:10: error: \"id.example\" is no address",
            ),
            ("[flash.a]\ncommand = [\"x\"]", "seriald.toml:1:"),
            (
                "[flash.\"a/b\"]\ncommand = [\"x\", \"{file}\"]",
                "[flash.\"a/b\"]",
            ),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(named), "{text}: {error}");
        }
    }
    #[test]
    fn a_mistake_in_a_rule_hides_neither_those_of_others_nor_the_rest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("seriald.toml");
        let text = "[[allow]]\nwho = [\"ada\"]\nright = \"tpye\"\n\n[[allow]]\nwho = [\"ada\"]\nright = \"see\"\n\n\
                    [[allow]]\nright = \"see\"\n\n[port.a]\ndevice = \"/dev/x\"\nbaud = \"fast\"\n";
        std::fs::write(&path, text).unwrap();
        let loaded = File::load(&path).unwrap();
        let places = loaded.report.findings();
        let places = places
            .iter()
            .map(|found| found.place.as_ref().unwrap().line);
        assert_eq!(places.collect::<Vec<_>>(), [3, 9, 14]);
        assert_eq!((loaded.file.allow.len(), loaded.ports.len()), (1, 1));
    }
}
