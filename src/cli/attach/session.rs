//! A session: one person, or one script, at a port.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

use seriald::client::tap::{Batch, Tap};
use seriald::state::Phase;
use seriald::terminal::keys::{Escape, Keys};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use super::backlog::Backlog;
use super::commands::Question;
use super::prompt::Prompt;
use super::replies::Replies;
use super::screen::{Screen, say};
use super::signals::{Signals, continued};
use super::terminal::{Ends, Raw};
use super::view::View;

/// Not everything that was to be sent was taken.
const NOT_TAKEN: u8 = 1;
/// So much may wait for the device, in bytes, before no more is read from a pipe, and what was typed waits here.
pub(super) const UNDER_WAY: usize = 64 * 1024;
/// What is read at once, in bytes.
const PIECE: usize = 16 * 1024;
/// So much may wait to be shown before the server is asked for more, in bytes.
const UNSHOWN: usize = 64 * 1024;
/// A script's reply has ended when the device was silent for so long,
const QUIET: Duration = Duration::from_millis(500);
/// or when it has talked for so long.
const TALK: Duration = Duration::from_secs(5);
/// How long the last bytes may take to be shown.
const LAST_BYTES: Duration = Duration::from_secs(2);
/// The same trouble is told again only after so long.
const AGAIN: Duration = Duration::from_secs(3);

/// How it is to be.
pub struct Options {
    pub port: String,
    pub server: String,
    pub escape: Escape,
    pub read_only: bool,
    /// What is done about the turn when it begins.
    pub turn: Option<&'static str>,
    pub echo: bool,
    /// What Enter sends.
    pub enter: &'static str,
    /// How long to stay when stdin has ended.
    pub wait: Option<Duration>,
}

/// What an answer is waited for.
pub(super) enum Wait {
    /// So many bytes to be written.
    Written(usize),
    /// The terminal's own answer. Another terminal may have been faster.
    Reply,
    /// To be the terminal that answers.
    Answerer,
    /// A command.
    Done,
}

/// One person at a port.
pub struct Session {
    pub(super) tap: Tap,
    pub(super) screen: Screen,
    pub(super) options: Options,
    pub(super) ends: Ends,
    pub(super) raw: Option<Raw>,
    pub(super) question: Option<(Question, Prompt)>,
    /// The exit code, when it ends.
    pub(super) ended: Option<u8>,
    pub(super) keys: Keys,
    pub(super) replies: Replies,
    pub(super) waits: BTreeMap<u32, Wait>,
    /// Bytes that wait for the device.
    pub(super) under_way: usize,
    /// What was typed and waits until less is under way.
    pub(super) backlog: Backlog,
    /// It was told that the device does not take what is typed.
    pub(super) is_stuck: bool,
    /// What came while a question stands.
    pub(super) unshown: VecDeque<Batch>,
    /// What was shown and not told the server, in bytes.
    pub(super) owed: usize,
    pub(super) is_answerer: bool,
    /// The records come.
    pub(super) is_on: bool,
    /// stdin has ended, or is not read, and since when.
    pub(super) end_of_input: Option<Instant>,
    /// When the device was heard last, or took something.
    pub(super) heard: Instant,
    told: Option<(String, Instant)>,
    /// What was told of the turn last.
    pub(super) turn: String,
}

impl Session {
    /// A session over a tap.
    pub fn new(tap: Tap, ends: Ends, view: View, options: Options) -> Self {
        // Where nothing is read from a pipe its end is never seen.
        let is_timed = options.read_only && !ends.typed && options.wait.is_some();
        Self {
            tap,
            screen: Screen::new(ends, view),
            ends,
            raw: None,
            question: None,
            ended: None,
            keys: Keys::new(options.escape),
            replies: Replies::default(),
            waits: BTreeMap::new(),
            under_way: 0,
            backlog: Backlog::default(),
            is_stuck: false,
            unshown: VecDeque::new(),
            owed: 0,
            is_answerer: false,
            is_on: false,
            end_of_input: is_timed.then(Instant::now),
            heard: Instant::now(),
            told: None,
            turn: String::new(),
            options,
        }
    }

    /// Goes on until the person leaves, or the script has its reply.
    pub async fn run(mut self) -> anyhow::Result<ExitCode> {
        let (mut stdin, mut stdout) = (unbuffered(io::stdin())?, unbuffered(io::stdout())?);
        let outcome = self.converse(&mut stdin, &mut stdout).await;
        self.leave_turn();
        self.screen.leave();
        let shown = timeout(LAST_BYTES, async {
            stdout.write_all(self.screen.pending()).await?;
            stdout.flush().await
        });
        let shown = shown.await;
        drop(self.raw);
        // A terminal that takes nothing keeps nobody from leaving.
        if self.ends.typed && outcome.is_ok() && matches!(shown, Ok(Ok(()))) {
            let left = format!("left {}", self.options.port);
            say(&match self.backlog.len() {
                0 => left,
                unsent => format!("{left}; of what was typed {unsent} bytes were not sent"),
            });
        }
        self.tap.close().await;
        let code = outcome?;
        shown.unwrap_or(Ok(()))?;
        Ok(code.into())
    }

    async fn converse(&mut self, stdin: &mut File, stdout: &mut File) -> anyhow::Result<u8> {
        let (mut signals, mut continued) = (Signals::new()?, continued()?);
        let mut piece = vec![0; PIECE];
        loop {
            if let Some(code) = self.ended {
                return Ok(code);
            }
            let (is_reading, due) = (self.is_reading(), self.due());
            tokio::select! {
                event = self.tap.next() => self.take(event?)?,
                read = stdin.read(&mut piece), if is_reading => match read {
                    Ok(length @ 1..) => self.typed(&piece[..length]),
                    Ok(0) => self.input_ended(),
                    Err(error) if self.ends.typed && error.raw_os_error() == Some(libc::EIO) => {
                        self.input_ended();
                    }
                    Err(error) => return Err(error.into()),
                },
                wrote = stdout.write(self.screen.pending()), if !self.screen.pending().is_empty() => {
                    let wrote = wrote?;
                    if wrote == 0 {
                        return Err(io::Error::from(ErrorKind::BrokenPipe).into());
                    }
                    self.screen.written(wrote);
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.time_has_come(),
                number = signals.next() => return Ok(128 + number),
                _ = continued.recv() => self.went_on(),
            }
            if self.screen.pending().len() < UNSHOWN {
                self.tap.taken(std::mem::take(&mut self.owed));
            }
        }
    }

    /// Whether something is to be read from stdin.
    fn is_reading(&mut self) -> bool {
        if self.end_of_input.is_some() {
            return false;
        }
        if self.ends.typed {
            // A person may always want to leave.
            return !self.backlog.is_full();
        }
        !self.options.read_only && self.is_on && self.is_open() && self.under_way < UNDER_WAY
    }

    fn is_open(&mut self) -> bool {
        self.tap
            .state()
            .is_some_and(|state| state.phase == Phase::Open)
    }

    /// When something is to be done that nobody asks for.
    fn due(&self) -> Option<Instant> {
        let end = self.end_of_input.filter(|_| self.under_way == 0);
        let end = end.map(|end| match self.options.wait {
            Some(wait) => end + wait,
            None => (self.heard + QUIET).min(end + TALK),
        });
        self.replies.due().into_iter().chain(end).min()
    }

    fn time_has_come(&mut self) {
        let now = Instant::now();
        if self.replies.due().is_some_and(|due| due <= now) {
            let keys = self.replies.flush();
            self.keys_typed(&keys);
        } else {
            self.ended = Some(0);
        }
    }

    /// Tells of trouble, once.
    pub(super) fn complain(&mut self, what: String) {
        let now = Instant::now();
        let is_old =
            |(told, when): &(String, Instant)| *told == what && now.duration_since(*when) < AGAIN;
        if !self.told.as_ref().is_some_and(is_old) {
            self.screen.say(&what);
            self.told = Some((what, now));
        }
    }

    /// Asks the server to do something with the port.
    pub(super) fn ask(&mut self, question: serde_json::Value) {
        match self.tap.ask(question) {
            Some(id) => {
                self.waits.insert(id, Wait::Done);
            }
            None => self.complain("there is no connection to the server".to_owned()),
        }
    }
}

/// One of the program's own ends, without the buffer that waits for whole lines.
fn unbuffered(end: impl AsFd) -> io::Result<File> {
    let end = std::fs::File::from(end.as_fd().try_clone_to_owned()?);
    Ok(File::from_std(end))
}

/// Not everything that was to be sent was taken, and why.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotTaken(pub(super) String);

impl NotTaken {
    /// The exit code.
    pub const CODE: u8 = NOT_TAKEN;
}
