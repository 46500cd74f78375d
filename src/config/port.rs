//! A port in the configuration file.

use std::path::PathBuf;

use serde::Deserialize;

use super::entrance::Entrance;
use super::quantity;
use crate::diagnostic::{Diagnostic, Key};
use crate::doors::{Dialect, Manner};
use crate::pulse::Pulse;
use crate::settings::{AtOpen, Change, Flow, Invalid, Parity, Settings, StopBits};
use crate::state::Records;

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
pub(super) struct Written {
    pub device: PathBuf,
    baud: Option<u32>,
    data_bits: Option<u8>,
    parity: Option<Parity>,
    stop_bits: Option<StopBits>,
    flow: Option<Flow>,
    dtr: Option<AtOpen>,
    rts: Option<AtOpen>,
    hangup: Option<bool>,
    #[serde(default)]
    pub turns: bool,
    record: Option<Records>,
    #[serde(default, deserialize_with = "quantity::size")]
    keep: Option<usize>,
    keep_days: Option<u32>,
    rfc2217: Option<String>,
    rfc2217_resets: Option<Resets>,
    tcp: Option<String>,
    tcp_reset: Option<String>,
}

impl Written {
    /// What it says of its own recording.
    pub fn recording(&self) -> OwnRecording {
        OwnRecording {
            record: self.record,
            keep: self.keep,
            keep_days: self.keep_days,
        }
    }

    /// How programs are treated, or why they cannot be.
    pub fn manner(&self, name: &str) -> Result<Manner, Diagnostic> {
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
    pub fn entrances(&self, name: &str) -> (Vec<(Dialect, Entrance)>, Vec<Diagnostic>) {
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
    pub fn settings(&self, name: &str) -> Result<Settings, Diagnostic> {
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
