//! Programs that people already have, unchanged, at the doors that are for them. One that is not
//! installed is skipped, and said to be.

use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::rig::bootloader::{Bootloader, FLASH};
use crate::rig::chip::Chip;
use crate::rig::far::far_from;
use crate::rig::random::Random;
use crate::rig::{Rig, soon, until};

/// How long a program may take that does much.
const LONG: Duration = Duration::from_secs(90);

async fn rig() -> Rig {
    Rig::with(&["dev"], &["--tcp", "dev=0", "--rfc2217", "dev=0"]).await
}

/// Starts a program; nothing where it is not installed.
fn start(program: &str, arguments: &[&str]) -> Option<Child> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    if let Err(error) = &child {
        eprintln!("skipped: {program}: {error}");
    }
    child.ok()
}

/// The Python that `SERIALD_PYTHON` names, if it has this module.
async fn python(module: &str) -> Option<String> {
    let python = std::env::var("SERIALD_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {module}");
    let status = start(&python, &["-c", &import])?.wait().await.unwrap();
    if !status.success() {
        eprintln!("skipped: {python} has no module {module}");
        return None;
    }
    Some(python)
}

/// Waits until a program has ended well; gives what it said.
async fn succeeds(child: Child) -> String {
    let ended = timeout(LONG, child.wait_with_output()).await;
    let ended = ended.expect("it ends").unwrap();
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(ended.status.success(), "{said}");
    said
}

/// Sends back what the device gets.
async fn echo(rig: &Rig) {
    loop {
        let bytes = rig.device("dev").read_some().await;
        rig.device("dev").send(&bytes).await;
    }
}

/// Holds a program to its end while the device sends back what it gets.
async fn succeeds_with_echo(rig: &Rig, child: Child) {
    tokio::select! {
        _ = succeeds(child) => {}
        () = echo(rig) => {}
    }
}

#[tokio::test]
async fn pyserial_opens_the_port_and_uses_it() {
    let Some(python) = python("serial").await else {
        return;
    };
    let rig = rig().await;
    let program = r#"
import serial, sys
for link in sys.argv[1:]:
    port = serial.serial_for_url(link, baudrate=57600, timeout=20)
    every = bytes(range(256))
    port.write(every)
    assert port.read(256) == every
    if link.startswith("rfc2217"):
        port.baudrate, port.dtr, port.rts = 9600, False, True
        port.send_break(0.01)
        port.reset_input_buffer(); port.reset_output_buffer()
        assert port.cts is False
    port.close()
"#;
    let links =
        ["rfc2217", "socket"].map(|scheme| format!("{scheme}://{}", rig.server.entrance(scheme)));
    let child = start(&python, &["-c", program, &links[0], &links[1]]).expect("it starts");
    succeeds_with_echo(&rig, child).await;
    assert_eq!(rig.device("dev").baud(), 9600);
}

#[tokio::test]
async fn esptool_writes_a_chip_over_a_slow_network_at_the_first_attempt() {
    let Some(python) = python("esptool").await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    // esptool waits 100 ms for its first answer: a network that is slower is too slow for it.
    let Some((rig, lines)) = Rig::with_lines(folder, "dev", &["--rfc2217", "dev=0"]).await else {
        return;
    };
    let far = far_from(rig.server.entrance("rfc2217"), 10..30).await;
    let firmware = Random::new(7).bytes(2 * 1024);
    let file = rig.folder.path().join("firmware.bin");
    std::fs::write(&file, &firmware).unwrap();
    let link = format!("rfc2217://{far}");
    let command = [
        "-m",
        "esptool",
        "--port",
        &link,
        "--connect-attempts",
        "1",
        "--no-stub",
        "write-flash",
        "--flash-size",
        "4MB",
        "0x10000",
        file.to_str().expect("UTF-8"),
    ];
    let child = start(&python, &command).expect("it starts");
    let mut chip = Chip::new(0x2_0000);
    tokio::select! {
        said = succeeds(child) => assert!(said.contains("Hash of data verified"), "{said}"),
        () = chip.serve(rig.device("dev"), || lines.let_go_into_loader()) => {}
    }
    assert!(chip.flash[0x1_0000..].starts_with(&firmware));
}

#[tokio::test]
async fn avrdude_writes_and_verifies_an_arduino() {
    let rig = rig().await;
    let firmware = Random::new(7).bytes(FLASH);
    let file = rig.folder.path().join("firmware.bin");
    std::fs::write(&file, &firmware).unwrap();
    let port = format!("net:{}", rig.server.entrance("socket"));
    let task = format!("flash:w:{}:r", file.display());
    let arguments = [
        "-p", "m328p", "-c", "arduino", "-D", "-P", &port, "-U", &task,
    ];
    let Some(child) = start("avrdude", &arguments) else {
        return;
    };
    let mut board = Bootloader::new();
    tokio::select! {
        () = board.serve(rig.device("dev")) => {}
        said = succeeds(child) => assert!(said.contains("verified"), "{said}"),
    }
    assert!(board.flash == firmware);
}

#[tokio::test]
async fn ser2net_is_a_client_as_any_other() {
    let rig = rig().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let ours = rig.server.entrance("rfc2217").port();
    let config = rig.folder.path().join("ser2net.yaml");
    let text = format!(
        "connection: &dev\n  accepter: tcp,127.0.0.1,{port}\n  connector: telnet(rfc2217),tcp,127.0.0.1,{ours}\n"
    );
    std::fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    // Debian has it where only root's shells look.
    let found = ["ser2net", "/usr/sbin/ser2net"].into_iter();
    let Some(_child) = found
        .filter_map(|program| start(program, &["-n", "-c", config]))
        .next()
    else {
        return;
    };
    let mut client = soon("it listens", async {
        loop {
            if let Ok(client) = TcpStream::connect(("127.0.0.1", port)).await {
                return client;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let every: Vec<u8> = (0..=255).collect();
    let mut back = vec![0; every.len()];
    tokio::select! {
        () = echo(&rig) => {}
        () = async {
            client.write_all(&every).await.unwrap();
            soon("it comes back", client.read_exact(&mut back)).await.unwrap();
        } => {}
    }
    assert_eq!(back, every);
}

#[tokio::test]
async fn socat_makes_the_port_a_device_file() {
    let rig = rig().await;
    let link = rig.folder.path().join("tty");
    let pty = format!("PTY,link={},rawer", link.display());
    let tcp = format!("TCP:{}", rig.server.entrance("socket"));
    let Some(_child) = start("socat", &[&pty, &tcp]) else {
        return;
    };
    until("the file is there", || link.exists()).await;
    let file = OwnedFd::from(
        std::fs::File::options()
            .read(true)
            .write(true)
            .open(&link)
            .unwrap(),
    );
    rustix::io::write(&file, b"hello").unwrap();
    assert_eq!(rig.device("dev").read(5).await, b"hello");
    rig.device("dev").send(b"world").await;
    let read = tokio::task::spawn_blocking(move || {
        let mut got = Vec::new();
        while got.len() < 5 {
            let mut buffer = [0; 16];
            let length = rustix::io::read(&file, &mut buffer).unwrap();
            got.extend_from_slice(&buffer[..length]);
        }
        got
    });
    assert_eq!(soon("it comes", read).await.unwrap(), b"world");
}
