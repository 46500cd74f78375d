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
mod port;
mod quantity;
mod report;
mod source;
mod spec;
pub mod tls;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;

pub use audit::Audit;
pub use booking::Booking;
pub use entrance::{Entrance, NotAnEntrance};
pub use flash::Flasher;
pub use limits::Limits;
pub use login::Login;
pub use mqtt::Mqtt;
pub use nearest::nearest;
pub use port::OwnRecording;
pub use quantity::{bytes, duration, network};
pub use report::{Finding, Place, Report};
pub use source::Source;
pub use spec::{NotAPort, PortSpec, is_port_name, name_for};

use crate::access::Rule;
use crate::diagnostic::{Diagnostic, Key};
use crate::doors::{Dialect, Manner};
use crate::state::Records;
use crate::store::Durability;

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
    #[serde(default, deserialize_with = "quantity::networks")]
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
    #[serde(default, deserialize_with = "quantity::size")]
    pub ring: Option<usize>,
    /// What is recorded of ports that do not say it themselves.
    pub record: Option<Records>,
    /// How much of all recordings is kept, in bytes.
    #[serde(default, deserialize_with = "quantity::size")]
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
    port: BTreeMap<String, port::Written>,
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
            file.recordings.insert(name.clone(), port.recording());
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
