//! What strangers say here, for `crate::fuzzing`.

use std::hint::black_box;

use super::attempt::Attempt;
use super::discovery::Metadata;
use super::keys::Keys;
use super::token::{Expected, Token};

/// A word that is a token, a cookie, or where a provider is; and the keys that the provider says it has.
pub fn word(word: &str, keys: &[u8]) {
    let expected = Expected {
        issuer: "https://id.example",
        client: "seriald",
        nonce: "n",
        now: 1_800_000_000,
    };
    if let (Ok(token), Ok(keys)) = (Token::read(word), Keys::read(keys)) {
        black_box(token.is_by_one_of(&keys));
        black_box(token.verified(&keys, &expected).is_ok());
    }
    if let Some(attempt) = Attempt::read(word) {
        let again = Attempt::read(&attempt.cookie());
        assert_eq!(again.map(|again| again.state()), Some(attempt.state()));
    }
    black_box(Metadata::read(word.as_bytes(), expected.issuer).is_ok());
}
