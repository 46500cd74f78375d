//! Whose turn it is, where one at a time may type.

use serde_json::{Value, json};

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
        if turn != self.turn {
            if !turn.is_empty() {
                self.screen
                    .say(&format!("{turn}; {} w changes that", self.options.escape));
            }
            self.turn = turn;
        }
    }

    /// What is asked of the server next: to take what is free, to ask for what another has, to hand over
    /// what is asked for.
    pub(super) fn next_turn(&mut self) -> Value {
        let client = self.tap.hello().map(|hello| hello.client.clone());
        let state = self.tap.state();
        let turn = state.and_then(|state| state.turn.as_ref());
        let holder = turn.and_then(|turn| turn.holder.as_ref());
        let is_own = holder.is_some_and(|holder| Some(&holder.client) == client.as_ref());
        let asking = turn.and_then(|turn| turn.asking.first());
        match asking {
            Some(asks) if is_own => json!({"type": "turn", "act": "give", "to": asks.client}),
            None if is_own => json!({"type": "turn", "act": "leave"}),
            _ => json!({"type": "turn", "act": "ask"}),
        }
    }
}
