//! Deeds: what the triggers of a panel do on a port when they act.

use std::fmt::Display;
use std::sync::Arc;

use serde_json::json;
use tokio::sync::broadcast;
use tokio::task::spawn_blocking;

use super::engine::Hit;
use super::hooks::Hooks;
use crate::panel::{Datum, Deed, Filling, Panel, SENT, Script, Trigger};
use crate::port::{Actor, Port};
use crate::record::{Colour, Note, What};
use crate::script::Macro;
use crate::wire::talk::Alert;

/// What people are told is at most so long,
const TOLD: usize = 1000;
/// with so much of the line; in bytes.
const LINE: usize = 500;

/// What all triggers share.
pub struct Desk {
    pub alerts: broadcast::Sender<Arc<Alert>>,
    pub hooks: Hooks,
}

/// The triggers of a panel that are on, with hands on a port.
pub struct Deeds {
    pub port: Arc<Port>,
    pub name: String,
    pub panel: Arc<Panel>,
    pub desk: Arc<Desk>,
}

impl Deeds {
    /// Those that are on.
    pub fn triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.panel.triggers.iter().filter(|trigger| trigger.on)
    }

    /// Does what a trigger does. What cannot be done is told in the log and holds up nothing else.
    pub async fn act(&self, hit: &Hit) {
        let trigger = self
            .triggers()
            .nth(hit.trigger)
            .expect("it is one of these");
        let title = trigger.title.as_ref().unwrap_or(&trigger.id);
        let act = Act {
            all: self,
            hit,
            trigger,
            title,
            actor: Actor::server("trigger", title),
        };
        for deed in &trigger.deeds {
            act.carry_out(deed).await;
        }
    }
}

/// A trigger that acts.
struct Act<'a> {
    all: &'a Deeds,
    hit: &'a Hit,
    trigger: &'a Trigger,
    title: &'a str,
    actor: Actor,
}

impl Act<'_> {
    async fn carry_out(&self, deed: &Deed) {
        let port = &self.all.port;
        let filling = self.filling();
        match deed {
            Deed::Mark(text) => match text.fill(filling, TOLD) {
                Ok(text) => {
                    let marked = port.mark(&self.actor, text, Some(self.hit.offset)).await;
                    self.check(marked);
                }
                Err(error) => self.complain(error),
            },
            Deed::Highlight(colour) => self.highlight(*colour),
            Deed::Notify(text) => match text.fill(filling, TOLD) {
                Ok(text) => self.notify(text),
                Err(error) => self.complain(error),
            },
            Deed::Webhook(address) => self.all.desk.hooks.tell(address, self.story()),
            Deed::Send(text) => match text.fill(filling, SENT) {
                // Nobody waits until the device has it.
                Ok(text) => self.check(port.write(&self.actor, text.as_bytes()).map(drop)),
                Err(error) => self.complain(error),
            },
            Deed::Macro(id) => self.run(id).await,
        }
    }

    fn filling(&self) -> Filling<'_> {
        let line = &self.hit.line;
        Filling {
            value: self.hit.value.map(Datum::Number),
            line: &line[..line.floor_char_boundary(LINE)],
            port: self.all.port.name(),
        }
    }

    fn highlight(&self, colour: Colour) {
        self.all.port.note(&Note {
            by: Some(self.all.name.clone()),
            at: Some(self.hit.offset),
            time: Some(self.hit.time),
            length: Some(self.hit.length),
            colour: Some(colour),
            ..Note::new(What::Trigger, self.title)
        });
    }

    fn notify(&self, text: String) {
        // Nobody may be there to see it.
        let _: Result<_, _> = self.all.desk.alerts.send(Arc::new(Alert {
            port: self.all.port.name().to_owned(),
            panel: self.all.name.clone(),
            trigger: self.trigger.id.clone(),
            title: self.title.to_owned(),
            text,
            offset: self.hit.offset,
            time: self.hit.time,
        }));
    }

    /// What programs elsewhere are told: with what people are told, where they are.
    fn story(&self) -> Vec<u8> {
        let told = self.trigger.deeds.iter().find_map(|deed| match deed {
            Deed::Notify(text) | Deed::Mark(text) => text.fill(self.filling(), TOLD).ok(),
            _ => None,
        });
        let story = json!({
            "port": self.all.port.name(),
            "panel": self.all.name,
            "trigger": self.trigger.id,
            "text": told.as_deref().unwrap_or(self.title),
            "value": self.hit.value,
            "line": self.hit.line,
            "offset": self.hit.offset,
            "time": self.hit.time,
            "left_out": self.hit.left_out,
        });
        story.to_string().into_bytes()
    }

    /// Runs a macro of the panel, unless it is running.
    async fn run(&self, id: &str) {
        let port = &self.all.port;
        let script = self.all.panel.script(id);
        let Script { title, steps } = script.expect("a panel has the macros that its triggers run");
        if port.is_running(&title) {
            return;
        }
        let ready = spawn_blocking(move || Macro::new(&steps)).await;
        let begun = match ready.expect("steps can be looked at") {
            Ok(ready) => port.begin(&self.actor, title).map(|run| (run, ready)),
            Err(fault) => return self.complain(fault),
        };
        let name = port.name().to_owned();
        match begun {
            // It ends by itself or is stopped, whatever becomes of the trigger.
            Ok((run, ready)) => drop(tokio::spawn(async move {
                if let Err(error) = ready.run(&run, None).await {
                    tracing::warn!(port = name, "a trigger's macro: {error}");
                }
            })),
            Err(error) => self.complain(error),
        }
    }

    fn check<T>(&self, done: Result<T, impl Display>) {
        if let Err(error) = done {
            self.complain(error);
        }
    }

    fn complain(&self, error: impl Display) {
        let port = self.all.port.name();
        tracing::warn!(
            port,
            panel = self.all.name,
            trigger = self.trigger.id,
            "{error}"
        );
    }
}
