//! A port's state: everything but its bytes, in one snapshot that is always whole.

use std::net::IpAddr;
use std::ops::Deref;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::doors::Doors;
use crate::identity::Identity;
use crate::record::{Offset, Time};
use crate::right::Right;
use crate::settings::{Line, Settings};

/// What a port is doing about its device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Nobody has asked for it yet: opening can reset a board.
    #[default]
    Closed,
    /// Being opened.
    Opening,
    /// Open: bytes flow.
    Open,
    /// Wanted, but absent, busy or denied; it is tried again.
    Waiting,
    /// Given to another program until somebody takes it back.
    Released,
}

/// Why a device cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Trouble {
    Missing,
    Busy,
    Denied,
    NotATty,
    Lost,
    Io,
}

/// Why a port is waiting, and when it is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// The kind of trouble, for programs.
    pub code: Trouble,
    /// One line that names the thing and the way out.
    pub message: String,
    /// When it is tried again.
    pub retry: Option<Time>,
}

/// The modem lines; `true` is asserted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(missing_docs, reason = "the names are the field's own")]
pub struct Lines {
    pub dtr: bool,
    pub rts: bool,
    pub cts: bool,
    pub dsr: bool,
    pub dcd: bool,
    pub ri: bool,
}

/// The driver's error counters since the device was plugged in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Errors {
    /// Characters without a stop bit: most often the wrong baud rate.
    pub framing: u32,
    /// Characters with the wrong parity.
    pub parity: u32,
    /// Characters lost in the hardware.
    pub overrun: u32,
    /// BREAKs received.
    #[serde(rename = "break")]
    pub breaks: u32,
    /// Characters lost because the driver's buffer was full.
    pub buffer: u32,
}

/// Somebody who watches a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Viewer {
    /// The connection.
    pub client: String,
    /// What others see.
    pub name: String,
    /// The address.
    #[schema(value_type = String)]
    pub from: IpAddr,
    /// The way in.
    pub door: String,
}

/// How far the port's journal reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reach {
    /// Names the journal whose offsets these are, at random. Another number, other bytes.
    pub id: u32,
    /// The oldest byte that is kept.
    pub oldest: Offset,
    /// The offset that the next byte will get.
    pub head: Offset,
    /// The time of the oldest record.
    pub since: Option<Time>,
}

/// What of a port is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Records {
    /// Everything.
    All,
    /// What comes in, and Notes; what is typed stays out.
    Rx,
    /// Nothing.
    #[default]
    None,
}

/// Whether a recording does what it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Nothing is to be recorded.
    #[default]
    Off,
    /// Yes.
    On,
    /// No; it is tried again.
    Failing,
}

/// How a port's recording is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recorded {
    /// What is recorded.
    pub records: Records,
    /// Whether that works.
    #[serde(rename = "state")]
    pub health: Health,
    /// What it takes on disk, in bytes.
    pub bytes: u64,
    /// In how many files.
    pub files: usize,
    /// Everything before is on disk, as far as it was to be.
    pub stored: Offset,
    /// Bytes that could not be recorded since the server began.
    pub lost: u64,
    /// What is wrong, and the way out.
    pub problem: Option<String>,
}

/// A device that another program has for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lent {
    /// The program.
    pub to: String,
    /// Who lent it.
    pub by: String,
    /// Since when.
    pub since: Time,
    /// When it comes back at the latest.
    pub until: Time,
    /// The configured command that writes a file to it, if that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flash: Option<String>,
}

/// A macro at work on a port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Running {
    /// Its number, by which it is stopped.
    pub run: u32,
    /// What it is called.
    pub title: String,
    /// Who started it.
    pub by: String,
    /// When.
    pub since: Time,
    /// The control that started it, if one did.
    #[serde(flatten)]
    pub origin: Option<Origin>,
}

/// A control on a panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Origin {
    /// The panel's name.
    pub panel: String,
    /// The widget's id.
    pub widget: String,
}

/// Who may type where one at a time may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// Who has the turn; nobody, where the next who types has it.
    pub holder: Option<Holder>,
    /// Who asks for it, the first first.
    pub asking: Vec<Asking>,
}

/// Whoever has the turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Holder {
    /// The connection, or `run` and the number of a macro.
    pub client: String,
    /// What others see.
    pub name: String,
    /// The account: all that is of it has the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Since when.
    pub since: Time,
    /// Whether the connection is gone; the turn waits for another one of the same for 10 s.
    pub away: bool,
}

/// Somebody who asks for the turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Asking {
    /// The connection.
    pub client: String,
    /// What others see.
    pub name: String,
}

/// What is done about the turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TurnAct {
    /// One at a time may type from now on,
    On,
    /// or again all who may at all; both until the server ends.
    Off,
    /// Takes a free turn.
    Take,
    /// Asks for the turn; a free one is taken.
    Ask,
    /// Hands it over to one who asks.
    Give,
    /// Gives it back, or asks no more.
    Leave,
    /// Takes it, whoever has it.
    Force,
}

/// Payload bytes, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Traffic {
    /// From the device.
    pub rx: u64,
    /// To the device.
    pub tx: u64,
}

/// Everything there is to say about a port, but its bytes. What a server of another version does not
/// say is as in [`Default`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PortState {
    /// The port's name.
    pub name: String,
    /// What was asked for.
    #[schema(value_type = String)]
    pub device: PathBuf,
    /// Whether it is listed because it is plugged in, not because it was configured.
    pub found: bool,
    /// Where the device is now.
    #[schema(value_type = Option<String>)]
    pub path: Option<PathBuf>,
    /// What the system knows about the device.
    pub identity: Option<Identity>,
    /// What the port is doing.
    #[serde(rename = "state")]
    pub phase: Phase,
    /// Since when.
    pub since: Time,
    /// Who has its device.
    pub lent: Option<Lent>,
    /// Why it is waiting.
    #[serde(rename = "error")]
    pub failure: Option<Failure>,
    /// What was asked for.
    pub settings: Settings,
    /// What the driver says is in force.
    pub actual: Option<Line>,
    /// The modem lines, where the device has some.
    pub lines: Option<Lines>,
    /// The error counters, where the driver counts.
    pub errors: Option<Errors>,
    /// Whether the device does not take what is written.
    pub held: bool,
    /// Bytes that wait to be written.
    pub queued: u64,
    /// How far the journal reaches.
    pub journal: Reach,
    /// How its recording is.
    pub recording: Recorded,
    /// Bytes since the start.
    pub total: Traffic,
    /// Bytes in the last second.
    pub rate: Traffic,
    /// Who watches.
    pub viewers: Vec<Viewer>,
    /// The client whose terminal answers the device's queries.
    pub answerer: Option<String>,
    /// Where programs reach it.
    pub doors: Doors,
    /// The macros that are at work, oldest first.
    pub running: Vec<Running>,
    /// Who may type, where one at a time may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

/// A port as somebody sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Seen {
    /// How it is, the same for all who see it.
    #[serde(flatten)]
    pub state: PortState,
    /// What whoever is told may do with it, the least first. A server that says nothing of rights
    /// keeps none back.
    #[serde(default = "everything")]
    pub may: Vec<Right>,
}

fn everything() -> Vec<Right> {
    Right::ALL.to_vec()
}

impl Deref for Seen {
    type Target = PortState;

    fn deref(&self) -> &PortState {
        &self.state
    }
}

/// How the bridge to an MQTT broker is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Bridged {
    /// Where the broker is.
    pub broker: String,
    /// Whether there is a connection,
    pub connected: bool,
    /// and since when.
    pub since: Time,
    /// Why there is none.
    pub problem: Option<String>,
    /// Messages that were published.
    pub published: u64,
    /// Bytes of journals that were passed over.
    pub missed: u64,
}

impl Bridged {
    /// A bridge to this broker that has only begun.
    pub fn of(broker: String) -> Self {
        Self {
            broker,
            connected: false,
            since: Time::now(),
            problem: None,
            published: 0,
            missed: 0,
        }
    }
}
