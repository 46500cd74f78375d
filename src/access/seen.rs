//! Seen: when people, tokens and links were last seen, and what was said of people when they came.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::people::People;
use super::sessions::Sessions;
use super::word::Word;
use crate::record::Time;

/// When somebody or something was last seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    /// Accounts by their names.
    pub users: BTreeMap<String, Time>,
    /// Tokens by their ids.
    pub tokens: BTreeMap<String, Time>,
    /// Links by their ids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub shares: BTreeMap<String, Used>,
    /// What was said last of those whose tokens and links count by it, by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, Word>,
}

/// How a link was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// When a guest was last seen.
    pub last: Time,
    /// How often it was opened.
    pub times: u64,
}

impl Seen {
    /// What a server wrote down in its data folder.
    pub fn read(folder: &Path) -> Self {
        Sessions::read(folder).seen
    }

    /// Forgets what is no more.
    pub fn tidy(&mut self, people: &People) {
        let Self {
            users,
            tokens,
            shares,
            words,
        } = self;
        users.retain(|name, _| people.user(name).is_some());
        tokens.retain(|id, _| people.tokens.iter().any(|token| token.id == *id));
        shares.retain(|id, _| people.shares.iter().any(|share| share.id == *id));
        let owners: BTreeSet<_> = people.owners_elsewhere().collect();
        words.retain(|name, _| owners.contains(name.as_str()));
    }
}
