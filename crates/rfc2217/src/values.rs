//! The values of COM-PORT-OPTION, with the codes they have on the wire (RFC 2217, section 3).

macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant = $code,)* }

        impl $name {
            /// The code on the wire.
            pub fn code(self) -> u8 {
                self as u8
            }

            /// What a code stands for; nothing if RFC 2217 does not define it.
            pub fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    /// SET-PARITY.
    Parity {
        /// No parity bit.
        None = 1,
        /// Odd.
        Odd = 2,
        /// Even.
        Even = 3,
        /// Always 1.
        Mark = 4,
        /// Always 0.
        Space = 5,
    }
}

codes! {
    /// SET-STOPSIZE.
    StopSize {
        /// One stop bit.
        One = 1,
        /// Two.
        Two = 2,
        /// One and a half.
        OneAndHalf = 3,
    }
}

codes! {
    /// PURGE-DATA: which buffers are emptied.
    Purge {
        /// What came in and was not sent to the client.
        Receive = 1,
        /// What the client sent and the line has not carried.
        Transmit = 2,
        /// Both.
        Both = 3,
    }
}

impl Purge {
    /// Whether what came in is meant.
    pub fn receives(self) -> bool {
        self != Self::Transmit
    }

    /// Whether what is to go out is meant.
    pub fn transmits(self) -> bool {
        self != Self::Receive
    }
}

codes! {
    /// SET-CONTROL: flow control, BREAK, DTR and RTS. The same codes ask, set and answer.
    Control {
        /// Which flow control is in force, outbound or both ways?
        AskFlow = 0,
        /// No flow control.
        FlowNone = 1,
        /// By XON and XOFF.
        FlowXonXoff = 2,
        /// By RTS and CTS.
        FlowHardware = 3,
        /// Is BREAK on?
        AskBreak = 4,
        /// BREAK on, until it is set off.
        BreakOn = 5,
        /// BREAK off.
        BreakOff = 6,
        /// Is DTR on?
        AskDtr = 7,
        /// DTR on.
        DtrOn = 8,
        /// DTR off.
        DtrOff = 9,
        /// Is RTS on?
        AskRts = 10,
        /// RTS on.
        RtsOn = 11,
        /// RTS off.
        RtsOff = 12,
        /// Which flow control is in force inbound?
        AskFlowInbound = 13,
        /// No flow control inbound.
        FlowInboundNone = 14,
        /// By XON and XOFF inbound.
        FlowInboundXonXoff = 15,
        /// By RTS inbound.
        FlowInboundHardware = 16,
        /// By DCD, outbound or both ways.
        FlowDcd = 17,
        /// By DTR, inbound.
        FlowInboundDtr = 18,
        /// By DSR, outbound or both ways.
        FlowDsr = 19,
    }
}

/// The bits of NOTIFY-LINESTATE.
pub mod line_state {
    /// A time limit passed.
    pub const TIMEOUT: u8 = 128;
    /// The shift register is empty: all is sent.
    pub const TRANSMIT_SHIFT_EMPTY: u8 = 64;
    /// The holding register is empty: more can be sent.
    pub const TRANSMIT_HOLDING_EMPTY: u8 = 32;
    /// A BREAK came in.
    pub const BREAK: u8 = 16;
    /// A character without a stop bit came in.
    pub const FRAMING: u8 = 8;
    /// A character with the wrong parity came in.
    pub const PARITY: u8 = 4;
    /// Characters were lost.
    pub const OVERRUN: u8 = 2;
    /// There is something to read.
    pub const DATA_READY: u8 = 1;
}

/// The bits of NOTIFY-MODEMSTATE: the lines, and which of them changed.
pub mod modem_state {
    /// Carrier detect is on.
    pub const CD: u8 = 128;
    /// Ring is on.
    pub const RI: u8 = 64;
    /// Data set ready is on.
    pub const DSR: u8 = 32;
    /// Clear to send is on.
    pub const CTS: u8 = 16;
    /// Carrier detect changed.
    pub const DELTA_CD: u8 = 8;
    /// Ring went off.
    pub const TRAILING_RI: u8 = 4;
    /// Data set ready changed.
    pub const DELTA_DSR: u8 = 2;
    /// Clear to send changed.
    pub const DELTA_CTS: u8 = 1;
}
