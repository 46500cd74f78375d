//! The register: who may come in now, and who is in.

mod pass;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Visitor;
use super::known::{Known, Vouchers};
use super::people::People;
use super::rule::Rule;
use super::secret::SecretHash;
use super::sessions::{Sessions, plus};
use super::shares::Share;
use super::word::{Voucher, Word};
use crate::record::Time;
pub use pass::Key;
use pass::WORD;

/// Who may come in now, and who is in.
#[derive(Default)]
pub struct Register {
    /// All accounts, tokens and links.
    pub people: People,
    /// All sessions.
    pub sessions: Sessions,
    /// The names of those who came through proxies, and what these said last; by the hashes of the names.
    heard: HashMap<SecretHash, (String, Word)>,
    /// What the configuration gives them.
    rules: Vec<Rule>,
    /// Who vouches for people besides their accounts.
    vouchers: Vouchers,
    /// What lets others in while there are no accounts.
    pub server_token: Option<SecretHash>,
    /// Those who were let in, by what let them in. All whom the same thing let in end together.
    inside: HashMap<Key, Visitor>,
    /// Told when somebody comes in: the time may be over for others first.
    pub entered: Arc<Notify>,
    /// Whether somebody was seen since this was last asked.
    seen: bool,
}

impl Register {
    /// Those who may come in, with what rules give them. Nobody is in. The word of who vouches for
    /// nobody any more is forgotten.
    pub fn new(
        people: People,
        mut sessions: Sessions,
        rules: Vec<Rule>,
        vouchers: Vouchers,
    ) -> Self {
        sessions.issuer = vouchers.issuer.clone();
        let words = &mut sessions.seen.words;
        words.retain(|_, word| vouchers.include(&word.by));
        Self {
            people,
            sessions,
            rules,
            vouchers,
            ..Self::default()
        }
    }

    /// Whether everybody is asked: there are accounts, or others who vouch for people.
    pub fn asks(&self) -> bool {
        !self.people.users.is_empty() || self.vouchers.any()
    }

    /// Takes in what a proxy says of somebody; gives the hash of the name, and whether what they gave
    /// away counts by something else from now on.
    pub fn hear(&mut self, known: Known, now: Time) -> (SecretHash, bool) {
        let Known { name, groups } = known;
        let (hash, by) = (SecretHash::of(&name), Voucher::Proxy);
        let word = Word {
            by,
            groups,
            said: now,
        };
        let is_other = self.renew(&name, &word);
        self.heard.insert(hash, (name, word));
        if is_other {
            self.end_void(now);
        }
        (hash, is_other)
    }

    /// Signs somebody in whom the provider knows, for so long. What it says now goes for all that is
    /// open of theirs.
    pub fn begin_known(&mut self, hash: SecretHash, known: &Known, life: Duration, now: Time) {
        self.sessions.begin_known(hash, known, life, now);
        if let Some(word) = self.sessions.word(hash) {
            self.renew(&known.name, &word);
        }
        self.end_void(now);
    }

    /// Takes another word on somebody who gave something away; says whether it is another than before.
    fn renew(&mut self, name: &str, word: &Word) -> bool {
        if !self.people.owners_elsewhere().any(|owner| owner == name) {
            return false;
        }
        self.seen = true;
        let words = &mut self.sessions.seen.words;
        let before = words.insert(name.to_owned(), word.clone());
        before.is_none_or(|before| (&before.by, &before.groups) != (&word.by, &word.groups))
    }

    /// The word by which a visitor is in; none of who is in by an account, or by nothing of the kind.
    pub fn word_of(&self, visitor: &Visitor) -> Option<Word> {
        match visitor.key {
            Key::Proxy(name) => Some(self.heard.get(&name)?.1.clone()),
            Key::Secret(hash) => self.sessions.word(hash).or_else(|| {
                let token = self.people.token(hash).filter(|token| token.elsewhere)?;
                self.sessions.seen.words.get(&token.user).cloned()
            }),
            Key::Home | Key::Anyone | Key::Programs { .. } => None,
        }
    }

    /// Keeps the word by which a visitor is in, who has given something away. One that is kept already
    /// is the last.
    pub fn keep_word_of(&mut self, visitor: &Visitor) {
        if let Some((name, word)) = visitor.name.as_deref().zip(self.word_of(visitor)) {
            let words = &mut self.sessions.seen.words;
            words.entry(name.to_owned()).or_insert(word);
        }
    }

    /// Lets somebody in.
    pub fn admit(&mut self, key: Key, now: Time) -> Option<Visitor> {
        let pass = self.find(key, now);
        let known = self.inside.get(&key);
        if let Some((pass, known)) = pass.as_ref().zip(known)
            && pass.holds_for(known)
        {
            let known = known.clone();
            self.see(&known, now);
            return Some(known);
        }
        if let Some(other) = self.inside.remove(&key) {
            other.ended.cancel();
        }
        let pass = pass?;
        let visitor = Visitor {
            name: pass.name.map(Arc::from),
            rights: pass.rights,
            via: pass.via,
            share: pass.share.map(Arc::new),
            ended: CancellationToken::new(),
            key,
        };
        self.inside.insert(key, visitor.clone());
        self.entered.notify_one();
        self.see(&visitor, now);
        Some(visitor)
    }

    fn see(&mut self, visitor: &Visitor, now: Time) {
        let seen = &mut self.sessions.seen;
        if let Some(share) = &visitor.share {
            self.seen = true;
            seen.shares.entry(share.id.clone()).or_default().last = now;
        }
        let Some(name) = &visitor.name else {
            return;
        };
        // Of others nobody is told when they were here.
        if self.people.user(name).is_some() {
            self.seen = true;
            seen.users.insert(name.to_string(), now);
        }
        if let Key::Secret(hash) = visitor.key {
            self.seen = true;
            if let Some(token) = self.people.token(hash) {
                seen.tokens.insert(token.id.clone(), now);
            }
            self.sessions.used(hash, now);
        }
    }

    /// Somebody opened a link.
    pub fn opened(&mut self, share: &Share) {
        self.seen = true;
        let used = self.sessions.seen.shares.entry(share.id.clone());
        used.or_default().times += 1;
    }

    /// Whether somebody was seen since this was last asked.
    pub fn take_seen(&mut self) -> bool {
        std::mem::take(&mut self.seen)
    }

    /// When what let somebody in ends by itself.
    pub fn expires(&self, visitor: &Visitor, now: Time) -> Option<Time> {
        self.find(visitor.key, now)?.expires
    }

    /// Ends those whom nothing lets in any more as they were; says when the next ends by itself.
    pub fn end_void(&mut self, now: Time) -> Option<Time> {
        self.sessions.tidy(&self.people, now);
        self.heard
            .retain(|_, (_, word)| now < plus(word.said, WORD));
        let mut inside = std::mem::take(&mut self.inside);
        let mut next = None;
        inside.retain(|key, visitor| {
            let pass = self.find(*key, now);
            let stays = pass.as_ref().is_some_and(|pass| pass.holds_for(visitor));
            match stays {
                true => {
                    next = next
                        .into_iter()
                        .chain(pass.and_then(|pass| pass.expires))
                        .min()
                }
                false => visitor.ended.cancel(),
            }
            stays
        });
        self.inside = inside;
        next
    }
}

#[cfg(test)]
mod tests;
