//! A session: one person, or one script, at a port.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use serde_json::json;
use seriald::client::ClientError;
use seriald::client::tap::{Batch, Began, Event, Tap};
use seriald::record::{Kind, Note, Record, What, Why};
use seriald::right::Right;
use seriald::state::Phase;
use seriald::wire::frame::{Content, Frame};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout};

use super::commands::Question;
use super::keys::{Escape, Keys};
use super::prompt::Prompt;
use super::replies::Replies;
use super::screen::Screen;
use super::signals::Signals;
use super::terminal::{Ends, Raw};
use super::view::View;
use crate::cli::status;

/// Not everything that was to be sent was taken.
const NOT_TAKEN: u8 = 1;
/// So much may wait for the device, in bytes, before no more is read from a pipe.
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
    /// What came while a question stands.
    unshown: VecDeque<Batch>,
    /// What was shown and not told the server, in bytes.
    owed: usize,
    pub(super) is_answerer: bool,
    /// The records come.
    is_on: bool,
    /// stdin has ended, and when.
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
            unshown: VecDeque::new(),
            owed: 0,
            is_answerer: false,
            is_on: false,
            end_of_input: None,
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
        // A terminal that takes nothing keeps nobody from leaving.
        let shown = shown.await.unwrap_or(Ok(()));
        drop(self.raw);
        if self.ends.typed && outcome.is_ok() {
            eprintln!("seriald: left {}", self.options.port);
        }
        self.tap.close().await;
        let code = outcome?;
        shown?;
        Ok(code.into())
    }

    async fn converse(&mut self, stdin: &mut File, stdout: &mut File) -> anyhow::Result<u8> {
        let mut signals = Signals::new()?;
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
        // A person may always want to leave.
        self.ends.typed
            || !self.options.read_only && self.is_on && self.is_open() && self.under_way < UNDER_WAY
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

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Began(began) => self.began(began)?,
            Event::Frames(batch) if self.question.is_some() => self.unshown.push_back(batch),
            Event::Frames(batch) => self.show(&batch),
            Event::Changed => {
                let client = self.tap.hello().map(|hello| hello.client.clone());
                let state = self.tap.state();
                self.is_answerer = state.is_some_and(|state| state.answerer == client);
                self.changed()?;
            }
            Event::Gone => {
                self.is_on = false;
                self.screen
                    .say(&format!("{} is not listed any more", self.options.port));
                self.give_up("not listed any more")?;
            }
            Event::Answered(id, answer) => self.answered(id, answer)?,
            Event::Lost(reason) => {
                self.is_on = false;
                self.is_answerer = false;
                self.screen.say(&format!(
                    "the connection to {} was lost ({reason}); trying again",
                    self.options.server
                ));
                if self.under_way > 0 && !self.ends.typed {
                    bail!(NotTaken(format!(
                        "whether the last {} bytes reached the device is not known",
                        self.under_way
                    )));
                }
                self.waits.clear();
                self.under_way = 0;
            }
        }
        Ok(())
    }

    fn began(&mut self, began: Began) -> anyhow::Result<()> {
        self.is_on = true;
        self.keep_to_rights()?;
        self.is_answerer = self.ends.typed && self.ends.shown && !self.options.read_only;
        if began.is_other {
            self.screen.say(
                "the server has another journal of this port now; it goes on with what is kept there",
            );
        } else if began.is_again {
            self.screen.say("connected again, where it was");
        }
        if !began.is_again {
            self.greet()?;
            if let Some(act) = self.options.turn {
                self.ask(json!({"type": "turn", "act": act}));
            }
        }
        let phase = self.tap.state().map(|state| state.phase);
        if phase == Some(Phase::Closed) && !self.options.read_only {
            self.ask(json!({"type": "open"}));
        }
        self.changed()
    }

    /// Whoever may not type only looks; a script that came to type ends.
    fn keep_to_rights(&mut self) -> anyhow::Result<()> {
        let port = self.tap.state();
        let may_type = port.is_none_or(|port| port.may.contains(&Right::Type));
        if may_type || self.options.read_only {
            return Ok(());
        }
        if !self.ends.typed {
            bail!("you may look at {}, but not type on it", self.options.port);
        }
        self.options.read_only = true;
        self.screen.say("you may look, but not type");
        Ok(())
    }

    /// Says where one is.
    fn greet(&mut self) -> anyhow::Result<()> {
        if self.ends.typed {
            self.raw = Some(Raw::enter()?);
            if let Some(line) = self.tap.state().map(|port| status::line(port)) {
                self.screen.say(&line);
            }
            let escape = self.options.escape;
            if escape != Escape::NONE {
                self.screen
                    .say(&format!("{escape} ? tells the keys, {escape} q leaves"));
            }
        }
        Ok(())
    }

    /// A device that is not to be had, or not any more, ends a script.
    fn changed(&mut self) -> anyhow::Result<()> {
        self.tell_turn();
        let is_vain = |phase| matches!(phase, Phase::Waiting | Phase::Released);
        let state = self.tap.state().filter(|state| is_vain(state.phase));
        match state.map(|port| status::phase(port)) {
            Some(why) => self.give_up(&why),
            None => Ok(()),
        }
    }

    /// A script does not wait for a device.
    fn give_up(&mut self, why: &str) -> anyhow::Result<()> {
        if self.ends.typed || self.options.read_only || self.end_of_input.is_some() {
            return Ok(());
        }
        bail!(NotTaken(format!("{} is {why}", self.options.port)))
    }

    fn show(&mut self, batch: &Batch) {
        self.owed += batch.cost();
        for frame in batch.frames() {
            self.show_frame(&frame);
        }
    }

    fn show_frame(&mut self, frame: &Frame<'_>) {
        match frame.content {
            Content::Record(Record {
                kind: Kind::Rx,
                time,
                bytes,
                ..
            }) => {
                let answers = self.is_answerer && frame.live;
                if self.screen.show(time, bytes, answers) > 0 {
                    self.replies.expect(Instant::now());
                }
                if frame.live {
                    self.heard = Instant::now();
                }
            }
            Content::Record(Record {
                kind: Kind::Note,
                bytes,
                ..
            }) if frame.live => self.happened(bytes),
            Content::Gap(gap, _) if gap.why != Why::Withheld => {
                let missing = gap.to.since(gap.from);
                self.screen
                    .say(&format!("{missing} bytes are missing: {gap}"));
            }
            _ => {}
        }
    }

    /// Says what a Note says, unless it only colours a line.
    fn happened(&mut self, json: &[u8]) {
        let Ok(note) = serde_json::from_slice::<Note>(json) else {
            return;
        };
        if note.what == What::Trigger {
            return;
        }
        match note.by {
            Some(by) if note.what == What::Said => self.screen.say(&format!("{by}: {}", note.text)),
            Some(by) => self.screen.say(&format!("{} ({by})", note.text)),
            None => self.screen.say(&note.text),
        }
    }

    /// A question was answered or dropped: what came meanwhile is shown.
    pub(super) fn catch_up(&mut self) {
        for batch in std::mem::take(&mut self.unshown) {
            self.show(&batch);
        }
    }

    fn answered(
        &mut self,
        id: u32,
        answer: Result<serde_json::Map<String, serde_json::Value>, ClientError>,
    ) -> anyhow::Result<()> {
        match (self.waits.remove(&id), answer) {
            (Some(Wait::Written(bytes)), answer) => {
                self.under_way = self.under_way.saturating_sub(bytes);
                self.heard = Instant::now();
                if let Err(error) = answer {
                    if !self.ends.typed {
                        bail!(NotTaken(error.to_string()));
                    }
                    self.complain(error.to_string());
                }
            }
            (Some(Wait::Answerer), Ok(_)) => self.is_answerer = true,
            (Some(Wait::Done), Err(error)) => self.screen.say(&error.to_string()),
            _ => {}
        }
        Ok(())
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
pub struct NotTaken(String);

impl NotTaken {
    /// The exit code.
    pub const CODE: u8 = NOT_TAKEN;
}
