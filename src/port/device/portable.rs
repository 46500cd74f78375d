//! Line settings as the serial crate has them, for the systems where nothing better is at hand:
//! without mark and space parity and without 1.5 stop bits.

use std::io;

use serial2::{CharSize, FlowControl};

use crate::settings::{Flow, Line, Parity, StopBits};

/// An error that says what a system does not have.
pub fn unsupported(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("this system has no {what}"),
    )
}

/// Puts `line` into the settings of a port.
pub fn put(line: &Line, into: &mut serial2::Settings) -> io::Result<()> {
    into.set_raw();
    into.set_baud_rate(line.baud)?;
    into.set_char_size(match line.data_bits {
        5 => CharSize::Bits5,
        6 => CharSize::Bits6,
        7 => CharSize::Bits7,
        _ => CharSize::Bits8,
    });
    into.set_parity(match line.parity {
        Parity::None => serial2::Parity::None,
        Parity::Even => serial2::Parity::Even,
        Parity::Odd => serial2::Parity::Odd,
        Parity::Mark | Parity::Space => return Err(unsupported("mark or space parity")),
    });
    into.set_stop_bits(match line.stop_bits {
        StopBits::One => serial2::StopBits::One,
        StopBits::Two => serial2::StopBits::Two,
        StopBits::OneAndHalf => return Err(unsupported("1.5 stop bits")),
    });
    into.set_flow_control(match line.flow {
        Flow::None => FlowControl::None,
        Flow::RtsCts => FlowControl::RtsCts,
        Flow::XonXoff => FlowControl::XonXoff,
    });
    Ok(())
}
