//! `seriald attach`: a person's terminal, and scripts, at a port through the server.

use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::rig::device::Device;
use crate::rig::server::{Server, program, run};
use crate::rig::terminal::Terminal;
use crate::rig::tls::acceptor;
use crate::rig::{Rig, soon, until};

const ESCAPE: &str = "\x1d";

fn terminal_at(rig: &Rig, more: &[&str]) -> Terminal {
    let mut command = program();
    let server = format!("http://{}", rig.server.address());
    command
        .args(["attach", "--server", &server, "dev"])
        .args(more);
    Terminal::run(command, 80, 24)
}

/// A terminal that is attached.
async fn attached(rig: &Rig, more: &[&str]) -> Terminal {
    let mut terminal = terminal_at(rig, more);
    terminal.until("q leaves\r\n").await;
    terminal
}

async fn leave(mut terminal: Terminal) {
    terminal.press(format!("{ESCAPE}q"));
    terminal.until("seriald: left dev").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn what_is_typed_reaches_the_device_and_what_it_says_is_shown_to_the_byte() {
    let rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &[]).await;
    assert!(terminal.is_raw());
    terminal.press("ls -l\r\x03\x1a\x04");
    assert_eq!(rig.device("dev").read(9).await, b"ls -l\r\x03\x1a\x04");
    let screen = "\x1b[1;31mtotal 0\x1b[0m\n\ttab \u{e4}\r\n\x1b]0;title\x07end";
    rig.device("dev").send(screen.as_bytes()).await;
    assert_eq!(terminal.until("end").await, screen);
    leave(terminal).await;
}

#[tokio::test]
async fn who_only_looks_types_nothing() {
    let rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &["--read-only"]).await;
    terminal.press("rm -rf /\r");
    terminal.until("nothing is sent: this only looks").await;
    terminal.press(format!("{ESCAPE}b"));
    terminal.until("nothing is done").await;
    rig.device("dev").send(b"boot\r\n").await;
    terminal.until("boot\r\n").await;
    leave(terminal).await;
    assert_eq!(rig.device("dev").unread(), b"");
}

#[tokio::test]
async fn keys_behind_the_escape_key_are_commands_and_the_key_itself_can_be_sent() {
    let rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &["--escape", "^T"]).await;
    terminal.press("\x14?");
    terminal.until("q  leave\r\n").await;
    terminal.until("Ctrl-T  is sent as Ctrl-T itself").await;
    terminal.press("\x14\x14\x1d");
    assert_eq!(rig.device("dev").read(2).await, b"\x14\x1d");
    terminal.press("\x14i");
    terminal.until("watched by ").await;
    terminal.press("\x14s");
    terminal.until("settings, such as").await;
    rig.device("dev").send(b"held back").await;
    terminal.press("9600\x7f0,8N1\r");
    let shown = terminal.until("held back").await;
    assert!(shown.contains("9600\x08 \x080,8N1"), "{shown:?}");
    soon("the speed is set", async {
        while rig.device("dev").baud() != 9600 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    terminal.press("\x14sfast\r");
    terminal.until("\"fast\" is not a line setting").await;
    terminal.press("\x14d");
    terminal.until("seriald: ").await;
    terminal.press("\x14mtest \u{e4}\r");
    terminal.until("test \u{e4}").await;
    terminal.press("\x14o");
    terminal.until("released").await;
    terminal.press("x");
    terminal.until("it is released").await;
    soon("the state is told", async {
        loop {
            terminal.press("\x14i");
            if terminal.until("watched by").await.contains("is released") {
                break;
            }
        }
    })
    .await;
    terminal.press("\x14o");
    terminal.until("seriald: opened").await;
    terminal.press("\x14q");
    terminal.until("seriald: left dev").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn the_last_lines_come_first_and_a_place_may_be_named() {
    for (more, shown) in [
        (&["--lines", "2"][..], "three\r\nlogin: "),
        (&["--from", "-9"], "\r\nlogin: "),
        (&["--lines", "0"], ""),
        (&[], "one\r\ntwo\r\nthree\r\nlogin: "),
    ] {
        let rig = Rig::start(&["dev"]).await;
        let mut client = rig.client().await;
        let channel = client.subscribe("dev", "now").await;
        rig.device("dev")
            .send(b"one\r\ntwo\r\nthree\r\nlogin: ")
            .await;
        client.rx(channel, 24).await;
        client
            .state("dev", "all of it is told", |port| port["total"]["rx"] == 24)
            .await;
        let mut terminal = attached(&rig, more).await;
        rig.device("dev").send(b"#").await;
        assert_eq!(terminal.until("#").await, format!("{shown}#"), "{more:?}");
        leave(terminal).await;
    }
}

#[tokio::test]
async fn a_query_is_answered_once_by_the_terminal_and_never_from_the_past() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    rig.device("dev").send(b"old\x1b[6n\r\n").await;
    client.rx(channel, 9).await;
    let mut terminal = attached(&rig, &["--lines", "5"]).await;
    rig.device("dev").send(b"new\x1b[6n").await;
    let shown = terminal.until("new\x1b[6n").await;
    assert_eq!(shown.matches("\x1b[6n").count(), 1, "{shown:?}");
    terminal.press("\x1b[3;4R");
    assert_eq!(rig.device("dev").read(6).await, b"\x1b[3;4R");
    // Another terminal takes the duty over: the next query is not for this one.
    let other = json!({"port": "dev", "from": "now", "answers": true});
    client.subscribe_with(other).await;
    let me = client.hello["client"].clone();
    client
        .state("dev", "the duty is taken over", |port| {
            port["answerer"] == me
        })
        .await;
    soon("the query is kept from this one", async {
        loop {
            rig.device("dev").send(b"\x1b[6n2\r\n").await;
            if terminal.until("2\r\n").await == "2\r\n" {
                break;
            }
        }
    })
    .await;
    // Who types takes it back.
    terminal.press("x");
    client
        .state("dev", "the duty is taken back", |port| {
            port["answerer"] != me
        })
        .await;
    leave(terminal).await;
}

#[tokio::test]
async fn a_server_that_restarts_is_gone_on_with_where_it_was() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &[]).await;
    rig.device("dev").send(b"before\r\n").await;
    terminal.until("before\r\n").await;
    rig.stored("dev").await;
    let address = rig.server.address().to_string();
    rig.server.stop().await;
    terminal.until("was lost (").await;
    terminal.until("trying again").await;
    rig.restart_at(&address).await;
    rig.device("dev").send(b"while away\r\n").await;
    terminal.until("connected again, where it was").await;
    terminal.until("while away\r\n").await;
    terminal.press("back");
    assert_eq!(rig.device("dev").read(4).await, b"back");
    leave(terminal).await;
}

#[tokio::test]
async fn the_terminal_is_given_back_after_a_signal_and_what_the_device_switched_too() {
    let rig = Rig::start(&["dev"]).await;
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
        let mut terminal = attached(&rig, &["--lines", "0"]).await;
        rig.device("dev").send(b"\x1b[?1049h\x1b[?25lfull").await;
        terminal.until("full").await;
        terminal.signal(signal);
        terminal.until("\x1b[?25h\x1b[?1049l").await;
        assert_eq!(terminal.end().await, Some(128 + signal));
    }
}

#[tokio::test]
async fn who_suspends_it_has_the_terminal_back_until_it_goes_on() {
    let rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &[]).await;
    for by_key in [true, false] {
        if by_key {
            terminal.press(format!("{ESCAPE}z"));
            until("it is suspended", || terminal.is_stopped()).await;
            assert!(!terminal.is_raw());
        } else {
            terminal.signal(libc::SIGSTOP);
            until("it is suspended", || terminal.is_stopped()).await;
            terminal.take_back();
        }
        rig.device("dev").send(b"meanwhile\r\n").await;
        terminal.signal(libc::SIGCONT);
        terminal.until("meanwhile").await;
        until("the terminal is taken again", || terminal.is_raw()).await;
        terminal.press("\x03");
        assert_eq!(rig.device("dev").read(1).await, b"\x03");
    }
    leave(terminal).await;
}

#[tokio::test]
async fn a_terminal_that_shows_nothing_for_a_while_holds_up_nobody_and_misses_nothing() {
    let rig = Rig::start(&["dev"]).await;
    let mut client = rig.client().await;
    let channel = client.subscribe("dev", "now").await;
    let mut terminal = attached(&rig, &[]).await;
    let much = "0123456789abcde\n".repeat(20_000) + "#";
    for is_left in [false, true] {
        terminal.stall(true);
        let (received, ()) = tokio::join!(
            client.rx(channel, much.len()),
            rig.device("dev").send(much.as_bytes())
        );
        assert!(received == much.as_bytes());
        terminal.press("x");
        assert_eq!(rig.device("dev").read(1).await, b"x");
        if !is_left {
            terminal.stall(false);
            assert!(terminal.until("#").await == much);
        }
    }
    terminal.press(format!("{ESCAPE}q"));
    assert_eq!(terminal.end().await, Some(0));
}

/// A mebibyte in which no byte is a key that does something here.
fn much() -> Vec<u8> {
    let bytes = (0..1_u32 << 20).map(|n| (n ^ (n >> 8) ^ (n >> 16)) as u8);
    bytes
        .map(|byte| if byte == 0x1d { 0 } else { byte })
        .collect()
}

/// Waits until the device has taken nothing for a while.
async fn held(rig: &Rig) {
    soon("the device holds back", async {
        while rig.state("dev").await["held"] != true {}
    })
    .await;
}

#[tokio::test]
async fn a_paste_of_any_size_reaches_a_slow_device_in_order_and_commands_are_answered_meanwhile() {
    let rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &[]).await;
    let much = much();
    terminal.press(&much);
    held(&rig).await;
    terminal
        .until("does not take what is typed; Ctrl-] c throws away what waits")
        .await;
    terminal.press(format!("{ESCAPE}i"));
    terminal.until("bytes of what was typed wait here").await;
    assert!(rig.device("dev").read(much.len()).await == much);
    terminal.press("behind it");
    assert_eq!(rig.device("dev").read(9).await, b"behind it");

    // What is thrown away is not sent later.
    terminal.press(&much);
    held(&rig).await;
    terminal.press(format!("{ESCAPE}c"));
    terminal.until("cancelled").await;
    let taken = rig.device("dev").unread();
    assert!(much.starts_with(&taken), "{} bytes", taken.len());
    terminal.press("next");
    let next = soon("it comes", async {
        let mut all = Vec::new();
        while !all.ends_with(b"next") {
            all.extend(rig.device("dev").read_some().await);
        }
        all
    });
    let next = next.await;
    assert!(next.len() < 64 * 1024, "{} bytes", next.len());

    terminal.press(&much);
    terminal.press(format!("{ESCAPE}q"));
    terminal.until("bytes were not sent").await;
    assert_eq!(terminal.end().await, Some(0));
}

#[tokio::test]
async fn a_window_of_three_by_two_is_large_enough() {
    let rig = Rig::start(&["dev"]).await;
    let mut command = program();
    let server = format!("http://{}", rig.server.address());
    command.args(["attach", "--server", &server, "dev"]);
    let mut terminal = Terminal::run(command, 3, 2);
    terminal.until("q leaves").await;
    terminal.press(format!("{ESCAPE}?"));
    terminal.until("itself").await;
    leave(terminal).await;
}

#[tokio::test]
async fn what_is_piped_in_is_sent_and_the_reply_is_printed() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    let answers = async {
        assert_eq!(device.read(5).await, b"help\n");
        device.send(b"\x1b[6nthis\r\nthat\r\n").await;
    };
    let (ran, ()) = tokio::join!(rig.shell("attach", &["dev"], b"help\n"), answers);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, "\x1b[6nthis\r\nthat\r\n");
    assert_eq!(ran.stderr, "");

    let much = much();
    let taken = async {
        held(&rig).await;
        assert!(device.read(much.len()).await == much);
    };
    let (ran, ()) = tokio::join!(rig.shell("attach", &["dev"], &much), taken);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn who_only_looks_in_a_pipe_stays_as_long_as_was_said() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    let says = async {
        soon("it watches", async {
            while rig.state("dev").await["viewers"] == json!([]) {}
        })
        .await;
        device.send(b"boot\r\n").await;
    };
    let arguments = ["dev", "--read-only", "--wait", "4000"];
    let (ran, ()) = tokio::join!(rig.shell("attach", &arguments, b"rm -rf /\n"), says);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, "boot\r\n");
    assert_eq!(device.unread(), b"");
}

#[tokio::test]
async fn hex_and_times_are_for_files_too() {
    let rig = Rig::start(&["dev"]).await;
    let device = rig.device("dev");
    for (flag, said, shown) in [
        ("--hex", &b"\x00\xff\x0a"[..], "00 ff 0a"),
        ("--timestamps", b"one\r\n", "Z one\r\n"),
    ] {
        let answers = async {
            device.read(1).await;
            device.send(said).await;
        };
        let arguments = ["dev", flag];
        let (ran, ()) = tokio::join!(rig.shell("attach", &arguments, b"?"), answers);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.stdout.contains(shown), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn what_cannot_be_is_told_with_the_way_out_and_by_the_exit_code() {
    let mut rig = Rig::start(&["dev"]).await;
    for (arguments, code, says) in [
        (&["gps"][..], 2, "there are: dev"),
        (&["a/b"], 2, "cannot be a port's name"),
        (&["dev", "--from", "999999999"], 2, "offset"),
        (&["dev", "--escape", "x"], 2, "ctrl-]"),
    ] {
        let ran = rig.shell("attach", arguments, b"x").await;
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{arguments:?}: {}", ran.stderr);
    }
    let nobody = run(&["attach", "dev", "--server", "http://127.0.0.1:1"]).await;
    assert_eq!(nobody.code, Some(2));
    assert!(
        nobody.stderr.contains("is seriald running there"),
        "{}",
        nobody.stderr
    );
    rig.device_mut("dev").unplug();
    soon("the port waits", async {
        while rig.state("dev").await["state"] != "waiting" {}
    })
    .await;
    let ran = rig.shell("attach", &["dev"], b"x").await;
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("dev is waiting: "), "{}", ran.stderr);
}

#[tokio::test]
async fn a_device_that_comes_back_is_told_and_typed_on() {
    let mut rig = Rig::start(&["dev"]).await;
    let mut terminal = attached(&rig, &[]).await;
    rig.device_mut("dev").unplug();
    terminal.until("seriald: ").await;
    rig.device_mut("dev").plug();
    terminal.until("seriald: opened").await;
    terminal.press("hello");
    assert_eq!(rig.device("dev").read(5).await, b"hello");
    leave(terminal).await;
}

#[tokio::test]
async fn a_server_elsewhere_is_spoken_to_in_secret_and_gets_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::plugged(folder.path().join("tty"));
    let port = format!("dev={}", device.link().display());
    // It asks for the token whoever comes.
    let server = Server::start(folder.path(), &["--listen", "0.0.0.0:0", &port]);
    let token = server.printed().split_once("#token=").unwrap().1.trim();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", proxy.local_addr().unwrap());
    let address = server.address();
    tokio::spawn(async move {
        while let Ok((stream, _)) = proxy.accept().await {
            let Ok(mut stream) = acceptor().accept(stream).await else {
                continue;
            };
            let mut server = TcpStream::connect(address).await.unwrap();
            let _: Result<_, _> = copy_bidirectional(&mut stream, &mut server).await;
        }
    });
    let attach = async |token: &str| {
        let mut command = program();
        command.args(["attach", "dev", "--server", &url]);
        command.env("SERIALD_TOKEN", token);
        let mut command = Command::from(command);
        soon("it ends", command.kill_on_drop(true).output())
            .await
            .unwrap()
    };
    let refused = attach("wrong").await;
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("put it into SERIALD_TOKEN"), "{told}");
    let ran = attach(token).await;
    let told = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(0), "{told}");
}
