//! Events: what becomes of what the server tells.

use anyhow::bail;
use serde_json::{Map, Value, json};
use seriald::client::ClientError;
use seriald::client::tap::{Batch, Began, Event};
use seriald::record::{Kind, Note, Record, What, Why};
use seriald::right::Right;
use seriald::state::Phase;
use seriald::terminal::keys::Escape;
use seriald::wire::frame::{Content, Frame};
use tokio::time::Instant;

use super::session::{NotTaken, Session, Wait};
use super::terminal::Raw;
use crate::cli::status;

impl Session {
    /// Takes what the server tells.
    pub(super) fn take(&mut self, event: Event) -> anyhow::Result<()> {
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
                let unsent = self.backlog.clear();
                if unsent > 0 {
                    self.screen
                        .say(&format!("of what was typed {unsent} bytes were not sent"));
                }
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
        self.tell_stuck();
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
        answer: Result<Map<String, Value>, ClientError>,
    ) -> anyhow::Result<()> {
        match (self.waits.remove(&id), answer) {
            (Some(Wait::Written(bytes)), answer) => {
                self.under_way = self.under_way.saturating_sub(bytes);
                self.heard = Instant::now();
                if let Err(error) = answer {
                    if !self.ends.typed {
                        bail!(NotTaken(error.to_string()));
                    }
                    // What lies behind a hole would mean something else.
                    let told = match self.backlog.clear() {
                        0 => error.to_string(),
                        unsent => format!("{error}; {unsent} bytes behind it were not sent"),
                    };
                    self.complain(told);
                }
                self.send_on();
            }
            (Some(Wait::Answerer), Ok(_)) => self.is_answerer = true,
            (Some(Wait::Done), Err(error)) => self.screen.say(&error.to_string()),
            _ => {}
        }
        Ok(())
    }
}
