//! MQTT, as `[mqtt]` in the configuration file has it: the broker, and what is told and done there.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{duration, is_port_name};
use crate::diagnostic::{Diagnostic, Key, Severity};
use crate::right::{Grant, Right, Rights};
use crate::values::Spec;
use crate::wildcard::fits;

/// Of all topics, in characters; and of the other texts that a broker is told.
const PREFIX: usize = 128;
const TEXT: usize = 128;
/// Times that are possible, and how that is said.
const EVERY: Times = (seconds(0)..=seconds(3600), "at most 1h");
const CATCH_UP: Times = (seconds(0)..=seconds(24 * 3600), "at most 24h");
/// Whether the broker is there is asked a few times within it, and it is told it in seconds.
const KEEP_ALIVE: Times = (seconds(3)..=seconds(3600), "from 3s to 1h");

type Times = (RangeInclusive<Duration>, &'static str);

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A broker's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// A name or an address; an IPv6 one without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl Broker {
    fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (tls, standard) = match scheme {
            "mqtt" => (false, 1883),
            "mqtts" => (true, 8883),
            _ => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                let port = match port {
                    "" => None,
                    port => Some(port.strip_prefix(':')?),
                };
                (host, port)
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let is_host = !host.is_empty()
            && host
                .chars()
                .all(|letter| letter.is_alphanumeric() || "-._:".contains(letter));
        let port = port.map_or(Some(standard), |port| port.parse().ok());
        is_host.then_some(Self {
            tls,
            host: host.to_owned(),
            port: port?,
        })
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        let (host, port) = (&self.host, self.port);
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{port}")
        } else {
            write!(f, "{scheme}://{host}:{port}")
        }
    }
}

/// Something that nobody is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A kind of what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Publish {
    Lines,
    Values,
    State,
}

/// What is added to a text that is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LineEnd {
    #[default]
    Lf,
    CrLf,
    Cr,
    None,
}

impl LineEnd {
    /// Its bytes.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Lf => b"\n",
            Self::CrLf => b"\r\n",
            Self::Cr => b"\r",
            Self::None => b"",
        }
    }
}

/// The broker, and what is told and done there.
#[derive(Clone, Debug, PartialEq)]
pub struct Mqtt {
    /// Where it is.
    pub broker: Broker,
    /// A PEM file of the only authorities that are trusted.
    pub ca_file: Option<PathBuf>,
    /// Who we are to it.
    pub user: Option<String>,
    /// Where the password stands.
    pub password_file: Option<PathBuf>,
    /// The password.
    pub password: Option<Secret>,
    /// The name of the connection.
    pub client_id: Option<String>,
    /// How all topics begin.
    pub prefix: String,
    /// The ports, with wildcards; empty for all.
    ports: Vec<String>,
    publish: Vec<Publish>,
    parsers: BTreeMap<String, Spec>,
    /// At most one value of a series in that time.
    pub every: Duration,
    /// How old what is told late may be.
    pub catch_up: Duration,
    /// The broker may take us for gone that hears nothing of us for one and a half of this.
    pub keep_alive: Duration,
    /// Whether the broker confirms what it was told.
    pub confirmed: bool,
    /// What may be done with the ports there; none where they are not told anything.
    pub commands: Option<Right>,
    /// What is added to a text that is sent.
    pub line_end: LineEnd,
    /// How the topics of Home Assistant's discovery begin.
    pub discovery: Option<String>,
}

impl Mqtt {
    /// Whether the port of this name is meant.
    pub fn is_for(&self, port: &str) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|pattern| fits(pattern, port))
    }

    /// What may be done with which ports.
    pub fn rights(&self) -> Rights {
        let everywhere = [Grant::EVERYWHERE.to_owned()];
        let ports: &[_] = if self.ports.is_empty() {
            &everywhere
        } else {
            &self.ports
        };
        let right = self.commands.unwrap_or(Right::See);
        Rights::new(ports.iter().cloned().map(|ports| Grant { right, ports }))
    }

    /// Whether this is published.
    pub fn publishes(&self, what: Publish) -> bool {
        self.publish.contains(&what)
    }

    /// Reads the password: `given`, or else the first line of the file.
    ///
    /// # Errors
    /// If there is no such file, or nothing in it.
    pub fn read_password(&mut self, given: Option<String>) -> Result<(), String> {
        let Some(path) = self.password_file.as_ref().filter(|_| given.is_none()) else {
            self.password = given.map(Secret);
            return Ok(());
        };
        let told = |why: &dyn fmt::Display| format!("password_file {}: {why}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| told(&error))?;
        let password = text.lines().next().filter(|line| !line.is_empty());
        let password = password.ok_or_else(|| told(&"its first line is empty"))?;
        self.password = Some(Secret(password.to_owned()));
        Ok(())
    }

    /// How values of the port of this name are found, if it was said.
    pub fn parser(&self, port: &str) -> Option<&Spec> {
        self.parsers.get(port)
    }
}

/// The same as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    broker: String,
    ca_file: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    /// It must not be here; to be told so without being shown.
    password: Option<IgnoredAny>,
    client_id: Option<String>,
    prefix: Option<String>,
    #[serde(default)]
    ports: Vec<String>,
    publish: Option<Vec<Publish>>,
    #[serde(default)]
    parser: BTreeMap<String, Spec>,
    every: Option<String>,
    catch_up: Option<String>,
    keep_alive: Option<String>,
    qos: Option<u8>,
    #[serde(default)]
    commands: Commands,
    #[serde(default)]
    line_end: LineEnd,
    discovery: Option<String>,
}

/// What ports may be told to do: `"type"`, `"control"`, or `true` for both.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Commands {
    Switch(bool),
    Right(String),
}

impl Default for Commands {
    fn default() -> Self {
        Self::Switch(false)
    }
}

impl Commands {
    fn right(self) -> Result<Option<Right>, NotMqtt> {
        match self {
            Self::Switch(on) => Ok(on.then_some(Right::Control)),
            Self::Right(word) if word == "type" => Ok(Some(Right::Type)),
            Self::Right(word) if word == "control" => Ok(Some(Right::Control)),
            Self::Right(word) => Err(NotMqtt::Commands(word.chars().take(TEXT).collect())),
        }
    }
}

/// Why this cannot be done with a broker. Nothing that could be a secret is repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum NotMqtt {
    #[error(
        "broker: this is no address of one; give mqtt://HOST, mqtt://HOST:PORT, or mqtts:// for TLS"
    )]
    Broker,
    #[error(
        "broker: a user and a password do not stand in the address; give user and password_file"
    )]
    UserInAddress,
    #[error(
        "password: it does not stand here, where others may read it; name a file with password_file, \
         or set SERIALD_MQTT_PASSWORD"
    )]
    Password,
    #[error("password_file: without user it is good for nothing")]
    NoUser,
    #[error("ca_file: it is for mqtts:// alone")]
    NoTls,
    #[error(
        "{key}: {text:?} cannot begin a topic; 1 to {PREFIX} characters can, without + and #, with no / at an end, and not $ at the beginning"
    )]
    Prefix { key: &'static str, text: String },
    #[error("{0}: give 1 to {TEXT} visible characters")]
    Text(&'static str),
    #[error("ports: an empty name is none; without ports it is for all")]
    Port,
    #[error(
        "publish: an empty list leaves nothing to do; give \"lines\", \"values\", \"state\", or commands = \"type\""
    )]
    Nothing,
    #[error("parser: {0:?} cannot be a port's name")]
    ParserPort(String),
    #[error("{key}: {why}; {possible}")]
    Time {
        key: &'static str,
        why: &'static str,
        possible: &'static str,
    },
    #[error("qos: {0} is not possible; 0 and 1 are")]
    Qos(u8),
    #[error(
        "commands: {0:?} is not known; give \"type\" to let ports be typed on, or \"control\" for settings and lines too"
    )]
    Commands(String),
    #[error("discovery: sensors need \"values\" in publish")]
    NoValues,
}

impl NotMqtt {
    /// The same for a report. Of lines in which a secret stands it shows none.
    pub(super) fn diagnostic(&self) -> Diagnostic {
        let key = match self {
            Self::UserInAddress | Self::Password => {
                return Diagnostic {
                    severity: Severity::Error,
                    key: None,
                    text: format!("[mqtt]: {self}"),
                };
            }
            Self::Broker => "broker",
            Self::NoUser => "password_file",
            Self::NoTls => "ca_file",
            Self::Prefix { key, .. } | Self::Text(key) | Self::Time { key, .. } => key,
            Self::Port => "ports",
            Self::Nothing => "publish",
            Self::ParserPort(_) => "parser",
            Self::Qos(_) => "qos",
            Self::Commands(_) => "commands",
            Self::NoValues => "discovery",
        };
        Diagnostic::error(Key::within("mqtt", key, ""), self)
    }
}

impl TryFrom<Written> for Mqtt {
    type Error = NotMqtt;

    fn try_from(written: Written) -> Result<Self, NotMqtt> {
        if written.broker.contains('@') {
            return Err(NotMqtt::UserInAddress);
        }
        if written.password.is_some() {
            return Err(NotMqtt::Password);
        }
        let broker = Broker::read(&written.broker).ok_or(NotMqtt::Broker)?;
        if written.ca_file.is_some() && !broker.tls {
            return Err(NotMqtt::NoTls);
        }
        if written.password_file.is_some() && written.user.is_none() {
            return Err(NotMqtt::NoUser);
        }
        for (key, text) in [("user", &written.user), ("client_id", &written.client_id)] {
            if !text.as_deref().is_none_or(is_text) {
                return Err(NotMqtt::Text(key));
            }
        }
        let prefix = written.prefix.unwrap_or_else(|| "seriald".to_owned());
        for (key, text) in [
            ("prefix", Some(&prefix)),
            ("discovery", written.discovery.as_ref()),
        ] {
            if let Some(text) = text.filter(|text| !is_prefix(text)) {
                let text = text.chars().take(PREFIX).collect();
                return Err(NotMqtt::Prefix { key, text });
            }
        }
        if written.ports.iter().any(String::is_empty) {
            return Err(NotMqtt::Port);
        }
        let commands = written.commands.right()?;
        let all = || vec![Publish::Lines, Publish::Values, Publish::State];
        let publish = written.publish.unwrap_or_else(all);
        if publish.is_empty() && commands.is_none() {
            return Err(NotMqtt::Nothing);
        }
        if written.discovery.is_some() && !publish.contains(&Publish::Values) {
            return Err(NotMqtt::NoValues);
        }
        if let Some(name) = written.parser.keys().find(|name| !is_port_name(name)) {
            return Err(NotMqtt::ParserPort(name.clone()));
        }
        if let Some(qos) = written.qos.filter(|qos| *qos > 1) {
            return Err(NotMqtt::Qos(qos));
        }
        Ok(Self {
            broker,
            ca_file: written.ca_file,
            user: written.user,
            password_file: written.password_file,
            password: None,
            client_id: written.client_id,
            prefix,
            ports: written.ports,
            publish,
            parsers: written.parser,
            every: time("every", written.every, 1, EVERY)?,
            catch_up: time("catch_up", written.catch_up, 60, CATCH_UP)?,
            keep_alive: time("keep_alive", written.keep_alive, 60, KEEP_ALIVE)?,
            confirmed: written.qos == Some(1),
            commands,
            line_end: written.line_end,
            discovery: written.discovery,
        })
    }
}

/// A time, of so many seconds where nothing is said.
fn time(
    key: &'static str,
    text: Option<String>,
    standard: u64,
    (times, possible): Times,
) -> Result<Duration, NotMqtt> {
    let wrong = |why| NotMqtt::Time { key, why, possible };
    let time = text.map_or(Ok(seconds(standard)), |text| duration(&text));
    let time = time.map_err(wrong)?;
    if time < *times.start() {
        return Err(wrong("this is too short"));
    }
    if time > *times.end() {
        return Err(wrong("this is too long"));
    }
    Ok(time)
}

fn is_text(text: &str) -> bool {
    (1..=TEXT).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn is_prefix(text: &str) -> bool {
    let letters = text.chars().count();
    (1..=PREFIX).contains(&letters)
        && !text.starts_with(['/', '$'])
        && !text.ends_with('/')
        && !text.contains(['+', '#'])
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Mqtt, String> {
        let written: Written = toml::from_str(text).map_err(|error| error.to_string())?;
        written
            .try_into()
            .map_err(|error: NotMqtt| error.to_string())
    }

    #[test]
    fn a_broker_is_enough() {
        let mqtt = read("broker = \"mqtt://pi.lan\"").unwrap();
        assert_eq!(mqtt.broker.to_string(), "mqtt://pi.lan:1883");
        assert!(mqtt.is_for("any") && mqtt.publishes(Publish::Lines));
        assert!(mqtt.rights().allow("any", Right::See) && !mqtt.rights().allow("any", Right::Type));
        assert_eq!((mqtt.every.as_secs(), mqtt.catch_up.as_secs()), (1, 60));
    }

    #[test]
    fn addresses_are_read_in_every_form() {
        for (text, shown) in [
            ("mqtts://pi.lan", Some("mqtts://pi.lan:8883")),
            ("mqtt://127.0.0.1:1234/", Some("mqtt://127.0.0.1:1234")),
            ("mqtt://[::1]", Some("mqtt://[::1]:1883")),
            ("mqtts://[::1]:9", Some("mqtts://[::1]:9")),
            ("pi.lan", None),
            ("http://pi.lan", None),
            ("mqtt://", None),
            ("mqtt://pi.lan:x", None),
            ("mqtt://pi.lan:70000", None),
            ("mqtt://pi.lan/path", None),
            ("mqtt://[::1", None),
            ("mqtt://[::1]9", None),
        ] {
            let read = Broker::read(text).map(|broker| broker.to_string());
            assert_eq!(read.as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn all_keys_are_read() {
        let mqtt = read(
            r#"broker = "mqtts://pi.lan"
            ca_file = "/etc/ca.pem"
            user = "anna"
            password_file = "/etc/secret"
            client_id = "lab"
            prefix = "lab/serial"
            ports = ["bench-*"]
            publish = ["values"]
            parser.bench-1 = "json"
            parser.bench-2 = { type = "regex", pattern = "(?<a>\\d+)" }
            every = "500ms"
            catch_up = "0s"
            keep_alive = "5min"
            qos = 1
            commands = "type"
            line_end = "crlf"
            discovery = "homeassistant""#,
        );
        let mqtt = mqtt.unwrap();
        assert!(mqtt.is_for("bench-2") && !mqtt.is_for("x") && mqtt.confirmed);
        assert_eq!(mqtt.keep_alive, seconds(300));
        assert!(mqtt.parser("x").is_none() && mqtt.parser("bench-1").is_some());
        assert_eq!(mqtt.line_end.bytes(), b"\r\n");
        let rights = mqtt.rights();
        assert!(rights.allow("bench-2", Right::Type) && !rights.allow("bench-2", Right::Control));
        assert!(!rights.allow("x", Right::See));
    }

    #[test]
    fn the_password_is_the_first_line_of_its_file_and_shown_to_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let config = format!("broker = \"mqtt://a\"\nuser = \"u\"\npassword_file = {path:?}");
        let mut mqtt = read(&config).unwrap();
        assert!(mqtt.read_password(None).unwrap_err().contains("secret"));
        std::fs::write(&path, "\n").unwrap();
        assert!(mqtt.read_password(None).unwrap_err().contains("empty"));
        std::fs::write(&path, "hunter2\r\nmore").unwrap();
        mqtt.read_password(None).unwrap();
        assert_eq!(mqtt.password, Some(Secret("hunter2".into())));
        assert!(!format!("{mqtt:?}").contains("hunter2"));
        mqtt.read_password(Some("other".into())).unwrap();
        assert_eq!(mqtt.password, Some(Secret("other".into())));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_is_possible_and_no_secret() {
        let broker = "broker = \"mqtt://a\"\n";
        for (text, named) in [
            ("user = \"anna\"", "missing field `broker`"),
            ("broker = \"a\"", "mqtt://HOST"),
            ("broker = \"mqtt://anna:hunter2@a\"", "password_file"),
            ("password = \"hunter2\"", "SERIALD_MQTT_PASSWORD"),
            ("password_file = \"x\"", "without user"),
            ("ca_file = \"x\"", "mqtts://"),
            ("user = \"\"", "user: give 1 to 128"),
            ("prefix = \"a/#\"", "prefix: \"a/#\""),
            ("prefix = \"\"", "cannot begin"),
            ("discovery = \"/x\"", "discovery: \"/x\""),
            ("ports = [\"\"]", "ports"),
            ("publish = []", "nothing to do"),
            ("publish = [\"line\"]", "`lines`"),
            ("parser.a = \"jsn\"", "\"jsn\" is not known"),
            ("parser.\"a b\" = \"json\"", "\"a b\""),
            ("every = \"2h\"", "at most 1h"),
            ("every = \"1\"", "500ms"),
            ("catch_up = \"25h\"", "at most 24h"),
            ("keep_alive = \"2s\"", "too short; from 3s to 1h"),
            ("keep_alive = \"2h\"", "too long; from 3s to 1h"),
            ("qos = 2", "0 and 1"),
            ("line_end = \"lfcr\"", "`crlf`"),
            ("discovery = \"ha\"\npublish = [\"lines\"]", "\"values\""),
            ("comands = true", "`commands`"),
            ("commands = \"see\"", "\"see\" is not known"),
        ] {
            let whole = if text.starts_with("broker") || text.starts_with("user = \"anna\"") {
                text.to_owned()
            } else {
                format!("{broker}{text}")
            };
            let error = read(&whole).expect_err(text);
            assert!(error.contains(named), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }
}
