//! Whose turn it is, where one at a time may type.

use serde_json::{Value, json};
use seriald::terminal::keys::Escape;

use super::session::Session;
use crate::cli::status;

impl Session {
    /// Says who has the turn and who asks for it, when that has changed.
    pub(super) fn tell_turn(&mut self) {
        if !self.ends.typed {
            return;
        }
        let state = self.tap.state();
        let turn = state
            .and_then(|state| state.turn.as_ref())
            .map(status::turn);
        let turn = turn.unwrap_or_default();
        if turn == self.turn {
            return;
        }
        let escape = self.options.escape;
        let said = match &*turn {
            "" => "all who may type can",
            turn => turn,
        };
        if self.options.read_only || turn.is_empty() || escape == Escape::NONE {
            self.screen.say(said);
        } else {
            self.screen.say(&format!("{said}; {escape} w changes that"));
        }
        self.turn = turn;
    }

    /// What is asked of the server next: to take what is free, to ask for what another has, to hand over
    /// what is asked for.
    pub(super) fn next_turn(&mut self) -> Value {
        let is_own = self.has_turn();
        let state = self.tap.state();
        let turn = state.and_then(|state| state.turn.as_ref());
        match turn.and_then(|turn| turn.asking.first()) {
            Some(asks) if is_own => json!({"type": "turn", "act": "give", "to": asks.client}),
            None if is_own => json!({"type": "turn", "act": "leave"}),
            _ => json!({"type": "turn", "act": "ask"}),
        }
    }

    /// Gives the turn back: whoever leaves does not come again.
    pub(super) fn leave_turn(&mut self) {
        if self.has_turn() {
            self.tap.ask(json!({"type": "turn", "act": "leave"}));
        }
    }

    fn has_turn(&mut self) -> bool {
        let client = self.tap.hello().map(|hello| hello.client.clone());
        let state = self.tap.state();
        let turn = state.and_then(|state| state.turn.as_ref());
        let holder = turn.and_then(|turn| turn.holder.as_ref());
        holder.is_some_and(|holder| Some(&holder.client) == client.as_ref())
    }
}
