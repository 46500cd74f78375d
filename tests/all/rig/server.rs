//! A server: the real program on a free port of its own, killed on drop.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{DEADLINE, soon, until};

/// A running server.
pub struct Server {
    child: Child,
    port: u16,
    links: Vec<String>,
    log: PathBuf,
}

/// How a run ended that was to end by itself.
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// The program, without what the environment of the tests might tell it.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seriald"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SERIALD_") {
            command.env_remove(name);
        }
    }
    // For its own questions over TLS it trusts the servers of the tests, and nobody else.
    command.env(
        "SSL_CERT_FILE",
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/localhost.crt"),
    );
    command.stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub async fn run(arguments: &[&str]) -> Outcome {
    let mut command = program();
    command.args(arguments);
    finish(command).await
}

/// The same with a file on stdin.
pub async fn run_with(arguments: &[&str], stdin: &Path) -> Outcome {
    let stdin = fs::File::open(stdin).expect("a file");
    let mut command = program();
    command.args(arguments).stdin(stdin);
    finish(command).await
}

/// What it says is read meanwhile: a pipe holds little.
async fn finish(command: Command) -> Outcome {
    let child = tokio::process::Command::from(command)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts");
    let ended = soon("it ends", child.wait_with_output()).await;
    let ended = ended.expect("a child");
    Outcome {
        code: ended.status.code(),
        stdout: String::from_utf8(ended.stdout).expect("UTF-8"),
        stderr: String::from_utf8(ended.stderr).expect("UTF-8"),
    }
}

impl Server {
    /// Starts the program with these arguments, on a free port unless they say where to listen.
    /// `folder` is for its log and what it keeps.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_as(folder, arguments, None).expect("the program starts")
    }

    /// The same as another user.
    pub fn start_as(folder: &Path, arguments: &[&str], user: Option<u32>) -> std::io::Result<Self> {
        Self::start_with(folder, arguments, |command| {
            if let Some(user) = user {
                command.uid(user).gid(user).current_dir("/");
            }
        })
    }

    /// The same with a command that is prepared.
    pub fn start_with(
        folder: &Path,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> std::io::Result<Self> {
        let arguments = [arguments, &["--no-discover"]].concat();
        Self::launch(folder, &arguments, prepare)
    }

    /// The same without arguments, but with whatever devices it finds.
    pub fn finding(folder: &Path, prepare: impl FnOnce(&mut Command)) -> std::io::Result<Self> {
        Self::launch(folder, &[], prepare)
    }

    fn launch(
        folder: &Path,
        arguments: &[&str],
        prepare: impl FnOnce(&mut Command),
    ) -> std::io::Result<Self> {
        let log = folder.join("log");
        let mut command = program();
        command.args(arguments);
        command.arg("--data").arg(folder.join("data"));
        if !arguments.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        prepare(&mut command);
        command.stdout(Stdio::piped());
        command.stderr(fs::File::create(&log)?);
        let mut child = command.spawn()?;
        let (tell, told) = mpsc::channel();
        let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
        thread::spawn(move || {
            let mut line = String::new();
            while out.read_line(&mut line).is_ok_and(|read| read > 0) {
                // Only the start is listened to; the pipe is read to its end all the same.
                let _ = tell.send(std::mem::take(&mut line));
            }
        });
        let mut server = Self {
            child,
            port: 0,
            links: Vec::new(),
            log,
        };
        let first = told.recv_timeout(DEADLINE);
        server.links.push(first.expect("it says where it is"));
        let count = |flags: &[&str]| arguments.iter().filter(|flag| flags.contains(flag)).count();
        let more = count(&["--listen"]).saturating_sub(1) + count(&["--tcp", "--rfc2217"]);
        for _ in 0..more {
            let link = told.recv_timeout(DEADLINE);
            server.links.push(link.expect("it says where else it is"));
        }
        server.links.extend(told.try_iter());
        let authority = server.links[0].split('/').nth(2).expect("a link");
        let port = authority.rsplit_once(':').expect("a port").1;
        server.port = port.trim().parse().expect("a port");
        Ok(server)
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// All links that it printed when it was started.
    pub fn links(&self) -> &[String] {
        &self.links
    }

    /// What it printed first.
    pub fn printed(&self) -> &str {
        &self.links[0]
    }

    /// Where programs come in whose links have this scheme.
    pub fn entrance(&self, scheme: &str) -> SocketAddr {
        let is_at = format!(" is at {scheme}://");
        let mut at = self.links.iter().filter_map(|link| link.split_once(&is_at));
        let (_, address) = at.next().expect("an entrance");
        address.trim().parse().expect("an address")
    }

    /// Where it is over TLS.
    pub fn secure(&self) -> SocketAddr {
        let mut at = self
            .links
            .iter()
            .filter_map(|link| link.split_once("https://"));
        let (_, link) = at.next().expect("a listener");
        let authority = link.split('/').next().expect("a link");
        let port = authority.rsplit_once(':').expect("a port").1;
        (Ipv4Addr::LOCALHOST, port.trim().parse().expect("a port")).into()
    }

    /// What it has told so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Ends it without warning.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("a child");
    }

    /// Asks it to end, and waits until it has.
    pub async fn stop(&mut self) -> ExitStatus {
        // SAFETY: the child is ours and not yet waited for, so the number is still its own.
        let sent = unsafe { libc::kill(self.child.id() as i32, libc::SIGTERM) };
        assert_eq!(sent, 0, "the server was gone already:\n{}", self.log());
        soon("the server stops", async {
            let mut status = None;
            until("the server stops", || {
                status = self.child.try_wait().expect("a child");
                status.is_some()
            })
            .await;
            status.expect("just seen")
        })
        .await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let log = self.log();
        if thread::panicking() {
            eprintln!("--- the server said:\n{log}---");
        }
        assert!(
            !log.contains("panicked") || thread::panicking(),
            "the server panicked:\n{log}"
        );
    }
}

/// What the kernel knows about a process.
#[derive(Clone, Copy)]
pub struct Process(u32);

impl Process {
    /// Its number.
    pub fn id(self) -> u32 {
        self.0
    }

    /// How many of its descriptors lead to `path`.
    pub fn descriptors_of(self, path: &Path) -> usize {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.0)).expect("the process lives");
        let leads = |entry: std::io::Result<fs::DirEntry>| {
            fs::read_link(entry.ok()?.path())
                .ok()
                .filter(|to| to == path)
        };
        folder.filter_map(leads).count()
    }

    /// The memory that it holds (`VmRSS`) or held at most (`VmHWM`), in bytes.
    pub fn memory(self, which: &str) -> usize {
        1024 * self.status("status", which)
    }

    /// How often each of its threads went to sleep.
    pub fn sleeps(self) -> BTreeMap<String, usize> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the process lives");
        let of_task = |task: std::io::Result<fs::DirEntry>| {
            let id = task.ok()?.file_name().into_string().ok()?;
            let sleeps = self.status(&format!("task/{id}/status"), "voluntary_ctxt_switches");
            Some((id, sleeps))
        };
        tasks.filter_map(of_task).collect()
    }

    /// The processor time that it has used, in hundredths of a second.
    pub fn work(self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).expect("it lives");
        let behind_name = stat.rsplit_once(") ").expect("a name").1;
        let fields: Vec<_> = behind_name.split(' ').collect();
        // Counted from behind the name: the state is field 3 of proc(5), utime 14, stime 15.
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    /// Its thread of this name.
    pub fn thread(self, name: &str) -> Thread {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.0)).expect("the process lives");
        let mut tasks = tasks.filter_map(|task| Some(task.ok()?.path()));
        let is_it = |task: &PathBuf| {
            fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim() == name)
        };
        Thread(tasks.find(is_it).expect("a thread of this name"))
    }

    fn status(self, file: &str, field: &str) -> usize {
        // A thread may end meanwhile; then it has nothing to say.
        let status = fs::read_to_string(format!("/proc/{}/{file}", self.0)).unwrap_or_default();
        let line = status.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name == field).then(|| value.split_whitespace().next()?.parse().ok())?
        });
        line.unwrap_or(0)
    }
}

/// What the kernel knows about a thread.
pub struct Thread(PathBuf);

impl Thread {
    /// How long it was ready and waited for a processor, without a wait that lasts; nothing where the system does
    /// not tell, or the process has ended.
    pub fn waited(&self) -> Duration {
        let told = fs::read_to_string(self.0.join("schedstat")).ok();
        let waited = told.and_then(|told| told.split(' ').nth(1)?.parse().ok());
        Duration::from_nanos(waited.unwrap_or(0))
    }

    /// Whether it has nothing to do.
    pub fn is_asleep(&self) -> bool {
        let stat = fs::read_to_string(self.0.join("stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map(|(_, behind_name)| behind_name);
        state.is_some_and(|state| state.starts_with('S'))
    }
}
