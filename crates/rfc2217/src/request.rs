//! A request: what a client asks of the serial port (RFC 2217, section 3, client to server).

use alloc::vec::Vec;

use crate::telnet::command;
use crate::values::{Control, Parity, Purge, StopSize};

/// What a client asks. `None` asks for the value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Says what the client is; empty: asks what the server is.
    Signature(Vec<u8>),
    /// Bits per second.
    Baud(Option<u32>),
    /// 5 to 8 data bits.
    DataSize(Option<u8>),
    /// The parity bit.
    Parity(Option<Parity>),
    /// The stop bits.
    StopSize(Option<StopSize>),
    /// Flow control, BREAK, DTR and RTS.
    Control(Control),
    /// Asks for the line state now. Not in the RFC, but clients poll this way.
    LineState,
    /// Asks for the modem state now. Not in the RFC, but clients poll this way.
    ModemState,
    /// The server is to stop sending data.
    Suspend,
    /// The server may go on.
    Resume,
    /// Which bits of the line state are to be told.
    LineStateMask(u8),
    /// Which bits of the modem state are to be told.
    ModemStateMask(u8),
    /// Buffers are to be emptied.
    Purge(Purge),
}

impl Request {
    /// Reads a command code and its payload; nothing if RFC 2217 does not define it, or if it is too
    /// short. What is too long is read as far as it makes sense.
    pub fn decode(code: u8, payload: &[u8]) -> Option<Self> {
        let first = payload.first().copied();
        Some(match code {
            0 => Self::Signature(payload.to_vec()),
            1 => {
                let baud = u32::from_be_bytes(*payload.first_chunk()?);
                Self::Baud(Some(baud).filter(|baud| *baud > 0))
            }
            2 => Self::DataSize(first.filter(|bits| (5..=8).contains(bits))),
            3 => Self::Parity(first.and_then(Parity::from_code)),
            4 => Self::StopSize(first.and_then(StopSize::from_code)),
            5 => Self::Control(Control::from_code(first?)?),
            6 => Self::LineState,
            7 => Self::ModemState,
            8 => Self::Suspend,
            9 => Self::Resume,
            10 => Self::LineStateMask(first?),
            11 => Self::ModemStateMask(first?),
            12 => Self::Purge(Purge::from_code(first?)?),
            _ => return None,
        })
    }

    /// Adds the request to `out`, as a client sends it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Signature(text) => command(0, text, out),
            Self::Baud(baud) => command(1, &baud.unwrap_or(0).to_be_bytes(), out),
            Self::DataSize(bits) => command(2, &[bits.unwrap_or(0)], out),
            Self::Parity(parity) => command(3, &[parity.map_or(0, Parity::code)], out),
            Self::StopSize(size) => command(4, &[size.map_or(0, StopSize::code)], out),
            Self::Control(control) => command(5, &[control.code()], out),
            Self::LineState => command(6, &[], out),
            Self::ModemState => command(7, &[], out),
            Self::Suspend => command(8, &[], out),
            Self::Resume => command(9, &[], out),
            Self::LineStateMask(mask) => command(10, &[*mask], out),
            Self::ModemStateMask(mask) => command(11, &[*mask], out),
            Self::Purge(purge) => command(12, &[purge.code()], out),
        }
    }
}
