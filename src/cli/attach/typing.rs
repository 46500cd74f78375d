//! Typing: what becomes of what comes in on stdin.

use serde_json::json;
use seriald::terminal::keys::{Escape, Typed};
use tokio::time::Instant;

use super::session::{Session, UNDER_WAY, Wait};

impl Session {
    /// stdin has ended.
    pub(super) fn input_ended(&mut self) {
        if self.ends.typed {
            // The terminal is gone.
            self.ended = Some(0);
        } else {
            self.end_of_input = Some(Instant::now());
            self.heard = Instant::now();
        }
    }

    /// Takes what came in on stdin.
    pub(super) fn typed(&mut self, bytes: &[u8]) {
        if !self.ends.typed {
            self.write(bytes);
            return;
        }
        let heard = self.replies.take(bytes, Instant::now());
        if !heard.answers.is_empty()
            && let Some(id) = self.tap.write(&heard.answers, true)
        {
            self.waits.insert(id, Wait::Reply);
        }
        self.keys_typed(&heard.keys);
    }

    /// Takes keys: for a question, a command, or the device.
    pub(super) fn keys_typed(&mut self, keys: &[u8]) {
        if self.question.is_some() {
            return self.reply(keys);
        }
        for typed in self.keys.take(keys) {
            match typed {
                // What was typed ahead is for the question.
                Typed::Text(text) if self.question.is_some() => self.reply(&text),
                Typed::Command(key) => self.command(key),
                Typed::Text(_) if self.options.read_only => {
                    let leaves = self.key("q leaves");
                    self.complain(format!("nothing is sent: this only looks{leaves}"));
                }
                Typed::Text(text) => self.text_typed(&text),
            }
        }
    }

    fn text_typed(&mut self, text: &[u8]) {
        let enter = self.options.enter.as_bytes();
        let lines = text.split(|byte| *byte == b'\r');
        let text = lines.collect::<Vec<_>>().join(enter);
        if !self.is_answerer && self.ends.shown {
            let id = self.tap.ask(json!({"type": "answer"}));
            self.waits
                .extend(id.into_iter().map(|id| (id, Wait::Answerer)));
        }
        self.backlog.push(&text);
        self.send_on();
        self.tell_stuck();
    }

    /// Sends what was typed, as far as the device takes it.
    pub(super) fn send_on(&mut self) {
        while self.under_way < UNDER_WAY
            && let Some(piece) = self.backlog.piece()
        {
            if self.options.echo {
                let shown = String::from_utf8_lossy(&piece).replace(['\r', '\n'], "\r\n");
                self.screen.echo(&shown);
            }
            self.write(&piece);
        }
    }

    /// Says that much waits for a device which takes nothing, when that begins.
    pub(super) fn tell_stuck(&mut self) {
        let is_held = self.tap.state().is_some_and(|state| state.held);
        let was_stuck = self.is_stuck;
        self.is_stuck = is_held && self.backlog.len() > 0;
        if self.is_stuck && !was_stuck {
            let throws = self.key("c throws away what waits");
            self.complain(format!("the device does not take what is typed{throws}"));
        }
    }

    /// What a key behind the escape key does, if there is one.
    fn key(&self, what: &str) -> String {
        match self.options.escape {
            Escape::NONE => String::new(),
            escape => format!("; {escape} {what}"),
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        match self.tap.write(bytes, false) {
            Some(id) => {
                self.waits.insert(id, Wait::Written(bytes.len()));
                self.under_way += bytes.len();
            }
            None => self.complain("not sent: there is no connection to the server".to_owned()),
        }
    }
}
