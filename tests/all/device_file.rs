//! `seriald attach --pty`: programs of this machine use a port elsewhere as a device file.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::termios::{ControlModes, LocalModes, OptionalActions, QueueSelector, Termios};
use rustix::termios::{tcflush, tcgetattr, tcsetattr};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use crate::rig::server::program;
use crate::rig::terminal::Terminal;
use crate::rig::{Rig, soon, until};

/// The program that makes the file; ended on drop.
struct Maker {
    child: Child,
    path: PathBuf,
}

impl Maker {
    async fn start(rig: &Rig, more: &[&str]) -> Self {
        let path = rig.folder.path().join("tty");
        let mut child = make(rig, &path, more);
        let mut talk = BufReader::new(child.stderr.take().expect("it is piped"));
        let listening = spawn_blocking(move || {
            let mut line = String::new();
            talk.read_line(&mut line).map(|_| line)
        });
        // Nobody reads what else it has to say, which must not break it.
        let told = soon("the file is there", listening).await.unwrap();
        let line = told.expect("UTF-8");
        assert!(line.ends_with(" is dev\n"), "{line}");
        Self { child, path }
    }

    /// Opens the file as a program does that wants bytes as they are.
    fn open(&self) -> File {
        let file = open(&self.path);
        let mut termios = tcgetattr(&file).unwrap();
        termios.make_raw();
        tcsetattr(&file, OptionalActions::Now, &termios).unwrap();
        file
    }
}

fn make(rig: &Rig, path: &Path, more: &[&str]) -> Child {
    let server = format!("http://{}", rig.server.address());
    let mut command = program();
    command.args(["attach", "dev", "--server", &server, "--pty"]);
    command.arg(path).args(more).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

fn open(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.read(true).write(true).custom_flags(libc::O_NOCTTY);
    options.open(path).expect("the file can be opened")
}

impl Drop for Maker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads so many bytes, which come within the deadline.
async fn read(file: &File, count: usize) -> Vec<u8> {
    let mut file = file.try_clone().unwrap();
    let reading = spawn_blocking(move || {
        let mut all = vec![0; count];
        file.read_exact(&mut all).map(|()| all)
    });
    soon("the program reads", reading).await.unwrap().unwrap()
}

fn change(file: &File, change: impl FnOnce(&mut Termios)) {
    let mut termios = tcgetattr(file).unwrap();
    change(&mut termios);
    tcsetattr(file, OptionalActions::Now, &termios).unwrap();
}

/// Waits until the port's settings are so.
async fn settled(rig: &Rig, what: &str, so: impl Fn(&Value) -> bool) {
    soon(what, async {
        while !so(&rig.state("dev").await["settings"]) {}
    })
    .await;
}

#[tokio::test]
async fn a_program_talks_to_the_device_byte_for_byte_whenever_it_has_the_file_open() {
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    let all: Vec<u8> = (0..=255).cycle().take(30_000).collect();
    let mut client = rig.client().await;
    for round in 0..2 {
        let mut file = maker.open();
        file.write_all(b"hello").unwrap();
        assert_eq!(rig.device("dev").read(5).await, b"hello");
        let (sent, got) = tokio::join!(rig.device("dev").send(&all), read(&file, all.len()));
        assert_eq!((sent, got == all), ((), true), "round {round}");
        let mut writing = file.try_clone().unwrap();
        let much = all.clone();
        let wrote = spawn_blocking(move || writing.write_all(&much));
        assert_eq!(rig.device("dev").read(all.len()).await, all);
        wrote.await.unwrap().unwrap();
        drop(file);
        // What comes while nobody listens is nobody's.
        let before = rig.state("dev").await["total"]["rx"].as_u64().unwrap();
        rig.device("dev").send(b"nobody hears this").await;
        client
            .state("dev", "it came", |port| {
                port["total"]["rx"].as_u64() > Some(before)
            })
            .await;
    }
}

#[tokio::test]
async fn what_is_written_and_closed_at_once_arrives() {
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    for _ in 0..20 {
        open(&maker.path).write_all(b"echo").unwrap();
        assert_eq!(rig.device("dev").read(4).await, b"echo");
    }
}

#[tokio::test]
async fn settings_go_to_the_port_and_come_from_it() {
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    let mut file = maker.open();
    assert_eq!(tcgetattr(&file).unwrap().output_speed(), 4_000_000);
    change(&file, |termios| {
        termios.set_speed(9600).unwrap();
        termios.control_modes.insert(ControlModes::CSTOPB);
    });
    file.write_all(b"at 9600").unwrap();
    assert_eq!(rig.device("dev").read(7).await, b"at 9600");
    assert_eq!(rig.device("dev").baud(), 9600, "the bytes came behind it");
    settled(&rig, "the stop bits are set", |settings| {
        settings["stop_bits"] == "2"
    })
    .await;
    // A program that knows nothing of EXTPROC does not put an end to it.
    for baud in [19_200, 250_000] {
        change(&file, |termios| {
            termios.local_modes.remove(LocalModes::EXTPROC);
            termios.set_speed(baud).unwrap();
        });
        settled(&rig, "the speed is set", |settings| {
            settings["baud"] == baud
        })
        .await;
    }
    let mut client = rig.client().await;
    client
        .done(json!({"type": "set", "port": "dev", "settings": {"baud": 57600}}))
        .await;
    until("the program sees it", || {
        tcgetattr(&file).unwrap().output_speed() == 57_600
    })
    .await;
}

#[tokio::test]
async fn what_a_program_throws_away_is_gone() {
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    let mut file = maker.open();
    file.write_all(b"x").unwrap();
    rig.device("dev").read(1).await;
    rig.device("dev").send(b"old").await;
    assert_eq!(read(&file, 1).await, b"o");
    tcflush(&file, QueueSelector::IFlush).unwrap();
    rig.device("dev").send(b"new").await;
    assert_eq!(read(&file, 3).await, b"new");
}

#[tokio::test]
async fn a_file_is_made_once_and_its_link_goes_with_it() {
    let rig = Rig::start(&["dev"]).await;
    let mut maker = Maker::start(&rig, &[]).await;
    let second = make(&rig, &maker.path, &[]).wait_with_output().unwrap();
    assert_eq!(second.status.code(), Some(2));
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(
        told.contains("another seriald attach has made this link"),
        "{told}"
    );
    let precious = rig.folder.path().join("precious");
    fs::write(&precious, "x").unwrap();
    let refused = make(&rig, &precious, &[]).wait_with_output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read(&precious).unwrap(), b"x");
    // SAFETY: the child is ours and not yet waited for.
    unsafe { libc::kill(maker.child.id() as i32, libc::SIGINT) };
    until("it ends", || maker.child.try_wait().unwrap().is_some()).await;
    assert_eq!(maker.child.wait().unwrap().code(), Some(0));
    assert!(
        fs::symlink_metadata(&maker.path).is_err(),
        "the link was left"
    );
    // One that was killed leaves its link, which the next one replaces.
    let mut killed = Maker::start(&rig, &[]).await;
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    assert!(fs::symlink_metadata(&killed.path).is_ok());
    let next = Maker::start(&rig, &[]).await;
    let mut file = next.open();
    file.write_all(b"on").unwrap();
    assert_eq!(rig.device("dev").read(2).await, b"on");
}

#[tokio::test]
async fn who_only_looks_writes_and_sets_nothing() {
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &["--read-only"]).await;
    let mut file = maker.open();
    change(&file, |termios| termios.set_speed(300).unwrap());
    file.write_all(b"rm").unwrap();
    rig.device("dev").send(b"boot").await;
    assert_eq!(read(&file, 4).await, b"boot");
    assert_eq!(rig.device("dev").unread(), b"");
    assert_eq!(rig.state("dev").await["settings"]["baud"], 4_000_000);
}

#[tokio::test]
async fn a_speed_of_zero_hangs_up_and_another_one_takes_the_lines_again() {
    let folder = tempfile::tempdir().unwrap();
    let Some((rig, lines)) = Rig::with_lines(folder, "dev", &[]).await else {
        return;
    };
    let maker = Maker::start(&rig, &[]).await;
    let file = maker.open();
    for (baud, is_on) in [(0, false), (9600, true)] {
        change(&file, |termios| termios.set_speed(baud).unwrap());
        until("both lines have moved", || {
            let moved = lines.moved();
            moved
                .last()
                .is_some_and(|last| (last.dtr, last.rts) == (is_on, is_on))
        })
        .await;
    }
    settled(&rig, "the speed is set", |settings| {
        settings["baud"] == 9600
    })
    .await;
}

#[tokio::test]
async fn a_program_has_the_file_open_over_a_restart_of_the_server() {
    let mut rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    let mut file = maker.open();
    rig.device("dev").send(b"before").await;
    assert_eq!(read(&file, 6).await, b"before");
    rig.stored("dev").await;
    let address = rig.server.address().to_string();
    rig.server.stop().await;
    rig.restart_at(&address).await;
    rig.device("dev").send(b"after").await;
    assert_eq!(read(&file, 5).await, b"after");
    file.write_all(b"here").unwrap();
    assert_eq!(rig.device("dev").read(4).await, b"here");
}

/// pyserial, which finds what a device file is not.
#[tokio::test]
async fn pyserial_opens_the_file_and_uses_it() {
    let python = std::env::var("SERIALD_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if !has(Command::new(&python).args(["-c", "import serial"])) {
        eprintln!("skipped: {python} has no pyserial; install python3-serial");
        return;
    }
    let script = "
import serial, sys
port = serial.Serial(sys.argv[1], baudrate=57600, timeout=20, exclusive=True)
port.write(b'v?')
assert port.read_until(b'\\n') == b'1.0\\n'
port.reset_input_buffer()
port.baudrate = 9600
port.write(b'w?')
assert port.read_until(b'\\n') == b'2.0\\n'
port.close()
";
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    let mut client = Command::new(&python);
    client.args(["-c", script]).arg(&maker.path);
    let mut client = tokio::process::Command::from(client);
    let used = async {
        let device = rig.device("dev");
        assert_eq!(device.read(2).await, b"v?");
        assert_eq!(device.baud(), 57600);
        device.send(b"1.0\n").await;
        assert_eq!(device.read(2).await, b"w?");
        assert_eq!(device.baud(), 9600);
        device.send(b"2.0\n").await;
    };
    let (ended, ()) = tokio::join!(soon("it ends", client.output()), used);
    let ended = ended.unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{told}");
}

/// picocom, in a terminal of its own.
#[tokio::test]
async fn picocom_is_used_on_the_file_like_on_any_device() {
    if !has(Command::new("picocom").arg("--help")) {
        eprintln!("skipped: there is no picocom");
        return;
    }
    let rig = Rig::start(&["dev"]).await;
    let maker = Maker::start(&rig, &[]).await;
    let mut picocom = Command::new("picocom");
    picocom.args(["-b", "38400"]).arg(&maker.path);
    let mut terminal = Terminal::run(picocom, 80, 24);
    terminal.until("Terminal ready").await;
    terminal.press("ls\r");
    assert_eq!(rig.device("dev").read(3).await, b"ls\r");
    assert_eq!(rig.device("dev").baud(), 38400);
    rig.device("dev").send(b"total 0\r\n").await;
    terminal.until("total 0").await;
    // Ctrl-A Ctrl-U goes one speed up.
    terminal.press("\x01\x15");
    settled(&rig, "the speed is set", |settings| {
        settings["baud"] == 57600
    })
    .await;
    terminal.press("\x01\x18");
    assert_eq!(terminal.end().await, Some(0));
}

/// Whether a program is there and runs.
fn has(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
