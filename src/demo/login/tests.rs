//! The demo machine as a person at its console sees it.

use super::*;
use crate::demo::Kind;
use crate::demo::rig::Rig;

/// A machine, its time, and what it has said since it was last asked.
struct Console {
    machine: Login,
    now: Duration,
    out: Output,
}

impl Console {
    fn new() -> Self {
        let wall = Duration::from_secs(1_735_689_600);
        Console {
            machine: Login::new(wall),
            now: Duration::ZERO,
            out: Output::new(11_520),
        }
    }

    fn logged_in() -> Self {
        let mut console = Console::new();
        console.pass(5_000);
        let said = console.type_in("root\rsecret\r");
        assert!(said.contains("root@demo"), "{said:?}");
        console
    }

    fn type_in(&mut self, keys: &str) -> String {
        self.machine.input(self.now, keys.as_bytes(), &mut self.out);
        String::from_utf8(self.out.take()).expect("text")
    }

    /// Lets time pass.
    fn pass(&mut self, millis: u64) -> String {
        let (mut said, end) = (Vec::new(), self.now + Duration::from_millis(millis));
        while let Some(due) = self.machine.due().filter(|due| *due <= end) {
            self.machine.tick(due.max(self.now), &mut self.out);
            said.extend(self.out.take());
        }
        self.now = end;
        String::from_utf8(said).expect("text")
    }
}

#[test]
fn the_boot_log_ends_with_the_login_prompt_and_then_the_machine_rests() {
    let mut console = Console::new();
    let said = console.pass(5_000);
    assert!(said.contains("0.112"), "no timestamps in {said:?}");
    assert!(said.ends_with("demo login: "), "{said:?}");
    assert_eq!(console.machine.due(), None);
}

#[test]
fn the_name_is_echoed_and_the_password_is_not() {
    let mut console = Console::new();
    console.pass(5_000);
    assert_eq!(console.type_in("rooo\x7ft"), "rooo\x08 \x08t");
    assert_eq!(console.type_in("\r"), "\r\nPassword: ");
    assert_eq!(console.type_in("secret"), "");
    assert!(console.type_in("\r").ends_with("# "));
}

#[test]
fn only_root_gets_in() {
    let mut console = Console::new();
    console.pass(5_000);
    let said = console.type_in("mallory\rsecret\r");
    assert!(
        said.contains("Login incorrect") && said.ends_with("demo login: "),
        "{said:?}"
    );
}

#[test]
fn every_command_of_help_is_there() {
    let mut console = Console::logged_in();
    let help = console.type_in("help\r");
    for command in help
        .split("\x1b[1m")
        .skip(1)
        .filter_map(|part| part.split("\x1b[0m").next())
    {
        let mut console = Console::logged_in();
        let said = console.type_in(&format!("{command}\r"));
        assert!(!said.contains("not found"), "{said:?}");
    }
    assert!(
        console
            .type_in("frobnicate\r")
            .contains("sh: frobnicate: command not found")
    );
}

#[test]
fn commands_say_what_they_are_for() {
    let mut console = Console::logged_in();
    for (line, expected) in [
        ("date", "Wed Jan  1 00:00:05 UTC 2025\r\n"),
        ("uptime", "up 0:00:05\r\n"),
        ("echo hello  world", "\r\nhello  world\r\n"),
        ("ls /", "\x1b[1;34mproc\x1b[0m"),
        ("ls", "notes.txt"),
        ("cat /etc/hostname", "\r\ndemo\r\n"),
        ("cat /proc/cpuinfo", "Imaginary Core"),
        (
            "cat /nowhere",
            "cat: /nowhere: No such file or directory\r\n",
        ),
        ("cat /etc", "Is a directory"),
        ("dmesg", "\x1b[33mwarning"),
        ("colors", "\x1b[48;2;255;0;0m"),
        ("clear", "\x1b[H\x1b[2J\x1b[3J"),
    ] {
        let said = console.type_in(&format!("{line}\r"));
        assert!(said.contains(expected), "{line}: {said:?}");
        assert!(said.ends_with("# "), "{line}: no prompt after {said:?}");
    }
}

#[test]
fn tab_completes_commands_and_lists_what_is_not_sure() {
    let mut console = Console::logged_in();
    assert_eq!(console.type_in("upt\t"), "uptime ");
    console.type_in("\x15");
    let said = console.type_in("d\t");
    assert!(
        said.contains("\r\ndate  dmesg \r\n") && said.ends_with("# d"),
        "{said:?}"
    );
    assert_eq!(console.type_in("x\t"), "x\x07");
}

#[test]
fn top_redraws_each_second_until_q_and_fits_the_terminal() {
    let mut console = Console::logged_in();
    let said = console.type_in("top\r");
    assert!(
        said.contains("\x1b[?1049h") && said.contains("\x1b[24;1H"),
        "{said:?}"
    );
    assert!(console.type_in("\x1b[10;60R").contains("\x1b[10;1H"));
    assert_eq!(console.pass(3_000).matches("top - ").count(), 3);
    let said = console.type_in("q");
    assert!(
        said.starts_with("\x1b[?25h\x1b[?1049l") && said.ends_with("# "),
        "{said:?}"
    );
    assert_eq!(console.machine.due(), None);
}

#[test]
fn size_tells_how_many_terminals_answered() {
    for (answers, expected) in [
        ("", "no terminal answered"),
        (
            "\x1b[30;100R",
            "30 rows, 100 columns: exactly one terminal answered",
        ),
        ("\x1b[30;100R\x1b[24;80R", "2 terminals answered"),
    ] {
        let mut console = Console::logged_in();
        assert!(console.type_in("size\r").ends_with("\x1b[6n\x1b8"));
        assert_eq!(console.type_in(answers), "", "an answer is not echoed");
        let said = console.pass(3_000);
        assert!(said.contains(expected) && said.ends_with("# "), "{said:?}");
    }
}

#[test]
fn what_is_typed_while_size_waits_is_not_lost() {
    let mut console = Console::logged_in();
    console.type_in("size\recho one\recho two\r\x1b[30;100R");
    let said = console.pass(3_000);
    assert!(
        said.contains("\r\none\r\n") && said.contains("\r\ntwo\r\n"),
        "{said:?}"
    );
}

#[test]
fn ctrl_c_ends_size() {
    let mut console = Console::logged_in();
    assert!(console.type_in("size\r\x03").ends_with("# "));
    assert_eq!(console.machine.due(), None);
}

#[test]
fn an_answer_that_nobody_asked_for_is_never_shown() {
    let mut console = Console::logged_in();
    assert_eq!(
        console.type_in("\x1b[24;80R\x1b[?1;2c\x1b]11;rgb:0/0/0\x1b\\"),
        ""
    );
}

#[test]
fn ctrl_d_logs_out() {
    let mut console = Console::logged_in();
    let said = console.type_in("\x04");
    assert!(
        said.starts_with("logout\r\n") && said.ends_with("demo login: "),
        "{said:?}"
    );
}

#[test]
fn reboot_shows_the_boot_log_again_from_zero() {
    let mut console = Console::logged_in();
    console.type_in("reboot\r");
    let said = console.pass(10_000);
    assert!(
        said.contains("Restarting.") && said.contains("0.112"),
        "{said:?}"
    );
    assert!(said.ends_with("demo login: "), "{said:?}");
    console.type_in("root\r\r");
    let said = console.type_in("uptime\r");
    assert!(said.contains("up 0:00:08"), "{said:?}");
}

#[test]
fn every_line_feed_takes_the_carriage_back() {
    let mut console = Console::logged_in();
    let said = console.type_in("help\rdmesg\rcolors\rtop\rq");
    assert_eq!(said.matches('\n').count(), said.matches("\r\n").count());
}

#[test]
fn over_a_pty_a_whole_session_works() {
    let mut rig = Rig::start(Kind::Login);
    rig.expect("demo login: ");
    rig.send("root\r");
    rig.expect("Password: ");
    rig.send("secret\r");
    let greeting = rig.expect("# ");
    assert!(!greeting.contains("secret"), "{greeting:?}");
    rig.send("ecko\x7f\x7fho hello\r");
    rig.expect("\r\nhello\r\n");
    rig.send("\x1b[A\r");
    rig.expect("\r\nhello\r\n");
    rig.send("size\r");
    rig.expect("\x1b[6n");
    rig.send("\x1b[50;132R");
    rig.expect("50 rows, 132 columns: exactly one terminal answered\r\n");
    rig.send("exit\r");
    rig.expect("demo login: ");
}
