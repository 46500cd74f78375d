//! The bytes of telnet: its commands, the options that matter here, and escaping (RFC 854, 855).

use alloc::vec::Vec;

use memchr::memchr_iter;

/// "Interpret as command": begins every command, and is doubled where it is data.
pub(crate) const IAC: u8 = 255;
pub(crate) const DONT: u8 = 254;
pub(crate) const DO: u8 = 253;
pub(crate) const WONT: u8 = 252;
pub(crate) const WILL: u8 = 251;
/// Begins a subnegotiation.
pub(crate) const SB: u8 = 250;
/// "Are you there".
pub(crate) const AYT: u8 = 246;
pub(crate) const BRK: u8 = 243;
/// Ends a subnegotiation.
pub(crate) const SE: u8 = 240;

/// Eight bits, nothing translated (RFC 856).
pub(crate) const BINARY: u8 = 0;
/// The other end shows what is typed (RFC 857).
pub(crate) const ECHO: u8 = 1;
/// Both may talk at the same time (RFC 858).
pub(crate) const SUPPRESS_GO_AHEAD: u8 = 3;
/// A mark in the stream that is to be answered (RFC 860).
pub(crate) const TIMING_MARK: u8 = 6;
/// The serial port (RFC 2217).
pub(crate) const COM_PORT: u8 = 44;

/// Says nothing (RFC 854): to find out whether a client is still there.
pub const NOP: [u8; 2] = [IAC, 241];

/// Adds `data` to `out` as telnet carries it: each byte 255 twice (RFC 854).
pub fn escape(data: &[u8], out: &mut Vec<u8>) {
    let mut from = 0;
    for at in memchr_iter(IAC, data) {
        // The next run begins with it once more.
        out.extend_from_slice(&data[from..=at]);
        from = at;
    }
    out.extend_from_slice(&data[from..]);
}

/// Adds one command of COM-PORT-OPTION to `out` (RFC 2217, section 3).
pub(crate) fn command(code: u8, payload: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[IAC, SB, COM_PORT, code]);
    escape(payload, out);
    out.extend_from_slice(&[IAC, SE]);
}

/// What a client says to agree: for tests and for small clients.
pub mod client {
    use super::{BINARY, COM_PORT, DO, IAC, SUPPRESS_GO_AHEAD, WILL};

    /// Offers COM-PORT-OPTION, and BINARY both ways.
    pub const GREETING: [u8; 15] = [
        IAC,
        WILL,
        COM_PORT,
        IAC,
        WILL,
        BINARY,
        IAC,
        DO,
        BINARY,
        IAC,
        DO,
        SUPPRESS_GO_AHEAD,
        IAC,
        WILL,
        SUPPRESS_GO_AHEAD,
    ];
    /// A telnet BREAK.
    pub const BREAK: [u8; 2] = [IAC, super::BRK];
}
