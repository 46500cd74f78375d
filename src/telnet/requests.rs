//! Requests of RFC 2217 clients: done on the port, and answered with the value really in force.
//!
//! Where there is nothing to be in force, because the device has no such lines or is unplugged, the
//! answer is what was asked for: programs take anything else for a failure and do not open the port.

use std::sync::Arc;
use std::time::Duration;

use rfc2217_server::{Answer, Control, Parity as WireParity, Request, StopSize};
use tokio::time::timeout;

use super::moves::Moves;
use crate::port::{Actor, Port, PortError};
use crate::record::{Note, What};
use crate::settings::{Change, Flow, Line, Parity, StopBits};
use crate::state::Phase;

/// A driver's rounding that no UART notices: 1/50 of the speed. Told as what was asked for, because
/// clients compare it digit by digit.
const TOLERANCE: u32 = 50;
/// Losing DTR at this speed asks an Arduino with a USB of its own for its boot loader.
const TOUCH: u32 = 1200;
/// It has thought that over for at most a quarter of a second, and takes another speed for a change
/// of mind.
const TOUCHED: Duration = Duration::from_secs(1);

/// One client's requests.
pub(super) struct Requests<'a> {
    port: &'a Arc<Port>,
    actor: &'a Actor,
    /// What this client set last, where the device cannot tell.
    dtr: bool,
    rts: bool,
    /// Whether this client has begun a BREAK.
    breaking: bool,
    /// The speed before this client made it 1200 baud, until it writes.
    touching: Option<u32>,
}

impl<'a> Requests<'a> {
    pub(super) fn new(port: &'a Arc<Port>, actor: &'a Actor) -> Self {
        Self {
            port,
            actor,
            dtr: false,
            rts: false,
            breaking: false,
            touching: None,
        }
    }

    /// Does what is asked; the answer is what is in force then.
    pub(super) async fn answer(&mut self, request: Request) -> Option<Answer> {
        let change = Change::default();
        Some(match request {
            Request::Signature(text) if text.is_empty() => {
                let text = format!("seriald {} {}", env!("CARGO_PKG_VERSION"), self.port.name());
                Answer::Signature(text.into_bytes())
            }
            Request::Baud(baud) => {
                let before = self.port.watch().borrow().settings.line.baud;
                let line = self.set(Change { baud, ..change }).await;
                let now = self.port.watch().borrow().settings.line.baud;
                if now != before {
                    self.touching = Some(before).filter(|_| now == TOUCH);
                }
                Answer::Baud(baud.map_or(line.baud, |asked| told(asked, line.baud)))
            }
            Request::DataSize(data_bits) => {
                let change = Change {
                    data_bits,
                    ..change
                };
                Answer::DataSize(self.set(change).await.data_bits)
            }
            Request::Parity(parity) => {
                let parity = parity.map(parity_of);
                Answer::Parity(wire_parity(
                    self.set(Change { parity, ..change }).await.parity,
                ))
            }
            Request::StopSize(size) => {
                let change = Change {
                    stop_bits: size.map(stop_bits_of),
                    ..change
                };
                Answer::StopSize(wire_stop_size(self.set(change).await.stop_bits))
            }
            Request::Control(control) => Answer::Control(self.control(control).await),
            _ => return None,
        })
    }

    async fn control(&mut self, control: Control) -> Control {
        match control {
            Control::FlowNone | Control::FlowXonXoff | Control::FlowHardware => {
                let flow = Some(match control {
                    Control::FlowXonXoff => Flow::XonXoff,
                    Control::FlowHardware => Flow::RtsCts,
                    _ => Flow::None,
                });
                let change = Change {
                    flow,
                    ..Change::default()
                };
                outbound(self.set(change).await.flow)
            }
            // Holding back by other lines is not offered: the answer is what is done instead.
            Control::AskFlow | Control::FlowDcd | Control::FlowDsr => outbound(self.line().flow),
            // One setting is for both ways.
            Control::AskFlowInbound
            | Control::FlowInboundNone
            | Control::FlowInboundXonXoff
            | Control::FlowInboundHardware
            | Control::FlowInboundDtr => inbound(self.line().flow),
            Control::BreakOn | Control::BreakOff => {
                self.set_break(control == Control::BreakOn).await;
                self.break_in_force()
            }
            Control::AskBreak => self.break_in_force(),
            // What moves comes by way of `apply`.
            Control::AskDtr | Control::DtrOn | Control::DtrOff => self.lines_in_force().0,
            Control::AskRts | Control::RtsOn | Control::RtsOff => self.lines_in_force().1,
        }
    }

    /// Moves the lines at once. Moves that take a chip into its boot loader are told as such.
    pub(super) async fn apply(&mut self, moves: Moves, boots: bool) {
        let Moves { dtr, rts } = moves;
        self.dtr = dtr.unwrap_or(self.dtr);
        self.rts = rts.unwrap_or(self.rts);
        let moved = self.port.set_lines(self.actor, dtr, rts).await;
        if boots && moved.is_ok() {
            self.note(
                What::Pulse,
                "esp-bootloader, as a client asked for by single moves",
            );
        }
        self.log(moved);
    }

    /// The answers to moves that were made.
    pub(super) fn in_force(&self, moves: Moves) -> impl Iterator<Item = Control> + use<> {
        let (dtr, rts) = self.lines_in_force();
        let moved = [moves.dtr.and(Some(dtr)), moves.rts.and(Some(rts))];
        moved.into_iter().flatten()
    }

    /// What the client writes is for the device: it does not only touch it.
    pub(super) fn wrote(&mut self) {
        self.touching = None;
    }

    /// Sends a BREAK.
    pub(super) async fn send_break(&self, length: Duration) {
        self.log(self.port.send_break(self.actor, length).await);
    }

    /// Ends a BREAK that this client has begun.
    pub(super) async fn end_break(&mut self) {
        if self.breaking {
            self.set_break(false).await;
        }
    }

    /// Drops DTR, as closing a device does, where the client came only to make it lose DTR at 1200
    /// baud. Then the speed is again what it was.
    pub(super) async fn end_touch(&mut self) {
        let Some(before) = self.touching.take() else {
            return;
        };
        if self.lines_in_force().0 == Control::DtrOn {
            self.log(self.port.set_lines(self.actor, Some(false), None).await);
        }
        self.note(What::Pulse, "1200-baud touch");
        let mut state = self.port.watch();
        let gone = state.wait_for(|state| state.phase != Phase::Open);
        let _: Result<_, _> = timeout(TOUCHED, gone).await;
        if state.borrow().settings.line.baud == TOUCH {
            let change = Change {
                baud: Some(before),
                ..Change::default()
            };
            self.log(self.port.set(self.actor, change).await);
        }
    }

    /// Throws away what this client wrote and the device has not taken.
    pub(super) async fn cancel(&self) {
        self.log(self.port.cancel(self.actor).await);
    }

    /// Changes settings where that changes anything; returns what is in force.
    async fn set(&self, change: Change) -> Line {
        let settings = self.port.watch().borrow().settings;
        if change.applied_to(settings) != Ok(settings) {
            self.log(self.port.set(self.actor, change).await);
        }
        self.line()
    }

    fn line(&self) -> Line {
        let watch = self.port.watch();
        let state = watch.borrow();
        state.actual.unwrap_or(state.settings.line)
    }

    /// How DTR and RTS stand.
    fn lines_in_force(&self) -> (Control, Control) {
        let lines = self.port.watch().borrow().lines;
        let (dtr, rts) = lines.map_or((self.dtr, self.rts), |lines| (lines.dtr, lines.rts));
        (
            if dtr { Control::DtrOn } else { Control::DtrOff },
            if rts { Control::RtsOn } else { Control::RtsOff },
        )
    }

    async fn set_break(&mut self, on: bool) {
        match self.port.set_break(self.actor, on).await {
            Ok(()) | Err(PortError::NotSupported { .. } | PortError::NotOpen { .. }) => {
                self.breaking = on;
            }
            Err(error) => self.log::<()>(Err(error)),
        }
    }

    fn break_in_force(&self) -> Control {
        if self.breaking {
            Control::BreakOn
        } else {
            Control::BreakOff
        }
    }

    fn note(&self, what: What, text: &str) {
        self.port.note(&Note {
            by: Some(self.actor.name.to_string()),
            ..Note::new(what, text)
        });
    }

    /// The client learns of a refusal by the value in its answer.
    fn log<T>(&self, done: Result<T, PortError>) {
        if let Err(error) = done {
            tracing::debug!(client = %self.actor.client, "not done: {error}");
        }
    }
}

/// The speed that a client is told: its own, where the driver's is as good.
fn told(asked: u32, actual: u32) -> u32 {
    if asked.abs_diff(actual) <= asked / TOLERANCE {
        asked
    } else {
        actual
    }
}

fn parity_of(parity: WireParity) -> Parity {
    match parity {
        WireParity::None => Parity::None,
        WireParity::Odd => Parity::Odd,
        WireParity::Even => Parity::Even,
        WireParity::Mark => Parity::Mark,
        WireParity::Space => Parity::Space,
    }
}

fn wire_parity(parity: Parity) -> WireParity {
    match parity {
        Parity::None => WireParity::None,
        Parity::Odd => WireParity::Odd,
        Parity::Even => WireParity::Even,
        Parity::Mark => WireParity::Mark,
        Parity::Space => WireParity::Space,
    }
}

fn stop_bits_of(size: StopSize) -> StopBits {
    match size {
        StopSize::One => StopBits::One,
        StopSize::OneAndHalf => StopBits::OneAndHalf,
        StopSize::Two => StopBits::Two,
    }
}

fn wire_stop_size(bits: StopBits) -> StopSize {
    match bits {
        StopBits::One => StopSize::One,
        StopBits::OneAndHalf => StopSize::OneAndHalf,
        StopBits::Two => StopSize::Two,
    }
}

fn outbound(flow: Flow) -> Control {
    match flow {
        Flow::None => Control::FlowNone,
        Flow::XonXoff => Control::FlowXonXoff,
        Flow::RtsCts => Control::FlowHardware,
    }
}

fn inbound(flow: Flow) -> Control {
    match flow {
        Flow::None => Control::FlowInboundNone,
        Flow::XonXoff => Control::FlowInboundXonXoff,
        Flow::RtsCts => Control::FlowInboundHardware,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounded_speed_is_told_as_asked_and_another_one_as_it_is() {
        assert_eq!(told(115_200, 115_384), 115_200);
        assert_eq!(told(921_600, 923_077), 921_600);
        assert_eq!(told(115_200, 9600), 9600);
        assert_eq!(told(300, 306), 300);
        assert_eq!(told(300, 307), 307);
    }
}
