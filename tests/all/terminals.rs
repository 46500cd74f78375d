//! Terminal programs that people already have, at the doors that are for programs. One that is not installed is
//! skipped, and said to be.

use std::process::Command;

use crate::rig::terminal::Terminal;
use crate::rig::{Rig, http, soon, until};

async fn rig() -> Rig {
    Rig::with(&["dev"], &["--tcp", "dev=0", "--rfc2217", "dev=0"]).await
}

/// Starts a program in a terminal; nothing where it is not installed.
fn start(program: &str, arguments: &[&str]) -> Option<Terminal> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&folders).any(|folder| folder.join(program).is_file()) {
        eprintln!("skipped: there is no {program}");
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments);
    Some(Terminal::run(command, 80, 24))
}

/// Holds a conversation, once the program has said that it is connected.
async fn converse(rig: &Rig, terminal: &mut Terminal, connected: &str) {
    terminal.until(connected).await;
    rig.device("dev").send(b"login: ").await;
    terminal.until("login: ").await;
    // Key by key, without Enter.
    terminal.press("hi");
    assert_eq!(rig.device("dev").read(2).await, b"hi");
}

#[tokio::test]
async fn telnet_sends_keys_as_they_are_typed_and_a_break() {
    let rig = rig().await;
    let port = rig.server.entrance("rfc2217").port().to_string();
    let Some(mut telnet) = start("telnet", &["127.0.0.1", &port]) else {
        return;
    };
    converse(&rig, &mut telnet, "Escape character").await;
    telnet.press("\x1d");
    telnet.until("telnet> ").await;
    telnet.press("send brk\r");
    soon("the BREAK is sent", async {
        let path = "/api/v1/ports/dev/history?format=jsonl&kind=note";
        let address = rig.server.address();
        while !http::get(address, path).await.text().contains("BREAK for") {}
    })
    .await;
    telnet.press("\r");
    assert_eq!(rig.device("dev").read(1).await, b"\r", "Enter is one byte");
}

#[tokio::test]
async fn microcom_sets_the_speed_and_is_a_terminal() {
    let rig = rig().await;
    let at = rig.server.entrance("rfc2217").to_string();
    let Some(mut microcom) = start("microcom", &["-s", "57600", "-t", &at]) else {
        return;
    };
    converse(&rig, &mut microcom, "Type the escape character").await;
    until("the speed is set", || rig.device("dev").baud() == 57600).await;
}

#[tokio::test]
async fn miniterm_sets_the_speed_and_is_a_terminal() {
    let rig = rig().await;
    let link = format!("rfc2217://{}", rig.server.entrance("rfc2217"));
    let Some(mut miniterm) = start("pyserial-miniterm", &[&link, "57600"]) else {
        return;
    };
    converse(&rig, &mut miniterm, "--- Quit").await;
    assert_eq!(rig.device("dev").baud(), 57600);
    miniterm.press("\x1d");
    assert_eq!(miniterm.end().await, Some(0));
}

#[tokio::test]
async fn programs_for_device_files_use_one_that_socat_makes() {
    for (program, arguments, connected) in [
        ("picocom", &["--nolock"][..], "Terminal ready"),
        ("tio", &[], "Connected"),
    ] {
        let rig = rig().await;
        let link = rig.folder.path().join("tty");
        let pty = format!("PTY,link={},rawer", link.display());
        let tcp = format!("TCP:{}", rig.server.entrance("socket"));
        let Some(_socat) = start("socat", &[&pty, &tcp]) else {
            return;
        };
        until("the file is there", || link.exists()).await;
        let arguments = [arguments, &[link.to_str().expect("UTF-8")]].concat();
        let Some(mut terminal) = start(program, &arguments) else {
            continue;
        };
        converse(&rig, &mut terminal, connected).await;
    }
}
