//! Pass: what somebody is let in with, and the key by which it is found. It is found anew each time,
//! for what it stands on may have changed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Register;
use crate::access::rule;
use crate::access::secret::SecretHash;
use crate::access::sessions::plus;
use crate::access::shares::Share;
use crate::access::{Via, Visitor};
use crate::record::Time;
use crate::right::{Right, Rights};

/// So long a proxy's word counts that is not said again. What is open then ends, and comes again with
/// a new one: whoever the proxy lets in no more is not in for ever.
pub const WORD: Duration = Duration::from_secs(3600);

/// What lets somebody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Being at the machine, while there are no accounts.
    Home,
    /// Nothing, where a rule is for anyone.
    Anyone,
    /// A door for programs, which others than this machine reach or not.
    Programs { at_home: bool },
    /// The secret of a session, token or link, or the server's own.
    Secret(SecretHash),
    /// The word of a proxy, by the hash of the name that it says.
    Proxy(SecretHash),
}

/// What somebody is let in with.
pub struct Pass {
    pub via: Via,
    pub name: Option<String>,
    pub rights: Rights,
    /// The link.
    pub share: Option<Share>,
    /// When it ends by itself.
    pub expires: Option<Time>,
}

impl Pass {
    fn of(via: Via, rights: Rights) -> Self {
        Self {
            via,
            name: None,
            rights,
            share: None,
            expires: None,
        }
    }

    /// Whether somebody who was let in with it may stay.
    pub fn holds_for(&self, visitor: &Visitor) -> bool {
        self.via == visitor.via
            && self.name.as_deref() == visitor.name.as_deref()
            && self.rights == visitor.rights
            && self.share.as_ref() == visitor.share.as_deref()
    }
}

impl Register {
    /// What this key lets in with now.
    pub(super) fn find(&self, key: Key, now: Time) -> Option<Pass> {
        match key {
            Key::Home => (!self.asks()).then(|| Pass::of(Via::Home, Rights::all())),
            Key::Anyone if !self.asks() => None,
            Key::Anyone => {
                let mut grants = rule::for_anyone(&self.rules).peekable();
                grants.peek()?;
                Some(Pass::of(Via::Anyone, Rights::new(grants)))
            }
            Key::Programs { at_home } => {
                let rights = match (self.asks(), at_home) {
                    (true, _) => Rights::new(rule::for_programs(&self.rules)),
                    (false, true) => Rights::all(),
                    (false, false) => Rights::none(),
                };
                Some(Pass::of(Via::Programs, rights))
            }
            Key::Secret(hash) if self.asks() => self
                .of_session(hash, now)
                .or_else(|| self.of_token(hash, now))
                .or_else(|| self.of_share(hash, now)),
            Key::Secret(hash) if self.server_token == Some(hash) => {
                Some(Pass::of(Via::ServerToken, Rights::all()))
            }
            Key::Secret(hash) => self.of_share(hash, now),
            Key::Proxy(name) => self.of_proxy(name, now),
        }
    }

    fn of_proxy(&self, name: SecretHash, now: Time) -> Option<Pass> {
        let (name, word) = self.heard.get(&name)?;
        let expires = plus(word.said, WORD);
        let counts = self.vouchers.include(&word.by) && now < expires;
        counts.then(|| Pass {
            name: Some(name.clone()),
            expires: Some(expires),
            ..Pass::of(Via::Proxy, self.rights_of(name, &word.groups))
        })
    }

    fn of_session(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let (whose, expires) = self.sessions.find(hash, &self.people, now)?;
        let (via, rights) = match whose.groups {
            None => (Via::Session, self.rights_of_account(whose.name)),
            Some(groups) => (Via::Provider, self.rights_of(whose.name, groups)),
        };
        Some(Pass {
            name: Some(whose.name.to_owned()),
            expires: Some(expires),
            ..Pass::of(via, rights)
        })
    }

    /// It counts as long as who made it may see the port.
    fn of_share(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let share = self.people.share(hash)?;
        let (of_maker, until) = match &share.by {
            Some(by) => self.of_owner(by, share.elsewhere, now)?,
            // Made by whoever was there, before anybody had an account.
            None if self.asks() => return None,
            None => (Rights::all(), None),
        };
        let rights = share.rights(of_maker);
        let counts = now < share.expires && rights.allow(&share.target.port, Right::See);
        counts.then(|| Pass {
            via: Via::Share,
            name: None,
            rights,
            share: Some(share.clone()),
            expires: until.into_iter().chain([share.expires]).min(),
        })
    }

    fn of_token(&self, hash: SecretHash, now: Time) -> Option<Pass> {
        let token = self.people.token(hash)?;
        let (of_user, until) = self.of_owner(&token.user, token.elsewhere, now)?;
        let rights = match &token.grants {
            Some(grants) => Rights::new(grants.iter().cloned()).within(of_user),
            None => of_user,
        };
        let counts = token.expires.is_none_or(|expires| now < expires);
        counts.then(|| Pass {
            via: Via::Token,
            name: Some(token.user.clone()),
            rights,
            share: None,
            expires: until.into_iter().chain(token.expires).min(),
        })
    }

    /// What somebody may who gave a token or a link away, as far as it goes by their account or, made
    /// `elsewhere`, by the word of another; and until when that counts.
    fn of_owner(&self, name: &str, elsewhere: bool, now: Time) -> Option<(Rights, Option<Time>)> {
        if !elsewhere {
            self.people.user(name)?;
            return Some((self.rights_of_account(name), None));
        }
        let word = self.sessions.seen.words.get(name)?;
        let until = word.until();
        (now < until).then(|| (self.rights_of(name, &word.groups), Some(until)))
    }

    fn rights_of_account(&self, name: &str) -> Rights {
        self.rights_of(name, &BTreeSet::new())
    }

    /// What somebody may do with this name: what an account of that name may, and what the rules give
    /// to the name, the account's groups and these.
    fn rights_of(&self, name: &str, groups: &BTreeSet<String>) -> Rights {
        let user = self.people.user(name);
        let grants = user
            .into_iter()
            .flat_map(|user| user.grants.iter().cloned());
        let own = user.into_iter().flat_map(|user| &user.groups);
        let groups = own.chain(groups).cloned().collect();
        Rights::new(grants.chain(rule::for_person(&self.rules, name, &groups)))
    }
}
