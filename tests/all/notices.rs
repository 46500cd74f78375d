//! What an RFC 2217 client is told unasked: lines that move, and what went wrong on the line.

use rfc2217_server::{Answer, Control, Request, line_state, modem_state};

use crate::rig::Rig;
use crate::rig::program::Telnet;

#[tokio::test]
async fn a_client_is_told_what_its_masks_let_through() {
    let folder = tempfile::tempdir().unwrap();
    let Some((rig, _lines)) = Rig::with_lines(folder, "dev", &["--rfc2217", "0"]).await else {
        return;
    };
    let (dtr, rts) = (modem_state::CD | modem_state::DSR, modem_state::CTS);
    let mut telnet = Telnet::meets(&rig, dtr | rts).await;
    telnet.ask(Request::Control(Control::RtsOff)).await;
    telnet
        .expect_all(vec![
            Answer::Control(Control::RtsOff),
            Answer::ModemState(dtr | modem_state::DELTA_CTS),
        ])
        .await;
    let mask = modem_state::DSR | modem_state::DELTA_DSR;
    telnet.ask(Request::ModemStateMask(mask)).await;
    telnet.expect(Answer::ModemStateMask(mask)).await;
    telnet.ask(Request::Control(Control::RtsOn)).await;
    telnet.expect(Answer::Control(Control::RtsOn)).await;
    telnet.ask(Request::Control(Control::DtrOff)).await;
    telnet
        .expect_all(vec![
            Answer::Control(Control::DtrOff),
            Answer::ModemState(modem_state::DELTA_DSR),
        ])
        .await;
    telnet.ask(Request::LineStateMask(line_state::BREAK)).await;
    telnet
        .expect(Answer::LineStateMask(line_state::BREAK))
        .await;
    telnet.ask(Request::Control(Control::BreakOn)).await;
    telnet.expect(Answer::Control(Control::BreakOn)).await;
    telnet.ask(Request::Control(Control::BreakOff)).await;
    telnet
        .expect_all(vec![
            Answer::Control(Control::BreakOff),
            Answer::LineState(line_state::BREAK),
        ])
        .await;
}
