//! The server's side of RFC 2217, the telnet option by which programs use a serial port over the
//! network: bytes in, events out, no I/O.
//!
//! [`Server`] takes what a client sent, in pieces of any size, and gives [`Event`]s: data for the
//! port, a BREAK, a [`Request`], or a [`Reply`] of telnet itself that is to be sent back. The
//! application acts, and answers each request with an [`Answer`] that tells the value really in
//! force. Nothing is acknowledged on its own. What the port receives goes through [`escape`].
//!
//! ```
//! use rfc2217_server::{Answer, Event, GREETING, Request, Server};
//!
//! let mut to_client = GREETING.to_vec();
//! let mut server = Server::new();
//! let mut input: &[u8] = b"\xff\xfa\x2c\x01\x00\x00\x25\x80\xff\xf0";
//! assert_eq!(server.next(&mut input), Some(Event::Request(Request::Baud(Some(9600)))));
//! Answer::Baud(9600).encode(&mut to_client);
//! assert!(to_client.ends_with(b"\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0"));
//! ```
//!
//! What it decides where the standards leave room:
//!
//! - **Line ends.** A telnet user's Enter arrives as CR NUL (RFC 854, "The NVT printer and
//!   keyboard") and becomes CR. Once the client sends in BINARY (RFC 856) or has agreed on
//!   COM-PORT-OPTION, it is a program that means every byte, and none is dropped. Towards the client
//!   no NUL is added: telnet programs take a bare CR, other programs would take the NUL for data.
//! - **Requests before agreement** are requests all the same: some clients do not wait.
//! - **A value that the option does not define** is read as the question for the value in force.
//!   Commands that it does not define are skipped.
//! - **Refusals** of options are said once for each option, so that no two ends can argue for ever.
//! - **Bounds.** A subnegotiation keeps at most [`MAX_SUBNEGOTIATION`] bytes; a longer one is
//!   skipped up to its end. Nothing else is kept.

#![no_std]

extern crate alloc;

mod answer;
mod negotiation;
mod request;
mod server;
mod telnet;
mod values;

pub use answer::Answer;
pub use negotiation::GREETING;
pub use request::Request;
pub use server::{Event, MAX_SUBNEGOTIATION, Reply, Server};
pub use telnet::{NOP, client, escape};
pub use values::{Control, Parity, Purge, StopSize, line_state, modem_state};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
