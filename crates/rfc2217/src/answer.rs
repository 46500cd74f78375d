//! An answer: what the server says about the serial port (RFC 2217, section 3, server to client).
//! Each has the code of its request plus 100.

use alloc::vec::Vec;

use crate::telnet::command;
use crate::values::{Control, Parity, Purge, StopSize};

/// What the server says: the value in force, whatever was asked for, or what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What the server is.
    Signature(Vec<u8>),
    /// Bits per second.
    Baud(u32),
    /// 5 to 8 data bits.
    DataSize(u8),
    /// The parity bit.
    Parity(Parity),
    /// The stop bits.
    StopSize(StopSize),
    /// Flow control, BREAK, DTR or RTS.
    Control(Control),
    /// The line state; see [`line_state`](crate::line_state).
    LineState(u8),
    /// The modem state; see [`modem_state`](crate::modem_state).
    ModemState(u8),
    /// The client is to stop sending data.
    Suspend,
    /// The client may go on.
    Resume,
    /// Which bits of the line state are told.
    LineStateMask(u8),
    /// Which bits of the modem state are told.
    ModemStateMask(u8),
    /// These buffers are empty now.
    Purge(Purge),
}

impl Answer {
    /// Adds the answer to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Signature(text) => command(100, text, out),
            Self::Baud(baud) => command(101, &baud.to_be_bytes(), out),
            Self::DataSize(bits) => command(102, &[*bits], out),
            Self::Parity(parity) => command(103, &[parity.code()], out),
            Self::StopSize(size) => command(104, &[size.code()], out),
            Self::Control(control) => command(105, &[control.code()], out),
            Self::LineState(state) => command(106, &[*state], out),
            Self::ModemState(state) => command(107, &[*state], out),
            Self::Suspend => command(108, &[], out),
            Self::Resume => command(109, &[], out),
            Self::LineStateMask(mask) => command(110, &[*mask], out),
            Self::ModemStateMask(mask) => command(111, &[*mask], out),
            Self::Purge(purge) => command(112, &[purge.code()], out),
        }
    }

    /// Reads a command code and its payload, as a client does; nothing if RFC 2217 does not define it.
    pub fn decode(code: u8, payload: &[u8]) -> Option<Self> {
        let first = payload.first().copied();
        Some(match code {
            100 => Self::Signature(payload.to_vec()),
            101 => Self::Baud(u32::from_be_bytes(*payload.first_chunk()?)),
            102 => Self::DataSize(first?),
            103 => Self::Parity(Parity::from_code(first?)?),
            104 => Self::StopSize(StopSize::from_code(first?)?),
            105 => Self::Control(Control::from_code(first?)?),
            106 => Self::LineState(first?),
            107 => Self::ModemState(first?),
            108 => Self::Suspend,
            109 => Self::Resume,
            110 => Self::LineStateMask(first?),
            111 => Self::ModemStateMask(first?),
            112 => Self::Purge(Purge::from_code(first?)?),
            _ => return None,
        })
    }
}
