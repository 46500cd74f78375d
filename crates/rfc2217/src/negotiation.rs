//! Negotiation: which telnet options are in force on either side (RFC 854, 855), after the method of
//! RFC 1143 without its queues: an option that was agreed on is never taken back from here.

use crate::telnet::{
    BINARY, COM_PORT, DO, DONT, ECHO, IAC, SUPPRESS_GO_AHEAD, TIMING_MARK, WILL, WONT,
};

/// What a server says first. With ECHO and SUPPRESS-GO-AHEAD a telnet program sends each key at once
/// and leaves the echo to the device.
pub const GREETING: [u8; 18] = [
    IAC,
    WILL,
    BINARY,
    IAC,
    DO,
    BINARY,
    IAC,
    WILL,
    SUPPRESS_GO_AHEAD,
    IAC,
    DO,
    SUPPRESS_GO_AHEAD,
    IAC,
    WILL,
    ECHO,
    IAC,
    DO,
    COM_PORT,
];

/// Where one option stands on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Option {
    No,
    /// Said in [`GREETING`], not answered yet.
    Asked,
    Yes,
    /// Not one of ours.
    Refused {
        said: bool,
    },
}

/// The options of one side, by number.
#[derive(Clone, Debug)]
struct Side([Option; 256]);

impl Side {
    fn new(asked: &[u8], possible: &[u8]) -> Self {
        let mut side = Self([Option::Refused { said: false }; 256]);
        possible
            .iter()
            .for_each(|option| side.0[usize::from(*option)] = Option::No);
        asked
            .iter()
            .for_each(|option| side.0[usize::from(*option)] = Option::Asked);
        side
    }

    fn has(&self, option: u8) -> bool {
        self.0[usize::from(option)] == Option::Yes
    }
}

/// What comes of a client's WILL, WONT, DO or DONT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Nothing,
    /// To be sent to the client.
    Reply([u8; 3]),
    /// The client agreed to COM-PORT-OPTION.
    Agreed,
}

/// The options in force.
#[derive(Clone, Debug)]
pub(crate) struct Negotiation {
    /// What the server does: WILL and WONT of the server.
    local: Side,
    /// What the client does: WILL and WONT of the client.
    remote: Side,
}

impl Negotiation {
    /// Where things stand right after [`GREETING`] was sent.
    pub(crate) fn new() -> Self {
        Self {
            local: Side::new(&[BINARY, SUPPRESS_GO_AHEAD, ECHO], &[COM_PORT]),
            remote: Side::new(&[BINARY, SUPPRESS_GO_AHEAD, COM_PORT], &[]),
        }
    }

    /// Whether every byte of the client is meant as it is.
    pub(crate) fn is_transparent(&self) -> bool {
        self.remote.has(BINARY) || self.remote.has(COM_PORT) || self.local.has(COM_PORT)
    }

    /// The client uses COM-PORT-OPTION, which says as much as WILL. Clients that were asked with DO
    /// before they could offer it say nothing else.
    pub(crate) fn used(&mut self) {
        self.remote.0[usize::from(COM_PORT)] = Option::Yes;
    }

    /// Takes what the client said. Only a change is answered, so two ends cannot answer each other
    /// for ever.
    pub(crate) fn said(&mut self, verb: u8, option: u8) -> Outcome {
        if (verb, option) == (DO, TIMING_MARK) {
            // Not a state but a ping: each is answered.
            return Outcome::Reply([IAC, WILL, TIMING_MARK]);
        }
        let (side, yes, no) = match verb {
            WILL | WONT => (&mut self.remote, DO, DONT),
            _ => (&mut self.local, WILL, WONT),
        };
        let state = &mut side.0[usize::from(option)];
        let (next, reply) = match (*state, matches!(verb, WILL | DO)) {
            (Option::No, true) => (Option::Yes, Some(yes)),
            (Option::Asked, true) => (Option::Yes, None),
            (Option::Asked, false) => (Option::No, None),
            (Option::Yes, false) => (Option::No, Some(no)),
            (Option::Refused { said: false }, true) => (Option::Refused { said: true }, Some(no)),
            (same, _) => (same, None),
        };
        let agreed = *state == Option::Asked && next == Option::Yes && option == COM_PORT;
        *state = next;
        match reply {
            Some(verb) => Outcome::Reply([IAC, verb, option]),
            None if agreed => Outcome::Agreed,
            None => Outcome::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_option_is_refused_once_on_each_side() {
        let mut negotiation = Negotiation::new();
        for (verb, no) in [(WILL, DONT), (DO, WONT)] {
            let first = negotiation.said(verb, 31);
            assert_eq!(first, Outcome::Reply([IAC, no, 31]));
            assert_eq!(negotiation.said(verb, 31), Outcome::Nothing);
        }
    }

    #[test]
    fn agreeing_to_what_was_asked_is_not_answered() {
        let mut negotiation = Negotiation::new();
        assert_eq!(negotiation.said(WILL, COM_PORT), Outcome::Agreed);
        assert_eq!(negotiation.said(WILL, COM_PORT), Outcome::Nothing);
        assert_eq!(negotiation.said(DO, ECHO), Outcome::Nothing);
        // pyserial asks for the option the other way round as well.
        let reply = negotiation.said(DO, COM_PORT);
        assert_eq!(reply, Outcome::Reply([IAC, WILL, COM_PORT]));
    }

    #[test]
    fn an_option_that_is_given_up_is_confirmed_once() {
        let mut negotiation = Negotiation::new();
        assert_eq!(negotiation.said(DO, ECHO), Outcome::Nothing);
        let reply = negotiation.said(DONT, ECHO);
        assert_eq!(reply, Outcome::Reply([IAC, WONT, ECHO]));
        assert_eq!(negotiation.said(DONT, ECHO), Outcome::Nothing);
    }

    #[test]
    fn two_servers_that_meet_fall_silent() {
        let (mut one, mut other) = (Negotiation::new(), Negotiation::new());
        let mut to_other: alloc::vec::Vec<[u8; 3]> = GREETING
            .chunks(3)
            .map(|said| [said[0], said[1], said[2]])
            .collect();
        let mut rounds = 0;
        while !to_other.is_empty() {
            let answers = to_other
                .iter()
                .filter_map(|said| match other.said(said[1], said[2]) {
                    Outcome::Reply(reply) => Some(reply),
                    _ => None,
                });
            to_other = answers.collect();
            core::mem::swap(&mut one, &mut other);
            rounds += 1;
            assert!(rounds < 10);
        }
    }
}
