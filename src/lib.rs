//! seriald: serial ports on the web. One program beside the devices gives any number of browsers a
//! live console.
//!
//! `ARCHITECTURE.md` has the map. From the ground up: [`record`], [`settings`], [`identity`] and
//! [`state`] are plain data, and [`values`] finds numbers in it; [`journal`] keeps what passed over
//! a port, [`wire`] says it to others, [`export`] writes it down for files, [`search`] looks through
//! it, [`chart`] draws its values; a [`place`] is where something begins; a [`port`] owns a device, the [`hub`] all ports; a
//! [`script`] does things on one; [`flash`] writes files to it; [`web`], [`telnet`] and [`mqtt`] are
//! the ways in; [`oidc`] asks elsewhere who comes; [`server`] puts it together.

pub mod accept;
pub mod access;
pub mod audit;
pub mod bind;
pub mod booking;
pub mod chart;
pub mod client;
pub mod clock;
pub mod config;
#[cfg(unix)]
pub mod demo;
pub mod diagnostic;
pub mod doors;
pub mod entrances;
pub mod export;
pub mod flash;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod hex;
pub mod hints;
pub mod hub;
pub mod identity;
pub mod import;
pub mod journal;
pub mod mcp;
pub mod mqtt;
pub mod oidc;
pub mod pages;
pub mod panel;
pub mod panels;
pub mod pattern;
pub mod place;
pub mod plain;
pub mod port;
pub mod private;
#[cfg(unix)]
pub mod pty;
pub mod pulse;
pub mod record;
pub mod right;
pub mod script;
pub mod search;
pub mod server;
pub mod settings;
pub mod span;
pub mod state;
pub mod store;
pub mod telnet;
pub mod terminal;
pub mod tls;
pub mod triggers;
pub mod utf8;
pub mod values;
pub mod web;
pub mod wildcard;
pub mod wire;
