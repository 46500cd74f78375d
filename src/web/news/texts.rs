//! Texts: the state of each port as the message that every client is sent, made once for all of
//! them. A state names all viewers, so writing it down for each viewer would cost their square.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;

use crate::state::PortState;
use crate::wire::talk::Say;

/// The last text of each port, and the state that it tells.
#[derive(Default)]
pub struct Texts(Mutex<BTreeMap<String, (PortState, Utf8Bytes)>>);

impl Texts {
    /// The message that tells this state.
    pub fn of(&self, state: &PortState) -> Utf8Bytes {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match texts.get(&state.name) {
            Some((told, text)) if told == state => text.clone(),
            _ => {
                let text = Utf8Bytes::from(Say::Port { port: state }.to_text());
                texts.insert(state.name.clone(), (state.clone(), text.clone()));
                text
            }
        }
    }

    /// The port is gone.
    pub fn forget(&self, name: &str) {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        texts.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_made_anew_when_the_state_is_another_and_only_then() {
        let texts = Texts::default();
        let mut state = PortState {
            name: "a".to_owned(),
            ..PortState::default()
        };
        let first = texts.of(&state);
        assert_eq!(first.as_ptr(), texts.of(&state).as_ptr());
        state.held = true;
        let second = texts.of(&state);
        assert!(first.contains(r#""held":false"#) && second.contains(r#""held":true"#));
        texts.forget("a");
        assert_eq!(texts.of(&state), second);
    }
}
