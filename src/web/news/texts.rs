//! Texts: the state of each port as the message that clients are sent, made once for all who may do
//! the same there. A state names all viewers, so writing it down for each viewer would cost their
//! square.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Utf8Bytes;

use crate::right::Right;
use crate::state::{PortState, Seen};
use crate::wire::talk::Say;

/// The last texts of each port.
#[derive(Default)]
pub struct Texts(Mutex<BTreeMap<String, Told>>);

/// A state, and its text for each right, as far as somebody has it.
#[derive(Default)]
struct Told {
    seen: Seen,
    texts: [Option<Utf8Bytes>; Right::ALL.len()],
}

impl Texts {
    /// The message that tells this state to those who have this right.
    pub fn of(&self, state: &PortState, right: Right) -> Utf8Bytes {
        let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = texts.entry(state.name.clone()).or_default();
        if told.seen.state != *state {
            *told = Told::default();
            told.seen.state = state.clone();
        }
        let Told { seen, texts } = told;
        let text = texts[right as usize].get_or_insert_with(|| {
            seen.may = right.and_below().to_vec();
            Say::Port { port: seen }.to_text().into()
        });
        text.clone()
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
        let of = |state: &PortState| texts.of(state, Right::Type);
        let first = of(&state);
        assert_eq!(first.as_ptr(), of(&state).as_ptr());
        state.held = true;
        let second = of(&state);
        assert!(first.contains(r#""held":false"#) && second.contains(r#""held":true"#));
        texts.forget("a");
        assert_eq!(of(&state), second);
    }

    #[test]
    fn who_may_do_the_same_is_told_the_same() {
        let (texts, state) = (Texts::default(), PortState::default());
        let of = |right| texts.of(&state, right);
        let seer = of(Right::See);
        assert!(seer.contains(r#""may":["see"]"#), "{seer}");
        assert!(of(Right::Control).contains(r#""may":["see","type","control"]"#));
        assert_eq!(seer.as_ptr(), of(Right::See).as_ptr());
    }
}
