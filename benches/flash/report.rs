//! The rounds and their table.

use std::env::args;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::board::Board;
use super::bootloader::FLASH;
use super::device::Device;

/// What takes longer has failed.
const LIMIT: Duration = Duration::from_secs(60);
/// Debian has it where only root's shells look.
const SER2NET: &str = "/usr/sbin/ser2net";

/// Waits for something that is to happen.
pub async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let happened = timeout(LIMIT, happens).await;
    happened.unwrap_or_else(|_| panic!("within {LIMIT:?} it did not happen that {what}"))
}

/// Who stands between a programmer and the device.
#[derive(Clone, Copy)]
enum Between {
    Seriald,
    /// As it comes.
    Ser2net,
    /// Told to pass on each byte at once.
    Ser2netAtOnce,
}

const ALL: [(&str, Between); 3] = [
    ("seriald", Between::Seriald),
    ("ser2net", Between::Ser2net),
    ("ser2net, chardelay: false, nodelay", Between::Ser2netAtOnce),
];

/// Measures by turns, and prints the medians; of those programs alone that were named.
pub fn report() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let named: Vec<_> = args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let is_wanted = |board: &Board| {
        named.is_empty() || named.iter().any(|name| board.title().starts_with(name))
    };
    runtime.block_on(async {
        for board in [Board::Arduino, Board::Esp32].into_iter().filter(is_wanted) {
            compare(board).await?;
        }
        Ok(())
    })
}

async fn compare(board: Board) -> io::Result<()> {
    let mut times = ALL.map(|_| Vec::new());
    let rounds = board.rounds();
    for _ in 0..rounds {
        for ((_, between), times) in ALL.into_iter().zip(&mut times) {
            times.push(round(board, between).await?);
        }
    }
    println!(
        "32 kB written and verified by {}, {rounds} rounds by turns: least, median, most, ratio of medians",
        board.title()
    );
    times.iter_mut().for_each(|times| times.sort());
    let median = |times: &[Duration]| times[rounds / 2];
    for ((name, _), own) in ALL.iter().zip(&times) {
        let ratio = median(&times[0]).as_secs_f64() / median(own).as_secs_f64();
        let (least, most) = (own[0], own[rounds - 1]);
        println!(
            "{least:7.2?} {:7.2?} {most:7.2?} {ratio:6.2}  {name}",
            median(own)
        );
    }
    Ok(())
}

/// How long it takes once.
async fn round(board: Board, between: Between) -> io::Result<Duration> {
    let folder = TempDir::new()?;
    let device = Device::plugged(folder.path().join("board"));
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let _server = serve(board, between, folder.path(), device.link(), address)?;
    soon("it listens", async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let firmware: Vec<u8> = (0..FLASH).map(|at| (at * 7 / 3) as u8).collect();
    let file = folder.path().join("firmware.bin");
    std::fs::write(&file, &firmware)?;
    let mut loader = board.loader();
    let start = Instant::now();
    let mut programmer = board
        .programmer(address, &file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let status = tokio::select! {
        status = soon("it ends", programmer.wait()) => status?,
        () = loader.serve(&device) => unreachable!("a boot loader serves for ever"),
    };
    let took = start.elapsed();
    assert!(
        status.success() && loader.program() == firmware,
        "not written"
    );
    Ok(took)
}

fn serve(
    board: Board,
    between: Between,
    folder: &Path,
    device: &Path,
    address: SocketAddr,
) -> io::Result<Child> {
    let mut command = match between {
        Between::Seriald => {
            let mut command = Command::new(env!("CARGO_BIN_EXE_seriald"));
            command.args(["--no-discover", "--listen", "127.0.0.1:0", board.door()]);
            command.arg(address.to_string()).arg("--data").arg(folder);
            command.arg(format!("board={}@115200", device.display()));
            command
        }
        Between::Ser2net | Between::Ser2netAtOnce => {
            let (tcp, delay) = match between {
                Between::Ser2netAtOnce => ("tcp(nodelay)", "    chardelay: false\n"),
                _ => ("tcp", ""),
            };
            let config = folder.join("ser2net.yaml");
            let text = format!(
                "connection: &board\n  accepter: {},127.0.0.1,{}\n  connector: serialdev,{},115200n81,local\n  options:\n    kickolduser: true\n{delay}",
                board.accepter(tcp),
                address.port(),
                device.display()
            );
            std::fs::write(&config, text)?;
            let mut command = Command::new(SER2NET);
            command.arg("-n").arg("-c").arg(config);
            command
        }
    };
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.kill_on_drop(true).spawn()
}
