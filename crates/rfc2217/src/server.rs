//! The server's end of one connection: a client's bytes in, events out.

use alloc::vec::Vec;

use memchr::memchr;

use crate::negotiation::{Negotiation, Outcome};
use crate::request::Request;
use crate::telnet::{AYT, BRK, COM_PORT, DO, DONT, IAC, SB, SE, WILL, WONT};

/// What is kept of a subnegotiation, in bytes. The longest that makes sense is a signature.
pub const MAX_SUBNEGOTIATION: usize = 1024;

/// What a client's bytes mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Bytes for the serial port; never empty.
    Data(&'a [u8]),
    /// A telnet BREAK: one of the usual length is to be sent (RFC 854).
    Break,
    /// To be acted upon, and answered with an [`Answer`](crate::Answer).
    Request(Request),
    /// To be sent to the client as it is.
    Reply(Reply),
    /// The client agreed to COM-PORT-OPTION. It may be told the modem state unasked from now on. A
    /// client may also agree without a word, by its first request.
    Agreed,
}

/// What telnet itself has to say to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Negotiation([u8; 3]),
    Here,
}

impl Reply {
    /// The bytes to be sent.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kind::Negotiation(bytes) => bytes,
            Kind::Here => b"\r\n[yes]\r\n",
        }
    }
}

/// Where in a command the client's bytes have stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Data,
    /// Behind IAC.
    Command,
    /// Behind IAC and this verb.
    Option(u8),
    /// Inside a subnegotiation.
    Inside,
    /// Inside a subnegotiation, behind IAC.
    InsideCommand,
}

/// The server's end of one connection.
#[derive(Clone, Debug)]
pub struct Server {
    at: At,
    negotiation: Negotiation,
    /// The data so far ended with a CR whose NUL may follow.
    carriage_return: bool,
    /// The subnegotiation so far, from its option on; at most one byte more than is allowed.
    inside: Vec<u8>,
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

impl Server {
    /// A connection whose client was sent [`GREETING`](crate::GREETING) and has said nothing yet.
    pub fn new() -> Self {
        Self {
            at: At::Data,
            negotiation: Negotiation::new(),
            carriage_return: false,
            inside: Vec::new(),
        }
    }

    /// Takes bytes off the front of `input` until they mean something. Nothing comes back when all
    /// are taken; call it again with what comes next.
    pub fn next<'a>(&mut self, input: &mut &'a [u8]) -> Option<Event<'a>> {
        while let Some((&byte, rest)) = input.split_first() {
            let event = match self.at {
                At::Data if byte == IAC => {
                    self.at = At::Command;
                    None
                }
                At::Data => {
                    if let Some(data) = self.data(input) {
                        return Some(Event::Data(data));
                    }
                    continue;
                }
                At::Command if byte == IAC => {
                    self.at = At::Data;
                    self.carriage_return = false;
                    let data = &input[..1];
                    *input = rest;
                    return Some(Event::Data(data));
                }
                At::Command => self.command(byte),
                At::Option(verb) => {
                    self.at = At::Data;
                    match self.negotiation.said(verb, byte) {
                        Outcome::Nothing => None,
                        Outcome::Reply(reply) => {
                            Some(Event::Reply(Reply(Kind::Negotiation(reply))))
                        }
                        Outcome::Agreed => Some(Event::Agreed),
                    }
                }
                At::Inside if byte == IAC => {
                    self.at = At::InsideCommand;
                    None
                }
                At::Inside => {
                    self.keep(byte);
                    None
                }
                At::InsideCommand if byte == IAC => {
                    self.at = At::Inside;
                    self.keep(byte);
                    None
                }
                At::InsideCommand if byte == SE => {
                    self.at = At::Data;
                    self.subnegotiation()
                }
                // It was torn: what interrupts it counts, and it does not.
                At::InsideCommand => self.command(byte),
            };
            *input = rest;
            if event.is_some() {
                return event;
            }
        }
        None
    }

    /// Takes a run of data off the front of `input`, which does not begin with IAC.
    fn data<'a>(&mut self, input: &mut &'a [u8]) -> Option<&'a [u8]> {
        let transparent = self.negotiation.is_transparent();
        if core::mem::take(&mut self.carriage_return) && input[0] == 0 && !transparent {
            *input = &input[1..];
            return None;
        }
        let mut length = memchr(IAC, input).unwrap_or(input.len());
        if !transparent && let Some(end) = memchr(b'\r', &input[..length]) {
            self.carriage_return = true;
            length = end + 1;
        }
        let (data, rest) = input.split_at(length);
        *input = rest;
        Some(data)
    }

    /// Takes the byte behind an IAC that is no data.
    fn command(&mut self, byte: u8) -> Option<Event<'static>> {
        self.at = match byte {
            WILL | WONT | DO | DONT => At::Option(byte),
            SB => {
                self.inside.clear();
                At::Inside
            }
            _ => At::Data,
        };
        match byte {
            BRK => Some(Event::Break),
            AYT => Some(Event::Reply(Reply(Kind::Here))),
            // NOP, GA, data mark and the keys of a terminal from 1983: nothing to do.
            _ => None,
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.inside.len() <= MAX_SUBNEGOTIATION {
            self.inside.push(byte);
        }
    }

    fn subnegotiation(&mut self) -> Option<Event<'static>> {
        match &self.inside[..] {
            [COM_PORT, code, payload @ ..] if self.inside.len() <= MAX_SUBNEGOTIATION => {
                self.negotiation.used();
                Request::decode(*code, payload).map(Event::Request)
            }
            _ => None,
        }
    }
}
