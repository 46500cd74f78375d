//! The examples for CI jobs, run as they stand against the demo's board.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::rig::http::get;
use crate::rig::server::{Server, program};
use crate::rig::{Rig, soon, until};

/// A server with the demo's board, which waits to be tested.
struct Lab {
    server: Server,
    _board: Child,
    _folder: TempDir,
}

impl Lab {
    async fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("tty");
        let board = Command::from(program())
            .args(["demo-device", "sensor", "--link"])
            .arg(&link)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        until("the board is there", || link.exists()).await;
        let port = format!("board={}", link.display());
        let server = Server::start(folder.path(), &[flags, &[port.as_str()]].concat());
        until("the port opens", || server.log().contains("opened")).await;
        Self {
            server,
            _board: board,
            _folder: folder,
        }
    }

    /// Runs an example with this token.
    async fn run(&self, example: &str, arguments: &[&str], token: Option<&str>) -> Output {
        let example = examples().join(example);
        ask_board(&example, arguments, self.server.address(), token).await
    }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci")
}

/// Runs a program as a CI job would: with the server's address, and our own program in its path.
async fn ask_board(
    example: &Path,
    arguments: &[&str],
    server: SocketAddr,
    token: Option<&str>,
) -> Output {
    let ours = Path::new(env!("CARGO_BIN_EXE_seriald")).parent().unwrap();
    let path = format!("{}:{}", ours.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(example);
    command.args(arguments).kill_on_drop(true).env("PATH", path);
    command.env("SERIALD_URL", format!("http://{server}"));
    command
        .env_remove("SERIALD_TOKEN")
        .env_remove("CI_JOB_NAME");
    if let Some(token) = token {
        command.env("SERIALD_TOKEN", token);
    }
    soon("it ends", command.output())
        .await
        .expect("it can be run")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const TESTS: [&str; 2] = ["test_board.py", "test_board.sh"];

#[tokio::test]
async fn a_board_that_does_what_it_should_passes() {
    let lab = Lab::start(&[]).await;
    for example in TESTS {
        let ran = lab.run(example, &["board"], None).await;
        assert_eq!(ran.status.code(), Some(0), "{example}: {}", stderr(&ran));
        assert_eq!(ran.stdout, b"board does what it should\n", "{example}");
    }
    let marks = get(lab.server.address(), "/api/v1/ports/board/marks").await;
    let by: Vec<_> = marks
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|mark| mark["by"].clone())
        .collect();
    assert_eq!(by, TESTS);
}

#[tokio::test]
async fn a_board_that_says_nothing_fails_and_its_log_is_printed() {
    let rig = Rig::start(&["board"]).await;
    for example in TESTS {
        // The same program, with less patience.
        let source = examples().join(example);
        let program = fs::read_to_string(&source).unwrap().replace("10000", "300");
        let copy = rig.folder.path().join(example);
        fs::write(&copy, program).unwrap();
        fs::set_permissions(&copy, source.metadata().unwrap().permissions()).unwrap();
        let ran = ask_board(&copy, &["board"], rig.server.address(), None).await;
        let said = stderr(&ran);
        assert_eq!(ran.status.code(), Some(1), "{example}: {said}");
        assert!(said.starts_with("FAILED: "), "{said}");
        assert!(
            said.contains("the test begins") && said.contains("reset"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_apart_from_a_board_that_fails() {
    let lab = Lab::start(&["--listen", "0.0.0.0:0"]).await;
    let token = lab
        .server
        .printed()
        .split_once("#token=")
        .unwrap()
        .1
        .trim()
        .to_owned();
    for example in TESTS {
        let unknown = lab.run(example, &["gsp"], Some(&token)).await;
        assert_eq!(unknown.status.code(), Some(2), "{}", stderr(&unknown));
        assert!(stderr(&unknown).contains("board"), "{}", stderr(&unknown));
        let refused = lab.run(example, &["board"], None).await;
        assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
        let let_in = lab.run(example, &["board"], Some(&token)).await;
        assert_eq!(let_in.status.code(), Some(0), "{}", stderr(&let_in));
    }
}

#[tokio::test]
async fn a_board_is_flashed_and_looked_at() {
    let lab = Lab::start(&[]).await;
    let flasher = ["board", "sh", "-c", "test -c {} && echo flashed"];
    let ran = lab.run("flash_board.sh", &flasher, None).await;
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        said.contains("flashed") && said.contains(env!("CARGO_PKG_VERSION")),
        "{said}"
    );
    let failing = lab
        .run("flash_board.sh", &["board", "sh", "-c", "exit 7"], None)
        .await;
    assert_eq!(failing.status.code(), Some(7));
}
